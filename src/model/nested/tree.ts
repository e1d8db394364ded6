import { UsageError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Pair } from '../related/pairs.js'
import { runtimeOf } from '../runtime/runtime.js'
import { isSameKey } from '../write/initialize.js'
import type { Attributes } from '../write/values.js'
import type { Memory } from './memory.js'

// What nested data says, read as a whole before anything is sent.

/** A row to write, and what to do with its relations. */
export interface RowDraft {
  readonly instance: object
  /** Where it stands in the data, for messages: `books.1`; empty at the top. */
  readonly path: string
  /** It was not in the database when the data was read. */
  readonly isNew: boolean
  readonly parts: readonly RelationPart[]
  /** How instances were before the write. */
  readonly memory: Memory
  /** Values from the data or from the row above. No other part of the data may contradict them. */
  readonly given: Attributes
}

/** A row to make, and what a join table is to hold of it. */
export interface Item {
  readonly draft: RowDraft
  readonly pivot: Attributes | null
}

/** Rows to take away: these, or (of a relation to one row) the one that is there. */
export type Removal = true | readonly Pair[]

/** What is to be done with one relation of a row, in this order. */
export interface RelationPart {
  readonly relation: RelationMetadata
  readonly disconnect: Removal
  readonly delete: Removal
  /** Exactly these; null: not asked for. */
  readonly set: readonly Pair[] | null
  readonly connect: readonly Pair[]
  readonly create: readonly Item[]
}

/** A row and what is to be done with one of its relations. */
export interface Holder {
  readonly draft: RowDraft
  readonly part: RelationPart
}

/** One relation of a row, while it is written. */
export interface PartWriter {
  /** What is done before rows are made: disconnect, delete, set and connect. */
  before(): Promise<void>
  /** A row that is made is to hold this. */
  readonly tie: Attributes
  /** The rows are made. */
  after(): Promise<void>
}

/** Adds a name or a place to the path of a draft. */
export const below = (path: string, step: string | number) => (path === '' ? `${step}` : `${path}.${step}`)

/** Assigns the keys of a relation to a row. Its data must not contradict them. */
export function assignKeys(
  { instance, given, path, memory }: RowDraft,
  values: Attributes,
  from: RelationMetadata,
): void {
  const { meta } = runtimeOf(originOf(instance)?.meta.model ?? instance.constructor)
  for (const [name, value] of Object.entries(values)) {
    const known = Object.hasOwn(given, name) ? given[name] : undefined
    if (known !== undefined && !isSameKey(meta.field(name), known, value))
      throw new UsageError(
        `"${below(path, name)}" has two values: one in the data, and another from the relation "${from.source.name}.${from.name}". Give one of them.`,
      )
    given[name] = value
  }
  memory.assigned(instance, values)
  Object.assign(instance, values)
}
