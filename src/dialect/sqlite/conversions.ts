import { canonicalText } from '../../ast/canonical.js'
import type { DataType, DataTypeName } from '../../ast/data-type.js'
import { all, storeTheSame, type ValueClass, type ValueConversions, valueClassOf } from '../conversions.js'
import { byAffinity } from './affinity.js'
import { fitsDigits, fractionOf, numberParts } from './number-text.js'
import { SCALED_DIGITS } from './types.js'

// How a column of one type becomes one of another type. SQLite's CAST turns 'abc' into 0 without a word, so each conversion comes
// with a condition: it never changes a value.

export interface Conversion {
  /** The new value of a row. */
  readonly sql: string
  /** Whether it is the same value; null if it always is. */
  readonly fits: string | null
}

/** Converts the column `c`, which is quoted. */
type TypeConversion = (c: string, from: DataType, to: DataType) => Conversion | null

const same = (sql: string, fits: string | null = null): Conversion => ({ sql, fits })

/** What the values of a type are in a column. */
type StoredForm = ValueClass | 'scaled' | 'digits'

function storedFormOf(type: DataType): StoredForm {
  const form = valueClassOf(type)
  if (form !== 'decimal') return form
  return (type.precision ?? SCALED_DIGITS) > SCALED_DIGITS ? 'digits' : 'scaled'
}

const RANGES: Partial<Record<DataTypeName, readonly [number, number]>> = {
  smallInteger: [-32768, 32767],
  integer: [-2147483648, 2147483647],
}

function inRange(value: string, from: DataType | null, { name }: DataType): string | null {
  const range = Object.hasOwn(RANGES, name) ? RANGES[name] : undefined
  if (range === undefined || name === from?.name || (from?.name === 'smallInteger' && name === 'integer')) return null
  return `${value} between ${range[0]} and ${range[1]}`
}

const withinLength = (c: string, from: DataType | null, { name, length }: DataType): string | null =>
  name === 'text' || length === undefined || (from?.length !== undefined && from.length <= length)
    ? null
    : `length(${c}) <= ${length}`

const asText: TypeConversion = (c, _, to) => {
  const sql = `cast(${c} as text)`
  return same(sql, withinLength(sql, null, to))
}

/** A text that already is one. */
const keptText: TypeConversion = (c, from, to) => same(c, withinLength(c, from, to))

const power = (digits: number) => String(10n ** BigInt(digits))

const wholeDigits = ({ precision = SCALED_DIGITS, scale = 0 }: DataType) => precision - scale

/** Whether a scaled number has no more digits than its column. */
const inDigits = (sql: string, { precision = SCALED_DIGITS }: DataType) =>
  `abs(${sql}) < ${precision >= SCALED_DIGITS ? '1000000000000000000' : power(precision)}`

const rescaled: TypeConversion = (c, from, to) => {
  const step = (to.scale ?? 0) - (from.scale ?? 0)
  const fits = wholeDigits(to) < wholeDigits(from)
  if (step === 0) return same(c, fits ? inDigits(c, to) : null)
  // more digits than 64 bits hold make a fraction, which is not below the limit
  if (step > 0) return same(`${c} * ${power(step)}`, fits ? inDigits(`(${c} * ${power(step)})`, to) : null)
  const factor = power(-step)
  return same(`${c} / ${factor}`, all(`${c} % ${factor} = 0`, fits ? inDigits(`(${c} / ${factor})`, to) : null))
}

/** Digits as text with more or fewer of them after the point. */
const moreDigits = (c: string, from = 0, to = 0): Conversion => {
  if (to === from) return same(c)
  const zeros = '0'.repeat(Math.abs(to - from))
  if (to > from) return same(`${c} || '${from === 0 ? '.' : ''}${zeros}'`)
  const rest = to === 0 ? `.${zeros}` : zeros
  return same(`substr(${c}, 1, length(${c}) - ${rest.length})`, `${c} like '%${rest}'`)
}

/** A number in a text as a scaled integer. */
const scaledText: TypeConversion = (c, _, to) => {
  const { scale = 0 } = to
  const parts = numberParts(c)
  const digits = `cast(${parts.whole} || ${fractionOf(parts, scale)} as integer)`
  return same(
    `case when ${parts.isNegative} then -${digits} else ${digits} end`,
    fitsDigits(parts, wholeDigits(to), scale),
  )
}

