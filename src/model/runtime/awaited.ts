import { noteCall, whenDetectionSwitched } from '../../execution/n-plus-one.js'
import { Query } from '../../query/builder/query-builder.js'
import { Pending } from '../../relation/pending.js'
import { present } from '../../util/expect.js'

type Then = (this: object, resolve: unknown, reject: unknown) => unknown

/**
 * `await` reads `then` where it stands, and calls it when the function that awaits is not running any more. While N+1
 * queries are looked for, what reads it notes the line. At other times `then` is the method it always was.
 */
function noteAwaits(prototype: object): void {
  const method = present(Object.getOwnPropertyDescriptor(prototype, 'then'), 'the method then()')
  const then: Then = method.value
  const noting: PropertyDescriptor = {
    configurable: true,
    get(this: object) {
      const run = noteCall()
      return (resolve: unknown, reject: unknown) => run(() => then.call(this, resolve, reject))
    },
  }
  whenDetectionSwitched((on) => Object.defineProperty(prototype, 'then', on ? noting : method))
}

/** Makes awaited queries and relations report the line that awaits them. */
export function prepareAwaits(): void {
  for (const { prototype } of [Query, Pending]) noteAwaits(prototype)
}
