import { NODE, nodeOf } from '../../ast/brand.js'
import { holdsIntegers, type ValueType } from '../../ast/data-type.js'
import type { ArithmeticNode, Comparator, ExpressionNode, OrderNode, PatternMode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { isFiniteDecimal } from '../../field/digits.js'
import { plainTypes } from '../../field/plain-type.js'
import { limitArguments } from '../../util/arguments.js'
import { at } from '../../util/list.js'
import { isPlainObject } from '../../util/own.js'
import { expressions } from '../argument-counts.js'
import { orderOptions } from '../options.js'
import { chained } from './chain.js'
import { conditionRow } from './conditions.js'
import { dateAdd, datePart, dateTruncate, daysBetween, secondsBetween } from './dates.js'
import { refuseDeep } from './depth.js'
import { jsonAs, jsonNode, jsonSetNode, refuseOrder } from './json-path.js'
import { isAllIn, track, tracked } from './made.js'
import { asText, castNode, filteredNode, textPart } from './nodes.js'
import { literalDecimal } from './number-types.js'
import { betweenNode, comparisonNode, expressionOf, inNode, isQuery, operand } from './operand.js'
import {
  coalesceNode,
  NUMBERS,
  nullIfNode,
  numberCall,
  scalarCall,
  textArgument,
  textOperand,
  textPosition,
} from './scalars.js'
import { patternNode, regexNode } from './search.js'
import { valueTypeOf } from './value-type.js'
import { overNode } from './window.js'

export { useUp } from './made.js'
export { comparisonNode, expressionOf, inNode, isQuery, operand, QUERY } from './operand.js'

/** An SQL expression with the operators of `Column`. */
export class Expr {
  readonly [NODE]: ExpressionNode
  constructor(node: ExpressionNode) {
    refuseDeep(node)
    this[NODE] = node
  }

  eq(value: unknown): Predicate {
    return value === null ? this.isNull() : this.#compare('=', value)
  }
  ne(value: unknown): Predicate {
    return value === null ? this.isNotNull() : this.#compare('!=', value)
  }
  gt(value: unknown): Predicate {
    return this.#compare('>', value)
  }
  gte(value: unknown): Predicate {
    return this.#compare('>=', value)
  }
  lt(value: unknown): Predicate {
    return this.#compare('<', value)
  }
  lte(value: unknown): Predicate {
    return this.#compare('<=', value)
  }
  in(values: unknown): Predicate {
    return predicate(inNode(this[NODE], values, false))
  }
  notIn(values: unknown): Predicate {
    return predicate(inNode(this[NODE], values, true))
  }
  between(low: unknown, high: unknown): Predicate {
    return predicate(betweenNode(this[NODE], low, high, false))
  }
  notBetween(low: unknown, high: unknown): Predicate {
    return predicate(betweenNode(this[NODE], low, high, true))
  }
  like(pattern: string): Predicate {
    return this.#pattern('like', pattern)
  }
  notLike(pattern: string): Predicate {
    return predicate(patternNode(this[NODE], pattern, { mode: 'like', insensitive: false, negated: true }))
  }
  ilike(pattern: string): Predicate {
    return this.#pattern('like', pattern, true)
  }
  contains(text: string): Predicate {
    return this.#pattern('contains', text)
  }
  icontains(text: string): Predicate {
    return this.#pattern('contains', text, true)
  }
  startsWith(text: string): Predicate {
    return this.#pattern('startsWith', text)
  }
  istartsWith(text: string): Predicate {
    return this.#pattern('startsWith', text, true)
  }
  endsWith(text: string): Predicate {
    return this.#pattern('endsWith', text)
  }
  iendsWith(text: string): Predicate {
    return this.#pattern('endsWith', text, true)
  }
  regex(pattern: unknown): Predicate {
    return predicate(regexNode(this[NODE], pattern, false))
  }
  iregex(pattern: unknown): Predicate {
    return predicate(regexNode(this[NODE], pattern, true))
  }
  isNull(): Predicate {
    return predicate({ kind: 'nullTest', operand: this[NODE], negated: false })
  }
  isNotNull(): Predicate {
    return predicate({ kind: 'nullTest', operand: this[NODE], negated: true })
  }
  plus(value: unknown): Expr {
    return this.#arithmetic('+', value)
  }
  minus(value: unknown): Expr {
    return this.#arithmetic('-', value)
  }
  times(value: unknown): Expr {
    return this.#arithmetic('*', value)
  }
  dividedBy(value: unknown): Expr {
    return this.#arithmetic('/', value)
  }
  mod(value: unknown): Expr {
    return this.#arithmetic('%', value)
  }
  concat(...values: unknown[]): Expr {
    const first = asText(jsonAs(this[NODE], 'text'))
    // keeps one flat list of texts, however many calls of concat() are chained
    const before = first.kind === 'concat' ? first.items : [first]
    return new Expr({ kind: 'concat', items: [...before, ...values.map(textPart)] })
  }
  lower(): Expr {
    const text = jsonAs(this[NODE], 'text')
    return new Expr(scalarCall('lower', [text], valueTypeOf(text)))
  }
  upper(): Expr {
    const text = jsonAs(this[NODE], 'text')
    return new Expr(scalarCall('upper', [text], valueTypeOf(text)))
  }
  length(): Expr {
    return new Expr(scalarCall('length', [jsonAs(this[NODE], 'text')], plainTypes.count))
  }
  trim(): Expr {
    return new Expr(scalarCall('trim', [textArgument('trim', this[NODE])], plainTypes.text))
  }
  ltrim(): Expr {
    return new Expr(scalarCall('ltrim', [textArgument('ltrim', this[NODE])], plainTypes.text))
  }
  rtrim(): Expr {
    return new Expr(scalarCall('rtrim', [textArgument('rtrim', this[NODE])], plainTypes.text))
  }
  substring(start: unknown, length?: unknown): Expr {
    const text = textArgument('substring', this[NODE])
    const from = textPosition(start, 1)
    return new Expr(
      scalarCall(
        'substring',
        length === undefined ? [text, from] : [text, from, textPosition(length, 0)],
        plainTypes.text,
      ),
    )
  }
  replace(from: unknown, to: unknown): Expr {
    return new Expr(
      scalarCall('replace', [textArgument('replace', this[NODE]), textOperand(from), textOperand(to)], plainTypes.text),
    )
  }
  position(text: unknown): Expr {
    return new Expr(
      scalarCall('position', [textArgument('position', this[NODE]), textOperand(text)], plainTypes.integer),
    )
  }
  abs(): Expr {
    return new Expr(numberCall('abs', this[NODE]))
  }
  round(digits = 0): Expr {
    return new Expr(numberCall('round', this[NODE], digits))
  }
  floor(): Expr {
    return new Expr(numberCall('floor', this[NODE]))
  }
  ceil(): Expr {
    return new Expr(numberCall('ceil', this[NODE]))
  }
  sign(): Expr {
    return new Expr(numberCall('sign', this[NODE]))
  }
  coalesce(...values: unknown[]): Expr {
    return new Expr(coalesceNode(this[NODE], values))
  }
  nullIf(value: unknown): Expr {
    return new Expr(nullIfNode(this[NODE], value))
  }
  json(...path: unknown[]): Expr {
    return new Expr(jsonNode(this[NODE], path))
  }
  jsonSet(path: unknown, value: unknown): Expr {
    return new Expr(jsonSetNode(this[NODE], path, value))
  }
  truncate(unit: unknown, options?: unknown): Expr {
    return new Expr(dateTruncate(this[NODE], unit, options))
  }
  add(amounts: unknown): Expr {
    return new Expr(dateAdd(this[NODE], amounts, 1))
  }
  subtract(amounts: unknown): Expr {
    return new Expr(dateAdd(this[NODE], amounts, -1))
  }
  secondsSince(other: unknown): Expr {
    return new Expr(secondsBetween(this[NODE], operand(other, valueTypeOf(this[NODE]))))
  }
  daysSince(other: unknown): Expr {
    return new Expr(daysBetween(this[NODE], operand(other, valueTypeOf(this[NODE]))))
  }
  cast(to: unknown): Expr {
    return new Expr(castNode(this[NODE], to))
  }
  over(frame?: unknown): Expr {
    return new Expr(overNode(this[NODE], frame))
  }
  filter(condition: unknown): Expr {
    return new Expr(
      filteredNode(this[NODE], expressionOf(condition, 'filter() takes a condition, such as c.age.gt(18)')),
    )
  }
  asc(options?: unknown): Order {
    return new Order(this[NODE], 'asc', orderOptions(options).nulls)
  }
  desc(options?: unknown): Order {
    return new Order(this[NODE], 'desc', orderOptions(options, 'desc()').nulls)
  }

  #compare(operator: Comparator, value: unknown): Predicate {
    return predicate(comparisonNode(this[NODE], operator, value))
  }

  #pattern(mode: PatternMode, text: unknown, insensitive = false): Predicate {
    return predicate(patternNode(this[NODE], text, { mode, insensitive, negated: false }))
  }

  #arithmetic(operator: ArithmeticNode['operator'], value: unknown): Expr {
    const left = numberOperand(operator, this[NODE])
    const right = operand(value, operandType(operator, left, value))
    return new Expr(chained(operator, left, right))
  }
}

