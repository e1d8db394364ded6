import type { Executor } from '../../database/executor.js'
import { UsageError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import { keysCondition } from '../../query/condition/where.js'
import { chunked } from '../../util/chunk.js'
import { executorFor, inTransaction, within } from '../run.js'
import type { ModelRuntime } from '../runtime.js'
import { type Answer, insertRows } from './bulk-insert.js'
import { type Changed, changesStored, sendAll, updateAll } from './bulk-update.js'
import { prepareAll, takeAnswers } from './create.js'
import { markRows } from './soft-delete.js'
import { prepareUpdate } from './update.js'

/** Inserts what is new and updates what changed, all or none. */
export async function saveMany(
  runtime: ModelRuntime,
  given: readonly object[],
  bound: object | null,
  most?: number,
): Promise<void> {
  const all = instancesOf(runtime, given, 'saveMany')
  const instances = all.filter((instance) => originOf(instance) === null)
  const saved = instances.length === 0 ? all : all.filter((instance) => originOf(instance) !== null)
  const rows = await prepareAll(runtime, instances)
  const changes = await changesOf(runtime, saved, 'saveMany')
  const executor = await executorFor(runtime.meta, bound)
  if (instances.length === 0) return updateAll(runtime, changes, executor, most)
  const answers: Answer[] = []
  const insert = (target: Executor) => insertRows(runtime, target, rows, answers, null, most)
  if (changes.length === 0) await insert(executor)
  else {
    await inTransaction(executor, async (trx) => {
      await insert(within(trx))
      await sendAll(runtime, changes, trx.dialect, trx.batch(), most)
    })
  }
  // an instance counts as saved only when all are
  changesStored(runtime, changes)
  await takeAnswers(runtime, { instances, rows, answers }, bound, executor)
}

/** Writes the changes of instances, all or none; the number of instances written. */
export async function updateMany(
  runtime: ModelRuntime,
  given: readonly object[],
  bound: object | null,
  only: ReadonlySet<string>,
  most?: number,
): Promise<number> {
  const changes = await changesOf(runtime, instancesOf(runtime, given, 'updateMany'), 'updateMany', only)
  if (changes.length > 0) await updateAll(runtime, changes, await executorFor(runtime.meta, bound), most)
  return changes.length
}

/** Each instance once. */
function instancesOf(runtime: ModelRuntime, given: readonly object[], method: string): readonly object[] {
  if (!Array.isArray(given)) throw new UsageError(`${method}() of "${runtime.meta.name}" takes a list of instances.`)
  const instances = new Set<object>(given)
  return instances.size === given.length ? given : [...instances]
}

/** What is to be written, checked before anything is sent. */
async function changesOf(
  runtime: ModelRuntime,
  instances: readonly object[],
  method: string,
  only?: ReadonlySet<string>,
): Promise<Changed[]> {
  const changes: Changed[] = []
  for (const instance of instances) {
    const origin = originOf(instance)
    if (origin === null || origin.deleted)
      throw new UsageError(
        `${method}() of "${runtime.meta.name}" was given an instance that is ${origin === null ? 'not saved' : 'deleted'}.`,
      )
    const prepared = prepareUpdate(runtime, instance, only)
    // waiting for each of many instances takes longer than checking them
    const change = prepared instanceof Promise ? await prepared : prepared
    if (change !== null) changes.push({ instance, change })
  }
  return changes
}

/** Keys per DELETE: below every database's limit of parameters. */
const KEYS = 10_000
const COMPOSITE_KEYS = 100

export async function deleteMany(
  runtime: ModelRuntime,
  keys: readonly unknown[],
  bound: object | null,
  most = KEYS,
): Promise<number> {
  if (!Array.isArray(keys)) throw new UsageError(`deleteMany() of "${runtime.meta.name}" takes a list of keys.`)
  if (keys.length === 0) return 0
  const chunks = chunked(keys, Math.min(most, runtime.meta.primaryKey.length === 1 ? KEYS : COMPOSITE_KEYS))
  const at = new Date()
  const remove = (chunk: readonly unknown[], executor: object | null) => {
    const query = runtime.query(executor).keep(keysCondition(runtime.meta, chunk))
    return runtime.meta.softDelete === null ? query.delete() : markRows(query, at)
  }
  if (chunks.length === 1) return remove(keys, bound)
  return inTransaction(await executorFor(runtime.meta, bound), async (trx) => {
    let count = 0
    for (const chunk of chunks) count += await remove(chunk, trx)
    return count
  })
}
