import { UsageError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Pair } from '../related/pairs.js'
import { runtimeOf } from '../runtime/runtime.js'
import { isSameKey } from '../write/initialize.js'
import type { Attributes } from '../write/values.js'
import type { Memory } from './memory.js'

// Nested data after it was read. All of it is read before anything is sent.

/** A row to write, and what to do with its relations. */
export interface RowDraft {
  readonly instance: object
  /** Its path in the data, for messages: `books.1`; empty at the top. */
  readonly path: string
  /** It was not in the database when the data was read. */
  readonly isNew: boolean
  readonly parts: readonly RelationPart[]
  /** The state of the instances before the write. */
  readonly memory: Memory
  /** Values from the data or from the row above. No other part of the data may contradict them. */
  readonly given: Attributes
}

/** A row to insert, and its pivot values. */
export interface Item {
  readonly draft: RowDraft
  readonly pivot: Attributes | null
}

/** Rows to disconnect or delete: these, or in a to-one relation the current one. */
export type Removal = true | readonly Pair[]

/** The operations on one relation of a row, in this order. */
export interface RelationPart {
  readonly relation: RelationMetadata
  readonly disconnect: Removal
  readonly delete: Removal
  /** The relation gets exactly these rows; null: `set` was not given. */
  readonly set: readonly Pair[] | null
  readonly connect: readonly Pair[]
  readonly create: readonly Item[]
}

/** A row and the operations on one of its relations. */
export interface Holder {
  readonly draft: RowDraft
  readonly part: RelationPart
}

/** One relation of a row, while it is written. */
export interface PartWriter {
  /** Runs the operations that come before the inserts: disconnect, delete, set and connect. */
  before(): Promise<void>
  /** The values that an inserted row gets. */
  readonly tie: Attributes
  /** Runs after the rows were inserted. */
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
