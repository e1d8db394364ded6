import type { ValueType } from './data-type.js'
import type { ExpressionNode } from './expression.js'

/** The type of an expression's value, where it is known. */
export function typeOf(node: ExpressionNode): ValueType | null {
  if (node.kind === 'arithmetic') return node.type === undefined ? (typeOf(node.left) ?? typeOf(node.right)) : node.type
  if (node.kind === 'subquery') return node.query.selections[0]?.type ?? null
  return 'type' in node ? (node.type ?? null) : null
}
