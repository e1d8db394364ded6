import type { ColumnNode, ExpressionNode } from '../../ast/expression.js'

/** Below this a list is as good. */
const FEW = 3

/** The first and last of distinct values that are all integers between those; null: some are missing, or they are no integers. */
export function rangeOf(values: readonly unknown[]): [first: number, last: number] | null {
  if (values.length < FEW) return null
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return null
    first = Math.min(first, value)
    last = Math.max(last, value)
  }
  return last - first + 1 === values.length ? [first, last] : null
}

export function betweenKeys(operand: ColumnNode, first: number | bigint, last: number | bigint): ExpressionNode {
  const bound = (value: number | bigint) => ({ kind: 'parameter', type: operand.type, value }) as const
  return { kind: 'between', operand, low: bound(first), high: bound(last), negated: false }
}
