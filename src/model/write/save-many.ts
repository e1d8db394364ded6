import { UsageError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import { keyLists, writeEach } from '../runtime/key-lists.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { BATCH } from './batch.js'
import { persistMany } from './persist.js'
import { persistQuery } from './persist-query.js'

/** Inserts new instances and updates changed ones, all or none. */
export async function saveMany(
  runtime: ModelRuntime,
  given: readonly object[],
  using: Using,
  most?: number,
): Promise<void> {
  const instances = instancesOf(runtime, given, 'saveMany')
  await persistMany({ ...BATCH, runtime, instances, action: 'save', most, list: given }, using)
}

/** Writes the changes of instances, all or none. Returns the number of instances written. */
export async function updateMany(
  runtime: ModelRuntime,
  given: readonly object[],
  using: Using,
  { only, most }: { readonly only: ReadonlySet<string>; readonly most: number | undefined },
): Promise<number> {
  const instances = instancesOf(runtime, given, 'updateMany')
  return persistMany({ ...BATCH, runtime, instances, action: 'update', only, hooks: false, most, list: given }, using)
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

/** Deletes rows by their keys, all or none. Returns their number. */
export async function deleteMany(
  runtime: ModelRuntime,
  given: readonly unknown[],
  using: Using,
  most?: number,
): Promise<number> {
  const { key, name, primaryKey, softDelete } = runtime.meta
  if (!Array.isArray(given)) throw new UsageError(`deleteMany() of "${name}" takes a list of keys: deleteMany([1, 2]).`)
  if (given.length === 0) return 0
  const keys = given.map((form) => key.read(form))
  const place = executorFor(runtime.meta, using)
  const executor = place instanceof Promise ? await place : place
  const at = new Date()
  const lists = keyLists(primaryKey, keys, executor.dialect, { most })
  return writeEach(lists, executor, async (condition, on) => {
    const query = runtime.query(on).restrict(condition)
    return softDelete === null ? query.delete({ hooks: false }) : persistQuery(query, { kind: 'mark', at }, false)
  })
}
