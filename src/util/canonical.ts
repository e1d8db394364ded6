// Tests of texts in the one form that values have in the database. They run for every value that is read.

/** A digit's value; what is no digit gives less than 0 or more than 9. */
const digit = (text: string, at: number) => text.charCodeAt(at) - 48

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
  const [century, year] = [twoDigits(text, 0), twoDigits(text, 2)]
  if (century < 0 || year < 0 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false
  return isCalendarDay(century * 100 + year, twoDigits(text, 5), twoDigits(text, 8))
}

/** Whether `HH:MM:SS` stands there. */
export function hasClock(text: string, at: number): boolean {
  const [hour, minute, second] = [twoDigits(text, at), twoDigits(text, at + 3), twoDigits(text, at + 6)]
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return false
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
}

/** Whether a point and digits stand there, up to `end`. */
export function hasFraction(text: string, at: number, end: number): boolean {
  if (text.charCodeAt(at) !== POINT || at + 1 >= end) return false
  for (let i = at + 1; i < end; i++) {
    const value = digit(text, i)
    if (!(value >= 0 && value <= 9)) return false
  }
  return true
}

// Compiled by the engine, these take less time than a look at each character.
const DAY = '(?!0000)\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])'
const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d'
const moments = [3, 6, 9].map((digits) => new RegExp(`^${DAY} ${CLOCK}\\.\\d{${digits}}$`))
const [MILLI, MICRO, NANO] = moments as [RegExp, RegExp, RegExp]
const WHOLE_DAY = new RegExp(`^${DAY}$`)

/** Whether the month of a text that begins with a date has this day. */
function isInMonth(text: string): boolean {
  const day = twoDigits(text, 8)
  return day <= 28 || isCalendarDay(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), day)
}

/** `YYYY-MM-DD`. */
export const isDay = (text: string): boolean => WHOLE_DAY.test(text) && isInMonth(text)

/** `HH:MM:SS`, with up to six digits of the second and no zero at their end. */
export function isTime(text: string): boolean {
  const { length } = text
  if (!hasClock(text, 0)) return false
  return length === 8 || (length <= 15 && hasFraction(text, 8, length) && text.charCodeAt(length - 1) !== 48)
}

/** `YYYY-MM-DD HH:MM:SS` and a fraction of 3, 6 or 9 digits. */
export function isMoment(text: string, digits: number): boolean {
  const form = digits === 3 ? MILLI : digits === 6 ? MICRO : NANO
  return form.test(text) && isInMonth(text)
}

/** A UUID in small letters; in a third of the time of a regular expression. */
export function isUuid(text: string): boolean {
  if (text.length !== 36) return false
  for (let i = 0; i < 36; i++) {
    const c = text.charCodeAt(i)
    if (i === 8 || i === 13 || i === 18 || i === 23 ? c !== DASH : !((c >= 48 && c <= 57) || (c >= 97 && c <= 102)))
      return false
  }
  return true
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/

/** Digits, with a point among them or without. */
export const isDecimal = (text: string): boolean => DECIMAL.test(text)
