import { type Issue, UsageError, ValidationError } from '../../errors.js'
import { originOf, rowOf, savedRow } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { refuseReadonly } from '../../query/builder/write.js'
import { present } from '../../util/expect.js'
import { at } from '../../util/list.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'
import { asRecord } from '../../util/record.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { InstanceWrite, RowChange } from './batch.js'
import { addIndexes } from './blind-indexes.js'
import { scopedBy } from './guards.js'
import { clearTouched } from './originals.js'
import { makeAutomatic } from './prepare.js'
import { heldOf, type ValueTest } from './row-code.js'
import { checkChanged } from './translated.js'
import { type Attributes, detached, isUnchanged, snapshotOf, userIssues, writeValue } from './values.js'
import { expectedVersion } from './versions.js'
import { castValue, writeMetadataOf } from './write-metadata.js'
import { storedKey } from './written.js'

// Finds and checks the changes of a saved instance.

/** The loaded fields whose values differ from what was stored. */
export function changedFields(runtime: ModelRuntime, instance: object, only?: ReadonlySet<string>): ModelField[] {
  const { fields } = runtime.meta
  const positions = originOf(instance)?.positions ?? []
  if (only === undefined && positions === runtime.everyPosition) {
    const { dirty, dirtyBits } = writeMetadataOf(runtime.meta)
    const row = savedRow(instance)
    if (dirtyBits !== null) return fieldsOfBits(fields, dirtyBits(asRecord(instance), row))
    const places = dirty(asRecord(instance), row)
    return places === null ? NONE : places.map((place) => at(fields, place))
  }
  const asked = only === undefined ? fields : fieldsIn(runtime.meta, only)
  let changed = NONE
  for (let i = 0; i < asked.length; i++) {
    const field = at(asked, i)
    if (!isChanged(instance, field, positions[field.index] ?? -1)) continue
    if (changed === NONE) changed = [field]
    else changed.push(field)
  }
  return changed
}

/** The fields for the set bits of a number. */
export function fieldsOfBits(fields: readonly ModelField[], bits: number): ModelField[] {
  if (bits === 0) return NONE
  const list: ModelField[] = []
  for (let i = 0; i < fields.length; i++) if ((bits & (1 << i)) !== 0) list.push(at(fields, i))
  return list
}

const chosen = new WeakMap<ReadonlySet<string>, readonly ModelField[]>()

/** The fields with these names; found once for a set, which many instances share. */
function fieldsIn({ fields }: ModelMetadata, names: ReadonlySet<string>): readonly ModelField[] {
  return memo(chosen, names, () => fields.filter((field) => names.has(field.name)))
}

const NONE: ModelField[] = []
const NO_ISSUES: readonly Issue[] = []

function isChanged(instance: object, field: ModelField, place: number): boolean {
  // a field without a place was never loaded: it has changed if it was assigned
  if (place < 0) return Object.hasOwn(instance, field.name)
  return !isUnchanged(field, heldOf(field, asRecord(instance)), rowOf(instance)?.[place] ?? null)
}

/**
 * Checks the changed fields. Null if nothing changed. `found`: problems that hooks have reported. Returns a promise only if a
 * validator is asynchronous.
 */
export function prepareUpdate(
  { runtime, only, expectVersion }: Pick<InstanceWrite, 'runtime' | 'only' | 'expectVersion'>,
  instance: object,
  found: readonly Issue[] = NO_ISSUES,
): MaybePromise<RowChange | null> {
  const changed = changedFields(runtime, instance, only ?? undefined)
  const expected = runtime.meta.version === null ? null : expectedVersion(runtime, instance, expectVersion)
  if (changed.length === 0) {
    if (found.length > 0) throw new ValidationError(runtime.meta.name, found)
    return null
  }
  for (let i = 0; i < changed.length; i++) refuseChange(at(changed, i))
  const { touched, validated, tests } = writeMetadataOf(runtime.meta)
  if (only !== null) addAssigned(instance, touched, changed)
  const given = changed.length
  if (touched.length > 0) touch(asRecord(instance), touched, changed)
  if (expected !== null && expected !== 'any') setVersion(runtime, asRecord(instance), expected + 1, changed)
  const issues: Issue[] = found.length === 0 ? [] : [...found]
  const values = new Array<unknown>(changed.length)
  for (let i = 0; i < changed.length; i++) {
    const field = at(changed, i)
    values[i] = changedValue(asRecord(instance), field, at(tests, field.index), issues)
  }
  // blind index columns come last, and instances do not contain them
  const set = given === changed.length ? NONE : changed.slice(given)
  if (runtime.meta.blindIndexes.length > 0) addIndexes(asRecord(instance), changed, values, issues)
  if (runtime.meta.translations.length > 0) checkChanged(runtime.meta, instance, changed, issues)
  const scoped = scopedBy(runtime, instance)
  const key = storedKey(runtime, instance)
  const change: RowChange = { fields: changed, values, touched: set, key, expected, scoped, generated: null }
  if (!validated) return withoutIssues(runtime, instance, change, issues)
  const names = new Set(changed)
  const pending = userIssues(runtime.meta, asRecord(instance), (field) => names.has(field), issues)
  return pending === undefined
    ? withoutIssues(runtime, instance, change, issues)
    : pending.then(() => withoutIssues(runtime, instance, change, issues))
}

function withoutIssues(
  runtime: ModelRuntime,
  instance: object,
  change: RowChange,
  issues: readonly Issue[],
): RowChange {
  if (issues.length === 0) return change
  giveBack(instance, change)
  throw new ValidationError(runtime.meta.name, issues)
}

/** Resets the fields that a failed save has set by itself. */
export function giveBack(instance: object, { fields, values, touched }: RowChange): void {
  if (touched.length > 0)
    clearTouched(instance, touched, (field) => snapshotOf(field, values[fields.indexOf(field)] ?? null))
}

/** A field that every save sets keeps the value that the code has assigned, as in a save of all fields. */
function addAssigned(instance: object, touched: readonly ModelField[], changed: ModelField[]): void {
  const positions = originOf(instance)?.positions ?? []
  for (const field of touched)
    if (!changed.includes(field) && isChanged(instance, field, positions[field.index] ?? -1)) changed.push(field)
}

/** Sets the fields that every save sets. */
function touch(instance: Attributes, touched: readonly ModelField[], changed: ModelField[]): void {
  const moment = { now: undefined }
  for (const field of touched) {
    if (changed.includes(field)) continue
    instance[field.name] = makeAutomatic(field, moment)
    changed.push(field)
  }
}

function setVersion({ meta }: ModelRuntime, instance: Attributes, next: number, changed: ModelField[]): void {
  const version = present(meta.version, 'a model with versions')
  instance[version.name] = next
  changed.push(version)
}

/**
 * The canonical value of a changed field. The instance gets the value too, in the field's own form. `test` accepts values that
 * are canonical and valid already; null: the field has no such test.
 */
export function changedValue(
  instance: Attributes,
  field: ModelField,
  test: ValueTest | null,
  issues: Issue[],
): unknown {
  const value = instance[field.name]
  if (test?.(value) === true) return detached(value)
  const held = value === undefined ? null : castValue(field, value)
  if (held !== value && field.kind.cast !== undefined) instance[field.name] = held
  return detached(writeValue(field, held, issues))
}

export function refuseChange(field: ModelField): void {
  if (field.generated !== null)
    throw new UsageError(
      `${field} is generated by the database and can't be changed. Change the fields that it is computed from.`,
    )
  refuseReadonly(field)
}
