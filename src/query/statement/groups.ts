import type { ExpressionNode } from '../../ast/expression.js'
import { at } from '../../util/list.js'

/** Joins the groups by OR and the conditions in a group by AND, as SQL does. */
export function joined(groups: readonly (readonly ExpressionNode[])[]): ExpressionNode[] {
  const items = groups.flatMap((group) => allOrNull(group) ?? [])
  return items.length <= 1 ? items : [{ kind: 'logic', operator: 'or', items }]
}

export function allOrNull(items: readonly ExpressionNode[]): ExpressionNode | null {
  if (items.length === 0) return null
  return items.length === 1 ? at(items, 0) : { kind: 'logic', operator: 'and', items }
}

/** The conditions of `where`. With orWhere() all groups together are one condition. */
export const conditionsIn = (parts: {
  readonly around: readonly ExpressionNode[]
  readonly groups: readonly (readonly ExpressionNode[])[]
}): readonly ExpressionNode[] => [
  ...parts.around,
  ...(parts.groups.length === 1 ? parts.groups.flat() : joined(parts.groups)),
]
