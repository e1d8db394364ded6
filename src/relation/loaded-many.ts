import type { RelationMetadata } from '../metadata/relation/resolve.js'
import type { Query } from '../query/builder/query-builder.js'

/** Makes the query over the rows of a relation of `owner`. */
export type RelatedQueryMaker = (owner: object, relation: RelationMetadata) => Query

/** What the lists of a relation have in common. */
export interface ManySource {
  readonly relation: RelationMetadata
  readonly related: RelatedQueryMaker
}

/** A loaded to-many relation: an array that still has the steps of a query. */
export class LoadedMany extends Array<object> {
  readonly #owner: object
  readonly #source: ManySource

  constructor(owner: object, source: ManySource) {
    super()
    this.#owner = owner
    this.#source = source
  }

  /** `map`, `filter` and the like give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  static holding(rows: readonly object[], owner: object, source: ManySource): LoadedMany {
    const list = new LoadedMany(owner, source)
    for (const row of rows) append(list, row)
    return list
  }

  /** Holds these rows from now on. */
  hold(rows: readonly object[]): void {
    const kept = [...rows]
    this.length = 0
    for (const row of kept) append(this, row)
  }

  query(): Query {
    const { relation, related } = this.#source
    return related(this.#owner, relation)
  }
  where(...args: unknown[]): Query {
    return this.query().where(...args)
  }
  orderBy(key: unknown, direction?: unknown): Query {
    return this.query().orderBy(key, direction ?? 'asc')
  }
  limit(count: number): Query {
    return this.query().limit(count)
  }
  async first(): Promise<object | null> {
    return this[0] ?? null
  }
  async count(): Promise<number> {
    return this.length
  }
  async exists(): Promise<boolean> {
    return this.length > 0
  }
}

/** push() of a subclass takes ten times as long. */
export function append(list: LoadedMany, row: object): void {
  list[list.length] = row
}
