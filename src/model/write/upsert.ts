import { UsageError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import { Key } from '../../metadata/key/key.js'
import type { UpsertCounts } from '../../types/call-options.js'
import { at } from '../../util/list.js'
import { andThen } from '../../util/maybe-promise.js'
import { isPlainObject } from '../../util/own.js'
import { asRecord } from '../../util/record.js'
import type { UpsertOptions } from '../runtime/options.js'
import { executorFor, within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { makeInstance } from './create.js'
import { isGuarded } from './guards.js'
import { recordNew } from './originals.js'
import { insertPrepared } from './persist-one.js'
import { persistUpsert, persistUpsertCounted } from './persist-rows.js'
import { blankIn, type CanonicalRow } from './prepare.js'
import { prepareNew } from './prepare-new.js'
import { prepareAssignments } from './prepare-values.js'
import { type UpsertConflict, updates, valuesOfRow } from './send/upsert.js'
import { conflictMatch, conflictOf, movesKey } from './upsert-conflict.js'
import type { Attributes } from './values.js'

/** Inserts a row or updates the existing one, and reads it. */
export async function upsertOne(
  runtime: ModelRuntime,
  data: Attributes,
  options: UpsertOptions,
  using: Using,
): Promise<object> {
  const { meta } = runtime
  if (!isPlainObject(data)) throw new UsageError(`upsert() of "${meta.name}" takes an object of its fields.`)
  const instance = makeInstance(runtime, data, options.guarded === true)
  const conflict = conflictOf(runtime, options, new Set(Object.keys(data)), isGuarded(runtime))
  const blank = blankIn(meta, asRecord(instance))
  const rows = await prepareNew(runtime, [instance], using)
  await prepareAssignments(conflict.node.assignments)
  const row = at(rows, 0)
  const executor = await executorFor(meta, using)
  // with a NULL in its key the row conflicts with no other, and could not be found by it
  if (valuesOfRow(row, conflict.fields).includes(null)) {
    await insertPrepared({ runtime, instance, row, blank, using }, executor)
    return instance
  }
  const match = conflictMatch(conflict, asRecord(instance))
  const send = (on: Executor) => persistUpsert(runtime, on, { rows, conflict, most: undefined })
  const found = movesKey(conflict)
    ? await executor.transaction((trx) => sendAndFollow(runtime, within(trx), match, send))
    : await andThen(send(executor), () => rowsLike(runtime, executor, match).firstOrFail())
  // it is not known whether the row existed before: a save after a rollback finds out
  if (executor.undo !== null) recordNew(executor.undo, found, blank)
  return found
}

const rowsLike = (runtime: ModelRuntime, executor: Executor, match: Attributes) =>
  runtime.query(executor, 'own').everyRow().where(match)

/** Reads the key of the existing row first, because the update changes the fields that the row is found by. */
async function sendAndFollow(
  runtime: ModelRuntime,
  executor: Executor,
  match: Attributes,
  send: (on: Executor) => Promise<void>,
): Promise<object> {
  const keys = runtime.meta.primaryKey.map(({ name }) => name)
  const [there] = await rowsLike(runtime, executor, match)
    .lock('update')
    .valuesList(...keys)
  await send(executor)
  const key = there && Object.fromEntries(keys.map((name, i) => [name, there[i]]))
  return rowsLike(runtime, executor, key ?? match).firstOrFail()
}

/** Inserts rows or updates existing ones, all or none. Returns how many of each. */
export async function upsertMany(
  runtime: ModelRuntime,
  data: readonly Attributes[],
  options: UpsertOptions,
  using: Using,
): Promise<UpsertCounts> {
  if (!Array.isArray(data)) throw new UsageError(`upsertMany() of "${runtime.meta.name}" takes a list of objects.`)
  if (!data.every(isPlainObject))
    throw new UsageError(`upsertMany() of "${runtime.meta.name}" takes objects of its fields.`)
  const conflict = conflictOf(runtime, options, new Set(data.flatMap((row) => Object.keys(row))), true)
  if (data.length === 0) return { inserted: 0, updated: 0, skipped: 0 }
  const instances = data.map((row) => makeInstance(runtime, row, options.guarded === true))
  const given = await prepareNew(runtime, instances, using, instances)
  await prepareAssignments(conflict.node.assignments)
  const rows = withoutRepeated(given, conflict)
  const executor = await executorFor(runtime.meta, using)
  const inserted = await persistUpsertCounted(runtime, executor, { rows, conflict, most: options.batchSize })
  const updated = updates(conflict) ? rows.length - inserted : 0
  return { inserted, updated, skipped: given.length - inserted - updated }
}

/**
 * Removes duplicates, because a statement can't write a row twice. The later row wins, or the first one if existing rows stay
 * unchanged.
 */
function withoutRepeated(rows: readonly CanonicalRow[], conflict: UpsertConflict): readonly CanonicalRow[] {
  const byKey = new Map<unknown, CanonicalRow>()
  const later = updates(conflict)
  const key = Key.of(conflict.fields)
  for (const row of rows) {
    // a row with a NULL in its key never equals another one
    const identity = key.identityOfStored(valuesOfRow(row, conflict.fields)) ?? row
    if (later || !byKey.has(identity)) byKey.set(identity, row)
  }
  return byKey.size === rows.length ? rows : [...byKey.values()]
}
