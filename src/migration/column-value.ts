import type { DataType, DataTypeName } from '../ast/data-type.js'
import { DefinitionError, ValidationError } from '../errors.js'
import { kindOfType } from '../field/from-type.js'
import type { FieldKind } from '../field/kind.js'
import { isCalendarDay } from '../util/canonical.js'
import { parseDateTime } from '../util/date-text.js'
import { lostNumber } from '../util/json-text.js'
import { type Source, valueSource } from '../util/source-text.js'

// Reads the values that people write for columns: fills and defaults of migrations, and the option --fill.

/** A value in canonical form, or the problem with it, as a phrase that follows "it". */
export type ReadValue = { readonly value: unknown } | { readonly problem: string }

/** Caught by `readValue`. */
const refuse = (message: string): never => {
  throw new ValidationError('', [{ path: '', code: 'type', message }])
}

/** Reads a value of a type: anything that a field accepts, and texts. */
export function readValue(type: DataType, given: unknown): ReadValue {
  try {
    const kind = kindOfType(type)
    const value = heldBy(kind, given)
    if (value === undefined || (value === null && kind.nullIsValue !== true)) refuse('has no value')
    const checked = kind.check(value, (_, message) => refuse(message))
    if (value !== null) kind.rules?.(value, (_, message) => refuse(message))
    return { value: checked }
  } catch (error) {
    if (error instanceof ValidationError) return { problem: error.issues.map(({ message }) => message).join('; ') }
    throw error
  }
}

/** Reads a value in the form that a program uses. An invalid value is returned unchanged. */
export function heldValue(type: DataType, given: unknown): unknown {
  if (given === null || given === undefined) return given
  const read = readValue(type, given)
  if ('problem' in read) return given
  const { load } = kindOfType(type)
  return load === null ? read.value : load(read.value)
}

/** Reads a value and throws if it is invalid. `what` names the value for the message. */
export function requireValue(what: string, type: DataType, given: unknown): unknown {
  const read = readValue(type, given)
  if ('value' in read) return read.value
  throw new DefinitionError(`${what} is not of its type, ${type.name}: it ${read.problem}. ${howToWrite(type)}`)
}

/** The source code of a canonical value, which `readValue` can read. */
export const sourceOfValue = ({ name }: DataType, value: unknown): Source =>
  valueSource(name === 'json' ? JSON.parse(String(value)) : value)

/** A canonical value as the text of an option. */
export function textOfValue({ name }: DataType, value: unknown): string {
  if (name === 'json') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value) || value instanceof Float32Array)
    return JSON.stringify([...value], (_, each) => (typeof each === 'bigint' ? String(each) : each))
  return String(value)
}

/** Parses the text of an option. For a JSON column it is JSON, for others anything that a migration accepts. */
export function valueOfText({ name }: DataType, text: string): unknown {
  return name === 'json' ? parsed(text) : text
}

