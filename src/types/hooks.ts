import type { AnyFields, OUT } from './field.js'

/** The hooks that a model may have, which are its events as well. */
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

/** What a transaction did with an instance. */
export type CommittedAction = 'insert' | 'update' | 'delete' | 'restore'

/** What `afterCommit` is given. */
export interface Committed<P = Readonly<Record<string, unknown>>> {
  readonly action: CommittedAction
  /** The changed fields of an update, as they were before. */
  readonly previous: P
}

/** The values that fields had before an update. */
export type PreviousValues<F extends AnyFields> = { readonly [K in keyof F]?: F[K][typeof OUT] }

/**
 * The parameter of `onChange` in the class of a model: the changed fields, as they were before.
 *
 *     onChange(previous: Previous<Post>) {}
 */
export type Previous<E extends { getOriginal(field: never): unknown }> = {
  readonly [K in Parameters<E['getOriginal']>[0] & keyof E]?: E[K]
}
