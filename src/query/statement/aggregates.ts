import type { ExpressionNode, JoinNode } from '../../ast/expression.js'
import { childrenOf } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import { isAggregate } from '../expression/nodes.js'
import { holdsAggregate, holdsWindow } from './named.js'

// Where aggregates and windows are allowed. corm checks this itself, because the messages of the databases differ.

/** Whether an expression contains an aggregate of another aggregate. */
export const nestsAggregates = (node: ExpressionNode): boolean =>
  isAggregate(node) ? childrenOf(node).some(holdsAggregate) : childrenOf(node).some(nestsAggregates)

/** Refuses aggregates of aggregates or windows in a select: an aggregate takes values of rows. */
export function refuseNested(nodes: readonly ExpressionNode[]): void {
  for (const node of nodes) {
    if (!isAggregate(node)) {
      refuseNested(childrenOf(node))
      continue
    }
    if (childrenOf(node).some(holdsAggregate))
      throw new UsageError(
        `fn.${node.name}() can't take another aggregate: that is one value of all rows, or of a group. Compute the inner one by a query of its own and read from that: from(query).`,
      )
    if (childrenOf(node).some(holdsWindow))
      throw new UsageError(
        `fn.${node.name}() can't take a window function, nor filter by one. Name that with annotate(), and use the name.`,
      )
  }
}

export function refuseAggregates(nodes: readonly ExpressionNode[], what: string): void {
  if (nodes.some(holdsAggregate))
    throw new UsageError(
      `An aggregate can't be used in ${what}, because it is a value of many rows. Compute it in a separate query, and read from that with from(query) or use it as a value.`,
    )
}

/** Refuses aggregates and windows in the update of an upsert, which only reads the existing row and the incoming one. */
export function refuseInUpserts(nodes: readonly ExpressionNode[]): void {
  refuseAggregates(nodes, 'the update of an upsert')
  if (nodes.some(holdsWindow))
    throw new UsageError(
      "A window function can't be used in the update of an upsert, because it is computed from the rows of a result. Read the values with a query first.",
    )
}

export function refuseInJoins(joins: readonly Pick<JoinNode, 'on'>[]): void {
  const conditions = joins.map(({ on }) => on)
  refuseAggregates(conditions, 'the condition of a join')
  if (conditions.some(holdsWindow))
    throw new UsageError(
      "A window function can't be used in the condition of a join, because it is computed from the rows of the result. Join the query that computes it.",
    )
}
