import { digitAt, isCalendarDay, NO_DIGIT } from './canonical.js'

/** The days of the year before each month. January and February count as the last months of the previous year. */
const BEFORE_MONTH = [0, 366, 397, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335]

const DASH = 45
const SPACE = 32
const COLON = 58
const POINT = 46

/**
 * Reads `YYYY-MM-DD HH:MM:SS` at the beginning of a text as milliseconds since 1970; NaN if it has another form or the
 * day does not exist.
 */
export function secondOf(text: string): number {
  if (text.length < 19) return Number.NaN
  const y1 = digitAt(text, 0)
  const y2 = digitAt(text, 1)
  const y3 = digitAt(text, 2)
  const y4 = digitAt(text, 3)
  const m1 = digitAt(text, 5)
  const m2 = digitAt(text, 6)
  const d1 = digitAt(text, 8)
  const d2 = digitAt(text, 9)
  const h1 = digitAt(text, 11)
  const h2 = digitAt(text, 12)
  const i1 = digitAt(text, 14)
  const i2 = digitAt(text, 15)
  const s1 = digitAt(text, 17)
  const s2 = digitAt(text, 18)
  const marks =
    (text.charCodeAt(4) ^ DASH) |
    (text.charCodeAt(7) ^ DASH) |
    (text.charCodeAt(10) ^ SPACE) |
    (text.charCodeAt(13) ^ COLON) |
    (text.charCodeAt(16) ^ COLON)
  if (((y1 | y2 | y3 | y4 | m1 | m2 | d1 | d2 | h1 | h2 | i1 | i2 | s1 | s2) & NO_DIGIT) !== 0 || marks !== 0)
    return Number.NaN
  const year = y1 * 1000 + y2 * 100 + y3 * 10 + y4
  const month = m1 * 10 + m2
  const day = d1 * 10 + d2
  const hour = h1 * 10 + h2
  const minute = i1 * 10 + i2
  const second = s1 * 10 + s2
  if (hour > 23 || minute > 59 || second > 59 || !isCalendarDay(year, month, day)) return Number.NaN
  const leaps = month <= 2 ? year - 1 : year
  const days = 365 * leaps + Math.floor(leaps / 4) - Math.floor(leaps / 100) + Math.floor(leaps / 400)
  const since = days + (BEFORE_MONTH[month] ?? Number.NaN) + day - 719_529
  return ((since * 24 + hour) * 60 + minute) * 60_000 + second * 1000
}

/** The same with milliseconds, `YYYY-MM-DD HH:MM:SS.SSS`, and nothing after it. */
export function millisecondOf(text: string): number {
  if (text.length !== 23 || text.charCodeAt(19) !== POINT) return Number.NaN
  const a = digitAt(text, 20)
  const b = digitAt(text, 21)
  const c = digitAt(text, 22)
  return (a | b | c) < NO_DIGIT ? secondOf(text) + a * 100 + b * 10 + c : Number.NaN
}

/** Reads a fraction of up to nine digits as milliseconds, and cuts the rest. Returns -1 if a character is not a digit. */
export function thousandths(text: string, at: number, digits: number): number {
  let all = 0
  let value = 0
  for (let i = 0; i < digits; i++) {
    const digit = digitAt(text, at + i)
    all |= digit
    if (i < 3) value = value * 10 + digit
  }
  if (all >= NO_DIGIT) return -1
  return digits === 1 ? value * 100 : digits === 2 ? value * 10 : value
}

/** Reads `YYYY-MM-DD HH:MM:SS.SSS` in UTC. Other lengths, `T` and `Z` take a slower path. */
export function parseDateTime(text: string): Date {
  const time = millisecondOf(text)
  return Number.isNaN(time) ? parseOtherDateTime(text) : new Date(time)
}

/** Makes a Date of a day, and its time in milliseconds. */
function utc(year: number, month: number, day: number, time: number): Date {
  const date = new Date(Date.UTC(year, month - 1, day) + time)
  if (year < 100) date.setUTCFullYear(year)
  return date
}

const PATTERN = /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/

function parseOtherDateTime(text: string): Date {
  const match = PATTERN.exec(text)
  if (match === null) return new Date(Number.NaN)
  const [, y, mo, d, h = '0', mi = '0', s = '0', fraction = '', zone = 'Z'] = match
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  const time = ((Number(h) * 60 + Number(mi)) * 60 + Number(s)) * 1000 + ms
  const date = utc(Number(y), Number(mo), Number(d), time)
  return zone === 'Z' ? date : new Date(date.getTime() - offsetMinutes(zone) * 60_000)
}

function offsetMinutes(zone: string): number {
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return zone.startsWith('-') ? -minutes : minutes
}

const DAY = 86_400_000
const padded = (count: number, width: number, end: string) =>
  Array.from({ length: count }, (_, i) => String(i).padStart(width, '0') + end)
const HOURS = padded(24, 2, ':')
const MINUTES = padded(60, 2, ':')
const SECONDS = padded(60, 2, '.')
const MILLISECONDS = padded(1000, 3, '')

const MONTHS = padded(13, 2, '-')
const DAYS = padded(32, 2, ' ')
const YEARS: string[] = []

/**
 * Writes `YYYY-MM-DD HH:MM:SS.SSS` in UTC, always 23 characters for the years 0 to 9999. It is four times faster than
 * `toISOString`.
 * The civil calendar from days: https://howardhinnant.github.io/date_algorithms.html
 */
export function formatDateTime(date: Date): string {
  const time = date.getTime()
  const day = Math.floor(time / DAY)
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const march = Math.floor((5 * ofYear + 2) / 153)
  const month = march < 10 ? march + 3 : march - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const dayOfMonth = ofYear - Math.floor((153 * march + 2) / 5) + 1
  YEARS[year] ??= `${String(year).padStart(4, '0')}-`
  return `${YEARS[year]}${MONTHS[month]}${DAYS[dayOfMonth]}${clock(time - day * DAY)}`
}

function clock(rest: number): string {
  const seconds = Math.floor(rest / 1000)
  const minutes = Math.floor(seconds / 60)
  const hour = Math.floor(minutes / 60)
  return `${HOURS[hour]}${MINUTES[minutes - hour * 60]}${SECONDS[seconds - minutes * 60]}${MILLISECONDS[rest - seconds * 1000]}`
}

/** The same with more digits than a Date has. */
export const formatFineDateTime = (date: Date, digits: number): string =>
  date
    .toISOString()
    .replace('T', ' ')
    .slice(0, 23)
    .padEnd(20 + digits, '0')
