import type { ExpressionNode } from '../../ast/expression.js'
import type { Executor } from '../../database/executor.js'
import type { Transaction } from '../../database/transaction.js'
import { UsageError } from '../../errors.js'
import type { ModelField } from '../../metadata/model-field.js'
import { columnOf } from '../../query/columns/columns.js'
import { comparableKey } from '../../relation/key.js'
import type { UpsertCounts } from '../../types/model.js'
import { chunked } from '../../util/chunk.js'
import { isPlainObject } from '../../util/own.js'
import type { UpsertOptions } from '../runtime/options.js'
import { executorFor, inTransaction, within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { type Answer, insertRows } from './bulk-insert.js'
import { canonical } from './canonical.js'
import { makeInstance, prepareAll } from './create.js'
import type { CanonicalRow } from './prepare.js'
import { conflictOf, type UpsertConflict } from './upsert.js'
import type { Attributes } from './values.js'

/** Inserts rows or updates those that are there, all or none, and tells how many of each. */
export async function upsertMany(
  runtime: ModelRuntime,
  data: readonly Attributes[],
  options: UpsertOptions,
  bound: object | null,
  most?: number,
): Promise<UpsertCounts> {
  if (!Array.isArray(data)) throw new UsageError(`upsertMany() of "${runtime.meta.name}" takes a list of objects.`)
  if (!data.every(isPlainObject))
    throw new UsageError(`upsertMany() of "${runtime.meta.name}" takes objects of its fields.`)
  const conflict = conflictOf(runtime, options, new Set(data.flatMap((row) => Object.keys(row as object))), true)
  if (data.length === 0) return { inserted: 0, updated: 0, skipped: 0 }
  const instances = data.map((row) => makeInstance(runtime, row, options.guarded === true))
  const given = await prepareAll(runtime, instances)
  const rows = withoutRepeated(given, conflict)
  const inserted = await send(runtime, await executorFor(runtime.meta, bound), rows, conflict, most)
  const updated = updates(conflict) ? rows.length - inserted : 0
  return { inserted, updated, skipped: given.length - inserted - updated }
}

const updates = ({ node }: UpsertConflict) => node.assignments.length > 0

/** A statement can't write a row twice. The later of two counts, or the first where a row that is there stays as it is. */
function withoutRepeated(rows: readonly CanonicalRow[], conflict: UpsertConflict): readonly CanonicalRow[] {
  const byKey = new Map<unknown, CanonicalRow>()
  const later = updates(conflict)
  for (const row of rows) {
    const key = identityOf(row, conflict.fields)
    if (key === null) byKey.set(row, row)
    else if (later || !byKey.has(key)) byKey.set(key, row)
  }
  return byKey.size === rows.length ? rows : [...byKey.values()]
}

/** Null: a row with a NULL in it is never the same as another. */
function identityOf(row: CanonicalRow, fields: readonly ModelField[]): string | null {
  const values = fields.map((field) => row[field.index] ?? null)
  return values.includes(null) ? null : JSON.stringify(values.map((value) => String(comparableKey(value))))
}

/** The number of rows that are new. */
async function send(
  runtime: ModelRuntime,
  executor: Executor,
  rows: readonly CanonicalRow[],
  conflict: UpsertConflict,
  most: number | undefined,
): Promise<number> {
  if (executor.dialect.wasInserted !== null) {
    const answers: Answer[] = []
    await insertRows(runtime, executor, rows, answers, conflict, most)
    return answers.reduce((sum, { result }) => sum + result.rows.filter(([flag]) => Number(flag) === 1).length, 0)
  }
  if (!updates(conflict) && executor.dialect.capabilities.insertsCounted)
    return insertRows(runtime, executor, rows, null, conflict, most)
  return inTransaction(executor, async (trx) => {
    const there = await countThere(runtime, trx, rows, conflict.fields)
    await insertRows(runtime, within(trx), rows, null, conflict, most)
    return rows.length - there
  })
}

/** Rows of one question. */
const KEYS = 10_000
const COMPOSITE_KEYS = 100

/** How many of the rows are in the database. */
async function countThere(
  runtime: ModelRuntime,
  trx: Transaction,
  rows: readonly CanonicalRow[],
  fields: readonly ModelField[],
): Promise<number> {
  const keyed = rows.filter((row) => identityOf(row, fields) !== null)
  let count = 0
  for (const chunk of chunked(keyed, fields.length === 1 ? KEYS : COMPOSITE_KEYS))
    count += await runtime.query(trx, 'own').everyRow().keep(isOneOf(chunk, fields)).count()
  return count
}

function isOneOf(rows: readonly CanonicalRow[], fields: readonly ModelField[]): ExpressionNode {
  const [field] = fields
  if (field !== undefined && fields.length === 1) {
    const values = rows.map((row) => row[field.index])
    return {
      kind: 'in',
      operand: columnOf(field),
      list: { kind: 'list', type: canonical(field), values },
      negated: false,
    }
  }
  const items = rows.map((row): ExpressionNode => ({ kind: 'logic', operator: 'and', items: equalities(row, fields) }))
  return items.length === 1 ? (items[0] as ExpressionNode) : { kind: 'logic', operator: 'or', items }
}

const equalities = (row: CanonicalRow, fields: readonly ModelField[]) =>
  fields.map(
    (field): ExpressionNode => ({
      kind: 'comparison',
      operator: '=',
      left: columnOf(field),
      right: { kind: 'parameter', type: canonical(field), value: row[field.index] },
    }),
  )
