import { isSame } from '../ast/canonical.js'
import type { DataType, DataTypeName } from '../ast/data-type.js'

// How a column of one type becomes one of another type. A change of type keeps every value or is refused: which values a type can
// hold is the same on every database, whatever its ALTER TABLE would make of the others.

/** A function that exists only while something is asked. */
export interface TemporaryFunction {
  readonly create: string
  readonly drop: string
}

/** What a database does with the values of a column whose type changes. Columns are quoted. */
export interface ValueConversions {
  /** ALTER TABLE takes an expression for the new values. Otherwise they go through another column. */
  readonly using: boolean
  /** SQL that is true, or NULL, for rows whose value stays the same; null if it always does. */
  keeps(from: DataType, to: DataType, column: string): string | null
  /**
   * The function that this SQL calls, for values that only an attempt finds. The change itself refuses them, so nothing has to be
   * looked for before it. Null if there is none.
   */
  attempt(from: DataType, to: DataType): TemporaryFunction | null
  /** SQL for values that ALTER TABLE would not convert so: it is stored before the type changes. Null if there are none. */
  before(from: DataType, to: DataType, column: string): string | null
  /** The same, stored after the type has changed. */
  after(from: DataType, to: DataType, column: string): string | null
}

/** What the values of a type are. */
export type ValueClass = 'integer' | 'text' | DataTypeName

export function valueClassOf({ name, values }: DataType): ValueClass {
  switch (name) {
    case 'smallInteger':
    case 'integer':
    case 'bigInteger':
      return 'integer'
    case 'string':
    case 'text':
    case 'char':
      return 'text'
    case 'enum':
      return typeof values?.[0] === 'number' ? 'integer' : 'text'
    default:
      return name
  }
}

export const pairOf = (from: DataType, to: DataType): string => `${valueClassOf(from)} ${valueClassOf(to)}`

/** The SQL of a server for the questions that conversions ask. */
export interface ConversionWords {
  /** The digits of a decimal that says none; null: any number. */
  readonly decimalDigits: number | null
  /** The characters of a text that says none; null: any number. */
  readonly characters: number | null
  /** Whether a text matches a regular expression as a whole. */
  matches(column: string, pattern: string): string
  /** A text of digits as an exact number. */
  number(column: string): string
  text(column: string): string
  /** Whether a text of the form of a day is one of the calendar. */
  isDay(column: string): string
  /** Whether a whole number of at most 63 bits is the same as a float. */
  isFloat(column: string): string
  /** Whether a text is what the database writes for the float in it. */
  isFloatText(column: string): string
  /** Whether a float has no more digits after the point. */
  hasScale(column: string, scale: number): string
  isJson(column: string): string
  isMidnight(column: string): string
  hasMilliseconds(column: string): string
}

type Keeps = (column: string, from: DataType, to: DataType, words: ConversionWords) => string | null

const RANGES = {
  smallInteger: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigInteger: [-(2n ** 63n), 2n ** 63n - 1n],
} as const

/** An enum of numbers is an integer. */
const rangeOf = ({ name }: DataType) => RANGES[name === 'smallInteger' || name === 'bigInteger' ? name : 'integer']

const inRange = (value: string, to: DataType): string => {
  const [low, high] = rangeOf(to)
  return `${value} between ${low} and ${high}`
}

/** In floats the highest number of 64 bits is one above it. */
const floatInRange = (value: string, to: DataType): string => {
  const [low, high] = rangeOf(to)
  return `${value} >= ${low} and ${value} < ${high + 1n}`
}

/** SQL that is true if all of these are; null: there is none. */
export const all = (...conditions: readonly (string | null)[]): string | null => {
  const given = conditions.filter((each) => each !== null)
  return given.length === 0 ? null : given.join(' and ')
}

/** `then` may fail for values for which the condition is false. NULL comes to it. */
const guarded = (condition: string, then: string | null): string =>
  then === null ? condition : `case when not (${condition}) then false else (${then}) end`

const below = (value: string, digits: number | null): string | null =>
  digits === null ? null : `${value} > -1${'0'.repeat(digits)} and ${value} < 1${'0'.repeat(digits)}`

const precisionOf = ({ precision }: DataType, { decimalDigits }: ConversionWords) => precision ?? decimalDigits

function wholeDigits(type: DataType, words: ConversionWords): number | null {
  const precision = precisionOf(type, words)
  return precision === null ? null : precision - (type.scale ?? 0)
}

/** The scale of a decimal without digits is not limited either. */
const scaleOf = (type: DataType, words: ConversionWords): number | null =>
  precisionOf(type, words) === null ? null : (type.scale ?? 0)

/** How many characters a column takes. */
function charactersOf({ name, length, values }: DataType, { characters }: ConversionWords): number | null {
  if (name === 'text') return null
  if (name === 'enum') return Math.max(1, ...(values ?? []).map((value) => [...String(value)].length))
  return length ?? characters
}

function withinLength(text: string, from: DataType | null, to: DataType, words: ConversionWords): string | null {
  const longest = charactersOf(to, words)
  const before = from === null ? null : charactersOf(from, words)
  if (longest === null || (before !== null && before <= longest)) return null
  return `char_length(${text}) <= ${longest}`
}

const asText: Keeps = (c, _, to, words) => withinLength(words.text(c), null, to, words)
const keptText: Keeps = (c, from, to, words) => withinLength(c, from, to, words)
/** Texts that these types write have at most so many characters. */
const shortText =
  (characters: number): Keeps =>
  (c, _, to, words) => {
    const longest = charactersOf(to, words)
    return longest === null || longest >= characters ? null : asText(c, _, to, words)
  }

const DAY = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'
const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

