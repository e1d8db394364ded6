import { Decimal } from 'decimal.js'
import type { ValueType } from '../ast/data-type.js'
import type { Codec } from '../compiler/codec.js'
import { StoredValueError, ValidationError } from '../errors.js'
import { isDay, isDecimal, isTime, isUuid } from '../util/canonical.js'
import { isWhole } from '../util/number.js'

// Readers return the value that the column holds, or throw. They never return another value.

/** Describes a driver's value in messages. */
export function heldBy(raw: unknown): string {
  if (raw === null) return 'NULL'
  if (raw instanceof Uint8Array) return 'bytes'
  if (raw instanceof Date) return Number.isNaN(raw.getTime()) ? 'a date that no calendar has' : 'a date'
  switch (typeof raw) {
    case 'number':
      if (!Number.isFinite(raw)) return String(raw)
      return Number.isInteger(raw) ? 'an integer' : 'a number with a fraction'
    case 'bigint':
      return 'an integer'
    case 'boolean':
      return 'true or false'
    default:
      return 'text'
  }
}

export const OTHER_FIELD = 'Correct the stored value, or use the kind of field that fits what the column holds.'

/** `expected` describes what the field needs, such as "a date as YYYY-MM-DD". */
export function refuseStored(raw: unknown, expected: string, remedy = OTHER_FIELD): never {
  const held = raw instanceof Object || typeof raw !== 'string' ? heldBy(raw) : 'text of another form'
  throw new StoredValueError(`holds ${held}, and needs ${expected}`, remedy)
}

const UNSAFE = 'Declare it with Field.bigInteger() or Field.bigId().'

/** Refuses a whole number beyond 2^53, which would lose digits. */
function refuseUnsafe(): never {
  throw new StoredValueError('holds an integer beyond 2^53, and is read as a number', UNSAFE)
}

/** Reads integers of a column; the result of an expression may have a fraction. */
export const integerReader = (type: ValueType): ((raw: unknown) => number) =>
  type.column === undefined ? readWhole : readInteger

function readWhole(raw: unknown): number {
  const value = typeof raw === 'number' ? raw : Number(raw)
  if (typeof raw === 'string' && !isDecimal(raw)) refuseStored(raw, 'an integer')
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? refuseUnsafe() : value
}

/** Reads an integer that comes as a number, or as its digits if it may be large. */
function readInteger(raw: unknown): number {
  if (typeof raw === 'string' && !isDecimal(raw)) refuseStored(raw, 'an integer')
  if (typeof raw !== 'number' && typeof raw !== 'string' && typeof raw !== 'bigint') refuseStored(raw, 'an integer')
  const value = Number(raw)
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value
  return Number.isInteger(value) ? refuseUnsafe() : refuseStored(value, 'an integer')
}

/** The fast path: most integers are small and need no conversion. */
export const plainInteger = (raw: string) => `(${raw} | 0) === ${raw}`

/** How databases write a number that is too large for an integer. */
const BEYOND = /^-?\d(?:\.\d+)?e\+?\d+$/i

export function readBigInteger(raw: unknown): bigint {
  if (typeof raw === 'string') {
    if (/^-?\d+$/.test(raw)) return BigInt(raw)
    if (BEYOND.test(raw))
      throw new StoredValueError(
        'is a number beyond the 64 bits of an integer',
        'If it is computed, compute it with floats: c.total.cast("float"). If it is stored, correct it.',
      )
  }
  if (typeof raw === 'bigint') return raw
  return isWhole(raw) ? BigInt(raw) : refuseStored(raw, 'an integer')
}

/** Numbers as databases print them. JavaScript's `Number()` accepts more, such as `0x10`. */
const FLOAT = /^(?:-?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|Infinity)|NaN)$/i

