import type { ValueType } from '../../ast/data-type.js'
import { CODEC, type Codec } from '../../compiler/codec.js'
import { toBuffer, vectorBytes, vectorOf } from '../../util/bytes.js'
import { isDecimal, isMoment } from '../../util/canonical.js'
import { formatDateTime, millisecondOf } from '../../util/date-text.js'
import { bytesIn, dateIn, integerIn, textIn, vectorIn } from '../../util/expect.js'
import { isWhole } from '../../util/number.js'
import { jsonArrayCodec } from '../json-array.js'
import {
  enumReader,
  floatReader,
  inlineBoolean,
  inlineBytes,
  integerReader,
  isStringCode,
  plainFloat,
  plainInteger,
  plainUuid,
  readBigInteger,
  readBoolean,
  readBytes,
  readDate,
  readJson,
  readText,
  readTime,
  readUuid,
  refuseStored,
} from '../stored.js'
import { storageFormOf } from './storage/index.js'
import { unscale } from './unscale.js'

export { unscale } from './unscale.js'

// Other programs store values in other forms, and a table that is not STRICT accepts any value. So each value is checked
// when it is read.

/** better-sqlite3 binds every number as REAL, so integers are bound as bigint. */
const integer = (type: ValueType): Codec => ({
  ...CODEC,
  columnType: 'INTEGER',
  encode: integerIn,
  decode: integerReader(type),
  plain: plainInteger,
})

const asText = (sql: string) => `cast(${sql} as text)`

const bigInteger: Codec = {
  ...CODEC,
  columnType: 'INTEGER',
  encode: null,
  decode: readBigInteger,
  read: asText,
}

const boolean: Codec = {
  ...CODEC,
  columnType: 'INTEGER',
  encode: (value) => (value === true ? 1n : 0n),
  decode: (raw) => readBoolean(raw, "If it holds words, declare them: storage: 'text', words: ['t', 'f']."),
  inline: inlineBoolean,
}

const text: Codec = { ...CODEC, columnType: 'TEXT', encode: null, decode: readText, plain: isStringCode }

const uuid: Codec = {
  ...CODEC,
  columnType: 'TEXT',
  encode: null,
  plain: plainUuid,
  decode: (raw) => readUuid(raw, "Declare how it is stored: storage: 'upper', 'hex', 'blob' or 'guid'."),
}

const date: Codec = {
  ...CODEC,
  columnType: 'TEXT',
  encode: null,
  decode: (raw) => readDate(raw, "If it holds milliseconds, declare storage: 'milliseconds'."),
}

const time: Codec = { ...CODEC, columnType: 'TEXT', encode: null, decode: readTime }

const json: Codec = { ...CODEC, columnType: 'TEXT', encode: null, decode: readJson, plain: isStringCode }

const OTHER_MOMENT =
  "Declare how it is stored: storage: 'iso', 'milliseconds', 'seconds' or 'julian', or 'text' with the digits and the zone that it has."

const timeOf: Codec['time'] = (raw, name) => `typeof ${raw} === 'string' ? ${name(millisecondOf)}(${raw}) : NaN`

function readDateTime(raw: unknown): Date {
  const time = typeof raw === 'string' ? millisecondOf(raw) : Number.NaN
  return Number.isNaN(time) ? refuseMoment(raw, 3) : new Date(time)
}

const readFineDateTime =
  (digits: number) =>
  (raw: unknown): string =>
    typeof raw === 'string' && isMoment(raw, digits) ? raw : refuseMoment(raw, digits)

const refuseMoment = (raw: unknown, digits: number): never =>
  refuseStored(raw, `a date and time as YYYY-MM-DD HH:MM:SS.${'f'.repeat(digits)}`, OTHER_MOMENT)

const dateTime: Codec = {
  ...CODEC,
  columnType: 'TEXT',
  encode: (value) => formatDateTime(dateIn(value)),
  decode: readDateTime,
  time: timeOf,
}

