import type { ValueType } from '../../ast/data-type.js'
import { CODEC, type Codec } from '../../compiler/codec.js'
import { toBuffer } from '../../util/bytes.js'
import { hasClock, isMoment, startsWithDay } from '../../util/canonical.js'
import { formatDateTime, parseDateTime } from '../../util/date-text.js'
import { bytesIn, dateIn, numberIn, textIn } from '../../util/expect.js'
import { isDeeperThan } from '../../util/json-text.js'
import { isWhole } from '../../util/number.js'
import { jsonArrayCodec } from '../json-array.js'
import {
  enumReader,
  floatReader,
  inlineBoolean,
  inlineBytes,
  integerReader,
  isStringCode,
  plainDecimal,
  plainFloat,
  plainInteger,
  plainUuid,
  readBigInteger,
  readBoolean,
  readBytes,
  readDate,
  readDecimal,
  readJson,
  readText,
  readTime,
  readUuid,
  refuseStored,
} from '../stored.js'

const text = (columnType: string): Codec => ({
  ...CODEC,
  columnType,
  encode: null,
  decode: readText,
  plain: isStringCode,
})

/** The driver returns BIGINT columns and sums of integers as text if they are too large for a number. */
const integer = (columnType: string, type: ValueType): Codec => ({
  ...CODEC,
  columnType,
  encode: null,
  decode: integerReader(type),
  plain: plainInteger,
})

const bigInteger: Codec = { ...CODEC, columnType: 'bigint', encode: null, decode: readBigInteger }

const boolean: Codec = {
  ...CODEC,
  columnType: 'tinyint(1)',
  encode: (value) => (value === true ? 1 : 0),
  decode: (raw) => readBoolean(raw),
  inline: inlineBoolean,
}

const binary: Codec = {
  ...CODEC,
  columnType: 'longblob',
  encode: (value) => toBuffer(bytesIn(value)),
  decode: readBytes,
  inline: inlineBytes,
}

const uuid: Codec = { ...CODEC, columnType: 'char(36)', encode: null, decode: (raw) => readUuid(raw), plain: plainUuid }

/** TIME in binary results has no trailing zeros, but the text of a cast has them. */
const time: Codec = {
  ...CODEC,
  columnType: 'time(6)',
  encode: null,
  decode: (raw: unknown) => readTime(typeof raw === 'string' && raw.includes('.') ? raw.replace(/\.?0+$/, '') : raw),
}

/** MariaDB has no negative zero, NaN or infinities: -0 is read back as 0, and the others are refused. */
function floatCodec(type: ValueType): Codec {
  const encode = (given: unknown) => {
    const value = numberIn(given)
    if (!Number.isFinite(value)) type.refuse('type', 'must be a finite number')
    return value
  }
  return { ...CODEC, columnType: 'double', encode, decode: floatReader(type), plain: plainFloat }
}

/** An operand of arithmetic. An integer is bound as bigint, because the driver sends a number as a double. */
const number: Codec = {
  ...CODEC,
  columnType: 'double',
  encode: (value) => (isWhole(value) ? BigInt(value) : value),
  decode: null,
}

/** The driver would read a year below 100 as 19xx. */
const FIRST_YEAR = 100
const LAST_YEAR = 9999

function dateTimeCodec(type: ValueType): Codec {
  const encode = (given: unknown) => {
    const value = dateIn(given)
    const year = value.getUTCFullYear()
    if (!(year >= FIRST_YEAR && year <= LAST_YEAR))
      type.refuse('range', `must be within the years ${FIRST_YEAR} to ${LAST_YEAR} on this database`)
    return formatDateTime(value)
  }
  return { ...CODEC, columnType: 'datetime(3)', encode, decode: readDateTime }
}

const ZERO_DATE = 'Use NULL for "no date". The other fields of the row can be read and saved without this one.'

function readDateTime(raw: unknown): Date {
  // the servers return an expression over a column and a parameter as text
  const date = typeof raw === 'string' && startsWithDay(raw) && hasClock(raw, 11) ? parseDateTime(raw) : raw
  if (date instanceof Date && !Number.isNaN(date.getTime())) return date
  return refuseStored(raw, 'a date and time of the calendar', ZERO_DATE)
}

