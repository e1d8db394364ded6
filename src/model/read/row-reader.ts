import type { ValueType } from '../../ast/data-type.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { Using } from '../../execution/executor.js'
import { decoderOf, withFieldName } from '../../hydrate/decoder.js'
import { createHydrator, type Hydrator } from '../../hydrate/hydrator.js'
import { setMarks } from '../../hydrate/marks.js'
import { Origin } from '../../hydrate/origin.js'
import { rememberScales } from '../../hydrate/scales.js'
import { setLoadedEach } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Embedded, EmbeddedKeys, EmbeddedRows } from '../../query/statement/embed.js'
import { append, LoadedMany } from '../../relation/loaded-many.js'
import { parseIntegers } from '../../util/integer-list.js'
import { relatedQuery } from '../runtime/related-query.js'
import { type ModelRuntime, runtimeOf } from '../runtime/runtime.js'
import {
  createValueSetter,
  type Decode,
  type ExtraValues,
  namesOf,
  needsOwners,
  type RowOwners,
  type SetValues,
  scalesIn,
} from './extra-values.js'
import { embeddedExtras } from './extras.js'

/** The most rows that load their relations together. One instance keeps this many in memory. */
const GROUP = 1000

const NO_SIBLINGS: readonly object[] = []

/** The values in the rows of one shape of query, in this order. */
export interface RowLayout {
  readonly fields: readonly ModelField[]
  /** The types of the values that follow the fields. */
  readonly types: readonly (ValueType | null)[]
  readonly added: ExtraValues
  readonly embedded: readonly Embedded[]
  /** The types of values that no instance shows, after all others. */
  readonly marks: readonly (ValueType | null)[]
}

/** Rows that were read. */
export interface ReadRows {
  readonly instances: object[]
  /** The rows or keys that were embedded in them, for each embedded relation of their query. */
  readonly embedded: readonly ReadEmbedded[]
}

/** The keys of rows that are still to be read, with their values in the join table: one list for each owner. */
export interface ReadKeys {
  readonly relation: EmbeddedKeys
  readonly owners: readonly object[]
  readonly lists: readonly (readonly unknown[])[]
  readonly database: Using
}

export type ReadEmbedded = ReadRows | ReadKeys

const NOTHING_EMBEDDED: readonly ReadEmbedded[] = []

/**
 * Turns the rows of one shape of query into instances. Each row becomes the originals of its instance, so all other values are
 * removed from it.
 */
export class RowReader {
  readonly #runtime: ModelRuntime
  readonly #positions: readonly number[]
  readonly #hydrator: Hydrator<Origin>
  readonly #setValues: SetValues | null
  readonly #names: readonly string[]
  readonly #embedded: readonly EmbeddedReader[]
  readonly #marks: readonly Decode[]

  constructor(runtime: ModelRuntime, dialect: Dialect, layout: RowLayout) {
    const { fields, types, added, embedded, marks } = layout
    this.#runtime = runtime
    this.#positions = runtime.positions(fields)
    this.#hydrator = createHydrator(runtime.target(fields), fields, (field) => dialect.codec(field))
    const decoderFor = (type: ValueType | null): Decode => {
      const decode = decoderOf(type, type === null ? null : dialect.codec(type))
      return decode === null ? null : withFieldName(type, decode)
    }
    const decoders = types.map(decoderFor)
    this.#marks = marks.map(decoderFor)
    this.#setValues = createValueSetter(added, decoders)
    this.#names = namesOf(added)
    rememberScales(this.#names, scalesIn(added, types))
    this.#embedded = embedded.map((each) =>
      each.kind === 'keys' ? new EmbeddedKeysReader(each) : new EmbeddedRowsReader(each, dialect),
    )
  }

  read(rows: unknown[][], database: Using, owners: RowOwners): ReadRows {
    const marks = this.#marks.length === 0 ? null : cutLast(rows, this.#marks.length)
    const lists = this.#embedded.length === 0 ? [] : cutLast(rows, this.#embedded.length)
    const instances = this.#instances(rows, database)
    this.#setValues?.(instances, rows, owners)
    if (marks !== null) this.#readMarks(instances, marks)
    if (lists.length === 0) return { instances, embedded: NOTHING_EMBEDDED }
    const embedded = this.#embedded.map((reader, i) => reader.read(instances, lists[i] as unknown[], database))
    return { instances, embedded }
  }

