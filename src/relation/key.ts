import { holdsIntegers } from '../ast/data-type.js'
import type { ModelField } from '../metadata/model-field.js'
import type { RelationMetadata } from '../metadata/relation/resolve.js'
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
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'object' && value !== null) return String(value)
  return value
}

const DIGITS = /^-?\d+$/

/** Integers may be held as numbers, bigints or texts of digits; a `char` comes with its blanks, a uuid in either case. */
function comparerOf(a: ModelField, b: ModelField): (value: unknown) => unknown {
  const types = [a.dataType.name, b.dataType.name]
  if (holdsIntegers(a.dataType) || holdsIntegers(b.dataType))
    return (value) => comparableKey(typeof value === 'string' && DIGITS.test(value) ? BigInt(value) : value)
  if (types.includes('char')) return (value) => (typeof value === 'string' ? value.trimEnd() : comparableKey(value))
  if (types.includes('uuid')) return (value) => (typeof value === 'string' ? value.toLowerCase() : comparableKey(value))
  return comparableKey
}

/** A key in the JavaScript type of the column it is compared with. */
function converterOf({ dataType, options }: ModelField): (value: unknown) => unknown {
  if (dataType.name === 'bigInteger')
    return (value) => (typeof value === 'string' && options.as !== 'string' ? BigInt(value) : value)
  if (dataType.name === 'integer' || dataType.name === 'smallInteger')
    return (value) => (typeof value === 'bigint' || typeof value === 'string' ? Number(value) : value)
  return (value) => value
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
  const comparers = sourceKeys.map((field, i) => comparerOf(field, others[i] as ModelField))
  const converters = others.map(converterOf)
  const identity = identityOf(comparers)
  const read = (instance: object, fields: readonly ModelField[]) =>
    fields.map((field) => (instance as Values)[field.name])
  const [source, second] = sourceKeys
  const [target] = targetKeys
  const [compare] = comparers
  const isSingle = second === undefined && source !== undefined && target !== undefined && compare !== undefined
  const several = (fields: readonly ModelField[]) => oneByOne((instance) => identity(read(instance, fields)))
  const [sources, targets] = isSingle
    ? [singleKeys(source.name, compare), singleKeys(target.name, compare)]
    : [several(sourceKeys), several(targetKeys)]
  return {
    valuesOf: (instance) => {
      if (isSingle) {
        const value = (instance as Values)[source.name]
        return isNothing(value) ? null : [converters[0]?.(value)]
      }
      const values = read(instance, sourceKeys)
      return values.some(isNothing) ? null : values.map((value, i) => converters[i]?.(value))
    },
    ofSource: (instance) => sources([instance])[0],
    ofSources: sources,
    ofTarget: (instance) => targets([instance])[0],
    ofTargets: targets,
    ofLink: isSingle ? (value) => present(value, compare) : (values) => identity(values as unknown[]),
  }
}

type Keys = (instances: readonly object[]) => unknown[]

const oneByOne =
  (keyOf: (instance: object) => unknown): Keys =>
  (instances) =>
    instances.map(keyOf)

let readersMade = 0

/**
 * The keys in one field. Generated, each from a text of its own: engines remember for each place in a text how a property was
 * found, and one place for the keys of all models would have them search each time.
 */
function singleKeys(name: string, compare: (value: unknown) => unknown): Keys {
  const other = (value: unknown) => present(value, compare)
  if (!canGenerate()) return oneByOne((instance) => other((instance as Values)[name]))
  const source = `/* ${++readersMade} */ return (instances) => {
  const keys = new Array(instances.length)
  for (let i = 0; i < keys.length; i++) {
    const value = instances[i][${JSON.stringify(name)}]
    keys[i] = typeof value === 'number' ? value : other(value)
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
  const comparers = fields.map((field, i) => comparerOf(field, others[i] as ModelField))
  return (values) => values.map((value, i) => comparers[i]?.(value))
}

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
