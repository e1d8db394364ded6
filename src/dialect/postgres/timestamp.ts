import { isCalendarDay, twoDigits } from '../../util/canonical.js'
import { secondOf, thousandths } from '../../util/date-text.js'

const POINT = 46
const PLUS = 43

/**
 * Reads the usual form, a four-digit year in UTC, as milliseconds since 1970 and cuts further digits. Returns NaN for any
 * other form.
 */
export function timeOf(text: string): number {
  const { length } = text
  if (length < 22 || length > 29 || text.charCodeAt(length - 3) !== PLUS || twoDigits(text, length - 2) !== 0)
    return Number.NaN
  if (length === 22) return secondOf(text)
  const milliseconds = length > 23 && text.charCodeAt(19) === POINT ? thousandths(text, 20, length - 23) : -1
  return milliseconds < 0 ? Number.NaN : secondOf(text) + milliseconds
}

/**
 * Reads what PostgreSQL prints with DateStyle ISO: `2026-11-20 10:00:00.12+00`. Digits below the millisecond are cut.
 * `infinity` becomes an invalid Date, which no field accepts for writing.
 */
export function parseTimestamp(text: string): Date {
  const time = timeOf(text)
  return Number.isNaN(time) ? parseUnusual(text) : new Date(time)
}

const isClock = (hour: number, minute: number, second: number) =>
  hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60

const PATTERN = /^(\d{4,6})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?([+-]\d\d(?::\d\d){0,2})?( BC)?$/

/** Reads the unusual forms: years outside 100 to 9999, other offsets, columns without time zone (read as UTC) and dates. */
function parseUnusual(text: string): Date {
  const match = PATTERN.exec(text)
  if (match === null) return new Date(Number.NaN)
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset = '', bc] = match
  const isDay = bc === undefined ? isCalendarDay(Number(year), Number(month), Number(day)) : Number(month) <= 12
  if (!isDay || !isClock(Number(hour), Number(minute), Number(second))) return new Date(Number.NaN)
  const date = new Date(0)
  // the year before 1 is 1 BC in PostgreSQL and 0 in JavaScript
  date.setUTCFullYear(bc === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, '0').slice(0, 3)))
  return new Date(date.getTime() - offsetSeconds(offset) * 1000)
}

function offsetSeconds(offset: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = offset.slice(1).split(':').map(Number)
  return (offset.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
}

const MICRO = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.(\d{1,6}))?(?:\+00)?$/

/** The same as canonical text with all six digits: `2026-11-20 10:00:00.120000`. */
export function parseMicroTimestamp(text: string): string {
  const match = MICRO.exec(text)
  if (match !== null) return `${text.slice(0, 19)}.${(match[1] ?? '').padEnd(6, '0')}`
  const date = parseTimestamp(text)
  if (Number.isNaN(date.getTime())) return text
  const micro = (/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(6, '0').slice(3)
  return `${date.toISOString().slice(0, -1).replace('T', ' ')}${micro}`
}

/** Writes the offset, so that a session in another time zone reads the same moment. */
export function formatTimestamp(date: Date): string {
  const iso = date.toISOString()
  const year = date.getUTCFullYear()
  const rest = `${iso.slice(-20, -14)} ${iso.slice(-13, -1)}+00`
  if (year > 0) return `${String(year).padStart(4, '0')}${rest}`
  return `${String(1 - year).padStart(4, '0')}${rest} BC`
}
