import { holdsIntegers, type ValueType } from '../../ast/data-type.js'
import type { CastNode, ExpressionNode } from '../../ast/expression.js'
import { comparand } from '../../field/comparand.js'
import { literalDigits } from '../../field/digits.js'
import { decimalKind } from '../../field/number.js'
import { PlainType, plainTypes } from '../../field/plain-type.js'
import { memo } from '../../util/memo.js'
import { valueTypeOf } from './value-type.js'

// The types of computed numbers. Decimals keep all digits of an operation, so that no intermediate result is rounded.

/** The total digits that every database supports for decimals, and the most digits after the point. */
const DIGITS = 65
const SCALE = 30

/** The extra digits after the point that a quotient, an average, or a computation with a float gets. */
const FRACTION = 8

/** The digits of an integer field, and of a computed integer. */
const WHOLE = { smallInteger: 5, integer: 10 } as const
const ANY_INTEGER = 19

/** The digits before and after the point. `scale` is null if the type does not limit them. */
interface NumberSize {
  readonly whole: number
  readonly scale: number | null
}

type NumberForm = 'decimal' | 'string' | 'number'

const made = new Map<string, PlainType>()

/** Returns the same object for the same type, because types are part of a query's shape. */
function decimalType(precision: number, scale: number, form: NumberForm): ValueType {
  const key = `${precision}.${scale}.${form}`
  return memo(made, key, () => {
    const kind = decimalKind(precision, scale, form as 'decimal')
    return new PlainType({ ...kind, dataType: { ...kind.dataType, computed: true } })
  })
}

const sized = (whole: number, scale: number, form: NumberForm): ValueType => {
  const after = Math.min(scale, SCALE)
  return decimalType(Math.min(whole + after, DIGITS), after, form)
}

const isDecimal = (type: ValueType | null): boolean => type?.dataType.name === 'decimal'

const numberFormOf = (type: ValueType): NumberForm =>
  (type as { options?: { as?: NumberForm } }).options?.as ?? (type as Partial<PlainType>).kind?.form ?? 'decimal'

function sizeOf(type: ValueType | null): NumberSize {
  if (type?.dataType.name === 'decimal') {
    const { precision = 18, scale = 0 } = type.dataType
    return { whole: precision - scale, scale }
  }
  if (type === null || !holdsIntegers(type.dataType)) return { whole: DIGITS, scale: null }
  const isComputed = type === plainTypes.count || type === plainTypes.computed || type.dataType.name === 'bigInteger'
  return { whole: isComputed ? ANY_INTEGER : WHOLE[type.dataType.name as 'integer'], scale: 0 }
}

/**
 * The type of a sum. It is based on the type of the summed values, but an integer sum may be larger than their column allows.
 */
export function keptSumType(type: ValueType | null): ValueType {
  if (type?.dataType.name === 'decimal') {
    const { precision = 18, scale = 0, computed = false } = type.dataType
    return decimalType(precision <= (computed ? 19 : 18) ? 19 : DIGITS, scale, numberFormOf(type))
  }
  switch (type?.dataType.name) {
    case 'bigInteger':
      return type
    case 'float':
    case 'number':
      return plainTypes.float
    default:
      return plainTypes.count
  }
}

export function averageType(type: ValueType | null): ValueType {
  if (type === null || !isDecimal(type)) return plainTypes.float
  const { whole, scale } = sizeOf(type)
  return sized(whole, (scale ?? 0) + FRACTION, numberFormOf(type))
}

/** Whether the numbers of a type have no fixed number of digits. */
const isFloat = (type: ValueType | null): boolean => type?.dataType.name === 'float' || type?.dataType.name === 'number'

/** The decimal type that holds values of all these types, null if none of them is a decimal. Floats are rounded to it. */
function commonDecimal(types: readonly (ValueType | null)[]): ValueType | null {
  const decimals = types.filter((type): type is ValueType => isDecimal(type))
  const [first] = decimals
  if (first === undefined) return null
  const sizes = types.map(sizeOf)
  if (types.some(isFloat))
    return sized(DIGITS, Math.max(...sizes.map(({ scale }) => scale ?? 0)) + FRACTION, numberFormOf(first))
  const whole = Math.max(...sizes.map((size) => (size.scale === null ? 0 : size.whole)))
  const scale = Math.max(...sizes.map((size) => size.scale ?? 0))
  const holds = (size: NumberSize) => size.whole >= whole && (size.scale ?? 0) >= scale
  return decimals.find((type) => holds(sizeOf(type))) ?? sized(whole, scale, numberFormOf(first))
}

