import type { Decimal } from 'decimal.js'
import type { Column, Expression, Subquery } from './expression.js'

/** An unfinished CASE: end it with `else` or `end`. */
export interface CaseSteps<V> {
  /** Adds a branch: `value` if this is the first condition that is true. */
  when<W>(condition: Expression<boolean>, value: W | Expression<W>): CaseSteps<V | BranchValue<W>>
  /** Ends the CASE with the value for rows for which no condition is true. */
  else<W>(value: W | Expression<W>): Column<CommonNumber<V | BranchValue<W>>>
  /** Ends the CASE. It is NULL if no condition is true. */
  end(): Column<CommonNumber<V> | null>
}

/** The type of `caseWhen`. */
export type CaseWhen = <V>(condition: Expression<boolean>, value: V | Expression<V>) => CaseSteps<BranchValue<V>>
/** Numbers next to decimals are decimals. */
type CommonNumber<T> = [Extract<T, Decimal>] extends [never] ? T : Exclude<T, number | bigint>
/** The value of a branch: a query may find no row. */
type BranchValue<V> = V extends Subquery<infer T> ? T | null : V
