import type { ExpressionNode, LogicNode } from '../../ast/expression.js'
import { childrenOf } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'

/**
 * Levels of an expression. SQLite takes 1000 of its own, some of which are two or three of these, and MariaDB ends without a word
 * at some hundreds: its stack is small.
 */
const DEEPEST = 200

/** Up to here it is counted again rather than kept: most expressions have no more. */
const FEW = 4

const depths = new WeakMap<ExpressionNode, number>()

/** How many levels an expression has: a column, or a value, is one. */
export function depthOf(node: ExpressionNode): number {
  const known = depths.get(node)
  if (known !== undefined) return known
  let deepest = 0
  for (const child of childrenOf(node)) deepest = Math.max(deepest, depthOf(child))
  return deepest + 1
}

/** Called for each expression when it is made, so that nothing ever walks through one that is too deep. */
export function refuseDeep(node: ExpressionNode): void {
  if (node.kind === 'column' || node.kind === 'annotation') return
  const depth = depthOf(node)
  if (depth > DEEPEST)
    throw new UsageError(
      `An expression is nested more than ${DEEPEST} levels deep, which databases don't take. Conditions joined by and() and or(), sums, products and concat() may be as long as they like; compute the rest in steps, or write it with the sql tag.`,
    )
  if (depth > FEW) depths.set(node, depth)
}

/** Conditions that are joined one by one are not looked through each time: the depth of the row is that of its deepest part. */
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
