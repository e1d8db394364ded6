import type { Decimal } from 'decimal.js'
import type { Row, Tables } from './condition.js'
import type { COL, Expression, SUB, Subquery } from './expression.js'
import type { OutOf } from './field.js'
import type { Miss, Near } from './hint.js'
import type { RelationName, Target } from './relation-path.js'

/** The arguments of `withCount` and `withExists`, checked. */
export type RelatedCheck<C, T> = T extends string
  ?
      | NoInfer<T extends RelationName<C> ? T : RelationName<C>>
      | NoInfer<Miss<T, RelationName<C>, Near<RelationName<C>, T>>>
  : T & { readonly [K in Exclude<keyof T, RelationName<C>>]: never }
type NameOr<O, Name extends string> = O extends { readonly as: infer A extends string } ? A : Name
type NamesFor<T, Ending extends string> = T extends string
  ? `${T}${Ending}`
  : { [K in keyof T & string]: NameOr<T[K], `${K}${Ending}`> }[keyof T & string]
/** The added values of a query, together with further ones. */
export type Added<X, V> = unknown extends X ? V : X & V
/** The values that `withCount` and `withExists` add. */
export type AddedFor<X, A extends readonly unknown[], Ending extends string, V> = Added<
  X,
  { [N in NamesFor<A[number], Ending>]: V }
>
/** The added values of a query, together with one more. */
export type AddedOf<X, Name extends string, V> = Added<X, { [N in Name]: V }>
/** The type of field `F` of the rows of relation `K`. */
export type FieldOut<C, K, F> = OutOf<Target<C, K>, F>

/** A plain value in `annotate` and `aggregate`: the same for every row. */
type Constant = string | number | bigint | boolean | Date | Decimal | null

/** The argument of `aggregate`. */
export type Aggregates<C, X> = {
  readonly [name: string]:
    | Expression
    | Subquery
    | Constant
    | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression | Subquery | Constant)
}
/** The argument of `annotate`. */
export type NamedValues<C, X> = {
  readonly [name: string]:
    | Expression
    | Subquery
    | Constant
    | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression | Subquery | Constant)
}
type ValueOf<E> = E extends (...args: never[]) => infer R
  ? ValueOf<R>
  : E extends { readonly [COL]: infer T }
    ? T
    : E extends { readonly [SUB]: infer T }
      ? T | null
      : ConstantOf<E>
// a text keeps its literal type, which distinguishes the rows of a union of models
type ConstantOf<E> = E extends number ? number : E extends bigint ? bigint : E extends boolean ? boolean : E
/** The types of the values of expressions, by name. */
export type ValuesOf<A> = { -readonly [K in keyof A]: ValueOf<A[K]> }