const COLUMN = /^(?:`(?:[^`]|``)+`\.)?`(?:[^`]|``)+`$/

/**
 * The cast is NULL for an invalid date, so the column's text is read then. An expression is written only once, since it
 * may hold parameters; for an invalid date it is NULL.
 */
function readMicros(sql: string): string {
  const text = `cast(cast(${sql} as datetime(6)) as char)`
  return COLUMN.test(sql) ? `coalesce(${text}, cast(${sql} as char))` : text
}

function readMicroDateTime(raw: unknown): string {
  return typeof raw === 'string' && isMoment(raw, 6)
    ? raw
    : refuseStored(raw, 'a date and time of the calendar', ZERO_DATE)
}

/** A field may have more digits than the column, because SQLite files may hold nine. */
const readNanoDateTime = (raw: unknown) => `${readMicroDateTime(raw)}000`

/** DATETIME and DATE begin with the year 1, because the year 0 would be a zero date. */
function calendarText(type: ValueType, columnType: string, decode: Codec['decode']): Codec {
  const encode = (value: unknown) => {
    const text = textIn(value)
    if (!/^\d{4}-/.test(text) || text.startsWith('0000'))
      type.refuse('range', 'must be within the years 1 to 9999 on this database')
    return text
  }
  return { ...CODEC, columnType, encode, decode }
}

/** A Date would lose microseconds, so they are read as text, always with six digits. */
function microDateTime(type: ValueType): Codec {
  const days = calendarText(type, 'datetime(6)', readMicroDateTime)
  const isLonger = (type.dataType.precision ?? 0) > 6
  return {
    ...days,
    read: readMicros,
    ...(isLonger && {
      encode: (value: unknown) => textIn(days.encode?.(value)).slice(0, 26),
      decode: readNanoDateTime,
    }),
  }
}

const DECIMAL_DIGITS = 18

/** The longest VARCHAR; longer texts are stored outside the row. */
const LONGEST_VARCHAR = 16_000

const varchar = (length: number) => text(length > LONGEST_VARCHAR ? 'longtext' : `varchar(${length})`)

function longest(values: readonly (string | number)[] | undefined): number {
  return Math.max(1, ...(values ?? []).map((value) => [...String(value)].length))
}

/** The deepest nesting that MariaDB's JSON functions accept, and with them the check of a JSON column. */
const JSON_LEVELS = 31

function jsonCodec(type: ValueType): Codec {
  const encode = (value: unknown) => {
    const json = textIn(value)
    if (isDeeperThan(json, JSON_LEVELS)) type.refuse('depth', `is nested deeper than ${JSON_LEVELS} levels`)
    return json
  }
  return { ...CODEC, columnType: 'longtext', encode, decode: readJson, plain: isStringCode }
}

/** The codec of each data type. CHAR is stored as VARCHAR, because a real CHAR drops trailing blanks. */
export function mysqlCodec(type: ValueType): Codec {
  const { name, precision, scale = 0, length = 255, values } = type.dataType
  switch (name) {
    case 'smallInteger':
      return integer('smallint', type)
    case 'integer':
      return integer('int', type)
    case 'bigInteger':
      return bigInteger
    case 'float':
      return floatCodec(type)
    case 'decimal':
      return {
        ...CODEC,
        columnType: `decimal(${precision ?? DECIMAL_DIGITS},${scale})`,
        encode: null,
        decode: readDecimal,
        plain: plainDecimal,
      }
    case 'boolean':
      return boolean
    case 'string':
    case 'char':
      return varchar(length)
    case 'uuid':
      // the column is not ASCII, because the servers refuse to compare or join it with non-ASCII text
      return uuid
    case 'enum':
      return {
        ...CODEC,
        columnType: typeof values?.[0] === 'number' ? 'int' : varchar(longest(values)).columnType,
        encode: null,
        decode: enumReader(values ?? []),
      }
    case 'date':
      return calendarText(type, 'date', (raw) => readDate(raw, ZERO_DATE))
    case 'time':
      return time
    case 'dateTime':
      return (precision ?? 3) > 3 ? microDateTime(type) : dateTimeCodec(type)
    case 'binary':
      return binary
    case 'number':
      return number
    case 'text':
      return text('longtext')
    case 'json':
      return jsonCodec(type)
    case 'array':
      return jsonArrayCodec(type, 'longtext')
    case 'vector':
      throw new TypeError('not every server has vectors: vectorCodec() knows')
  }
}
