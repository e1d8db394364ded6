// Tests for the canonical text form of values in the database. They are fast, because they run for every value that is
// read.

/** Marks a character that is not a digit, with a bit that no digit has. */
export const NO_DIGIT = 128

/** The value of each digit by its character code. */
const DIGIT = new Uint8Array(65_536).fill(NO_DIGIT)
for (let i = 0; i < 10; i++) DIGIT[48 + i] = i

/** The digit at an index, or NO_DIGIT. The text must be long enough. */
export const digitAt = (text: string, at: number): number => DIGIT[text.charCodeAt(at)] ?? NO_DIGIT

/** Two digits as a number, or -1 if they are not digits. The text must be long enough. */
export function twoDigits(text: string, at: number): number {
  const tens = digitAt(text, at)
  const ones = digitAt(text, at + 1)
  return (tens | ones) < NO_DIGIT ? tens * 10 + ones : -1
}

const DAYS = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export function isCalendarDay(year: number, month: number, day: number): boolean {
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return false
  if (day <= 28) return true
  if (month === 2 && day === 29) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day <= (DAYS[month] ?? 0)
}

const DASH = 45
const COLON = 58
const POINT = 46

/** Whether a text begins with `YYYY-MM-DD` and the calendar has that day. */
export function startsWithDay(text: string): boolean {
  if (text.length < 10) return false
  const century = twoDigits(text, 0)
  const year = twoDigits(text, 2)
  if (century < 0 || year < 0 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false
  return isCalendarDay(century * 100 + year, twoDigits(text, 5), twoDigits(text, 8))
}

/** Whether the text has `HH:MM:SS` at an index. */
export function hasClock(text: string, at: number): boolean {
  if (text.length < at + 8) return false
  const hour = twoDigits(text, at)
  const minute = twoDigits(text, at + 3)
  const second = twoDigits(text, at + 6)
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return false
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
}

/** Whether the text has a point and digits from an index up to `end`. */
export function hasFraction(text: string, at: number, end: number): boolean {
  if (text.charCodeAt(at) !== POINT || at + 1 >= end) return false
  for (let i = at + 1; i < end; i++) if (digitAt(text, i) === NO_DIGIT) return false
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

/** `YYYY-MM-DD HH:MM:SS` and a fraction of `digits` digits. */
export function isMoment(text: string, digits: number): boolean {
  if (text.length !== 20 + digits || text.charCodeAt(10) !== SPACE) return false
  return startsWithDay(text) && hasClock(text, 11) && hasFraction(text, 19, text.length)
}

/** For each character 0 for a digit of a UUID and 1 for the dash, so the sum of a UUID is 4. */
const NONE = 5
const UUID_CHARACTER = new Uint8Array(65_536).fill(NONE)
for (const c of '0123456789abcdef') UUID_CHARACTER[c.charCodeAt(0)] = 0
UUID_CHARACTER[DASH] = 1

/** A UUID in lower case. It has no branch per character and takes a third of the time of a regular expression. */
export function isUuid(text: string): boolean {
  if (text.length !== 36 || text.charCodeAt(8) !== DASH || text.charCodeAt(13) !== DASH) return false
  if (text.charCodeAt(18) !== DASH || text.charCodeAt(23) !== DASH) return false
  let sum = 0
  for (let i = 0; i < 36; i++) sum += UUID_CHARACTER[text.charCodeAt(i)] ?? NONE
  return sum === 4
}

const MINUS = 45

/** Digits, with or without a point among them. */
export function isDecimal(text: string): boolean {
  const { length } = text
  let at = text.charCodeAt(0) === MINUS ? 1 : 0
  const start = at
  while (at < length && digitAt(text, at) !== NO_DIGIT) at++
  if (at === start) return false
  return at === length || hasFraction(text, at, length)
}