/** A number in a text as the text of its digits. */
const digitsText: TypeConversion = (c, _, to) => {
  const { scale = 0 } = to
  const parts = numberParts(c)
  const fraction = fractionOf(parts, scale)
  const isZero = `replace(${parts.whole} || ${fraction}, '0', '') = ''`
  const sign = `case when ${parts.isNegative} and not ${isZero} then '-' else '' end`
  const digits = `coalesce(nullif(${parts.whole}, ''), '0')${scale === 0 ? '' : ` || '.' || ${fraction}`}`
  return same(`case when ${c} is not null then ${sign} || ${digits} end`, fitsDigits(parts, wholeDigits(to), scale))
}

/** A number in a text as an integer: up to 18 digits, or as SQLite itself would write it. */
const integerText: TypeConversion = (c, _, to) => {
  const sql = `cast(${c} as integer)`
  const isWhole = `instr(${c}, '.') = 0 and ${fitsDigits(numberParts(c), SCALED_DIGITS, 0)}`
  return same(sql, all(`((${isWhole}) or cast(${sql} as text) = ${c})`, inRange(sql, null, to)))
}

/** Numbers from here on become the highest number of 64 bits on their way back from a float. */
const LAST_FLOAT = '9223372036854775296'

const DAY = "' 00:00:00.000'"
const MOMENT_DAY = 10

/** How many fraction digits a moment has in a column. */
const stored = ({ precision = 3 }: DataType) => (precision > 6 ? 9 : precision > 3 ? 6 : 3)

const UUID = `'${['[0-9a-f]'.repeat(8), ...[4, 4, 4].map((n) => '[0-9a-f]'.repeat(n)), '[0-9a-f]'.repeat(12)].join('-')}'`

