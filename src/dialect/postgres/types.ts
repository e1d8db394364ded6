import type { DataType, ValueType } from '../../ast/data-type.js'
import type { Codec } from '../../compiler/codec.js'
import { UsageError } from '../../errors.js'
import { formatTimestamp, parseMicroTimestamp, parseTimestamp } from './timestamp.js'

const plain = (columnType: string): Codec => ({ columnType, encode: null, decode: null })

/** Columns arrive as numbers; sums, counts and numeric results of integers as text. */
function readInteger(raw: number | string): number {
  if (typeof raw === 'number') return raw
  const number = Number(raw)
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) throw new UsageError(UNSAFE)
  return number
}
const UNSAFE =
  'A column read as a number holds an integer beyond 2^53. Declare it with Field.bigInteger() or Field.bigId().'

const integer = (columnType: string): Codec => ({ columnType, encode: null, decode: readInteger })

const bigInteger: Codec = {
  columnType: 'bigint',
  encode: null,
  decode: (raw: string) => BigInt(raw),
  inline: (raw) => `BigInt(${raw})`,
}

/** `String(-0)` is `0`, which would lose the sign. */
const signed = (value: number) => (Object.is(value, -0) ? '-0' : value)

const float: Codec = {
  columnType: 'double precision',
  encode: signed,
  decode: (raw: number | string) => Number(raw),
  inline: (raw) => `+${raw}`,
}

const number: Codec = { ...float, columnType: 'numeric' }

const dateTime: Codec = { columnType: 'timestamptz(3)', encode: formatTimestamp, decode: parseTimestamp }

const microDateTime: Codec = {
  columnType: 'timestamptz(6)',
  encode: (text: string) => `${text}+00`,
  decode: parseMicroTimestamp,
}

const binary: Codec = {
  columnType: 'bytea',
  encode: (value: Uint8Array) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  decode: readBytes,
}

function readBytes(raw: string): Uint8Array {
  const bytes = Buffer.from(raw.slice(2), 'hex')
  // small buffers are views of a shared pool, which must not be handed out
  return bytes.byteLength === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes)
}

function textCodec(type: ValueType, columnType: string): Codec {
  const encode = (value: string) => {
    if (value.includes('\0')) type.refuse('type', 'holds a NUL character (U+0000), which PostgreSQL cannot store')
    return value
  }
  return { columnType, encode, decode: null }
}

const ESCAPED = /\\(?:u([0-9a-f]{4})|.)/gi

/** Whether JSON text has U+0000 as a real escape: in `\\u0000` the backslash is escaped and the rest is plain text. */
export function hasEscapedNul(text: string): boolean {
  if (!text.includes('\\u0000')) return false
  for (const [, code] of text.matchAll(ESCAPED)) if (code === '0000') return true
  return false
}

function jsonCodec(type: ValueType): Codec {
  const encode = (text: string) => {
    if (hasEscapedNul(text))
      type.refuse('type', 'holds a NUL character (U+0000), which PostgreSQL cannot store in JSON')
    return text
  }
  return { columnType: 'jsonb', encode, decode: null }
}

/** How PostgreSQL keeps each data type. A `char(n)` would be padded with blanks: it is a `varchar(n)`. */
export function postgresCodec(type: ValueType): Codec {
  const { name, length, precision, scale = 0, values } = type.dataType
  switch (name) {
    case 'smallInteger':
      return integer('smallint')
    case 'integer':
      return integer('integer')
    case 'bigInteger':
      return bigInteger
    case 'float':
      return float
    case 'number':
      return number
    case 'decimal':
      return plain(precision === undefined ? 'numeric' : `numeric(${precision}, ${scale})`)
    case 'boolean':
      return plain('boolean')
    case 'string':
    case 'char':
      return textCodec(type, length === undefined ? 'text' : `varchar(${length})`)
    case 'text':
      return textCodec(type, 'text')
    case 'uuid':
      return plain('uuid')
    case 'enum':
      return typeof values?.[0] === 'number' ? integer('integer') : textCodec(type, 'text')
    case 'json':
      return jsonCodec(type)
    case 'date':
      return plain('date')
    case 'time':
      return plain('time(6)')
    case 'dateTime':
      return (precision ?? 3) > 3 ? microDateTime : dateTime
    case 'binary':
      return binary
  }
}

/** What a parameter of the type is cast to: without lengths and scales, as a cast to `varchar(5)` cuts silently. */
export function castType(type: DataType): string {
  switch (type.name) {
    case 'smallInteger':
      return 'int2'
    case 'integer':
      return 'int4'
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
    case 'uuid':
    case 'date':
    case 'time':
      return type.name
    default:
      return 'text'
  }
}
