import type { ExpressionNode, OrderNode } from './expression.js'
import type { CountNode, SelectNode } from './statement.js'

/** Gets a copy, whose parts are rewritten already, and the node it was made from. */
type Rewrite = (copy: ExpressionNode, original: ExpressionNode) => ExpressionNode

/** A copy of the tree in which `rewrite` has replaced the nodes it wants to; it sees inner nodes before outer ones. */
export function transformExpression(node: ExpressionNode, rewrite: Rewrite): ExpressionNode {
  const go = (inner: ExpressionNode) => transformExpression(inner, rewrite)
  switch (node.kind) {
    case 'comparison':
    case 'arithmetic':
      return rewrite({ ...node, left: go(node.left), right: go(node.right) }, node)
    case 'logic':
    case 'concat':
      return rewrite({ ...node, items: node.items.map(go) }, node)
    case 'not':
      return rewrite({ ...node, item: go(node.item) }, node)
    case 'nullTest':
      return rewrite({ ...node, operand: go(node.operand) }, node)
    case 'in': {
      const list = node.list.kind === 'list' ? (go(node.list) as typeof node.list) : transformSelect(node.list, rewrite)
      return rewrite({ ...node, operand: go(node.operand), list }, node)
    }
    case 'between':
      return rewrite({ ...node, operand: go(node.operand), low: go(node.low), high: go(node.high) }, node)
    case 'pattern':
    case 'regex':
      return rewrite({ ...node, operand: go(node.operand), pattern: go(node.pattern) }, node)
    case 'call':
      return rewrite(
        { ...node, args: node.args.map(go), ...(node.filter === undefined ? {} : { filter: go(node.filter) }) },
        node,
      )
    case 'case': {
      const branches = node.branches.map(({ when, value }) => ({ when: go(when), value: go(value) }))
      return rewrite({ ...node, branches, otherwise: node.otherwise && go(node.otherwise) }, node)
    }
    case 'cast':
      return rewrite({ ...node, operand: go(node.operand) }, node)
    case 'rowNumber':
      return rewrite(
        {
          ...node,
          partitionBy: node.partitionBy.map(go),
          orderBy: node.orderBy.map((order) => transformOrder(order, rewrite)),
        },
        node,
      )
    case 'subquery':
    case 'exists':
      return rewrite({ ...node, query: transformSelect(node.query, rewrite) }, node)
    case 'raw':
      return rewrite({ ...node, nodes: node.nodes.map(go) }, node)
    case 'column':
    case 'parameter':
    case 'list':
    case 'identifier':
    case 'annotation':
    case 'incoming':
    case 'truth':
      return rewrite({ ...node }, node)
  }
}

export function transformOrder(node: OrderNode, rewrite: Rewrite): OrderNode {
  return { ...node, expression: transformExpression(node.expression, rewrite) }
}

export function transformSelect(node: SelectNode, rewrite: Rewrite): SelectNode {
  const go = (inner: ExpressionNode) => transformExpression(inner, rewrite)
  const count = (inner: CountNode | null) =>
    inner === null || typeof inner === 'number' ? inner : (go(inner) as typeof inner)
  return {
    ...node,
    selections: node.selections.map((selection) => ({ ...selection, expression: go(selection.expression) })),
    from:
      node.from?.kind === 'derivedTable'
        ? { ...node.from, query: transformSelect(node.from.query, rewrite) }
        : node.from,
    where: node.where && go(node.where),
    groupBy: node.groupBy.map(go),
    having: node.having && go(node.having),
    orderBy: node.orderBy.map((order) => transformOrder(order, rewrite)),
    limit: count(node.limit),
    offset: count(node.offset),
  }
}
