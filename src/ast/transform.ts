import type { CallNode, CompoundNode, ExpressionNode, OrderNode } from './expression.js'
import type { CountNode, DerivedTableNode, SelectNode, TableNode } from './statement.js'

/** Gets a copy, whose parts are rewritten already, the node it was made from, and how many selects are around it. */
export interface Rewrite {
  (copy: ExpressionNode, original: ExpressionNode, depth: number): ExpressionNode
  /** The same for selects, wherever they stand. */
  readonly select?: (copy: SelectNode) => SelectNode
}

/** A copy of the tree in which `rewrite` has replaced the nodes it wants to; it sees inner nodes before outer ones. */
export function transformExpression(node: ExpressionNode, rewrite: Rewrite, depth = 0): ExpressionNode {
  const go = (inner: ExpressionNode) => transformExpression(inner, rewrite, depth)
  return rewrite(copyOf(node, go, rewrite, depth), node, depth)
}

function copyOf(
  node: ExpressionNode,
  go: (inner: ExpressionNode) => ExpressionNode,
  rewrite: Rewrite,
  depth: number,
): ExpressionNode {
  switch (node.kind) {
    case 'comparison':
    case 'arithmetic':
      return { ...node, left: go(node.left), right: go(node.right) }
    case 'logic':
    case 'concat':
    case 'tuple':
      return { ...node, items: node.items.map(go) }
    case 'not':
      return { ...node, item: go(node.item) }
    case 'nullTest':
    case 'cast':
      return { ...node, operand: go(node.operand) }
    case 'in': {
      const list =
        node.list.kind === 'list' ? (go(node.list) as typeof node.list) : transformSelect(node.list, rewrite, depth + 1)
      return { ...node, operand: go(node.operand), list }
    }
    case 'between':
      return { ...node, operand: go(node.operand), low: go(node.low), high: go(node.high) }
    case 'pattern':
    case 'regex':
      return { ...node, operand: go(node.operand), pattern: go(node.pattern) }
    case 'call':
      return transformCall(node, go, rewrite, depth)
    case 'case': {
      const branches = node.branches.map(({ when, value }) => ({ when: go(when), value: go(value) }))
      return { ...node, branches, otherwise: node.otherwise && go(node.otherwise) }
    }
    case 'json':
      return { ...node, operand: go(node.operand), path: go(node.path) as typeof node.path }
    case 'subquery':
    case 'exists':
      return { ...node, query: transformSelect(node.query, rewrite, depth + 1) }
    case 'raw':
      return { ...node, nodes: node.nodes.map(go) }
    case 'jsonRows':
      return { ...node, items: node.items.map((item) => ({ ...item, expression: go(item.expression) })) }
    case 'column':
    case 'parameter':
    case 'list':
    case 'identifier':
    case 'annotation':
    case 'incoming':
    case 'object':
    case 'truth':
      return { ...node }
  }
}

function transformCall(
  node: CallNode,
  go: (inner: ExpressionNode) => ExpressionNode,
  rewrite: Rewrite,
  depth: number,
): CallNode {
  const { args, filter, over } = node
  const frame = over && {
    ...over,
    partitionBy: over.partitionBy.map(go),
    orderBy: over.orderBy.map((order) => transformOrder(order, rewrite, depth)),
  }
  return {
    ...node,
    args: args.map(go),
    ...(filter === undefined ? {} : { filter: go(filter) }),
    ...(frame === undefined ? {} : { over: frame }),
  }
}

export function transformOrder(node: OrderNode, rewrite: Rewrite, depth = 0): OrderNode {
  return { ...node, expression: transformExpression(node.expression, rewrite, depth) }
}

/** A copy of a select; `depth` counts it and those around it. */
export function transformSelect(node: SelectNode, rewrite: Rewrite, depth = 0): SelectNode {
  const go = (inner: ExpressionNode) => transformExpression(inner, rewrite, depth)
  const count = (inner: CountNode | null) =>
    inner === null || typeof inner === 'number' ? inner : (go(inner) as typeof inner)
  const { ctes, joins } = node
  const copy: SelectNode = {
    ...node,
    ...(ctes && { ctes: ctes.map((cte) => ({ ...cte, query: transformRows(cte.query, rewrite, depth + 1) })) }),
    ...(joins && {
      joins: joins.map((join) => ({ ...join, source: transformSource(join.source, rewrite, depth), on: go(join.on) })),
    }),
    selections: node.selections.map((selection) => ({ ...selection, expression: go(selection.expression) })),
    from: node.from && transformSource(node.from, rewrite, depth),
    where: node.where && go(node.where),
    groupBy: node.groupBy.map(go),
    having: node.having && go(node.having),
    orderBy: node.orderBy.map((order) => transformOrder(order, rewrite, depth)),
    limit: count(node.limit),
    offset: count(node.offset),
  }
  // a function has no such member of its own, but its prototypes may
  return Object.hasOwn(rewrite, 'select') ? (rewrite.select as (copy: SelectNode) => SelectNode)(copy) : copy
}

function transformSource<T extends TableNode | DerivedTableNode>(node: T, rewrite: Rewrite, depth: number): T {
  return node.kind === 'table' ? node : { ...node, query: transformRows(node.query, rewrite, depth + 1) }
}

function transformRows<T extends SelectNode | CompoundNode>(node: T, rewrite: Rewrite, depth: number): T {
  if (node.kind === 'select') return transformSelect(node, rewrite, depth) as T
  return { ...node, operands: node.operands.map((operand) => transformSelect(operand, rewrite, depth)) }
}
