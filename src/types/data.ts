import type { AnyFields, GROUP, GUARD, GUARDED_SET, GUARDED_WRITE, Group, HasFields, SET, WRITE } from './field.js'

// What writes take of a model's fields.

// the names of the fields by what data must hold: one pass over the fields for all groups
type Groups<F extends AnyFields> = { [K in keyof F as F[K][typeof GROUP]]: K }
// what is not there reads unknown. Not a conditional type over all groups: for these the compiler works out the groups three times
type Only<T> = unknown extends T ? never : T
/** The names of the fields that data for a new row must hold. */
// an interface, since its members are worked out once for each model
interface Needs<F extends AnyFields> {
  readonly fields: Only<Groups<F>['required']>
  /** Foreign keys, unless what they point to is given. */
  readonly keys: Only<Groups<F>['foreign']>
}
type Needed<F extends AnyFields> = Needs<F>['fields'] & keyof F
/** The foreign keys that data for a new row must hold. */
export type ForeignRequired<F extends AnyFields> = Needs<F>['keys'] & keyof F & string
/** What is read of the fields' facts for a write. */
export type Write = typeof WRITE | typeof GUARDED_WRITE | typeof SET | typeof GUARDED_SET

// by the class, not by its fields: then messages name the model, and the compiler works these out once for it
/** Data for a new row: what must be there, and all else where it is given. */
// only the latter where nothing must be there: an intersection with an empty type takes numbers and functions
export type NewRow<C extends HasFields, W extends Write> = Needed<C['fields']> | ForeignRequired<C['fields']> extends never
  ? ChangesOf<C, W>
  : { [K in Needed<C['fields']> | ForeignRequired<C['fields']>]: C['fields'][K][W] } & ChangesOf<C, W>
/** Data for a new row whose foreign keys may be left out. */
export type NewRowBesideKeys<C extends HasFields, W extends Write> = Needed<C['fields']> extends never
  ? ChangesOf<C, W>
  : { [K in Needed<C['fields']>]: C['fields'][K][W] } & ChangesOf<C, W>
/** Data for a change of a row of `C`. */
export type ChangesOf<C extends HasFields, W extends Write> = { [K in keyof C['fields']]?: C['fields'][K][W] | undefined }

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
