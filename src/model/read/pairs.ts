import type { Dialect } from '../../dialect/dialect.js'
import type { Executor } from '../../execution/executor.js'
import { comparerOf } from '../../metadata/key/comparison.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata, Through } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { columnOf } from '../../query/columns/columns.js'
import { betweenKeys, rangeOf } from '../../query/link/key-range.js'
import type { EmbeddedPairs } from '../../query/statement/embed.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { runtimeOf } from '../runtime/runtime.js'
import { asksOwners } from './giver.js'
import { addedBeside } from './link.js'
import { ALONE, type BroughtPairs, type BroughtRows, giveLists, RowReader } from './row-reader.js'
import { plannedFor, send } from './send.js'

/** Reads the rows that pairs name, each once, and gives every owner instances of its own. */
export function readPairs(brought: BroughtPairs, executor: Executor): MaybePromise<BroughtRows> {
  const reader = readerOf(brought.pairs, executor.dialect)
  const named = reader.namedIn(brought.lists)
  if (named.keys.length === 0) return reader.read(brought, named, [])
  const query = reader.queryOf(named.keys)
  return andThen(send(plannedFor(query, executor.dialect), query, executor), ({ rows }) =>
    reader.read(brought, named, rows),
  )
}

/** The rows that are named in pairs. */
interface Named {
  /** Each once. */
  readonly keys: readonly unknown[]
  /** Of each pair, list after list: where its key is among those; -1: it names no row. */
  readonly places: readonly number[]
  readonly placeOf: ReadonlyMap<unknown, number>
}

const readers = new WeakMap<EmbeddedPairs, PairsReader>()

function readerOf(pairs: EmbeddedPairs, dialect: Dialect): PairsReader {
  let reader = readers.get(pairs)
  if (reader === undefined) readers.set(pairs, (reader = new PairsReader(pairs, dialect)))
  return reader
}

/** Puts rows where pairs name them. */
class PairsReader {
  readonly #relation: RelationMetadata
  readonly #query: Query
  readonly #rows: RowReader
  readonly #keyPlace: number
  /** The key of a row, and that in a pair, in one form. */
  readonly #keyOf: (raw: unknown) => unknown
  readonly #farOf: (raw: unknown) => unknown
  readonly #needsOwners: boolean
  /** A pair that says nothing else is its key. */
  readonly #isBare: boolean

  constructor({ relation, fields, needed, link }: EmbeddedPairs, dialect: Dialect) {
    const added = addedBeside(relation)
    const key = relation.targetKeys[0] as ModelField
    const far = (relation.through as Through).far[0] as ModelField
    this.#relation = relation
    this.#query = runtimeOf(relation.target.model).query(null, 'own').needing(needed)
    this.#rows = new RowReader(runtimeOf(relation.target.model), dialect, { fields, types: link, added, embedded: [] })
    this.#keyPlace = fields.indexOf(key)
    this.#keyOf = keyReaderOf(key, far, dialect)
    this.#farOf = keyReaderOf(far, key, dialect)
    this.#needsOwners = asksOwners(added)
    this.#isBare = link.length === 0
  }

  namedIn(lists: BroughtPairs['lists']): Named {
    const keys: unknown[] = []
    const places: number[] = []
    const placeOf = new Map<unknown, number>()
    for (let i = 0; i < lists.length; i++) {
      const list = lists[i] as readonly unknown[]
      for (let k = 0; k < list.length; k++) {
        const pair = list[k]
        const raw = this.#isBare ? pair : (pair as unknown[])[0]
        const key = Number.isSafeInteger(raw) ? raw : this.#farOf(raw)
        let place = key === undefined ? -1 : placeOf.get(key)
        if (place === undefined) placeOf.set(key, (place = keys.push(key) - 1))
        places.push(place)
      }
    }
    return { keys, places, placeOf }
  }

  /** The query over the rows with these keys. */
  queryOf(keys: readonly unknown[]): Query {
    const operand = columnOf(this.#relation.targetKeys[0] as ModelField)
    // a range is found faster; where rows come with others, none is ever locked
    const range = rangeOf(keys)
    if (range !== null) {
      const [first, last] = range
      return this.#query.alsoKeep(betweenKeys(operand, BigInt(first), BigInt(last)))
    }
    const list = { kind: 'list', type: operand.type, values: keys } as const
    return this.#query.alsoKeep({ kind: 'in', operand, list, negated: false })
  }

  read({ owners, lists, database }: BroughtPairs, { keys, places, placeOf }: Named, found: unknown[][]): BroughtRows {
    const byPlace = new Array<unknown[] | undefined>(keys.length).fill(undefined)
    for (let i = 0; i < found.length; i++) {
      const row = found[i] as unknown[]
      const place = placeOf.get(this.#keyOf(row[this.#keyPlace]))
      if (place !== undefined) byPlace[place] = row
    }
    const rows: unknown[][] = []
    const rowOwners: object[] = []
    const ends = new Array<number>(owners.length)
    for (let i = 0, at = 0; i < owners.length; i++) {
      const list = lists[i] as readonly unknown[]
      for (let k = 0; k < list.length; k++) {
        const row = byPlace[places[at++] as number]
        // soft-deleted, or deleted meanwhile
        if (row === undefined) continue
        rows.push(this.#isBare ? row.slice() : row.concat((list[k] as unknown[]).slice(1)))
        if (this.#needsOwners) rowOwners.push(owners[i] as object)
      }
      ends[i] = rows.length
    }
    const instances = this.#rows.read(rows, database, { ...ALONE, owners: rowOwners })
    giveLists(this.#relation, owners, instances, ends)
    return { instances, below: [] }
  }
}

/** How one side of pairs is read: integers come as numbers, or as texts where numbers may not hold them. */
function keyReaderOf(field: ModelField, other: ModelField, dialect: Dialect): (raw: unknown) => unknown {
  const decode = dialect.codec(field).decode as ((raw: unknown) => unknown) | null
  const form = comparerOf(field, other)
  return (raw) => {
    if (Number.isSafeInteger(raw)) return raw
    const key = form(Number.isInteger(raw) && decode !== null ? decode(raw) : raw)
    return typeof key === 'number' || typeof key === 'bigint' ? key : undefined
  }
}
