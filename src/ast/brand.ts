import type { ExpressionNode, OrderNode } from './expression.js'

/** Marks values that represent SQL. JSON from a client can't contain this symbol. */
export const NODE: unique symbol = Symbol('corm.node')

const isNode = (value: object): value is { readonly [NODE]: ExpressionNode | OrderNode } => NODE in value

/** The node of a value that represents an expression, or undefined for an ordinary value. */
export function nodeOf(value: unknown): ExpressionNode | OrderNode | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return isNode(value) ? value[NODE] : undefined
  } catch {
    // a revoked proxy can't represent an expression
    return undefined
  }
}
