import { Decimal } from 'decimal.js'
import { UsageError, ValidationError } from '../../errors.js'
import { type ModelField, takesWork } from '../../metadata/model-field.js'
import { samplerOf } from './pattern.js'
import { Random } from './random.js'

// Values for fields that have none: valid by the kind of the field and its limits, and the same in every run.

/** The row that a value is for. */
export interface FactoryRow {
  /** The number of the row, from 1. */
  readonly n: number
  readonly seed: number
}

type ValueMaker = (field: ModelField, row: FactoryRow, random: Random) => unknown

/** The number of a text: a unique field has other ones in each row. */
const labelOf = ({ name }: ModelField, { n }: FactoryRow) =>
  `${name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()} ${n}`
const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-')

/** 2025-01-01, from which dates count. */
const START = Date.UTC(2025, 0, 1)
const DAY = 86_400_000
const MINUTE = 60_000

const text: ValueMaker = (field, row, random) => {
  const { pattern } = field.options
  if (pattern !== undefined) return matching(field, pattern, random)
  const { min, max } = lengthsOf(field)
  const label = labelOf(field, row)
  if (label.length <= max) return label.padEnd(min, 'x')
  const digits = row.n.toString(36)
  return `${plain(field.name)
    .replaceAll('-', '')
    .slice(0, Math.max(0, max - digits.length))}${digits}`.padStart(min, 'x')
}

function lengthsOf({ options, dataType }: ModelField): { min: number; max: number } {
  const { length = Number.POSITIVE_INFINITY } = dataType
  const number = (value: unknown, without: number) => (typeof value === 'number' ? value : without)
  return { min: number(options.min, 0), max: number(options.max, length) }
}

/** How often another text is tried that has the right length, too. */
const TRIES = 50

function matching(field: ModelField, pattern: RegExp, random: Random): unknown {
  const sample = samplerOf(pattern)
  const { min, max } = lengthsOf(field)
  for (let i = 0; i < TRIES && sample !== null; i++) {
    const value = sample(random)
    if (value.search(pattern) !== -1 && value.length >= min && value.length <= max) return value
  }
  return undefined
}

const fixedLength: ValueMaker = (field, { n }) => n.toString(36).padStart(lengthsOf(field).max, 'a')

/** The bounds of a field, or those of usual values. */
function boundsOf({ kind }: ModelField, low: number, high: number): readonly [number, number] {
  const { min, max } = kind.range ?? {}
  const least = min === undefined ? (max === undefined ? low : Math.min(low, Number(max))) : Number(min)
  const most = max === undefined ? Math.max(high, least + (high - low)) : Number(max)
  return [Math.ceil(least), Math.floor(most)]
}

const isUnique = ({ unique, primaryKey }: ModelField) => unique || primaryKey

const whole =
  (low: number, high: number): ValueMaker =>
  (field, { n }, random) => {
    const [min, max] = boundsOf(field, low, high)
    return isUnique(field) ? min + n - 1 : random.integer(min, max)
  }

const decimal: ValueMaker = (field, { n }, random) => {
  const { precision, scale } = field.dataType as { precision: number; scale: number }
  const { min, max } = field.kind.range ?? {}
  const step = new Decimal(10).pow(-scale)
  const most = new Decimal(max === undefined ? new Decimal(10).pow(precision - scale).minus(step) : String(max))
  const least = new Decimal(min === undefined ? Decimal.min(1, most) : String(min))
  const room = Decimal.min(most, least.plus(100)).minus(least)
  const offset = isUnique(field) ? step.times(n - 1) : room.times(random.float())
  return least.plus(offset).toFixed(scale, Decimal.ROUND_DOWN)
}

interface Moments {
  readonly step: number
  /** The first one, where the field has no limits. */
  readonly start: number
  /** The first and the last one that there are. */
  readonly least: number
  readonly end: number
  read(bound: string): number
  make(milliseconds: number): unknown
}

/** Dates and times, one step after the other, as far as the field accepts them; then from the first one again. */
const moment =
  ({ step, start, least, end, read, make }: Moments): ValueMaker =>
  ({ kind }, { n }) => {
    const { min, max } = kind.range ?? {}
    const high = max === undefined ? end : read(textOf(max))
    const low = min === undefined ? Math.max(least, Math.min(start, high - 1000 * step)) : read(textOf(min))
    const places = Math.max(1, Math.floor((high - low) / step))
    return make(Math.min(high, low + (n % places) * step))
  }

