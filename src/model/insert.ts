import type { Executor, NamedStatement } from '../database/executor.js'
import type { Dialect } from '../dialect/dialect.js'
import type { QueryResult } from '../driver/driver.js'
import { UsageError } from '../errors.js'
import { rowDecoder } from '../hydrate/decoder.js'
import { adopt, Origin, rowOf } from '../hydrate/state.js'
import type { ModelField } from '../metadata/model-field.js'
import { keyCondition } from '../query/where.js'
import { andThen, type MaybePromise } from '../util/maybe-promise.js'
import { type InsertPlan, insertPlan } from './insert-plan.js'
import { type CanonicalRow, givenIn, prepareInsert, snapshotRow } from './prepare.js'
import { databaseOf, explainFor } from './run.js'
import type { ModelRuntime } from './runtime.js'
import { type Attributes, snapshotOf } from './values.js'

/** Inserts one new instance and takes over what the database made. */
export function insertOne(
  runtime: ModelRuntime,
  instance: object,
  executor: Executor,
  bound: object | null,
): MaybePromise<void> {
  return andThen(prepareInsert(runtime, instance as Attributes, undefined), (row) => {
    const { dialect } = executor
    const plan = insertPlan(runtime, dialect, givenIn(runtime, row))
    const sent = executor.run(insertStatement(runtime, plan, [row]))
    return andThen(sent, (result) => {
      persisted(runtime, instance, row, bound)
      takeOver(answeredFields(plan), instance, answeredValues(plan, dialect, result, 1)[0] ?? [])
      return readBack(runtime, plan, instance, executor)
    })
  })
}

function insertStatement(runtime: ModelRuntime, plan: InsertPlan, rows: readonly CanonicalRow[]): NamedStatement {
  return {
    sql: plan.sql(rows.length),
    parameters:
      rows.length === 1 ? encodeRow(plan, rows[0] as CanonicalRow) : rows.flatMap((row) => encodeRow(plan, row)),
    prepare: true,
    rows: plan.returning.length > 0,
    explain: explainFor(runtime.meta),
  }
}

export function encodeRow(plan: InsertPlan, row: CanonicalRow): unknown[] {
  const { fields, encoders } = plan
  const parameters = new Array<unknown>(fields.length)
  for (let i = 0; i < fields.length; i++)
    parameters[i] = (encoders[i] as (value: unknown) => unknown)(row[(fields[i] as ModelField).index])
  return parameters
}

/** From here on the instance is a row of the database. */
export function persisted(
  runtime: ModelRuntime,
  instance: object,
  row: CanonicalRow,
  bound: object | null,
  origin?: Origin,
): void {
  const database = bound === null ? null : databaseOf(bound)
  adopt(
    instance,
    snapshotRow(runtime, instance as Attributes, row),
    origin ?? new Origin(runtime.meta, runtime.everyPosition, database, [instance]),
  )
}

/** The fields whose values an insert answers. */
export function answeredFields(plan: InsertPlan): readonly ModelField[] {
  if (plan.returning.length > 0) return plan.returning
  return plan.numbered === null ? [] : [plan.numbered]
}

/** The answered values of each of `count` rows: from RETURNING, or ids counted up from the first. */
export function answeredValues(plan: InsertPlan, dialect: Dialect, result: QueryResult, count: number): unknown[][] {
  if (plan.returning.length > 0) {
    const decode = rowDecoder(plan.returning, (type) => dialect.codec(type))
    return result.rows.map(decode)
  }
  const { numbered } = plan
  if (numbered === null) return []
  const big = numbered.dataType.name === 'bigInteger'
  return Array.from({ length: count }, (_, i) => {
    const id = (result.rows[i]?.[0] ?? Number(result.insertId) + i) as number | bigint
    return [big ? BigInt(id) : Number(id)]
  })
}

export function takeOver(fields: readonly ModelField[], instance: object, values: readonly unknown[]): void {
  for (let i = 0; i < fields.length; i++) setStored(instance, fields[i] as ModelField, values[i] ?? null)
}

/** Sets a value that is in the database already. */
export function setStored(instance: object, field: ModelField, value: unknown): void {
  ;(instance as Attributes)[field.name] = value
  const row = rowOf(instance) as unknown[]
  row[field.index] =
    value === null ? null : snapshotOf(field, field.kind.snapshot === 'canonical' ? field.check(value) : value, value)
}

/** Reads what the insert could not answer (a default of the database without RETURNING). */
export function readBack(
  runtime: ModelRuntime,
  plan: InsertPlan,
  instance: object,
  executor: Executor,
): MaybePromise<void> {
  const missing = missingFields(runtime, plan)
  if (missing.length === 0) return
  const key = keyOf(runtime, instance)
  const query = runtime.query(executor).keep(keyCondition(runtime.meta, key))
  return query.valuesList(...missing.map((field) => field.name)).then(([row]) => {
    takeOver(missing, instance, row ?? [])
  })
}

export function missingFields(runtime: ModelRuntime, plan: InsertPlan): ModelField[] {
  return runtime.meta.fields.filter(
    (field) =>
      field.filledByDatabase &&
      !plan.fields.includes(field) &&
      !plan.returning.includes(field) &&
      plan.numbered !== field,
  )
}

export function keyOf(runtime: ModelRuntime, instance: object): unknown {
  const { primaryKey, name } = runtime.meta
  const values = primaryKey.map((field) => (instance as Attributes)[field.name])
  if (values.some((value) => value === undefined || value === null))
    throw new UsageError(`This "${name}" has no key yet.`)
  return primaryKey.length === 1 ? values[0] : Object.fromEntries(primaryKey.map((field, i) => [field.name, values[i]]))
}
