import type { JoinedTables, OrNull } from './condition.js'
import type { Column } from './expression.js'
import type { Cols, ColumnsOf, FieldName, FieldsOf } from './field.js'
import type { KeyIn, KeyOut } from './key-path.js'

export declare const ROW: unique symbol

/** The value that a query stands for as an expression. */
export type SelectedValues<C, S, X> = unknown extends S ? unknown : KeyOut<C, S, X>

/** What `tap` returns. */
// what a scope over AnyQuery returns is this query with more steps
export type Tapped<R, Q> = R extends { readonly [OVER]: { added: infer X } } ? (0 extends 1 & X ? Q : R) : R

/** Any query, whatever it selects or loads. */
export interface QueryLike {
  readonly [ROW]: unknown
}

// under symbols, so that no name of a user's can meet them
export declare const OVER: unique symbol
declare const CTES: unique symbol
/** What a table is made of, as joins and common table expressions know it. */
interface Over<Columns, X> {
  readonly [OVER]: { cols: Columns; added: X }
}
/** The rows of a recursive query so far, for the query that goes on from them: join it, or read `from` it. */
export interface CteRef<Columns, X, N extends string> extends Over<Columns, X> {
  readonly name: N
}
/** What the groups of a query add to its rows. */
// what is among the fields is not added
export type GroupValues<C, G, X> = X & { readonly [K in Exclude<G, FieldName<C>> & string]: KeyOut<C, K, X> }
/** The columns of the groups of a query. */
export type GroupColumns<C, G, X> = {
  readonly [K in G & keyof FieldsOf<C>]: ColumnsOf<FieldsOf<C>>[K]
} & { readonly [K in (keyof X | Exclude<G, FieldName<C>>) & string]: Column<KeyOut<C, K, X>, KeyIn<C, K, X>> }
/** What the groups of a query are as plain objects: what they are grouped by, and what `annotate` has named of them. */
export type GroupRow<C, G, X> = { [K in G & string]: KeyOut<C, K, X> } & { -readonly [K in keyof X & string]: X[K] }
type NamesOf<X> = { readonly [K in keyof X as K extends string ? K : never]: X[K] }
/** What the rows of a query have in addition to fields. */
export type AddedBy<Q> = Q extends { readonly [OVER]: { added: infer X } }
  ? unknown extends X
    ? unknown
    : NamesOf<X>
  : unknown
/** The common table expressions of a query, by name. */
export type CtesOf<X> = X extends { readonly [CTES]: infer T } ? T : {}
// any: nothing is known of a table that is only named
type AnyTable = Readonly<Record<string, Column<any, any>>>
/** The columns of what is joined. */
export type TableColumns<T, X> = T extends string
  ? T extends keyof CtesOf<X>
    ? OverColumns<CtesOf<X>[T]>
    : AnyTable
  : T extends { readonly [OVER]: unknown }
    ? OverColumns<T>
    : Cols<T>
type OverColumns<T> = T extends { readonly [OVER]: { cols: infer C } } ? C : AnyTable
/** The name under which callbacks know a joined table. */
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
/** What a query knows after a join. */
export type WithTable<X, N extends string, T> = [N] extends [never] ? X : X & JoinedTables<{ readonly [K in N]: T }>
/** What a query knows after `withCte`. */
export type WithCte<X, N extends string, Q> = X & NamedQueries<{ readonly [K in N]: Q }>
/** What rows have after `select` with paths. */
export type WithPaths<C, K, X> = [Extract<K, `${string}.${string}`>] extends [never]
  ? X
  : X & { [P in Extract<K, `${string}.${string}`>]: KeyOut<C, P, X> }

/** The alias in options of a join. */
export type NameIn<O> = O extends { readonly alias: infer A } ? A : undefined
/** The columns of a joined table, which are null in rows without a match. */
export type MayLack<O, T> = O extends { readonly type: 'left' | 'full' } ? OrNull<T> : T
/** The rows of the query that a callback returns. */
export type RowOf<Fn> = Fn extends (...args: never[]) => { readonly [ROW]: infer R } ? R : never
