import { UsageError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import { type RelationMetadata, variantFor, variantsOf } from '../../metadata/relation/resolve.js'
import { keyIdentity } from '../../relation/key.js'
import { keyGiven } from '../related/manager.js'
import type { Pair } from '../related/pairs.js'
import { readPairs } from '../related/read-pairs.js'
import type { Memory } from './memory.js'
import type { Removal } from './tree.js'

/** Rows that are there, given as instances or keys (with a table between also `[key, pivot]`): one or a list, each once. */
export function readRefs(relation: RelationMetadata, value: unknown, what: string, memory: Memory): readonly Pair[] {
  if (value === undefined) return []
  if (value === null && !relation.many && what === 'set') return []
  const refs = relation.through === null ? readKeys(relation, value, what) : readPairs(relation, [value], what)
  for (const { instance } of refs) {
    if (instance === null) continue
    const origin = originOf(instance)
    if (origin === null || origin.deleted)
      throw new UsageError(
        `${what} of "${relation.source.name}.${relation.name}" was given an instance that is ${origin === null ? 'not saved yet: give it as { create: … }' : 'deleted'}.`,
      )
    memory.remember(instance)
  }
  return refs
}

/** Rows to take away; of a relation to one row `true` will do. */
export function readRemoval(relation: RelationMetadata, value: unknown, what: string, memory: Memory): Removal {
  if (value === undefined || value === false) return []
  if (value !== true) return readRefs(relation, value, what, memory)
  if (!relation.many) return true
  throw new UsageError(
    `${what} of "${relation.source.name}.${relation.name}" takes instances or keys: it leads to many rows. { set: [] } leaves none.`,
  )
}

function readKeys(relation: RelationMetadata, value: unknown, what: string): Pair[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [value]
  const identity = keyIdentity(relation.variants === null ? keyFields(relation) : relation.sourceKeys)
  const byKey = new Map<string, Pair>()
  for (const each of list) {
    const one = relation.variants === null ? keyOf(relation, each, what) : variantKey(relation, each, what)
    byKey.set(identity(one.key), { ...one, pivot: null })
  }
  if (!relation.many && byKey.size > 1)
    throw new UsageError(`${what} of "${relation.source.name}.${relation.name}" takes one row: it leads to one.`)
  return [...byKey.values()]
}

const keyFields = ({ ownsKey, targetKeys, target }: RelationMetadata) => (ownsKey ? targetKeys : target.primaryKey)

const keyOf = (relation: RelationMetadata, value: unknown, what: string) =>
  keyGiven(relation, keyFields(relation), value, what)

/** A bare key says nothing of its model. */
function variantKey(relation: RelationMetadata, value: unknown, what: string) {
  const variant = variantFor(relation, value)
  if (variant !== undefined) return keyGiven(variant, variant.targetKeys, value, what)
  const names = variantsOf(relation)
    .map(({ target }) => `"${target.name}"`)
    .join(' or ')
  throw new UsageError(
    `${what} of "${relation.source.name}.${relation.name}" takes a saved instance of ${names}: a key alone doesn't say of which.`,
  )
}
