import type { Row, Tables } from './condition.js'
import type { COL, Expression, SUB, Subquery } from './expression.js'
import type { OutOf } from './field.js'
import type { Miss, Near } from './hint.js'
import type { RelationName, Target } from './relation-path.js'

/** What `withCount` and `withExists` take, checked. */
export type RelatedCheck<C, T> = T extends string
  ?
      | NoInfer<T extends RelationName<C> ? T : RelationName<C>>
      | NoInfer<Miss<T, RelationName<C>, Near<RelationName<C>, T>>>
  : T & { readonly [K in Exclude<keyof T, RelationName<C>>]: never }
type NameOr<O, Name extends string> = O extends { readonly as: infer A extends string } ? A : Name
type NamesFor<T, Ending extends string> = T extends string
  ? `${T}${Ending}`
  : { [K in keyof T & string]: NameOr<T[K], `${K}${Ending}`> }[keyof T & string]
/** What a query adds to its rows, with more. */
export type Added<X, V> = unknown extends X ? V : X & V
/** What `withCount` and `withExists` add. */
export type AddedFor<X, A extends readonly unknown[], Ending extends string, V> = Added<
  X,
  { [N in NamesFor<A[number], Ending>]: V }
>
/** What rows have with one more value. */
export type AddedOf<X, Name extends string, V> = Added<X, { [N in Name]: V }>
/** The type of field `F` of the rows that relation `K` leads to. */
export type FieldOut<C, K, F> = OutOf<Target<C, K>, F>

/** What `aggregate` takes. */
export type Aggregates<C, X> = {
  readonly [name: string]: Expression | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression)
}
/** What `annotate` takes. */
export type NamedValues<C, X> = {
  readonly [name: string]:
    | Expression
    | Subquery
    | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression | Subquery)
}
type ValueOf<E> = E extends (...args: never[]) => infer R
  ? ValueOf<R>
  : E extends { readonly [COL]: infer T }
    ? T
    : E extends { readonly [SUB]: infer T }
      ? T | null
      : never
/** The types of expressions, by name. */
export type ValuesOf<A> = { -readonly [K in keyof A]: ValueOf<A[K]> }
