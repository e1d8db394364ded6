import { CALL } from '../../ast/bases.js'
import { nodeOf } from '../../ast/brand.js'
import { ownForm } from '../../ast/data-type.js'
import type {
  CallNode,
  ExpressionNode,
  FrameEnd,
  FunctionCall,
  OrderNode,
  ParameterNode,
  WindowFrame,
  WindowName,
} from '../../ast/expression.js'
import { someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import { isWhole } from '../../util/number.js'
import { windowOptions } from '../options.js'
import type { StepPart } from '../shape.js'
import { refuseOrder } from './json-path.js'
import { isAggregate } from './nodes.js'
import { expressionOf, operand } from './operand.js'
import { valueTypeOf } from './value-type.js'

/** Functions whose result is meaningless without an order. */
const ORDERED: ReadonlySet<string> = new Set<WindowName>([
  'rowNumber',
  'rank',
  'denseRank',
  'percentRank',
  'cumeDist',
  'ntile',
  'lag',
  'lead',
  'firstValue',
  'lastValue',
  'nthValue',
])

const EXAMPLE = 'over({ partitionBy: c.authorId, orderBy: c.price.desc() })'

/** Adds a window to a call. */
export function overNode(call: ExpressionNode, given: unknown): CallNode {
  if (call.kind !== 'call')
    throw new UsageError('over() needs an aggregate or a window function: fn.sum(c.price).over().')
  const aggregate: boolean = isAggregate(call)
  if (!aggregate && !ORDERED.has(call.name) && call.over === undefined)
    throw new UsageError(`over() needs an aggregate or a window function, not ${call.name}().`)
  if (call.over !== undefined) throw new UsageError('over() was already called on this expression. Call it once.')
  if (call.distinct)
    throw new UsageError(
      "An aggregate of distinct values can't use over(), because databases refuse it. Leave out distinct, or compute it with a subquery.",
    )
  const over = frameOf(given)
  if (ORDERED.has(call.name) && over.orderBy.length === 0)
    throw new UsageError(`fn.${call.name}() goes by an order: ${EXAMPLE}.`)
  return { ...call, over }
}

function frameOf(given: unknown): WindowFrame {
  const { partitionBy, orderBy, rows } = windowOptions(given)
  return {
    partitionBy: listOf(partitionBy).map((each) => expressionOf(each, 'partitionBy takes expressions')),
    orderBy: ordersOf(orderBy, 'orderBy of over()'),
    rows: rowsOf(rows),
  }
}

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

/** The option `orderBy` of a call. */
export const ordersOf = (given: unknown, option: string): OrderNode[] =>
  listOf(given).map((value) => orderOf(value, option))

function orderOf(value: unknown, option: string): OrderNode {
  const node = nodeOf(value)
  if (node?.kind === 'order') return node
  const expression = expressionOf(value, `${option} takes expressions`)
  refuseOrder(expression)
  return { kind: 'order', expression, direction: 'asc', nulls: null }
}

function rowsOf(value: unknown): WindowFrame['rows'] {
  if (value === undefined) return null
  if (!Array.isArray(value) || value.length !== 2) throw rowsError()
  const [from, to] = value.map(frameEnd) as [FrameEnd, FrameEnd]
  if (from !== null && to !== null && from > to) throw new UsageError('rows of over() begins before it ends: [-1, 1].')
  return [from, to]
}

function frameEnd(value: unknown): FrameEnd {
  if (value === 'unbounded') return null
  if (isWhole(value) && Math.abs(value) < 2 ** 31) return value
  throw rowsError()
}

const rowsError = () =>
  new UsageError("rows of over() is [from, to]: whole numbers, negative before the current row, or 'unbounded'.")

/** A function that requires over() before it can be used. */
export class WindowCall {
  readonly #call: CallNode
  readonly #made: (node: ExpressionNode) => unknown
  constructor(call: CallNode, made: (node: ExpressionNode) => unknown) {
    this.#call = call
    this.#made = made
  }

  over(frame?: unknown): unknown {
    return this.#made(overNode(this.#call, frame))
  }
}

const call = <N extends WindowName>(
  name: N,
  args: FunctionCall<N>['args'],
  type: CallNode['type'],
): FunctionCall<N> => ({
  ...CALL,
  name,
  args,
  distinct: false,
  type: type && ownForm(type),
})

/** `row_number() over (…)`. */
export const rowNumber = (partitionBy: readonly ExpressionNode[], orderBy: readonly OrderNode[]): CallNode => ({
  ...call('rowNumber', [], plainTypes.count),
  over: { partitionBy, orderBy, rows: null },
})

function countOf(name: WindowName, value: unknown, least: number): number {
  if (isWhole(value) && value >= least && value < 2 ** 31) return value
  throw new UsageError(`fn.${name}() counts by a whole number from ${least}.`)
}

/** The window functions. `made` wraps the finished call as an expression. */
export function windowFunctions(made: (node: ExpressionNode) => unknown) {
  const ready = (node: CallNode) => new WindowCall(node, made)
  const rank =
    (name: 'rowNumber' | 'rank' | 'denseRank' | 'percentRank' | 'cumeDist', type = plainTypes.count) =>
    () =>
      ready(call(name, [], type))
  const value = (name: WindowName, column: unknown) =>
    expressionOf(column, `fn.${name}() takes an expression, like c.price`)
  const neighbour = (name: 'lag' | 'lead') => (column: unknown, rows?: unknown, otherwise?: unknown) => {
    const node = value(name, column)
    const type = valueTypeOf(node)
    const args =
      otherwise === undefined || otherwise === null ? ([node] as const) : ([node, operand(otherwise, type)] as const)
    return ready({ ...call(name, args, type), count: countOf(name, rows ?? 1, 0) })
  }
  const edge = (name: 'firstValue' | 'lastValue') => (column: unknown) => {
    const node = value(name, column)
    return ready(call(name, [node], valueTypeOf(node)))
  }
  return {
    rowNumber: rank('rowNumber'),
    rank: rank('rank'),
    denseRank: rank('denseRank'),
    percentRank: rank('percentRank', plainTypes.float),
    cumeDist: rank('cumeDist', plainTypes.float),
    ntile: (parts: unknown) => ready({ ...call('ntile', [], plainTypes.count), count: countOf('ntile', parts, 1) }),
    lag: neighbour('lag'),
    lead: neighbour('lead'),
    firstValue: edge('firstValue'),
    lastValue: edge('lastValue'),
    nthValue: (column: unknown, n: unknown) => {
      const node = value('nthValue', column)
      return ready({ ...call('nthValue', [node], valueTypeOf(node)), count: countOf('nthValue', n, 1) })
    },
  }
}

export const isWindow = (node: ExpressionNode | ParameterNode): boolean =>
  node.kind === 'call' && node.over !== undefined

/** Whether an expression contains a window. Raw SQL of the user is not searched. */
export const holdsWindow = (node: ExpressionNode): boolean => node.kind !== 'raw' && someNode(node, isWindow)

/**
 * Refuses windows in steps that run before windows are computed. Conditions of `where` are allowed: an inner select computes
 * their windows.
 */
export function refuseWindows(part: StepPart): void {
  switch (part.kind) {
    case 'having':
      return refuseWindow(part.node, part.kind)
    case 'groupBy':
      for (const { expression } of part.keys) refuseWindow(expression, part.kind)
      return
    case 'update':
      for (const { value } of part.assignments) refuseWindow(value, part.kind)
  }
}

function refuseWindow(node: ExpressionNode, step: string): void {
  if (holdsWindow(node))
    throw new UsageError(
      `A window function can't be used in ${step}(), because it is computed from the rows of the result. Name it with annotate(), and use the name.`,
    )
}
