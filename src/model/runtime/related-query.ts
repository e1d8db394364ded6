import { UsageError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { keyedTie } from '../../query/link/tie.js'
import { keyReader } from '../../relation/key.js'
import { variantOf } from '../../relation/variant.js'
import { present } from '../../util/expect.js'
import { asRecord } from '../../util/record.js'
import { runtimeOf } from './runtime.js'

/** The query over the rows of a relation of one instance. */
export function relatedQuery(owner: object, relation: RelationMetadata): Query {
  if (relation.variants !== null) return variantQuery(owner, relation, relation.variants)
  const query = runtimeOf(relation.target.model)
    .query(originOf(owner)?.executor ?? null, relation)
    .over(relation)
  const missing = relation.sourceKeys.find((field) => asRecord(owner)[field.name] === undefined)
  // a new instance that holds the key may not have it yet
  if (missing !== undefined && !relation.ownsKey)
    throw new UsageError(
      `"${relation.source.name}.${relation.name}" needs the field "${missing.name}", which is not set. Save the instance first.`,
    )
  const values = keyReader(relation).valuesOf(owner)
  // around what the caller adds: an orWhere must not reach the rows of others
  return query.restrictFurther(values === null ? NONE : keyedTie(relation, values))
}

const NONE = { kind: 'truth', value: false } as const

function variantQuery(
  owner: object,
  relation: RelationMetadata,
  variants: NonNullable<RelationMetadata['variants']>,
): Query {
  const variant = variantOf(owner, relation, variants)
  if (variant !== null) return relatedQuery(owner, variant)
  // it leads nowhere: no row of any model
  const [any] = variants.byName.values()
  return runtimeOf(present(any, 'a model of the relation').target.model)
    .query(originOf(owner)?.executor ?? null)
    .restrictFurther(NONE)
}
