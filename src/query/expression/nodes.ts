import { isAggregate } from '../../ast/aggregate.js'
import type { ValueType } from '../../ast/data-type.js'
import type { CallNode, CastNode, CastTarget, ExpressionNode } from '../../ast/expression.js'
import { someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import { refuseEncrypted } from './encrypted.js'
import { jsonAs } from './json-path.js'
import { textOperand } from './scalars.js'
import { valueTypeOf } from './value-type.js'

const CAST_TYPES: ReadonlyMap<unknown, ValueType> = new Map<CastTarget, ValueType>([
  ['integer', plainTypes.count],
  ['bigInteger', plainTypes.bigInteger],
  ['float', plainTypes.float],
  ['text', plainTypes.text],
  ['date', plainTypes.date],
])

const NUMERIC = ['smallInteger', 'integer', 'bigInteger', 'float', 'decimal', 'number']
const TEXTS = ['string', 'text', 'char', 'enum']
/** The types that every database converts in the same way. A value of unknown type is not checked. */
const CAST_SOURCES: Readonly<Record<CastTarget, readonly string[]>> = {
  integer: [...NUMERIC, ...TEXTS, 'boolean'],
  bigInteger: [...NUMERIC, ...TEXTS, 'boolean'],
  float: [...NUMERIC, ...TEXTS, 'boolean'],
  text: [...NUMERIC, ...TEXTS, 'boolean', 'uuid', 'date'],
  date: [...TEXTS, 'date', 'dateTime'],
}

export function castNode(given: ExpressionNode, to: unknown): ExpressionNode {
  refuseEncrypted(given, 'convert it')
  const operand = jsonAs(given, to === 'text' || to === 'date' ? 'text' : 'number')
  if (operand !== given && (to === 'text' || to === 'float')) return operand
  const type = CAST_TYPES.get(to)
  if (type === undefined) throw new UsageError(`cast() takes one of ${[...CAST_TYPES.keys()].join(', ')}.`)
  const from = valueTypeOf(operand)?.dataType.name
  if (from !== undefined && !CAST_SOURCES[to as CastTarget].includes(from))
    throw new UsageError(`cast('${to as string}') can't start from a value of type ${from}: databases differ in it.`)
  return { kind: 'cast', operand, to: to as CastTarget, type } satisfies CastNode
}

/** Converts an expression to text unless it is text already. */
export function asText(node: ExpressionNode): ExpressionNode {
  const name = valueTypeOf(node)?.dataType.name
  return name === undefined || TEXTS.includes(name) || name === 'uuid' ? node : castNode(node, 'text')
}

/** An operand of concat(). A number becomes its own digits, not rounded to the scale of a column. */
export const textPart = (value: unknown): ExpressionNode => asText(textOperand(value))

export { isAggregate }

/** Whether an aggregate takes values of a window function, which must be computed first. */
export const isOverWindow = (node: ExpressionNode): boolean =>
  isAggregate(node) && someNode(node, (inner) => inner.kind === 'call' && inner.over !== undefined)

export function filteredNode(node: ExpressionNode, filter: ExpressionNode): CallNode {
  if (!isAggregate(node)) throw new UsageError('filter() needs an aggregate: fn.count().filter(c.age.gt(18)).')
  const both: ExpressionNode =
    node.filter === undefined ? filter : { kind: 'logic', operator: 'and', items: [node.filter, filter] }
  return { ...node, filter: both }
}
