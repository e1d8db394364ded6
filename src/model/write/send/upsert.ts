import type { Executor, OpenTransaction } from '../../../execution/executor.js'
import type { ModelField } from '../../../metadata/model-field.js'
import { keyLists } from '../../runtime/key-lists.js'
import { within } from '../../runtime/run.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import { canonical } from '../canonical.js'
import type { CanonicalRow } from '../prepare.js'
import { sendInserts } from './insert-many.js'
import type { Conflict } from './insert-plan.js'
import type { InsertResult } from './insert-results.js'

/** What an upsert does with an existing row, and the fields by which a row counts as the same. */
export interface UpsertConflict extends Conflict {
  readonly fields: readonly ModelField[]
}

export const updates = ({ node }: UpsertConflict) => node.assignments.length > 0

/** Rows to insert, or to update where they are there. */
export interface Upsert {
  readonly rows: readonly CanonicalRow[]
  readonly conflict: UpsertConflict
  /** The most rows of a statement. */
  readonly most: number | undefined
}

/** Inserts rows, or updates those that are there. */
export async function sendUpsert(
  runtime: ModelRuntime,
  executor: Executor,
  { rows, conflict, most }: Upsert,
): Promise<number> {
  return sendInserts(runtime, executor, rows, { results: null, conflict, most })
}

/** The same; the number of rows that are new. */
export async function sendUpsertCounted(
  runtime: ModelRuntime,
  executor: Executor,
  { rows, conflict, most }: Upsert,
): Promise<number> {
  if (executor.dialect.wasInserted !== null) {
    const results: InsertResult[] = []
    await sendInserts(runtime, executor, rows, { results, conflict, most })
    return results.reduce((sum, { result }) => sum + result.rows.filter(([flag]) => Number(flag) === 1).length, 0)
  }
  if (!updates(conflict) && executor.dialect.capabilities.insertsCounted)
    return sendInserts(runtime, executor, rows, { results: null, conflict, most })
  return executor.transaction(async (trx) => {
    const there = await countThere(runtime, trx, rows, conflict.fields)
    await sendInserts(runtime, within(trx), rows, { results: null, conflict, most })
    return rows.length - there
  })
}

/** How many of the rows are in the database. */
async function countThere(
  runtime: ModelRuntime,
  trx: OpenTransaction,
  rows: readonly CanonicalRow[],
  fields: readonly ModelField[],
): Promise<number> {
  const keys = rows.map((row) => valuesOfRow(row, fields)).filter((values) => !values.includes(null))
  let count = 0
  for (const { condition } of keyLists(fields, keys, trx.dialect, { typeOf: canonical }))
    count += await runtime.query(trx, 'own').everyRow().restrict(condition).count()
  return count
}

export const valuesOfRow = (row: CanonicalRow, fields: readonly ModelField[]) =>
  fields.map((field) => row[field.index] ?? null)
