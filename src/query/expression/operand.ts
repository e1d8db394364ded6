import { bareSelect } from '../../ast/bare-select.js'
import { nodeOf } from '../../ast/brand.js'
import type { ValueType } from '../../ast/data-type.js'
import type { Comparator, ExpressionNode, ListNode, ParameterNode } from '../../ast/expression.js'
import type { SelectNode } from '../../ast/statement.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { boundValue } from './bound.js'
import { encryptedCondition, refuseEncrypted } from './encrypted.js'
import { asScalar, holdsDocuments, isDocument, jsonOfType } from './json-path.js'
import { useUp } from './made.js'
import { comparedType } from './number-types.js'
import { valueTypeOf } from './value-type.js'

// Values as operands, and the conditions built from them.

/** A query that can be used in IN or as a value. It selects one column. */
export interface QueryLike {
  toSubquery(): SelectNode
}

export const QUERY: unique symbol = Symbol('corm.query')

export function isQuery(value: unknown): value is QueryLike {
  return typeof value === 'object' && value !== null && QUERY in value
}

export function expressionOf(value: unknown, what: string): ExpressionNode {
  const node = nodeOf(value)
  if (node === undefined || node.kind === 'order')
    throw new UsageError(`${what}; this is ${value === undefined ? 'undefined' : 'something else'}.`)
  return node
}

/** Turns a value into an operand. Expressions and queries stay as they are; other values are bound with `type`. */
export function operand(value: unknown, type: ValueType | null): ExpressionNode {
  if (value === undefined)
    throw new UndefinedValueError('A condition has the value undefined. Leave it out, or compare with null.')
  if (typeof value === 'object' && value !== null) {
    const node = nodeOf(value)
    if (node !== undefined) {
      if (node.kind !== 'order') refuseEncrypted(node, 'compute with it')
      return jsonOfType(expressionOf(value, 'A condition takes an expression'), type)
    }
    if (isQuery(value)) return { kind: 'subquery', query: value.toSubquery() }
    if (Array.isArray(value) && !holdsLists(type))
      throw new UsageError('A list is not a value of one field. Use whereIn(), the operator "in", or oneOf([…]).')
  }
  const bound = type === null ? boundValue(value, 'A value next to SQL') : value
  return { kind: 'parameter', type, value: bound } satisfies ParameterNode
}

/** Whether one value of this type can be a list. */
export const holdsLists = (type: ValueType | null | undefined): boolean =>
  type?.dataType.name === 'json' || type?.dataType.name === 'array'

/** Refuses to compare a password, because two hashes of the same password differ. */
export function refuseSecret(left: ExpressionNode): void {
  refuseEncrypted(left, 'compare it this way')
  if (valueTypeOf(left)?.dataType.secret === 'password')
    throw new UsageError(
      'A password is not compared by the database. Find the row by another field, and call verify() of its password; a test for null is possible.',
    )
}

/** Refuses to compare a vector, because two vectors are almost never equal and databases do not order them. */
export function refuseVector(left: ExpressionNode): void {
  refuseSecret(left)
  if (valueTypeOf(left)?.dataType.name === 'vector')
    throw new UsageError(
      'A vector is not compared by an operator. Search by nearest(), with maxDistance for a limit; a test for null is possible.',
    )
}

export function comparisonNode(left: ExpressionNode, operator: Comparator, value: unknown): ExpressionNode {
  const found =
    value !== null && (operator === '=' || operator === '!=')
      ? encryptedCondition(left, [value], operator === '!=')
      : null
  if (found !== null) return found
  refuseVector(left)
  if (isArray(left) && operator !== '=' && operator !== '!=') refuseForArray(operator)
  if (value === null)
    throw new UsageError(`null can't be compared by "${operator}". Use = or != for IS NULL and IS NOT NULL.`)
  const scalar = (operator === '=' || operator === '!=') && isDocument(value) ? left : asScalar(left, value)
  return { kind: 'comparison', operator, left: scalar, right: operand(value, comparedType(valueTypeOf(scalar))) }
}

