import type { ExpressionNode, LogicNode } from '../../ast/expression.js'
import { rememberDepth } from './depth.js'
import { absorbed } from './made.js'

// `a.or(b).or(c)` is one row of conditions: a thousand of them would be as deep.

/** From so many on, the list of a row is made when it is read: copied for each condition that is joined, it would be quadratic. */
const LONG = 64

/** The parts of rows whose list was not read yet, and how long it will be. */
const pending = new WeakMap<ExpressionNode, { readonly parts: readonly ExpressionNode[]; readonly length: number }>()

/** Conditions joined by one operator, those of a row of the same operator each by themselves. */
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

/** Without calls of itself: rows are parts of rows as often as conditions were joined. */
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
