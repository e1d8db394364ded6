import type { ExpressionNode, LogicNode } from '../../ast/expression.js'
import { childrenOf } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'

/**
 * The most levels that an expression may have. SQLite allows 1000, but one level here may take two or three of them. MariaDB
 * has a small stack, and ends at some hundreds without an error message.
 */
const DEEPEST = 200

/** Depths up to this are computed again instead of stored. Most expressions are not deeper. */
const FEW = 4

const depths = new WeakMap<ExpressionNode, number>()

/** The number of levels of an expression. A column or a value has one. */
export function depthOf(node: ExpressionNode): number {
  const known = depths.get(node)
  if (known !== undefined) return known
  let deepest = 0
  for (const child of childrenOf(node)) deepest = Math.max(deepest, depthOf(child))
  return deepest + 1
}

/** Runs when an expression is created, so that no other function ever walks through one that is too deep. */
export function refuseDeep(node: ExpressionNode): void {
  if (node.kind === 'column' || node.kind === 'annotation') return
  const depth = depthOf(node)
  if (depth > DEEPEST)
    throw new UsageError(
      `An expression is nested more than ${DEEPEST} levels deep, which databases don't take. Conditions joined by and() and or(), sums, products and concat() may be as long as they like; compute the rest in steps, or write it with the sql tag.`,
    )
  if (depth > FEW) depths.set(node, depth)
}

/** Stores the depth of a list of conditions, so that adding one condition does not measure all the others again. */
export function rememberDepth(row: LogicNode, parts: readonly ExpressionNode[]): LogicNode {
  const levelOf = (part: ExpressionNode) => {
    const isRow = part.kind === 'logic' && part.operator === row.operator
    return isRow ? depthOf(part) : depthOf(part) + 1
  }
  depths.set(
    row,
    parts.reduce((deepest, part) => Math.max(deepest, levelOf(part)), 1),
  )
  return row
}
