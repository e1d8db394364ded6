import { memo } from '../util/memo.js'
import { unhandled } from '../util/unhandled.js'
import { type CallNode, type CompoundNode, clausesWith, type ExpressionNode, type SelectNode } from './expression.js'

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
    case 'member':
      return [node.operand, node.item]
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

const NODES = clausesWith('node')
const LISTS = clausesWith('nodes')
const ITEMS = clausesWith('items')
const COUNTS = clausesWith('count')

/** The expressions in a select's own clauses, without those of its sources and common table expressions. */
export function expressionsIn(select: SelectNode): readonly ExpressionNode[] {
  const found: ExpressionNode[] = []
  for (const name of ITEMS) for (const { expression } of select[name]) found.push(expression)
  for (const name of NODES) {
    const node = select[name]
    if (node !== null) found.push(node)
  }
  for (const name of LISTS) found.push(...select[name])
  for (const name of COUNTS) {
    const count = select[name]
    if (typeof count === 'object' && count !== null) found.push(count)
  }
  for (const { on } of select.joins ?? []) found.push(on)
  return found
}

/** Whether a node in a select passes the test. */
export function someInSelect(select: SelectNode, test: Test, depth = 0): boolean {
  for (const node of expressionsIn(select)) if (someInside(node, test, depth)) return true
  if (someInSource(select.from, test, depth)) return true
  if (select.joins?.some(({ source }) => someInSource(source, test, depth))) return true
  return select.ctes?.some(({ query }) => someInRows(query, test, depth + 1)) ?? false
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
