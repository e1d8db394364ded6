import type { ExpressionNode } from '../ast/expression.js'
import { UsageError } from '../errors.js'
import { NoRow, setLoaded } from '../hydrate/state.js'
import { Key, type KeyLimits } from '../metadata/key/key.js'
import type { RelationMetadata, Variants } from '../metadata/relation/resolve.js'
import { Query } from '../query/builder/query-builder.js'
import { rangeOf } from '../query/link/key-range.js'
import { exactTie, keysTie, rangeTie, targetKeyColumns } from '../query/link/tie.js'
import type { Preload, PreloadTree } from '../query/runner/preload.js'
import { present } from '../util/expect.js'
import { at } from '../util/list.js'
import { andThen, inTurn, type MaybePromise } from '../util/maybe-promise.js'
import { keyReader } from './key.js'
import type { RelatedQueryMaker } from './loaded-many.js'
import { match, type OwnersByKey, ownersOf } from './matching.js'
import { variantOf } from './variant.js'

/** What loading needs from the layers above. */
export interface LoadContext {
  /** A query over the relation's target, in the database of the owners. */
  queryOf(relation: RelationMetadata): Query
  /** `links` receives the key of each row's owner, if it is in a join table. */
  fetch(query: Query, links: unknown[]): MaybePromise<object[]>
  readonly related: RelatedQueryMaker
  /** Up to this many keys without a gap are written as a range; 0: never. */
  readonly keyRange: number
  /** How many keys the database accepts in one query. */
  readonly limits: KeyLimits
  /** `maxRows` counts the rows, so a query must not return rows of other owners. */
  readonly exact: boolean
  /** Whether the queries of several relations may run in parallel. */
  readonly parallel: boolean
}

/** Loads a tree of relations: one query per relation and level, however many instances there are. */
export function loadRelations(
  instances: readonly object[],
  tree: PreloadTree,
  context: LoadContext,
): MaybePromise<void> {
  if (instances.length === 0 || tree.size === 0) return
  return each([...tree.values()], context, (preload) => loadRelation(instances, preload, context))
}

function each<T>(items: readonly T[], { parallel }: LoadContext, load: (item: T) => MaybePromise<void>) {
  if (!parallel || items.length < 2) return inTurn(items, load)
  const all = items.map(load)
  return all.some((one) => one instanceof Promise) ? Promise.all(all).then(() => undefined) : undefined
}

function loadRelation(instances: readonly object[], preload: Preload, context: LoadContext): MaybePromise<void> {
  const { relation, variants } = preload
  if (variants !== null) return loadVariants(instances, preload, variants, context)
  const owners = ownersOf(relation, instances)
  const keys = distinctKeys(owners)
  const exact = context.exact && relation.sourceKeys.length > 1
  const key = Key.of(relation.sourceKeys)
  const chunks = exact ? key.chunks(keys, context.limits) : key.listChunks(keys, context.limits)
  const links: unknown[] = []
  const load = (chunk: (typeof chunks)[number]) => {
    const tie = exact ? exactTie(relation, chunk) : tieTo(relation, chunk, context.keyRange)
    return context.fetch(tiedQuery(preload, context.queryOf(relation), tie).preloading(preload.children), links)
  }
  const [only, second] = chunks
  if (only !== undefined && second === undefined)
    return andThen(load(only), (rows) => match(owners, { rows, links }, context.related))
  const found: object[] = []
  const loads = inTurn(chunks, (chunk) =>
    andThen(load(chunk), (rows) => {
      for (const row of rows) found.push(row)
    }),
  )
  return andThen(loads, () => match(owners, { rows: found, links }, context.related))
}

function tieTo(relation: RelationMetadata, keys: readonly (readonly unknown[])[], keyRange: number): ExpressionNode {
  const { sourceKeys, targetKeys, through } = relation
  const fields = [...sourceKeys, ...(through === null ? targetKeys : through.near)]
  const areIntegers = sourceKeys.length === 1 && fields.every((field) => field.holdsIntegers)
  const range = areIntegers && keys.length <= keyRange ? rangeOf(keys.map(([key]) => key)) : null
  return range === null ? keysTie(relation, keys) : rangeTie(relation, ...range)
}

/** For a relation to several models: one query for each model that occurs. */
function loadVariants(
  instances: readonly object[],
  { relation }: Preload,
  variants: ReadonlyMap<string, Preload>,
  context: LoadContext,
): MaybePromise<void> {
  const groups = new Map<string, object[]>()
  for (const instance of instances) {
    const variant = variantOf(instance, relation, relation.variants as Variants)
    if (variant === null) setLoaded(instance, relation.index, new NoRow(undefined))
    else {
      const name = variant.sourceMorph?.value ?? ''
      const group = groups.get(name)
      if (group === undefined) groups.set(name, [instance])
      else group.push(instance)
    }
  }
  return each([...groups], context, ([name, group]) =>
    loadRelation(group, present(variants.get(name), 'a model of the relation'), context),
  )
}

function distinctKeys({ instances, relation, places }: OwnersByKey): (readonly unknown[])[] {
  const { valuesOf } = keyReader(relation)
  const keys: (readonly unknown[])[] = []
  for (const place of places.first) {
    const values = valuesOf(at(instances, place))
    if (values !== null) keys.push(values)
  }
  return keys
}

/** The query over a relation's rows, tied to their owners. The rows of a union no longer show a join table: its parts do. */
function tiedQuery(preload: Preload, base: Query, tie: ExpressionNode): Query {
  return preload.relation.through === null
    ? constrainedQuery(preload, base).restrictFurther(tie)
    : constrainedQuery(preload, base.restrictFurther(tie))
}

/** The query over a relation's rows with the steps of the callback, not yet tied to the owners. */
export function constrainedQuery({ relation, constrain }: Preload, base: Query): Query {
  let query = constrain === null ? base : constrained(relation, constrain, base)
  if (relation.through === null) query = query.needing(relation.targetKeys)
  if (!relation.many && !relation.unique) query = query.inOrder()
  const isCut = query.shape.has('limit') || query.shape.has('offset')
  if (isCut && relation.through !== null && isUnion(query)) throw refusedUnion(relation)
  if (isCut) query = query.perOwner(targetKeyColumns(relation))
  return query
}

function constrained(relation: RelationMetadata, constrain: NonNullable<Preload['constrain']>, base: Query): Query {
  const query = constrain(base as never)
  if (query instanceof Query && query.source.meta === base.source.meta && query.via === base.via) return query
  throw new UsageError(
    `The callback of with({ ${relation.name} }) must return the query it was given, with further steps.`,
  )
}

export const isUnion = ({ shape }: Query): boolean => shape.has('compound')

/** A limit for each owner is counted by the join table. */
function refusedUnion({ name }: RelationMetadata): UsageError {
  return new UsageError(
    `The callback of with({ ${name} }) has a union and a limit, and the relation uses a join table. Query the rows of each with related('${name}'), or leave one of the two out.`,
  )
}
