import type { Executor, Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { at } from '../../util/list.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { ChangedInstance, Fresh, Ready } from './batch.js'
import { giveBack } from './change.js'
import { clearBlank, type InsertUndo, recordNew, recordSaved, settle } from './originals.js'
import { readMissing } from './own-row.js'
import { toSnapshots } from './prepare.js'
import { missingFields } from './send/insert-plan.js'
import { type InsertResult, insertedIds } from './send/insert-results.js'
import { newOrigin, persisted, takeOverMade, written } from './written.js'

// How the state of instances changes with their batch. Deleted and marked instances are updated one by one, elsewhere.

/** Records what a rollback restores. Called before the statements are sent. Returns the entries to drop if they fail. */
export function recordBatch(undo: UndoLog | null, { fresh: { instances, blank }, changes }: Ready): InsertUndo[] {
  if (undo === null) return []
  const entries = instances.map((instance, i) => recordNew(undo, instance, at(blank, i)))
  for (const { instance, change } of changes) recordSaved(undo, instance, change.touched)
  return entries
}

/** Resets the values that a failed batch has set. */
export function giveBackBatch(runtime: ModelRuntime, { fresh, changes }: Ready): void {
  clearNew(runtime, fresh)
  giveBackAll(changes)
}

/** Clears the fields that inserts filled in. */
export function clearNew(runtime: ModelRuntime, { instances, rows, blank }: Fresh): void {
  for (let i = 0; i < instances.length; i++)
    clearBlank(at(instances, i), at(blank, i), toSnapshots(runtime, at(rows, i)))
}

export function giveBackAll(changes: readonly ChangedInstance[]): void {
  for (const { instance, change } of changes) giveBack(instance, change)
}

/** What the database returned for a batch, and where it was sent. */
interface SentBatch {
  readonly results: readonly InsertResult[]
  readonly executor: Executor
  readonly using: Using
}

/** Makes the written values the originals of the instances. */
export async function batchWritten(
  runtime: ModelRuntime,
  ready: Ready,
  { results, executor, using }: SentBatch,
): Promise<void> {
  const { fresh, changes } = ready
  const { undo } = executor
  if (undo?.undone === true) return giveBackBatch(runtime, ready)
  for (const { instance, change } of changes) {
    written(runtime, instance, change)
    settle(undo, instance, change.fields)
  }
  if (fresh.rows.length === 0) return
  const siblings: object[] = []
  const origin = newOrigin(runtime, using, siblings)
  for (const [i, instance] of fresh.instances.entries()) {
    persisted(runtime, instance, at(fresh.rows, i), origin)
    siblings.push(instance)
  }
  for (const result of results) await takeResult(runtime, result, fresh.instances, executor)
}

async function takeResult(
  runtime: ModelRuntime,
  { plan, places, result }: InsertResult,
  instances: readonly object[],
  executor: Executor,
): Promise<void> {
  const instanceAt = (i: number) => at(instances, at(places, i))
  if (plan.numbered !== null) {
    const ids = insertedIds(plan.numbered, result, places.length, executor.dialect.capabilities.insertIdStep ?? 1)
    for (let i = 0; i < ids.length; i++) takeOverMade([plan.numbered], instanceAt(i), [ids[i]])
  } else
    for (let i = 0; i < result.rows.length; i++)
      takeOverMade(plan.returning, instanceAt(i), plan.decode(at(result.rows, i)))
  if (plan.complete) return
  const missing = missingFields(runtime.meta, plan)
  for (let i = 0; i < places.length; i++) await readMissing(runtime, missing, instanceAt(i), executor)
}
