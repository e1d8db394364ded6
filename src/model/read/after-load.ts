import { originOf } from '../../hydrate/state.js'
import { andThen, inTurn, type MaybePromise } from '../../util/maybe-promise.js'
import { callHook, hasHook } from '../runtime/call-hook.js'
import { runtimeOf } from '../runtime/runtime.js'

/** Runs the hook `afterLoad` of instances of one model, which were just read with the rows of their relations. */
export function afterLoad(instances: readonly object[]): MaybePromise<void> {
  const meta = instances[0] && originOf(instances[0])?.meta
  if (meta === undefined) return
  const runtime = runtimeOf(meta.model)
  if (hasHook(runtime, 'afterLoad')) return callEach(instances)

  async function callEach(list: readonly object[]): Promise<void> {
    for (const instance of list) await callHook(runtime, 'afterLoad', instance)
  }
}

/** The same, and returns the instances. */
export function withAfterLoad(instances: object[]): MaybePromise<object[]> {
  return andThen(afterLoad(instances), () => instances)
}

/** The same for the lists of several models. */
export const afterLoadOfEach = (lists: readonly (readonly object[])[]): MaybePromise<void> => inTurn(lists, afterLoad)
