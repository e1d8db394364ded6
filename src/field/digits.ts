import { Decimal } from 'decimal.js'
import { asRecord } from '../util/record.js'
import { describe, type Refuse } from './kind.js'

/** The digits of a decimal that doesn't say all of them: 18, of which 4 are after the point. */
export const decimalDigits = (precision = 18, scale = Math.min(4, precision)) => ({ precision, scale })

/** More digits before or after the point than any column stores. Leading and trailing zeros of a text count too. */
const LONGEST = 1000
const LARGEST = 10n ** 100n

const TOO_LONG = 'has more digits than a decimal of any database'

/**
 * Writes out a decimal number, whatever form it has. Sizes are checked first, because `1e30000000` would be a text of 30
 * MB.
 */
export function digitsOf(value: unknown, refuse: Refuse): string {
  switch (typeof value) {
    case 'string':
      return value.length > LONGEST ? refuse('range', TOO_LONG) : value
    case 'bigint':
      return isTooLong(value) ? refuse('range', TOO_LONG) : String(value)
    case 'number': {
      if (!Number.isFinite(value)) break
      const text = String(value)
      return text.includes('e') ? new Decimal(value).toFixed() : text
    }
  }
  if (!isFiniteDecimal(value)) return refuse('type', `expects a decimal number, not ${describe(value)}`)
  return isLong(value) ? refuse('range', TOO_LONG) : fixed(value)
}

export const isTooLong = (value: bigint): boolean => value > LARGEST || value < -LARGEST

/** The text of a decimal in JSON: plain digits, and an exponent only if there would be too many. */
export const decimalText = (value: Decimal): string =>
  isFiniteDecimal(value) && !isLong(value) ? fixed(value) : String(value)

const TAG = asRecord(Decimal.prototype).toStringTag

/**
 * Whether a value is a Decimal of any copy of decimal.js. The prototype has a name, which an object from a request could
 * also have as its own property.
 */
export function isDecimalObject(value: unknown): value is Decimal {
  if (value instanceof Decimal) return !Object.hasOwn(value, 'toStringTag')
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, 'toStringTag')) return false
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype || !Object.hasOwn(prototype, 'toStringTag')) return false
  return asRecord(prototype).toStringTag === TAG
}

export function isFiniteDecimal(value: unknown): value is Decimal {
  if (!isDecimalObject(value)) return false
  const { d, e } = value
  return Array.isArray(d) && Number.isSafeInteger(e)
}

/** decimal.js stores seven digits in each part of `d`. */
export const isLong = ({ d, e }: Decimal): boolean => Math.abs(e) > LONGEST || d.length > LONGEST / 7

const { toFixed }: { toFixed(this: Decimal): string } = Decimal.prototype

/** Uses the method of corm's copy, because another copy may be configured and a forged object may have any method. */
export const fixed = (value: Decimal): string => Reflect.apply(toFixed, value, [])

const DECIMAL_TEXT = /^([+-]?)(\d+)(?:\.(\d*))?$|^([+-]?)\.(\d+)$/

interface DigitParts {
  readonly negative: boolean
  /** The digits before the point without leading zeros: empty for a number below 1. */
  readonly whole: string
  /** The digits after the point without trailing zeros. */
  readonly fraction: string
}

export function decimalParts(value: unknown, refuse: Refuse): DigitParts {
  const match = DECIMAL_TEXT.exec(digitsOf(value, refuse))
  if (match === null) return refuse('type', 'expects a decimal number: digits, with a point before a fraction')
  const whole = (match[2] ?? '').replace(/^0+/, '')
  const fraction = withoutZeros(match[3] ?? match[5] ?? '')
  return { negative: (match[1] ?? match[4]) === '-' && (whole !== '' || fraction !== ''), whole, fraction }
}

/** Removes trailing zeros. A regular expression would take quadratic time. */
function withoutZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--
  return digits.slice(0, end)
}

/** The number of digits before and after the point. */
export function literalDigits(value: unknown, refuse: Refuse): { readonly whole: number; readonly scale: number } {
  const { whole, fraction } = decimalParts(value, refuse)
  if (fraction.length > MOST_AFTER) return refuse('scale', `has more than ${MOST_AFTER} digits after the point`)
  if (whole.length + fraction.length > MOST) return refuse('range', `has more than ${MOST} digits`)
  return { whole: whole.length, scale: fraction.length }
}

/** The digits that every database can compute with. */
const MOST = 65
const MOST_AFTER = 30
