import type { Executor } from '../../execution/executor.js'

/** The methods of an instance that relations call: its own, since the class of the user may override them. */
interface OwnMethods {
  save(options?: { using?: Executor; only?: readonly string[] }): Promise<unknown>
  update(data: object, options: { guarded: boolean }): Promise<unknown>
}

const methodsOf = (instance: object) => instance as OwnMethods

export const callSave = (instance: object, ...options: Parameters<OwnMethods['save']>): Promise<unknown> =>
  methodsOf(instance).save(...options)

export const callUpdate = (instance: object, ...given: Parameters<OwnMethods['update']>): Promise<unknown> =>
  methodsOf(instance).update(...given)
