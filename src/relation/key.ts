import { type DataType, type DataTypeName, holdsIntegers } from '../ast/data-type.js'
import { UsageError } from '../errors.js'
import type { ModelField } from '../metadata/model-field.js'
import type { RelationMetadata } from '../metadata/relation/resolve.js'
import { parseDateTime } from '../util/date-text.js'
import { canGenerate } from '../util/generate.js'

type Values = Record<string, unknown>

/** A key value that finds its partner in a Map: equal keys of different JavaScript types become one. */
export function comparableKey(value: unknown): unknown {
  // by far the most keys
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  if (value instanceof Date) return value.getTime()
  if (ArrayBuffer.isView(value)) return Buffer.from(value as Uint8Array).toString('base64')
  if (typeof value === 'object' && value !== null) return textOf(value)
  return value
}

/** What has no text is the key of no row. */
function textOf(value: object): string {
  try {
    return String(value)
  } catch (cause) {
    throw new UsageError('A key is an object that no key can be read from.', { cause })
  }
}

const DIGITS = /^-?\d+$/

/**
 * How canonical values of one column are compared with those of another: integers may be held as numbers, bigints or texts of
 * digits, decimals with more zeros, times with more digits; a `char` comes with its blanks, a uuid in either case.
 */
function comparerOf(a: ModelField, b: ModelField): (canonical: unknown) => unknown {
  const types = [a.dataType.name, b.dataType.name]
  if (holdsIntegers(a.dataType) || holdsIntegers(b.dataType))
    return (value) => comparableKey(typeof value === 'string' && DIGITS.test(value) ? BigInt(value) : value)
  const same = TEXTS.find(([type]) => types.includes(type))?.[1]
  return same === undefined
    ? comparableKey
    : (value) => (typeof value === 'string' ? same(value) : comparableKey(value))
}

/** What equal values have in common that are kept as texts. */
const TEXTS: readonly (readonly [DataTypeName, (text: string) => unknown])[] = [
  ['char', (text) => text.replace(/ +$/, '')],
  ['uuid', (text) => text.toLowerCase()],
  ['decimal', (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)],
  ['dateTime', (text) => (isWholeMillisecond(text) ? dateOf(text).getTime() : text)],
]

/** `YYYY-MM-DD HH:MM:SS.ffffff` that a Date can hold. */
const isWholeMillisecond = (text: string) => /^0*$/.test(text.slice(23))
const fineText = (date: Date, digits: number) =>
  date
    .toISOString()
    .replace('T', ' ')
    .slice(0, 23)
    .padEnd(20 + digits, '0')
const dateOf = (text: string) => parseDateTime(text.slice(0, 23))

/** The canonical form of what an instance holds; null: it is canonical, or equal to it in comparisons. */
function readerOf(field: ModelField): ((value: unknown) => unknown) | null {
  const isOther = field.kind.snapshot === 'canonical' || field.dataType.name === 'time'
  return isOther ? (value) => field.check(value) : null
}

/** How what an instance holds in a field is compared with what another one holds in the other. */
function formOf(field: ModelField, other: ModelField): (value: unknown) => unknown {
  const [read, compare] = [readerOf(field), comparerOf(field, other)]
  return read === null ? compare : (value) => compare(read(value))
}

/** Finer than a Date: its canonical form is a text. */
const isFine = ({ precision = 0 }: DataType) => precision > 3

/** A canonical value of one column as the canonical value of another one's type. */
function asTypeOf({ dataType }: ModelField): (canonical: unknown) => unknown {
  switch (dataType.name) {
    case 'bigInteger':
      return (value) => (typeof value === 'number' || typeof value === 'string' ? BigInt(value) : value)
    case 'integer':
    case 'smallInteger':
      return (value) => (typeof value === 'bigint' || typeof value === 'string' ? Number(value) : value)
    case 'dateTime':
      return isFine(dataType)
        ? (value) => (value instanceof Date ? fineText(value, dataType.precision as number) : value)
        : (value) => (typeof value === 'string' && isWholeMillisecond(value) ? dateOf(value) : value)
    default:
      return (value) => value
  }
}

/** A field's value as an instance with the other field would hold it; undefined: none of them can. */
function converterOf(field: ModelField, other: ModelField): (value: unknown) => unknown {
  const [read, adapt] = [readerOf(field), asTypeOf(other)]
  const load = other.kind.load as ((canonical: unknown) => unknown) | null
  return (value) => {
    try {
      const canonical = adapt(read === null ? value : read(value))
      const converted = load === null ? canonical : load(canonical)
      other.check(converted)
      return converted
    } catch {
      // what does not fit its own field either is the caller's mistake
      field.check(value)
      return undefined
    }
  }
}

