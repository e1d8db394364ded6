import { DefinitionError, UsageError } from '../../errors.js'
import { asRecord } from '../../util/record.js'
import type { ModelRuntime } from '../runtime/runtime.js'

/** Computed attributes are accessors of the class: rows are read and written as if there were none. */
export function defineAttributes({ meta }: ModelRuntime): void {
  const prototype = meta.model.prototype
  for (const attribute of meta.attributes.values()) {
    const { name, compute, translation } = attribute
    if (Object.hasOwn(prototype, name))
      throw new DefinitionError(
        `${attribute} is both an attribute of Model() and a member of the class. Remove one of them.`,
      )
    if (compute === null) continue
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: object) {
        return compute(this)
      },
      set(this: object, value: unknown) {
        if (translation !== null) return void (asRecord(this)[translation.target.name] = value)
        throw new UsageError(
          `${attribute} is computed and can't be assigned. Assign the fields that it is computed from.`,
        )
      },
    })
  }
}