export function inNode(given: ExpressionNode, values: unknown, negated: boolean): ExpressionNode {
  if (isQuery(values) || valueTypeOf(given)?.dataType.secret !== 'encrypted') refuseVector(given)
  if (isQuery(values)) return inQuery(given, values.toSubquery(), negated)
  const raw = nodeOf(values)
  if (raw?.kind === 'raw') return { kind: 'in', operand: given, list: rawSelect(raw), negated }
  if (!Array.isArray(values) && !(values instanceof Set))
    throw new UsageError("IN takes a list or a query: whereIn('id', [1, 2]).")
  const list: unknown[] = [...values]
  if (valueTypeOf(given)?.dataType.secret === 'encrypted') return encryptedList(given, list, negated)
  if (list.includes(undefined)) throw new UndefinedValueError('The list of an IN holds undefined. Leave it out.')
  if (list.some((value) => Array.isArray(value)) && !holdsLists(valueTypeOf(given)))
    throw new UsageError('The list of an IN holds another list. Make it one list of values: list.flat().')
  return inList(given, list, negated)
}

function encryptedList(operand: ExpressionNode, list: readonly unknown[], negated: boolean): ExpressionNode {
  const given = list.filter((value) => value !== null)
  const nullTest: ExpressionNode = { kind: 'nullTest', operand, negated }
  const test = encryptedCondition(operand, given, negated)
  if (test === null || given.length === 0)
    return given.length < list.length ? nullTest : { kind: 'truth', value: negated }
  return given.length < list.length
    ? { kind: 'logic', operator: negated ? 'and' : 'or', items: [test, nullTest] }
    : test
}

function inQuery(given: ExpressionNode, list: SelectNode, negated: boolean): ExpressionNode {
  return { kind: 'in', operand: jsonOfType(given, list.selections[0]?.type ?? null), list, negated }
}

function inList(operand: ExpressionNode, list: readonly unknown[], negated: boolean): ExpressionNode {
  const given = list.filter((value) => value !== null)
  const left = given.length === 0 || holdsDocuments(operand, given) ? operand : asScalar(operand, given[0])
  if (left !== operand && given.some((value) => typeof value !== typeof given[0]))
    throw new UsageError('The list of an IN of a JSON value holds values of different types.')
  const nullTest: ExpressionNode = { kind: 'nullTest', operand, negated }
  if (given.length === 0) {
    useUp([left])
    return given.length < list.length ? nullTest : { kind: 'truth', value: negated }
  }
  const type = comparedType(valueTypeOf(left))
  if (type === null) for (const value of given) boundValue(value, 'A value of the list')
  const equal = (value: unknown): ExpressionNode => ({
    kind: 'comparison',
    operator: negated ? '!=' : '=',
    left,
    right: { kind: 'parameter', type, value },
  })
  // compares documents one by one, because IN would compare their text
  const test: ExpressionNode =
    given.length === 1
      ? equal(given[0])
      : holdsLists(type)
        ? { kind: 'logic', operator: negated ? 'and' : 'or', items: given.map(equal) }
        : { kind: 'in', operand: left, list: { kind: 'list', type, values: given } satisfies ListNode, negated }
  // an SQL list with NULL would never match NULL, and NOT IN would exclude every row
  return given.length < list.length
    ? { kind: 'logic', operator: negated ? 'and' : 'or', items: [test, nullTest] }
    : test
}

const rawSelect = (raw: ExpressionNode): SelectNode =>
  bareSelect([{ kind: 'selection', expression: raw, alias: null, type: null }])

export function betweenNode(left: ExpressionNode, low: unknown, high: unknown, negated: boolean): ExpressionNode {
  refuseVector(left)
  if (isArray(left)) refuseForArray('between')
  if (low === null || high === null)
    throw new UsageError('between needs two values, and null is not one. For an open range use >= or <=.')
  const scalar = asScalar(left, low)
  const type = comparedType(valueTypeOf(scalar))
  return { kind: 'between', operand: scalar, low: operand(low, type), high: operand(high, type), negated }
}

export const isArray = (node: ExpressionNode): boolean => valueTypeOf(node)?.dataType.name === 'array'

/** Refuses the operator for arrays: databases order arrays differently, and do not search them for text. */
export function refuseForArray(operator: string): never {
  throw new UsageError(
    `An array is not compared by "${operator}". Use contains() for what it contains, = and != for the whole array, or length().`,
  )
}
