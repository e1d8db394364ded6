import type { Literal, Type } from './chain.js'

// Values of the reference: texts, booleans, NULL, and numbers of every kind as exact fractions.

export interface Fraction {
  readonly n: bigint
  /** Above zero. */
  readonly d: bigint
  /** Digits after the point of a decimal; a whole number has none. */
  readonly scale?: number
}
export type Value = string | boolean | Fraction | null

export const whole = (n: number | bigint): Fraction => ({ n: BigInt(n), d: 1n })

function ofDigits(digits: string): Fraction {
  const [before = '0', after = ''] = digits.split('.')
  return { n: BigInt(before + after), d: 10n ** BigInt(after.length), scale: after.length }
}

export function toValue(literal: Literal, type: Type): Value {
  if (literal === null) return null
  if (type === 'dec') return ofDigits(String(literal))
  if (typeof literal === 'bigint') return whole(literal)
  if (typeof literal === 'number') return Number.isInteger(literal) ? whole(literal) : ofDigits(String(literal))
  return literal
}

export const isFraction = (value: unknown): value is Fraction =>
  typeof value === 'object' && value !== null && 'n' in value

/** Digits that a quotient and an average have more than what is divided. */
export const FRACTION = 8

/** As decimals: a sum has the digits of its finer side, a product those of both, a quotient is rounded. */
export function calculateDecimal(op: Operation, a: Fraction, b: Fraction): Fraction {
  const [one, two] = [a.scale ?? 0, b.scale ?? 0]
  const scale = op === 'times' ? one + two : Math.max(one, two) + (op === 'dividedBy' ? FRACTION : 0)
  return toDigits(calculate(op, a, b), scale)
}

type Operation = 'plus' | 'minus' | 'times' | 'dividedBy' | 'mod'

export function calculate(op: Operation, a: Fraction, b: Fraction): Fraction {
  if (a.d === b.d && op === 'plus') return { n: a.n + b.n, d: a.d }
  if (a.d === b.d && op === 'minus') return { n: a.n - b.n, d: a.d }
  switch (op) {
    case 'plus':
      return { n: a.n * b.d + b.n * a.d, d: a.d * b.d }
    case 'minus':
      return { n: a.n * b.d - b.n * a.d, d: a.d * b.d }
    case 'times':
      return { n: a.n * b.n, d: a.d * b.d }
    case 'dividedBy':
      return b.n < 0n ? { n: -a.n * b.d, d: -a.d * b.n } : { n: a.n * b.d, d: a.d * b.n }
    case 'mod':
      // as SQL and JavaScript do: the sign is that of the first
      return { n: (a.n * b.d) % (b.n * a.d), d: a.d * b.d }
  }
}

/** Towards zero. */
export const cut = (value: Fraction): Fraction => whole(value.n / value.d)

/** To so many digits after the point, halves away from zero. */
export function toDigits(value: Fraction, scale: number): Fraction {
  const d = 10n ** BigInt(scale)
  const negative = value.n < 0n
  const n = (2n * (negative ? -value.n : value.n) * d + value.d) / (2n * value.d)
  return { n: negative ? -n : n, d, scale }
}

/** The same as text. */
export function digitsOf(value: Fraction, scale: number): string {
  const { n } = toDigits(value, scale)
  const negative = n < 0n
  const rounded = negative ? -n : n
  const text = String(rounded).padStart(scale + 1, '0')
  const sign = negative && rounded > 0n ? '-' : ''
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}

/** Texts by code points: by UTF-16 units those beyond the first plane would come too early. */
function compareTexts(a: string, b: string): number {
  const [one, two] = [[...a], [...b]]
  for (let i = 0; i < Math.min(one.length, two.length); i++) {
    const difference = (one[i]?.codePointAt(0) ?? 0) - (two[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return one.length - two.length
}

/** Below, at or above zero; neither value is NULL. */
export function compareValues(a: Exclude<Value, null>, b: Exclude<Value, null>): number {
  if (isFraction(a) && isFraction(b)) {
    const [left, right] = [a.n * b.d, b.n * a.d]
    return left < right ? -1 : left > right ? 1 : 0
  }
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : compareTexts(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  throw new Error(`The reference compares ${typeof a} with ${typeof b}.`)
}

/** One text for equal values, to group by and to take distinct ones. */
export function keyOf(value: Value): string {
  if (!isFraction(value)) return value === null ? 'null' : `${typeof value}:${value}`
  const factor = divisor(value.n < 0n ? -value.n : value.n, value.d)
  return `${value.n / factor}/${value.d / factor}`
}

const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? a || 1n : divisor(b, a % b))

/** What corm must answer for a value of this type, as a text that differs for each type and value. */
export function shownAs(value: Value, type: Type): string {
  if (value === null) return 'null'
  if (isFraction(value)) {
    if (type === 'big') return `${value.n / value.d}n`
    if (type === 'dec') return `dec ${trimmed(digitsOf(value, SHOWN))}`
    return showNumber(Number(value.n) / Number(value.d))
  }
  return type === 'time' ? `time ${value}` : JSON.stringify(value)
}

/** Digits that tell one decimal from another. */
export const SHOWN = 7

/** Averages may differ in the last bits. */
export const showNumber = (value: number): string => `${Number(value.toPrecision(10)) + 0}`

export const trimmed = (digits: string): string =>
  digits.includes('.') ? digits.replace(/\.?0+$/, '').replace(/^-0$/, '0') : digits
