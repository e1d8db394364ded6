import type { ValueType } from '../../ast/data-type.js'
import type { Codec } from '../../compiler/codec.js'
import { UsageError } from '../../errors.js'
import { formatDateTime, parseDateTime } from '../../util/date-text.js'

const identity = (columnType: string): Codec => ({ columnType, encode: null, decode: null })

/** better-sqlite3 binds every number as REAL: integers go in as bigint. */
const integer: Codec = {
  columnType: 'INTEGER',
  encode: (value: number) => BigInt(value),
  decode: (raw: number) => {
    if (!Number.isSafeInteger(raw)) throw new UsageError(UNSAFE)
    return raw
  },
}
const UNSAFE =
  'A column read as a number holds an integer beyond 2^53. Declare it with Field.bigInteger() or Field.bigId().'

const bigInteger: Codec = {
  columnType: 'INTEGER',
  encode: null,
  decode: (raw: string) => BigInt(raw),
  inline: (raw) => `BigInt(${raw})`,
  read: (sql) => `cast(${sql} as text)`,
}

const boolean: Codec = {
  columnType: 'INTEGER',
  encode: (value: boolean) => (value ? 1n : 0n),
  decode: (raw: number) => raw === 1,
  inline: (raw) => `${raw} === 1`,
}

const dateTime: Codec = { columnType: 'TEXT', encode: formatDateTime, decode: parseDateTime }

const binary: Codec = {
  columnType: 'BLOB',
  encode: (value: Uint8Array) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  decode: (raw: Uint8Array) => new Uint8Array(raw),
  inline: (raw) => `new Uint8Array(${raw})`,
}

/** The most digits of a decimal kept as a scaled 64-bit integer, which compares, sorts and sums exactly in plain SQL. */
export const SCALED_DIGITS = 18

/** Digits that a JavaScript number keeps exactly. */
const NUMBER_DIGITS = 15

function scaledDecimal(precision: number, scale: number): Codec {
  const encode = (digits: string) => BigInt(digits.replace('.', ''))
  const decode = (raw: number | string) => unscale(String(raw), scale)
  if (precision <= NUMBER_DIGITS && scale > 0 && scale <= 4)
    return { columnType: 'INTEGER', encode, decode: quickUnscale(scale, decode) }
  if (precision <= NUMBER_DIGITS) return { columnType: 'INTEGER', encode, decode }
  return { columnType: 'INTEGER', encode, decode, read: (sql) => `cast(${sql} as text)` }
}

/** Prices and the like: the digits after the point are looked up. */
function quickUnscale(scale: number, slow: (raw: number | string) => string) {
  const power = 10 ** scale
  const fractions = Array.from({ length: power }, (_, i) => `.${String(i).padStart(scale, '0')}`)
  return (raw: number | string): string => {
    if (typeof raw !== 'number' || raw < 0 || !Number.isSafeInteger(raw)) return slow(raw)
    const whole = Math.floor(raw / power)
    return whole + (fractions[raw - whole * power] as string)
  }
}

/** `12345` with scale 2 → `123.45`. A text with a point is from a column that keeps decimals in its own way. */
export function unscale(digits: string, scale: number): string {
  if (scale === 0 || digits.includes('.')) return digits
  const sign = digits.startsWith('-') ? '-' : ''
  const bare = digits.slice(sign.length).padStart(scale + 1, '0')
  return `${sign}${bare.slice(0, -scale)}.${bare.slice(-scale)}`
}

/** An operand of arithmetic: an integer stays one. */
const number: Codec = {
  columnType: 'REAL',
  encode: (value: number) => (Number.isSafeInteger(value) ? BigInt(value) : value),
  decode: null,
}

function floatCodec(type: ValueType): Codec {
  const encode = (value: number) => {
    if (Number.isNaN(value)) type.refuse('type', 'is NaN, which SQLite stores as NULL')
    return value
  }
  return { columnType: 'REAL', encode, decode: null }
}

/** How SQLite (STRICT tables) keeps each data type. */
export function sqliteCodec(type: ValueType): Codec {
  const { name, precision = SCALED_DIGITS, scale = 0, values } = type.dataType
  switch (name) {
    case 'smallInteger':
    case 'integer':
      return integer
    case 'bigInteger':
      return bigInteger
    case 'float':
      return floatCodec(type)
    case 'decimal':
      return precision <= SCALED_DIGITS ? scaledDecimal(precision, scale) : identity('TEXT')
    case 'boolean':
      return boolean
    case 'enum':
      return typeof values?.[0] === 'number' ? integer : identity('TEXT')
    case 'dateTime':
      return (type.dataType.precision ?? 3) > 3 ? identity('TEXT') : dateTime
    case 'binary':
      return binary
    case 'number':
      return number
    default:
      return identity('TEXT')
  }
}
