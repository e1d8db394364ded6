import { UsageError } from '../errors.js'
import { NoRow, setLoaded } from '../hydrate/state.js'
import type { RelationMetadata } from '../metadata/resolve-relation.js'
import { columnOf } from '../query/columns/columns.js'
import { Query } from '../query/query-builder.js'
import type { Preload, PreloadTree } from '../query/step/preload.js'
import { chunked } from '../util/chunk.js'
import { andThen, inTurn, type MaybePromise } from '../util/maybe-promise.js'
import { comparableKey } from './key.js'
import { LoadedMany, type RelatedQuery } from './loaded-many.js'

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
  const preloads = [...tree.values()]
  if (context.parallel && preloads.length > 1) {
    const all = preloads.map((preload) => loadRelation(parents, preload, context))
    return all.some((one) => one instanceof Promise) ? Promise.all(all).then(() => undefined) : undefined
  }
  return inTurn(preloads, (preload) => loadRelation(parents, preload, context))
}

export function loadRelation(parents: readonly object[], preload: Preload, context: LoadContext): MaybePromise<void> {
  const { relation } = preload
  const keys = distinctKeys(parents, relation.sourceKey.name)
  const found: object[] = []
  const loads = inTurn(chunked(keys, context.maxKeys), (chunk) =>
    andThen(context.fetch(relatedQuery(preload, chunk, context)), (rows) => void found.push(...rows)),
  )
  return andThen(loads, () => match(parents, found, relation, context.related))
}

function distinctKeys(parents: readonly object[], name: string): unknown[] {
  const keys = new Map<unknown, unknown>()
  for (const parent of parents) {
    const value = (parent as Record<string, unknown>)[name]
    if (value !== null && value !== undefined) keys.set(comparableKey(value), value)
  }
  return [...keys.values()]
}

function relatedQuery(
  { relation, constrain, children }: Preload,
  keys: readonly unknown[],
  context: LoadContext,
): Query {
  const base = context.queryOf(relation)
  let query = constrain === null ? base : constrained(relation, constrain, base)
  query = query.step(`needs:${relation.targetKey.index}`, { kind: 'needs', fields: [relation.targetKey] })
  if (query.shape.steps().some(({ part }) => part.kind === 'limit' || part.kind === 'offset'))
    query = query.step(`perParent:${relation.targetKey.index}`, { kind: 'perParent', key: relation.targetKey })
  return query.alsoKeep(keysNode(relation, keys)).preloading(children)
}

function constrained(relation: RelationMetadata, constrain: NonNullable<Preload['constrain']>, base: Query): Query {
  const query = constrain(base as never)
  if (query instanceof Query && query.source.meta === base.source.meta) return query
  throw new UsageError(
    `The callback of with({ ${relation.name} }) must return the query it was given, with further steps.`,
  )
}

function keysNode({ targetKey }: RelationMetadata, keys: readonly unknown[]) {
  const operand = columnOf(targetKey)
  if (keys.length === 1)
    return {
      kind: 'comparison',
      operator: '=',
      left: operand,
      right: { kind: 'parameter', type: targetKey, value: keys[0] },
    } as const
  return { kind: 'in', operand, list: { kind: 'list', type: targetKey, values: keys }, negated: false } as const
}

/** Gives each parent its rows, by way of a Map. */
function match(
  parents: readonly object[],
  rows: readonly object[],
  relation: RelationMetadata,
  related: RelatedQuery,
): void {
  const { sourceKey, targetKey, many, index } = relation
  const byKey = new Map<unknown, object[]>()
  for (const row of rows) {
    const key = comparableKey((row as Record<string, unknown>)[targetKey.name])
    const group = byKey.get(key)
    if (group === undefined) byKey.set(key, [row])
    else group.push(row)
  }
  for (const parent of parents) {
    const value = (parent as Record<string, unknown>)[sourceKey.name]
    const group = value === null || value === undefined ? undefined : byKey.get(comparableKey(value))
    if (many)
      setLoaded(
        parent,
        index,
        LoadedMany.holding(group ?? [], () => related(parent, relation)),
      )
    else setLoaded(parent, index, group?.[0] ?? new NoRow(value))
  }
}
