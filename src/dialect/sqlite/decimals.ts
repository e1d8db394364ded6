import { Decimal } from 'decimal.js'
import { isDecimal } from '../../util/canonical.js'
import { own } from '../../util/own.js'

// SQL functions for exact decimals, with as many digits as other databases have.

/** SQLite passes integers as bigint, long decimals as text, floats as they are. */
type SqlNumber = bigint | number | string | null
type DecimalResult = bigint | string | null

/** A number as an integer and its scale. */
interface Exact {
  readonly n: bigint
  readonly scale: number
}

/** The number of digits that other databases compute with. */
const DIGITS = 65
const LARGEST = 10n ** BigInt(DIGITS)

const POWERS = Array.from({ length: 2 * DIGITS }, (_, i) => 10n ** BigInt(i))
const power = (scale: number): bigint => POWERS[scale] ?? 10n ** BigInt(scale)

/** The scale that marks decimals stored as text. */
export const AS_TEXT = -1
const TEXT = BigInt(AS_TEXT)

function refuseForm(): never {
  throw new RangeError(
    "A decimal is stored in another form than its field has. Declare how the column holds it: storage: 'numeric' or 'text'.",
  )
}

function exact(given: bigint | number | string, scale: bigint): Exact {
  const at = Number(scale)
  if (typeof given === 'string' ? !isDecimal(given) : at === AS_TEXT) return refuseForm()
  if (typeof given === 'bigint') return { n: given, scale: at }
  const text = typeof given === 'string' ? given : new Decimal(given).toFixed()
  const point = text.indexOf('.')
  if (point === -1) return { n: BigInt(text), scale: 0 }
  return { n: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 }
}

/** Divides and rounds halves away from zero. */
function quotient(n: bigint, d: bigint): bigint {
  const cut = n / d
  const rest = n - cut * d
  const [twice, whole] = [2n * (rest < 0n ? -rest : rest), d < 0n ? -d : d]
  return twice < whole ? cut : n < 0n === d < 0n ? cut + 1n : cut - 1n
}

function atScale({ n, scale }: Exact, wanted: number): bigint {
  return scale <= wanted ? n * power(wanted - scale) : quotient(n, power(scale - wanted))
}

const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n

/** Returns a scaled integer, if it fits into 64 bits. */
function scaled(n: bigint): bigint {
  if (n < MIN || n > MAX) throw new RangeError('A decimal has more digits than 64 bits hold.')
  return n
}

/** Returns the text that long decimals are stored as. */
function digits(n: bigint, scale: number): string {
  if (n >= LARGEST || n <= -LARGEST) throw new RangeError(`A decimal has more than ${DIGITS} digits.`)
  if (scale === 0) return String(n)
  const bare = (n < 0n ? -n : n).toString().padStart(scale + 1, '0')
  return `${n < 0n ? '-' : ''}${bare.slice(0, -scale)}.${bare.slice(-scale)}`
}

const isNumber = (value: SqlNumber): value is bigint | number | string =>
  value !== null && !(typeof value === 'number' && !Number.isFinite(value))

type ExactOperation = (a: Exact, b: Exact, scale: number) => bigint | null

const common = (a: Exact, b: Exact): readonly [bigint, bigint, number] => {
  const scale = Math.max(a.scale, b.scale)
  return [atScale(a, scale), atScale(b, scale), scale]
}

const OPERATIONS: Readonly<Record<string, ExactOperation>> = own({
  times: (a, b, scale) => atScale({ n: a.n * b.n, scale: a.scale + b.scale }, scale),
  divided(a, b, scale) {
    if (b.n === 0n) return null
    const shift = scale + b.scale - a.scale
    return shift >= 0 ? quotient(a.n * power(shift), b.n) : quotient(a.n, b.n * power(-shift))
  },
  rest(a, b, scale) {
    const [left, right, at] = common(a, b)
    return right === 0n ? null : atScale({ n: left % right, scale: at }, scale)
  },
  plus(a, b, scale) {
    const [left, right, at] = common(a, b)
    return atScale({ n: left + right, scale: at }, scale)
  },
  minus(a, b, scale) {
    const [left, right, at] = common(a, b)
    return atScale({ n: left - right, scale: at }, scale)
  },
})

/** Creates a SQL function that takes two numbers with their scales, and the scale to which the result is rounded. */
function operation(compute: ExactOperation, long: boolean) {
  return (a: SqlNumber, aScale: bigint, b: SqlNumber, bScale: bigint, scale: bigint): DecimalResult => {
    if (!isNumber(a) || !isNumber(b)) return null
    const at = Number(scale)
    const n = compute(exact(a, aScale), exact(b, bScale), at)
    return n === null ? null : long ? digits(n, at) : scaled(n)
  }
}

const UNITS = { round: quotient, floor, ceil: (n: bigint, unit: bigint) => -floor(-n, unit) } as const

function floor(n: bigint, unit: bigint): bigint {
  const cut = n / unit
  return n % unit < 0n ? cut - 1n : cut
}

/** Rounds a long decimal to fewer digits after the point, without changing its scale. */
function toDigits(how: keyof typeof UNITS) {
  return (value: SqlNumber, count: bigint, scale: bigint): DecimalResult => {
    if (!isNumber(value)) return null
    const at = Number(scale)
    const unit = power(at - Number(count))
    return digits(UNITS[how](atScale(exact(value, TEXT), at), unit) * unit, at)
  }
}

