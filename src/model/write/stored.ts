import type { UndoLog } from '../../execution/undo.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import { asRecord } from '../../util/record.js'
import { settle } from './originals.js'
import { type Attributes, snapshotOf } from './values.js'

/** Gives an instance values that its row has already, where it has loaded these fields. `undo`: of the transaction it was in. */
export function storeValues(instance: object, values: Attributes, undo: UndoLog | null): void {
  const origin = originOf(instance)
  if (origin === null) return
  for (const name of Object.keys(values)) {
    const field = origin.meta.field(name)
    const place = origin.positions[field.index] ?? -1
    if (place < 0) continue
    const value = values[name] ?? null
    asRecord(instance)[name] = value instanceof Date ? new Date(value) : value
    ;(rowOf(instance) as unknown[])[place] = value === null ? null : snapshotOf(field, field.check(value))
    settle(undo, instance, [field])
  }
}
