import { warnsHere } from '../../database/settings.js'
import { UsageError } from '../../errors.js'
import type { OpenTransaction } from '../../execution/executor.js'
import { writing } from '../../query/builder/changes.js'
import type { Query } from '../../query/builder/query-builder.js'
import type { QueryWrite } from '../../query/runner/runner.js'
import { assemble } from '../../query/statement/assemble.js'
import { locksRows } from '../../query/statement/ending.js'
import { copyValue } from '../../util/copy-value.js'
import { asRecord } from '../../util/record.js'
import { userCall } from '../../util/user-line.js'
import { keyLists } from '../runtime/key-lists.js'
import { executorOf } from '../runtime/run.js'
import { type ModelRuntime, runtimeOf } from '../runtime/runtime.js'
import { BATCH, type WriteAction } from './batch.js'
import { hookNamesOf } from './class-hooks.js'
import { BECOMES, hooksOf } from './hooks.js'
import { assign } from './initialize.js'
import { persistMany } from './persist.js'

// Writes the rows of a query whose model has hooks: loads the rows and writes them as instances.

/** The number of rows that are loaded and written together, and so in memory at once. */
const ROWS_AT_ONCE = 500

const actionOf = (write: QueryWrite): WriteAction =>
  write.kind === 'mark' ? (write.at === null ? 'restore' : 'mark') : write.kind

/** Whether the model has hooks that this write would run for instances. */
export const hasRowHooks = ({ source: { meta } }: Query, write: QueryWrite): boolean =>
  hooksOf(runtimeOf(meta.model), actionOf(write)) !== null

/** Writes the rows of a query with their hooks, all or none. Returns their number. */
export async function persistLoaded(query: Query, write: QueryWrite): Promise<number> {
  const { meta } = query.source
  const runtime = runtimeOf(meta.model)
  const names = meta.primaryKey.map(({ name }) => name)
  if (names.length === 0)
    throw new UsageError(
      `"${meta.name}" has no primary key, so its rows can't be written one by one. Leave out { hooks: true }.`,
    )
  // refuses queries that can't be updated or deleted, as the write without hooks does
  if (write.kind !== 'mark') assemble(meta, writing(query.unlocked(), write).shape)
  return (await executorOf(query)).transaction(async (trx) => {
    const wanted = (write.kind === 'mark' ? query.amongMarked(write.at) : query).using(trx)
    // the set of rows is fixed before the first hook runs
    const keys = await (locksRows(wanted.shape) ? wanted : wanted.lock('update')).valuesList(...names)
    for (const { condition } of keyLists(meta.primaryKey, keys, trx.dialect, { most: ROWS_AT_ONCE })) {
      const rows = await runtime.query(trx, 'own').everyRow().all().restrict(condition).lock('update').get()
      await writeLoaded(runtime, write, inOrder(runtime, rows, keys), trx)
    }
    return keys.length
  })
}

async function writeLoaded(
  runtime: ModelRuntime,
  write: QueryWrite,
  instances: readonly object[],
  trx: OpenTransaction,
): Promise<void> {
  const values = write.kind === 'update' ? (write.values ?? {}) : null
  if (values !== null)
    for (const instance of instances) {
      const own = Object.entries(values).map(([name, value]) => [name, copyValue(value)])
      assign(asRecord(instance), runtime.meta, Object.fromEntries(own), true)
    }
  const action = values === null ? actionOf(write) : 'save'
  const only = values === null ? null : new Set(Object.keys(values))
  await persistMany({ ...BATCH, runtime, instances, action, only }, trx)
}

/** Sorts instances in the order of their keys. */
function inOrder({ meta }: ModelRuntime, instances: object[], keys: readonly unknown[][]): object[] {
  const places = new Map(keys.map((key, place) => [meta.key.identityOf(key), place]))
  const placeOf = (instance: object) => places.get(meta.key.identityIn(instance)) ?? 0
  return instances.sort((a, b) => placeOf(a) - placeOf(b))
}

const warned = new WeakSet<ModelRuntime>()

/** Warns once for each model that hooks of its class do not run. */
export function warnOfHooks({ source: { meta } }: Query, write: QueryWrite): void {
  const runtime = runtimeOf(meta.model)
  if (warned.has(runtime) || !warnsHere()) return
  const names = hookNamesOf(runtime, BECOMES[actionOf(write)])
  if (names.length === 0) return
  warned.add(runtime)
  const call = userCall()
  process.emitWarning(
    `A query wrote rows of "${meta.name}"${call === null ? '' : ` at ${call.line}`} without its hooks (${names.join(', ')}). Pass { hooks: true } to load the rows and run the hooks, or { hooks: false } to show that you know.`,
    { type: 'CormWarning', code: 'CORM_HOOKS_SKIPPED' },
  )
}
