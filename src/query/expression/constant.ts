import { RAW } from '../../ast/bases.js'
import { nodeOf } from '../../ast/brand.js'
import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode, ParameterNode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { isFiniteDecimal } from '../../field/digits.js'
import { plainTypes } from '../../field/plain-type.js'
import { boundValue } from './bound.js'
import { literalDecimal } from './number-types.js'
import { expressionOf, isQuery } from './operand.js'

// Values and queries in the place of an expression, in annotate() and aggregate().

const INT32 = 2 ** 31

const NULL: ExpressionNode = { ...RAW, texts: ['null'], nodes: [], dynamic: false, ours: true }

/** The type of a plain value that no column is next to; null if it has none. */
export function literalType(value: unknown): ValueType | null {
  switch (typeof value) {
    case 'string':
      return plainTypes.text
    case 'boolean':
      return plainTypes.boolean
    case 'bigint':
      return plainTypes.bigInteger
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < INT32 ? plainTypes.integer : plainTypes.number
  }
  return value instanceof Date ? plainTypes.dateTime : null
}

/** An expression, a query that selects one value, or a plain value as a constant. */
export function valueNode(value: unknown, what: string): ExpressionNode {
  if (nodeOf(value) !== undefined) return expressionOf(value, `${what} must be an expression, like fn.count()`)
  if (isQuery(value)) return { kind: 'subquery', query: value.toSubquery() }
  if (value === undefined) throw new UndefinedValueError(`${what} is undefined. Leave it out, or use null.`)
  if (value === null) return NULL
  const type = isFiniteDecimal(value) ? literalDecimal(value) : literalType(value)
  if (type === null)
    throw new UsageError(
      `${what} must be an expression like fn.count(), a query that selects one value, or a constant: a text, number, bigint, boolean, Date, Decimal or null.`,
    )
  boundValue(value, what)
  return { kind: 'parameter', type, value } satisfies ParameterNode
}