const NAMES = { '+': 'plus', '-': 'minus', '*': 'times', '/': 'dividedBy', '%': 'mod' } as const

function numberOperand(operator: ArithmeticNode['operator'], node: ExpressionNode): ExpressionNode {
  const number = jsonAs(node, 'number')
  const type = valueTypeOf(number)?.dataType
  if (type !== undefined && type.sql === undefined && !NUMBERS.includes(type.name))
    throw new UsageError(
      `${NAMES[operator]}() needs a number, but this is a value of type ${type.name}.${type.name === 'boolean' ? " Use cast('integer')." : ''}`,
    )
  return number
}

const PARTS = ['year', 'quarter', 'month', 'week', 'day', 'dayOfYear', 'weekday', 'hour', 'minute', 'second'] as const

for (const part of PARTS)
  Object.defineProperty(Expr.prototype, part, {
    value(this: Expr, options?: unknown) {
      return new Expr(datePart(this[NODE], part, options))
    },
    configurable: true,
    writable: true,
  })

limitArguments(Expr.prototype, expressions)

/**
 * The type of a plain value in arithmetic. Next to a decimal it keeps its own digits, and next to an integer a whole number is
 * an integer. All others are plain numbers.
 */
function operandType(operator: string, left: ExpressionNode, value: unknown): ValueType {
  const type = valueTypeOf(left)
  const name = type?.dataType.name
  if (value === null || isExpression(value)) return type ?? plainTypes.number
  if (name === 'decimal' || isFiniteDecimal(value)) return literalDecimal(value)
  if (typeof value === 'bigint') return plainTypes.bigInteger
  if (typeof value !== 'number') return type ?? plainTypes.number
  if (type === null || !holdsIntegers(type.dataType) || !Number.isSafeInteger(value)) return plainTypes.number
  // as an integer it keeps 64-bit values exact, and products need 64 bits
  return name === 'bigInteger' || operator === '*' || Math.abs(value) >= INT32
    ? plainTypes.bigInteger
    : plainTypes.whole
}