/** Reads floats. NaN and the infinities are accepted for fields that allow them, and for expressions. */
export function floatReader(type: ValueType): (raw: unknown) => number {
  return (raw) => {
    const value = typeof raw === 'string' && FLOAT.test(raw) ? Number(raw) : raw
    if (typeof value !== 'number' || (Number.isNaN(value) && raw !== 'NaN' && typeof raw !== 'number'))
      return refuseStored(raw, 'a number')
    if (value - value !== 0 && !isAllowed(type, value))
      return refuseStored(value, 'a finite number', 'Allow it with { allowNaN: true, allowInfinity: true }.')
    return value
  }
}

export const plainFloat = (raw: string) => `typeof ${raw} === 'number' && ${raw} - ${raw} === 0`

function isAllowed(type: ValueType, value: unknown): boolean {
  if (type.column === undefined) return true
  try {
    type.check(value)
    return true
  } catch (error) {
    if (error instanceof ValidationError) return false
    throw error
  }
}

export function readText(raw: unknown): string {
  return typeof raw === 'string' ? raw : refuseStored(raw, 'text')
}

export const isStringCode = (raw: string) => `typeof ${raw} === 'string'`

export function enumReader(values: readonly (string | number)[], numeric = readInteger): (raw: unknown) => unknown {
  const allowed = new Set<unknown>(values)
  const isNumeric = typeof values[0] === 'number'
  return (raw) => {
    const value = isNumeric ? numeric(raw) : raw
    if (allowed.has(value)) return value
    if (typeof value === 'string' || typeof value === 'number')
      throw new StoredValueError(
        'holds a value that is not in its list',
        'Add it to the list of the field, or correct the row.',
      )
    return refuseStored(raw, 'one of the values of its list')
  }
}

const UUID_FORM = 'a UUID in small letters with its dashes'

export function readUuid(raw: unknown, remedy?: string): string {
  return typeof raw === 'string' && isUuid(raw) ? raw : refuseStored(raw, UUID_FORM, remedy)
}

export const plainUuid: Codec['plain'] = (raw, name) => `typeof ${raw} === 'string' && ${name(isUuid)}(${raw})`

export function readDate(raw: unknown, remedy?: string): string {
  return typeof raw === 'string' && isDay(raw) ? raw : refuseStored(raw, 'a date as YYYY-MM-DD', remedy)
}

export function readTime(raw: unknown): string {
  return typeof raw === 'string' && isTime(raw) ? raw : refuseStored(raw, 'a time of day as HH:MM:SS[.ffffff]')
}

/** Reads the digits that the database prints, but refuses NaN and the infinities. */
export function readDecimal(raw: unknown): string {
  if (typeof raw === 'string' && isDecimal(raw)) return raw
  if (typeof raw === 'number' && Number.isFinite(raw))
    return isDecimal(String(raw)) ? String(raw) : new Decimal(raw).toFixed()
  return refuseStored(raw, 'a decimal number')
}

export const plainDecimal: Codec['plain'] = (raw, name) => `typeof ${raw} === 'string' && ${name(isDecimal)}(${raw})`

export function readJson(raw: unknown): string {
  return typeof raw === 'string' ? raw : refuseStored(raw, 'JSON as text')
}

export function readBytes(raw: unknown): Uint8Array {
  return raw instanceof Uint8Array ? new Uint8Array(raw) : refuseStored(raw, 'bytes')
}

export const inlineBytes = (raw: string, decode: string) =>
  `${raw} instanceof Uint8Array ? new Uint8Array(${raw}) : ${decode}(${raw})`

/** Reads 1 and 0, or a BIT(1). */
export function readBoolean(raw: unknown, remedy?: string): boolean {
  const value = raw instanceof Uint8Array && raw.length === 1 ? raw[0] : raw
  if (value === 1 || value === 0) return value === 1
  return refuseStored(raw, '1 or 0', remedy)
}

export const inlineBoolean = (raw: string, decode: string) =>
  `${raw} === 1 ? true : ${raw} === 0 ? false : ${decode}(${raw})`