/** How the keys of a relation's rows are read and compared. */
export interface KeyReader {
  /** The values of an instance's key, as the other side's columns take them; null where one of them is null. */
  valuesOf(source: object): unknown[] | null
  /** What stands for the key of a source among those of its relation's rows; undefined: it has none. */
  ofSource(source: object): unknown
  ofSources(sources: readonly object[]): unknown[]
  ofTarget(target: object): unknown
  ofTargets(targets: readonly object[]): unknown[]
  /** The source's key by its values in the table between: one value, or a list of several. */
  ofLink(link: unknown): unknown
}

const readers = new WeakMap<RelationMetadata, KeyReader>()

export function keyReader(relation: RelationMetadata): KeyReader {
  let reader = readers.get(relation)
  if (reader === undefined) readers.set(relation, (reader = createReader(relation)))
  return reader
}

function createReader({ sourceKeys, targetKeys, through }: RelationMetadata): KeyReader {
  const others = through === null ? targetKeys : through.near
  const converters = sourceKeys.map((field, i) => converterOf(field, others[i] as ModelField))
  const sources = keysOf(sourceKeys, others)
  // rows behind a table between are matched by what that says
  const targets = keysOf(targetKeys, through === null ? sourceKeys : targetKeys)
  const links = others.map((field, i) => formOf(field, sourceKeys[i] as ModelField))
  const [link] = links
  const identity = identityOf(links)
  return {
    valuesOf: (instance) => {
      const values: unknown[] = []
      for (let i = 0; i < sourceKeys.length; i++) {
        const value = (instance as Values)[(sourceKeys[i] as ModelField).name]
        const converted = isNothing(value) ? undefined : converters[i]?.(value)
        if (converted === undefined) return null
        values.push(converted)
      }
      return values
    },
    ofSource: (instance) => sources([instance])[0],
    ofSources: sources,
    ofTarget: (instance) => targets([instance])[0],
    ofTargets: targets,
    ofLink:
      links.length === 1 && link !== undefined
        ? (value) => present(value, link)
        : (values) => identity(values as unknown[]),
  }
}

type Keys = (instances: readonly object[]) => unknown[]

function keysOf(fields: readonly ModelField[], others: readonly ModelField[]): Keys {
  const [field, second] = fields
  if (field !== undefined && second === undefined) return singleKeys(field, formOf(field, others[0] as ModelField))
  const identity = identityOf(fields.map((each, i) => formOf(each, others[i] as ModelField)))
  return oneByOne((instance) => identity(fields.map(({ name }) => (instance as Values)[name])))
}

const oneByOne =
  (keyOf: (instance: object) => unknown): Keys =>
  (instances) =>
    instances.map(keyOf)

let readersMade = 0

/**
 * The keys in one field. Generated, each from a text of its own: engines remember for each place in a text how a property was
 * found, and one place for the keys of all models would have them search each time.
 */
function singleKeys(field: ModelField, form: (value: unknown) => unknown): Keys {
  const { name } = field
  const other = (value: unknown) => present(value, form)
  if (!canGenerate()) return oneByOne((instance) => other((instance as Values)[name]))
  // by far the most keys
  const isItself = readerOf(field) === null ? "typeof value === 'number'" : 'false'
  const source = `/* ${++readersMade} */ return (instances) => {
  const keys = new Array(instances.length)
  for (let i = 0; i < keys.length; i++) {
    const value = instances[i][${JSON.stringify(name)}]
    keys[i] = ${isItself} ? value : other(value)
  }
  return keys
}`
  return new Function('other', source)(other) as Keys
}

/** Keys in a form in which equal ones are equal, though they are held in fields of other types. */
export function keyForm(
  fields: readonly ModelField[],
  others: readonly ModelField[] = fields,
): (values: readonly unknown[]) => unknown[] {
  const forms = fields.map((field, i) => formOf(field, others[i] as ModelField))
  return (values) => values.map((value, i) => forms[i]?.(value))
}

/** The same of canonical values. */
export const canonicalKeyForm = comparerOf

/** What a key has in common with its equals. */
export function keyIdentity(
  fields: readonly ModelField[],
  others?: readonly ModelField[],
): (values: readonly unknown[]) => string {
  const form = keyForm(fields, others)
  return (values) => JSON.stringify(form(values).map(String))
}

const isNothing = (value: unknown) => value === null || value === undefined

const present = (value: unknown, compare: (value: unknown) => unknown) =>
  isNothing(value) ? undefined : compare(value)

/** Several values as one text in which each has its place. */
function identityOf(comparers: readonly ((value: unknown) => unknown)[]): (values: readonly unknown[]) => unknown {
  const [compare, second] = comparers
  if (compare !== undefined && second === undefined) return ([value]) => present(value, compare)
  return (values) =>
    values.some(isNothing) ? undefined : JSON.stringify(values.map((value, i) => String(comparers[i]?.(value))))
}
