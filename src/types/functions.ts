import type { Decimal } from 'decimal.js'
import type { Column, Expression, InputFor, NullOf, Order, Subquery } from './expression.js'

type NumberArgument = number | bigint | Decimal | string | null
type NeverNull<V> =
  V extends Expression<infer T> ? (null extends T ? never : true) : V extends Subquery | null ? never : true
/** Another expression, or a query of one value. */
type Value<T> = Expression<T> | Subquery<T>
/** The values that can stand next to a value of this type: numbers next to decimals and bigints. */
type Loose<T> = T extends Decimal ? T | number | string : T extends bigint ? T | number : T

/** The window of a window function: `{ partitionBy: c.authorId, orderBy: c.price.desc() }`. */
export interface Window {
  /** Limits the window to rows with the same values of these expressions. */
  partitionBy?: Expression | readonly Expression[]
  /** The order of the rows in the window. */
  orderBy?: Expression | Order | readonly (Expression | Order)[]
  /**
   * The frame, relative to the current row: negative numbers are rows before it, 0 is the row itself. Default with an order:
   * all rows up to the current one, and rows that are equal to it in the order.
   */
  rows?: readonly [from: number | 'unbounded', to: number | 'unbounded']
}

/** A window function: complete it with `over`. */
export interface WindowFunction<T> {
  /** The value for each row, over this window. */
  over(window: Window): Column<T>
}

/** An aggregate: a value over many rows, such as `fn.sum(c.price)`. */
export interface Aggregate<T> extends Column<T, InputFor<T>> {
  /** Aggregates only the rows that meet a condition. */
  filter(condition: Expression<boolean>): Aggregate<T>
  /** Makes it a window function: the value over the rows of a window, for each row. */
  over(window?: Window): Column<T>
}

/** The type of the sum of a column of this type: null if there are no rows. */
export type SumOf<T> = T extends number
  ? number | null
  : T extends bigint
    ? bigint | null
    : T extends string
      ? string | null
      : T extends Decimal
        ? Decimal | null
        : never

/** The type of the average of a column of this type: null if there are no rows. */
export type AvgOf<T> = T extends number | bigint ? number | null : SumOf<T>

