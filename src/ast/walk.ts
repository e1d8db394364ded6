import { memo } from '../util/memo.js'
import { unhandled } from '../util/unhandled.js'
import type { CallNode, CompoundNode, ExpressionNode, SelectNode } from './expression.js'

/** The direct children of a node. Those of a nested select are not included. */
export function childrenOf(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.kind) {
    case 'comparison':
    case 'arithmetic':
      return [node.left, node.right]
    case 'logic':
    case 'concat':
    case 'tuple':
      return node.items
    case 'not':
      return [node.item]
    case 'nullTest':
    case 'cast':
    case 'in':
      return [node.operand]
    case 'between':
      return [node.operand, node.low, node.high]
    case 'pattern':
    case 'regex':
      return [node.operand, node.pattern]
    case 'call':
      return partsOfCall(node)
    case 'distance':
      return [node.operand, node.vector]
    case 'match':
      return [node.words, ...node.key, node.search]
    case 'json':
      return [node.operand, node.path]
    case 'case':
      return [...node.branches.flatMap(({ when, value }) => [when, value]), ...(node.otherwise ? [node.otherwise] : [])]
    case 'raw':
      return node.nodes
    case 'jsonRows':
      return node.items.map((item) => item.expression)
    case 'column':
    case 'parameter':
    case 'list':
    case 'object':
    case 'subquery':
    case 'exists':
    case 'identifier':
    case 'annotation':
    case 'incoming':
    case 'truth':
      return NO_NODES
    default:
      return unhandled(node)
  }
}

const NO_NODES: readonly ExpressionNode[] = []

function partsOfCall({ args, filter, over, orderBy = [] }: CallNode): readonly ExpressionNode[] {
  if (filter === undefined && over === undefined && orderBy.length === 0) return args
  const frame = over === undefined ? [] : [...over.partitionBy, ...over.orderBy.map((order) => order.expression)]
  return [...args, ...orderBy.map((order) => order.expression), ...(filter === undefined ? [] : [filter]), ...frame]
}

/** Whether the node or one of its descendants passes the test. */
export function someNode(node: ExpressionNode, test: (node: ExpressionNode) => boolean): boolean {
  if (test(node)) return true
  for (const child of childrenOf(node)) if (someNode(child, test)) return true
  return false
}

type Test = (node: ExpressionNode, depth: number) => boolean

const NONE: readonly SelectNode[] = []

/** The selects that a node uses as a value or a list. */
export function selectsOf(node: ExpressionNode): readonly SelectNode[] {
  if (node.kind === 'subquery' || node.kind === 'exists') return [node.query]
  return node.kind === 'in' && node.list.kind === 'select' ? [node.list] : NONE
}

/** Like `someNode`, but also in nested selects. `depth` is the number of selects around a node. */
export function someInside(node: ExpressionNode, test: Test, depth = 0): boolean {
  if (test(node, depth)) return true
  if (node.kind === 'in' && node.list.kind === 'list' && test(node.list, depth)) return true
  for (const child of childrenOf(node)) if (someInside(child, test, depth)) return true
  for (const select of selectsOf(node)) if (someInSelect(select, test, depth + 1)) return true
  return false
}

/** Whether a node in a select passes the test. */
export function someInSelect(select: SelectNode, test: Test, depth = 0): boolean {
  const { where, having, joins, ctes } = select
  for (const { expression } of select.selections) if (someInside(expression, test, depth)) return true
  if (where !== null && someInside(where, test, depth)) return true
  for (const { expression } of select.orderBy) if (someInside(expression, test, depth)) return true
  for (const key of select.groupBy) if (someInside(key, test, depth)) return true
  if (having !== null && someInside(having, test, depth)) return true
  for (const count of [select.limit, select.offset])
    if (typeof count === 'object' && count !== null && test(count, depth)) return true
  if (someInSource(select.from, test, depth)) return true
  if (joins?.some(({ source, on }) => someInside(on, test, depth) || someInSource(source, test, depth))) return true
  return ctes?.some(({ query }) => someInRows(query, test, depth + 1)) ?? false
}

const someInSource = (source: SelectNode['from'], test: Test, depth: number): boolean =>
  source?.kind === 'derivedTable' && someInRows(source.query, test, depth + 1)

const someInRows = (rows: SelectNode | CompoundNode, test: Test, depth: number): boolean =>
  rows.kind === 'select'
    ? someInSelect(rows, test, depth)
    : rows.operands.some((operand) => someInSelect(operand, test, depth))

const reaching = new WeakMap<SelectNode, boolean>()

/** Whether a select refers to a row of a select around it. */
export function reachesOut(select: SelectNode): boolean {
  return memo(reaching, select, () =>
    someInSelect(select, (node, depth) => node.kind === 'column' && (node.level ?? 0) > depth),
  )
}
