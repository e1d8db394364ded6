import { nodeOf } from '../../ast/brand.js'
import type { OrderNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { type Context, plainContext } from '../columns/context.js'
import { refuseUnordered } from '../expression/json-path.js'
import { isQuery } from '../expression/operand.js'
import { callWithColumns } from '../path/callback.js'
import type { Shape } from '../shape.js'
import { operandOf } from './where.js'

type SortDirection = 'asc' | 'desc'

export function parseOrder(context: Context, key: unknown, direction: unknown = 'asc'): OrderNode[] {
  if (direction !== 'asc' && direction !== 'desc')
    throw new UsageError("The direction of an order must be 'asc' or 'desc'.")
  if (typeof key === 'function') {
    const [result, resolve] = callWithColumns(context, key)
    return parseOrder(context, result, direction).map(resolve)
  }
  if (Array.isArray(key)) {
    if (key.length === 0)
      throw new UsageError('orderBy() was given an empty list. Name at least one field, or leave the step out.')
    if (key.some(Array.isArray)) throw new UsageError('orderBy() takes one list of orders, and no list in it.')
    return key.flatMap((item) => parseOrder(context, item, direction))
  }
  const node = isQuery(key) ? ({ kind: 'subquery', query: key.toSubquery() } as const) : nodeOf(key)
  if (node?.kind === 'order') return [turned(node, direction)]
  if (node !== undefined) {
    refuseUnordered(node)
    return [{ kind: 'order', expression: node, direction, nulls: null }]
  }
  if (typeof key === 'string' && key.startsWith('-') && !context.meta.hasField(key))
    return [fieldOrder(context, key.slice(1), direction === 'asc' ? 'desc' : 'asc')]
  return [fieldOrder(context, key, direction)]
}

const turned = (node: OrderNode, direction: SortDirection): OrderNode =>
  direction === 'desc' ? reversedOrder(node) : node

export function fieldOrder(context: Context, name: unknown, direction: SortDirection): OrderNode {
  const expression = operandOf(context, name)
  refuseUnordered(expression)
  return { kind: 'order', expression, direction, nulls: null }
}

export function reversedOrder(node: OrderNode): OrderNode {
  if (node.direction === null)
    throw new UsageError(
      "An order written as SQL can't be reversed. Use orderBy(), or first() with the opposite order.",
    )
  const nulls = node.nulls === null ? null : node.nulls === 'first' ? 'last' : 'first'
  return { ...node, direction: node.direction === 'asc' ? 'desc' : 'asc', nulls }
}

/** SQL that contains the directions. */
export function rawOrder(given: unknown): OrderNode[] {
  const expression = nodeOf(given)
  if (expression === undefined || expression.kind === 'order')
    throw new UsageError('orderByRaw() takes SQL made by the sql tag: orderByRaw(sql`length(name) desc`).')
  return [{ kind: 'order', expression, direction: null, nulls: null }]
}

/** Whether a query has an order; the last word counts. */
export function isOrdered(meta: ModelMetadata, shape: Shape): boolean {
  if (meta.primaryKey.length === 0) return true
  for (let at: Shape | null = shape; at !== null; at = at.up) {
    const kind = at.step?.part.kind
    if (kind === 'order' || kind === 'presetOrder' || kind === 'reverse') return true
    if (kind === 'reorder' || kind === 'compound') return false
  }
  return meta.options.orderBy !== undefined
}

/** The default order of a model's queries. */
export function defaultOrder(meta: ModelMetadata): OrderNode[] {
  const option = meta.options.orderBy
  return option === undefined ? [] : parseOrder(plainContext(meta), option)
}
