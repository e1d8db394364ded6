import { isCalendarDay } from '../util/canonical.js'
import { formatFineDateTime } from '../util/date-text.js'
import { textIn } from '../util/expect.js'
import { describe, type FieldKind, unlessText } from './kind.js'

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const TIME = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?$/

export const dateKind: FieldKind = {
  dataType: { name: 'date' },
  check(value, refuse) {
    const match = typeof value === 'string' ? DATE.exec(value) : null
    if (match === null) return refuse('type', `expects a date as "YYYY-MM-DD"${unlessText(value)}`)
    if (!isCalendarDay(Number(match[1]), Number(match[2]), Number(match[3])))
      return refuse('range', 'is not a calendar day between the years 1 and 9999')
    return value
  },
  load: null,
  snapshot: 'value',
}

/** Normalizes a time: `10:00` and `10:00:00.500000` → `10:00:00` and `10:00:00.5`. Other input is returned unchanged. */
function normalTime(value: unknown): unknown {
  const match = typeof value === 'string' ? TIME.exec(value) : null
  if (match === null) return value
  const fraction = (match[4] ?? '').replace(/0+$/, '')
  return `${match[1]}:${match[2]}:${match[3] ?? '00'}${fraction && `.${fraction}`}`
}

export const timeKind: FieldKind = {
  dataType: { name: 'time' },
  cast: normalTime,
  check(value, refuse) {
    if (typeof value !== 'string' || !TIME.test(value))
      return refuse('type', `expects a time as "HH:MM:SS" or "HH:MM:SS.ffffff"${unlessText(value)}`)
    return normalTime(value)
  },
  load: null,
  snapshot: 'value',
}

const FIRST = Date.parse('0001-01-01T00:00:00.000Z')
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

function checkDate(value: unknown, refuse: (code: string, message: string) => never): Date {
  if (!(value instanceof Date)) return refuse('type', `expects a Date, not ${describe(value)}`)
  const time = timeOf(value)
  if (Number.isNaN(time)) return refuse('type', 'is an invalid Date')
  if (time < FIRST || time > LAST) return refuse('range', 'must lie between the years 1 and 9999')
  return Object.getPrototypeOf(value) === Date.prototype ? value : new Date(time)
}

/** Reads the time with Date's own method, because a subclass may override it, and other objects may only look like a Date. */
function timeOf(value: Date): number {
  try {
    return Date.prototype.getTime.call(value)
  } catch {
    return Number.NaN
  }
}

/** The digits below a millisecond of loaded Dates, which a Date can't hold. They apply as long as the Date is unchanged. */
const microseconds = new WeakMap<Date, { readonly time: number; readonly text: string }>()

/**
 * `precision` is the number of fraction digits: 3, 6 or 9. `step` is the smallest step between stored moments in
 * milliseconds.
 */
export function dateTimeKind(precision: number, automatic: 'insert' | 'save' | null, step = 1): FieldKind {
  const kind: FieldKind =
    precision > 3
      ? {
          dataType: { name: 'dateTime', precision },
          check: (value, refuse) => toFineText(value, refuse, precision),
          load: (text) => fromMicroText(textIn(text)),
          snapshot: 'canonical',
          same: (value, text) => sameMicro(value, text, precision),
        }
      : { dataType: { name: 'dateTime', precision }, check: checkDate, load: null, snapshot: 'date' }
  const cut = step === 1 ? {} : { cast: (value: unknown) => cutTo(value, step) }
  return {
    ...kind,
    ...cut,
    ...(automatic !== null && { automatic: { on: automatic, make: () => new Date() } }),
  }
}

/** Cuts a date-time to what the column stores, such as whole seconds or tenths. */
function cutTo(value: unknown, step: number): unknown {
  const time = value instanceof Date ? timeOf(value) : Number.NaN
  const rest = ((time % step) + step) % step
  return rest > 0 ? new Date(time - rest) : value
}

function toFineText(value: unknown, refuse: (code: string, message: string) => never, precision: number): string {
  const date = checkDate(value, refuse)
  const stored = value instanceof Date ? microseconds.get(value) : undefined
  if (stored !== undefined && stored.time === date.getTime()) return stored.text
  return formatFineDateTime(date, precision)
}

function fromMicroText(text: string): Date {
  const date = new Date(`${text.slice(0, 10)}T${text.slice(11, 23)}Z`)
  microseconds.set(date, { time: date.getTime(), text })
  return date
}

function sameMicro(value: unknown, text: unknown, precision: number): boolean {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return false
  const stored = microseconds.get(value)
  if (stored !== undefined && stored.time === value.getTime()) return stored.text === text
  return formatFineDateTime(value, precision) === text
}
