import type { Decimal } from 'decimal.js'
import type { Column, Expression, InputFor, NullOf, Order } from './expression.js'

type AnyNumber = number | bigint | Decimal | string | null
type NeverNull<V> = V extends Expression<infer T> ? (null extends T ? never : true) : V extends null ? never : true
/** Numbers may stand next to decimals and bigints. */
type Loose<T> = T extends Decimal ? T | number | string : T extends bigint ? T | number : T

/** Which rows are seen from a row: `{ partitionBy: c.authorId, orderBy: c.price.desc() }`. */
export interface Window {
  /** Only rows of the same values. */
  partitionBy?: Expression | readonly Expression[]
  orderBy?: Expression | Order | readonly (Expression | Order)[]
  /**
   * From which row to which: negative before the current one, 0 itself. Without it, and with an order, the rows up to the
   * current one and those of the same order.
   */
  rows?: readonly [from: number | 'unbounded', to: number | 'unbounded']
}

/** A function that is nothing without its window. */
export interface WindowFunction<T> {
  over(window: Window): Column<T>
}

/** A value over many rows: `fn.sum(c.price)`. */
export interface Aggregate<T> extends Column<T, InputFor<T>> {
  /** Takes only the rows that meet a condition. */
  filter(condition: Expression<boolean>): Aggregate<T>
  /** The value over the rows of a window, for each row. */
  over(window?: Window): Column<T>
}

/** What SUM gives for a column of this type: null over no rows. */
export type SumOf<T> = T extends number
  ? number | null
  : T extends bigint
    ? bigint | null
    : T extends string
      ? string | null
      : T extends Decimal
        ? Decimal | null
        : never

/** What AVG gives for a column of this type: exact for decimals, null over no rows. */
export type AvgOf<T> = T extends number | bigint ? number | null : SumOf<T>

/** The type of `fn`: functions of SQL, usable wherever an expression is. */
export interface Functions {
  /** COUNT of rows, or of the values of `column` that are not NULL. */
  count(column?: Expression, options?: DistinctOption): Aggregate<number>
  /** SUM: exact for decimals, null over no rows. */
  sum<T>(column: Expression<T>, options?: DistinctOption): Aggregate<SumOf<NonNullable<T>>>
  /** AVG: exact for decimals, null over no rows. */
  avg<T>(column: Expression<T>, options?: DistinctOption): Aggregate<AvgOf<NonNullable<T>>>
  min<T>(column: Expression<T>): Aggregate<T | null>
  max<T>(column: Expression<T>): Aggregate<T | null>
  /** The values as one text, with `separator` (a comma) between them, in no certain order; null over no rows. */
  groupConcat(column: Expression, separator?: string, options?: DistinctOption): Aggregate<string | null>
  /** The first of these that is not NULL. */
  coalesce<T, V extends readonly (NonNullable<T> | Expression<NonNullable<T> | null>)[]>(
    column: Expression<T>,
    ...values: V
  ): Column<NonNullable<T> | (true extends NeverNull<V[number]> ? never : Extract<T, null>)>
  /** NULL where both are equal, else the first. */
  nullIf<T>(column: Expression<T>, value: T | Expression<T>): Column<T | null>
  /** The largest of these; NULL if one of them is. */
  greatest<T, V extends readonly (Loose<T> | Expression<Loose<T> | null>)[]>(
    first: Expression<T>,
    ...others: V
  ): Column<T | NullOf<V[number]>>
  /** The smallest of these; NULL if one of them is. */
  least<T, V extends readonly (Loose<T> | Expression<Loose<T> | null>)[]>(
    first: Expression<T>,
    ...others: V
  ): Column<T | NullOf<V[number]>>
  /** Texts one after the other; NULL if one of them is. */
  concat<V extends readonly (string | Expression<string | null>)[]>(...values: V): Column<string | NullOf<V[number]>>
  lower<T extends string | null>(column: Expression<T>): Column<T>
  upper<T extends string | null>(column: Expression<T>): Column<T>
  trim<T extends string | null>(column: Expression<T>): Column<string | Extract<T, null>>
  /** The number of characters. */
  length<T extends string | null>(column: Expression<T>): Column<number | Extract<T, null>>
  abs<T extends AnyNumber>(column: Expression<T>): Column<T>
  /** To `digits` after the point (0), halves away from zero. */
  round<T extends AnyNumber>(column: Expression<T>, digits?: number): Column<T>
  floor<T extends AnyNumber>(column: Expression<T>): Column<T>
  ceil<T extends AnyNumber>(column: Expression<T>): Column<T>
  /** The number of a row in its window, from 1. */
  rowNumber(): WindowFunction<number>
  /** As `rowNumber`, with the same number for rows of the same order, and a gap after them. */
  rank(): WindowFunction<number>
  /** As `rank`, without gaps. */
  denseRank(): WindowFunction<number>
  /** The rank from 0 to 1. */
  percentRank(): WindowFunction<number>
  /** The part of the rows that come up to this one, from 0 to 1. */
  cumeDist(): WindowFunction<number>
  /** Which of this many parts, alike in size, a row is in. */
  ntile(parts: number): WindowFunction<number>
  /** The value of the row so many (1) before; where there is none `otherwise`, or NULL. */
  lag<T>(column: Expression<T>, rows?: number): WindowFunction<T | null>
  lag<T, V extends Loose<T>>(column: Expression<T>, rows: number, otherwise: V | Expression<V>): WindowFunction<T>
  /** The value of the row so many (1) after. */
  lead<T>(column: Expression<T>, rows?: number): WindowFunction<T | null>
  lead<T, V extends Loose<T>>(column: Expression<T>, rows: number, otherwise: V | Expression<V>): WindowFunction<T>
  firstValue<T>(column: Expression<T>): WindowFunction<T | null>
  /** Of the rows up to this one, unless `rows` says otherwise. */
  lastValue<T>(column: Expression<T>): WindowFunction<T | null>
  nthValue<T>(column: Expression<T>, n: number): WindowFunction<T | null>
  /** The time of the database. */
  now(): Column<Date>
  /** A number from 0 to 1, another for each row. */
  random(): Column<number>
}

interface DistinctOption {
  /** Takes each value once. */
  distinct?: boolean
}
