import type { CommitHook } from '../../execution/commit-log.js'
import type { Executor, Using } from '../../execution/executor.js'
import { originOf } from '../../hydrate/state.js'
import { refuseReadOnly } from '../../query/scopes/refused.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { executorFor, within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { beforeCommitHooks, deferHooks } from './after-commit.js'
import { BATCH, type Batch, type InstanceWrite, type Ready } from './batch.js'
import { batchWritten, giveBackBatch, recordBatch } from './batch-state.js'
import { embedChanged, embeddedFields } from './embeddings.js'
import { checksOf, guarded } from './guards.js'
import { betweenHooks, hooksOf } from './hooks.js'
import { markInstance } from './mark.js'
import { aroundInserts } from './own-references.js'
import { insertOne, removeMany, wasDeleted, writeOne } from './persist-one.js'
import { savePlain } from './plain-save.js'
import { isEmpty, prepareBatch, requireWritable } from './prepare-batch.js'
import { prepareValues } from './prepare-values.js'
import { sendInserts } from './send/insert-many.js'
import { type InsertResult, insertedKeys } from './send/insert-results.js'
import { sendUpdates } from './send/update-many.js'
import { withSlugs } from './slugs.js'
import { manyInTurn, oneInTurn } from './turns.js'

// The only way from instances to their rows. All writes take the same steps, in this order:
//
//  1. turn: wait for other writes of the instance (turns)
//  2. slow values: hash passwords, and make the vectors of texts that changed, before a transaction begins (prepare-values,
//     embeddings)
//  3. begin a transaction if one is needed, and run the before-hooks (hooks, guards)
//  4. slugs: make them from other fields, with a number if they are taken (slugs); then prepare and validate: corm does not
//     read the instances again after this step (prepare, change, prepare-batch)
//  5. guards: conditions on the row of an instance, and checks of written rows (guards)
//  6. undo: record what a rollback restores, before anything is sent (originals)
//  7. send (send/*)
//  8. originals: the written values become the originals of the instances (written)
//  9. after-hooks (hooks)
//
// Rows without instances (`persist-rows`) and rows of queries (`persist-query`) have no hooks: they share 4, 5 and 7.

/** Writes one instance. Returns a promise only if hooks or the database need one. */
export function persistOne(write: InstanceWrite, using: Using): MaybePromise<void> {
  refuseReadOnly(write.runtime.meta)
  if (hooksOf(write.runtime, write.action) === null && !takesSteps(write)) return oneInTurn(write, using, writeOne)
  return beforeCommitHooks((later) => oneInTurn(write, using, () => writeHooked(write, using, later)))
}

/** Saves all that changed of an instance. */
export function persistSave(runtime: ModelRuntime, instance: object, using: Using): MaybePromise<void> {
  refuseReadOnly(runtime.meta)
  const plain = hooksOf(runtime, 'save') === null ? savePlain(runtime, instance, using) : null
  if (plain !== null) return plain
  return persistOne({ runtime, instance, action: 'save', only: null, expectVersion: null }, using)
}

/** Inserts an instance that no other code can access yet, so it needs no turn. */
export function persistNew(runtime: ModelRuntime, instance: object, using: Using): MaybePromise<void> {
  const { meta } = runtime
  refuseReadOnly(meta)
  if (hooksOf(runtime, 'save') === null && !meta.needs.steps) return insertOne(runtime, instance, using)
  return persistOne({ runtime, instance, action: 'save', only: null, expectVersion: null }, using)
}

/** Writes instances, all or none. Returns how many of them had something to write. */
export function persistMany(batch: Batch, using: Using): Promise<number> {
  if (!batch.hooks || hooksOf(batch.runtime, batch.action) === null)
    return manyInTurn(batch, using, () => write(batch, using, []))
  return beforeCommitHooks((later) => manyInTurn(batch, using, () => write(batch, using, later)))
}

/** Inserts instances that no other code can access yet, all or none. */
export async function persistAllNew(
  runtime: ModelRuntime,
  instances: readonly object[],
  using: Using,
  where: Pick<Batch, 'most' | 'places' | 'list'>,
): Promise<void> {
  if (instances.length === 0) return
  const batch: Batch = { ...BATCH, runtime, instances, action: 'save', ...where }
  // hooks may give them to other code, so they need turns
  await (hooksOf(runtime, 'save') === null ? write(batch, using, []) : persistMany(batch, using))
}

async function writeHooked(one: InstanceWrite, using: Using, later: CommitHook[]): Promise<void> {
  const { runtime, instance, action, only, expectVersion } = one
  if (action === 'save' && originOf(instance)?.deleted === true) throw wasDeleted(runtime)
  const batch: Batch = { ...BATCH, runtime, instances: [instance], action, only, expectVersion }
  await write(batch, using, later)
}

