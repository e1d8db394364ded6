import type { AnyFields, FieldsOf, Needs, OUT, OUTPUT, PkKeys } from './field.js'
import type { Known, Knows } from './known.js'
import type { FirstStep } from './relation-path.js'

/** How values are given out: as they are, or as JSON values. */
type OutputFormat = 'object' | 'json'

/**
 * What `toObject()` of an instance returns: its fields, added values and loaded relations, without hidden fields.
 *
 *     type Row = ObjectOf<Entity<typeof Author, 'books'>>
 */
export type ObjectOf<E> = PlainOutput<E, 'object'>
/**
 * What `toJSON()` of an instance returns: the same as JSON values, such as texts for dates, decimals and bigint. Clients can use it as
 * the type of a response.
 *
 *     type Row = JsonOf<Entity<typeof Author, 'books'>>
 */
export type JsonOf<E> = PlainOutput<E, 'json'>

// an instance of which nothing is known may hold anything: a new one holds what was assigned
type PlainOutput<E, N extends OutputFormat> =
  E extends Knows<Known<infer C, infer P, infer S, infer X, infer L>>
    ? Flat<
        FieldsIn<FieldsOf<C>, Selected<C, S>, SelectedNames<S>, N> &
          AddedIn<X, N> &
          PivotIn<E, X, N> &
          RelationsIn<E, P, L, N>
      >
    : Record<string, unknown>
type Flat<T> = { [K in keyof T]: T[K] }

/** The fields that the query names. */
type SelectedNames<S> = unknown extends S ? never : S
type Selected<C, S> = unknown extends S ? keyof FieldsOf<C> : Extract<keyof FieldsOf<C>, S | PkKeys<C>>
type FieldsIn<F extends AnyFields, Names extends keyof F, Asked, N extends OutputFormat> = {
  -readonly [K in Names as IsSure<F, K, Asked> extends 'always' ? K : never]: OutputValue<F[K][typeof OUT], N>
} & {
  -readonly [K in Names as IsSure<F, K, Asked> extends 'maybe' ? K : never]?: OutputValue<
    Exclude<F[K][typeof OUT], undefined>,
    N
  >
}
// a computed value is left out if what it reads is not loaded, a virtual one if it was not assigned
type IsSure<F extends AnyFields, K extends keyof F, Asked> = F[K][typeof OUTPUT] extends 'always'
  ? undefined extends F[K][typeof OUT]
    ? 'maybe'
    : F[K] extends Needs<infer D>
      ? Extract<F[keyof D & keyof F][typeof OUTPUT], 'maybe' | 'lazy'> extends never
        ? 'always'
        : 'maybe'
      : 'always'
  : F[K][typeof OUTPUT] extends 'lazy'
    ? K extends Asked
      ? 'always'
      : 'maybe'
    : F[K][typeof OUTPUT]
type AddedIn<X, N extends OutputFormat> = unknown extends X
  ? unknown
  : { -readonly [K in keyof X as K extends string ? K : never]: Inside<X[K], N, K> }
type Inside<V, N extends OutputFormat, K> = K extends 'pivot'
  ? { -readonly [P in keyof V]: OutputValue<V[P], N> }
  : OutputValue<V, N>
type PivotIn<E, X, N extends OutputFormat> = 'pivot' extends keyof X
  ? unknown
  : E extends { readonly pivot: infer V }
    ? { pivot: Inside<V, N, 'pivot'> }
    : unknown
type RelationsIn<E, P, L, N extends OutputFormat> = [P, keyof L] extends ['', never]
  ? unknown
  : { [K in keyof E & (FirstStep<P> | keyof L)]: RelatedOutput<E[K], N> }
type RelatedOutput<V, N extends OutputFormat> = V extends readonly (infer R)[]
  ? PlainOutput<R, N>[]
  : V extends null
    ? null
    : PlainOutput<V, N>

type OutputValue<T, N extends OutputFormat> = N extends 'json' ? JsonValue<T> : T
/** What `toJSON()` writes for a value of this type. */
// the elements of a list, not those of a list in it: what is nested is a JSON value, and its type may refer to itself
export type JsonValue<T> = T extends readonly unknown[] ? { [I in keyof T]: JsonScalar<T[I]> } : JsonScalar<T>
// dates, decimals, countries and files have a `toJSON` of their own
type JsonScalar<T> = unknown extends T
  ? T
  : T extends bigint | Uint8Array
    ? string
    : T extends Float32Array
      ? number[]
      : T extends { toJSON(...args: never[]): infer R }
        ? R
        : T
