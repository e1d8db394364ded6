import { Decimal } from 'decimal.js'
import { describe, type Refuse } from './kind.js'

/** No column keeps as many digits before or after the point; zeros in front of a text or behind it are counted too. */
const LONGEST = 1000
const LARGEST = 10n ** 100n

const TOO_LONG = 'has more digits than a decimal of any database'

/** A decimal number written out, from any form of it. Sizes are looked at first: `1e30000000` would be a text of 30 MB. */
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

/** As JSON has it: digits, and with an exponent only what has too many of them. */
export const decimalText = (value: Decimal): string =>
  isFiniteDecimal(value) && !isLong(value) ? fixed(value) : String(value)

/** A Decimal of any copy of decimal.js, which `isDecimal` knows by a name that an object of a request may bear too. */
export function isFiniteDecimal(value: unknown): value is Decimal {
  if (!Decimal.isDecimal(value) || Object.hasOwn(value, 'toStringTag')) return false
  const { d, e } = value
  return Array.isArray(d) && Number.isSafeInteger(e)
}

/** Seven digits stand in each part. */
const isLong = ({ d, e }: Decimal) => Math.abs(e) > LONGEST || d.length > LONGEST / 7

/** The method of our copy: another may be configured, and a forged one may be anything. */
const fixed = (value: Decimal) => (Decimal.prototype.toFixed as () => string).call(value)
