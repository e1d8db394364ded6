import { CALL } from '../../ast/bases.js'
import { nodeOf } from '../../ast/brand.js'
import { ownForm, type ValueType } from '../../ast/data-type.js'
import type {
  CallNode,
  ExpressionNode,
  FunctionCall,
  FunctionName,
  NumberFunction,
  TextFunction,
} from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import { isWhole } from '../../util/number.js'
import { refuseOtherArrays } from './array-types.js'
import { refuseEncrypted } from './encrypted.js'
import { asScalar, jsonAs } from './json-path.js'
import { besideDecimals, commonNumber, comparedType, decimalWith } from './number-types.js'
import { isQuery, operand } from './operand.js'
import { valueTypeOf } from './value-type.js'

// Functions of one row's values.

export const scalarCall = <N extends FunctionName>(
  name: N,
  args: FunctionCall<N>['args'],
  type: ValueType | null,
): FunctionCall<N> => {
  for (const arg of args) refuseEncrypted(arg, 'compute with it')
  return { ...CALL, name, args, distinct: false, type: type && ownForm(type) }
}

const TEXTS = ['string', 'text', 'char', 'enum', 'uuid']

/** The argument of a text function. */
export function textArgument(name: TextFunction, node: ExpressionNode): ExpressionNode {
  const text = jsonAs(node, 'text')
  const type = valueTypeOf(text)
  if (type !== null && !TEXTS.includes(type.dataType.name))
    throw new UsageError(`${name}() needs a text, but this is a value of type ${type.dataType.name}. Use cast('text').`)
  return text
}

export const textOperand = (value: unknown) => operand(value, plainTypes.text)

/** A position in a text (from 1), or a number of characters. */
export function textPosition(value: unknown, least: number): ExpressionNode {
  if (typeof value === 'number' && !(Number.isSafeInteger(value) && value >= least && value < 2 ** 31))
    throw new UsageError(`substring() counts by whole numbers: the first character is 1.`)
  return operand(value, plainTypes.integer)
}

export const NUMBERS: readonly string[] = ['smallInteger', 'integer', 'bigInteger', 'float', 'decimal', 'number']
const DIGITS = 15

/** The result has the type of the number: a rounded decimal is a decimal. */
export function numberCall(name: NumberFunction, node: ExpressionNode, digits?: unknown): CallNode {
  const number = jsonAs(node, 'number')
  const type = valueTypeOf(number)
  if (type === null || !NUMBERS.includes(type.dataType.name))
    throw new UsageError(
      `${name}() needs a number, but this is a value of ${type === null ? 'no known type' : `type ${type.dataType.name}`}. Use cast('float').`,
    )
  if (name !== 'round') return scalarCall(name, [number], name === 'sign' ? plainTypes.integer : type)
  if (!isWhole(digits) || digits < 0 || digits > DIGITS)
    throw new UsageError(`round() takes the digits after the point: a whole number from 0 to ${DIGITS}.`)
  return { ...scalarCall('round', [number], type), count: digits }
}

export function coalesceNode(node: ExpressionNode, values: readonly unknown[]): CallNode {
  const first = values.length === 0 || node.kind === 'annotation' ? node : asScalar(node, values[0])
  const isPlain = (value: unknown) => nodeOf(value) === undefined && !isQuery(value)
  const own = valueTypeOf(first)
  const isNumber = own === null || NUMBERS.includes(own.dataType.name)
  const given = values.filter((value) => !isPlain(value)).map((value) => valueTypeOf(operand(value, null)))
  refuseOtherArrays(own, given, 'coalesce()')
  const decimal = isNumber ? decimalWith([own, ...given], values.filter(isPlain)) : null
  const type = decimal ?? commonNumber([own, ...given].filter((each) => each !== null)) ?? own
  const items = [first, ...values.map((value) => operand(value, type))]
  return scalarCall(
    'coalesce',
    items.map((item) => besideDecimals(item, type)),
    type,
  )
}

export function nullIfNode(node: ExpressionNode, value: unknown): CallNode {
  const first = asScalar(node, value)
  const own = valueTypeOf(first)
  const isPlain = nodeOf(value) === undefined && !isQuery(value)
  if (isPlain) return scalarCall('nullIf', [first, operand(value, comparedType(own))], own)
  const second = operand(value, own)
  const other = valueTypeOf(second)
  // converts both to a type that holds both: rounded, different values might be equal
  const type = (other === null ? null : decimalWith([own, other], [])) ?? own
  return scalarCall('nullIf', [besideDecimals(first, type), besideDecimals(second, type)], type)
}
