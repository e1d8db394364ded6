import type { FieldName, HasFields } from './field.js'
import type { Committed, CommittedAction, HookName } from './hooks.js'
import type { Entity, ModelInstance } from './query.js'
import type { InstOf } from './relation-path.js'

/** What a listener of `'*'` is given. */
export interface ModelEvent {
  readonly model: string
  readonly event: HookName
  readonly instance: ModelInstance
  /** Of `onChange` and `afterCommit`. */
  readonly previous?: Readonly<Record<string, unknown>>
  /** Of `afterCommit`. */
  readonly action?: CommittedAction
}

/** What a listener is given besides the instance. */
export type Detail<N, P> = N extends 'onChange' ? [previous: P] : N extends 'afterCommit' ? [written: Committed<P>] : []
/** The changed fields of an update of `C`, as they were before. */
export type PreviousOf<C> = C extends unknown
  ? { readonly [K in FieldName<C> & keyof InstOf<C>]?: InstOf<C>[K] }
  : never
/** The event of a name such as `'Post.afterInsert'`. */
export type HookOf<T extends string> = T extends `${string}.${infer N extends HookName}` ? N : never

/** Adds or removes a function. */
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
   * Runs a function with a hook of a model, after the method of the class: in the same transaction, awaited. The result stops it.
   *
   *     events.on(Post, 'afterInsert', async (post) => { await Audit.create({ text: post.title }) })
   *
   * `'Post.afterInsert'` names a model that need not be imported, and `'*'` stands for all events of all models but `afterLoad`.
   */
  readonly on: Listen<() => void>
  /** `on`, for the first time only. */
  readonly once: Listen<() => void>
  /** Stops a function that was given to `on` or `once`. */
  readonly off: Listen<void>
}
