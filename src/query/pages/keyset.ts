import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode, OrderNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { columnOf } from '../columns/columns.js'
import { keyOrder } from '../columns/key-order.js'
import { reversedOrder } from '../condition/order.js'
import type { NamedExpressions } from '../statement/named.js'
import { labelOf, markType, type Ordered } from './computed.js'

/** One column of an order in which no two rows are equal. */
export interface KeysetColumn {
  /** Null: the query computes it. */
  readonly field: ModelField | null
  readonly type: ValueType
  readonly nullable: boolean
  /** Its name in cursors and messages. */
  readonly label: string
  readonly order: OrderNode
}

/** The columns of an order, with the primary key where it does not decide already. */
export function keysetOf(meta: ModelMetadata, { order, named }: Ordered, call: string): KeysetColumn[] {
  if (meta.primaryKey.length === 0)
    throw new UsageError(`${call}() continues by primary key, and "${meta.name}" has none. Use get() or paginate().`)
  const columns = new Map<unknown, KeysetColumn>()
  for (const item of [...order, ...keyOrder(meta)]) {
    const column = fieldColumn(meta, item, call) ?? computedColumn(meta, item, named, call)
    const key = column.field ?? column.label
    if (!columns.has(key)) columns.set(key, column)
  }
  return [...columns.values()]
}

const computedColumn = (
  meta: ModelMetadata,
  order: OrderNode,
  named: NamedExpressions,
  call: string,
): KeysetColumn => ({
  field: null,
  type: markType(meta, order, call),
  nullable: true,
  label: labelOf(order.expression, named),
  order,
})

function fieldColumn(meta: ModelMetadata, order: OrderNode, call: string): KeysetColumn | null {
  const field = fieldBehind(meta, order, call)
  if (field === null) return null
  const { nullable, name } = field
  return { field, type: field, nullable, label: name, order: { ...order, expression: columnOf(field) } }
}

function fieldBehind(meta: ModelMetadata, { expression }: OrderNode, call: string): ModelField | null {
  const field =
    expression.kind === 'column' &&
    expression.path === undefined &&
    (expression.table === null || expression.table === meta.table)
      ? meta.fields.find((one) => one === expression.type)
      : undefined
  if (field === undefined) return null
  if (field.dataType.name === 'json' || field.dataType.name === 'array')
    throw new UsageError(
      `${call}() can't continue by ${field}, because databases sort ${field.dataType.name === 'json' ? 'JSON' : 'arrays'} differently. Order by another field.`,
    )
  if (field.dataType.secret !== undefined)
    throw new UsageError(`${call}() can't continue by ${field}: a cursor would show its hash. Order by another field.`)
  return field
}

export const turned = (columns: readonly KeysetColumn[]): KeysetColumn[] =>
  columns.map((column) => ({ ...column, order: reversedOrder(column.order) }))

const NEVER: ExpressionNode = { kind: 'truth', value: false }

/**
 * The rows that come after the one with these values. Each level is `a >= ? and (a > ? or …)`, so that an index over the
 * order serves as a range; NULLs are compared by hand, as they stand first in some databases and last in others.
 */
export function afterValues(
  columns: readonly KeysetColumn[],
  values: readonly unknown[],
  nullsLargest: boolean,
  at = 0,
): ExpressionNode {
  const { type, nullable, order } = columns[at] as KeysetColumn
  const operand = order.expression
  const rest = at + 1 < columns.length ? afterValues(columns, values, nullsLargest, at + 1) : NEVER
  const last = nullable && nullsLast(order, nullsLargest)
  if (values[at] === null) {
    const isNull = (negated: boolean): ExpressionNode => ({ kind: 'nullTest', operand, negated })
    return last ? and(isNull(false), rest) : or(isNull(true), rest)
  }
  const compared = (operator: '>' | '<' | '>=' | '<='): ExpressionNode => ({
    kind: 'comparison',
    operator,
    left: operand,
    right: { kind: 'parameter', type, value: values[at] },
  })
  const strictly = compared(order.direction === 'desc' ? '<' : '>')
  const after = rest === NEVER ? strictly : and(compared(order.direction === 'desc' ? '<=' : '>='), or(strictly, rest))
  return last ? or({ kind: 'nullTest', operand, negated: false }, after) : after
}

function nullsLast({ nulls, direction }: OrderNode, nullsLargest: boolean): boolean {
  if (nulls !== null) return nulls === 'last'
  return (direction === 'asc') === nullsLargest
}

function and(a: ExpressionNode, b: ExpressionNode): ExpressionNode {
  return b === NEVER ? NEVER : { kind: 'logic', operator: 'and', items: [a, b] }
}

function or(a: ExpressionNode, b: ExpressionNode): ExpressionNode {
  return b === NEVER ? a : { kind: 'logic', operator: 'or', items: [a, b] }
}
