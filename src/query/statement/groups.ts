import type { ExpressionNode } from '../../ast/expression.js'

/** AND binds tighter than OR, as in SQL. */
export function joined(groups: readonly (readonly ExpressionNode[])[]): ExpressionNode[] {
  const items = groups.flatMap((group) => allOrNull(group) ?? [])
  return items.length <= 1 ? items : [{ kind: 'logic', operator: 'or', items }]
}

export function allOrNull(items: readonly ExpressionNode[]): ExpressionNode | null {
  return items.length <= 1 ? (items[0] ?? null) : { kind: 'logic', operator: 'and', items }
}
