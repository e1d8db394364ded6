import type { AggregateName, CallNode, ExpressionNode } from './expression.js'

const AGGREGATES: ReadonlySet<string> = new Set(['count', 'sum', 'avg', 'min', 'max', 'groupConcat'])

/** Whether a call is of an aggregate function, also over a window. */
export const callsAggregate = (node: CallNode): node is CallNode<AggregateName> => AGGREGATES.has(node.name)

/** Whether a node aggregates rows. Over a window it does not: each row keeps its own value. */
export const isAggregate = (node: ExpressionNode): node is CallNode<AggregateName> =>
  node.kind === 'call' && callsAggregate(node) && node.over === undefined
