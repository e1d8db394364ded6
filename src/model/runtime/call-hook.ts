import { emit, eventsAreOn, isHeard } from './events.js'
import type { Hooked, HookName } from './hooked.js'
import type { ModelRuntime } from './runtime.js'

/** Whether the model or anybody outside of it has this hook. */
export function hasHook({ methods, meta }: ModelRuntime, name: HookName): boolean {
  return methods.has(name) || (eventsAreOn() && isHeard(meta.name, name))
}

/** Runs one hook of an instance: the method of its class, then what listens to it. What they throw says which hook it was. */
export async function callHook(
  { methods, meta }: ModelRuntime,
  name: HookName,
  instance: object,
  detail?: unknown,
): Promise<void> {
  try {
    if (methods.has(name)) await (instance as Hooked)[name](detail)
    if (eventsAreOn()) await emit(meta.name, name, instance, detail)
  } catch (error) {
    noteHook(error, `${meta.name}.${name}`)
    throw error
  }
}

/** `error.hook`: the innermost one. */
function noteHook(error: unknown, hook: string): void {
  if (typeof error !== 'object' || error === null || Object.hasOwn(error, 'hook')) return
  // a frozen error goes without
  Reflect.defineProperty(error, 'hook', { value: hook, configurable: true, writable: true })
}