const CONVERSIONS: Readonly<Record<string, TypeConversion>> = {
  'integer integer': (c, from, to) => same(c, inRange(c, from, to)),
  'integer text': asText,
  'integer float': (c) =>
    same(`cast(${c} as real)`, `${c} < ${LAST_FLOAT} and cast(cast(${c} as real) as integer) = ${c}`),
  'integer scaled': (c, _, to) =>
    same(`${c} * ${power(to.scale ?? 0)}`, inDigits(`(${c} * ${power(to.scale ?? 0)})`, to)),
  'integer digits': (c, _, to) => moreDigits(`cast(${c} as text)`, 0, to.scale),
  'integer boolean': (c) => same(c, `${c} in (0, 1)`),
  'boolean integer': (c) => same(c),
  'boolean text': (c) => same(`case ${c} when 1 then 'true' when 0 then 'false' end`),
  'text text': keptText,
  'text integer': integerText,
  'text float': (c) => same(`cast(${c} as real)`, `cast(cast(${c} as real) as text) in (${c}, ${c} || '.0')`),
  'text scaled': scaledText,
  'text digits': digitsText,
  'text boolean': (c) => same(`case ${c} when 'true' then 1 when 'false' then 0 end`, `${c} in ('true', 'false')`),
  'text time': (c) => same(c, `coalesce(time(${c}) = ${c} and substr(${c}, 1, 2) < '24', 0)`),
  'text uuid': (c) => same(c, `${c} glob ${UUID}`),
  'text json': (c) => same(c, `json_valid(${c})`),
  'text date': (c) => same(c, `coalesce(date(${c}) = ${c}, 0)`),
  'text dateTime': (c, _, to) => {
    const moment = moreDigits(`strftime('%Y-%m-%d %H:%M:%f', ${c})`, 3, stored(to)).sql
    // a day that is not in the calendar, and the hour 24, stay as they are in a moment
    const day = `substr(${c}, 1, ${MOMENT_DAY})`
    return same(c, `coalesce(${moment} = ${c} and date(${day}) = ${day} and substr(${c}, 12, 2) < '24', 0)`)
  },
  'float integer': (c, _, to) => {
    const sql = `cast(${c} as integer)`
    return same(sql, all(`${sql} = ${c}`, inRange(sql, null, to)))
  },
  'float text': asText,
  'float scaled': (c, _, to) => {
    const sql = `cast(round(${c} * ${power(to.scale ?? 0)}) as integer)`
    return same(sql, all(`${sql} * 1.0 / ${power(to.scale ?? 0)} = ${c}`, inDigits(sql, to)))
  },
  'scaled scaled': rescaled,
  'scaled integer': (c, { scale = 0 }, to) =>
    same(
      `${c} / ${power(scale)}`,
      all(scale === 0 ? null : `${c} % ${power(scale)} = 0`, inRange(`(${c} / ${power(scale)})`, null, to)),
    ),
  // a float holds 15 digits, whatever they are
  'scaled float': (c, { precision = SCALED_DIGITS, scale = 0 }) =>
    same(`${c} * 1.0 / ${power(scale)}`, precision <= 15 ? null : `abs(${c}) < ${power(15)}`),
  'scaled text': (c, { scale = 0 }, to) => {
    const sql = `corm_digits(${c}, ${scale})`
    return same(sql, withinLength(sql, null, to))
  },
  'scaled digits': (c, { scale = 0 }, to) => moreDigits(`corm_digits(${c}, ${scale})`, scale, to.scale),
  'digits digits': (c, from, to) => {
    const { sql, fits } = moreDigits(c, from.scale, to.scale)
    const isShort = wholeDigits(to) < wholeDigits(from)
    return same(sql, all(fits, isShort ? fitsDigits(numberParts(c), wholeDigits(to), SCALED_DIGITS * 4) : null))
  },
  'digits scaled': scaledText,
  'digits integer': (c, _, to) => {
    const sql = `cast(${c} as integer)`
    return same(sql, all(fitsDigits(numberParts(c), SCALED_DIGITS, 0), inRange(sql, null, to)))
  },
  'digits text': keptText,
  'uuid text': keptText,
  'json text': keptText,
  'date text': keptText,
  'time text': keptText,
  'dateTime text': keptText,
  'date dateTime': (c, _, to) => moreDigits(`${c} || ${DAY}`, 3, stored(to)),
  'dateTime date': (c) => same(`substr(${c}, 1, ${MOMENT_DAY})`, `ltrim(substr(${c}, ${MOMENT_DAY + 1}), ' 0:.') = ''`),
  'dateTime dateTime': (c, from, to) => moreDigits(c, stored(from), stored(to)),
  'time time': (c, _, { precision = 6 }) => same(c, `length(${c}) <= ${precision === 0 ? 8 : 9 + precision}`),
  'array json': (c) => same(c),
}

/** How the declared types of these forms prefer to store values. */
const AFFINITIES: Partial<Record<StoredForm, DataTypeName>> = { integer: 'bigInteger', text: 'text', float: 'float' }

/** The type without the declared type of the user, where that stores values as corm's own does; null: it may not. */
function withoutDeclared({ sql, ...type }: DataType): DataType | null {
  return sql === undefined || AFFINITIES[storedFormOf(type)] === byAffinity(sql) ? type : null
}

/** How the values of a column become those of another type; null if only the user can say it. */
export function conversionOf(given: DataType, wanted: DataType, c: string): Conversion | null {
  const [from, to] = [withoutDeclared(given), withoutDeclared(wanted)]
  // the declared type of the user says what is stored
  if (from === null || to === null) return given.name === wanted.name ? same(c) : null
  if (storeTheSame(from, to)) return same(c)
  if (canonicalText(from.storage ?? null) !== canonicalText(to.storage ?? null)) return null
  if (from.storage !== undefined) return from.name === to.name && from.scale === to.scale ? same(c) : null
  const name = `${storedFormOf(from)} ${storedFormOf(to)}`
  const convert = Object.hasOwn(CONVERSIONS, name) ? CONVERSIONS[name] : undefined
  return convert?.(c, from, to) ?? null
}

/** A table is made again with the converted values. */
export const conversions: ValueConversions = {
  using: true,
  keeps(from, to, column) {
    const conversion = conversionOf(from, to, column)
    if (conversion === null) return `${column} is null`
    return conversion.fits === null ? null : `${column} is null or (${conversion.fits})`
  },
  attempt: () => null,
  before: () => null,
  after: () => null,
}
