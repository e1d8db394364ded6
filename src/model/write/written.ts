import type { Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { Origin } from '../../hydrate/origin.js'
import { adoptRow, isHeld, originOf, rowOf, savedOrigin, savedRow } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { at } from '../../util/list.js'
import { asRecord } from '../../util/record.js'
import { type ModelRuntime, runtimeOf } from '../runtime/runtime.js'
import type { RowChange } from './batch.js'
import { recordSaved, settle } from './originals.js'
import { type CanonicalRow, toSnapshots } from './prepare.js'
import { type Attributes, canonicalOf, isUnchanged, ownSnapshot, snapshotOf } from './values.js'

// Updates what corm knows about the row of an instance.

/** Sets values that the row already has, in loaded fields of the instance. `undo`: the log of the transaction. */
export function storeValues(instance: object, values: Attributes, undo: UndoLog | null): void {
  const origin = originOf(instance)
  if (origin === null) return
  for (const name of Object.keys(values)) {
    const field = origin.meta.field(name)
    const place = origin.positions[field.index] ?? -1
    if (place < 0) continue
    const value = values[name] ?? null
    if (!holdsAssigned(instance, field)) asRecord(instance)[name] = value instanceof Date ? new Date(value) : value
    savedRow(instance)[place] = value === null ? null : snapshotOf(field, field.check(value))
    settle(undo, instance, [field])
  }
  if (origin.meta.generated.length > 0) storeGenerated(runtimeOf(origin.meta.model), instance, null)
}

/** Whether the code has assigned a field that every save sets. A write that does not send it leaves it to the next save. */
export function holdsAssigned(instance: object, field: ModelField): boolean {
  if (field.kind.automatic?.on !== 'save') return false
  const place = originOf(instance)?.positions[field.index] ?? -1
  return place >= 0 && !isUnchanged(field, asRecord(instance)[field.name], rowOf(instance)?.[place] ?? null)
}

/** The origin of instances that are inserted together. */
export const newOrigin = (runtime: ModelRuntime, using: Using, siblings: readonly object[]): Origin =>
  new Origin(runtime.meta, runtime.everyPosition, using?.database ?? null, siblings)

/** Turns an instance into one of an existing row. */
export function persisted(runtime: ModelRuntime, instance: object, row: CanonicalRow, origin: Origin): void {
  adoptRow(instance, toSnapshots(runtime, row), origin)
}

export function takeOver(fields: readonly ModelField[], instance: object, values: readonly unknown[]): void {
  for (let i = 0; i < fields.length; i++) setStored(instance, at(fields, i), values[i] ?? null)
}

/**
 * Sets the values that the database has generated for a new row. Values that the code has assigned since the insert was sent
 * stay.
 */
export function takeOverMade(fields: readonly ModelField[], instance: object, values: readonly unknown[]): void {
  for (let i = 0; i < fields.length; i++) {
    const field = at(fields, i)
    const held = field.generated === null ? asRecord(instance)[field.name] : undefined
    setStored(instance, field, values[i] ?? null)
    if (held !== undefined) asRecord(instance)[field.name] = held
  }
}

/** Sets a value that the database has already. */
export function setStored(instance: object, field: ModelField, value: unknown): void {
  asRecord(instance)[field.name] = value
  const row = savedRow(instance)
  row[field.index] = value === null || field.kind.snapshot === 'value' ? value : snapshotOf(field, field.check(value))
}

/** The key that the row has in the database, as canonical values. */
export function storedKey(runtime: ModelRuntime, instance: object): unknown[] {
  const row = rowOf(instance)
  const positions = originOf(instance)?.positions ?? []
  const { primaryKey } = runtime.meta
  const key = new Array<unknown>(primaryKey.length)
  for (let i = 0; i < key.length; i++) {
    const field = at(primaryKey, i)
    key[i] = canonicalOf(field, row?.[positions[field.index] ?? -1])
  }
  return key
}

const isHeldField = ({ indexOf }: ModelField) => indexOf === null

/** Makes the written values the originals of the instance. */
export function written(runtime: ModelRuntime, instance: object, change: RowChange): void {
  const { values, generated } = change
  // instances do not contain the blind index columns, which come last
  const fields = runtime.meta.blindIndexes.length === 0 ? change.fields : change.fields.filter(isHeldField)
  if (originOf(instance)?.positions !== runtime.everyPosition && fields.some((field) => placeOf(instance, field) < 0))
    widen(runtime, instance, fields)
  const row = savedRow(instance)
  const { positions } = savedOrigin(instance)
  for (let i = 0; i < fields.length; i++) {
    const field = at(fields, i)
    row[at(positions, field.index)] = ownSnapshot(field, values[i])
  }
  if (runtime.meta.generated.length > 0) storeGenerated(runtime, instance, generated)
}

/** Sets the generated values of a changed row. If they are not known, reading them throws from now on. */
function storeGenerated(runtime: ModelRuntime, instance: object, values: readonly unknown[] | null): void {
  const { meta } = runtime
  const isLoaded = (field: ModelField) => placeOf(instance, field) >= 0
  if (values === null) return unload(runtime, instance, meta.generated.filter(isLoaded))
  if (!meta.generated.some(isLoaded)) return
  widen(runtime, instance, [])
  for (const [i, field] of meta.generated.entries()) if (isLoaded(field)) setStored(instance, field, values[i] ?? null)
}

/** Removes the values of fields. Reading one throws, as if it had not been selected. */
function unload(runtime: ModelRuntime, instance: object, gone: readonly ModelField[]): void {
  if (gone.length === 0) return
  const { meta, positions, executor, siblings, deleted, named } = savedOrigin(instance)
  const places = positions.map((place, i) => (gone.includes(at(meta.fields, i)) ? -1 : place))
  adoptRow(instance, savedRow(instance), new Origin(meta, places, executor, siblings, deleted, named))
  for (const { name } of gone) Reflect.deleteProperty(instance, name)
  const held = meta.fields.filter((field) => isHeld(instance, field))
  Object.setPrototypeOf(instance, runtime.target(held).make.prototype)
}

const placeOf = (instance: object, field: ModelField) => originOf(instance)?.positions[field.index] ?? -1

/** Makes room in the row of an instance for more loaded fields. */
export function widen(runtime: ModelRuntime, instance: object, loaded: readonly ModelField[]): void {
  const origin = savedOrigin(instance)
  if (origin.positions === runtime.everyPosition) return
  const row = savedRow(instance)
  const { fields } = runtime.meta
  const wide = fields.map((field) => row[placeOf(instance, field)] ?? null)
  const places = fields.map((field) => (placeOf(instance, field) >= 0 || loaded.includes(field) ? field.index : -1))
  const positions = places.includes(-1) ? places : runtime.everyPosition
  adoptRow(instance, wide, new Origin(origin.meta, positions, origin.executor, origin.siblings, origin.deleted))
}

/** Records that a query has deleted the row of this instance. */
export function wasRemoved(instance: object, undo: UndoLog | null): void {
  if (undo !== null) recordSaved(undo, instance)
  if (undo?.undone === true) return
  markGone(instance)
  settle(undo, instance, null)
}

/** Marks an instance as deleted. */
export function markGone(instance: object): void {
  const { meta, positions, executor } = savedOrigin(instance)
  adoptRow(instance, savedRow(instance), new Origin(meta, positions, executor, [], true))
}
