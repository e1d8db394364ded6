import type { Dialect } from '../../dialect/dialect.js'
import type { Executor } from '../../execution/executor.js'
import { comparerOf } from '../../metadata/key/comparison.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { columnOf } from '../../query/columns/columns.js'
import { betweenKeys, rangeOf } from '../../query/link/key-range.js'
import type { EmbeddedKeys } from '../../query/statement/embed.js'
import { present } from '../../util/expect.js'
import { at } from '../../util/list.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'
import { runtimeOf } from '../runtime/runtime.js'
import { needsOwners } from './extra-values.js'
import { embeddedExtras } from './extras.js'
import { type ReadKeys, type ReadRows, RowReader, setLists } from './row-reader.js'
import { plannedFor, send } from './send.js'

/** Reads the rows with these keys, each once, and gives every owner instances of its own. */
export function readByKeys(read: ReadKeys, executor: Executor): MaybePromise<ReadRows> {
  const reader = readerOf(read.relation, executor.dialect)
  const wanted = reader.wantedBy(read.lists)
  if (wanted.keys.length === 0) return reader.read(read, wanted, [])
  const query = reader.queryOf(wanted.keys)
  return andThen(send(plannedFor(query, executor.dialect), query, executor), ({ rows }) =>
    reader.read(read, wanted, rows),
  )
}

/** The rows that lists of keys lead to. */
interface RowsByKey {
  /** Each once. */
  readonly keys: readonly unknown[]
  /** Of each item, list after list: the index of its key among those; -1: it leads to no row. */
  readonly indexes: readonly number[]
  readonly indexOf: ReadonlyMap<unknown, number>
}

const readers = new WeakMap<EmbeddedKeys, KeysReader>()

function readerOf(relation: EmbeddedKeys, dialect: Dialect): KeysReader {
  return memo(readers, relation, () => new KeysReader(relation, dialect))
}

/** Puts rows where lists have their keys. */
class KeysReader {
  readonly #relation: RelationMetadata
  readonly #query: Query
  readonly #rows: RowReader
  readonly #keyIndex: number
  /** The key of a row, and that in a list, in one form. */
  readonly #keyOf: (raw: unknown) => unknown
  readonly #itemKeyOf: (raw: unknown) => unknown
  readonly #needsOwners: boolean
  /** An item that has nothing else is its key. */
  readonly #isBare: boolean

  constructor({ relation, fields, needed, link }: EmbeddedKeys, dialect: Dialect) {
    const added = embeddedExtras(relation)
    const key = at(relation.targetKeys, 0)
    const far = at(present(relation.through, 'a relation with a join table').far, 0)
    this.#relation = relation
    this.#query = runtimeOf(relation.target.model).query(null, 'own').needing(needed)
    this.#rows = new RowReader(runtimeOf(relation.target.model), dialect, {
      fields,
      types: link,
      added,
      embedded: [],
      marks: [],
    })
    this.#keyIndex = fields.indexOf(key)
    this.#keyOf = keyReaderOf(key, far, dialect)
    this.#itemKeyOf = keyReaderOf(far, key, dialect)
    this.#needsOwners = needsOwners(added)
    this.#isBare = link.length === 0
  }

  wantedBy(lists: ReadKeys['lists']): RowsByKey {
    const keys: unknown[] = []
    const indexes: number[] = []
    const indexOf = new Map<unknown, number>()
    for (let i = 0; i < lists.length; i++) {
      const list = lists[i] as readonly unknown[]
      for (let k = 0; k < list.length; k++) {
        const item = list[k]
        const raw = this.#isBare ? item : (item as unknown[])[0]
        const key = Number.isSafeInteger(raw) ? raw : this.#itemKeyOf(raw)
        let index = key === undefined ? -1 : indexOf.get(key)
        if (index === undefined) indexOf.set(key, (index = keys.push(key) - 1))
        indexes.push(index)
      }
    }
    return { keys, indexes, indexOf }
  }

  /** The query over the rows with these keys. */
  queryOf(keys: readonly unknown[]): Query {
    const operand = columnOf(at(this.#relation.targetKeys, 0))
    // a range is found faster; where rows come with others, none is ever locked
    const range = rangeOf(keys)
    if (range !== null) {
      const [first, last] = range
      return this.#query.restrictFurther(betweenKeys(operand, BigInt(first), BigInt(last)))
    }
    const list = { kind: 'list', type: operand.type, values: keys } as const
    return this.#query.restrictFurther({ kind: 'in', operand, list, negated: false })
  }

  read({ owners, lists, database }: ReadKeys, { keys, indexes, indexOf }: RowsByKey, found: unknown[][]): ReadRows {
    const byIndex = new Array<unknown[] | undefined>(keys.length).fill(undefined)
    for (let i = 0; i < found.length; i++) {
      const row = found[i] as unknown[]
      const index = indexOf.get(this.#keyOf(row[this.#keyIndex]))
      if (index !== undefined) byIndex[index] = row
    }
    const rows: unknown[][] = []
    const rowOwners: object[] = []
    const ends = new Array<number>(owners.length)
    for (let i = 0, next = 0; i < owners.length; i++) {
      const list = lists[i] as readonly unknown[]
      for (let k = 0; k < list.length; k++) {
        const row = byIndex[indexes[next++] ?? -1]
        // soft-deleted, or deleted meanwhile
        if (row === undefined) continue
        rows.push(this.#isBare ? row.slice() : row.concat((list[k] as unknown[]).slice(1)))
        if (this.#needsOwners) rowOwners.push(owners[i] as object)
      }
      ends[i] = rows.length
    }
    const read = this.#rows.read(rows, database, { owners: rowOwners, keys: null })
    setLists(this.#relation, owners, read.instances, ends)
    return read
  }
}

/** How the keys of one side are read: integers come as numbers, or as texts where numbers may not hold them. */
function keyReaderOf(field: ModelField, other: ModelField, dialect: Dialect): (raw: unknown) => unknown {
  const decode = dialect.codec(field).decode
  const comparable = comparerOf(field, other)
  return (raw) => {
    if (Number.isSafeInteger(raw)) return raw
    const key = comparable(Number.isInteger(raw) && decode !== null ? decode(raw) : raw)
    return typeof key === 'number' || typeof key === 'bigint' ? key : undefined
  }
}