/** `later` collects the hooks that run after the write, if its transaction is the outermost one. */
async function write(given: Batch, using: Using, later: CommitHook[]): Promise<number> {
  const { runtime } = given
  refuseReadOnly(runtime.meta)
  requireWritable(given)
  // bulk writes use the values at the time of the call, so nothing is awaited before these are read
  const batch = isSlow(given) ? await withSlowValues(given) : given
  const hooks = batch.hooks ? hooksOf(runtime, batch.action) : null
  if (hooks === null) {
    if (makesSlugs(batch)) return writeWithSlugs(batch, await executorFor(runtime.meta, using), using, () => {})
    const ready = await prepareBatch(batch)
    return isEmpty(ready) ? 0 : send(batch, ready, await executorFor(runtime.meta, using), using)
  }
  return (await executorFor(runtime.meta, using)).transaction((trx) => {
    deferHooks(trx, later)
    return betweenHooks(hooks, batch, trx, async (checked, sending) => {
      // hooks may have changed the texts
      const rechecked = { ...batch, ...checked }
      const complete = isSlow(batch) ? await withSlowValues(rechecked) : rechecked
      if (makesSlugs(batch)) return writeWithSlugs(complete, within(trx), using, sending)
      const ready = await prepareBatch(complete)
      sending(ready)
      return isEmpty(ready) ? 0 : send(batch, ready, within(trx), using)
    })
  })
}

/** Whether values of the batch may need slow work before they can be stored. */
const isSlow = (batch: Pick<Batch, 'runtime' | 'action'>): boolean =>
  writesValues(batch) && (embeds(batch.runtime) || batch.runtime.meta.needs.prepared)

const writesValues = ({ action }: Pick<Batch, 'action'>): boolean => action === 'save' || action === 'update'

const embeds = ({ meta }: ModelRuntime): boolean => meta.needs.embeddings && embeddedFields(meta).length > 0

const makesSlugs = (batch: Pick<Batch, 'runtime' | 'action'>): boolean =>
  batch.runtime.meta.needs.slugs && writesValues(batch)

/** Whether one instance needs the steps of a batch. */
const takesSteps = (write: InstanceWrite): boolean => isSlow(write) || makesSlugs(write)

/** Steps 4 to 8, repeated if another write has taken a slug in the meantime. */
function writeWithSlugs(
  batch: Batch,
  executor: Executor,
  using: Using,
  sending: (ready: Ready) => void,
): Promise<number> {
  return withSlugs(batch, executor, async (on, only) => {
    const ready = await prepareBatch({ ...batch, only })
    sending(ready)
    return isEmpty(ready) ? 0 : send(batch, ready, on, using)
  })
}

/** The batch with the vectors of its texts, and its passwords hashed. */
async function withSlowValues(batch: Batch): Promise<Batch> {
  const { runtime, instances, only } = batch
  await prepareValues(runtime.meta, instances)
  return embeds(runtime) ? { ...batch, only: await embedChanged(runtime, instances, only) } : batch
}

/** Steps 5 to 8. */
async function send(batch: Batch, ready: Ready, executor: Executor, using: Using): Promise<number> {
  const { runtime } = batch
  const { fresh, changes, others } = ready
  const results: InsertResult[] = []
  const keysOf = insertedKeys(runtime.meta, fresh.rows, results, executor.dialect)
  const checks = checksOf(runtime, { fresh: fresh.rows, keysOf, changes })
  const several = others.length > 1 || (fresh.rows.length > 0 && changes.length > 0)
  const entries = recordBatch(executor.undo, ready)
  try {
    await guarded(executor, checks, several, (on) => sendBatch(batch, ready, on, results))
  } catch (error) {
    for (const entry of entries) entry.drop()
    giveBackBatch(runtime, ready)
    throw error
  }
  // the instances count as saved once the whole batch is saved
  await batchWritten(runtime, ready, { results, executor, using })
  return fresh.rows.length + changes.length + others.length
}

/** Deletes first and inserts last, so that unique values of deleted and changed rows can be used again. */
async function sendBatch({ runtime, action, most }: Batch, ready: Ready, on: Executor, results: InsertResult[]) {
  const { fresh, changes, others } = ready
  const at = action === 'mark' ? new Date() : null
  if (action === 'delete') await removeMany(runtime, others, on, most)
  else for (const instance of others) await markInstance(runtime, instance, at, on)
  const { before, after } = aroundInserts(runtime.meta, fresh.rows, changes)
  if (before.length > 0) await sendUpdates(runtime, on, before, most)
  if (fresh.rows.length > 0) await sendInserts(runtime, on, fresh.rows, { results, conflict: null, most })
  if (after.length > 0) await sendUpdates(runtime, on, after, most)
}
