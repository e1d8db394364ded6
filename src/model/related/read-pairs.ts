import { UsageError } from '../../errors.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { guardedError } from '../../query/builder/write.js'
import { present } from '../../util/expect.js'
import { at, isList } from '../../util/list.js'
import { isPlainObject } from '../../util/own.js'
import { guardedOption } from '../runtime/options.js'
import type { Attributes } from '../write/values.js'
import { keyGiven } from './manager.js'
import { type FullPair, identitiesOf, type Pair } from './pairs.js'

// Pairs as callers give them.

/** `attach(tag)`, `attach([1, 2])`, `attach([[1, { role: 'x' }], 2])`, `attach([1, 2], { role: 'x' })`: each row once. */
export function readPairs(relation: RelationMetadata, given: readonly unknown[], what: string): Pair[] {
  const [first, second] = given
  const shared = given.length === 2 && isPivotData(relation, second) ? second : null
  const args = shared === null ? given : [first]
  const list = args.length === 1 && isList(args[0]) && !isPair(relation, args[0]) ? args[0] : args
  const pairs = new Map<unknown, Pair>()
  for (const item of list) {
    const [value, own] = isPair(relation, item) ? item : [item, null]
    const one = keyGiven(relation, relation.targetKeys, value, what)
    const pivot = givenValues({ ...shared, ...own })
    pairs.set(identitiesOf(relation).far.identityOf(one.key), { ...one, pivot })
  }
  return [...pairs.values()]
}

function isPair(relation: RelationMetadata, value: unknown): value is readonly [unknown, Attributes] {
  return Array.isArray(value) && value.length === 2 && isPivotData(relation, value[1]) && !Array.isArray(value[0])
}

/** Whether the value is an object of pivot values. An object with all fields of a composite key is that key. */
function isPivotData({ targetKeys }: RelationMetadata, value: unknown): value is Attributes {
  if (!isPlainObject(value)) return false
  return targetKeys.length === 1 || !targetKeys.every((field) => Object.hasOwn(value, field.name))
}

/** Values of the join table, without those that are undefined; null: none. */
export function givenValues(pivot: Attributes): Attributes | null {
  const given = Object.entries(pivot).filter(([, value]) => value !== undefined)
  return given.length === 0 ? null : Object.fromEntries(given)
}

/** Guarded fields of a join table are refused in data, as those of a row are. */
export function refuseGuarded({ through }: RelationMetadata, pivot: Attributes | null): void {
  for (const name of Object.keys(pivot ?? {})) {
    const field = through?.meta.fieldOrNull(name)
    if (field?.guarded === true) throw guardedError(field)
  }
}

/** Pivot values of a call: of one row, or of all of its rows. */
export function readPivot(relation: RelationMetadata, pivot: unknown, guarded: boolean): Attributes | null {
  if (pivot === undefined || pivot === null) return null
  if (!isPlainObject(pivot)) throw new UsageError('The values of a join table are given as an object.')
  const given = givenValues(pivot)
  if (!guarded) refuseGuarded(relation, given)
  return given
}

/** The pairs of a call whose last argument may be its options: `attach(1, { role: 'x' }, { guarded: true })`. */
export function readGuardedPairs(relation: RelationMetadata, given: readonly unknown[], call: string): Pair[] {
  const hasOptions = endsWithOptions(relation, given)
  const { guarded = false } = guardedOption(hasOptions ? given.at(-1) : undefined, call)
  const rows = hasOptions ? given.slice(0, -1) : given
  const pairs = readPairs(relation, rows.length === 2 && rows[1] === undefined ? rows.slice(0, 1) : rows, call)
  if (!guarded) for (const { pivot } of pairs) refuseGuarded(relation, pivot)
  return pairs
}

/** After pivot values; or instead of them, where the join table has no field of that name. */
function endsWithOptions(relation: RelationMetadata, given: readonly unknown[]): boolean {
  const [, second] = given
  if (given.length === 3 && (second === undefined || isPivotData(relation, second))) return true
  const last = given.at(-1)
  return (
    given.length > 1 &&
    isPivotData(relation, last) &&
    Object.hasOwn(last, 'guarded') &&
    relation.through?.meta.hasField('guarded') !== true
  )
}

/** Pivot values may repeat the keys of the pair, but not change them. */
function fullPair(
  relation: RelationMetadata,
  near: readonly unknown[],
  far: readonly unknown[],
  pivot: Attributes | null,
): FullPair {
  if (pivot === null) return { near, far, pivot }
  const { sourceKeys, targetKeys, source, name } = relation
  const through = present(relation.through, 'a relation with a join table')
  const rest = { ...pivot }
  const take = (field: ModelField, isOwn: (value: unknown) => boolean) => {
    if (!Object.hasOwn(pivot, field.name)) return
    if (!isOwn(pivot[field.name]))
      throw new UsageError(
        `"${field.name}" is a key of the links of "${source.name}.${name}", and the given value belongs to another row. Leave it out: related() sets the keys of its own row.`,
      )
    delete rest[field.name]
  }
  const takeAll = (fields: readonly ModelField[], own: readonly ModelField[], key: readonly unknown[]) =>
    fields.forEach((field, i) => {
      const other = at(own, i)
      const identity = new Key([other], [field]).identityOf([key[i]])
      take(field, (value) => new Key([field], [other]).identityOf([value]) === identity)
    })
  takeAll(through.near, sourceKeys, near)
  takeAll(through.far, targetKeys, far)
  const { morph } = through
  if (morph !== null) take(morph.field, (value) => value === morph.value)
  return { near, far, pivot: givenValues(rest) }
}

/** What the pairs of an owner are. */
export function fullPairs(relation: RelationMetadata, owner: object, pairs: readonly Pair[]): FullPair[] {
  const near = ownerKey(relation, owner)
  return pairs.map(({ key, pivot }) => fullPair(relation, near, key, pivot))
}

export function ownerKey(relation: RelationMetadata, owner: object): unknown[] {
  return Key.of(relation.sourceKeys).valuesIn(owner)
}

/** Reads `[owner, target]` and `[owner, target, pivot]`, for the statics of a model. */
export function readModelPairs(relation: RelationMetadata, given: unknown, what: string, guarded: boolean): FullPair[] {
  const { source, sourceKeys, name } = relation
  if (!isList(given))
    throw new UsageError(`${what} of "${source.name}.${name}" takes a list of pairs: [[owner, target], …].`)
  const pairs = new Map<unknown, FullPair>()
  for (const item of given) {
    if (!isList(item) || item.length < 2 || item.length > 3)
      throw new UsageError(
        `A pair for ${what} of "${source.name}.${name}" is [owner, target], or [owner, target, { … }].`,
      )
    const [from, to, pivot] = item
    const near = keyGiven({ source, name, target: source }, sourceKeys, from, what).key
    const far = keyGiven(relation, relation.targetKeys, to, what).key
    if (pivot !== undefined && !isPlainObject(pivot))
      throw new UsageError(
        `The third part of a pair for ${what} of "${source.name}.${name}" is an object of pivot values.`,
      )
    const pair = fullPair(relation, near, far, readPivot(relation, pivot, guarded))
    pairs.set(identitiesOf(relation).pair(pair), pair)
  }
  return [...pairs.values()]
}
