import { elementOf, type ValueType } from '../ast/data-type.js'
import { CODEC, type Codec } from '../compiler/codec.js'
import { StoredValueError } from '../errors.js'
import { isMoment } from '../util/canonical.js'
import { formatDateTime, millisecondOf } from '../util/date-text.js'
import { dateIn, listIn, textIn } from '../util/expect.js'
import { lostNumber } from '../util/json-text.js'
import {
  enumReader,
  floatReader,
  integerReader,
  OTHER_FIELD,
  readBigInteger,
  readDate,
  readDecimal,
  readText,
  readTime,
  readUuid,
  refuseStored,
} from './stored.js'

// Arrays as JSON, for databases without a type of arrays. Decimals and big integers are texts in it, which keep all digits.

/** How a value of one type is written in JSON, and how it is read from parsed JSON. */
interface JsonForm {
  write(canonical: unknown): string
  read(json: unknown): unknown
}

const quoted = (value: unknown) => JSON.stringify(String(value))

/** JSON has no NaN and no infinities, and `-0` as an integer loses its sign in some databases. */
function writeFloat(value: unknown): string {
  if (!Number.isFinite(value)) return quoted(value)
  return Object.is(value, -0) ? '-0.0' : String(value)
}

function readBoolean(json: unknown): boolean {
  if (json === true || json === 1) return true
  return json === false || json === 0 ? false : refuseStored(json, 'true or false')
}

function readMoment(json: unknown): Date {
  const time = typeof json === 'string' ? millisecondOf(json) : Number.NaN
  return Number.isNaN(time) ? refuseMoment(json, 3) : new Date(time)
}

const readFineMoment = (digits: number) => (json: unknown) =>
  typeof json === 'string' && isMoment(json, digits) ? json : refuseMoment(json, digits)

const refuseMoment = (json: unknown, digits: number): never =>
  refuseStored(json, `a date and time as YYYY-MM-DD HH:MM:SS.${'f'.repeat(digits)}`)

/** With all digits of the scale. */
const readScaled = (scale: number) => (json: unknown) => {
  const digits = readDecimal(json)
  if (scale === 0) return digits
  const [whole = '', fraction = ''] = digits.split('.')
  return `${whole}.${fraction.padEnd(scale, '0')}`
}

function formOf(type: ValueType): JsonForm {
  const { name, precision = 3, scale = 0, values = [] } = type.dataType
  switch (name) {
    case 'smallInteger':
    case 'integer':
      return { write: String, read: integerReader(type) }
    case 'bigInteger':
      return { write: quoted, read: readBigInteger }
    case 'float':
      return { write: writeFloat, read: floatReader(type) }
    case 'decimal':
      return { write: quoted, read: readScaled(scale) }
    case 'boolean':
      return { write: String, read: readBoolean }
    case 'enum':
      return { write: (value) => JSON.stringify(value), read: enumReader(values) }
    case 'uuid':
      return { write: quoted, read: (json) => readUuid(json) }
    case 'date':
      return { write: quoted, read: (json) => readDate(json) }
    case 'time':
      return { write: quoted, read: readTime }
    case 'dateTime':
      return precision > 3
        ? { write: quoted, read: readFineMoment(precision) }
        : { write: (value) => quoted(formatDateTime(dateIn(value))), read: readMoment }
    default:
      return { write: quoted, read: readText }
  }
}

const elementTypeOf = (type: ValueType): ValueType => {
  const element = elementOf(type)
  if (element === null) throw new TypeError('an array without a type of its elements')
  return element
}

/** The codec of an array that is stored as JSON in a column of this type. */
export function jsonArrayCodec(type: ValueType, columnType: string): Codec {
  const element = elementTypeOf(type)
  const form = formOf(element)
  const isDecimal = element.dataType.name === 'decimal'
  return {
    ...CODEC,
    columnType,
    encode: (list) =>
      `[${listIn(list)
        .map((each) => (each === null ? 'null' : form.write(each)))
        .join(',')}]`,
    decode(raw) {
      const text = typeof raw === 'string' ? raw : refuseStored(raw, 'a JSON array')
      const list = parse(text)
      if (isDecimal && lostNumber(text, list) !== null)
        throw new StoredValueError('holds JSON with a number that JavaScript does not have', 'Store it as a string.')
      return list.map((each) => (each === null ? nullElement(type) : form.read(each)))
    },
  }
}

function parse(text: string): readonly unknown[] {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    throw new StoredValueError('holds text that is no JSON', OTHER_FIELD)
  }
  return Array.isArray(list) ? list : refuseStored(list, 'a JSON array')
}

/** NULL among the elements. */
export function nullElement({ dataType }: ValueType): null {
  if (dataType.element?.nullable === true) return null
  throw new StoredValueError(
    'holds an array with NULL, and its elements are not nullable',
    'Declare them: Field.array(Field.string({ nullable: true })), or correct the row.',
  )
}

/** The JSON text of one value, which is looked for in an array. The type is that of the element. */
export const jsonElement = (type: ValueType) => formOf(type).write

/** The same as `json_each` returns it: a text, a number, or 1 and 0 for a boolean. */
export function plainElement(type: ValueType): (canonical: unknown) => unknown {
  const { write } = formOf(type)
  return (canonical) => {
    if (typeof canonical === 'boolean') return canonical ? 1n : 0n
    const text = write(canonical)
    if (text.startsWith('"')) return textIn(JSON.parse(text))
    // SQLite reads digits as a 64-bit integer: those that were written, which a number of JavaScript may only be close to
    const whole = /^-?\d+$/.test(text) ? BigInt(text) : null
    return whole !== null && BigInt.asIntN(64, whole) === whole ? whole : Number(text)
  }
}
