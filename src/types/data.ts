import type { AnyFields, GROUP, Group, GUARD, GUARDED_SET, GUARDED_WRITE, HasFields, SET, WRITE } from './field.js'

// The types of data for writes, from the fields of a model.

// one pass over the fields for all groups
type Groups<F extends AnyFields> = { [K in keyof F as F[K][typeof GROUP]]: K }
// a group without fields reads as unknown. A conditional type over all groups would make the compiler compute them three times
type Only<T> = unknown extends T ? never : T
/** The names of the fields, by whether data for a new row must contain them. */
// an interface, because its members are computed once for each model
interface DataNames<F extends AnyFields> {
  readonly required: Only<Groups<F>['required']>
  /** Foreign keys: required unless the data contains the related row. */
  readonly foreign: Only<Groups<F>['foreign']>
  readonly optional: Only<Groups<F>['optional']>
}
type NamesIn<F extends AnyFields, G extends Group> = DataNames<F>[G] & keyof F
/** The foreign keys that data for a new row must contain. */
export type ForeignRequired<F extends AnyFields> = NamesIn<F, 'foreign'> & string
/** The facts of fields that decide what a write accepts. */
export type Write = typeof WRITE | typeof GUARDED_WRITE | typeof SET | typeof GUARDED_SET

// the parameter is the class and not its fields, so that messages name the model and the compiler computes these once for it.
// Unknown for an empty group: an intersection with an empty object type would accept numbers and functions
type Must<C extends HasFields, W extends Write, G extends Group> =
  NamesIn<C['fields'], G> extends never ? unknown : { [K in NamesIn<C['fields'], G>]: C['fields'][K][W] }
type May<C extends HasFields, W extends Write, G extends Group> =
  NamesIn<C['fields'], G> extends never ? unknown : { [K in NamesIn<C['fields'], G>]?: C['fields'][K][W] | undefined }
/** Data for a new row. Foreign keys are optional if `Keys` is false. */
export type NewRowBy<C extends HasFields, W extends Write, Keys = true> = Must<C, W, 'required'> &
  (Keys extends true ? Must<C, W, 'foreign'> : May<C, W, 'foreign'>) &
  May<C, W, 'optional'>
type ChangesOf<C extends HasFields, W extends Write> = { [K in keyof C['fields']]?: C['fields'][K][W] | undefined }

// names that messages show
/** Data for a new row of `C`. */
export type NewRow<C extends HasFields> = NewRowBy<C, typeof WRITE>
/** The same, including guarded fields. */
export type GuardedNewRow<C extends HasFields> = NewRowBy<C, typeof GUARDED_WRITE>
/** Data that changes a row of `C`. */
export type Change<C extends HasFields> = ChangesOf<C, typeof WRITE>
/** The same, including guarded fields. */
export type GuardedChange<C extends HasFields> = ChangesOf<C, typeof GUARDED_WRITE>
/** Data for a bulk update: values or expressions. */
export type UpdateOf<C extends HasFields> = ChangesOf<C, typeof SET>
/** The same, including guarded fields. */
export type GuardedUpdateOf<C extends HasFields> = ChangesOf<C, typeof GUARDED_SET>

/** Data for a new row of a model with these fields. It refuses guarded fields. */
export type SafeData<F extends AnyFields> = NewRow<{ readonly fields: F }>
/** The same, including guarded fields. */
export type AllData<F extends AnyFields> = GuardedNewRow<{ readonly fields: F }>
/** Data that changes a row of a model with these fields. It refuses guarded fields. */
export type SafeChanges<F extends AnyFields> = { [K in keyof F]?: F[K][typeof WRITE] | undefined }
/** The same, including guarded fields. */
export type AllChanges<F extends AnyFields> = { [K in keyof F]?: F[K][typeof GUARDED_WRITE] | undefined }

/** The names of the fields that need `{ guarded: true }` in writes. */
export type GuardedKeys<F extends AnyFields> = { [K in keyof F]: F[K][typeof GUARD] extends true ? K : never }[keyof F]
