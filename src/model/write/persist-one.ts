import type { QueryResult } from '../../driver/driver.js'
import { UsageError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { at } from '../../util/list.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { ChangedInstance, InstanceWrite, RowChange } from './batch.js'
import { giveBack, prepareUpdate } from './change.js'
import { checksOf, guarded, isGuarded, scopedBy } from './guards.js'
import { markInstance } from './mark.js'
import { clearBlank, type InsertUndo, recordNew, recordSaved, settle } from './originals.js'
import { hasOwnReferences } from './own-references.js'
import { readMissing } from './own-row.js'
import { blankIn, type CanonicalRow, newContext, prepareInsert, toSnapshots } from './prepare.js'
import { sendInsert } from './send/insert.js'
import { type InsertPlan, insertPlan, missingFields } from './send/insert-plan.js'
import { toId } from './send/insert-results.js'
import { sendRemovals, sendRemove } from './send/remove.js'
import { sendUpdate } from './send/update.js'
import { expectedVersion, rejectStale, stale } from './versions.js'
import { markGone, newOrigin, persisted, storedKey, takeOverMade, written } from './written.js'

// The steps of `persist` for one instance of a model without hooks. On a synchronous database they create no promise.

/** Writes one instance. */
export function writeOne(write: InstanceWrite, using: Using): MaybePromise<void> {
  const { runtime, instance, action } = write
  const origin = originOf(instance)
  if (action === 'save') {
    if (origin === null) return insertOne(runtime, instance, using)
    if (origin.deleted) throw wasDeleted(runtime)
    return andThen(prepareUpdate(write, instance), (change) => {
      if (change === null) return
      const changed = { instance, change }
      return andThen(executorFor(runtime.meta, using), (executor) => updateOne(runtime, changed, executor))
    })
  }
  // another call deleted it: nothing is left to do
  if (origin?.deleted === true) return
  return andThen(executorFor(runtime.meta, using), (executor) =>
    action === 'delete'
      ? removeOne(runtime, instance, executor)
      : markInstance(runtime, instance, action === 'mark' ? new Date() : null, executor),
  )
}

export const wasDeleted = ({ meta }: ModelRuntime) =>
  new UsageError(`This "${meta.name}" was deleted. Save a clone() of it instead.`)

/** An instance and the row to insert for it. */
export interface InstanceRow {
  readonly runtime: ModelRuntime
  readonly instance: object
  readonly row: CanonicalRow
  readonly blank: readonly ModelField[]
  readonly using: Using
}

/** Inserts a new instance, and sets the values that the database made. If the insert fails, the instance stays as it was. */
export function insertOne(runtime: ModelRuntime, instance: object, using: Using): MaybePromise<void> {
  const executor = executorFor(runtime.meta, using)
  if (executor instanceof Promise) return executor.then((later) => insertOn(runtime, instance, later, using))
  return insertOn(runtime, instance, executor, using)
}

function insertOn(runtime: ModelRuntime, instance: object, executor: Executor, using: Using): MaybePromise<void> {
  const blank = blankIn(runtime.meta, asRecord(instance))
  try {
    const row = prepareInsert(runtime, asRecord(instance), newContext())
    if (!(row instanceof Promise)) return insertPrepared({ runtime, instance, row, blank, using }, executor)
    return row
      .then((later) => insertPrepared({ runtime, instance, row: later, blank, using }, executor))
      .catch((error: unknown) => clearAndThrow(instance, blank, error))
  } catch (error) {
    return clearAndThrow(instance, blank, error)
  }
}

/** Clears fields that had no value before. */
function clearAndThrow(instance: object, blank: readonly ModelField[], error: unknown): never {
  if (rowOf(instance) === null) for (const field of blank) asRecord(instance)[field.name] = undefined
  throw error
}

/** Inserts a checked instance. */
export function insertPrepared(fresh: InstanceRow, executor: Executor): MaybePromise<void> {
  const { runtime, instance, row } = fresh
  if (!isGuarded(runtime)) return insertNow(fresh, executor)
  const checks = checksOf(runtime, { fresh: [row], keysOf: () => [storedKey(runtime, instance)] })
  return guarded(executor, checks, false, (on) => insertNow(fresh, on))
}

function insertNow(fresh: InstanceRow, executor: Executor): MaybePromise<void> {
  const { runtime, instance, row } = fresh
  const { undo } = executor
  const plan = insertPlan(runtime, executor.dialect, row)
  const entry = undo === null ? null : recordNew(undo, instance, fresh.blank)
  const result = sendRecorded(fresh, plan, entry, executor)
  if (!(result instanceof Promise)) return inserted(fresh, plan, result, executor)
  return result.then(
    (later) => inserted(fresh, plan, later, executor),
    (error) => {
      entry?.drop()
      clearBlank(instance, fresh.blank, toSnapshots(runtime, row))
      throw error
    },
  )
}

function sendRecorded(
  { runtime, row }: InstanceRow,
  plan: InsertPlan,
  entry: InsertUndo | null,
  executor: Executor,
): MaybePromise<QueryResult> {
  try {
    return sendInsert(runtime, executor, plan, row)
  } catch (error) {
    entry?.drop()
    throw error
  }
}

function inserted(
  { runtime, instance, row, blank, using }: InstanceRow,
  plan: InsertPlan,
  result: QueryResult,
  executor: Executor,
): MaybePromise<void> {
  if (executor.undo?.undone === true) return clearBlank(instance, blank, toSnapshots(runtime, row))
  persisted(runtime, instance, row, newOrigin(runtime, using, [instance]))
  if (plan.numbered !== null) takeOverMade([plan.numbered], instance, [toId(plan.numbered, result.insertId as number)])
  else if (plan.returning.length > 0) takeOverMade(plan.returning, instance, plan.decode(at(result.rows, 0)))
  if (plan.complete) return
  return readMissing(runtime, missingFields(runtime.meta, plan), instance, executor)
}

function updateOne(runtime: ModelRuntime, changed: ChangedInstance, executor: Executor): MaybePromise<void> {
  if (!isGuarded(runtime)) return updateNow(runtime, changed, executor)
  return guarded(executor, checksOf(runtime, { changes: [changed] }), false, (on) => updateNow(runtime, changed, on))
}

function updateNow(runtime: ModelRuntime, changed: ChangedInstance, executor: Executor): MaybePromise<void> {
  const { undo } = executor
  const { instance, change } = changed
  if (undo !== null) recordSaved(undo, instance, change.touched)
  try {
    const result = sendUpdate(runtime, executor, change)
    if (!(result instanceof Promise)) return updated(runtime, changed, result, executor)
    return result.then(
      (later) => updated(runtime, changed, later, executor),
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
  { instance, change }: ChangedInstance,
  { affected }: QueryResult,
  executor: Executor,
): MaybePromise<void> {
  if (affected === 0) {
    giveBack(instance, change)
    return rejectStale(runtime, instance, change.expected, executor)
  }
  const { undo } = executor
  if (undo?.undone === true) return giveBack(instance, change)
  written(runtime, instance, change)
  settle(undo, instance, change.fields)
}

/** Deletes the row of an instance. A row that is gone already is no error. */
function removeOne(runtime: ModelRuntime, instance: object, executor: Executor): MaybePromise<void> {
  const { undo } = executor
  const expected = expectedVersion(runtime, instance, null)
  if (undo !== null) recordSaved(undo, instance)
  return andThen(sendRemove(runtime, executor, instance, expected), ({ affected }) => {
    if (affected > 0 || typeof expected !== 'number') return removed(instance, undo)
    return andThen(stale(runtime, instance, expected, executor), (error) => {
      if (error.reason === 'changed') throw error
      removed(instance, undo)
    })
  })
}

/** Deletes the rows of instances. Rows that are found by key alone share statements. */
export async function removeMany(
  runtime: ModelRuntime,
  instances: readonly object[],
  executor: Executor,
  most: number | undefined,
): Promise<void> {
  // a row that references another one of them is deleted first: some databases check each row separately
  const inOrder = instances.length < 2 || hasOwnReferences(runtime.meta)
  const isAlone = (instance: object) =>
    inOrder || typeof expectedVersion(runtime, instance, null) === 'number' || scopedBy(runtime, instance) === 'all'
  const others: object[] = []
  for (const instance of instances)
    if (isAlone(instance)) await removeOne(runtime, instance, executor)
    else others.push(instance)
  if (others.length === 0) return
  const { undo } = executor
  if (undo !== null) for (const instance of others) recordSaved(undo, instance)
  await sendRemovals(runtime, executor, others, most)
  for (const instance of others) removed(instance, undo)
}

function removed(instance: object, undo: UndoLog | null): void {
  if (undo?.undone === true) return
  markGone(instance)
  settle(undo, instance, null)
}
