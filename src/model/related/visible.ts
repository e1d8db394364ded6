import type { ExpressionNode } from '../../ast/expression.js'
import { NotFoundError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import { originOf } from '../../hydrate/state.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, variantFor } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { allOf } from '../../query/link/logic.js'
import { equalColumns } from '../../query/link/tie.js'
import type { Shape } from '../../query/shape.js'
import { asRecord } from '../../util/record.js'
import { keyLists } from '../runtime/key-lists.js'
import { isReference } from '../runtime/reference.js'
import { executorFor } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import type { GivenRow } from './manager.js'

// Rows can only be linked if the global scopes of their model show them: a key may belong to anybody's row.

/** Refuses rows that scopes hide, like rows that do not exist. `lifts`: the shape that says which scopes don't hold. */
export async function requireVisible(
  relation: RelationMetadata,
  given: readonly GivenRow[],
  executor: Executor,
  lifts: Shape | null = null,
): Promise<void> {
  if (relation.variants === null)
    return requireKeys(
      { meta: relation.target, fields: relation.targetKeys },
      given.filter(isUnknown(relation.target)),
      executor,
      lifts,
    )
  for (const row of given) {
    const variant = row.instance === null ? undefined : variantFor(relation, row.instance)
    if (variant !== undefined) await requireVisible(variant, [row], executor)
  }
}

/** The same of the rows of a model that have these keys in these fields. */
export async function requireKeys(
  { meta, fields }: { readonly meta: ModelMetadata; readonly fields: readonly ModelField[] },
  given: readonly Pick<GivenRow, 'key'>[],
  executor: Executor,
  lifts: Shape | null = null,
): Promise<void> {
  if (!meta.isRestricted || given.length === 0) return
  const key = Key.of(fields)
  const wanted = new Map(given.map((row) => [key.identityOf(row.key), row.key]))
  const { dialect } = await executorFor(meta, executor)
  const query = visible(meta, executor, lifts)
  for (const { condition } of keyLists(fields, [...wanted.values()], dialect)) {
    const rows = await query.restrictFurther(condition).valuesList(...fields.map(({ name }) => name))
    for (const row of rows) wanted.delete(key.identityOf(row))
  }
  if (wanted.size > 0) throw new NotFoundError(meta.name, 'the keys given')
}

/** The condition that the row is visible whose key these columns hold; null: all rows of the model are. */
export function leadsToVisible(
  meta: ModelMetadata,
  fields: readonly ModelField[],
  from: readonly ModelField[],
  lifts: Shape | null,
): ExpressionNode | null {
  if (!meta.isRestricted) return null
  const tie = allOf(equalColumns(fields, {}, from, { level: 1 }))
  return { kind: 'exists', query: visible(meta, null, lifts).restrictFurther(tie).toExists() }
}

function visible(meta: ModelMetadata, executor: Using, lifts: Shape | null): Query {
  const query = runtimeOf(meta.model).query(executor, 'own')
  return lifts === null ? query : query.liftedAs(lifts)
}

/** A loaded row is known to exist. With global scopes, only the database knows whether it is visible. */
const isUnknown =
  ({ globalScopes, softDelete }: ModelMetadata) =>
  ({ instance }: GivenRow): boolean => {
    const origin = instance === null ? null : originOf(instance)
    if (instance === null || origin === null || isReference(instance)) return true
    if (globalScopes.size > 0 || softDelete === null) return true
    const isLoaded = (origin.positions[softDelete.index] ?? -1) >= 0
    return !isLoaded || asRecord(instance)[softDelete.name] !== null
  }
