// Tests of texts in the one form that values have in the database. They run for every value that is read.

/** A digit's value; what is no digit gives less than 0 or more than 9. */
const digit = (text: string, at: number) => text.charCodeAt(at) - 48

function isDigit(text: string, at: number): boolean {
  const value = digit(text, at)
  return value >= 0 && value <= 9
}

/** Two digits as a number; -1: they are none. */
export function twoDigits(text: string, at: number): number {
  const tens = digit(text, at)
  const ones = digit(text, at + 1)
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

const DAYS = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export function isCalendarDay(year: number, month: number, day: number): boolean {
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return false
  if (day <= 28) return true
  if (month === 2 && day === 29) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day <= (DAYS[month] as number)
}

const DASH = 45
const COLON = 58
const POINT = 46

/** Whether a text begins with `YYYY-MM-DD`, a day of the calendar. */
export function startsWithDay(text: string): boolean {
  const century = twoDigits(text, 0)
  const year = twoDigits(text, 2)
  if (century < 0 || year < 0 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false
  return isCalendarDay(century * 100 + year, twoDigits(text, 5), twoDigits(text, 8))
}

/** Whether `HH:MM:SS` stands there. */
export function hasClock(text: string, at: number): boolean {
  const hour = twoDigits(text, at)
  const minute = twoDigits(text, at + 3)
  const second = twoDigits(text, at + 6)
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return false
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
}

/** Whether a point and digits stand there, up to `end`. */
export function hasFraction(text: string, at: number, end: number): boolean {
  if (text.charCodeAt(at) !== POINT || at + 1 >= end) return false
  for (let i = at + 1; i < end; i++) if (!isDigit(text, i)) return false
  return true
}

/** `YYYY-MM-DD`. */
export const isDay = (text: string): boolean => text.length === 10 && startsWithDay(text)

/** `HH:MM:SS`, with up to six digits of the second and no zero at their end. */
export function isTime(text: string): boolean {
  const { length } = text
  if (!hasClock(text, 0)) return false
  return length === 8 || (length <= 15 && hasFraction(text, 8, length) && text.charCodeAt(length - 1) !== 48)
}

const SPACE = 32

/** `YYYY-MM-DD HH:MM:SS` and a fraction of so many digits. */
export function isMoment(text: string, digits: number): boolean {
  if (text.length !== 20 + digits || text.charCodeAt(10) !== SPACE) return false
  return startsWithDay(text) && hasClock(text, 11) && hasFraction(text, 19, text.length)
}

/** For each character 0 where it is a digit of a UUID, 1 for all others: a processor can't guess which digits are letters. */
const NO_UUID_DIGIT = new Uint8Array(65_536).fill(1)
for (const c of '0123456789abcdef') NO_UUID_DIGIT[c.charCodeAt(0)] = 0

const isNoUuidDigit = (text: string, at: number) => NO_UUID_DIGIT[text.charCodeAt(at)] as number

/** 0 where four digits stand. */
const noFourDigits = (text: string, at: number) =>
  isNoUuidDigit(text, at) | isNoUuidDigit(text, at + 1) | isNoUuidDigit(text, at + 2) | isNoUuidDigit(text, at + 3)

/** A UUID in small letters; without loops and branches, in a third of the time of a regular expression. */
export function isUuid(text: string): boolean {
  if (text.length !== 36 || text.charCodeAt(8) !== DASH || text.charCodeAt(13) !== DASH) return false
  if (text.charCodeAt(18) !== DASH || text.charCodeAt(23) !== DASH) return false
  const first = noFourDigits(text, 0) | noFourDigits(text, 4) | noFourDigits(text, 9) | noFourDigits(text, 14)
  const last = noFourDigits(text, 19) | noFourDigits(text, 24) | noFourDigits(text, 28) | noFourDigits(text, 32)
  return (first | last) === 0
}

const MINUS = 45

/** Digits, with a point among them or without. */
export function isDecimal(text: string): boolean {
  const { length } = text
  let at = text.charCodeAt(0) === MINUS ? 1 : 0
  const start = at
  while (at < length && isDigit(text, at)) at++
  if (at === start) return false
  return at === length || hasFraction(text, at, length)
}