const microDateTime: Codec = { ...CODEC, columnType: 'TEXT', encode: null, decode: readFineDateTime(6) }

/** For a column of a program that stores more digits. */
const nanoDateTime: Codec = { ...microDateTime, decode: readFineDateTime(9) }

function vectorCodec({ dataType: { length = 0 } }: ValueType): Codec {
  const decode = (raw: unknown) =>
    raw instanceof Uint8Array && raw.length === length * 4
      ? vectorOf(raw)
      : refuseStored(raw, `the bytes of a vector of ${length} dimensions`)
  return { ...CODEC, columnType: 'BLOB', encode: (value) => vectorBytes(vectorIn(value)), decode }
}

const binary: Codec = {
  ...CODEC,
  columnType: 'BLOB',
  encode: (value) => toBuffer(bytesIn(value)),
  decode: readBytes,
  inline: inlineBytes,
}

/** The most digits of a decimal stored as a scaled 64-bit integer, which compares, sorts and sums exactly in plain SQL. */
export const SCALED_DIGITS = 18

/** Digits that a JavaScript number keeps exactly. */
const NUMBER_DIGITS = 15

function scaledDecimal(precision: number, scale: number, isColumn: boolean): Codec {
  const encode = (digits: unknown) => BigInt(textIn(digits).replace('.', ''))
  const decode = (raw: unknown) => unscale(readScaled(raw), scale)
  if (precision <= NUMBER_DIGITS && scale > 0 && scale <= 4)
    return { ...CODEC, columnType: 'INTEGER', encode, decode: quickUnscale(scale, decode) }
  if (precision <= NUMBER_DIGITS) return { ...CODEC, columnType: 'INTEGER', encode, decode }
  const digits = (raw: unknown) => unscale(readLongScaled(raw), scale)
  return { ...CODEC, columnType: 'INTEGER', encode, decode: digits, read: isColumn ? quoted : asText }
}

/** Unlike a cast, `quote` distinguishes a text from an integer. */
const quoted = (sql: string) => `nullif(quote(${sql}), 'NULL')`

const OTHER_DECIMAL =
  "Declare how the column holds it: storage: 'numeric' for numbers as they are, storage: 'text' for their digits."

/** Reads a decimal from its scaled integer. */
function readScaled(raw: unknown): string {
  if (Number.isSafeInteger(raw)) return String(raw)
  const isLarge = typeof raw === 'string' && isDigits(raw) && !Number.isSafeInteger(Number(raw)) && isIn64Bits(raw)
  return isLarge ? raw : refuseScaled(raw)
}

/** Reads the scaled integer of a long decimal, which comes as text if a number would lose digits. */
function readLongScaled(raw: unknown): string {
  if (Number.isSafeInteger(raw)) return String(raw)
  return typeof raw === 'string' && isDigits(raw) ? raw : refuseScaled(raw)
}

const isDigits = (text: string) => /^-?\d+$/.test(text)
const isIn64Bits = (digits: string) => BigInt.asIntN(64, BigInt(digits)) === BigInt(digits)

const refuseScaled = (raw: unknown): never => refuseStored(raw, 'an integer, scaled by its digits', OTHER_DECIMAL)

/**
 * A number that no scaled decimal can be. A value with more digits than the column is bound as this number, so that it
 * equals nothing.
 */
const BEYOND = 2n ** 63n - 1n

/**
 * The scaled integer of a value that may have more digits: the next one below or above, or with `none` one that equals no
 * decimal.
 */
export function scaledAround(digits: string, scale: number, side: 'below' | 'above' | 'none'): bigint {
  const negative = digits.startsWith('-')
  const [whole = '0', fraction = ''] = (negative ? digits.slice(1) : digits).split('.')
  const size = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'))
  const isCut = /[1-9]/.test(fraction.slice(scale))
  if (isCut && side === 'none') return BEYOND
  const awayFromZero = isCut && (side === 'below') === negative
  const value = (awayFromZero ? size + 1n : size) * (negative ? -1n : 1n)
  return value > BEYOND ? BEYOND : value < -BEYOND ? -BEYOND : value
}

