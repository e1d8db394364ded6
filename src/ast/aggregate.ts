import type { AggregateName, CallNode, ExpressionNode } from './expression.js'

const AGGREGATES: ReadonlySet<string> = new Set(['count', 'sum', 'avg', 'min', 'max', 'groupConcat'])

/** Whether a call is one of an aggregate, over a window too. */
export const callsAggregate = (node: CallNode): node is CallNode<AggregateName> => AGGREGATES.has(node.name)

/** Whether a node is one value of many rows. */
export const isAggregate = (node: ExpressionNode): node is CallNode<AggregateName> =>
  node.kind === 'call' && callsAggregate(node) && node.over === undefined
