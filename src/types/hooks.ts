import type { AnyFields, OUT } from './field.js'

/** The names of the hooks of a model. `events.on` uses the same names. */
export type HookName =
  | 'beforeValidate'
  | 'validate'
  | 'beforeInsert'
  | 'beforeSave'
  | 'afterInsert'
  | 'afterUpdate'
  | 'afterSave'
  | 'beforeDelete'
  | 'afterDelete'
  | 'beforeRestore'
  | 'afterRestore'
  | 'onChange'
  | 'afterCommit'
  | 'afterLoad'

/** What a transaction did with the row of an instance. */
export type CommittedAction = 'insert' | 'update' | 'delete' | 'restore'

/** The argument of the hook `afterCommit`. */
export interface Committed<P = Readonly<Record<string, unknown>>> {
  /** What the transaction did with the row. */
  readonly action: CommittedAction
  /** The old values of the fields that an update changed. */
  readonly previous: P
}

/** The values that fields had before an update. */
export type PreviousValues<F extends AnyFields> = { readonly [K in keyof F]?: F[K][typeof OUT] }

/**
 * The type of the parameter of `onChange` in a model: the old values of the changed fields.
 *
 *     onChange(previous: Previous<Post>) {}
 */
export type Previous<E extends { getOriginal(field: never): unknown }> = {
  readonly [K in Parameters<E['getOriginal']>[0] & keyof E]?: E[K]
}
