import type { CallNode, ExpressionNode, SelectNode } from './expression.js'
import { transformSelect } from './transform.js'

/** The expressions that a node is made of. A select inside is a world of its own. */
export function childrenOf(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.kind) {
    case 'comparison':
    case 'arithmetic':
      return [node.left, node.right]
    case 'logic':
    case 'concat':
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
    case 'json':
      return [node.operand, node.path]
    case 'case':
      return [...node.branches.flatMap(({ when, value }) => [when, value]), ...(node.otherwise ? [node.otherwise] : [])]
    case 'raw':
      return node.nodes
    default:
      return []
  }
}

function partsOfCall({ args, filter, over }: CallNode): readonly ExpressionNode[] {
  if (filter === undefined && over === undefined) return args
  const frame = over === undefined ? [] : [...over.partitionBy, ...over.orderBy.map((order) => order.expression)]
  return [...args, ...(filter === undefined ? [] : [filter]), ...frame]
}

/** Whether a node or one in it passes the test. */
export function someNode(node: ExpressionNode, test: (node: ExpressionNode) => boolean): boolean {
  return test(node) || childrenOf(node).some((child) => someNode(child, test))
}

const reaching = new WeakMap<SelectNode, boolean>()

/** Whether something in a select means the row of a select around it. */
export function reachesOut(select: SelectNode): boolean {
  let known = reaching.get(select)
  if (known === undefined) {
    known = false
    transformSelect(select, (copy, original, depth) => {
      if (original.kind === 'column' && (original.level ?? 0) > depth) known = true
      return copy
    })
    reaching.set(select, known)
  }
  return known
}
