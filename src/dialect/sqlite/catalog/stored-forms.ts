import type { DataType, Storage } from '../../../ast/data-type.js'

// The forms in which other programs store dates, decimals, booleans and UUIDs in SQLite files, by values that were found.

/** A value: what `typeof` says of it, and its text. */
export interface StoredValue {
  readonly kind: string
  readonly text: string
}

export const allAre = (
  stored: readonly StoredValue[],
  kind: string,
  test: (text: string) => boolean = () => true,
): boolean => stored.length > 0 && stored.every((each) => each.kind === kind && test(each.text))

const isBetween = (low: number, high: number) => (text: string) =>
  Math.abs(Number(text)) >= low && Math.abs(Number(text)) < high

const MOMENT = /^\d{4}-\d\d-\d\d([ T])\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(Z| ?\+00:00)?$/
const DAY = /^\d{4}-\d\d-\d\d$/
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/

export const isDays = (stored: readonly StoredValue[]): boolean => allAre(stored, 'text', (text) => DAY.test(text))
export const isClocks = (stored: readonly StoredValue[]): boolean => allAre(stored, 'text', (text) => CLOCK.test(text))

/** The form of dates with times; null if there is none that all values have. */
export function momentForm(stored: readonly StoredValue[]): DataType | null {
  const form = numberForm(stored) ?? textForm(stored)
  if (form === null) return null
  return Object.keys(form).length === 1 && form.form === 'text'
    ? { name: 'dateTime', precision: 3 }
    : { name: 'dateTime', precision: 3, storage: form }
}

/** The forms of date-times that each value may have, with what they are called. */
const FORMS: readonly (readonly [form: string, is: (one: readonly StoredValue[]) => boolean])[] = [
  ['milliseconds', (one) => numberForm(one)?.form === 'milliseconds'],
  ['seconds', (one) => numberForm(one)?.form === 'seconds'],
  ['Julian days', (one) => numberForm(one)?.form === 'julian'],
  ['days', isDays],
]

/** How many values have each form, if they are date-times in several forms: `2 milliseconds, 1 seconds`. */
export function momentForms(stored: readonly StoredValue[]): string | null {
  const counts = new Map<string, number>()
  for (const each of stored) {
    const form = FORMS.find(([, is]) => is([each]))?.[0] ?? textFormOf(each)
    if (form === null) return null
    counts.set(form, (counts.get(form) ?? 0) + 1)
  }
  return counts.size < 2 ? null : [...counts].map(([form, count]) => `${count} ${form}`).join(', ')
}

/** A text as an example of its form: `2026-01-02T03:04:05Z` with zeros for all digits. */
function textFormOf({ kind, text }: StoredValue): string | null {
  return kind === 'text' && MOMENT.test(text) ? `like "${text.replace(/\d/g, '0')}"` : null
}

function numberForm(stored: readonly StoredValue[]): Storage | null {
  if (allAre(stored, 'integer', isBetween(1e11, 1e14))) return { form: 'milliseconds' }
  if (allAre(stored, 'integer', isBetween(1e8, 1e11))) return { form: 'seconds' }
  if (allAre(stored, 'real', isBetween(1.7e6, 3e6))) return { form: 'julian' }
  return null
}

function textForm(stored: readonly StoredValue[]): Storage | null {
  if (!allAre(stored, 'text')) return null
  const parts = stored.map(({ text }) => MOMENT.exec(text))
  if (parts.some((part) => part === null)) return null
  const [separators, zones, fractions] = [1, 3, 2].map((i) => new Set(parts.map((part) => part?.[i] ?? '')))
  const [separator, ...others] = separators ?? []
  const [zone = '', ...otherZones] = zones ?? []
  if (others.length > 0 || otherZones.length > 0) return null
  const digits = digitsOf([...(fractions ?? [])])
  if (digits === null) return null
  const form = separator === 'T' ? 'iso' : 'text'
  return {
    form,
    ...(zone !== (form === 'iso' ? 'Z' : '') && { zone: zone }),
    ...(digits.digits !== 3 && { digits: digits.digits }),
    ...(digits.trim !== undefined && { trim: digits.trim }),
  }
}

/** How fractions are written; null if in several ways. */
function digitsOf(fractions: readonly string[]): Pick<Storage, 'digits' | 'trim'> | null {
  const filled = fractions.filter((fraction) => fraction !== '')
  const lengths = new Set(filled.map(({ length }) => length))
  const digits = Math.max(0, ...lengths)
  const isZero = (fraction: string) => /^0+$/.test(fraction)
  if (lengths.size <= 1 && filled.length === fractions.length) return { digits }
  if (lengths.size === 0) return { digits: 0 }
  if (lengths.size === 1 && !filled.some(isZero)) return { digits, trim: true }
  return filled.some((fraction) => fraction.endsWith('0')) ? null : { digits, trim: 'zeros' }
}

const DAY_MS = 86_400_000

export const isDayMilliseconds = (stored: readonly StoredValue[]): boolean =>
  allAre(stored, 'integer', (text) => Number(text) % DAY_MS === 0)

const WORDS: readonly (readonly [yes: string, no: string])[] = [
  ['t', 'f'],
  ['true', 'false'],
  ['TRUE', 'FALSE'],
  ['True', 'False'],
  ['T', 'F'],
  ['yes', 'no'],
  ['Y', 'N'],
  ['y', 'n'],
]

/** The form of booleans; null if the values are none. */
export function booleanForm(stored: readonly StoredValue[]): DataType | null {
  if (allAre(stored, 'integer', (text) => text === '0' || text === '1')) return { name: 'boolean' }
  const words = WORDS.find(([yes, no]) => allAre(stored, 'text', (text) => text === yes || text === no))
  return words === undefined ? null : { name: 'boolean', storage: { form: 'text', words } }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const HEX = /^[0-9a-f]{32}$/
const HEX_WITH_VERSION = /^[0-9a-f]{12}[1-8][0-9a-f]{3}[89ab][0-9a-f]{15}$/

/** The form of UUIDs; null if the values are none. Hashes have 32 digits too: only a declaration makes UUIDs of all of those. */
export function uuidForm(stored: readonly StoredValue[], isDeclared: boolean): DataType | null {
  const hex = isDeclared ? HEX : HEX_WITH_VERSION
  if (allAre(stored, 'text', (text) => UUID.test(text))) return { name: 'uuid' }
  if (allAre(stored, 'text', (text) => UUID.test(text.toLowerCase()) && text === text.toUpperCase()))
    return { name: 'uuid', storage: { form: 'upper' } }
  if (allAre(stored, 'text', (text) => hex.test(text))) return { name: 'uuid', storage: { form: 'hex' } }
  if (allAre(stored, 'blob', (text) => text.length === 32)) return { name: 'uuid', storage: { form: 'blob' } }
  return null
}

/** Whether all values are numbers. */
export const isNumbers = (stored: readonly StoredValue[]): boolean =>
  stored.length > 0 && stored.every(({ kind }) => kind === 'integer' || kind === 'real')

/** The most digits after the point. */
export const scaleOfValues = (stored: readonly StoredValue[]): number =>
  Math.max(0, ...stored.map(({ text }) => (/^-?\d+\.(\d+)$/.exec(text)?.[1] ?? '').replace(/0+$/, '').length))

/** How many values there are of each kind: `2 text, 1 integer`. */
export function countsOf(stored: readonly StoredValue[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of stored) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}
