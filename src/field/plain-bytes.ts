import type { DataType, ElementType } from '../ast/data-type.js'
import { StoredValueError } from '../errors.js'
import { bytesIn, dateIn, listIn, textIn } from '../util/expect.js'

// Canonical values as bytes, and back: what is encrypted.

/** A canonical value as text. A list is JSON of the texts of its elements. */
function textOf({ name, element }: DataType, value: unknown): string {
  switch (name) {
    case 'dateTime':
      return value instanceof Date ? dateIn(value).toISOString() : textIn(value)
    case 'float':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'boolean':
      return value === true ? '1' : '0'
    case 'array':
      return JSON.stringify(
        listIn(value).map((each) => (each === null ? null : textOf((element as ElementType).dataType, each))),
      )
    default:
      return String(value)
  }
}

function readText({ name, precision = 3, values, element }: DataType, text: string): unknown {
  switch (name) {
    case 'smallInteger':
    case 'integer':
    case 'float':
      return Number(text)
    case 'bigInteger':
      return BigInt(text)
    case 'boolean':
      return text === '1'
    case 'enum':
      return typeof values?.[0] === 'number' ? Number(text) : text
    case 'dateTime':
      return precision > 3 ? text : new Date(text)
    case 'array':
      return (JSON.parse(text) as (string | null)[]).map((each) =>
        each === null ? null : readText((element as ElementType).dataType, each),
      )
    default:
      return text
  }
}

export const toPlainBytes = (type: DataType, value: unknown): Uint8Array =>
  type.name === 'binary' ? bytesIn(value) : Buffer.from(textOf(type, value))

const NEGATIVE_ZERO = Buffer.from('-0')

/** The same bytes for values that a database takes for equal: 0 and -0. */
export const comparedBytes = ({ name }: DataType, bytes: Uint8Array): Uint8Array =>
  name === 'float' && NEGATIVE_ZERO.equals(bytes) ? NEGATIVE_ZERO.subarray(1) : bytes

/** The field may have had another type when the value was encrypted. */
export function fromPlainBytes(type: DataType, bytes: Buffer): unknown {
  if (type.name === 'binary') return new Uint8Array(bytes)
  try {
    return readText(type, bytes.toString())
  } catch {
    // the error of a parser would show a part of the value
    throw new StoredValueError(
      'holds an encrypted value of another type',
      'Use the kind of field that the value was encrypted with.',
    )
  }
}
