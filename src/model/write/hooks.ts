import type { OpenTransaction } from '../../execution/executor.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RowAction, RowHook, RowWritten } from '../runtime/row-hooks.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Action, Batch, Ready } from './batch.js'
import { changedFields } from './change.js'
import { type Attributes, fromSnapshot } from './values.js'

// The one place where hooks run. Which ones a model has is data of its runtime.

/** The hooks that run with a write; null: none. */
export function hooksOf({ hooks }: ModelRuntime): readonly RowHook[] | null {
  return hooks.length === 0 ? null : hooks
}

/** Hooks that are running, in the transaction of their write. */
interface Run {
  readonly instances: ReadonlySet<object>
  readonly trx: OpenTransaction
  phase: 'before' | 'after'
}

const running = new Set<Run>()

/** Whether a call comes from the hooks of a write of this instance, as its transaction is inside of theirs. */
export function hooksAround(instance: object, trx: OpenTransaction | null): Run['phase'] | null {
  let phase: Run['phase'] | null = null
  if (trx === null) return phase
  for (const run of running) if (run.instances.has(instance) && isWithin(trx, run.trx)) phase = run.phase
  return phase
}

function isWithin(trx: OpenTransaction, outer: OpenTransaction): boolean {
  for (let each: OpenTransaction | null = trx; each !== null; each = each.parent) if (each === outer) return true
  return false
}

/**
 * Runs a write between its hooks. It is given the fields to write, as hooks may have changed others than the call names, and
 * tells what will be written before it is sent.
 */
export async function betweenHooks<R>(
  hooks: readonly RowHook[],
  batch: Batch,
  trx: OpenTransaction,
  work: (only: ReadonlySet<string> | null, sending: (ready: Ready) => void) => Promise<R>,
): Promise<R> {
  const run: Run = { instances: new Set(batch.instances), trx, phase: 'before' }
  running.add(run)
  try {
    let rows: readonly RowWritten[] = []
    const only = await runBefore(hooks, batch, trx)
    const result = await work(only, (ready) => {
      rows = written(batch, ready)
    })
    run.phase = 'after'
    for (const row of rows)
      for (const hook of hooks) if (hook.after !== null && hook.actions.has(row.action)) await hook.after(row, trx)
    return result
  } finally {
    running.delete(run)
  }
}

/** Runs what comes before a write, instance by instance; the fields to be written then: a hook may have changed others. */
async function runBefore(
  hooks: readonly RowHook[],
  { runtime, instances, action, only }: Batch,
  trx: OpenTransaction,
): Promise<ReadonlySet<string> | null> {
  const fields = only === null ? null : new Set(only)
  for (const instance of instances) {
    const become = actionOf(action, instance)
    if (become === null) continue
    const before = fields === null || become !== 'update' ? null : new Set(changedFields(runtime, instance))
    for (const hook of hooks)
      if (hook.before !== null && hook.actions.has(become)) await hook.before({ instance, action: become }, trx)
    if (before === null || fields === null) continue
    for (const field of changedFields(runtime, instance)) if (!before.has(field)) fields.add(field.name)
  }
  return fields
}

/** What becomes of the row; null: nothing, as it is gone already. */
function actionOf(action: Action, instance: object): RowAction | null {
  const origin = originOf(instance)
  if (action === 'save') return origin === null ? 'insert' : 'update'
  return action === 'update' || origin?.deleted !== true ? action : null
}

/** What hooks are given after a write, noted before it is sent: originals are those of the row then. */
function written({ instances, action }: Batch, { fresh, changes, others }: Ready): RowWritten[] {
  const made = new Set(fresh.instances)
  const changed = new Map(changes.map(({ instance, change }) => [instance, change.fields]))
  const gone = new Set(others)
  return instances.flatMap((instance): RowWritten[] => {
    if (made.has(instance)) return [{ instance, action: 'insert', previous: {} }]
    const fields = changed.get(instance)
    if (fields !== undefined) return [{ instance, action: 'update', previous: previousOf(instance, fields) }]
    return gone.has(instance) && action !== 'save' ? [{ instance, action, previous: {} }] : []
  })
}

function previousOf(instance: object, fields: readonly ModelField[]): Attributes {
  const row = rowOf(instance)
  const positions = originOf(instance)?.positions ?? []
  return Object.fromEntries(
    fields.map((field) => [field.name, fromSnapshot(field, row?.[positions[field.index] ?? -1])]),
  )
}
