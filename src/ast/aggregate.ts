import type { CallNode, ExpressionNode } from './expression.js'

const AGGREGATES: ReadonlySet<string> = new Set(['count', 'sum', 'avg', 'min', 'max', 'groupConcat'])

/** Whether a node is one value of many rows. */
export const isAggregate = (node: ExpressionNode): node is CallNode =>
  node.kind === 'call' && AGGREGATES.has(node.name) && node.over === undefined
