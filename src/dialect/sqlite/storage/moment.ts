import type { DataType, Storage } from '../../../ast/data-type.js'
import { hasClock, hasFraction, startsWithDay } from '../../../util/canonical.js'
import { formatDateTime, parseDateTime } from '../../../util/date-text.js'
import { dateIn } from '../../../util/expect.js'
import { isWhole } from '../../../util/number.js'
import { FORM, refuseForm, type StorageForm } from './form.js'

/** A moment is a Date, or a text with six or nine digits of the second. */
type Moment = Date | string

const PLACE = 19

/** Splits a moment into `YYYY-MM-DD HH:MM:SS` and all known digits of the second. */
function partsOf(moment: unknown): [whole: string, digits: string] {
  const text = typeof moment === 'string' ? moment : formatDateTime(dateIn(moment))
  return [text.slice(0, PLACE), text.slice(PLACE + 1)]
}

function momentOf(whole: string, digits: string, precision: number): Moment {
  const text = `${whole}.${digits.padEnd(precision, '0').slice(0, precision)}`
  return precision > 3 ? text : parseDateTime(text)
}

/** Texts that sort as the moments do, if what follows a trimmed fraction sorts before a point. */
export function textMoment({ precision = 3 }: DataType, storage: Storage): StorageForm {
  const { form, zone = '', digits = 3, trim = false } = storage
  const between = form === 'iso' ? 'T' : ' '
  const example = `YYYY-MM-DD${between}HH:MM:SS${digits > 0 ? `.${'f'.repeat(digits)}` : ''}${zone}`
  const trimmed = (fraction: string) => {
    if (trim === 'zeros') return fraction.replace(/0+$/, '')
    return trim && /^0*$/.test(fraction) ? '' : fraction
  }
  const write = (whole: string, fraction: string) =>
    `${whole.replace(' ', between)}${fraction === '' ? '' : `.${fraction}`}${zone}`
  const encode = (moment: unknown) => {
    const [whole, known] = partsOf(moment)
    return write(whole, trimmed(known.padEnd(digits, '0').slice(0, digits)))
  }
  const decode = (raw: unknown): Moment => {
    const text = typeof raw === 'string' ? raw : ''
    const end = text !== '' && text.endsWith(zone) ? text.length - zone.length : -1
    const isWhole = end >= PLACE && startsWithDay(text) && text[10] === between && hasClock(text, 11)
    const fraction = isWhole ? text.slice(PLACE + 1, end) : ''
    const isFraction = isWhole && (end === PLACE || hasFraction(text, PLACE, end))
    if (!isFraction || trimmed(fraction.padEnd(digits, '0')) !== fraction || fraction.length > digits)
      return refuseForm(raw, `'${form}'`, example)
    return momentOf(`${text.slice(0, 10)} ${text.slice(11, PLACE)}`, fraction, precision)
  }
  return {
    ...FORM,
    columnType: 'TEXT',
    encode,
    decode,
    // a moment between two storable ones must sort between them
    compare: (moment) => {
      const [whole, known] = partsOf(moment)
      const isKept = /^0*$/.test(known.slice(digits))
      return isKept ? encode(moment) : `${write(whole, known.slice(0, digits))}~`
    },
    exact: true,
    sorts: trim === false || zone !== 'Z',
  }
}

const isMoment = (date: Date) => !Number.isNaN(date.getTime())

/** Milliseconds or seconds since 1970. */
export function epoch(form: 'milliseconds' | 'seconds'): StorageForm {
  const size = form === 'seconds' ? 1000 : 1
  return {
    ...FORM,
    columnType: 'INTEGER',
    encode: (date) => BigInt(Math.floor(dateIn(date).getTime() / size)),
    compare: (date) => {
      const time = dateIn(date).getTime()
      return time % size === 0 ? BigInt(time / size) : time / size
    },
    decode: (raw: unknown) => {
      const date = isWhole(raw) ? new Date(raw * size) : null
      if (date === null || !isMoment(date)) return refuseForm(raw, `'${form}'`, `an integer of ${form} since 1970`)
      return date
    },
    exact: true,
    sorts: true,
  }
}

const DAY = 86_400_000
/** Milliseconds from the beginning of Julian days to 1970. */
const JULIAN = 210_866_760_000_000
/** The precision of a Julian day as a double, for dates of today, in milliseconds. */
const NOISE = 0.1

/** Julian days as SQLite's `julianday()` returns them. */
export const julian: StorageForm = {
  ...FORM,
  columnType: 'REAL',
  encode: (date) => (dateIn(date).getTime() + JULIAN) / DAY,
  decode: (raw: unknown) => {
    const time = typeof raw === 'number' ? raw * DAY : Number.NaN
    const date = new Date(Math.round(time) - JULIAN)
    if (!isMoment(date) || Math.abs(time - Math.round(time)) > NOISE)
      return refuseForm(raw, "'julian'", 'a Julian day of whole milliseconds')
    return date
  },
  exact: true,
  sorts: true,
}

/** A day as the milliseconds of its midnight. */
export const dayInMilliseconds: StorageForm = {
  ...FORM,
  columnType: 'INTEGER',
  encode: (day) => BigInt(Date.parse(`${day}T00:00:00.000Z`)),
  decode: (raw: unknown) => {
    const date = new Date(isWhole(raw) && raw % DAY === 0 ? raw : Number.NaN)
    const day = isMoment(date) ? formatDateTime(date).slice(0, 10) : ''
    return startsWithDay(day)
      ? day
      : refuseForm(raw, "'milliseconds'", 'an integer of milliseconds, at midnight in UTC')
  },
  exact: true,
  sorts: true,
}
