import type { Column, Expression, OpValue, Order, Subquery, WhereOp, WhereValue } from './expression.js'
import type { AnyFields, Cols, ColumnsOf, FieldName, FieldsOf, MATCH, PkOf } from './field.js'
import type { InstanceBase } from './instance.js'
import type { KeyIn, OrderKey } from './key-path.js'
import type { OneNull, RelationName, Target, ToOne } from './relation-path.js'

/** The second argument of `where`. */
// what follows the first argument of `where`: a value, or where that is a predicate (then K is any text) another one
export type ValueFor<C, K extends string, X> = string extends K ? NextPredicate<C, K, X> : WhereValue<KeyIn<C, K, X>>
/** The third argument of `where`, after an operator. */
export type OpValueFor<C, K extends string, X, O extends WhereOp> = string extends K
  ? NextPredicate<C, K, X>
  : OpValue<KeyIn<C, K, X>, O>
/** The second argument of `where` if the first one is a predicate. */
// of any model each text is a field
export type NextPredicate<C, K, X> = string extends K
  ? string extends FieldName<C>
    ? unknown
    : FurtherCondition<C, X>
  : never
/** A condition among several: a predicate, or a callback that returns one. */
export type Predicates<C, X> =
  | Expression<boolean>
  | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression<boolean>)
/** The further arguments of `where` after a predicate: predicates and objects. */
type FurtherCondition<C, X> = Predicates<C, X> | Match<C>
/** Four or more predicates. */
export type FourOrMore<C, X> = readonly [
  Predicates<C, X>,
  FurtherCondition<C, X>,
  FurtherCondition<C, X>,
  FurtherCondition<C, X>,
  ...FurtherCondition<C, X>[],
]

/** The columns of related rows. Columns of a to-one relation are values. Use columns of a to-many relation in aggregates. */
export type RelatedColumns<T> = ColumnsOf<FieldsOf<T>> & ToRelated<T> & Expression
type ToRelated<C> = {
  readonly [K in RelationName<C>]: [OneNull<C, K>] extends [never]
    ? RelatedColumns<Target<C, K>>
    : OrNull<ColumnsOf<FieldsOf<Target<C, K>>>> & ToRelated<Target<C, K>> & Expression
}
/** The argument of callbacks: the columns of a row and of its related rows. */
export type Row<C, X = unknown> = Cols<C, X> & ToRelated<C>

/** A plain object: not a function, a list or a Date (symbol keys, so no column can clash). */
interface PlainObject {
  readonly [Symbol.hasInstance]?: never
  readonly [Symbol.iterator]?: never
  readonly [Symbol.toPrimitive]?: never
}
/** The object form of a condition: `{ role: 'editor', age: gt(18) }`. */
export type Match<C> = MatchOf<FieldsOf<C>> & MatchRelated<C> & { readonly pk?: WhereValue<PkOf<C>> } & PlainObject
// what stands behind a path is checked when it runs: types can't follow it here; nor which model an instance is of, as
// instances lead to all other models
type MatchRelated<C> = { readonly [K in `${RelationName<C>}.${string}`]?: unknown } & {
  readonly [K in ToOne<C>]?: InstanceBase | null
}
type MatchOf<F extends AnyFields> = { readonly [K in keyof F]?: F[K][typeof MATCH] }
/** The single argument of `where`: a callback, an expression, or an object. */
export type Condition<C, X = unknown> =
  | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression<boolean>)
  | Expression<boolean>
  | (unknown extends X ? Match<C> : Match<C> & { readonly [K in keyof X]?: WhereValue<X[K]> })
declare const TABLES: unique symbol
/** Columns that can be null. */
export type OrNull<T> = { readonly [K in keyof T]: T[K] extends Column<infer V, infer I> ? Column<V | null, I> : T[K] }
// interfaces, so that emitted declarations can name them
/** The joined tables of a query, by name. */
export interface JoinedTables<out T> {
  readonly [TABLES]: T
}
/** The second argument of callbacks: the joined tables by alias. `where((c, t) => t.city.name.eq('Rome'))`. */
export type Tables<X> = X extends { readonly [TABLES]: infer T } ? T : {}
/** One item of an order: a field, `'-field'`, an expression or a subquery. */
export type OrderItem<C, X> = OrderKey<C, X> | Order | Expression | Subquery
/** The argument of `orderBy`, apart from paths. */
export type OrderBy<C, X> =
  | OrderItem<C, X>
  | readonly OrderItem<C, X>[]
  | ((c: Row<C, X>, t: Tables<X>) => OrderItem<C, X> | readonly OrderItem<C, X>[])
