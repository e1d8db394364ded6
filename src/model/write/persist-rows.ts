import type { Executor } from '../../execution/executor.js'
import { refuseReadOnly } from '../../query/scopes/refused.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { ChangedInstance } from './batch.js'
import { checksOf, guarded, isGuarded } from './guards.js'
import { upsertLocked } from './locked-upsert.js'
import type { CanonicalRow } from './prepare.js'
import { sendInserts } from './send/insert-many.js'
import { type InsertResult, insertedKeys } from './send/insert-results.js'
import { sendUpdates } from './send/update-many.js'
import { sendUpsert, sendUpsertCounted, type Upsert } from './send/upsert.js'

// Writes rows without instances, for insertMany() and upserts. They pass the same checks and guards as others, but run no hooks.

/** Inserts rows, all or none. Returns their number. */
export async function persistRows(
  runtime: ModelRuntime,
  executor: Executor,
  rows: readonly CanonicalRow[],
  most: number | undefined,
): Promise<number> {
  refuseReadOnly(runtime.meta)
  if (!isGuarded(runtime)) return sendInserts(runtime, executor, rows, { results: null, conflict: null, most })
  const results: InsertResult[] = []
  const keysOf = insertedKeys(runtime.meta, rows, results, executor.dialect)
  const checks = checksOf(runtime, { fresh: rows, keysOf })
  return guarded(executor, checks, false, (on) => sendInserts(runtime, on, rows, { results, conflict: null, most }))
}

/** Inserts rows or updates existing ones, all or none. */
export async function persistUpsert(runtime: ModelRuntime, executor: Executor, upsert: Upsert): Promise<void> {
  refuseReadOnly(runtime.meta)
  if (isGuarded(runtime)) await persistUpsertCounted(runtime, executor, upsert)
  else await sendUpsert(runtime, executor, upsert)
}

/** Inserts rows or updates existing ones, all or none. Returns the number of new rows. */
export async function persistUpsertCounted(runtime: ModelRuntime, executor: Executor, upsert: Upsert): Promise<number> {
  refuseReadOnly(runtime.meta)
  const send = (on: Executor) => sendUpsertCounted(runtime, on, upsert)
  if (!isGuarded(runtime)) return send(executor)
  return upsertLocked(runtime, executor, { rows: upsert.rows, fields: upsert.conflict.fields, send })
}

/** Changes fields of existing rows, all or none. */
export async function persistChanges(
  runtime: ModelRuntime,
  executor: Executor,
  changes: readonly ChangedInstance[],
): Promise<void> {
  await guarded(executor, checksOf(runtime, { changes }), false, (on) => sendUpdates(runtime, on, changes))
}
