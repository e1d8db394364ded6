import type { JoinedTables, OrNull } from './condition.js'
import type { Column } from './expression.js'
import type { Cols, ColumnsOf, FieldName, FieldsOf } from './field.js'
import type { KeyIn, KeyOut } from './key-path.js'

export declare const ROW: unique symbol

/** The type of the value of a query that is used as an expression. */
export type SelectedValues<C, S, X> = unknown extends S ? unknown : KeyOut<C, S, X>

/** The result of `tap`. */
// what a scope over AnyQuery returns is this query with more steps
export type Tapped<R, Q> = R extends { readonly [OVER]: { added: infer X } } ? (0 extends 1 & X ? Q : R) : R

/** Any query, whatever it selects or loads. */
export interface QueryLike {
  readonly [ROW]: unknown
}

// under symbols, so that no name of a user's can meet them
export declare const OVER: unique symbol
declare const CTES: unique symbol
/** The columns of a query, for joins and common table expressions. */
interface Over<Columns, X> {
  readonly [OVER]: { cols: Columns; added: X }
}
/** The argument of `step` of `withRecursive`: the rows found so far. Use it in `join` or `from`. */
export interface CteRef<Columns, X, N extends string> extends Over<Columns, X> {
  readonly name: N
}
/** The values of the groups of a query that are not fields. */
// what is among the fields is not added
export type GroupValues<C, G, X> = X & { readonly [K in Exclude<G, FieldName<C>> & string]: KeyOut<C, K, X> }
/** The columns of the groups of a query. */
export type GroupColumns<C, G, X> = {
  readonly [K in G & keyof FieldsOf<C>]: ColumnsOf<FieldsOf<C>>[K]
} & { readonly [K in (keyof X | Exclude<G, FieldName<C>>) & string]: Column<KeyOut<C, K, X>, KeyIn<C, K, X>> }
/** A group as a plain object: the grouped keys, and the values of `annotate`. */
export type GroupRow<C, G, X> = { [K in G & string]: KeyOut<C, K, X> } & { -readonly [K in keyof X & string]: X[K] }
type NamesOf<X> = { readonly [K in keyof X as K extends string ? K : never]: X[K] }
/** The values that a query adds to the fields of its rows. */
export type AddedBy<Q> = Q extends { readonly [OVER]: { added: infer X } }
  ? unknown extends X
    ? unknown
    : NamesOf<X>
  : unknown
/** The common table expressions of a query, by name. */
export type CtesOf<X> = X extends { readonly [CTES]: infer T } ? T : {}
// any: nothing is known of a table that is only named
type AnyTable = Readonly<Record<string, Column<any, any>>>
/** The columns of a joined model, query or table. */
export type TableColumns<T, X> = T extends string
  ? T extends keyof CtesOf<X>
    ? OverColumns<CtesOf<X>[T]>
    : AnyTable
  : T extends { readonly [OVER]: unknown }
    ? OverColumns<T>
    : Cols<T>
type OverColumns<T> = T extends { readonly [OVER]: { cols: infer C } } ? C : AnyTable
/** The name of a joined table in callbacks. */
export type JoinName<T, A> = A extends string
  ? A
  : T extends string
    ? T
    : T extends { readonly name: infer N extends string }
      ? T extends Over<unknown, unknown>
        ? N
        : never
      : never
/** The common table expressions of a query, by name. */
export interface NamedQueries<out T> {
  readonly [CTES]: T
}
/** The added values and tables of a query after a join. */
export type WithTable<X, N extends string, T> = [N] extends [never] ? X : X & JoinedTables<{ readonly [K in N]: T }>
/** The added values and tables of a query after `withCte`. */
export type WithCte<X, N extends string, Q> = X & NamedQueries<{ readonly [K in N]: Q }>
/** The added values of rows after `select` with paths. */
export type WithPaths<C, K, X> = [Extract<K, `${string}.${string}`>] extends [never]
  ? X
  : X & { [P in Extract<K, `${string}.${string}`>]: KeyOut<C, P, X> }

/** The alias in options of a join. */
export type NameIn<O> = O extends { readonly alias: infer A } ? A : undefined
/** The columns of a joined table. With a left or full join they can be null. */
export type MayLack<O, T> = O extends { readonly type: 'left' | 'full' } ? OrNull<T> : T
/** The rows of the query that a callback returns. */
export type RowOf<Fn> = Fn extends (...args: never[]) => { readonly [ROW]: infer R } ? R : never
