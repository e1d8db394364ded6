import { UsageError } from '../errors.js'
import { originOf } from '../hydrate/state.js'
import type { RelationMetadata } from '../metadata/resolve-relation.js'
import { columnOf } from '../query/columns/columns.js'
import type { Query } from '../query/query-builder.js'
import { runtimeOf } from './runtime.js'

/** The query over the rows of a relation of one instance. */
export function relatedQuery(
  owner: object,
  relation: RelationMetadata,
  value = (owner as Record<string, unknown>)[relation.sourceKey.name],
): Query {
  const { sourceKey, targetKey } = relation
  const query = runtimeOf(relation.target.model).query(originOf(owner)?.executor ?? null)
  if (value === undefined)
    throw new UsageError(
      `"${relation.source.name}.${relation.name}" needs the field "${sourceKey.name}", which is not set. Save the instance first.`,
    )
  // around what the caller adds: an orWhere must not reach the rows of others
  if (value === null) return query.alsoKeep({ kind: 'truth', value: false })
  return query.alsoKeep({
    kind: 'comparison',
    operator: '=',
    left: columnOf(targetKey),
    right: { kind: 'parameter', type: targetKey, value },
  })
}
