import type { ExpressionNode } from '../../ast/expression.js'
import { settings } from '../../database/settings.js'
import type { Executor, Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { isHeld, originOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { keyLists } from '../runtime/key-lists.js'
import { isReference } from '../runtime/reference.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { recordRow, recordSaved, settle } from './originals.js'
import { rowKey } from './own-row.js'
import { readFields } from './reread.js'
import { onRowInTurn } from './turns.js'
import { gone } from './versions.js'
import { takeOver, widen } from './written.js'

// Loads fields that the query has left out: for all rows of the result at once, as relations are loaded.

/** A load that has been sent, for the rows of one result. */
interface RunningLoad {
  readonly key: string
  /** The transaction that it runs in, or its database. */
  readonly on: object
  readonly done: Promise<unknown>
}

const underWay = new WeakMap<readonly object[], Set<RunningLoad>>()

/** Reads those of these fields that were neither loaded nor assigned, for the instance and for its siblings. */
export function loadFields(runtime: ModelRuntime, instance: object, fields: readonly ModelField[]): Promise<void> {
  return onRowInTurn(runtime, instance, async () => {
    const missing = fields.filter((field) => !isHeld(instance, field))
    if (missing.length === 0) return
    const origin = originOf(instance)
    const siblings = settings.lazyLoading === 'single' ? [] : (origin?.siblings ?? [])
    if (siblings.length < 2) return readFields(runtime, instance, missing)
    const located = executorFor(runtime.meta, origin?.executor ?? null)
    const executor = located instanceof Promise ? await located : located
    const on = executor.openTransaction ?? executor.database
    const key = missing.map(({ index }) => index).join()
    const same = [...(underWay.get(siblings) ?? [])].find((each) => each.key === key && each.on === on)
    if (same !== undefined) {
      await same.done.catch(() => undefined)
      if (missing.some((field) => !isHeld(instance, field))) await readFields(runtime, instance, missing)
      return
    }
    const wanted = [instance, ...siblings.filter((each) => each !== instance && lacks(each, missing))]
    if (wanted.length < 2) return readFields(runtime, instance, missing)
    await keepUnderWay(siblings, { key, on, done: readAll({ runtime, executor, fields: missing }, wanted) })
  })
}

async function keepUnderWay(siblings: readonly object[], running: RunningLoad): Promise<void> {
  const all = underWay.get(siblings) ?? new Set<RunningLoad>()
  underWay.set(siblings, all.add(running))
  try {
    await running.done
  } finally {
    all.delete(running)
  }
}

/** Whether a sibling can be given these fields: it has a row, and nothing in them. */
function lacks(instance: object, fields: readonly ModelField[]): boolean {
  const origin = originOf(instance)
  if (origin === null || origin.deleted || isReference(instance)) return false
  return (
    fields.every((field) => !isHeld(instance, field)) &&
    origin.meta.key.valuesIn(instance).every((value) => value !== undefined && value !== null)
  )
}

interface Loading {
  readonly runtime: ModelRuntime
  readonly executor: Executor
  readonly fields: readonly ModelField[]
}

/** Reads the fields of all of these rows. The first is the instance that asked: its row must be there. */
async function readAll(loading: Loading, instances: readonly object[]): Promise<void> {
  const { runtime, executor } = loading
  const { key } = runtime.meta
  const keys = instances.map((instance) => rowKey(runtime, instance))
  const [asked] = instances as [object]
  record(loading, asked, true)
  const rows = new Map<unknown, readonly unknown[]>()
  for (const { condition } of keyLists(runtime.meta.primaryKey, keys, executor.dialect))
    for (const row of await select(loading, condition)) rows.set(key.identityOf(row.slice(0, key.fields.length)), row)
  for (const [i, instance] of instances.entries()) {
    const row = rows.get(key.identityOf(keys[i] as unknown[]))
    if (row === undefined) {
      if (instance === asked) throw gone(runtime, instance, null)
    } else if (instance === asked || lacks(instance, loading.fields)) {
      if (instance !== asked) record(loading, instance, false)
      give(loading, instance, row.slice(key.fields.length), executor.undo)
    }
  }
}

function select({ runtime, executor, fields }: Loading, condition: ExpressionNode): PromiseLike<readonly unknown[][]> {
  const { primaryKey } = runtime.meta
  const using: Using = executor
  return runtime
    .query(using)
    .everyRow()
    .restrict(condition)
    .valuesList(...[...primaryKey, ...fields].map((field) => field.name))
}

/** Records what a rollback restores. Only the instance that asked counts as written: others may be in use elsewhere. */
function record({ executor: { undo }, fields }: Loading, instance: object, isAsked: boolean): void {
  if (undo === null) return
  if (isAsked) recordSaved(undo, instance, fields, 'held')
  else recordRow(undo, instance, fields, 'held')
}

function give({ runtime, fields }: Loading, instance: object, values: readonly unknown[], undo: UndoLog | null): void {
  widen(runtime, instance, fields)
  takeOver(fields, instance, values)
  settle(undo, instance, fields)
}
