/** Adds members to Object.prototype while some work runs. */

/** Setting such a member on an object creates an own property, as without the pollution. */
function give(this: unknown, name: string, value: unknown): void {
  Object.defineProperty(this, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  } as PropertyDescriptor)
}

function pollute(name: string, read: (this: unknown) => unknown): void {
  Object.defineProperty(Object.prototype, name, {
    __proto__: null,
    enumerable: true,
    configurable: true,
    get: read,
    set(value: unknown) {
      give.call(this, name, value)
    },
  } as PropertyDescriptor)
}

const restore = (name: string) => void Reflect.deleteProperty(Object.prototype, name)

/** How many reads of a name are examined. If none of them is by the library, only node and the tests read it. */
const LOOKS = 50

/** The position where a name is read, if it is in the library or in a package that it calls. */
function placeOf(stack: string): string | undefined {
  const [reader = '', caller = '', ...more] = stack.split('\n').slice(3)
  if (reader.includes('/src/') && !reader.includes('/node_modules/'))
    return [reader, caller, ...more].slice(0, 4).join(' ')
  return undefined
}

/** Records which of these names the library reads from objects without them, and where. */
export async function recordReads<R>(
  names: readonly string[],
  work: () => Promise<R>,
): Promise<{ result: R; reads: Map<string, string> }> {
  const reads = new Map<string, string>()
  const looks = new Map<string, number>()
  let busy = false
  const look = (name: string): undefined => {
    const count = looks.get(name) ?? 0
    if (busy || reads.has(name) || count === LOOKS) return
    looks.set(name, count + 1)
    // formatting the stack may read such names itself
    busy = true
    const place = placeOf(new Error('here').stack ?? '')
    if (place !== undefined) reads.set(name, place)
    busy = false
  }
  for (const name of names) pollute(name, () => look(name))
  try {
    return { result: await work(), reads }
  } finally {
    for (const name of names) restore(name)
  }
}
