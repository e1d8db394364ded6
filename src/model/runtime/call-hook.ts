import type { HookName } from '../../types/hooks.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { emit, eventsAreOn, isHeard } from './events.js'
import type { HookMethods } from './hooked.js'
import type { ModelRuntime } from './runtime.js'

/** Whether the model or anybody outside it has this hook. */
export function hasHook({ methods, meta }: ModelRuntime, name: HookName): boolean {
  return methods.has(name) || (eventsAreOn() && isHeard(meta.name, name))
}

/**
 * Runs one hook of an instance: the method of its class, then what listens to it. Returns a promise only if one of them does.
 * What they throw says which hook it was.
 */
export function callHook(
  { methods, meta }: ModelRuntime,
  name: HookName,
  instance: object,
  detail?: unknown,
): MaybePromise<unknown> {
  const failed = (error: unknown): never => {
    noteHook(error, `${meta.name}.${name}`)
    throw error
  }
  try {
    const called = methods.has(name) ? (instance as HookMethods)[name](detail) : undefined
    const done = eventsAreOn() ? andThen(later(called), () => emit(meta.name, name, instance, detail)) : later(called)
    return done instanceof Promise ? done.catch(failed) : undefined
  } catch (error) {
    return failed(error)
  }
}

/** What a hook returned, as a promise if it may be one. */
const later = (result: unknown): MaybePromise<unknown> =>
  (typeof result === 'object' && result !== null) || typeof result === 'function' ? Promise.resolve(result) : undefined

/** `error.hook`: the innermost one. */
function noteHook(error: unknown, hook: string): void {
  if (typeof error !== 'object' || error === null || Object.hasOwn(error, 'hook')) return
  // a frozen error goes without
  Reflect.defineProperty(error, 'hook', { value: hook, configurable: true, writable: true })
}
