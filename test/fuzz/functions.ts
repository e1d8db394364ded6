import { type DatePart, type FunctionName, Invalid } from './chain.js'
import { calculate, cut, type Fraction, isFraction, type Value, whole } from './values.js'

// Functions of texts, numbers and dates, none of whose values is NULL.

export function callFunction(f: FunctionName, [first, ...rest]: readonly Exclude<Value, null>[]): Value {
  if (isFraction(first)) return numberFunction(f, first)
  if (typeof first !== 'string') throw new Invalid(`${f} of a ${typeof first}.`)
  const text = textFunction(f, first, rest)
  return text !== undefined ? text : dateFunction(f, first, String(rest[0]))
}

function numberFunction(f: FunctionName, value: Fraction): Value {
  switch (f) {
    case 'abs':
      return value.n < 0n ? { ...value, n: -value.n } : value
    case 'sign':
      return whole(value.n < 0n ? -1 : value.n > 0n ? 1 : 0)
    case 'floor':
    case 'ceil': {
      const near = cut(value)
      if (near.n * value.d === value.n) return near
      const step = f === 'floor' ? (value.n < 0n ? -1 : 0) : value.n > 0n ? 1 : 0
      return calculate('plus', near, whole(step))
    }
    default:
      throw new Invalid(`${f} of a number.`)
  }
}

/** Characters are code points, counted from 1. */
function textFunction(f: FunctionName, text: string, rest: readonly Exclude<Value, null>[]): Value | undefined {
  const characters = [...text]
  const count = (at: number) => Number((rest[at] as Fraction).n)
  switch (f) {
    case 'concat':
      return text + rest.join('')
    case 'length':
      return whole(characters.length)
    case 'lower':
      return text.toLowerCase()
    case 'upper':
      return text.toUpperCase()
    case 'trim':
      return text.replace(/^ +| +$/g, '')
    case 'ltrim':
      return text.replace(/^ +/, '')
    case 'rtrim':
      return text.replace(/ +$/, '')
    case 'substring':
      return characters.slice(count(0) - 1, rest.length > 1 ? count(0) - 1 + count(1) : undefined).join('')
    case 'replace':
      return rest[0] === '' ? text : text.replaceAll(String(rest[0]), () => String(rest[1]))
    case 'position':
      return whole(text.includes(String(rest[0])) ? [...text.slice(0, text.indexOf(String(rest[0])))].length + 1 : 0)
    default:
      return undefined
  }
}

const DAY = 86_400_000

function dateFunction(f: FunctionName, text: string, unit: string): Value {
  const date = new Date(text.length === 10 ? `${text}T00:00:00.000Z` : text)
  if (f !== 'truncate') return whole(partOf(date, f as DatePart))
  const start = truncated(date, unit).toISOString()
  return text.length === 10 ? start.slice(0, 10) : start
}

function partOf(date: Date, part: DatePart): number {
  const year = date.getUTCFullYear()
  const days = (from: number) => Math.floor((date.getTime() - from) / DAY)
  switch (part) {
    case 'year':
      return year
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1
    case 'month':
      return date.getUTCMonth() + 1
    case 'day':
      return date.getUTCDate()
    case 'dayOfYear':
      return days(Date.UTC(year, 0, 1)) + 1
    case 'weekday':
      return date.getUTCDay() || 7
    case 'week': {
      // the week that has its Thursday in a year is one of that year
      const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * DAY)
      return Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * DAY)) + 1
    }
    case 'hour':
      return date.getUTCHours()
    case 'minute':
      return date.getUTCMinutes()
    case 'second':
      return date.getUTCSeconds()
  }
}

function truncated(date: Date, unit: string): Date {
  const [year, month, day, hour] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours()]
  switch (unit) {
    case 'year':
      return new Date(Date.UTC(year, 0, 1))
    case 'quarter':
      return new Date(Date.UTC(year, month - (month % 3), 1))
    case 'month':
      return new Date(Date.UTC(year, month, 1))
    case 'week':
      return new Date(Date.UTC(year, month, day - (date.getUTCDay() || 7) + 1))
    case 'day':
      return new Date(Date.UTC(year, month, day))
    default:
      return new Date(Date.UTC(year, month, day, hour))
  }
}
