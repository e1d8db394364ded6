import { NODE, nodeOf } from '../../ast/brand.js'
import type { Comparator, ExpressionNode, PatternMode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { suggestion } from '../../util/names.js'
import { joinPredicates, objectNode, predicate } from './expression.js'
import { betweenNode, comparisonNode, expressionOf, inNode } from './operand.js'
import { patternNode, regexNode } from './search.js'

/** Builds the condition of one operator. */
type Build = (left: ExpressionNode, value: unknown) => ExpressionNode

const comparator =
  (operator: Comparator): Build =>
  (left, value) => {
    if (value === null && operator === '=') return { kind: 'nullTest', operand: left, negated: false }
    if (value === null && operator === '!=') return { kind: 'nullTest', operand: left, negated: true }
    return comparisonNode(left, operator, value)
  }
const text =
  (mode: PatternMode, insensitive = false, negated = false): Build =>
  (left, value) =>
    patternNode(left, value, { mode, insensitive, negated })
const range =
  (negated: boolean): Build =>
  (left, value) => {
    if (!Array.isArray(value) || value.length !== 2)
      throw new UsageError('"between" takes a list of two values: [low, high].')
    return betweenNode(left, value[0], value[1], negated)
  }
const regex =
  (insensitive: boolean): Build =>
  (left, value) =>
    regexNode(left, value, insensitive)

/**
 * Every operator of `where(key, operator, value)`. The position of an operator is part of a query's shape, so keep the order.
 */
const TABLE: readonly (readonly [string, Build])[] = [
  ['=', comparator('=')],
  ['!=', comparator('!=')],
  ['<', comparator('<')],
  ['<=', comparator('<=')],
  ['>', comparator('>')],
  ['>=', comparator('>=')],
  ['in', (left, value) => inNode(left, value, false)],
  ['not in', (left, value) => inNode(left, value, true)],
  ['between', range(false)],
  ['not between', range(true)],
  ['like', text('like')],
  ['not like', text('like', false, true)],
  ['ilike', text('like', true)],
  ['contains', text('contains')],
  ['icontains', text('contains', true)],
  ['startsWith', text('startsWith')],
  ['istartsWith', text('startsWith', true)],
  ['endsWith', text('endsWith')],
  ['iendsWith', text('endsWith', true)],
  ['regex', regex(false)],
  ['iregex', regex(true)],
]

/** A Map instead of an object, so that `constructor` is not found as an operator. */
export const OPERATORS: ReadonlyMap<unknown, { readonly index: number; readonly build: Build }> = new Map(
  TABLE.map(([name, build], index) => [name, { index, build }]),
)

/** Operators before this index take one bound value, so their shape is known without building a node. */
export const SIMPLE_OPERATORS = 6

export function operatorOf(name: unknown): { readonly index: number; readonly build: Build } {
  const operator = OPERATORS.get(name)
  if (operator !== undefined) return operator
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 40)) : `of type ${typeof name}`
  const hint = typeof name === 'string' ? suggestion(name, OPERATORS.keys() as Iterable<string>) : ''
  throw new UsageError(
    `The operator ${shown} is unknown.${hint || ` Operators are ${[...OPERATORS.keys()].join(', ')}.`}`,
  )
}

const OPERATOR: unique symbol = Symbol('corm.operator')

/** An operator with its value, for the object form. Branded by a symbol: a request body can't make one. */
export class OperatorValue {
  readonly [OPERATOR] = true
  constructor(readonly apply: (left: ExpressionNode) => ExpressionNode) {}
}

export const isOperatorValue = (value: unknown): value is OperatorValue =>
  typeof value === 'object' && value !== null && OPERATOR in value

const make = (name: string) => (value: unknown) => {
  const { build } = operatorOf(name)
  if (value === undefined)
    throw new UndefinedValueError(`The operator "${name}" has the value undefined. Leave it out, or compare with null.`)
  return new OperatorValue((left) => build(left, value))
}

export const eq = make('=')
export const gt = make('>')
export const gte = make('>=')
export const lt = make('<')
export const lte = make('<=')
export const oneOf = make('in')
export const like = make('like')
export const contains = make('contains')
export const icontains = make('icontains')
export const startsWith = make('startsWith')
export const istartsWith = make('istartsWith')
export const endsWith = make('endsWith')
export const iendsWith = make('iendsWith')
export const between = (low: unknown, high: unknown) => make('between')([low, high])

/** Whether a value can be read at all. A revoked proxy throws. */
function isReadable(value: unknown): boolean {
  try {
    return typeof value !== 'object' || value === null || Object.keys(value).length >= 0
  } catch {
    return false
  }
}

/** Negates a condition, an operator or a value. */
export function not(value: unknown): unknown {
  if (!isReadable(value)) throw new UsageError('not() takes a condition, an operator or a value.')
  if (isOperatorValue(value)) return new OperatorValue((left) => ({ kind: 'not', item: value.apply(left) }))
  if (nodeOf(value) !== undefined)
    return predicate({ kind: 'not', item: expressionOf(value, 'not() takes a condition, such as c.age.gt(18)') })
  const negated = make('!=')(value)
  const object = objectOf(value)
  return object === null ? negated : new NegatedObject(negated, { kind: 'not', item: object })
}

const objectOf = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0 ? objectNode(value) : null

/** `not({…})`. Used as a value, it means any other object; used as a condition, that not all of its conditions are true. */
class NegatedObject extends OperatorValue {
  readonly [NODE]: ExpressionNode
  constructor(value: OperatorValue, node: ExpressionNode) {
    super(value.apply)
    this[NODE] = node
  }
}

export const and = (...items: unknown[]) => joinPredicates('and', items)
export const or = (...items: unknown[]) => joinPredicates('or', items)
