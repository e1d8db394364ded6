import type { ConflictNode } from '../ast/statement.js'
import type { BatchConnection, Executor, NamedStatement } from '../database/executor.js'
import type { Dialect } from '../dialect/dialect.js'
import type { QueryResult } from '../driver/driver.js'
import type { ModelField } from '../metadata/model-field.js'
import { andThen, inTurn, type MaybePromise } from '../util/maybe-promise.js'
import { answeredFields, answeredValues, encodeRow } from './insert.js'
import { type InsertPlan, insertPlan } from './insert-plan.js'
import { type CanonicalRow, givenIn } from './prepare.js'
import { explainFor } from './run.js'
import type { ModelRuntime } from './runtime.js'

/** Rows per statement where each row has its own placeholders: few sizes, so that there are few texts. */
const SIZES = [1000, 250, 50, 10, 1]
/** Rows per statement where rows go in as lists. */
const LIST_ROWS = 5000

/** Told what the database made of the row at `place`. */
export type Collect = (
  place: number,
  plan: InsertPlan,
  fields: readonly ModelField[],
  values: readonly unknown[],
) => void

/** Inserts rows in one transaction; the number of rows. */
export async function insertRows(
  runtime: ModelRuntime,
  executor: Executor,
  rows: readonly CanonicalRow[],
  collect: Collect | null,
  conflict: { node: ConflictNode; key: string } | null = null,
): Promise<number> {
  const { dialect } = executor
  const groups = byForm(runtime, rows)
  const plans = groups.map(({ fields }) => insertPlan(runtime, dialect, fields, conflict?.node ?? null, conflict?.key))
  let total = 0
  const all = (connection: BatchConnection) =>
    inTurn(groups, (group) => {
      const plan = plans[groups.indexOf(group)] as InsertPlan
      return andThen(insertGroup(runtime, plan, dialect, connection, group, collect), (count) => {
        total += count
      })
    })
  const whole =
    groups.length === 1 && (groups[0] as Group).places.length <= oneStatement(plans[0] as InsertPlan, dialect)
  if (whole) await all({ run: (statement) => executor.run(statement), runMany: undefined })
  else await executor.atomically(all)
  return total
}

interface Group {
  readonly fields: readonly ModelField[]
  /** Places in the list of rows. */
  readonly places: number[]
  readonly rows: CanonicalRow[]
}

/** Rows with values for the same fields go in together. */
function byForm(runtime: ModelRuntime, rows: readonly CanonicalRow[]): Group[] {
  const optional = runtime.meta.fields.filter((field) => field.filledByDatabase)
  const groups = new Map<string, Group>()
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as CanonicalRow
    let key = ''
    for (const field of optional) key += row[field.index] === undefined ? '0' : '1'
    let group = groups.get(key)
    if (group === undefined) groups.set(key, (group = { fields: givenIn(runtime, row), places: [], rows: [] }))
    group.places.push(i)
    group.rows.push(row)
  }
  return [...groups.values()]
}

/** How many rows one statement takes: then it needs no transaction of its own. */
function oneStatement(plan: InsertPlan, dialect: Dialect): number {
  if (dialect.capabilities.bulkInsert === 'lists') return LIST_ROWS
  return dialect.capabilities.bulkInsert === 'rows' && plan.fields.length > 0 ? 0 : 1
}

function insertGroup(
  runtime: ModelRuntime,
  plan: InsertPlan,
  dialect: Dialect,
  connection: BatchConnection,
  group: Group,
  collect: Collect | null,
): MaybePromise<number> {
  const send = (statement: NamedStatement, from: number, count: number) =>
    andThen(connection.run(statement), (result) => answer(plan, dialect, group, collect, result, from, count))
  const base = { prepare: true, rows: plan.returning.length > 0, explain: explainFor(runtime.meta) }
  if (dialect.capabilities.bulkInsert === 'repeat' && connection.runMany !== undefined) {
    const statement = { ...base, sql: plan.sql(1), parameters: [] }
    const encoded = encodedRows(plan, group.rows)
    return andThen(connection.runMany(statement, encoded), (result) =>
      answer(plan, dialect, group, collect, result, 0, group.rows.length),
    )
  }
  const lists = dialect.capabilities.bulkInsert === 'lists' && plan.fields.length > 0
  let count = 0
  return andThen(
    inTurn(pieces(plan, dialect, group.rows.length, lists), ([from, size]) => {
      const rows = group.rows.slice(from, from + size)
      const statement = lists
        ? { ...base, sql: plan.sql('lists'), parameters: listParameters(plan, rows) }
        : { ...base, sql: plan.sql(size), parameters: rows.flatMap((row) => encodeRow(plan, row)) }
      return andThen(send(statement, from, size), (affected) => {
        count += affected
      })
    }),
    () => count,
  )
}

function* encodedRows(plan: InsertPlan, rows: readonly CanonicalRow[]): Iterable<unknown[]> {
  for (let i = 0; i < rows.length; i++) yield encodeRow(plan, rows[i] as CanonicalRow)
}

function listParameters(plan: InsertPlan, rows: readonly CanonicalRow[]): unknown[] {
  return plan.fields.map((field, i) =>
    (plan.listEncoders[i] as (values: unknown[]) => unknown)(rows.map((row) => row[field.index])),
  )
}

/** The rows cut into statements within the database's limits. */
function pieces(plan: InsertPlan, dialect: Dialect, total: number, lists: boolean): [number, number][] {
  const cut: [number, number][] = []
  const most = Math.floor(dialect.capabilities.maxParameters / Math.max(1, plan.fields.length))
  const sizes = lists ? [LIST_ROWS] : SIZES.filter((size) => size <= Math.max(1, most))
  for (let from = 0; from < total; ) {
    const left = total - from
    const size = lists ? Math.min(left, LIST_ROWS) : plan.fields.length === 0 ? 1 : (sizes.find((s) => s <= left) ?? 1)
    cut.push([from, size])
    from += size
  }
  return cut
}

function answer(
  plan: InsertPlan,
  dialect: Dialect,
  group: Group,
  collect: Collect | null,
  result: QueryResult,
  from: number,
  count: number,
): number {
  if (collect === null) return result.affected
  const fields = answeredFields(plan)
  const values = answeredValues(plan, dialect, result, count)
  for (let i = 0; i < count; i++) collect(group.places[from + i] as number, plan, fields, values[i] ?? [])
  return result.affected
}
