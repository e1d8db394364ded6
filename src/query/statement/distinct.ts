import { bareSelect } from '../../ast/bare-select.js'
import type { CallNode, ColumnNode, ExpressionNode, OrderNode, SelectionNode } from '../../ast/expression.js'
import { someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { ownColumns } from '../path/join-paths.js'
import { orderInPlace } from './named.js'
import type { QueryParts } from './parts.js'

// The order of queries with DISTINCT.

/**
 * Whether the query is ordered by something that it does not select, so that the distinct rows must be sorted in an outer
 * select.
 */
export function sortsByOther(meta: ModelMetadata, parts: QueryParts, selections: readonly SelectionNode[]): boolean {
  const others = parts.order.filter((order) => !isHeld(meta, parts, order, selections))
  for (const order of others) if (!isKnown(meta, parts, order, selections)) refuse(order)
  return others.length > 0
}

/** Drops the model's default order if the distinct rows can't be sorted by it. */
export function withoutOwnOrder(
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
): QueryParts {
  if (!parts.distinct || parts.ordered) return parts
  const isFine = (order: OrderNode) => isHeld(meta, parts, order, selections) || isKnown(meta, parts, order, selections)
  return { ...parts, order: parts.order.every(isFine) ? parts.order : [] }
}

/** Whether the value of an order is selected. Raw SQL of the user is not checked. */
function isHeld(
  meta: ModelMetadata,
  parts: QueryParts,
  order: OrderNode,
  selections: readonly SelectionNode[],
): boolean {
  const { expression } = order
  if (expression.kind === 'annotation' && selections.some(({ alias }) => alias === expression.name)) return true
  const placed = orderInPlace(order, parts.named).expression
  if (placed.kind === 'call' && placed.name === 'translated')
    return selections.some((one) => one.expression.kind === 'call' && isSameCall(meta, one.expression, placed))
  if (placed.kind !== 'column') return someNode(placed, ({ kind }) => kind === 'raw')
  return selections.some((one) => one.expression.kind === 'column' && isSame(meta, one.expression, placed))
}

const isSame = (meta: ModelMetadata, a: ColumnNode, b: ColumnNode) =>
  a.name === b.name && tableOf(meta, a) === tableOf(meta, b) && a.path?.join('.') === b.path?.join('.')

/** Whether two calls read the same translated field. */
const isSameCall = (meta: ModelMetadata, a: CallNode, b: CallNode) =>
  a.name === b.name && a.type === b.type && isSame(meta, a.args[0] as ColumnNode, b.args[0] as ColumnNode)

const tableOf = (meta: ModelMetadata, { table }: ColumnNode) => (table === meta.table ? null : table)

/**
 * Whether each distinct row has only one value for the order. This is true if the key is selected, because it determines all
 * fields.
 */
function isKnown(
  meta: ModelMetadata,
  parts: QueryParts,
  order: OrderNode,
  selections: readonly SelectionNode[],
): boolean {
  const placed = orderInPlace(order, parts.named).expression
  const joined = new Set(parts.joins.map(({ source }) => source.alias))
  const isJoined = (node: ExpressionNode) => node.kind === 'column' && node.table !== null && joined.has(node.table)
  const held = new Set(
    selections.flatMap(({ expression }) =>
      expression.kind === 'column' && expression.path === undefined && tableOf(meta, expression) === null
        ? [expression.name]
        : [],
    ),
  )
  const isOther = (node: ExpressionNode) => isJoined(node) || (node.kind === 'column' && node.path !== undefined)
  const reads = ownColumns(meta, bareSelect([{ kind: 'selection', expression: placed, alias: null, type: null }]))
  const keyed = meta.primaryKey.length > 0 && meta.primaryKey.every(({ column }) => held.has(column))
  return keyed
    ? !someNode(placed, isJoined)
    : !someNode(placed, isOther) && [...(reads ?? [])].every((name) => held.has(name))
}

function refuse(order: OrderNode): never {
  throw new UsageError(
    `distinct() can only be ordered by selected values, and ${nameOf(order.expression)} is not selected. Select it too, or remove the order with reorder().`,
  )
}

function nameOf(node: ExpressionNode): string {
  if (node.kind !== 'column' && node.kind !== 'annotation') return 'an expression of orderBy()'
  return `"${[...(node.kind === 'column' ? (node.path ?? []) : []), node.name].join('.')}"`
}
