import { UsageError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import { originOf } from '../../hydrate/state.js'
import { holdsKeys } from '../../query/link/key-condition.js'
import { executorFor, within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Answer } from './answered.js'
import { insertRows } from './bulk-insert.js'
import { type Changed, changesStored, giveBackAll, keepChanges, sendAll, updateAll } from './bulk-update.js'
import { clearNew, type Fresh, insertPrepared, keepAllNew, prepareNew, takeAnswers } from './create.js'
import { persistMany } from './persist.js'
import { markRows } from './soft-delete.js'
import { prepareUpdate } from './update.js'

/** Inserts what is new and updates what changed, all or none. */
export async function saveMany(
  runtime: ModelRuntime,
  given: readonly object[],
  using: Using,
  most?: number,
): Promise<void> {
  const all = instancesOf(runtime, given, 'saveMany')
  return persistMany(runtime, all, using, () => save(runtime, all, using, most))
}

async function save(
  runtime: ModelRuntime,
  all: readonly object[],
  using: Using,
  most: number | undefined,
): Promise<void> {
  const instances = all.filter((instance) => originOf(instance) === null)
  const saved = instances.length === 0 ? all : all.filter((instance) => originOf(instance) !== null)
  const [fresh, changes] = await prepared(runtime, instances, saved)
  if (instances.length === 0) return updateAll(runtime, changes, await executorFor(runtime.meta, using), most)
  if (changes.length === 0) return insertPrepared(runtime, fresh, using, most)
  const executor = await executorFor(runtime.meta, using)
  const answers: Answer[] = []
  keepAllNew(executor.undo, fresh)
  keepChanges(executor.undo, changes)
  try {
    await executor.transaction(async (trx) => {
      await insertRows(runtime, within(trx), fresh.rows, answers, null, most)
      await sendAll(runtime, changes, trx.dialect, trx.batch(), most)
    })
  } catch (error) {
    clearNew(runtime, fresh)
    giveBackAll(changes)
    throw error
  }
  // an instance counts as saved only when all are
  changesStored(runtime, changes, executor.undo)
  await takeAnswers(runtime, fresh, answers, using, executor)
}

/** Both are read at once, before anything is waited for. */
async function prepared(
  runtime: ModelRuntime,
  instances: readonly object[],
  saved: readonly object[],
): Promise<[Fresh, Changed[]]> {
  const [fresh, changes] = await Promise.allSettled([
    prepareNew(runtime, instances),
    changesOf(runtime, saved, 'saveMany'),
  ])
  if (fresh.status === 'fulfilled' && changes.status === 'fulfilled') return [fresh.value, changes.value]
  if (fresh.status === 'fulfilled') clearNew(runtime, fresh.value)
  if (changes.status === 'fulfilled') giveBackAll(changes.value)
  throw fresh.status === 'rejected' ? fresh.reason : (changes as PromiseRejectedResult).reason
}

/** Writes the changes of instances, all or none; the number of instances written. */
export async function updateMany(
  runtime: ModelRuntime,
  given: readonly object[],
  using: Using,
  only: ReadonlySet<string>,
  most?: number,
): Promise<number> {
  const all = instancesOf(runtime, given, 'updateMany')
  return persistMany(runtime, all, using, async () => {
    const changes = await changesOf(runtime, all, 'updateMany', only)
    if (changes.length > 0) await updateAll(runtime, changes, await executorFor(runtime.meta, using), most)
    return changes.length
  })
}

/** Each instance once. */
function instancesOf(runtime: ModelRuntime, given: readonly object[], method: string): readonly object[] {
  if (!Array.isArray(given)) throw new UsageError(`${method}() of "${runtime.meta.name}" takes a list of instances.`)
  for (const instance of given)
    if (!(instance instanceof runtime.meta.model))
      throw new UsageError(`${method}() of "${runtime.meta.name}" takes instances of "${runtime.meta.name}".`)
  const instances = new Set<object>(given)
  return instances.size === given.length ? given : [...instances]
}

/** What is to be written, checked before anything is sent; where one is refused, all are as they were. */
async function changesOf(
  runtime: ModelRuntime,
  instances: readonly object[],
  method: string,
  only?: ReadonlySet<string>,
): Promise<Changed[]> {
  const changes: Changed[] = []
  try {
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
  } catch (error) {
    giveBackAll(changes)
    throw error
  }
  return changes
}

export async function deleteMany(
  runtime: ModelRuntime,
  given: readonly unknown[],
  using: Using,
  most?: number,
): Promise<number> {
  const { key, name, primaryKey, softDelete } = runtime.meta
  if (!Array.isArray(given)) throw new UsageError(`deleteMany() of "${name}" takes a list of keys.`)
  if (given.length === 0) return 0
  const keys = given.map((form) => key.read(form))
  const place = executorFor(runtime.meta, using)
  const executor = place instanceof Promise ? await place : place
  const chunks = key.chunks(keys, executor.dialect.capabilities, most)
  const at = new Date()
  const remove = (chunk: readonly (readonly unknown[])[], where: Using) => {
    const query = runtime.query(where).restrict(holdsKeys(primaryKey, chunk))
    return softDelete === null ? query.delete() : markRows(query, at)
  }
  if (chunks.length === 1) return remove(keys, using)
  return executor.transaction(async (trx) => {
    let count = 0
    for (const chunk of chunks) count += await remove(chunk, trx)
    return count
  })
}
