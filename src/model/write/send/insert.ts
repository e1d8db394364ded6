import type { Dialect } from '../../../dialect/dialect.js'
import type { QueryResult } from '../../../driver/driver.js'
import type { Executor } from '../../../execution/executor.js'
import { boundStatement, schemaStatement } from '../../../execution/statement.js'
import type { ModelField } from '../../../metadata/model-field.js'
import { andThen, type MaybePromise } from '../../../util/maybe-promise.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { CanonicalRow } from '../prepare.js'
import { type Conflict, type InsertPlan, insertPlan } from './insert-plan.js'

/** Inserts one row. */
export function sendInsert(
  runtime: ModelRuntime,
  executor: Executor,
  plan: InsertPlan,
  row: CanonicalRow,
): MaybePromise<QueryResult> {
  const result = executor.run(insertStatement(plan, row))
  if (plan.raises === null) return result
  return andThen(result, (done) => andThen(raiseNumbers(runtime, executor, plan, [row]), () => done))
}

const insertStatement = (plan: InsertPlan, row: CanonicalRow) => boundStatement(plan.template(1), plan.encode(row))

/** Inserts a row. If a unique value of it exists, it locks the existing row instead and does not change it. */
export function sendUnlessThere(
  runtime: ModelRuntime,
  executor: Executor,
  row: CanonicalRow,
  key: ModelField,
): MaybePromise<QueryResult> {
  return executor.run(insertStatement(insertPlan(runtime, executor.dialect, row, unchanged(key)), row))
}

const unchanged = (key: ModelField): Conflict => ({
  node: { kind: 'conflict', columns: [key.column], others: [], assignments: [] },
  key: 'unchanged',
  counted: true,
  parameters: [],
})

/** Raises the sequence above the numbers that the rows have. */
export function raiseNumbers(
  runtime: ModelRuntime,
  executor: Executor,
  { raises }: InsertPlan,
  rows: readonly CanonicalRow[],
): MaybePromise<unknown> {
  const { raiseNumber } = executor.dialect
  if (raises === null || raiseNumber === null) return undefined
  let highest = 0n
  for (const row of rows) {
    const number = BigInt(row[raises.index] as number | bigint)
    if (number > highest) highest = number
  }
  if (highest === 0n) return undefined
  const sql = raiseNumber(runtime.meta.table, raises.column, highest)
  return executor.run(schemaStatement(sql))
}

/** The statement that inserts rows with the same fields, as SQL. */
export function insertSql(
  runtime: ModelRuntime,
  dialect: Dialect,
  first: CanonicalRow,
  rows: readonly CanonicalRow[],
): { readonly sql: string; readonly parameters: readonly unknown[] } {
  const plan = insertPlan(runtime, dialect, first)
  return { sql: plan.template(rows.length).sql, parameters: rows.flatMap((row) => plan.encode(row)) }
}
