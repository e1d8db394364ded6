import type { HookName } from '../../types/hooks.js'
import { inTurn, type MaybePromise } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'
import { callHook, hasHook } from '../runtime/call-hook.js'
import type { RowAction, RowHook, RowWrite, RunningHooks } from '../runtime/row-hooks.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { noteWritten } from './after-commit.js'

// The hooks of a class, and the events of its instances, as one hook of the write path.

type HooksByAction = Readonly<Record<RowAction, readonly HookName[]>>

const BEFORE: HooksByAction = {
  insert: ['beforeValidate', 'validate', 'beforeInsert', 'beforeSave'],
  update: ['beforeValidate', 'validate', 'beforeSave'],
  delete: ['beforeDelete'],
  mark: ['beforeDelete'],
  restore: ['beforeRestore'],
}

const AFTER: HooksByAction = {
  insert: ['afterInsert', 'afterSave', 'onChange'],
  update: ['afterUpdate', 'afterSave', 'onChange'],
  delete: ['afterDelete'],
  mark: ['afterDelete'],
  restore: ['afterRestore'],
}

/** Whether a model has hooks, or anybody listens, for one of these. */
export function hasClassHooks(runtime: ModelRuntime, actions: readonly RowAction[]): boolean {
  const has = (name: HookName) => hasHook(runtime, name)
  return has('afterCommit') || actions.some((action) => BEFORE[action].some(has) || AFTER[action].some(has))
}

/** The hooks of the class itself that run for these. */
export function hookNamesOf({ methods }: ModelRuntime, actions: readonly RowAction[]): HookName[] {
  const names = new Set(actions.flatMap((action): HookName[] => [...BEFORE[action], ...AFTER[action], 'afterCommit']))
  return [...names].filter((name) => methods.has(name))
}

const known = new WeakMap<ModelRuntime, RowHook>()

export const classHook = (runtime: ModelRuntime): RowHook => memo(known, runtime, makeHook)

const makeHook = (runtime: ModelRuntime): RowHook => ({
  actions: new Set<RowAction>(['insert', 'update', 'delete', 'mark', 'restore']),
  before: (write, running) => callAll(runtime, BEFORE, write, running),
  after: (written, running) => callAll(runtime, AFTER, written, running),
  written(written, trx) {
    if (hasHook(runtime, 'afterCommit')) noteWritten(runtime, written, trx)
  },
})

/** Runs hooks in order, without promises as long as they return none. */
function callAll(
  runtime: ModelRuntime,
  names: HooksByAction,
  write: RowWrite,
  running: RunningHooks,
): MaybePromise<unknown> {
  return inTurn(names[write.action], (name) => {
    if (!hasHook(runtime, name)) return
    running.name = `${runtime.meta.name}.${name}`
    return callHook(
      runtime,
      name,
      write.instance,
      name === 'onChange' && 'previous' in write ? write.previous : undefined,
    )
  })
}
