import { Decimal } from 'decimal.js'
import { UsageError } from '../errors.js'
import { textIn } from '../util/expect.js'
import { isWhole } from '../util/number.js'
import { decimalParts, fixed, isDecimalObject, isFiniteDecimal, isLong } from './digits.js'
import { describe, type FieldKind, type Refuse } from './kind.js'

const RANGES = {
  smallInteger: [-32_768, 32_767],
  integer: [-2_147_483_648, 2_147_483_647],
} as const

export function integerKind(name: 'smallInteger' | 'integer', autoIncrement = false): FieldKind {
  const [low, high] = autoIncrement ? [RANGES.integer[0], RANGES.integer[1]] : RANGES[name]
  const check = (value: unknown, refuse: Refuse) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high)
      return value === 0 ? 0 : value
    return refuseInteger(value, low, high, refuse)
  }
  return {
    dataType: autoIncrement ? { name, autoIncrement } : { name },
    check,
    accepts: (v) => `typeof ${v} === 'number' && (${v} | 0) === ${v} && ${v} >= ${low} && ${v} <= ${high}`,
    load: null,
    snapshot: 'value',
  }
}

function refuseInteger(value: unknown, low: number, high: number, refuse: Refuse): number {
  const whole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
  if (!whole) return refuse('type', `expects an integer, not ${describe(value)}`)
  if (value < low || value > high) return refuse('range', `must be between ${low} and ${high}`)
  return Number(value)
}

const BIG_LOW = -(2n ** 63n)
const BIG_HIGH = 2n ** 63n - 1n
const INTEGER_TEXT = /^-?\d{1,19}$/

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  return undefined
}

export function bigIntegerKind(as: 'bigint' | 'number' | 'string' = 'bigint', autoIncrement = false): FieldKind {
  const parse = (value: unknown) =>
    as === 'string' && typeof value === 'string' && INTEGER_TEXT.test(value) ? BigInt(value) : toBigInt(value)
  const load = (value: unknown) => (as === 'bigint' ? value : as === 'string' ? String(value) : safeNumber(value))
  return {
    dataType: autoIncrement ? { name: 'bigInteger', autoIncrement } : { name: 'bigInteger' },
    cast(value) {
      const whole = parse(value)
      if (whole === undefined || (as === 'number' && !Number.isSafeInteger(Number(whole)))) return value
      return load(whole)
    },
    check(value, refuse) {
      const whole = parse(value)
      if (whole === undefined)
        return refuse(
          'type',
          `expects ${as === 'string' ? 'digits' : 'a bigint or a safe integer'}, not ${describe(value)}`,
        )
      if (whole < BIG_LOW || whole > BIG_HIGH) return refuse('range', `must be between ${BIG_LOW} and ${BIG_HIGH}`)
      if (as === 'number' && !Number.isSafeInteger(Number(whole)))
        return refuse('range', `must be between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}`)
      return whole
    },
    load: as === 'bigint' ? null : load,
    snapshot: 'value',
  }
}

function safeNumber(value: unknown): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number))
    throw new UsageError(
      'An integer beyond 2^53 does not fit a number. Declare the field with Field.bigInteger(), without { as: "number" }.',
    )
  return number
}

/** Counts and sums of integers. Databases compute them in 64 bits or more, and some drivers return them as text. */
export const countKind: FieldKind = {
  dataType: { name: 'integer' },
  check: (value, refuse) =>
    Number.isSafeInteger(value) ? value : refuse('type', `expects a safe integer, not ${describe(value)}`),
  load: safeNumber,
  snapshot: 'value',
}

export function floatKind(allowNaN: boolean, allowInfinity: boolean): FieldKind {
  return {
    dataType: { name: 'float' },
    accepts: (v) => `typeof ${v} === 'number' && ${v} - ${v} === 0`,
    check(value, refuse) {
      if (typeof value !== 'number') return refuse('type', `expects a number, not ${describe(value)}`)
      if (Number.isNaN(value) && !allowNaN) return refuse('type', 'must not be NaN')
      if ((value === Infinity || value === -Infinity) && !allowInfinity) return refuse('range', 'must be finite')
      return value
    },
    load: null,
    snapshot: 'value',
  }
}

