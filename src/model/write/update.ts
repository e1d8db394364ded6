import { ASSIGNMENT } from '../../ast/bases.js'
import type { ExpressionNode, ParameterNode } from '../../ast/expression.js'
import type { AssignmentNode, StatementNode } from '../../ast/statement.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { QueryResult } from '../../driver/driver.js'
import { type Issue, StaleModelError, UsageError, ValidationError } from '../../errors.js'
import type { Executor } from '../../execution/executor.js'
import { FORM, NamedStatement, type StatementForm } from '../../execution/statement.js'
import type { UndoLog } from '../../execution/undo.js'
import { Origin } from '../../hydrate/origin.js'
import { adopt, originOf, rowOf } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { refuseReadonly } from '../../query/builder/write.js'
import { everyRowOf } from '../../query/columns/table.js'
import { holdsKey } from '../../query/link/key-condition.js'
import { gateOwn } from '../../query/scopes/pass.js'
import { at } from '../../util/list.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { keyFrom } from './answered.js'
import { deleteByScopes, type ScopedBy, scopedBy, updateByScopes } from './by-scopes.js'
import { canonical } from './canonical.js'
import { plansOf } from './insert-plan.js'
import { mayLeave, requireKept } from './locked.js'
import { clearTouched, keepSaved, settle } from './originals.js'
import { makeAutomatic } from './prepare.js'
import {
  type Attributes,
  canonicalOf,
  detached,
  isUnchanged,
  ownSnapshot,
  snapshotOf,
  userIssues,
  writeValue,
} from './values.js'
import { castValue, writeMetadataOf } from './write-metadata.js'

/** What a save of a persisted instance will write. */
export interface RowChange {
  readonly fields: readonly ModelField[]
  /** Canonical values, by the fields' order, that nobody changes in place. */
  readonly values: readonly unknown[]
  /** Fields that the save sets by itself. */
  readonly touched: readonly ModelField[]
  /** The key as it is in the database. */
  readonly key: readonly unknown[]
  /** Scopes may hide the row. */
  readonly scoped: ScopedBy
}

