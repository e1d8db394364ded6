import type { Executor } from '../../execution/executor.js'

/** The database an unsaved instance of a bound model goes to. */
export const boundDatabase = new WeakMap<object, Executor>()
