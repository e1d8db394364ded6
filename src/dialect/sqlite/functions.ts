import { Decimal } from 'decimal.js'
import { equalJson } from '../../util/equal-json.js'
import { lostNumber } from '../../util/json-text.js'
import { sha256 } from '../../util/sha256.js'
import { decimalFunctions, decimalSum } from './decimals.js'
import { storageFunctions } from './storage-functions.js'
import { unscale } from './types.js'
import { vectorFunctions } from './vectors.js'
import { zoneFunctions } from './zones.js'

/** SQL functions that SQLite lacks, which the adapter registers. All are deterministic and return NULL for NULL. */
export const sqliteFunctions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  ...vectorFunctions,
  ...zoneFunctions,
  corm_lower: (text: unknown) => (text === null ? null : String(text).toLowerCase()),
  corm_upper: (text: unknown) => (text === null ? null : String(text).toUpperCase()),
  corm_sha256: (text: unknown) => (text === null ? null : sha256(String(text))),
  corm_regexp: (pattern: unknown, text: unknown) => matches(pattern, text, 'u'),
  corm_iregexp: (pattern: unknown, text: unknown) => matches(pattern, text, 'iu'),
  corm_round_digits: (value: number | null, digits: number) =>
    value === null ? null : new Decimal(value).toDecimalPlaces(digits, Decimal.ROUND_HALF_UP).toNumber(),
  corm_json_equals: (left: string | null, right: string | null) =>
    left === null || right === null ? null : isSameJson(left, right) ? 1 : 0,
}

/** The same, with integers as bigint, so that no digit is lost. */
export const sqliteIntegerFunctions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  ...storageFunctions,
  corm_digits: (value: bigint | number | null, scale: bigint) =>
    value === null ? null : unscale(String(value), Number(scale)),
  corm_round_scaled: (value: bigint | number | null, unit: bigint) => toUnit(value, unit, 'round'),
  corm_floor_scaled: (value: bigint | number | null, unit: bigint) => toUnit(value, unit, 'floor'),
  corm_ceil_scaled: (value: bigint | number | null, unit: bigint) => toUnit(value, unit, 'ceil'),
  ...decimalFunctions,
}

/** Invalid JSON equals nothing, so that a condition can still find the other rows. */
function isSameJson(stored: string, given: string): boolean {
  try {
    const value: unknown = JSON.parse(stored)
    // a number that JavaScript changed when reading it is not equal
    return equalJson(value, JSON.parse(given)) && lostNumber(stored, value) === null
  } catch {
    return false
  }
}

/** Rounds a scaled integer to a multiple of `unit`; halves are rounded away from zero. */
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

function roundHalfAway(value: number): bigint | null {
  if (!Number.isFinite(value)) return null
  return BigInt(Math.sign(value) * Math.round(Math.abs(value)))
}

export interface SqliteAggregate {
  readonly start: () => unknown
  readonly step: (total: never, next: unknown) => unknown
  readonly inverse: (total: never, next: unknown) => unknown
  readonly result: (total: never) => unknown
}

export const sqliteAggregates: Readonly<Record<string, SqliteAggregate>> = { corm_decimal_sum: decimalSum }

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
