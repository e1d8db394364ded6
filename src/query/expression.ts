import { NODE, nodeOf } from '../ast/brand.js'
import type { ValueType } from '../ast/data-type.js'
import type {
  ArithmeticNode,
  Comparator,
  ExpressionNode,
  ListNode,
  OrderNode,
  ParameterNode,
  PatternMode,
} from '../ast/expression.js'
import type { SelectNode } from '../ast/statement.js'
import { typeOf } from '../ast/type-of.js'
import { UndefinedValueError, UsageError } from '../errors.js'
import { plainTypes } from '../field/plain-type.js'
import { own } from '../util/own.js'
import { castNode, filteredNode } from './nodes.js'

/** What can stand in IN or as a value: a query, as a select of one column. */
export interface QueryLike {
  toSubquery(): SelectNode
}

const QUERY: unique symbol = Symbol('corm.query')

export { QUERY }

export function isQuery(value: unknown): value is QueryLike {
  return typeof value === 'object' && value !== null && QUERY in value
}

/** Predicates made in the running callback, to notice those that were made and dropped (`a && b`). */
let made: ExpressionNode[] | null = null

/** An SQL expression with the operators of `Column`. */
export class Expr {
  readonly [NODE]: ExpressionNode
  constructor(node: ExpressionNode) {
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
  between(low: unknown, high: unknown): Predicate {
    return predicate(betweenNode(this[NODE], low, high, false))
  }
  like(pattern: string): Predicate {
    return this.#pattern('like', pattern)
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
  endsWith(text: string): Predicate {
    return this.#pattern('endsWith', text)
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
    const items = values.map((value) => operand(value, plainTypes.text))
    return new Expr({ kind: 'concat', items: [this[NODE], ...items] })
  }
  lower(): Expr {
    return new Expr({ kind: 'call', name: 'lower', args: [this[NODE]], distinct: false, type: typeOf(this[NODE]) })
  }
  upper(): Expr {
    return new Expr({ kind: 'call', name: 'upper', args: [this[NODE]], distinct: false, type: typeOf(this[NODE]) })
  }
  length(): Expr {
    return new Expr({ kind: 'call', name: 'length', args: [this[NODE]], distinct: false, type: plainTypes.count })
  }
  coalesce(...values: unknown[]): Expr {
    const type = typeOf(this[NODE])
    const args = [this[NODE], ...values.map((value) => operand(value, type))]
    return new Expr({ kind: 'call', name: 'coalesce', args, distinct: false, type })
  }
  cast(to: unknown): Expr {
    return new Expr(castNode(this[NODE], to))
  }
  filter(condition: unknown): Expr {
    return new Expr(filteredNode(this[NODE], expressionOf(condition, 'filter() takes a condition')))
  }
  asc(options: { nulls?: 'first' | 'last' } = {}): Order {
    return new Order(this[NODE], 'asc', own(options).nulls)
  }
  desc(options: { nulls?: 'first' | 'last' } = {}): Order {
    return new Order(this[NODE], 'desc', own(options).nulls)
  }

  #compare(operator: Comparator, value: unknown): Predicate {
    return predicate(comparisonNode(this[NODE], operator, value))
  }

  #pattern(mode: PatternMode, text: unknown, insensitive = false): Predicate {
    return predicate(patternNode(this[NODE], mode, text, insensitive, false))
  }

  #arithmetic(operator: ArithmeticNode['operator'], value: unknown): Expr {
    const left = this[NODE]
    const right = operand(value, operandType(operator, left, value))
    return new Expr({ kind: 'arithmetic', operator, left, right, type: resultType(operator, left, right) })
  }
}

/** A decimal stays one beside integers; a quotient of integers, or an integer beside any number, may be a fraction. */
function resultType(operator: ArithmeticNode['operator'], left: ExpressionNode, right: ExpressionNode) {
  const [a, b] = [typeOf(left), typeOf(right)]
  const [one, two] = [a?.dataType.name, b?.dataType.name]
  if (a === null || one === 'decimal') return a ?? b
  if (one !== 'integer' && one !== 'smallInteger' && one !== 'bigInteger') return a
  if (two === 'decimal') return b
  return operator === '/' || two === 'float' || two === 'number' ? plainTypes.number : a
}

/** Sums keep the column's own type; factors, and what is added to something of no known type, are plain numbers. */
function operandType(operator: ArithmeticNode['operator'], left: ExpressionNode, value: unknown): ValueType {
  const type = typeOf(left)
  const sameType = operator === '+' || operator === '-'
  if (type?.dataType.name === 'decimal' && sameType) return type
  // a whole number leaves 64-bit integers exact
  if (type?.dataType.name === 'bigInteger' && Number.isSafeInteger(value)) return plainTypes.bigInteger
  return typeof value === 'bigint'
    ? plainTypes.bigInteger
    : typeof value === 'number'
      ? plainTypes.number
      : (type ?? plainTypes.number)
}

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
  constructor(expression: ExpressionNode, direction: 'asc' | 'desc', nulls: unknown = null) {
    if (nulls !== null && nulls !== 'first' && nulls !== 'last')
      throw new UsageError(`"nulls" must be 'first' or 'last'.`)
    this[NODE] = { kind: 'order', expression, direction, nulls }
  }
}

export function predicate(node: ExpressionNode): Predicate {
  made?.push(node)
  return new Predicate(node)
}

export function joinPredicates(operator: 'and' | 'or', items: readonly unknown[]): Predicate {
  if (items.length === 0)
    throw new UsageError(`${operator}() was given no conditions: say what is meant when there are none.`)
  const nodes = items.map((item) => expressionOf(item, `${operator}() joins conditions`))
  return nodes.length === 1
    ? new Predicate(nodes[0] as ExpressionNode)
    : predicate({ kind: 'logic', operator, items: nodes })
}

