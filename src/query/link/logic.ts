import type { ExpressionNode } from '../../ast/expression.js'
import { at } from '../../util/list.js'

export const allOf = (items: readonly ExpressionNode[]): ExpressionNode => joined('and', items)

export const anyOf = (items: readonly ExpressionNode[]): ExpressionNode => joined('or', items)

function joined(operator: 'and' | 'or', items: readonly ExpressionNode[]): ExpressionNode {
  return items.length === 1 ? at(items, 0) : { kind: 'logic', operator, items }
}

export function equals(left: ExpressionNode, right: ExpressionNode): ExpressionNode {
  return { kind: 'comparison', operator: '=', left, right }
}