const DATES = { start: START, least: Date.UTC(1000, 0, 1), end: Date.UTC(9000, 0, 1) }
const TIMES = { start: 0, least: 0, end: DAY - 1000 }
const textOf = (bound: unknown) => (bound instanceof Date ? bound.toISOString() : String(bound))
const dayOf = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 10)
const timeOf = (milliseconds: number) => new Date(milliseconds).toISOString().slice(11, 19)

/** A UUID of version 4 by its form. */
function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.integer(0, 15).toString(16))
  hex[12] = '4'
  hex[16] = random.pick(['8', '9', 'a', 'b'])
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The hash of the text "password". A hash of the usual cost takes 0.2 seconds, which every test that needs a user would pay. */
const PASSWORD = '$scrypt$ln=4,r=1,p=1$Y29ybSBmYWN0b3J5$N/O5HZgjpp+UFrsCEFnOktzLMlM2WACVJh2MR87zWy8'

const MAKERS: ReadonlyMap<string, ValueMaker> = new Map<string, ValueMaker>([
  ['string', text],
  ['text', text],
  ['char', fixedLength],
  ['email', ({ modelName }, { n }) => `${plain(modelName)}${n}@example.org`],
  ['url', (field, row) => `https://example.org/${plain(labelOf(field, row))}`],
  ['slug', (field, row) => plain(labelOf(field, row)).slice(-lengthsOf(field).max).padStart(lengthsOf(field).min, 'x')],
  // a range of numbers that are not given out
  ['tel', (_, { n }) => `+4930${String(23_125_000 + (n % 1000))}`],
  ['ip', (_, { n }) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`],
  ['uuid', (_field, _row, random) => uuid(random)],
  ['enum', ({ dataType }, _, random) => random.pick((dataType as { values: readonly unknown[] }).values)],
  ['boolean', (_field, _row, random) => random.boolean()],
  ['smallInteger', whole(1, 1000)],
  ['integer', whole(1, 1000)],
  ['bigInteger', (field, row, random) => BigInt(whole(1, 1000)(field, row, random) as number)],
  ['float', (field, row, random) => whole(1, 1000)(field, row, random)],
  ['decimal', decimal],
  ['date', moment({ ...DATES, step: DAY, make: dayOf, read: (bound) => Date.parse(`${bound}T00:00:00Z`) })],
  ['time', moment({ ...TIMES, step: MINUTE, make: timeOf, read: (bound) => Date.parse(`1970-01-01T${bound}Z`) })],
  ['dateTime', moment({ ...DATES, step: MINUTE, make: (milliseconds) => new Date(milliseconds), read: Date.parse })],
  ['json', ({ options }) => ('schema' in options ? undefined : {})],
  ['array', () => []],
  ['binary', (field, row) => new TextEncoder().encode(labelOf(field, row))],
  ['password', () => PASSWORD],
  ['country', (_field, _row, random) => random.pick(['DE', 'FR', 'GB', 'JP', 'US'])],
  ['vector', vectorOf],
])

function vectorOf({ kind }: ModelField, _row: FactoryRow, random: Random): number[] {
  return Array.from({ length: kind.vector?.dimensions ?? 0 }, () => random.float() + 0.01)
}

/** A value for the field, or an error that says to give one. */
export function valueFor(field: ModelField, row: FactoryRow): unknown {
  const random = new Random(row.seed, field.modelName, field.name, row.n)
  const { choices } = field.options
  const value =
    choices === undefined ? MAKERS.get(field.descriptor.type)?.(field, row, random) : random.pick(choiceValues(choices))
  if (value !== undefined && isValid(field, value)) return value
  throw new UsageError(
    `The factory of "${field.modelName}" can not make a value for the field "${field.name}". Give one: factory(${field.modelName}, (n) => ({ ${field.name}: … })).`,
  )
}

/** Choices are values, or pairs of a value and a label. */
const choiceValues = (choices: readonly unknown[]): readonly unknown[] =>
  choices.map((choice) => (Array.isArray(choice) ? choice[0] : choice))

function isValid(field: ModelField, value: unknown): boolean {
  if (takesWork(field)) return true
  let isFine = true
  try {
    const cast = field.kind.cast?.(value) ?? value
    field.check(cast)
    field.kind.rules?.(cast, () => {
      isFine = false
    })
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return false
  }
  return isFine
}
