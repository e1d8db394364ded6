import type { QueryResult } from '../../driver/driver.js'
import type { Executor, Using } from '../../execution/executor.js'
import { NamedStatement } from '../../execution/statement.js'
import { Origin } from '../../hydrate/origin.js'
import { adopt, rowOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import { holdsKey } from '../../query/link/key-condition.js'
import type { QueryCause } from '../../query/runner/runner.js'
import { at } from '../../util/list.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { isReference } from '../runtime/reference.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { toId } from './answered.js'
import { raiseNumbers } from './bulk-insert.js'
import { type InsertPlan, insertPlan, missingFields } from './insert-plan.js'
import { doubtful, requireKept } from './locked.js'
import { clearBlank, keepNew } from './originals.js'
import { blankIn, type CanonicalRow, newContext, prepareInsert, toSnapshots } from './prepare.js'
import { storedKey } from './update.js'
import { snapshotOf } from './values.js'

/** Inserts one new instance and takes over what the database made. What fails leaves it as it was. */
export function insertOne(
  runtime: ModelRuntime,
  instance: object,
  executor: Executor,
  using: Using,
): MaybePromise<void> {
  const blank = blankIn(runtime.meta, asRecord(instance))
  try {
    const row = prepareInsert(runtime, asRecord(instance), newContext())
    if (!(row instanceof Promise)) return insertRow({ runtime, instance, row, blank }, executor, using)
    return row
      .then((later) => insertRow({ runtime, instance, row: later, blank }, executor, using))
      .catch((error: unknown) => clearAndThrow(instance, blank, error))
  } catch (error) {
    return clearAndThrow(instance, blank, error)
  }
}

/** The fields had no value before. */
function clearAndThrow(instance: object, blank: readonly ModelField[], error: unknown): never {
  if (rowOf(instance) === null) for (const field of blank) asRecord(instance)[field.name] = undefined
  throw error
}

/** An instance that is to be inserted as this row. */
interface NewRow {
  readonly runtime: ModelRuntime
  readonly instance: object
  readonly row: CanonicalRow
  readonly blank: readonly ModelField[]
}

function insertRow(fresh: NewRow, executor: Executor, using: Using): MaybePromise<void> {
  const { runtime, instance, row } = fresh
  if (runtime.meta.locked.size === 0 || doubtful(runtime, [row]).length === 0) return insertNow(fresh, executor, using)
  return executor.transaction(async (trx) => {
    await insertNow(fresh, trx, using)
    await requireKept(runtime, [storedKey(runtime, instance)], 'create', trx.dialect, trx)
  })
}

function insertNow(fresh: NewRow, executor: Executor, using: Using): MaybePromise<void> {
  const { runtime, instance, row } = fresh
  const plan = insertPlan(runtime, executor.dialect, row)
  const statement = new NamedStatement(plan.form(1), plan.encode(row))
  const { undo } = executor
  if (undo !== null) keepNew(undo, instance, fresh.blank)
  const result = runRaising(runtime, executor, statement, plan, row)
  if (!(result instanceof Promise)) return inserted(fresh, plan, result, executor, using)
  return result.then(
    (later) => inserted(fresh, plan, later, executor, using),
    (error) => {
      clearBlank(instance, fresh.blank, toSnapshots(runtime, row))
      throw error
    },
  )
}

function runRaising(
  runtime: ModelRuntime,
  executor: Executor,
  statement: NamedStatement,
  plan: InsertPlan,
  row: CanonicalRow,
): MaybePromise<QueryResult> {
  const result = executor.run(statement)
  if (plan.raises === null) return result
  return andThen(result, (done) => andThen(raiseNumbers(runtime, executor, plan, [row]), () => done))
}

function inserted(
  { runtime, instance, row, blank }: NewRow,
  plan: InsertPlan,
  result: QueryResult,
  executor: Executor,
  using: Using,
): MaybePromise<void> {
  // nobody awaited it, and its transaction is over
  if (executor.undo?.undone === true) return clearBlank(instance, blank, toSnapshots(runtime, row))
  persisted(runtime, instance, row, using)
  if (plan.numbered !== null) setStored(instance, plan.numbered, toId(plan.numbered, result.insertId as number))
  else if (plan.returning.length > 0) takeOver(plan.returning, instance, plan.decode(at(result.rows, 0)))
  if (plan.complete) return
  return readBack(runtime, plan, instance, executor)
}

/** From here on the instance is a row of the database. */
export function persisted(
  runtime: ModelRuntime,
  instance: object,
  row: CanonicalRow,
  using: Using,
  origin?: Origin,
): void {
  const database = using?.database ?? null
  adopt(
    instance,
    toSnapshots(runtime, row),
    origin ?? new Origin(runtime.meta, runtime.everyPosition, database, [instance]),
  )
}

export function takeOver(fields: readonly ModelField[], instance: object, values: readonly unknown[]): void {
  for (let i = 0; i < fields.length; i++) setStored(instance, at(fields, i), values[i] ?? null)
}

/** Sets a value that is in the database already. */
export function setStored(instance: object, field: ModelField, value: unknown): void {
  asRecord(instance)[field.name] = value
  const row = rowOf(instance) as unknown[]
  row[field.index] = value === null || field.kind.snapshot === 'value' ? value : snapshotOf(field, field.check(value))
}

/** Reads what the insert could not answer (a default of the database without RETURNING). */
export function readBack(
  runtime: ModelRuntime,
  plan: InsertPlan,
  instance: object,
  executor: Executor,
): MaybePromise<void> {
  return readMissing(runtime, missingFields(runtime.meta, plan), instance, executor)
}

export function readMissing(
  runtime: ModelRuntime,
  missing: readonly ModelField[],
  instance: object,
  executor: Executor,
): MaybePromise<void> {
  if (missing.length === 0) return
  return ownRow(runtime, instance, executor, 'own')
    .valuesList(...missing.map((field) => field.name))
    .then(([row]) => {
      takeOver(missing, instance, row ?? [])
    })
}

/** The query that finds the row of an instance, whatever scopes hide: it was read once. A reference is only a key. */
export function ownRow(runtime: ModelRuntime, instance: object, executor: Using, cause?: QueryCause): Query {
  const query = runtime.query(executor, cause)
  return (isReference(instance) ? query : query.everyRow()).restrict(
    holdsKey(runtime.meta.primaryKey, runtime.meta.key.valuesOfSaved(instance)),
  )
}