/** Converts a value to the form of a column, and refuses too many digits. */
function fitDecimal(long: boolean) {
  return (value: SqlNumber, from: bigint, precision: bigint, scale: bigint): DecimalResult => {
    if (!isNumber(value)) return null
    const n = atScale(exact(value, from), Number(scale))
    const limit = power(Number(precision))
    if (n >= limit || n <= -limit)
      throw new RangeError(
        `A computed value has more digits than its column: ${precision}, ${scale} of them after the point.`,
      )
    return long ? digits(n, Number(scale)) : n
  }
}

function fitInteger(value: SqlNumber, from: bigint, low: bigint, high: bigint): bigint | null {
  if (!isNumber(value)) {
    if (value === null) return null
    throw new RangeError('A computed value is no integer, and its column keeps integers.')
  }
  const { n, scale } = exact(value, from)
  const whole = n / power(scale)
  if (whole * power(scale) !== n) throw new RangeError('A computed value is no integer, and its column keeps integers.')
  if (whole < low || whole > high)
    throw new RangeError(`A computed value is out of the range of its column, ${low} to ${high}.`)
  return whole
}

const sign = (n: bigint) => (n > 0n ? 1n : n < 0n ? -1n : 0n)

/** Functions that take and return integers as bigint, so that no digit is lost. */
export const decimalFunctions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  ...Object.fromEntries(
    Object.entries(OPERATIONS).flatMap(([name, compute]) => [
      [`corm_${name}`, operation(compute, false)],
      [`corm_long_${name}`, operation(compute, true)],
    ]),
  ),
  corm_long_round: toDigits('round'),
  corm_long_floor: toDigits('floor'),
  corm_long_ceil: toDigits('ceil'),
  corm_long_abs(value: SqlNumber) {
    if (!isNumber(value)) return null
    const { n, scale } = exact(value, TEXT)
    return digits(n < 0n ? -n : n, scale)
  },
  corm_long_sign: (value: SqlNumber) => (isNumber(value) ? sign(exact(value, TEXT).n) : null),
  corm_long_cut(value: SqlNumber) {
    if (!isNumber(value)) return null
    const { n, scale } = exact(value, TEXT)
    return scaled(n / power(scale))
  },
  corm_scaled: (value: SqlNumber, from: bigint, scale: bigint) =>
    isNumber(value) ? scaled(atScale(exact(value, from), Number(scale))) : null,
  corm_long: (value: SqlNumber, from: bigint, scale: bigint) =>
    isNumber(value) ? digits(atScale(exact(value, from), Number(scale)), Number(scale)) : null,
  corm_fit: fitDecimal(false),
  corm_long_fit: fitDecimal(true),
  corm_fit_integer: fitInteger,
  corm_fit_text: (value: SqlNumber, most: bigint) => fitText(value, Number(most)),
  corm_decimal_key(value: SqlNumber, scale: bigint) {
    if (!isNumber(value)) return null
    const { n, scale: at } = exact(value, scale)
    return decimalKey(digits(n, at))
  },
  corm_decimal_unkey: (key: string | null, scale: bigint) => (key === null ? null : unkey(key, Number(scale))),
}

function fitText(value: SqlNumber, most: number): SqlNumber {
  if (typeof value !== 'string' || value.length <= most || [...value].length <= most) return value
  throw new RangeError(`A computed text has more characters than its column: ${most}.`)
}

const WIDTH = 100

const turned = (text: string) => text.replace(/\d/g, (d) => String(9 - Number(d)))

/** A text that sorts as the number does: the whole digits are padded, and each digit of a negative number is inverted. */
export function decimalKey(text: string): string {
  const negative = text.startsWith('-')
  const [whole = '0', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  const padded = whole.padStart(WIDTH, '0') + fraction.replace(/0+$/, '')
  if (!negative || /^0*$/.test(padded)) return `1${padded}`
  return `0${turned(padded)}~`
}

/** Reads the digits back from a key. */
function unkey(key: string, scale: number): string {
  const negative = key.startsWith('0')
  const padded = negative ? turned(key.slice(1, -1)) : key.slice(1)
  const whole = padded.slice(0, WIDTH).replace(/^0+(?=\d)/, '')
  const fraction = padded.slice(WIDTH).padEnd(scale, '0')
  return `${negative ? '-' : ''}${whole}${scale > 0 ? `.${fraction}` : ''}`
}

interface Total {
  readonly sum: Exact
  readonly count: number
}

const NOTHING: Total = { sum: { n: 0n, scale: 0 }, count: 0 }

const isGiven = (value: unknown): value is bigint | number | string =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string'

function added({ sum, count }: Total, next: unknown, by: 1 | -1): Total {
  if (next === null) return { sum, count }
  const value = isGiven(next) ? exact(next, TEXT) : refuseForm()
  const [a, b, scale] = value.scale === sum.scale ? [sum.n, value.n, sum.scale] : common(sum, value)
  return { sum: { n: by === 1 ? a + b : a - b, scale }, count: count + by }
}

/** The exact sum of decimals stored as text, which also works over windows. */
export const decimalSum = {
  start: (): Total => NOTHING,
  step: (total: Total, next: unknown): Total => added(total, next, 1),
  inverse: (total: Total, next: unknown): Total => added(total, next, -1),
  result: ({ sum, count }: Total): string | null => (count === 0 ? null : digits(sum.n, sum.scale)),
}
