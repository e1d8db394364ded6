import { UsageError } from '../errors.js'
import { linkReaderOf, NoRow, setLoaded } from '../hydrate/state.js'
import type { RelationMetadata, Variants } from '../metadata/relation/resolve.js'
import { keyColumns, keysTie } from '../query/condition/tie.js'
import { Query } from '../query/query-builder.js'
import type { Preload, PreloadTree } from '../query/step/preload.js'
import { chunked } from '../util/chunk.js'
import { andThen, inTurn, type MaybePromise } from '../util/maybe-promise.js'
import { type KeyReader, keyReader } from './key.js'
import { append, LoadedMany, type RelatedQuery } from './loaded-many.js'
import { variantOf } from './variant.js'

/** What loading needs from the layers above. */
export interface LoadContext {
  /** A query over the relation's target, in the database of the parents. */
  queryOf(relation: RelationMetadata): Query
  fetch(query: Query): MaybePromise<object[]>
  readonly related: RelatedQuery
  /** Keys one query may list. */
  readonly maxKeys: number
  /** Whether queries of siblings may run side by side. */
  readonly parallel: boolean
}

/** Loads a tree of relations onto instances: one query per relation and level, whatever the number of rows. */
export function loadRelations(parents: readonly object[], tree: PreloadTree, context: LoadContext): MaybePromise<void> {
  if (parents.length === 0 || tree.size === 0) return
  return each([...tree.values()], context, (preload) => loadRelation(parents, preload, context))
}

function each<T>(items: readonly T[], { parallel }: LoadContext, load: (item: T) => MaybePromise<void>) {
  if (!parallel || items.length < 2) return inTurn(items, load)
  const all = items.map(load)
  return all.some((one) => one instanceof Promise) ? Promise.all(all).then(() => undefined) : undefined
}

export function loadRelation(parents: readonly object[], preload: Preload, context: LoadContext): MaybePromise<void> {
  const { relation, variants } = preload
  if (variants !== null) return loadVariants(parents, preload, variants, context)
  const keys = distinctKeys(parents, relation)
  const most = Math.max(1, Math.floor(context.maxKeys / relation.sourceKeys.length))
  const chunks = chunked(keys, most)
  const load = (chunk: (typeof chunks)[number]) => {
    const query = relatedQuery(preload, context.queryOf(relation))
    return context.fetch(query.alsoKeep(keysTie(relation, chunk)).preloading(preload.children))
  }
  const [only, second] = chunks
  if (only !== undefined && second === undefined)
    return andThen(load(only), (rows) => match(parents, rows, relation, context.related))
  const found: object[] = []
  const loads = inTurn(chunks, (chunk) =>
    andThen(load(chunk), (rows) => {
      for (const row of rows) found.push(row)
    }),
  )
  return andThen(loads, () => match(parents, found, relation, context.related))
}

/** A relation to several models is one query for each of those that occur. */
function loadVariants(
  parents: readonly object[],
  { relation }: Preload,
  variants: ReadonlyMap<string, Preload>,
  context: LoadContext,
): MaybePromise<void> {
  const groups = new Map<string, object[]>()
  for (const parent of parents) {
    const variant = variantOf(parent, relation, relation.variants as Variants)
    if (variant === null) setLoaded(parent, relation.index, new NoRow(undefined))
    else {
      const name = variant.sourceMorph?.value ?? ''
      const group = groups.get(name)
      if (group === undefined) groups.set(name, [parent])
      else group.push(parent)
    }
  }
  return each([...groups], context, ([name, group]) => loadRelation(group, variants.get(name) as Preload, context))
}

function distinctKeys(parents: readonly object[], relation: RelationMetadata): (readonly unknown[])[] {
  const { ofSource, valuesOf } = keyReader(relation)
  const keys = new Map<unknown, readonly unknown[]>()
  for (const parent of parents) {
    const key = ofSource(parent)
    if (key === undefined || keys.has(key)) continue
    const values = valuesOf(parent)
    if (values !== null) keys.set(key, values)
  }
  return [...keys.values()]
}

/** The query over a relation's rows, not yet tied to their owners: `base` with what the callback wants. */
export function relatedQuery({ relation, constrain }: Preload, base: Query): Query {
  let query = constrain === null ? base : constrained(relation, constrain, base)
  if (relation.through === null) query = query.needing(relation.targetKeys)
  if (!relation.many && !relation.unique) query = query.inOrder()
  if (query.shape.steps().some(({ part }) => part.kind === 'limit' || part.kind === 'offset'))
    query = query.perParent(keyColumns(relation))
  return query
}

function constrained(relation: RelationMetadata, constrain: NonNullable<Preload['constrain']>, base: Query): Query {
  const query = constrain(base as never)
  if (query instanceof Query && query.source.meta === base.source.meta && query.via === base.via) return query
  throw new UsageError(
    `The callback of with({ ${relation.name} }) must return the query it was given, with further steps.`,
  )
}

/** Gives each parent its rows, by way of a Map. */
export function match(
  parents: readonly object[],
  rows: readonly object[],
  relation: RelationMetadata,
  related: RelatedQuery,
): void {
  if (relation.many) matchMany(parents, rows, relation, related)
  else matchOne(parents, rows, relation)
}

function matchOne(parents: readonly object[], rows: readonly object[], relation: RelationMetadata): void {
  const reader = keyReader(relation)
  const { ofSource } = reader
  const ownerKey = ownerKeyOf(relation, reader)
  const byKey = new Map<unknown, object>()
  for (const row of rows) {
    const key = ownerKey(row)
    // the first one counts
    if (!byKey.has(key)) byKey.set(key, row)
  }
  for (const parent of parents) {
    const key = ofSource(parent)
    const row = key === undefined ? undefined : byKey.get(key)
    setLoaded(parent, relation.index, row ?? new NoRow(key, relation))
  }
}

function matchMany(
  parents: readonly object[],
  rows: readonly object[],
  relation: RelationMetadata,
  related: RelatedQuery,
): void {
  const reader = keyReader(relation)
  const { ofSource } = reader
  const ownerKey = ownerKeyOf(relation, reader)
  const lists = new Map<unknown, LoadedMany[]>()
  for (const parent of parents) {
    const list = new LoadedMany(() => related(parent, relation))
    setLoaded(parent, relation.index, list)
    const key = ofSource(parent)
    if (key === undefined) continue
    const known = lists.get(key)
    if (known === undefined) lists.set(key, [list])
    else known.push(list)
  }
  for (const row of rows) {
    const owners = lists.get(ownerKey(row))
    if (owners !== undefined) for (const list of owners) append(list, row)
  }
}

/** The key of the owner that a row belongs to. */
function ownerKeyOf({ through, target }: RelationMetadata, { ofTarget, ofLink }: KeyReader): (row: object) => unknown {
  if (through === null) return ofTarget
  const linkOf = linkReaderOf(target.model.prototype as object)
  return (row) => ofLink(linkOf(row))
}
