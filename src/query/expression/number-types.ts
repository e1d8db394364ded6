import { holdsIntegers, type ValueType } from '../../ast/data-type.js'
import type { CastNode, ExpressionNode } from '../../ast/expression.js'
import { comparand } from '../../field/comparand.js'
import { literalDigits } from '../../field/digits.js'
import { decimalKind } from '../../field/number.js'
import { PlainType, plainTypes } from '../../field/plain-type.js'
import { memo } from '../../util/memo.js'
import { valueTypeOf } from './value-type.js'

// Of what type computed numbers are. Decimals keep all digits that an operation has, so that nothing is rounded on the way.

/** Digits that every database computes decimals with, and how many of them may stand after the point. */
const DIGITS = 65
const SCALE = 30

/** A quotient and an average have so many digits more than what is divided; so has what is computed with a float. */
const FRACTION = 8

/** Digits of an integer field, and of a computed integer. */
const WHOLE = { smallInteger: 5, integer: 10 } as const
const ANY_INTEGER = 19

/** Digits before and after the point; `scale` is null where nothing says how many there are. */
interface NumberSize {
  readonly whole: number
  readonly scale: number | null
}

type NumberForm = 'decimal' | 'string' | 'number'

const made = new Map<string, PlainType>()

/** One object for each type: types are part of a query's shape. */
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

/** A sum keeps the type of what is summed; integers may grow beyond their column. */
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

/** Whether a type's numbers have as many digits as they happen to have. */
const isFloat = (type: ValueType | null): boolean => type?.dataType.name === 'float' || type?.dataType.name === 'number'

/**
 * The decimal that has room for all of these: what several are brought to; null where there is none among them. Floats are
 * rounded to it.
 */
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

/** The type of a plain value next to a decimal: it has its own digits, and so many as one of few types has before the point. */
export function literalDecimal(value: unknown): ValueType {
  const { whole, scale } = literalDigits(value, plainTypes.number.refuse)
  const room = [4, 9, 18].find((digits) => whole <= digits)
  return decimalType(room === undefined ? DIGITS : Math.min(room + scale, DIGITS), scale, 'decimal')
}

/** The decimal that has room for expressions of these types and for plain values next to them. */
export function decimalWith(types: readonly (ValueType | null)[], values: readonly unknown[]): ValueType | null {
  const decimal = commonDecimal(types)
  const given = values.filter((value) => value !== null && value !== undefined)
  return decimal === null || given.length === 0
    ? decimal
    : commonDecimal([decimal, ...types, ...given.map(literalDecimal)])
}

/** The number that has room for all of these, where none is a decimal: integers next to a float are floats. */
export function commonNumber(types: readonly ValueType[]): ValueType | null {
  const [first, ...others] = types
  if (first === undefined || !types.every((type) => isFloat(type) || holdsIntegers(type.dataType))) return null
  const float = types.find(isFloat)
  if (float !== undefined) return isFloat(first) ? first : float.dataType.name === 'float' ? plainTypes.float : float
  const isSmall = first.dataType.name !== 'bigInteger'
  return isSmall && others.some((type) => type.dataType.name !== first.dataType.name) ? plainTypes.count : null
}

/** An expression as a decimal, where it is a float: databases would make floats of both. */
export function besideDecimals(node: ExpressionNode, type: ValueType | null): ExpressionNode {
  const isOther = type !== null && isDecimal(type) && node.kind !== 'parameter' && isFloat(valueTypeOf(node))
  return isOther ? ({ kind: 'cast', operand: node, to: 'decimal', type } satisfies CastNode) : node
}

/** What a value compared with an expression of the type is: a decimal may have more digits than the field. */
export const comparedType = (type: ValueType | null): ValueType | null =>
  type !== null && isDecimal(type) ? comparand(type) : type

/** Decimals next to integers and floats make decimals; a quotient of integers, or one next to a fraction, may be a fraction. */
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

/** A sum of two numbers of 18 digits is still one of 64 bits, which 19 digits stand for; any number of 19 digits is not. */
const unbounded = (whole: number, scale: number, form: NumberForm): ValueType =>
  sized(whole + Math.min(scale, SCALE) === 19 ? whole + 1 : whole, scale, form)
