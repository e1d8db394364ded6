import { UsageError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import { Key } from '../../metadata/key/key.js'
import { type RelationMetadata, variantFor, variantsOf } from '../../metadata/relation/resolve.js'
import { isList } from '../../util/list.js'
import { type GivenRow, keyGiven } from '../related/manager.js'
import type { Pair } from '../related/pairs.js'
import { readPairs } from '../related/read-pairs.js'
import type { Memory } from './memory.js'
import type { Removal } from './tree.js'

/** Existing rows, given as instances or keys (with a join table also as `[key, pivot]`): one or a list. Each is returned once. */
export function readRefs(relation: RelationMetadata, value: unknown, what: string, memory: Memory): readonly Pair[] {
  if (value === undefined) return []
  if (value === null && !relation.many && what === 'set') return []
  const refs = relation.through === null ? readKeys(relation, value, what) : readPairs(relation, [value], what)
  for (const { instance } of refs) {
    if (instance === null) continue
    const origin = originOf(instance)
    if (origin === null || origin.deleted)
      throw new UsageError(
        `${what} of "${relation.source.name}.${relation.name}" was given an instance that is ${origin === null ? 'not saved yet: give it as { create: … }' : 'deleted. Leave it out'}.`,
      )
    memory.remember(instance)
  }
  return refs
}

/** Rows to disconnect or delete. For a to-one relation, `true` is enough. */
export function readRemoval(relation: RelationMetadata, value: unknown, what: string, memory: Memory): Removal {
  if (value === undefined || value === false) return []
  if (value !== true) return readRefs(relation, value, what, memory)
  if (!relation.many) return true
  throw new UsageError(
    `${what} of "${relation.source.name}.${relation.name}" takes instances or keys, because the relation has many rows. { set: [] } removes all of them.`,
  )
}

function readKeys(relation: RelationMetadata, value: unknown, what: string): Pair[] {
  const list = isList(value) ? value : [value]
  const refs = list.map((each) =>
    relation.variants === null ? keyOf(relation, each, what) : variantKey(relation, each, what),
  )
  const distinct = eachOnce(relation, refs)
  if (!relation.many && distinct.length > 1)
    throw new UsageError(
      `${what} of "${relation.source.name}.${relation.name}" takes one row, because it is a to-one relation.`,
    )
  return distinct.map((ref) => ({ ...ref, pivot: null }))
}

/** The last of those with one key. Rows of several models may have the same. */
function eachOnce(relation: RelationMetadata, refs: readonly GivenRow[]): readonly GivenRow[] {
  if (relation.variants === null) return distinctBy(refs, Key.of(keyFields(relation)))
  return variantsOf(relation).flatMap((variant) => {
    const own = refs.filter(({ instance }) => variantFor(relation, instance) === variant)
    return distinctBy(own, Key.of(variant.targetKeys))
  })
}

const distinctBy = (refs: readonly GivenRow[], key: Key) => [
  ...new Map(refs.map((ref) => [key.identityOf(ref.key), ref])).values(),
]

const keyFields = ({ ownsKey, targetKeys, target }: RelationMetadata) => (ownsKey ? targetKeys : target.primaryKey)

const keyOf = (relation: RelationMetadata, value: unknown, what: string) =>
  keyGiven(relation, keyFields(relation), value, what)

/** A key does not say which model it belongs to. */
function variantKey(relation: RelationMetadata, value: unknown, what: string) {
  const variant = variantFor(relation, value)
  if (variant !== undefined) return keyGiven(variant, variant.targetKeys, value, what)
  const names = variantsOf(relation)
    .map(({ target }) => `"${target.name}"`)
    .join(' or ')
  throw new UsageError(
    `${what} of "${relation.source.name}.${relation.name}" takes a saved instance of ${names}, because a key alone does not say which model it belongs to.`,
  )
}
