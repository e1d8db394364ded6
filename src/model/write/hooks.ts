import { isDeepStrictEqual } from 'node:util'
import { type Issue, UsageError } from '../../errors.js'
import type { OpenTransaction } from '../../execution/executor.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { copyValue } from '../../util/copy-value.js'
import { memo } from '../../util/memo.js'
import { asRecord } from '../../util/record.js'
import { eventsAreOn } from '../runtime/events.js'
import type { RowAction, RowHook, RowWritten, RunningHooks } from '../runtime/row-hooks.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Batch, Ready, WriteAction } from './batch.js'
import { changedFields } from './change.js'
import { classHook, hasClassHooks } from './class-hooks.js'
import { type Attributes, fromSnapshot } from './values.js'

// The only place that runs hooks. The runtime of a model lists its hooks.

/** The actions on rows that each kind of write may cause. */
export const BECOMES: Readonly<Record<WriteAction, readonly RowAction[]>> = {
  save: ['insert', 'update'],
  update: ['update'],
  delete: ['delete'],
  mark: ['mark'],
  restore: ['restore'],
}

/** The hooks that run with a write; null: none. */
export function hooksOf(runtime: ModelRuntime, action: WriteAction): readonly RowHook[] | null {
  if (runtime.hooks.length === 0 && runtime.methods.size === 0 && !eventsAreOn()) return null
  // listeners may change between calls
  if (eventsAreOn() || runtime.hooks.length > 0) return findHooks(runtime, action)
  const found = memo(withoutEvents, runtime, () => new Map<WriteAction, readonly RowHook[] | null>())
  return memo(found, action, () => findHooks(runtime, action))
}

const withoutEvents = new WeakMap<ModelRuntime, Map<WriteAction, readonly RowHook[] | null>>()

function findHooks(runtime: ModelRuntime, action: WriteAction): readonly RowHook[] | null {
  const inClass = hasClassHooks(runtime, BECOMES[action])
  const hooks = runtime.hooks.filter(({ actions }) => BECOMES[action].some((become) => actions.has(become)))
  if (inClass) hooks.push(classHook(runtime))
  hooks.sort((a, b) => Number(a.isLast === true) - Number(b.isLast === true))
  return hooks.length === 0 ? null : hooks
}

/** The running hooks of a write, with its transaction. */
class HookRun implements RunningHooks {
  readonly instances: ReadonlySet<object>
  readonly issues = new Map<object, Issue[]>()
  phase: 'before' | 'after' = 'before'
  /** The name of the running hook, such as `Post.afterSave`. */
  name = ''

  constructor(
    { instances }: Batch,
    readonly trx: OpenTransaction,
  ) {
    this.instances = new Set(instances)
  }
}

const running = new Set<HookRun>()

/** Hooks may write, which runs other hooks, and so on. A deeper nesting is treated as an endless loop. */
const DEEPEST = 20

/** Whether a call comes from the hooks of a write of this instance, because its transaction is inside theirs. */
export function hooksAround(instance: object, trx: OpenTransaction | null): HookRun['phase'] | null {
  let phase: HookRun['phase'] | null = null
  if (trx === null) return phase
  for (const run of running) if (run.instances.has(instance) && isWithin(trx, run.trx)) phase = run.phase
  return phase
}

function isWithin(trx: OpenTransaction, outer: OpenTransaction): boolean {
  for (let each: OpenTransaction | null = trx; each !== null; each = each.parent) if (each === outer) return true
  return false
}

/** A problem that a hook has found before the write of an instance. */
export function addIssue(instance: object, model: string, issue: Issue): void {
  const run = [...running].findLast(({ instances, phase }) => phase === 'before' && instances.has(instance))
  if (run === undefined)
    throw new UsageError(
      `addIssue() of "${model}" was called while no hook checks this instance. Call it in validate(): validate() { this.addIssue('title', 'is taken') }.`,
    )
  const issues = run.issues.get(instance)
  if (issues === undefined) run.issues.set(instance, [issue])
  else issues.push(issue)
}

/** The result of before-hooks. */
export interface BeforeHookResult {
  /** The fields to write: hooks may have changed others than the call names. */
  readonly only: ReadonlySet<string> | null
  /** The problems that hooks have found. */
  readonly issues: ReadonlyMap<object, readonly Issue[]>
}

/** Runs a write between its hooks. The work reports what will be written before it is sent. */
export async function betweenHooks<R>(
  hooks: readonly RowHook[],
  batch: Batch,
  trx: OpenTransaction,
  work: (checked: BeforeHookResult, sending: (ready: Ready) => void) => Promise<R>,
): Promise<R> {
  refuseDepth(trx)
  const run = new HookRun(batch, trx)
  running.add(run)
  try {
    let rows: readonly RowWritten[] = []
    const only = await runBefore(hooks, batch, run)
    const result = await work({ only, issues: run.issues }, (ready) => {
      rows = written(batch, ready)
    })
    run.phase = 'after'
    for (const row of rows) for (const hook of hooks) hook.written?.(row, trx)
    for (const row of rows)
      for (const hook of hooks) {
        const done = hook.actions.has(row.action) ? hook.after?.(row, run) : undefined
        if (done instanceof Promise) await done
      }
    return result
  } finally {
    running.delete(run)
  }
}

function refuseDepth(trx: OpenTransaction): void {
  const around = [...running].filter((run) => isWithin(trx, run.trx))
  if (around.length < DEEPEST) return
  throw new UsageError(
    `Hooks save instances whose hooks save again, more than ${DEEPEST} deep: ${around.map(({ name }) => name).join(' → ')}. Save only when there is something to change.`,
  )
}

/** Runs the before-hooks of a write, instance by instance. Returns the fields to write. */
async function runBefore(
  hooks: readonly RowHook[],
  { runtime, instances, action, only }: Batch,
  run: HookRun,
): Promise<ReadonlySet<string> | null> {
  const fields = only === null ? null : new Set(only)
  for (const instance of instances) {
    const become = actionOf(action, instance)
    if (become === null) continue
    const before = fields === null || become !== 'update' ? null : valuesOfChanged(runtime, instance)
    const call = { instance, action: become, only: become === 'update' ? only : null }
    for (const hook of hooks) {
      const done = hook.actions.has(become) ? hook.before?.(call, run) : undefined
      if (done instanceof Promise) await done
    }
    if (before === null || fields === null) continue
    for (const field of changedFields(runtime, instance)) {
      const held = before.get(field)
      if (held === undefined || !isDeepStrictEqual(held[0], asRecord(instance)[field.name])) fields.add(field.name)
    }
  }
  return fields
}

/** Copies of the values of changed fields, to notice when a hook changes them again. */
function valuesOfChanged(runtime: ModelRuntime, instance: object): Map<ModelField, readonly [unknown]> {
  const changed = changedFields(runtime, instance)
  return new Map(changed.map((field) => [field, [copyValue(asRecord(instance)[field.name])]]))
}

/** The action on the row, null if the row is gone already. */
function actionOf(action: WriteAction, instance: object): RowAction | null {
  const origin = originOf(instance)
  if (action === 'save') return origin === null ? 'insert' : 'update'
  return action === 'update' || origin?.deleted !== true ? action : null
}

/** The arguments of after-hooks. They are built before sending, so that they contain the originals of that time. */
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
