import { isAggregate } from '../../ast/aggregate.js'
import { CALL } from '../../ast/bases.js'
import type { ExpressionNode, OrderNode, SelectNode } from '../../ast/expression.js'
import { someNode } from '../../ast/walk.js'

const isWindow = (node: ExpressionNode) => node.kind === 'call' && node.over !== undefined
const holdsWindow = ({ expression }: { readonly expression: ExpressionNode }) => someNode(expression, isWindow)
const holdsAggregate = ({ expression }: { readonly expression: ExpressionNode }) => someNode(expression, isAggregate)

/**
 * The order of groups. MariaDB reads groups in the order of an index if there is one. It then leaves out an order by the same
 * columns, although window functions have sorted the groups differently (seen in 10.11). An aggregate in the order prevents
 * that.
 */
export function orderOfGroups({ groupBy, orderBy, selections }: SelectNode): readonly OrderNode[] {
  if (groupBy.length === 0 || orderBy.length === 0 || orderBy.some(holdsAggregate)) return orderBy
  if (![...selections, ...orderBy].some(holdsWindow)) return orderBy
  return [...orderBy, { kind: 'order', expression: COUNT, direction: 'asc', nulls: null }]
}

const COUNT: ExpressionNode = { ...CALL, name: 'count', args: [], distinct: false, type: null }
