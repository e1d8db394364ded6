import type { CompiledSQL, DialectName } from './call-options.js'
import type { Connectable } from './database.js'
import type { Operator, OpValue, WhereOp } from './expression.js'
import type { Attributes, FieldName, FieldsOf } from './field.js'
import type { KeyOut } from './key-path.js'
import type { Page, PageOptions } from './page.js'

export declare const PLAIN: unique symbol
/** A query whose rows can be read as plain objects. */
export interface PlainSource<out R> {
  readonly [PLAIN]: R
}
/** The rows of a query as plain objects: what it selects, or all fields and named values. */
export type PlainRow<C, S, X> = unknown extends S
  ? Attributes<FieldsOf<C>> & (unknown extends X ? unknown : { -readonly [K in keyof X & string]: X[K] })
  : { -readonly [K in (S & string) | (Exclude<keyof X, FieldName<C>> & string)]: KeyOut<C, K, X> }

type RowKey<R> = R extends unknown ? keyof R & string : never
type ValueIn<R, K> = R extends unknown ? (K extends keyof R ? R[K] : never) : never

/**
 * The rows of several models as one list of plain objects, made by `unionRows`. It is immutable and awaitable, as queries are.
 *
 *     Sale.query().select('id', 'at').unionRows(Visit.query().select('id', 'at')).orderBy('-at').paginate()
 */
export interface UnitedRows<in out R> extends PromiseLike<R[]> {
  /** Keeps rows that meet a condition on one of the names. */
  where<K extends RowKey<R>>(key: K, value: ValueIn<R, K> | Operator<ValueIn<R, K> | null> | null): this
  where<K extends RowKey<R>, O extends WhereOp>(key: K, op: O, value: OpValue<ValueIn<R, K>, O>): this
  /** Adds a condition with OR. */
  orWhere: this['where']
  /** Keeps rows that do not meet a condition. */
  whereNot: this['where']
  /** Sorts the whole list by names, with `-` in front for descending order. */
  orderBy(key: RowKey<R> | `-${RowKey<R>}`, direction: 'asc' | 'desc'): this
  orderBy(...keys: (RowKey<R> | `-${RowKey<R>}`)[]): this
  orderBy(keys: readonly (RowKey<R> | `-${RowKey<R>}`)[]): this
  /** Removes every order set so far. */
  reorder(): this
  /** Returns at most `count` rows. */
  limit(count: number): this
  /** Skips the first `count` rows. */
  offset(count: number): this
  /** Returns page `number`, counted from 1, with `size` rows per page. Default size: 25. */
  page(number: number, size?: number): this
  /** Adds a comment to the end of the SQL statement, for logs. */
  comment(text: string): this
  /** Runs the query in this database or transaction. */
  using(connection: Connectable): this
  /** Stops the query with a `TimeoutError` if it takes longer than `ms` milliseconds. */
  timeout(ms: number): this
  /** Returns all rows. */
  get(): Promise<R[]>
  /** Returns the first row, or null if there is none. */
  first(): Promise<R | null>
  /** Returns the number of rows. */
  count(): Promise<number>
  /** Returns whether there is a row. */
  exists(): Promise<boolean>
  /** Returns the values of one name as a list. */
  pluck<K extends RowKey<R>>(key: K): Promise<ValueIn<R, K>[]>
  /** Returns one page by its number, and the total number of rows. */
  paginate(options?: PageOptions): Promise<Page<R>>
  /** Returns the statement that `get` runs. */
  toSQL(options?: { dialect?: DialectName }): CompiledSQL
}