/** The fast path for prices and similar numbers: the digits after the point come from a table. */
function quickUnscale(scale: number, slow: (raw: unknown) => string) {
  const power = 10 ** scale
  const fractions = Array.from({ length: power }, (_, i) => `.${String(i).padStart(scale, '0')}`)
  return (raw: unknown): string => {
    if (typeof raw !== 'number' || raw < 0 || !Number.isSafeInteger(raw)) return slow(raw)
    const whole = Math.floor(raw / power)
    return `${whole}${fractions[raw - whole * power]}`
  }
}

/** An operand of arithmetic. An integer is bound as bigint to remain one. */
const number: Codec = {
  ...CODEC,
  columnType: 'REAL',
  encode: (value) => (isWhole(value) ? BigInt(value) : value),
  decode: null,
}

function floatCodec(type: ValueType): Codec {
  const encode = (value: unknown) => {
    if (Number.isNaN(value)) type.refuse('type', 'must not be NaN')
    return value
  }
  return { ...CODEC, columnType: 'REAL', encode, decode: floatReader(type), plain: plainFloat }
}

/** Longer decimals are text, which can be compared for equality because a column stores each number in one form. */
function longDecimal(scale: number, isColumn: boolean): Codec {
  const point = scale === 0 ? '' : `\\.\\d{${scale}}`
  const form = new RegExp(`^(?!-0(?:\\.0+)?$)-?(?:0|[1-9]\\d*)${point}$`)
  const isRight = isColumn ? (text: string) => form.test(text) : isDecimal
  const wanted = scale === 0 ? 'an integer as text' : `a decimal number as text, with ${scale} digits after the point`
  const decode = (raw: unknown) =>
    typeof raw === 'string' && isRight(raw) ? raw : refuseStored(raw, wanted, OTHER_DECIMAL)
  return { ...CODEC, columnType: 'TEXT', encode: null, decode }
}

function decimal({ dataType, column }: ValueType): Codec {
  const { precision = SCALED_DIGITS, scale = 0, computed = false, compared } = dataType
  if (precision > (computed ? SCALED_DIGITS + 1 : SCALED_DIGITS)) return longDecimal(scale, column !== undefined)
  const codec = scaledDecimal(precision, scale, column !== undefined)
  return compared === undefined ? codec : { ...codec, encode: (digits) => scaledAround(textIn(digits), scale, 'none') }
}

const precisionOf = ({ dataType: { precision = 3 } }: ValueType) => precision

/** The codec of each data type, for STRICT tables. */
export function sqliteCodec(type: ValueType): Codec {
  const { name, values } = type.dataType
  const form = storageFormOf(type.dataType)
  if (form !== null) return form
  switch (name) {
    case 'smallInteger':
    case 'integer':
      return integer(type)
    case 'bigInteger':
      return bigInteger
    case 'float':
      return floatCodec(type)
    case 'decimal':
      return decimal(type)
    case 'boolean':
      return boolean
    case 'enum':
      return {
        ...CODEC,
        columnType: typeof values?.[0] === 'number' ? 'INTEGER' : 'TEXT',
        encode: typeof values?.[0] === 'number' ? integer(type).encode : null,
        decode: enumReader(values ?? []),
      }
    case 'uuid':
      return uuid
    case 'date':
      return date
    case 'time':
      return time
    case 'dateTime':
      return precisionOf(type) > 6 ? nanoDateTime : precisionOf(type) > 3 ? microDateTime : dateTime
    case 'json':
      return json
    case 'array':
      return jsonArrayCodec(type, 'TEXT')
    case 'binary':
      return binary
    case 'vector':
      return vectorCodec(type)
    case 'number':
      return number
    default:
      return text
  }
}
