import { DefinitionError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { HookName } from '../../types/hooks.js'
import { limitArguments } from '../../util/arguments.js'

/** The methods of a model that corm calls, in the order of a write. */
export const HOOK_NAMES = [
  'beforeValidate',
  'validate',
  'beforeInsert',
  'beforeSave',
  'afterInsert',
  'afterUpdate',
  'afterSave',
  'beforeDelete',
  'afterDelete',
  'beforeRestore',
  'afterRestore',
  'onChange',
  'afterCommit',
  'afterLoad',
] as const satisfies readonly HookName[]

type Hook = (detail?: unknown) => unknown

/** An instance, as what calls its hooks sees it. */
export type HookMethods = Record<HookName, Hook>

/** Hooks that do nothing, each a function of its own: a model may call the one above it by `super`. */
const nothing = Object.fromEntries(
  HOOK_NAMES.map((name): [string, Hook] => [name, { [name]: () => undefined }[name] as Hook]),
) as HookMethods
limitArguments(
  nothing,
  Object.fromEntries(HOOK_NAMES.map((name) => [name, name === 'onChange' || name === 'afterCommit' ? 1 : 0])),
)

/** Gives the base class of all models hooks that do nothing. They are no class of their own: constructors would take longer. */
export function addHooks(prototype: object): void {
  for (const name of HOOK_NAMES)
    Object.defineProperty(prototype, name, { value: nothing[name], writable: true, configurable: true })
}

/** The hooks that a model has. Looked for once. */
export function hookMethodsOf({ name, model }: ModelMetadata): ReadonlySet<HookName> {
  const prototype: Partial<HookMethods> = model.prototype
  const found = HOOK_NAMES.filter((hook) => {
    const method = prototype[hook]
    if (method !== undefined && typeof method !== 'function')
      throw new DefinitionError(`"${name}.${hook}" has to be a method: ${hook}() { … }.`)
    return method !== undefined && method !== nothing[hook]
  })
  return new Set(found)
}

/** A class field is a property of each instance, not of the class: it is not there when corm looks for hooks. */
export function refuseHookFields(instance: object, { name }: ModelMetadata): void {
  for (const hook of HOOK_NAMES)
    if (Object.hasOwn(instance, hook))
      throw new DefinitionError(
        `"${name}.${hook}" is a class field, so corm would never call it. Write it as a method: async ${hook}() { … }.`,
      )
}