const INT32 = 2 ** 31
const isExpression = (value: unknown) => nodeOf(value) !== undefined || isQuery(value)

/** A condition. */
export class Predicate extends Expr {
  and(...others: unknown[]): Predicate {
    return joinPredicates('and', [this, ...others])
  }
  or(...others: unknown[]): Predicate {
    return joinPredicates('or', [this, ...others])
  }
  not(): Predicate {
    return predicate({ kind: 'not', item: this[NODE] })
  }
}

/** An expression with a direction. */
export class Order {
  readonly [NODE]: OrderNode
  constructor(expression: ExpressionNode, direction: 'asc' | 'desc', nulls: 'first' | 'last' | null = null) {
    refuseOrder(expression)
    this[NODE] = { kind: 'order', expression, direction, nulls }
  }
}

export function predicate(node: ExpressionNode): Predicate {
  track(node)
  return new Predicate(node)
}

export function joinPredicates(operator: 'and' | 'or', given: readonly unknown[]): Predicate {
  if (given.length === 0)
    throw new UsageError(
      `${operator}() was given no conditions. Decide what that means in your code: leave the call out, or use all().`,
    )
  const nodes = given.map(
    (item) => objectNode(item) ?? expressionOf(item, `${operator}() joins conditions, such as c.age.gt(18)`),
  )
  if (nodes.length === 1) return new Predicate(at(nodes, 0))
  return predicate(conditionRow(operator, nodes))
}

/** Conditions in the object form. The model that knows their names reads them later. */
export function objectNode(value: unknown): ExpressionNode | null {
  if (!isPlainObject(value) || nodeOf(value) !== undefined || isQuery(value)) return null
  if (Object.keys(value).length === 0)
    throw new UsageError('The object of conditions is empty. Leave it out if you want every row.')
  return { kind: 'object', conditions: value }
}

/** Calls the callback of a condition. Throws if it created a condition that is not part of what it returned. */
export function collectPredicate(callback: () => unknown, what: string): ExpressionNode {
  return tracked(() => {
    const result = callback()
    if (result === undefined || result === null)
      throw new UsageError(`${what} returned nothing. Return the condition: c => c.age.gt(18).`)
    const node = expressionOf(result, `${what} must return a condition, such as c.age.gt(18)`)
    if (!isAllIn(node))
      throw new UsageError(
        `${what} made a condition that is not part of what it returned. Join conditions with and(), or() and not(), not with && and ||.`,
      )
    return node
  })
}
