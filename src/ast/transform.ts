import { unhandled } from '../util/unhandled.js'
import {
  type CallNode,
  type ColumnNode,
  type CompoundNode,
  clausesWith,
  type ExpressionNode,
  type ListNode,
  type OrderNode,
  type ParameterNode,
} from './expression.js'
import type { SelectNode, TableSource } from './statement.js'

/** Receives a copy whose parts are already rewritten, the original node, and the number of selects around it. */
export interface Rewrite {
  (copy: ExpressionNode, original: ExpressionNode, depth: number): ExpressionNode
  /** The same for selects, wherever they are in the tree. */
  readonly select?: (copy: SelectNode) => SelectNode
}

/** Copies the tree and lets `rewrite` replace nodes, inner nodes before outer ones. */
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
      const list = node.list.kind === 'list' ? same(node.list, go) : transformSelect(node.list, rewrite, depth + 1)
      return { ...node, operand: go(node.operand), list }
    }
    case 'between':
      return { ...node, operand: go(node.operand), low: go(node.low), high: go(node.high) }
    case 'pattern':
    case 'regex':
      return { ...node, operand: go(node.operand), pattern: go(node.pattern) }
    case 'member':
      return { ...node, operand: go(node.operand), item: same(node.item, go) }
    case 'call':
      return transformCall(node, go, rewrite, depth)
    case 'case': {
      const branches = node.branches.map(({ when, value }) => ({ when: go(when), value: go(value) }))
      return { ...node, branches, otherwise: node.otherwise && go(node.otherwise) }
    }
    case 'distance':
      return { ...node, operand: go(node.operand), vector: same(node.vector, go) }
    case 'match':
      return {
        ...node,
        words: same(node.words, go),
        key: node.key.map((column) => same(column, go)),
        search: same(node.search, go),
      }
    case 'json':
      return { ...node, operand: go(node.operand), path: same(node.path, go) }
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
    default:
      return unhandled(node)
  }
}

/** Requires that a parameter, list or column remains one. */
function same<N extends ParameterNode | ListNode | ColumnNode>(
  node: N,
  go: (inner: ExpressionNode) => ExpressionNode,
): N {
  const copy = go(node)
  if (!isLike(node, copy)) throw new TypeError(`a ${node.kind} was rewritten into a ${copy.kind}`)
  return copy
}

const isLike = <N extends ExpressionNode>(node: N, other: ExpressionNode): other is N => other.kind === node.kind

/** Copies a call with each argument changed by `change`. Parameters remain parameters. */
export function withArguments(node: CallNode, change: (argument: ExpressionNode) => ExpressionNode): CallNode {
  const args: readonly ExpressionNode[] = node.args
  return { ...node, args: args.map(change) } as CallNode
}

function transformCall(
  node: CallNode,
  go: (inner: ExpressionNode) => ExpressionNode,
  rewrite: Rewrite,
  depth: number,
): CallNode {
  const { filter, over, orderBy } = node
  const frame = over && {
    ...over,
    partitionBy: over.partitionBy.map(go),
    orderBy: over.orderBy.map((order) => transformOrder(order, rewrite, depth)),
  }
  return {
    ...withArguments(node, go),
    ...(filter === undefined ? {} : { filter: go(filter) }),
    ...(orderBy === undefined ? {} : { orderBy: orderBy.map((order) => transformOrder(order, rewrite, depth)) }),
    ...(frame === undefined ? {} : { over: frame }),
  }
}

export function transformOrder(node: OrderNode, rewrite: Rewrite, depth = 0): OrderNode {
  return { ...node, expression: transformExpression(node.expression, rewrite, depth) }
}

const NODES = clausesWith('node')
const LISTS = clausesWith('nodes')
const ITEMS = clausesWith('items')
const COUNTS = clausesWith('count')

/** Copies a select. `depth` counts this select and those around it. */
export function transformSelect(node: SelectNode, rewrite: Rewrite, depth = 0): SelectNode {
  const go = (inner: ExpressionNode) => transformExpression(inner, rewrite, depth)
  const copy: { -readonly [C in keyof SelectNode]: SelectNode[C] } = { ...node }
  copy.ctes = node.ctes?.map((cte) => ({ ...cte, query: transformRows(cte.query, rewrite, depth + 1) }))
  copy.joins = node.joins?.map((join) => ({
    ...join,
    source: transformSource(join.source, rewrite, depth),
    on: go(join.on),
  }))
  copy.from = node.from && transformSource(node.from, rewrite, depth)
  for (const name of NODES) copy[name] = node[name] && go(node[name])
  for (const name of LISTS) copy[name] = node[name].map(go)
  for (const name of COUNTS) {
    const count = node[name]
    copy[name] = count === null || typeof count === 'number' ? count : same(count, go)
  }
  for (const name of ITEMS) {
    const items = node[name].map((item) => ({ ...item, expression: go(item.expression) }))
    Object.assign(copy, { [name]: items })
  }
  // `rewrite` is a function, whose prototypes may have been given such a member
  return Object.hasOwn(rewrite, 'select') && rewrite.select !== undefined ? rewrite.select(copy) : copy
}

function transformSource(node: TableSource, rewrite: Rewrite, depth: number): TableSource {
  return node.kind === 'table' ? node : { ...node, query: transformRows(node.query, rewrite, depth + 1) }
}

function transformRows(node: SelectNode | CompoundNode, rewrite: Rewrite, depth: number): SelectNode | CompoundNode {
  if (node.kind === 'select') return transformSelect(node, rewrite, depth)
  return { ...node, operands: node.operands.map((operand) => transformSelect(operand, rewrite, depth)) }
}
