import type { AnyFields, GROUP, GUARDED_SET, GUARDED_WRITE, SET, WRITE } from './field.js'

// What writes take of a model's fields.

// the names of the fields by what data must hold: one pass over the fields for all groups
type Groups<F extends AnyFields> = { [K in keyof F as F[K][typeof GROUP]]: K }
type RequiredIn<G> = G extends { required: infer K } ? K : never
/** Foreign keys that are required, unless what they point to is given. */
type ForeignIn<G> = G extends { foreign: infer K } ? K : never
type OptionalIn<G> = G extends { optional: infer K } ? K : never
type GuardedRequiredIn<G> = G extends { guardedRequired: infer K } ? K : never
type GuardedIn<G> = G extends { guarded: infer K } ? K : never
type GeneratedIn<G> = G extends { generated: infer K } ? K : never
type ProtectedIn<G> = GuardedRequiredIn<G> | GuardedIn<G> | GeneratedIn<G>
/** The names of the fields that writes refuse without `{ guarded: true }`. */
export type GuardedKeys<F extends AnyFields> = ProtectedIn<Groups<F>> & keyof F
/** Data for a new row, in which guarded fields are refused. */
export type SafeData<F extends AnyFields> = NewData<F, typeof WRITE>
/** Data for a new row, guarded fields included. */
export type AllData<F extends AnyFields> = NewData<F, typeof GUARDED_WRITE>
// one type for all data of a model, so that its fields are looked at once
type MayHold<F extends AnyFields, W extends Write, G> = {
  [K in (OptionalIn<G> | GuardedIn<G> | GeneratedIn<G>) & keyof F]?: F[K][W] | undefined
}
// written out in each: where one of these is made of another, the compiler works out the fields again for each model
type NewData<F extends AnyFields, W extends Write, G = Groups<F>> = Both<
  { [K in (RequiredIn<G> | ForeignIn<G> | GuardedRequiredIn<G>) & keyof F]: F[K][W] },
  MayHold<F, W, G>
>
/** Data for a new row without its required foreign keys. */
export type DataBesideKeys<F extends AnyFields, W extends Write, G = Groups<F>> = Both<
  { [K in (RequiredIn<G> | GuardedRequiredIn<G>) & keyof F]: F[K][W] },
  MayHold<F, W, G>
>
/** Data for a new row whose foreign keys may be left out. */
export type DataWithoutKeys<F extends AnyFields, W extends Write, G = Groups<F>> = Both<
  { [K in (RequiredIn<G> | GuardedRequiredIn<G>) & keyof F]: F[K][W] },
  { [K in (ForeignIn<G> | OptionalIn<G> | GuardedIn<G> | GeneratedIn<G>) & keyof F]?: F[K][W] | undefined }
>
// only the second where the first is empty: an intersection with an empty type takes numbers and functions
type Both<A, B> = [keyof A] extends [never] ? B : A & B
/** The foreign keys that data for a new row must hold. */
export type ForeignRequired<F extends AnyFields> = ForeignIn<Groups<F>> & keyof F & string
/** What is read of the fields' facts for a write. */
export type Write = typeof WRITE | typeof GUARDED_WRITE | typeof SET | typeof GUARDED_SET

/** Data for a change, in which guarded fields are refused; `W` is WRITE for values, SET for values and expressions. */
export type SafeChanges<F extends AnyFields, W extends Write = typeof WRITE> = { [K in keyof F]?: F[K][W] | undefined }
/** Data for a change, guarded fields included. */
export type AllChanges<F extends AnyFields, W extends Write = typeof GUARDED_WRITE> = {
  [K in keyof F]?: F[K][W] | undefined
}
