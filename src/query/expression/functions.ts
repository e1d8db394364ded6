import { CALL } from '../../ast/bases.js'
import { ownForm, type ValueType } from '../../ast/data-type.js'
import type { AggregateName, CallNode, ExpressionNode, FunctionName } from '../../ast/expression.js'
import { structureOf } from '../../ast/structure.js'
import { someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import { limitArguments } from '../../util/arguments.js'
import { isPlainObject } from '../../util/own.js'
import { functions } from '../argument-counts.js'
import { concatOptions, distinctOptions } from '../options.js'
import { commonType } from './case.js'
import { refuseEncrypted } from './encrypted.js'
import { Expr } from './expression.js'
import { jsonAs } from './json-path.js'
import { asText, textPart } from './nodes.js'
import { averageType, besideDecimals, keptSumType } from './number-types.js'
import { expressionOf, isQuery, operand } from './operand.js'
import { NUMBERS, scalarCall } from './scalars.js'
import { valueTypeOf } from './value-type.js'
import { ordersOf, windowFunctions } from './window.js'

export function callNode(
  name: AggregateName | 'now' | 'random',
  args: readonly unknown[],
  options?: unknown,
): CallNode<AggregateName | 'now' | 'random'> {
  const [node] = args.map((arg) => argumentOf(name, expressionOf(arg, takesExpression(name))))
  const { distinct = false } = distinctOptions(options, `fn.${name}()`)
  if (node !== undefined && (name !== 'count' || distinct)) refuseEncrypted(node, `compute fn.${name}() of it`)
  const type = resultType(name, node === undefined ? null : valueTypeOf(node))
  // copies the base once: a second copy would cost as much as the rest of this function
  if (name === 'now' || name === 'random') return { ...CALL, distinct, type, name, args: [] }
  if (node !== undefined) return { ...CALL, distinct, type, name, args: [node] }
  if (name === 'count') return { ...CALL, distinct, type, name, args: [] }
  throw new UsageError(`${takesExpression(name)}.`)
}

const takesExpression = (name: FunctionName) => `fn.${name}() takes an expression, like c.price`

/** JSON values have no order and no sum. Only a number in JSON can be summed: some databases would read other texts as 0. */
function argumentOf(name: FunctionName, node: ExpressionNode): ExpressionNode {
  if (name === 'min' || name === 'max') {
    const of = valueTypeOf(node)?.dataType.name
    if (of === 'json')
      throw new UsageError(`fn.${name}() of a JSON value needs its type: cast('text') or cast('float').`)
    if (of === 'vector')
      throw new UsageError(`fn.${name}() takes no vector, because vectors have no order. Use nearest(field, vector).`)
    if (of === 'array')
      throw new UsageError(`fn.${name}() takes no array, because databases order arrays differently. Use its length().`)
  }
  if (name !== 'sum' && name !== 'avg') return node
  const number = jsonAs(node, 'number')
  const type = valueTypeOf(number)?.dataType
  if (type !== undefined && type.sql === undefined && !NUMBERS.includes(type.name))
    throw new UsageError(`fn.${name}() needs a number, but this is a value of type ${type.name}. Use cast('float').`)
  return number
}

function resultType(name: FunctionName, type: ValueType | null): ValueType | null {
  switch (name) {
    case 'count':
    case 'length':
      return plainTypes.count
    case 'sum':
      return keptSumType(type)
    case 'avg':
      return averageType(type)
    case 'now':
      return plainTypes.dateTime
    case 'random':
      return plainTypes.float
    case 'groupConcat':
      return plainTypes.text
    default:
      return type && ownForm(type)
  }
}

/** Joins the texts of all rows; other values are converted to text. The separator is an argument or one of the options. */
export function groupConcatNode(column: unknown, given?: unknown, options?: unknown): CallNode {
  const isOptions = isPlainObject(given) && options === undefined
  const {
    distinct = false,
    orderBy,
    separator = isOptions || given === undefined ? ',' : given,
  } = concatOptions(isOptions ? given : options)
  if (typeof separator !== 'string' || separator.includes('\0') || !separator.isWellFormed())
    throw new UsageError(
      'The separator of groupConcat() is a text without NUL characters and halves of surrogate pairs.',
    )
  const text = new Expr(asText(expressionOf(column, takesExpression('groupConcat'))))
  const order = ordersOf(orderBy, 'orderBy of fn.groupConcat()')
  const node = { ...callNode('groupConcat', [text], { distinct }), separator }
  if (order.length === 0) return node
  if (distinct && order.some(({ expression }) => !isSame(expression, node.args[0])))
    throw new UsageError(
      'fn.groupConcat() of distinct values can only be ordered by the value itself, because equal values come from several rows.',
    )
  return { ...node, orderBy: order }
}

const isSame = (a: ExpressionNode, b: ExpressionNode | undefined): boolean =>
  b !== undefined && structureOf([a]).key === structureOf([b]).key && !someNode(a, ({ kind }) => kind === 'parameter')

/** The largest or smallest of the values, NULL if one of them is NULL. */
function extreme(name: 'greatest' | 'least', values: readonly unknown[]): Expr {
  if (values.length < 2) throw new UsageError(`fn.${name}() compares two values or more.`)
  const type = commonType(values)
  return new Expr(
    scalarCall(
      name,
      values.map((value) => besideDecimals(operand(value, type), type)),
      type,
    ),
  )
}

/** Calls a method of an expression as a function. */
const method =
  (name: 'lower' | 'upper' | 'length' | 'trim' | 'abs' | 'round' | 'floor' | 'ceil' | 'coalesce' | 'nullIf') =>
  (column: unknown, ...args: unknown[]): Expr => {
    const node = isQuery(column)
      ? operand(column, null)
      : expressionOf(column, `fn.${name}() starts with an expression, like c.price`)
    const expression = new Expr(node)
    return (expression[name] as (...args: unknown[]) => Expr).apply(expression, args)
  }

export const fn = {
  count: (column?: unknown, options?: unknown) =>
    new Expr(callNode('count', column === undefined ? [] : [column], options)),
  sum: (column: unknown, options?: unknown) => new Expr(callNode('sum', [column], options)),
  avg: (column: unknown, options?: unknown) => new Expr(callNode('avg', [column], options)),
  min: (column: unknown) => new Expr(callNode('min', [column])),
  max: (column: unknown) => new Expr(callNode('max', [column])),
  groupConcat: (column: unknown, separator?: string, options?: unknown) =>
    new Expr(groupConcatNode(column, separator, options)),
  coalesce: method('coalesce'),
  nullIf: method('nullIf'),
  greatest: (...values: unknown[]) => extreme('greatest', values),
  least: (...values: unknown[]) => extreme('least', values),
  concat: (...values: unknown[]) => new Expr({ kind: 'concat', items: values.map(textPart) }),
  lower: method('lower'),
  upper: method('upper'),
  length: method('length'),
  trim: method('trim'),
  abs: method('abs'),
  round: method('round'),
  floor: method('floor'),
  ceil: method('ceil'),
  now: () => new Expr(callNode('now', [])),
  random: () => new Expr(callNode('random', [])),
  ...windowFunctions((node) => new Expr(node)),
}

limitArguments(fn, functions)
