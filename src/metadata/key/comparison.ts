import { type DataTypeName, holdsIntegers } from '../../ast/data-type.js'
import { UsageError } from '../../errors.js'
import { isDetached, toBuffer } from '../../util/bytes.js'
import { parseDateTime } from '../../util/date-text.js'
import { bytesIn } from '../../util/expect.js'
import type { ModelField } from '../model-field.js'

// Two keys are equal if the database stores the same value for them, in any form that JavaScript has.

/** A key as a value for a Map: equal keys of different JavaScript types become the same value. */
function comparableKey(value: unknown): unknown {
  // by far the most keys
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  if (value instanceof Date) return value.getTime()
  if (ArrayBuffer.isView(value)) return bytesOf(bytesIn(value))
  if (typeof value === 'object' && value !== null) return textOf(value)
  return value
}

function bytesOf(value: Uint8Array): string {
  if (isDetached(value))
    throw new UsageError(
      'A key holds bytes that were transferred elsewhere. Use a copy, made before the transfer: bytes.slice().',
    )
  return toBuffer(value).toString('base64')
}

/** What has no text is the key of no row. */
function textOf(value: object): string {
  try {
    return String(value)
  } catch (cause) {
    throw new UsageError(
      "A key is an object that can't be read as a key. Pass the value of the key, or a saved instance.",
      { cause },
    )
  }
}

const DIGITS = /^-?\d+$/

/**
 * How canonical values of one column are compared with those of another: integers may be held as numbers, bigints or texts of
 * digits, decimals with more zeros, times with more digits, a uuid in either case.
 */
export function comparerOf(a: ModelField, b: ModelField): (canonical: unknown) => unknown {
  const types = [a.dataType.name, b.dataType.name]
  if (holdsIntegers(a.dataType) || holdsIntegers(b.dataType))
    return (value) => comparableKey(typeof value === 'string' && DIGITS.test(value) ? BigInt(value) : value)
  const same = TEXTS.find(([type]) => types.includes(type))?.[1]
  return same === undefined
    ? comparableKey
    : (value) => (typeof value === 'string' ? same(value) : comparableKey(value))
}

/** What equal values have in common that are kept as texts. */
const TEXTS: readonly (readonly [DataTypeName, (text: string) => unknown])[] = [
  ['uuid', (text) => text.toLowerCase()],
  ['decimal', (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)],
  ['dateTime', (text) => (isWholeMillisecond(text) ? dateOf(text).getTime() : text)],
]

/** `YYYY-MM-DD HH:MM:SS.ffffff` that a Date can hold. */
export const isWholeMillisecond = (text: string) => /^0*$/.test(text.slice(23))
export const dateOf = (text: string) => parseDateTime(text.slice(0, 23))

/** The canonical form of what an instance holds; null: it is canonical, or equal to it in comparisons. */
export function keyValueReader(field: ModelField): ((value: unknown) => unknown) | null {
  const isOther = field.kind.snapshot === 'canonical' || field.dataType.name === 'time'
  return isOther ? (value) => field.check(value) : null
}

/** How what an instance holds in a field is compared with what another one holds in the other. */
export function comparisonFormOf(field: ModelField, other: ModelField): (value: unknown) => unknown {
  const [read, compare] = [keyValueReader(field), comparerOf(field, other)]
  return read === null ? compare : (value) => compare(read(value))
}

export const isNothing = (value: unknown): boolean => value === null || value === undefined

/**
 * What the values of a key have in common with those of its equals: one comparable value, or a text of several in which each
 * has its place. Undefined: one of them is missing, so that no key is equal to it.
 */
export function identityBy(forms: readonly ((value: unknown) => unknown)[]): (values: readonly unknown[]) => unknown {
  const [form, second] = forms
  if (form !== undefined && second === undefined) return ([value]) => (isNothing(value) ? undefined : form(value))
  return (values) =>
    values.some(isNothing) ? undefined : JSON.stringify(values.map((value, i) => String(forms[i]?.(value))))
}
