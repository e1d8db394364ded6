import type { ExpressionNode, OrderNode } from './expression.js'

/** Marks values that stand for SQL. A symbol of this module: no JSON can make one. */
export const NODE: unique symbol = Symbol('corm.node')

/** The node of a value that stands for an expression, or undefined for an ordinary value. */
export function nodeOf(value: unknown): ExpressionNode | OrderNode | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return NODE in value ? (value as { [NODE]: ExpressionNode | OrderNode })[NODE] : undefined
  } catch {
    // a revoked proxy stands for nothing
    return undefined
  }
}
