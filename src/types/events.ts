import type { FieldName, HasFields } from './field.js'
import type { Committed, CommittedAction, HookName } from './hooks.js'
import type { Entity, ModelInstance } from './query.js'
import type { InstOf } from './relation-path.js'

/** The argument of a listener of `'*'`. */
export interface ModelEvent {
  /** The name of the model. */
  readonly model: string
  /** The name of the hook. */
  readonly event: HookName
  readonly instance: ModelInstance
  /** The old values of the changed fields. Only for `onChange` and `afterCommit`. */
  readonly previous?: Readonly<Record<string, unknown>>
  /** What the transaction did with the row. Only for `afterCommit`. */
  readonly action?: CommittedAction
}

/** The arguments of a listener after the instance. */
export type Detail<N, P> = N extends 'onChange' ? [previous: P] : N extends 'afterCommit' ? [written: Committed<P>] : []
/** The old values of the fields of `C` that an update changed. */
export type PreviousOf<C> = C extends unknown
  ? { readonly [K in FieldName<C> & keyof InstOf<C>]?: InstOf<C>[K] }
  : never
/** The hook in a name such as `'Post.afterInsert'`. */
export type HookOf<T extends string> = T extends `${string}.${infer N extends HookName}` ? N : never

/** Adds or removes a listener. */
export interface Listen<R> {
  <C extends HasFields, const N extends HookName>(
    model: C,
    event: N,
    listener: (instance: Entity<C>, ...detail: Detail<N, PreviousOf<C>>) => void | Promise<void>,
  ): R
  (event: '*', listener: (event: ModelEvent) => void | Promise<void>): R
  <const T extends `${string}.${HookName}`>(
    event: T,
    listener: (
      instance: ModelInstance,
      ...detail: Detail<HookOf<T>, Readonly<Record<string, unknown>>>
    ) => void | Promise<void>,
  ): R
}

/** The type of `events`. */
export interface Events {
  /**
   * Adds a listener to a hook of a model, and returns a function that removes it. corm calls the listener after the hook method
   * of the class, in the same transaction, and awaits it.
   *
   *     events.on(Post, 'afterInsert', async (post) => { await Audit.create({ text: post.title }) })
   *
   * `'Post.afterInsert'` names the model without importing it. `'*'` means all events of all models except `afterLoad`.
   */
  readonly on: Listen<() => void>
  /** Like `on`, but calls the listener only once. */
  readonly once: Listen<() => void>
  /** Removes a listener that was added with `on` or `once`. */
  readonly off: Listen<void>
}