export function expressionOf(value: unknown, what: string): ExpressionNode {
  const node = nodeOf(value)
  if (node === undefined || node.kind === 'order')
    throw new UsageError(`${what}; this is ${value === undefined ? 'undefined' : 'something else'}.`)
  return node
}

/** A value as operand: an expression or query as it is, anything else bound as `type`. */
export function operand(value: unknown, type: ValueType | null): ExpressionNode {
  if (value === undefined)
    throw new UndefinedValueError('A condition has the value undefined. Leave it out, or compare with null.')
  if (typeof value === 'object' && value !== null) {
    const node = nodeOf(value)
    if (node !== undefined) return expressionOf(value, 'A condition takes an expression')
    if (isQuery(value)) return { kind: 'subquery', query: value.toSubquery() }
    if (Array.isArray(value) && type?.dataType.name !== 'json')
      throw new UsageError('A list is not a value of one field. Use whereIn(), the operator "in", or oneOf([…]).')
  }
  return { kind: 'parameter', type, value } satisfies ParameterNode
}

export function comparisonNode(left: ExpressionNode, operator: Comparator, value: unknown): ExpressionNode {
  if (value === null)
    throw new UsageError(`null can't be compared by "${operator}". Use = or != for IS NULL and IS NOT NULL.`)
  return { kind: 'comparison', operator, left, right: operand(value, typeOf(left)) }
}

export function inNode(left: ExpressionNode, values: unknown, negated: boolean): ExpressionNode {
  if (isQuery(values)) return { kind: 'in', operand: left, list: values.toSubquery(), negated }
  const raw = nodeOf(values)
  if (raw?.kind === 'raw') return { kind: 'in', operand: left, list: rawSelect(raw), negated }
  if (!Array.isArray(values) && !(values instanceof Set)) throw new UsageError('IN takes a list or a query.')
  const list = [...(values as Iterable<unknown>)]
  if (list.includes(undefined)) throw new UndefinedValueError('The list of an IN holds undefined. Leave it out.')
  if (list.some((value) => Array.isArray(value))) throw new UsageError('The list of an IN holds another list.')
  const given = list.filter((value) => value !== null)
  const nullTest: ExpressionNode = { kind: 'nullTest', operand: left, negated }
  if (given.length === 0) {
    useUp([left])
    return given.length < list.length ? nullTest : { kind: 'truth', value: negated }
  }
  const type = typeOf(left)
  const test: ExpressionNode =
    given.length === 1
      ? {
          kind: 'comparison',
          operator: negated ? '!=' : '=',
          left,
          right: { kind: 'parameter', type, value: given[0] },
        }
      : { kind: 'in', operand: left, list: { kind: 'list', type, values: given } satisfies ListNode, negated }
  // NULL in a list of SQL would match nothing, and in NOT IN drop every row
  return given.length < list.length
    ? { kind: 'logic', operator: negated ? 'and' : 'or', items: [test, nullTest] }
    : test
}

function rawSelect(raw: ExpressionNode): SelectNode {
  const selection = { kind: 'selection', expression: raw, alias: null, type: null } as const
  return {
    kind: 'select',
    selections: [selection],
    from: null,
    distinct: false,
    where: null,
    groupBy: [],
    having: null,
    orderBy: [],
    limit: null,
    offset: null,
  }
}

export function betweenNode(left: ExpressionNode, low: unknown, high: unknown, negated: boolean): ExpressionNode {
  if (low === null || high === null) throw new UsageError('A range needs two values; null is none.')
  const type = typeOf(left)
  return { kind: 'between', operand: left, low: operand(low, type), high: operand(high, type), negated }
}

export function patternNode(
  left: ExpressionNode,
  mode: PatternMode,
  text: unknown,
  insensitive: boolean,
  negated: boolean,
): ExpressionNode {
  if (text === undefined) throw new UndefinedValueError('A text search has the value undefined. Leave it out.')
  if (typeof text !== 'string') throw new UsageError('A text search needs a string.')
  const pattern: ParameterNode = { kind: 'parameter', type: plainTypes.text, value: text }
  return { kind: 'pattern', mode, operand: left, pattern, insensitive, negated }
}

/** Calls a condition's callback and makes sure that every predicate it made is in what it returned. */
export function collectPredicate(callback: () => unknown, what: string): ExpressionNode {
  const outer = made
  made = []
  try {
    const result = callback()
    if (result === undefined || result === null)
      throw new UsageError(`${what} returned nothing. Return the condition: c => c.age.gt(18).`)
    const node = expressionOf(result, `${what} must return a condition`)
    const reachable = new Set<unknown>()
    reach(node, reachable)
    if (made.some((each) => !reachable.has(each)))
      throw new UsageError(
        `${what} made a condition that is not part of what it returned. Join conditions with and(), or() and not(), not with && and ||.`,
      )
    return node
  } finally {
    made = outer
  }
}

/** These are part of something, though the condition that a callback returns may not show it: a query inside of it, say. */
export function useUp(nodes: readonly unknown[]): void {
  if (made === null || made.length === 0) return
  const used = new Set<unknown>()
  reach(nodes, used)
  made = made.filter((node) => !used.has(node))
}

function reach(node: unknown, seen: Set<unknown>): void {
  if (typeof node !== 'object' || node === null || seen.has(node)) return
  seen.add(node)
  for (const part of Array.isArray(node) ? node : Object.values(node)) reach(part, seen)
}
