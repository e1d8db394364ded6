import type { Executor } from '../execution/executor.js'

const NONE = -1

/** The outermost transaction that an instance was written in. */
export interface Writer {
  /** Whether it is over. */
  readonly ended: boolean
}

/** What was written or read outside transactions while one had the instance in its log. Later entries have higher numbers. */
export interface SettledFields {
  /** By the field's index. */
  readonly fields: Map<number, number>
  /** The number of the removal of its row; 0: it was not removed. */
  gone: number
}

/** A relation that was loaded because a sibling was asked for it. It counts in the transaction that it was read in, or outside any. */
export interface PrefetchedRelation {
  readonly relation: number
  readonly database: Executor
  readonly transaction: Executor | undefined
}

/** State that only few instances have, so that the others need no memory for it. */
export class Extra {
  // most that have loaded relations have one: a list would cost more than the rest
  #place: number
  #value: object | undefined
  #others: (object | undefined)[] | null = null
  /** Values of hidden fields, which are no own properties; null: none has been set. */
  hidden: Record<string, unknown> | null = null
  /** The names of values that queries have added; null: those in its origin. */
  named: readonly string[] | null = null

  /** The transaction that wrote it, which may still be open. */
  writer: Writer | null = null
  /** The last transaction that has it in its undo log, and may still restore it. */
  logged: Writer | null = null
  settled: SettledFields | null = null
  /** Relations that were loaded for a sibling and not yet read from this instance. */
  prefetched: readonly PrefetchedRelation[] | null = null

  /** For an instance with one loaded relation, or none. */
  constructor(relation = NONE, value?: object) {
    this.#place = relation
    this.#value = value
  }

  /** The value of a loaded relation, by the relation's index; undefined: it is not loaded. */
  loaded(relation: number): object | undefined {
    return relation === this.#place ? this.#value : this.#others?.[relation]
  }

  load(relation: number, value: object | undefined): void {
    if (this.prefetched !== null) this.claim(relation)
    if (relation === this.#place || this.#place === NONE) {
      this.#place = relation
      this.#value = value
    } else {
      this.#others ??= []
      this.#others[relation] = value
    }
  }

  /** Marks a prefetched relation as read from this instance. */
  claim(relation: number): void {
    const left = this.prefetched?.filter((value) => value.relation !== relation) ?? []
    this.prefetched = left.length === 0 ? null : left
  }

  /** The values of all relations that are loaded. */
  allLoaded(): (object | undefined)[] {
    return [this.#value, ...(this.#others ?? [])]
  }

  /** Restores the loaded relations and added names from an earlier copy. */
  putBack(other: Extra | null): void {
    this.#place = other === null ? NONE : other.#place
    this.#value = other === null ? undefined : other.#value
    this.#others = other === null ? null : other.#others && [...other.#others]
    this.named = other === null ? null : other.named
    this.prefetched = other === null ? null : other.prefetched
  }

  copy(): Extra {
    const copy = new Extra()
    copy.#place = this.#place
    copy.#value = this.#value
    copy.#others = this.#others && [...this.#others]
    copy.hidden = this.hidden && Object.assign(Object.create(null), this.hidden)
    copy.named = this.named
    copy.writer = this.writer
    copy.logged = this.logged
    copy.settled = this.settled
    copy.prefetched = this.prefetched
    return copy
  }
}