/** The loaded fields whose values differ from what was stored. */
export function changedFields(runtime: ModelRuntime, instance: object, only?: ReadonlySet<string>): ModelField[] {
  const { fields } = runtime.meta
  const positions = originOf(instance)?.positions ?? []
  if (only === undefined && positions === runtime.everyPosition) {
    const places = writeMetadataOf(runtime.meta).dirty(asRecord(instance), rowOf(instance) as unknown[])
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

const chosen = new WeakMap<ReadonlySet<string>, readonly ModelField[]>()

/** The fields with these names; found once for a set, which many instances share. */
function fieldsIn({ fields }: ModelMetadata, names: ReadonlySet<string>): readonly ModelField[] {
  let list = chosen.get(names)
  if (list === undefined) chosen.set(names, (list = fields.filter((field) => names.has(field.name))))
  return list
}

const NONE: ModelField[] = []

function isChanged(instance: object, field: ModelField, place: number): boolean {
  // without a place it was never loaded: it changed if it was assigned
  if (place < 0) return Object.hasOwn(instance, field.name)
  return !isUnchanged(field, asRecord(instance)[field.name], rowOf(instance)?.[place] ?? null)
}

/** Checks what changed; null when nothing did. A promise only when a validator of the user's is asynchronous. */
export function prepareUpdate(
  runtime: ModelRuntime,
  instance: object,
  only?: ReadonlySet<string>,
): MaybePromise<RowChange | null> {
  const changed = changedFields(runtime, instance, only)
  if (changed.length === 0) return null
  for (let i = 0; i < changed.length; i++) refuseChange(at(changed, i))
  const { touched, validated } = writeMetadataOf(runtime.meta)
  const given = changed.length
  if (touched.length > 0) touch(asRecord(instance), touched, changed)
  const issues: Issue[] = []
  const values = new Array<unknown>(changed.length)
  for (let i = 0; i < changed.length; i++) values[i] = changedValue(asRecord(instance), at(changed, i), issues)
  const set = given === changed.length ? NONE : changed.slice(given)
  const scoped = scopedBy(runtime, instance)
  const change: RowChange = { fields: changed, values, touched: set, key: storedKey(runtime, instance), scoped }
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

/** What a save that failed has set by itself is as it was. */
export function giveBack(instance: object, { fields, values, touched }: RowChange): void {
  if (touched.length > 0)
    clearTouched(instance, touched, (field) => snapshotOf(field, values[fields.indexOf(field)] ?? null))
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

/** The canonical value of a changed field, which the instance takes over in the field's own form. */
function changedValue(instance: Attributes, field: ModelField, issues: Issue[]): unknown {
  const value = instance[field.name]
  const held = value === undefined ? null : castValue(field, value)
  if (held !== value && field.kind.cast !== undefined) instance[field.name] = held
  return detached(writeValue(field, held, issues))
}

function refuseChange(field: ModelField): void {
  if (field.generated !== null) throw new UsageError(`${field} is generated by the database and can't be changed.`)
  refuseReadonly(field)
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

export interface WritePlan {
  readonly form: StatementForm
  readonly encoders: readonly ((canonical: unknown) => unknown)[]
}

export const parameterOf = (field: ModelField): ParameterNode => ({
  kind: 'parameter',
  type: canonical(field),
  value: null,
})

export function whereKey(runtime: ModelRuntime): ExpressionNode {
  const { meta } = runtime
  if (meta.primaryKey.length === 0)
    throw new UsageError(`"${meta.name}" has no primary key: its instances can't be updated or deleted.`)
  // a value for each run of the plan
  const values = meta.primaryKey.map(() => null)
  return holdsKey(meta.primaryKey, values, canonical)
}

export function writePlan(runtime: ModelRuntime, dialect: Dialect, key: string, build: () => StatementNode): WritePlan {
  const plans = plansOf(runtime, dialect)
  let plan = plans.get(key) as WritePlan | undefined
  if (plan === undefined) {
    const { sql, bindings, intent } = dialect.compiler.compile(gateOwn(build()))
    plans.set(
      key,
      (plan = {
        form: { ...FORM, sql, intent, explain: runtime.explain },
        encoders: bindings.map(({ encode }) => encode),
      }),
    )
  }
  return plan
}

/** An instance's own row, whatever scopes hide. */
export const tableOf = (runtime: ModelRuntime) => everyRowOf(runtime.meta)

/** The same for equal lists of fields. */
export function placesOf(fields: readonly ModelField[]): string {
  let places = ''
  for (let i = 0; i < fields.length; i++) places += `${at(fields, i).index},`
  return places
}

export function updatePlan(runtime: ModelRuntime, dialect: Dialect, fields: readonly ModelField[]): WritePlan {
  return writePlan(runtime, dialect, `update:${placesOf(fields)}`, () => ({
    kind: 'update',
    table: tableOf(runtime),
    assignments: fields.map(
      (field): AssignmentNode => ({ ...ASSIGNMENT, column: field.column, value: parameterOf(field) }),
    ),
    where: whereKey(runtime),
    returning: [],
  }))
}

export function bound(plan: WritePlan, values: readonly unknown[], key: readonly unknown[]): unknown[] {
  const parameters = new Array<unknown>(plan.encoders.length)
  for (let i = 0; i < parameters.length; i++) {
    const value = i < values.length ? values[i] : key[i - values.length]
    parameters[i] = at(plan.encoders, i)(value)
  }
  return parameters
}

export function updateStatement(runtime: ModelRuntime, dialect: Dialect, change: RowChange): NamedStatement {
  if (change.scoped !== null) return updateByScopes(runtime, change, dialect)
  const plan = updatePlan(runtime, dialect, change.fields)
  return new NamedStatement(plan.form, bound(plan, change.values, change.key))
}

/** Writes the changed columns. */
export function updateOne(
  runtime: ModelRuntime,
  instance: object,
  change: RowChange,
  executor: Executor,
): MaybePromise<void> {
  if (runtime.meta.locked.size === 0 || !mayLeave(runtime, change))
    return updateNow(runtime, instance, change, executor)
  return executor.transaction(async (trx) => {
    await updateNow(runtime, instance, change, trx)
    await requireKept(runtime, [changedKey(runtime.meta, change)], 'update', trx.dialect, trx)
  })
}

/** The key that a row has once this change is written. */
export function changedKey(meta: ModelMetadata, { fields, values, key }: RowChange): readonly unknown[] {
  return keyFrom(meta, (field) => {
    const place = fields.indexOf(field)
    return place < 0 ? key[meta.primaryKey.indexOf(field)] : values[place]
  })
}

function updateNow(runtime: ModelRuntime, instance: object, change: RowChange, executor: Executor): MaybePromise<void> {
  const { undo } = executor
  if (undo !== null) keepSaved(undo, instance, change.touched)
  try {
    const result = executor.run(updateStatement(runtime, executor.dialect, change))
    if (!(result instanceof Promise)) return updated(runtime, instance, change, result, undo)
    return result.then(
      (later) => updated(runtime, instance, change, later, undo),
      (error) => giveBackAndThrow(instance, change, error),
    )
  } catch (error) {
    return giveBackAndThrow(instance, change, error)
  }
}

function giveBackAndThrow(instance: object, change: RowChange, error: unknown): never {
  giveBack(instance, change)
  throw error
}

function updated(
  runtime: ModelRuntime,
  instance: object,
  change: RowChange,
  { affected }: QueryResult,
  undo: UndoLog | null,
): void {
  if (affected === 0) giveBackAndThrow(instance, change, new StaleModelError(runtime.meta.name))
  // nobody awaited it, and its transaction is over
  if (undo?.undone === true) return giveBack(instance, change)
  stored(runtime, instance, change)
  settle(undo, instance, change.fields)
}

/** What was written is the original from now on. */
export function stored(runtime: ModelRuntime, instance: object, { fields, values }: RowChange): void {
  if (originOf(instance)?.positions !== runtime.everyPosition && fields.some((field) => placeOf(instance, field) < 0))
    widen(runtime, instance, fields)
  const row = rowOf(instance) as unknown[]
  const { positions } = originOf(instance) as Origin
  for (let i = 0; i < fields.length; i++) {
    const field = at(fields, i)
    row[at(positions, field.index)] = ownSnapshot(field, values[i])
  }
}

const placeOf = (instance: object, field: ModelField) => originOf(instance)?.positions[field.index] ?? -1

/** Makes room for fields that are loaded from now on: the row becomes one of all fields. */
export function widen(runtime: ModelRuntime, instance: object, loaded: readonly ModelField[]): void {
  const origin = originOf(instance) as Origin
  if (origin.positions === runtime.everyPosition) return
  const row = rowOf(instance) as unknown[]
  const { fields } = runtime.meta
  const wide = fields.map((field) => row[placeOf(instance, field)] ?? null)
  const places = fields.map((field) => (placeOf(instance, field) >= 0 || loaded.includes(field) ? field.index : -1))
  const positions = places.includes(-1) ? places : runtime.everyPosition
  adopt(instance, wide, new Origin(origin.meta, positions, origin.executor, origin.siblings, origin.deleted))
}

/** Deletes the instance's row. */
export function removeOne(runtime: ModelRuntime, instance: object, executor: Executor): MaybePromise<void> {
  const statement = deleteStatement(runtime, instance, executor.dialect)
  const { undo } = executor
  if (undo !== null) keepSaved(undo, instance)
  return andThen(executor.run(statement), () => {
    if (undo?.undone === true) return
    markGone(instance)
    settle(undo, instance, null)
  })
}

function deleteStatement(runtime: ModelRuntime, instance: object, dialect: Dialect): NamedStatement {
  const key = storedKey(runtime, instance)
  const scoped = scopedBy(runtime, instance)
  if (scoped !== null) return deleteByScopes(runtime, key, scoped, dialect)
  const plan = writePlan(runtime, dialect, 'delete', () => ({
    kind: 'delete',
    table: tableOf(runtime),
    where: whereKey(runtime),
    returning: [],
  }))
  return new NamedStatement(plan.form, bound(plan, [], key))
}

/** A query has deleted the row of this instance. */
export function wasRemoved(instance: object, undo: UndoLog | null): void {
  if (undo !== null) keepSaved(undo, instance)
  if (undo?.undone === true) return
  markGone(instance)
  settle(undo, instance, null)
}

/** The instance's row is there no more. */
export function markGone(instance: object): void {
  const { meta, positions, executor } = originOf(instance) as Origin
  adopt(instance, rowOf(instance) as unknown[], new Origin(meta, positions, executor, [], true))
}