  #readMarks(instances: readonly object[], marks: readonly unknown[][]): void {
    instances.forEach((instance, i) => {
      const values = this.#marks.map((decode, place) => {
        const raw = (marks[place] as unknown[])[i] ?? null
        return raw === null || decode === null ? raw : decode(raw)
      })
      setMarks(instance, values)
    })
  }

  #instances(rows: unknown[][], database: Using): object[] {
    if (rows.length <= GROUP) return this.#group(rows, database)
    const all: object[] = []
    for (let i = 0; i < rows.length; i += GROUP)
      for (const instance of this.#group(rows.slice(i, i + GROUP), database)) all.push(instance)
    return all
  }

  #group(rows: unknown[][], database: Using): object[] {
    const origin = new Origin(this.#runtime.meta, this.#positions, database, NO_SIBLINGS, false, this.#names)
    const instances = this.#hydrator(rows, origin)
    // the array belongs to the caller
    origin.siblings = instances.slice()
    return instances
  }
}

/** Removes the last `count` values from each row. Returns one list for each removed column. */
function cutLast(rows: readonly unknown[][], count: number): unknown[][] {
  const lists = Array.from({ length: count }, () => new Array<unknown>(rows.length))
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as unknown[]
    for (let place = count - 1; place >= 0; place--) (lists[place] as unknown[])[i] = row.pop()
  }
  return lists
}

interface EmbeddedReader {
  read(owners: readonly object[], texts: readonly unknown[], database: Using): ReadEmbedded
}

/** Holds keys until their rows are read. */
class EmbeddedKeysReader implements EmbeddedReader {
  readonly #relation: EmbeddedKeys

  constructor(relation: EmbeddedKeys) {
    this.#relation = relation
  }

  read(owners: readonly object[], texts: readonly unknown[], database: Using): ReadKeys {
    const lists = this.#relation.link.length === 0 ? texts.map(keysIn) : texts.map(listIn)
    return { relation: this.#relation, owners, lists, database }
  }
}

/** Turns the embedded rows into the loaded relation of their owner. */
class EmbeddedRowsReader implements EmbeddedReader {
  readonly #relation: RelationMetadata
  readonly #rows: RowReader
  readonly #needsOwners: boolean
  /** Rows of a single value are embedded as that value, without a list around it. */
  readonly #isBare: boolean

  constructor({ relation, fields, link, embedded }: EmbeddedRows, dialect: Dialect) {
    const added = embeddedExtras(relation)
    this.#relation = relation
    this.#needsOwners = needsOwners(added)
    this.#isBare = fields.length + link.length + embedded.length === 1
    this.#rows = new RowReader(runtimeOf(relation.target.model), dialect, {
      fields,
      types: link,
      added,
      embedded,
      marks: [],
    })
  }

  read(owners: readonly object[], texts: readonly unknown[], database: Using): ReadRows {
    const rows: unknown[][] = []
    const rowOwners: object[] = []
    const ends = new Array<number>(owners.length)
    for (let i = 0; i < owners.length; i++) {
      const list = listIn(texts[i])
      for (let k = 0; k < list.length; k++) rows.push(this.#isBare ? [list[k]] : (list[k] as unknown[]))
      if (this.#needsOwners) for (let k = 0; k < list.length; k++) rowOwners.push(owners[i] as object)
      ends[i] = rows.length
    }
    const read = this.#rows.read(rows, database, { owners: rowOwners, keys: null })
    setLists(this.#relation, owners, read.instances, ends)
    return read
  }
}

/** A nested list was already parsed with the list around it. */
const listIn = (text: unknown) => (typeof text === 'string' ? JSON.parse(text) : text) as unknown[]

const keysIn = (text: unknown) => (typeof text === 'string' ? parseIntegers(text) : null) ?? listIn(text)

/** `ends`: where in `rows` the list of each owner ends. */
export function setLists(
  relation: RelationMetadata,
  owners: readonly object[],
  rows: readonly object[],
  ends: readonly number[],
): void {
  const source = { relation, related: relatedQuery }
  const lists = new Array<LoadedMany>(owners.length)
  let at = 0
  for (let i = 0; i < owners.length; i++) {
    const list = new LoadedMany(owners[i] as object, source)
    for (const end = ends[i] as number; at < end; at++) append(list, rows[at] as object)
    lists[i] = list
  }
  setLoadedEach(owners, relation.index, lists)
}
