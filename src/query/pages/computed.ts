import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode, OrderNode } from '../../ast/expression.js'
import type { SelectionNode } from '../../ast/statement.js'
import { transformExpression } from '../../ast/transform.js'
import { someInside, someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { listIn } from '../../util/expect.js'
import { valueTypeOf } from '../expression/value-type.js'
import type { QueryState } from '../runner/runner.js'
import { inPlace, type NamedExpressions } from '../statement/named.js'
import { gather } from '../statement/parts.js'

// Orders by computed values. They are selected too, so that a cursor can continue after the last row. No instance shows them.

/** The orders of a query, and what the names in them stand for. */
export interface Ordered {
  readonly order: readonly OrderNode[]
  readonly named: NamedExpressions
}

/** The orders of a query with the values that they have in it: those in its shape are of the query that was built first. */
export function pageOrders(query: QueryState, call: string): Ordered {
  const { order, named } = gather(query.source.meta, query.shape)
  for (const item of order) refuseInexact(item, named, call)
  const bound = query.bound()
  const values = new Map<unknown, unknown>()
  let place = 0
  for (const step of query.shape.steps()) for (const parameter of step.parameters) values.set(parameter, bound[place++])
  if (values.size === 0) return { order, named }
  const filled = order.map((item) => ({
    ...item,
    expression: transformExpression(item.expression, (copy, original) => {
      if (copy.kind === 'parameter' && values.has(original)) return { ...copy, value: values.get(original) }
      if (copy.kind === 'list' && values.has(original)) return { ...copy, values: listIn(values.get(original)) }
      return copy
    }),
  }))
  return { order: filled, named }
}

/** Refuses the order of a search that no condition can express: later pages would miss or repeat rows. */
function refuseInexact({ expression }: OrderNode, named: NamedExpressions, call: string): void {
  const node = inPlace(expression, named)
  if (someNode(node, ({ kind }) => kind === 'match'))
    throw new UsageError(
      `${call}() can't continue in the order of matches(), because the ranks of rows change with the rows of the table. Add an orderBy(), or use paginate().`,
    )
  if (someNode(node, (inner) => inner.kind === 'distance' && inner.index !== null))
    throw new UsageError(
      `${call}() can't continue a search by an index, which is approximate. Compare all rows, nearest(…, { exact: true }), or use paginate().`,
    )
}

/** The type of a value that a cursor holds. */
export function markType(meta: ModelMetadata, { expression, direction }: OrderNode, call: string): ValueType {
  const type = direction === null ? null : valueTypeOf(expression)
  const random = someNode(
    expression,
    ({ kind, ...node }) => kind === 'call' && 'name' in node && node.name === 'random',
  )
  if (random)
    throw new UsageError(
      `${call}() can't continue in a random order of "${meta.name}", because it is another one each time.`,
    )
  if (type === null)
    throw new UsageError(
      `${call}() continues from the values of the last row, and an order of "${meta.name}" has no known type. Give it one with cast(), or order by fields.`,
    )
  if (type.dataType.name === 'json')
    throw new UsageError(
      `${call}() can't continue by a JSON value, because databases sort JSON differently. Order by another value.`,
    )
  if (type.dataType.name === 'array')
    throw new UsageError(
      `${call}() can't continue by an array, because databases sort arrays differently. Order by another value.`,
    )
  return type
}

/** Read as it is stored: what instances show may be rounded. */
const canonical = (type: ValueType): ValueType => ({
  dataType: type.dataType,
  check: (value) => type.check(value),
  refuse: type.refuse,
  column: undefined,
  load: null,
  nullIsValue: undefined,
  languages: undefined,
})

/** The column that carries a computed value of an order. */
export const markOf = (operand: ExpressionNode, type: ValueType, place: number): SelectionNode => ({
  kind: 'selection',
  expression: operand,
  alias: `corm_mark_${place}`,
  type: canonical(type),
})

/** The same text for the same expression in every process. In another language it is another expression. */
export function labelOf(expression: ExpressionNode, named: NamedExpressions): string {
  const keys = new Set<string>()
  someInside(inPlace(expression, named), (node) => {
    const key = valueTypeOf(node)?.languages?.key()
    if (key !== undefined) keys.add(key)
    return false
  })
  const label = textOf(expression)
  return keys.size === 0 ? label : `${label} ${[...keys].join(' ')}`
}

function textOf(expression: ExpressionNode): string {
  return JSON.stringify(expression, (key, value: unknown) => {
    if (key === 'type' || key === 'meta' || key === 'scope') return undefined
    return typeof value === 'bigint' ? String(value) : value
  })
}
