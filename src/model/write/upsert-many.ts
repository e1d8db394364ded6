import { UsageError } from '../../errors.js'
import type { Executor, OpenTransaction, Using } from '../../execution/executor.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelField } from '../../metadata/model-field.js'
import { holdsKeys } from '../../query/link/key-condition.js'
import type { UpsertCounts } from '../../types/call-options.js'
import { isPlainObject } from '../../util/own.js'
import type { UpsertOptions } from '../runtime/options.js'
import { executorFor, within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Answer } from './answered.js'
import { insertRows } from './bulk-insert.js'
import { canonical } from './canonical.js'
import { makeInstance, prepareAll } from './create.js'
import { upsertLocked } from './locked-upsert.js'
import type { CanonicalRow } from './prepare.js'
import { conflictOf, type UpsertConflict } from './upsert.js'
import type { Attributes } from './values.js'

/** Inserts rows or updates those that are there, all or none, and tells how many of each. */
export async function upsertMany(
  runtime: ModelRuntime,
  data: readonly Attributes[],
  options: UpsertOptions,
  using: Using,
  most?: number,
): Promise<UpsertCounts> {
  if (!Array.isArray(data)) throw new UsageError(`upsertMany() of "${runtime.meta.name}" takes a list of objects.`)
  if (!data.every(isPlainObject))
    throw new UsageError(`upsertMany() of "${runtime.meta.name}" takes objects of its fields.`)
  const conflict = conflictOf(runtime, options, new Set(data.flatMap((row) => Object.keys(row))), true)
  if (data.length === 0) return { inserted: 0, updated: 0, skipped: 0 }
  const instances = data.map((row) => makeInstance(runtime, row, options.guarded === true))
  const given = await prepareAll(runtime, instances)
  const rows = withoutRepeated(given, conflict)
  const executor = await executorFor(runtime.meta, using)
  const upsert = (on: Executor) => send(runtime, on, rows, conflict, most)
  const inserted =
    runtime.meta.locked.size === 0
      ? await upsert(executor)
      : await upsertLocked(runtime, executor, { rows, fields: conflict.fields, send: upsert })
  const updated = updates(conflict) ? rows.length - inserted : 0
  return { inserted, updated, skipped: given.length - inserted - updated }
}

const updates = ({ node }: UpsertConflict) => node.assignments.length > 0

/** A statement can't write a row twice. The later of two counts, or the first where a row that is there stays as it is. */
function withoutRepeated(rows: readonly CanonicalRow[], conflict: UpsertConflict): readonly CanonicalRow[] {
  const byKey = new Map<unknown, CanonicalRow>()
  const later = updates(conflict)
  const key = Key.of(conflict.fields)
  for (const row of rows) {
    // a row with a NULL in it is never the same as another
    const identity = key.identityOfStored(valuesOf(row, conflict.fields)) ?? row
    if (later || !byKey.has(identity)) byKey.set(identity, row)
  }
  return byKey.size === rows.length ? rows : [...byKey.values()]
}

export const valuesOf = (row: CanonicalRow, fields: readonly ModelField[]) =>
  fields.map((field) => row[field.index] ?? null)

/** The number of rows that are new. */
export async function send(
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
  return executor.transaction(async (trx) => {
    const there = await countThere(runtime, trx, rows, conflict.fields)
    await insertRows(runtime, within(trx), rows, null, conflict, most)
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
  const keys = rows.map((row) => valuesOf(row, fields)).filter((values) => !values.includes(null))
  let count = 0
  for (const chunk of Key.of(fields).chunks(keys, trx.dialect.capabilities))
    count += await runtime
      .query(trx, 'own')
      .everyRow()
      .restrict(holdsKeys(fields, chunk, canonical))
      .count()
  return count
}