const isDayText = (c: string, words: ConversionWords) => `left(${c}, 4) <> '0000' and ${words.isDay(c)}`

/** How many digits of a second a column has. */
const secondDigits = ({ precision = 3 }: DataType) => (precision > 3 ? 6 : 3)

/** The digits of a number that a float holds exactly, whatever they are. */
const FLOAT_DIGITS = 15

const KEEPS: Readonly<Record<string, Keeps>> = {
  'integer integer': (c, from, to) => {
    const [[low, high], [from0, from1]] = [rangeOf(to), rangeOf(from)]
    return low <= from0 && high >= from1 ? null : inRange(c, to)
  },
  'integer text': asText,
  'integer float': (c, { name }, _, words) =>
    name === 'bigInteger'
      ? guarded(`${c} between -9223372036854774784 and 9223372036854774784`, words.isFloat(c))
      : null,
  'integer decimal': (c, _, to, words) => below(c, wholeDigits(to, words)),
  'integer boolean': (c) => `${c} in (0, 1)`,
  'boolean integer': () => null,
  'boolean text': (c, _, to, words) => {
    const longest = charactersOf(to, words)
    return longest === null || longest >= 5 ? null : longest === 4 ? c : `${c} is null`
  },
  'text text': keptText,
  'text integer': (c, _, to, words) => guarded(words.matches(c, '[+-]?0*[0-9]{1,19}'), inRange(words.number(c), to)),
  'text float': (c, _, __, words) =>
    guarded(`char_length(${c}) <= 300 and ${words.matches(c, '-?[0-9]+([.][0-9]+)?')}`, words.isFloatText(c)),
  'text decimal': (c, _, to, words) => {
    const [whole, scale] = [wholeDigits(to, words), scaleOf(to, words)]
    const digits = whole === null ? '[0-9]*' : whole === 0 ? '0*' : `0*[0-9]{0,${whole}}`
    const fraction = scale === null ? '[0-9]*' : `${scale === 0 ? '' : `[0-9]{0,${scale}}`}0*`
    return all(words.matches(c, `[+-]?${digits}([.]${fraction})?`), words.matches(c, '.*[0-9].*'))
  },
  'text boolean': (c) => `${c} in ('true', 'false')`,
  'text time': (c, _, __, words) => words.matches(c, TIME),
  'text uuid': (c, _, __, words) => words.matches(c, UUID),
  'text json': (c, _, __, words) => words.isJson(c),
  'text date': (c, _, __, words) => guarded(words.matches(c, DAY), isDayText(c, words)),
  'text dateTime': (c, _, to, words) =>
    guarded(words.matches(c, `${DAY} ${TIME}[.][0-9]{${secondDigits(to)}}`), isDayText(`left(${c}, 10)`, words)),
  'float integer': (c, _, to) => all(floatInRange(c, to), `${c} = floor(${c})`),
  'float text': asText,
  'float decimal': (c, _, to, words) => {
    const scale = scaleOf(to, words)
    const whole = wholeDigits(to, words)
    return guarded(below(c, whole ?? 300) ?? '', scale === null ? null : words.hasScale(c, scale))
  },
  'decimal decimal': (c, from, to, words) => {
    const [had, has] = [scaleOf(from, words), scaleOf(to, words)]
    const [before, after] = [wholeDigits(from, words), wholeDigits(to, words)]
    const isCut = has !== null && (had === null || had > has)
    const isShort = after !== null && (before === null || before > after)
    return all(isCut ? `${c} = round(${c}, ${has})` : null, isShort ? below(c, after) : null)
  },
  'decimal integer': (c, from, to, words) =>
    all(scaleOf(from, words) === 0 ? null : `${c} = round(${c}, 0)`, inRange(c, to)),
  'decimal float': (c, from, _, words) => {
    const digits = precisionOf(from, words)
    return digits !== null && digits <= FLOAT_DIGITS ? null : below(c, Math.max(0, FLOAT_DIGITS - (from.scale ?? 0)))
  },
  'decimal text': asText,
  'uuid text': shortText(36),
  'json text': asText,
  'date text': shortText(10),
  'time text': shortText(15),
  'dateTime text': shortText(26),
  'date dateTime': () => null,
  'dateTime date': (c, _, __, words) => words.isMidnight(c),
  'dateTime dateTime': (c, from, to, words) =>
    secondDigits(from) > secondDigits(to) ? words.hasMilliseconds(c) : null,
  'time time': () => null,
  'array json': () => null,
}

/** What the values of a column are. Numbering and the secrecy of a value are not part of it. */
const storedAs = ({ autoIncrement: _, reuse: __, secret: ___, element, ...type }: DataType): unknown => ({
  ...type,
  element: element === undefined ? null : { type: storedAs(element.dataType), nullable: element.nullable },
})

/** Whether two types store the same values in the same way. */
export const storeTheSame = (from: DataType, to: DataType): boolean => isSame(storedAs(from), storedAs(to))

const withoutStorage = ({ storage: _, ...type }: DataType): DataType => type

/** Which values of a column a server keeps when the type changes. What only the user can convert is never kept. */
export function keepsIn(words: ConversionWords): ValueConversions['keeps'] {
  return (from, to, column) => {
    if (storeTheSame(withoutStorage(from), withoutStorage(to))) return null
    const pair = pairOf(from, to)
    const keeps = Object.hasOwn(KEEPS, pair) ? KEEPS[pair] : undefined
    if (keeps !== undefined) return keeps(column, from, to, words)
    // the types that the user wrote say what they hold
    const isDeclared = from.sql !== undefined || to.sql !== undefined
    return isDeclared && from.name === to.name ? null : `${column} is null`
  }
}