/** The type of `fn`: SQL functions, for every place that takes an expression. */
export interface Functions {
  /** COUNT: the number of rows, or of values of `column` that are not NULL. */
  count(column?: Expression, options?: DistinctOption): Aggregate<number>
  /** SUM: exact for decimals, null if there are no rows. */
  sum<T>(column: Expression<T>, options?: DistinctOption): Aggregate<SumOf<NonNullable<T>>>
  /** AVG: exact for decimals, null if there are no rows. */
  avg<T>(column: Expression<T>, options?: DistinctOption): Aggregate<AvgOf<NonNullable<T>>>
  /** MIN: the smallest value, null if there are no rows. */
  min<T>(column: Expression<T>): Aggregate<T | null>
  /** MAX: the largest value, null if there are no rows. */
  max<T>(column: Expression<T>): Aggregate<T | null>
  /**
   * Joins the values into one text, in the order of `orderBy`, or in no particular order. Null if there are no rows. Default
   * separator: a comma.
   *
   *     fn.groupConcat(c.title, ', ', { orderBy: c.price.desc() })
   */
  groupConcat(column: Expression, separator?: string, options?: ConcatOptions): Aggregate<string | null>
  groupConcat(column: Expression, options: ConcatOptions & { separator?: string }): Aggregate<string | null>
  /** The first of these values that is not NULL. */
  coalesce<T, V extends readonly (Loose<NonNullable<T>> | Value<Loose<NonNullable<T>> | null>)[]>(
    column: Expression<T>,
    ...values: V
  ): Column<NonNullable<T> | (true extends NeverNull<V[number]> ? never : Extract<T, null>)>
  coalesce<T, V extends readonly (Loose<NonNullable<T>> | Value<Loose<NonNullable<T>> | null>)[]>(
    query: Subquery<T>,
    ...values: V
  ): Column<NonNullable<T> | (true extends NeverNull<V[number]> ? never : null)>
  /** NULL if both are equal, otherwise the first. */
  nullIf<T>(column: Expression<T>, value: Loose<NonNullable<T>> | Value<Loose<NonNullable<T>> | null>): Column<T | null>
  /** The largest of these values. NULL if one of them is NULL. */
  greatest<T, V extends readonly (Loose<T> | Value<Loose<T> | null>)[]>(
    first: Expression<T>,
    ...others: V
  ): Column<T | NullOf<V[number]>>
  /** The smallest of these values. NULL if one of them is NULL. */
  least<T, V extends readonly (Loose<T> | Value<Loose<T> | null>)[]>(
    first: Expression<T>,
    ...others: V
  ): Column<T | NullOf<V[number]>>
  /** Joins texts. NULL if one of them is NULL. */
  concat<V extends readonly (string | Value<string | null>)[]>(...values: V): Column<string | NullOf<V[number]>>
  /** Converts the text to lower case. */
  lower<T extends string | null>(column: Expression<T>): Column<T>
  /** Converts the text to upper case. */
  upper<T extends string | null>(column: Expression<T>): Column<T>
  /** Removes spaces at both ends. */
  trim<T extends string | null>(column: Expression<T>): Column<string | Extract<T, null>>
  /** The number of characters. */
  length<T extends string | null>(column: Expression<T>): Column<number | Extract<T, null>>
  /** The absolute value. */
  abs<T extends NumberArgument>(column: Expression<T>): Column<T>
  /** Rounds to `digits` after the point (default 0), halves away from zero. */
  round<T extends NumberArgument>(column: Expression<T>, digits?: number): Column<T>
  /** Rounds down to a whole number. */
  floor<T extends NumberArgument>(column: Expression<T>): Column<T>
  /** Rounds up to a whole number. */
  ceil<T extends NumberArgument>(column: Expression<T>): Column<T>
  /** The number of the row in its window, from 1. */
  rowNumber(): WindowFunction<number>
  /** Like `rowNumber`, but rows that are equal in the order have the same number, with a gap after them. */
  rank(): WindowFunction<number>
  /** Like `rank`, but without gaps. */
  denseRank(): WindowFunction<number>
  /** The relative rank of the row, from 0 to 1. */
  percentRank(): WindowFunction<number>
  /** The fraction of the rows up to and including this one, above 0 and up to 1. */
  cumeDist(): WindowFunction<number>
  /** Divides the rows into this many parts of equal size, and returns the part of the row, from 1. */
  ntile(parts: number): WindowFunction<number>
  /** The value of an earlier row, by default the previous one. If there is none: `otherwise`, or NULL. */
  lag<T>(column: Expression<T>, rows?: number): WindowFunction<T | null>
  lag<T, V extends Loose<T>>(column: Expression<T>, rows: number, otherwise: V | Expression<V>): WindowFunction<T>
  /** The value of a later row, by default the next one. If there is none: `otherwise`, or NULL. */
  lead<T>(column: Expression<T>, rows?: number): WindowFunction<T | null>
  lead<T, V extends Loose<T>>(column: Expression<T>, rows: number, otherwise: V | Expression<V>): WindowFunction<T>
  /** The value of the first row of the window frame. */
  firstValue<T>(column: Expression<T>): WindowFunction<T | null>
  /** The value of the last row of the window frame. By default the frame ends at the current row: change it with `rows`. */
  lastValue<T>(column: Expression<T>): WindowFunction<T | null>
  /** The value of row `n` of the window frame, from 1. */
  nthValue<T>(column: Expression<T>, n: number): WindowFunction<T | null>
  /** The current date and time of the database. */
  now(): Column<Date>
  /** A random number from 0 to 1, different for each row. */
  random(): Column<number>
}

/** Options of `fn.groupConcat`. */
interface ConcatOptions extends DistinctOption {
  /** The order of the values in the text. With `distinct`, only the value itself can be the order. */
  orderBy?: Expression | Order | readonly (Expression | Order)[]
}

interface DistinctOption {
  /** Counts or adds each different value once. Default false. */
  distinct?: boolean
}
