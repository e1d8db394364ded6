import type { Using } from '../../execution/executor.js'
import { loadedValue, NoRow, originOf, setLoaded } from '../../hydrate/state.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { plainPreload } from '../../query/runner/preload.js'
import { LoadedMany } from '../../relation/loaded-many.js'
import { asRecord } from '../../util/record.js'
import { preload } from '../read/fetch.js'
import type { Pair } from '../related/pairs.js'
import { relatedQuery } from '../runtime/related-query.js'
import { executorFor } from '../runtime/run.js'
import type { RelationPart, Removal } from './tree.js'

// Loaded relations, which relation managers update after their writes.

export function loadedMany(owner: object, relation: RelationMetadata): LoadedMany | null {
  const value = loadedValue(owner, relation.index)
  return value instanceof LoadedMany ? value : null
}

/** A new row has none; those of another one are read, unless they are known. */
export async function ready(owner: object, relation: RelationMetadata, isNew: boolean, using: Using) {
  const loaded = loadedMany(owner, relation)
  if (loaded !== null) return loaded.hold(loaded.filter((row) => !wasDeleted(row)))
  if (!isNew) return read(owner, relation, using)
  setLoaded(owner, relation.index, LoadedMany.holding([], owner, { relation, related: relatedQuery }))
}

/** Its list may have been loaded before that. */
function wasDeleted(row: object): boolean {
  const origin = originOf(row)
  if (origin === null || origin.deleted) return origin !== null
  const { softDelete } = origin.meta
  const isLoaded = softDelete !== null && (origin.positions[softDelete.index] ?? -1) >= 0
  return isLoaded && asRecord(row)[softDelete.name] !== null
}

/** The existing row now, whatever was known of it. */
export async function readyOne(owner: object, relation: RelationMetadata, using: Using): Promise<object | null> {
  const before = loadedValue(owner, relation.index)
  await read(owner, relation, using)
  const now = loadedValue(owner, relation.index)
  if (now === undefined || now instanceof NoRow) return null
  if (typeof before !== 'object' || before === null || before instanceof NoRow) return now
  const { key } = relation.target
  if (key.identityIn(before) !== key.identityIn(now)) return now
  setLoaded(owner, relation.index, before)
  return before
}

async function read(owner: object, relation: RelationMetadata, using: Using): Promise<void> {
  await preload([owner], new Map([[relation.name, plainPreload(relation)]]), await executorFor(relation.source, using))
}

/** A row as the managers accept it: an instance or a key, with pivot values if there are any. */
export function argumentOf({ instance, key, pivot }: Pair, fields: readonly ModelField[]): unknown {
  const row = instance ?? Key.of(fields).formOf(key)
  return pivot === null ? row : [row, pivot]
}

export const isAnyOf = (removal: Removal) => removal === true || removal.length > 0

/** Whether anything is to be done. */
export const isAsked = (part: RelationPart) =>
  isAnyOf(part.disconnect) || isAnyOf(part.delete) || part.set !== null || part.connect.length + part.create.length > 0
