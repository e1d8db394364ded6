import type { DataType, ValueType } from '../../ast/data-type.js'
import { CODEC, type Codec } from '../../compiler/codec.js'
import { StoredValueError } from '../../errors.js'
import { toBuffer } from '../../util/bytes.js'
import { isMoment } from '../../util/canonical.js'
import { bytesIn, dateIn, textIn, vectorIn } from '../../util/expect.js'
import {
  enumReader,
  floatReader,
  integerReader,
  isStringCode,
  plainDecimal,
  plainFloat,
  plainInteger,
  plainUuid,
  readBigInteger,
  readDate,
  readDecimal,
  readJson,
  readText,
  readTime,
  readUuid,
  refuseStored,
} from '../stored.js'
import { arrayCodec } from './array.js'
import { formatTimestamp, parseMicroTimestamp, parseTimestamp, timeOf } from './timestamp.js'

const plain = (columnType: string, decode: Codec['decode'] = null): Codec => ({
  ...CODEC,
  columnType,
  encode: null,
  decode,
})

/** Columns arrive as numbers, but sums, counts and numeric results of integers as text. */
const integer = (columnType: string, type: ValueType): Codec => ({
  ...CODEC,
  columnType,
  encode: null,
  decode: integerReader(type),
  plain: plainInteger,
})

const bigInteger: Codec = { ...CODEC, columnType: 'bigint', encode: null, decode: readBigInteger }

/** `String(-0)` is `0`, which would lose the sign. */
const signed = (value: unknown) => (Object.is(value, -0) ? '-0' : value)

const float = (type: ValueType): Codec => ({
  ...CODEC,
  columnType: 'double precision',
  encode: signed,
  decode: floatReader(type),
  plain: plainFloat,
})

const boolean: Codec = {
  ...CODEC,
  columnType: 'boolean',
  encode: null,
  decode: (raw) => (typeof raw === 'boolean' ? raw : refuseStored(raw, 'true or false')),
  plain: (raw) => `typeof ${raw} === 'boolean'`,
}

/** Refuses `infinity` and other texts that no Date can hold. */
function readTimestamp(raw: unknown): Date {
  const date = typeof raw === 'string' ? parseTimestamp(raw) : null
  return date === null || Number.isNaN(date.getTime()) ? refuseTimestamp(raw) : date
}

function readMicroTimestamp(raw: unknown): string {
  const text = typeof raw === 'string' ? parseMicroTimestamp(raw) : ''
  return isMoment(text, 6) ? text : refuseTimestamp(raw)
}

/** A field may have more digits than the column, because SQLite files may hold nine. */
const readNanoTimestamp = (raw: unknown) => `${readMicroTimestamp(raw)}000`

const ENDLESS = /^-?infinity$/

function refuseTimestamp(raw: unknown): never {
  if (typeof raw === 'string' && ENDLESS.test(raw))
    throw new StoredValueError(
      `holds ${raw}, which no Date is`,
      'Use NULL for "no limit", or a moment that is far away.',
    )
  return refuseStored(raw, 'a date and time')
}

function readDay(raw: unknown): string {
  if (typeof raw === 'string' && ENDLESS.test(raw))
    throw new StoredValueError(`holds ${raw}, which is no day`, 'Use NULL for "no limit", or a day that is far away.')
  return readDate(raw)
}

const dateTime: Codec = {
  ...CODEC,
  columnType: 'timestamptz(3)',
  encode: (value) => formatTimestamp(dateIn(value)),
  decode: readTimestamp,
  time: (raw, name) => `typeof ${raw} === 'string' ? ${name(timeOf)}(${raw}) : NaN`,
}

const microDateTime: Codec = {
  ...CODEC,
  columnType: 'timestamptz(6)',
  // a field may have nine digits, the column has six
  encode: (text) => `${textIn(text).slice(0, 26)}+00`,
  decode: readMicroTimestamp,
}

const nanoDateTime: Codec = { ...microDateTime, decode: readNanoTimestamp }

const binary: Codec = {
  ...CODEC,
  columnType: 'bytea',
  encode: (value) => toBuffer(bytesIn(value)),
  decode: readBytes,
}

function readBytes(raw: unknown): Uint8Array {
  if (typeof raw !== 'string' || !raw.startsWith('\\x')) return refuseStored(raw, 'bytes')
  const bytes = Buffer.from(raw.slice(2), 'hex')
  // small buffers are views of a memory pool that must not be exposed
  return bytes.byteLength === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes)
}

/** The driver sends and receives vectors as text: https://github.com/pgvector/pgvector */
function vectorCodec({ dataType: { length = 0 } }: ValueType): Codec {
  return {
    ...CODEC,
    columnType: `vector(${length})`,
    encode: (value) => `[${vectorIn(value).join(',')}]`,
    decode: readVector,
  }
}