/** Parses JSON. Undefined if the text is invalid, or if JavaScript can't represent one of its numbers exactly. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return lostNumber(text, value) === null ? value : undefined
  } catch {
    return undefined
  }
}

const HOW: Readonly<Partial<Record<DataTypeName, string>>> = {
  smallInteger: '5',
  integer: '5',
  bigInteger: '5',
  float: '1.5',
  decimal: '12.50',
  boolean: 'true or false',
  uuid: '0b8a2f3e-6d0e-4f4c-9f4e-0a1b2c3d4e5f',
  json: 'JSON, like {"size":"A4"}',
  date: '2026-01-31',
  time: '12:30:00',
  dateTime: '2026-01-31T12:30:00Z',
  binary: '0x00ff, or base64:AP8=',
  vector: 'a list of numbers, like [0.5,1]',
  array: 'a list, like ["a","b"]',
}

function howToWrite({ name, values = [], length }: DataType): string {
  if (name === 'enum') return `Write one of ${values.join(', ')}.`
  const how = HOW[name]
  if (how !== undefined) return `Write ${how}.`
  return `Write a text${length === undefined ? '' : ` of at most ${length} characters`}.`
}

type ValueConversion = (given: unknown, type: DataType, kind: FieldKind) => unknown

const text =
  (read: (text: string, type: DataType, kind: FieldKind) => unknown): ValueConversion =>
  (given, type, kind) =>
    typeof given === 'string' ? read(given.trim(), type, kind) : given

const whole = text((digits) => (/^[+-]?\d+$/.test(digits) ? BigInt(digits) : digits))
const listOf = (json: string): unknown => parsed(json) ?? json

/** Converts what people write to what the kind of field accepts. The kind checks values without a conversion. */
const CONVERSIONS: Readonly<Partial<Record<DataTypeName, ValueConversion>>> = {
  smallInteger: whole,
  integer: whole,
  bigInteger: whole,
  float: text((digits) => (digits === '' || Number.isNaN(Number(digits)) ? digits : Number(digits))),
  decimal: text((digits) => digits.replace(/^\+/, '')),
  boolean: text((word) => (word === 'true' ? true : word === 'false' ? false : word)),
  uuid: text((digits) => digits),
  enum: (given, { values = [] }) =>
    typeof given === 'string' && !values.includes(given)
      ? (values.find((each) => String(each) === given) ?? given)
      : given,
  date: (given) => (isMidnight(given) ? given.toISOString().slice(0, 10) : given),
  time: text((time) => time),
  dateTime: (given, type, kind) => momentOf(given, type, kind),
  binary: text((bytes) => bytesOf(bytes)),
  vector: text(listOf),
  array(given, { element }) {
    const list = typeof given === 'string' ? listOf(given) : given
    if (!Array.isArray(list) || element === undefined) return list
    const kind = kindOfType(element.dataType)
    return list.map((each) => (each === null ? null : heldBy(kind, each)))
  },
}

/** The value that the kind of field checks. */
function heldBy(kind: FieldKind, given: unknown): unknown {
  const { dataType } = kind
  const value = CONVERSIONS[dataType.name]?.(given, dataType, kind) ?? given
  return kind.cast === undefined ? value : kind.cast(value)
}

const isDate = (given: unknown): given is Date => given instanceof Date && !Number.isNaN(given.getTime())
const isMidnight = (given: unknown): given is Date => isDate(given) && given.getTime() % 86_400_000 === 0

function bytesOf(given: string): unknown {
  const hex = /^0x((?:[0-9a-f]{2})*)$/i.exec(given)?.[1]
  if (hex !== undefined) return new Uint8Array(Buffer.from(hex, 'hex'))
  const base64 = /^base64:([A-Za-z0-9+/]*={0,2})$/.exec(given)?.[1]
  return base64 === undefined ? given : new Uint8Array(Buffer.from(base64, 'base64'))
}

const MOMENT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/

/** A date and time, or only a date; in UTC if it has no offset. */
function momentOf(given: unknown, { precision = 3 }: DataType, kind: FieldKind): unknown {
  if (isDate(given)) {
    refuseDigits(given.toISOString().slice(-4, -1), precision)
    return given
  }
  if (typeof given !== 'string') return given
  const match = MOMENT.exec(given.trim())
  if (match === null) return refuse(`is no date and time: ${JSON.stringify(given)}`)
  if (!isCalendarDay(Number(match[1]), Number(match[2]), Number(match[3])))
    return refuse('is not a calendar day between the years 1 and 9999')
  const fraction = match[7] ?? ''
  refuseDigits(fraction, precision)
  const date = parseDateTime(given.trim())
  if (precision <= 3 || kind.load === null) return date
  const second = date.toISOString().slice(0, 19).replace('T', ' ')
  return kind.load(`${second}.${fraction.padEnd(precision > 6 ? 9 : 6, '0')}`)
}

function refuseDigits(fraction: string, precision: number): void {
  if (fraction.replace(/0+$/, '').length > precision)
    refuse(`has more than ${precision} ${precision === 1 ? 'digit' : 'digits'} of a second after the point`)
}
