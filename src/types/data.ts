import type { AnyFields, GROUP, Group, GUARD, GUARDED_SET, GUARDED_WRITE, HasFields, SET, WRITE } from './field.js'

// What writes take of a model's fields.

// the names of the fields by what data must hold: one pass over the fields for all groups
type Groups<F extends AnyFields> = { [K in keyof F as F[K][typeof GROUP]]: K }
// what is not there reads unknown. Not a conditional type over all groups: for these the compiler works out the groups three times
type Only<T> = unknown extends T ? never : T
/** The names of the fields by what data for a new row must hold of them. */
// an interface, since its members are worked out once for each model
interface Names<F extends AnyFields> {
  readonly required: Only<Groups<F>['required']>
  /** Foreign keys, unless what they point to is given. */
  readonly foreign: Only<Groups<F>['foreign']>
  readonly optional: Only<Groups<F>['optional']>
}
type Named<F extends AnyFields, G extends Group> = Names<F>[G] & keyof F
/** The foreign keys that data for a new row must hold. */
export type ForeignRequired<F extends AnyFields> = Named<F, 'foreign'> & string
/** What is read of the fields' facts for a write. */
export type Write = typeof WRITE | typeof GUARDED_WRITE | typeof SET | typeof GUARDED_SET

// by the class, not by its fields: then messages name the model, and the compiler works these out once for it. Unknown where there
// is nothing: an intersection with an empty type takes numbers and functions
type Must<C extends HasFields, W extends Write, G extends Group> =
  Named<C['fields'], G> extends never ? unknown : { [K in Named<C['fields'], G>]: C['fields'][K][W] }
type May<C extends HasFields, W extends Write, G extends Group> =
  Named<C['fields'], G> extends never ? unknown : { [K in Named<C['fields'], G>]?: C['fields'][K][W] | undefined }
/** Data for a new row. */
export type NewRow<C extends HasFields, W extends Write> = Must<C, W, 'required'> &
  Must<C, W, 'foreign'> &
  May<C, W, 'optional'>
/** Data for a new row whose foreign keys may be left out. */
export type NewRowBesideKeys<C extends HasFields, W extends Write> = Must<C, W, 'required'> &
  May<C, W, 'foreign'> &
  May<C, W, 'optional'>
/** Data for a change of a row of `C`. */
export type ChangesOf<C extends HasFields, W extends Write> = {
  [K in keyof C['fields']]?: C['fields'][K][W] | undefined
}

/** Data for a new row of a model with these fields, in which guarded fields are refused. */
export type SafeData<F extends AnyFields> = NewRow<{ readonly fields: F }, typeof WRITE>
/** The same, guarded fields included. */
export type AllData<F extends AnyFields> = NewRow<{ readonly fields: F }, typeof GUARDED_WRITE>

type Changes<F extends AnyFields, W extends Write> = { [K in keyof F]?: F[K][W] | undefined }
/** Data for a change, in which guarded fields are refused; `W` is WRITE for values, SET for values and expressions. */
export type SafeChanges<F extends AnyFields, W extends Write = typeof WRITE> = Changes<F, W>
/** Data for a change, guarded fields included. */
export type AllChanges<F extends AnyFields, W extends Write = typeof GUARDED_WRITE> = Changes<F, W>

/** The names of the fields that writes refuse without `{ guarded: true }`. */
export type GuardedKeys<F extends AnyFields> = { [K in keyof F]: F[K][typeof GUARD] extends true ? K : never }[keyof F]
