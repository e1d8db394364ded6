import { asRecord } from '../../util/record.js'

// The layout of values in rows of prepared statements: https://mariadb.com/kb/en/resultset-row/#binary-resultset-row

/** mysql2's description of a column in a result. */
export interface MysqlColumn {
  readonly columnType: number
  readonly flags: number
  readonly characterSet: number
  /** The encoding of its texts, by mysql2's name. */
  readonly encoding: string
  readonly decimals: number
}

const UNSIGNED = 32
const BINARY = 63
const TIMESTAMPS = new Set([7, 12])
/** The type codes of varchar, enum, set, the blobs (texts are blobs too) and strings of fixed length. */
const TEXTS = new Set([15, 247, 248, 249, 250, 251, 252, 253, 254])

/** Up to this length mysql2 reads a text faster than a call of `utf8Slice`. */
const SHORT_TEXT = 8
/** The protocol writes lengths up to this one in a single byte. */
const LONG_TEXT = 250

const hasSlice = typeof asRecord(Buffer.prototype).utf8Slice === 'function'

/** Code that reads the value at the byte `at` of `bytes` into `value` and moves `at` past it; null if the type is not known. */
export function columnCode(column: MysqlColumn): string | null {
  const { columnType } = column
  const isUnsigned = (column.flags & UNSIGNED) !== 0
  if (TIMESTAMPS.has(columnType)) return TIMESTAMP
  if (TEXTS.has(columnType))
    return column.characterSet === BINARY ? byPacket('readLengthCodedBuffer()') : textCode(column)
  switch (columnType) {
    case 1:
      return fixed(isUnsigned ? 'bytes[at]' : 'bytes[at] << 24 >> 24', 1)
    case 2:
      return fixed(isUnsigned ? 'bytes[at] | bytes[at + 1] << 8' : '(bytes[at] | bytes[at + 1] << 8) << 16 >> 16', 2)
    case 3:
    case 9:
      return fixed(isUnsigned ? `(${WORD}) >>> 0` : WORD, 4)
    case 4:
      return byPacket('readFloat()')
    case 5:
      return byPacket('readDouble()')
    case 8:
      return byPacket(isUnsigned ? 'readInt64()' : 'readSInt64()')
    case 10:
      return byPacket(`readDateTimeString(${Number(column.decimals)}, null, 10)`)
    case 246:
      return byPacket("readLengthCodedString('ascii')")
    default:
      return null
  }
}

const WORD = 'bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24'

const fixed = (value: string, size: number) => `value = ${value}; at += ${size}`

/** Reads with mysql2's own reader. */
const byPacket = (call: string) => `packet.offset = at; value = packet.${call}; at = packet.offset`

function textCode({ encoding }: MysqlColumn): string | null {
  if (encoding !== 'utf8') return null
  const any = byPacket("readLengthCodedString('utf8')")
  if (!hasSlice) return any
  return `if (bytes[at] > ${SHORT_TEXT} && bytes[at] <= ${LONG_TEXT}) {
    const end = at + 1 + bytes[at]
    value = bytes.utf8Slice(at + 1, end)
    at = end
  } else { ${any} }`
}

/** Variables of each reader that cache the last day, because consecutive rows often have the same day. */
export const KEPT = 'let year = 0, month = 0, day = 0, midnight = NaN'

/** Code for midnight of the day `y`, `m`, `d`; NaN if the calendar has no such day. mysql2 would turn it into another day. */
const MIDNIGHT = `midnight = y < 100 ? new Date(0).setUTCFullYear(y, m - 1, d) : Date.UTC(y, m - 1, d)
      if (m === 0 || d === 0 || (d > 28 && new Date(midnight).getUTCDate() !== d)) midnight = NaN`

/** Timestamps come with microseconds, without them, as a day only (midnight), or as a date of zeros. */
const TIMESTAMP = `const length = bytes[at]
  if (length >= 4) {
    const y = bytes[at + 1] | bytes[at + 2] << 8, m = bytes[at + 3], d = bytes[at + 4]
    if (d !== day || m !== month || y !== year) {
      ${MIDNIGHT}
      year = y, month = m, day = d
    }
    const seconds = length === 4 ? 0 : bytes[at + 5] * 3600 + bytes[at + 6] * 60 + bytes[at + 7]
    if (length < 11) value = new Date(midnight + seconds * 1000)
    else value = new Date(midnight + seconds * 1000 + Math.floor((bytes[at + 8] | bytes[at + 9] << 8 | bytes[at + 10] << 16) / 1000))
  } else value = new Date(NaN)
  at += 1 + length`

interface DatePacket {
  readonly buffer: Uint8Array
  offset: number
}

/** The same as a method of mysql2's packets, for the rows that mysql2 reads itself. */
export const readDateTime = function (this: DatePacket): Date {
  const bytes = this.buffer
  const start = this.offset
  const length = bytes[start] ?? 0
  const byte = (i: number) => bytes[start + i] ?? 0
  this.offset = start + 1 + length
  if (length < 4) return new Date(Number.NaN)
  const [year, month, day] = [byte(1) | (byte(2) << 8), byte(3), byte(4)]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (month === 0 || day === 0 || date.getUTCDate() !== day) return new Date(Number.NaN)
  if (length === 4) return date
  const micro = length < 11 ? 0 : byte(8) | (byte(9) << 8) | (byte(10) << 16)
  date.setUTCHours(byte(5), byte(6), byte(7), Math.floor(micro / 1000))
  return date
}
