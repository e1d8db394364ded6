import type { AssignmentNode } from '../../ast/statement.js'
import { isHeld } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { ModelField, takesWork } from '../../metadata/model-field.js'
import { memo } from '../../util/memo.js'
import { asRecord } from '../../util/record.js'
import { castValue } from './write-metadata.js'

// Prepares values that need slow work before they can be stored, such as hashing a password. This happens before a transaction
// begins.

const known = new WeakMap<ModelMetadata, readonly ModelField[]>()

const preparedFields = (meta: ModelMetadata): readonly ModelField[] =>
  memo(known, meta, ({ fields }) => fields.filter(takesWork))

/** Prepares the values of these instances or rows. Invalid values are left to the checks. */
export async function prepareValues(meta: ModelMetadata, instances: readonly object[]): Promise<void> {
  for (const field of preparedFields(meta)) {
    const work: Promise<unknown>[] = []
    for (const instance of instances) {
      // a field that was not loaded can't be read, and has nothing to store
      const value = isHeld(instance, field) ? asRecord(instance)[field.name] : undefined
      if (value === undefined || value === null) continue
      const held = castValue(field, value)
      if (held !== value) asRecord(instance)[field.name] = held
      const pending = field.kind.prepare?.(held)
      if (pending !== undefined) work.push(pending)
    }
    await Promise.all(work)
  }
}

/** Prepares the values of an update over a query. Undefined: there is nothing to do. */
export function prepareAssignments(list: readonly AssignmentNode[]): Promise<unknown> | undefined {
  const work = list.flatMap(({ value }) => {
    if (value.kind !== 'parameter' || !(value.type instanceof ModelField)) return []
    return value.type.kind.prepare?.(value.value) ?? []
  })
  return work.length === 0 ? undefined : Promise.all(work)
}
