import { comparisonFormOf, dateOf, isNothing, isWholeMillisecond, keyValueReader } from '../metadata/key/comparison.js'
import { Key } from '../metadata/key/key.js'
import type { ModelField } from '../metadata/model-field.js'
import type { RelationMetadata } from '../metadata/relation/resolve.js'
import { formatFineDateTime } from '../util/date-text.js'
import { listIn } from '../util/expect.js'
import { canGenerate } from '../util/generate.js'
import { at } from '../util/list.js'
import { memo } from '../util/memo.js'
import { asRecord } from '../util/record.js'

/** A canonical value of one column as the canonical value of another one's type. */
function asTypeOf({ dataType }: ModelField): (canonical: unknown) => unknown {
  // finer than a Date: its canonical form is a text
  const { precision = 0 } = dataType
  switch (dataType.name) {
    case 'bigInteger':
      return (value) => (typeof value === 'number' || typeof value === 'string' ? BigInt(value) : value)
    case 'integer':
    case 'smallInteger':
      return (value) => (typeof value === 'bigint' || typeof value === 'string' ? Number(value) : value)
    case 'dateTime':
      return precision > 3
        ? (value) => (value instanceof Date ? formatFineDateTime(value, precision) : value)
        : (value) => (typeof value === 'string' && isWholeMillisecond(value) ? dateOf(value) : value)
    default:
      return (value) => value
  }
}

/** A field's value as an instance with the other field would hold it; undefined: none of them can. */
function converterOf(field: ModelField, other: ModelField): (value: unknown) => unknown {
  const [read, adapt] = [keyValueReader(field), asTypeOf(other)]
  const { load } = other
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
  /** The comparable value of a source's key, equal to that of its related rows; undefined if a part of the key is null. */
  ofSource(source: object): unknown
  ofSources(sources: readonly object[]): unknown[]
  ofTarget(target: object): unknown
  ofTargets(targets: readonly object[]): unknown[]
  /** The source's key by its values in the join table: one value, or a list of several. */
  ofLink(link: unknown): unknown
}

const readers = new WeakMap<RelationMetadata, KeyReader>()

export function keyReader(relation: RelationMetadata): KeyReader {
  return memo(readers, relation, createReader)
}

function createReader({ sourceKeys, targetKeys, through }: RelationMetadata): KeyReader {
  const others = through === null ? targetKeys : through.near
  const converters = sourceKeys.map((field, i) => converterOf(field, at(others, i)))
  const sources = keysOf(sourceKeys, others)
  // rows that are found through a join table are matched by its columns
  const targets = keysOf(targetKeys, through === null ? sourceKeys : targetKeys)
  const link = new Key(others, sourceKeys)
  return {
    valuesOf: (instance) => {
      const values: unknown[] = []
      let i = 0
      for (const { name } of sourceKeys) {
        const value = asRecord(instance)[name]
        const converted = isNothing(value) ? undefined : converters[i++]?.(value)
        if (converted === undefined) return null
        values.push(converted)
      }
      return values
    },
    ofSource: (instance) => sources([instance])[0],
    ofSources: sources,
    ofTarget: (instance) => targets([instance])[0],
    ofTargets: targets,
    ofLink: others.length === 1 ? (value) => link.identityOf([value]) : (values) => link.identityOf(listIn(values)),
  }
}

type Keys = (instances: readonly object[]) => unknown[]

function keysOf(fields: readonly ModelField[], others: readonly ModelField[]): Keys {
  const [field, second] = fields
  if (field !== undefined && second === undefined) return singleKeys(field, comparisonFormOf(field, at(others, 0)))
  const key = new Key(fields, others)
  return oneByOne((instance) => key.identityIn(instance))
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
  const other = (value: unknown) => (isNothing(value) ? undefined : form(value))
  if (!canGenerate()) return oneByOne((instance) => other(asRecord(instance)[name]))
  // by far the most keys
  const isItself = keyValueReader(field) === null ? "typeof value === 'number'" : 'false'
  const source = `/* ${++readersMade} */ return (instances) => {
  const keys = new Array(instances.length)
  for (let i = 0; i < keys.length; i++) {
    const value = instances[i][${JSON.stringify(name)}]
    keys[i] = ${isItself} ? value : other(value)
  }
  return keys
}`
  const keys: Keys = new Function('other', source)(other)
  return keys
}