/**
 * The decimal type of a plain value. It has the digits of the value after the point. The digits before the point are rounded up
 * to one of few sizes, so that few types are created.
 */
export function literalDecimal(value: unknown): ValueType {
  const { whole, scale } = literalDigits(value, plainTypes.number.refuse)
  const room = [4, 9, 18].find((digits) => whole <= digits)
  return decimalType(room === undefined ? DIGITS : Math.min(room + scale, DIGITS), scale, 'decimal')
}

/** The decimal type that holds expressions of these types and the plain values next to them. */
export function decimalWith(types: readonly (ValueType | null)[], values: readonly unknown[]): ValueType | null {
  const decimal = commonDecimal(types)
  const given = values.filter((value) => value !== null && value !== undefined)
  return decimal === null || given.length === 0
    ? decimal
    : commonDecimal([decimal, ...types, ...given.map(literalDecimal)])
}

/** The common type of several numbers without a decimal. Integers next to a float become floats. */
export function commonNumber(types: readonly ValueType[]): ValueType | null {
  const [first, ...others] = types
  if (first === undefined || !types.every((type) => isFloat(type) || holdsIntegers(type.dataType))) return null
  const float = types.find(isFloat)
  if (float !== undefined) return isFloat(first) ? first : float.dataType.name === 'float' ? plainTypes.float : float
  const isSmall = first.dataType.name !== 'bigInteger'
  return isSmall && others.some((type) => type.dataType.name !== first.dataType.name) ? plainTypes.count : null
}

/** Converts a float to a decimal, because databases would otherwise convert the decimals next to it to floats. */
export function besideDecimals(node: ExpressionNode, type: ValueType | null): ExpressionNode {
  const isOther = type !== null && isDecimal(type) && node.kind !== 'parameter' && isFloat(valueTypeOf(node))
  return isOther ? ({ kind: 'cast', operand: node, to: 'decimal', type } satisfies CastNode) : node
}

/** The type of a value that is compared with an expression. It may have more digits than a decimal field. */
export const comparedType = (type: ValueType | null): ValueType | null =>
  type !== null && isDecimal(type) ? comparand(type) : type

/**
 * The type of an arithmetic result. Decimals with integers or floats give decimals. A quotient of integers may have a fraction.
 */
export function arithmeticType(operator: string, left: ExpressionNode, right: ExpressionNode): ValueType | null {
  const [a, b] = [valueTypeOf(left), valueTypeOf(right)]
  const decimal = isDecimal(a) ? a : isDecimal(b) ? b : null
  if (decimal !== null) return decimalResult(operator, sizeOf(a), sizeOf(b), numberFormOf(decimal))
  if (a === null || !holdsIntegers(a.dataType)) return a ?? b
  const two = b?.dataType.name
  if (operator === '/' || two === 'float' || two === 'number') return plainTypes.number
  return a.dataType.name === 'bigInteger' ? a : plainTypes.computed
}

function decimalResult(operator: string, a: NumberSize, b: NumberSize, form: NumberForm): ValueType {
  const scale = Math.max(a.scale ?? 0, b.scale ?? 0)
  if (a.scale === null || b.scale === null) return sized(DIGITS, scale + FRACTION, form)
  switch (operator) {
    case '*':
      return unbounded(a.whole + b.whole, a.scale + b.scale, form)
    case '/':
      return unbounded(a.whole + b.scale, scale + FRACTION, form)
    case '%':
      return sized(Math.min(a.whole, b.whole), scale, form)
    default:
      return sized(Math.max(a.whole, b.whole) + 1, scale, form)
  }
}

/**
 * Avoids a precision of exactly 19, which stands for 64-bit integers (the sum of two 18-digit numbers fits, but not every
 * 19-digit number does).
 */
const unbounded = (whole: number, scale: number, form: NumberForm): ValueType =>
  sized(whole + Math.min(scale, SCALE) === 19 ? whole + 1 : whole, scale, form)
