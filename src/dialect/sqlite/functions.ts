import { Decimal } from 'decimal.js'
import { equalJson } from '../../util/equal-json.js'
import { storageFunctions } from './storage/functions.js'
import { unscale } from './types.js'

/** SQL functions that SQLite lacks, for an adapter to register. All are deterministic and pass NULL through. */
export const sqliteFunctions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  corm_lower: (text: unknown) => (text === null ? null : String(text).toLowerCase()),
  corm_upper: (text: unknown) => (text === null ? null : String(text).toUpperCase()),
  corm_regexp: (pattern: unknown, text: unknown) => matches(pattern, text, 'u'),
  corm_iregexp: (pattern: unknown, text: unknown) => matches(pattern, text, 'iu'),
  corm_round_digits: (value: number | null, digits: number) =>
    value === null ? null : new Decimal(value).toDecimalPlaces(digits, Decimal.ROUND_HALF_UP).toNumber(),
  corm_json_equals: (left: string | null, right: string | null) =>
    left === null || right === null ? null : equalJson(JSON.parse(left), JSON.parse(right)) ? 1 : 0,
  corm_decimal_key: (digits: unknown) => (digits === null ? null : decimalKey(String(digits))),
}

/** The same, with integers as bigint, so that no digit is lost. */
export const sqliteIntegerFunctions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  ...storageFunctions,
  corm_digits: (value: bigint | number | null, scale: bigint) =>
    value === null ? null : unscale(String(value), Number(scale)),
  corm_round_scaled: (value: bigint | number | null, unit: bigint) => toUnit(value, unit, 'round'),
  corm_floor_scaled: (value: bigint | number | null, unit: bigint) => toUnit(value, unit, 'floor'),
  corm_ceil_scaled: (value: bigint | number | null, unit: bigint) => toUnit(value, unit, 'ceil'),
  corm_times: computed((a, b) => a.times(b)),
  corm_divided: computed((a, b) => (b.isZero() ? null : a.div(b))),
  corm_rest: computed((a, b) => (b.isZero() ? null : a.mod(b))),
  corm_plus: computed((a, b) => a.plus(b)),
  corm_minus: computed((a, b) => a.minus(b)),
  corm_mean: (total: bigint | number | null, count: bigint) => mean(total, count),
  corm_round: (value: bigint | number | null) => (typeof value === 'number' ? roundHalfAway(value) : value),
}

type Number64 = bigint | number | null

/** More digits than two 64-bit integers have together. */
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP })

/** Two numbers with their scales, and that of the result, to which it is rounded. */
function computed(compute: (a: Decimal, b: Decimal) => Decimal | null) {
  const unscaled = (value: bigint | number, scale: bigint) => new Exact(String(value)).div(Exact.pow(10, Number(scale)))
  return (a: Number64, aScale: bigint, b: Number64, bScale: bigint, scale: bigint): bigint | null => {
    if (a === null || b === null) return null
    const result = compute(unscaled(a, aScale), unscaled(b, bScale))
    return result === null ? null : BigInt(result.times(Exact.pow(10, Number(scale))).toFixed(0))
  }
}

/** A scaled integer to a multiple of `unit`; halves go away from zero. */
function toUnit(given: bigint | number | null, unit: bigint, how: 'round' | 'floor' | 'ceil'): bigint | null {
  const value = typeof given === 'number' ? roundHalfAway(given) : given
  if (value === null) return null
  const rest = value % unit
  const cut = value - rest
  if (how === 'floor') return rest < 0n ? cut - unit : cut
  if (how === 'ceil') return rest > 0n ? cut + unit : cut
  if (2n * (rest < 0n ? -rest : rest) < unit) return cut
  return value < 0n ? cut - unit : cut + unit
}

/** A float has no digits beyond the 53rd bit, which a sum of scaled integers may have. */
function mean(total: bigint | number | null, count: bigint): bigint | null {
  if (typeof total === 'number') return roundHalfAway(total / Number(count))
  return total === null ? null : (toUnit(total, count, 'round') as bigint) / count
}

function roundHalfAway(value: number): bigint | null {
  if (!Number.isFinite(value)) return null
  return BigInt(Math.sign(value) * Math.round(Math.abs(value)))
}

export interface SqliteAggregate {
  readonly start: () => string | null
  readonly step: (total: string | null, next: unknown) => string | null
}

/** Exact aggregates over decimals kept as text. */
export const sqliteAggregates: Readonly<Record<string, SqliteAggregate>> = {
  corm_decimal_sum: aggregate(addDecimals),
  corm_decimal_min: aggregate((a, b) => (decimalKey(a) <= decimalKey(b) ? a : b)),
  corm_decimal_max: aggregate((a, b) => (decimalKey(a) >= decimalKey(b) ? a : b)),
}

function aggregate(combine: (a: string, b: string) => string): SqliteAggregate {
  return {
    start: () => null,
    step: (total, next) => (next === null ? total : total === null ? String(next) : combine(total, String(next))),
  }
}

let lastPattern = ''
let lastFlags = ''
let lastRegex = /(?:)/

function matches(pattern: unknown, text: unknown, flags: string): 0 | 1 | null {
  if (pattern === null || text === null) return null
  if (pattern !== lastPattern || flags !== lastFlags) {
    lastRegex = new RegExp(String(pattern), flags)
    lastPattern = String(pattern)
    lastFlags = flags
  }
  return lastRegex.test(String(text)) ? 1 : 0
}

const WIDTH = 100

/** A text that sorts as the number does: the whole digits padded, and every digit turned round below zero. */
export function decimalKey(digits: string): string {
  const negative = digits.startsWith('-')
  const [whole = '0', fraction = ''] = (negative ? digits.slice(1) : digits).split('.')
  const padded = whole.padStart(WIDTH, '0') + fraction.replace(/0+$/, '')
  if (!negative || /^0*$/.test(padded)) return `1${padded}`
  return `0${padded.replace(/\d/g, (d) => String(9 - Number(d)))}~`
}

function addDecimals(a: string, b: string): string {
  const scale = Math.max(fractionLength(a), fractionLength(b))
  const total = scaled(a, scale) + scaled(b, scale)
  const sign = total < 0n ? '-' : ''
  const text = (total < 0n ? -total : total).toString().padStart(scale + 1, '0')
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}

const fractionLength = (digits: string) => (digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0)

function scaled(digits: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = digits.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}
