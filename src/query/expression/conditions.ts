import type { ExpressionNode, LogicNode } from '../../ast/expression.js'
import { rememberDepth } from './depth.js'
import { absorbed } from './made.js'

// `a.or(b).or(c)` becomes one flat list of conditions. Nested, a thousand of them would be a thousand levels deep.

/**
 * The length from which a list is built only when it is read. Copying it for each added condition would take quadratic time.
 */
const LONG = 64

/** The parts of lists that were not built yet, and the length that each list will have. */
const pending = new WeakMap<ExpressionNode, { readonly parts: readonly ExpressionNode[]; readonly length: number }>()

/**
 * Joins conditions by one operator. The items of a part with the same operator are joined directly, without a level of their
 * own.
 */
export function conditionRow(operator: 'and' | 'or', nodes: readonly ExpressionNode[]): LogicNode {
  let length = 0
  for (const node of nodes) {
    if (!isRow(node, operator)) length++
    else {
      absorbed(node)
      length += pending.get(node)?.length ?? node.items.length
    }
  }
  return rememberDepth(
    length < LONG ? rowOf(operator, listOf(operator, nodes)) : lateRow(operator, nodes, length),
    nodes,
  )
}

const isRow = (node: ExpressionNode, operator: 'and' | 'or'): node is LogicNode =>
  node.kind === 'logic' && node.operator === operator

const rowOf = (operator: 'and' | 'or', items: readonly ExpressionNode[]): LogicNode => ({
  kind: 'logic',
  operator,
  items,
})

function lateRow(operator: 'and' | 'or', parts: readonly ExpressionNode[], length: number): LogicNode {
  const row = rowOf(operator, [])
  pending.set(row, { parts, length })
  const become = (attributes: PropertyDescriptor) =>
    Object.defineProperty(row, 'items', { ...attributes, enumerable: true, configurable: true })
  become({
    get() {
      const value = listOf(operator, parts)
      become({ value, writable: false })
      pending.delete(row)
      return value
    },
  })
  return row
}

/** Uses a loop, because the parts may be nested as deep as the number of joined conditions. */
function listOf(operator: 'and' | 'or', nodes: readonly ExpressionNode[]): ExpressionNode[] {
  const items: ExpressionNode[] = []
  const waiting = nodes.toReversed()
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const parts = pending.get(node)?.parts
    if (parts !== undefined && isRow(node, operator)) waiting.push(...parts.toReversed())
    else if (isRow(node, operator)) for (const item of node.items) items.push(item)
    else items.push(node)
  }
  return items
}