const VECTOR = /^\[[-+.\de,]+\]$/

function readVector(raw: unknown): Float32Array {
  if (typeof raw !== 'string' || !VECTOR.test(raw)) return refuseStored(raw, 'a vector')
  return Float32Array.from(raw.slice(1, -1).split(','), Number)
}

function textCodec(type: ValueType, columnType: string): Codec {
  const encode = (given: unknown) => {
    const value = textIn(given)
    if (value.includes('\0')) type.refuse('type', 'must not contain the character U+0000')
    return value
  }
  return { ...CODEC, columnType, encode, decode: readText, plain: isStringCode }
}

const ESCAPED = /\\(?:u([0-9a-f]{4})|.)/gi

/** Whether JSON text contains U+0000 as an escape. In `\\u0000` the backslash itself is escaped, and the rest is plain text. */
export function hasEscapedNul(text: string): boolean {
  if (!text.includes('\\u0000')) return false
  for (const [, code] of text.matchAll(ESCAPED)) if (code === '0000') return true
  return false
}

function jsonCodec(type: ValueType): Codec {
  const encode = (value: unknown) => {
    const text = textIn(value)
    if (hasEscapedNul(text)) type.refuse('type', 'must not contain the character U+0000')
    return text
  }
  return { ...CODEC, columnType: 'jsonb', encode, decode: readJson, plain: isStringCode }
}

/** The codec of each data type. A `char(n)` would be padded with blanks, so it is stored as `varchar(n)`. */
export function postgresCodec(type: ValueType): Codec {
  const { name, length, precision, scale = 0, values } = type.dataType
  switch (name) {
    case 'smallInteger':
      return integer('smallint', type)
    case 'integer':
      return integer('integer', type)
    case 'bigInteger':
      return bigInteger
    case 'float':
      return float(type)
    case 'number':
      return { ...float(type), columnType: 'numeric' }
    case 'decimal':
      return {
        ...plain(precision === undefined ? 'numeric' : `numeric(${precision}, ${scale})`, readDecimal),
        plain: plainDecimal,
      }
    case 'boolean':
      return boolean
    case 'string':
    case 'char':
      return textCodec(type, length === undefined ? 'text' : `varchar(${length})`)
    case 'text':
      return textCodec(type, 'text')
    case 'uuid':
      return { ...plain('uuid', (raw) => readUuid(raw)), plain: plainUuid }
    case 'enum':
      return {
        ...(typeof values?.[0] === 'number' ? plain('integer') : plain('text')),
        decode: enumReader(values ?? []),
      }
    case 'json':
      return jsonCodec(type)
    case 'date':
      return plain('date', readDay)
    case 'time':
      return plain('time(6)', readTime)
    case 'dateTime':
      return (precision ?? 3) > 6 ? nanoDateTime : (precision ?? 3) > 3 ? microDateTime : dateTime
    case 'binary':
      return binary
    case 'vector':
      return vectorCodec(type)
    case 'array':
      return arrayCodec(type, postgresCodec, elementColumn(type))
  }
}

/**
 * The type of the elements of an array's column. Arrays of varchar do not compare with those of text, so texts have no length;
 * corm checks it.
 */
function elementColumn({ dataType: { element } }: ValueType): string {
  if (element === undefined) return 'text'
  const { name, precision, scale = 0 } = element.dataType
  if (name === 'decimal' && precision !== undefined) return `numeric(${precision}, ${scale})`
  if (name === 'dateTime') return `timestamptz(${(precision ?? 3) > 3 ? 6 : 3})`
  return castType(element.dataType)
}

/** The type for casts of parameters, without length and scale, because a cast to `varchar(5)` would silently cut the text. */
export function castType(type: DataType): string {
  switch (type.name) {
    case 'smallInteger':
      return 'int2'
    case 'integer':
      return type.computed === true ? 'int8' : 'int4'
    case 'bigInteger':
      return 'int8'
    case 'float':
      return 'float8'
    case 'decimal':
    case 'number':
      return 'numeric'
    case 'boolean':
      return 'bool'
    case 'enum':
      return typeof type.values?.[0] === 'number' ? 'int4' : 'text'
    case 'json':
      return 'jsonb'
    case 'dateTime':
      return 'timestamptz'
    case 'binary':
      return 'bytea'
    case 'array':
      return type.element === undefined ? 'text[]' : `${castType(type.element.dataType)}[]`
    case 'uuid':
    case 'date':
    case 'time':
    case 'vector':
      return type.name
    default:
      return 'text'
  }
}