export function decimalKind(
  precision: number,
  scale: number,
  as: 'decimal' | 'string' | 'number' = 'decimal',
): FieldKind {
  const load = as === 'decimal' ? (digits: unknown) => new Decimal(textIn(digits)) : as === 'number' ? Number : null
  const check = (value: unknown, refuse: Refuse) => canonicalDecimal(value, precision, scale, refuse)
  // the usual form of a decimal stored as text: all digits written out, no sign
  const plain = `/^(?:0|[1-9]\\d{0,${Math.max(0, precision - scale - 1)}})${scale > 0 ? `\\.\\d{${scale}}` : ''}$/`
  return {
    dataType: { name: 'decimal', precision, scale },
    form: as,
    ...(as === 'string' && { accepts: (v: string) => `typeof ${v} === 'string' && ${plain}.test(${v})` }),
    cast(value) {
      if (as === 'decimal' && isDecimalObject(value)) return value
      try {
        const digits = canonicalDecimal(value, precision, scale, giveUp)
        return load === null ? digits : load(digits)
      } catch {
        return value
      }
    },
    check,
    load,
    snapshot: 'canonical',
    same: (value, canonical) => {
      if (typeof value === 'string') return value === canonical || sameDigits(value, textIn(canonical))
      return value instanceof Decimal || typeof value === 'number' ? sameDigits(value, textIn(canonical)) : false
    },
  }
}

const giveUp: Refuse = () => {
  throw new RangeError('not a decimal of this field')
}

function sameDigits(value: Decimal.Value, canonical: string): boolean {
  // comparing texts is faster than reading one of them; what they don't decide (-0, exponents, zeros) takes numbers
  if (value instanceof Decimal && isFiniteDecimal(value) && !isLong(value) && isPaddedWith(fixed(value), canonical))
    return true
  try {
    return new Decimal(canonical).eq(value)
  } catch {
    return false
  }
}

/** Whether a text is `digits` with zeros after the point. */
function isPaddedWith(digits: string, text: string): boolean {
  if (digits === text) return true
  if (!text.startsWith(digits)) return false
  let i = digits.length
  // digits without a point are followed by one
  if (!digits.includes('.') && text[i++] !== '.') return false
  for (; i < text.length; i++) if (text[i] !== '0') return false
  return true
}

/** The digits with the full scale. `-0` and `0.0` become `0.00`, so that equal decimals are equal texts. */
function canonicalDecimal(value: unknown, precision: number, scale: number, refuse: Refuse): string {
  const { negative, whole, fraction } = decimalParts(value, refuse)
  if (fraction.length > scale) return refuse('scale', `has more than ${scale} digits after the point`)
  if (whole.length > precision - scale)
    return refuse('range', `has more than ${precision - scale} digits before the point`)
  return `${negative ? '-' : ''}${whole || '0'}${scale > 0 ? `.${fraction.padEnd(scale, '0')}` : ''}`
}

/** A whole number next to an integer, bound as an integer so that the result is one. */
export const wholeKind: FieldKind = {
  dataType: { name: 'integer' },
  check: (value, refuse) =>
    isWhole(value) ? BigInt(value) : refuse('type', `expects a safe integer, not ${describe(value)}`),
  load: null,
  snapshot: 'value',
}

export const booleanKind: FieldKind = {
  dataType: { name: 'boolean' },
  accepts: (v) => `typeof ${v} === 'boolean'`,
  check: (value, refuse) =>
    typeof value === 'boolean' ? value : refuse('type', `expects true or false, not ${describe(value)}`),
  load: null,
  snapshot: 'value',
}

/** Any finite number in arithmetic, in the form that the database computes with. */
export const anyNumberKind: FieldKind = {
  dataType: { name: 'number' },
  check(value, refuse) {
    if (typeof value === 'number' && Number.isFinite(value)) return value
    return refuse('type', `expects a number, not ${describe(value)}`)
  },
  load: null,
  snapshot: 'value',
}
