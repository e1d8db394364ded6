import type { ExpressionNode } from '../../../ast/expression.js'
import { NotFoundError } from '../../../errors.js'
import { originOf } from '../../../hydrate/state.js'
import type { ModelMetadata } from '../../../metadata/metadata.js'
import type { ModelField } from '../../../metadata/model-field.js'
import type { RelationMetadata } from '../../../metadata/relation/resolve.js'
import { columnOf } from '../../../query/columns/columns.js'
import { allOf } from '../../../query/condition/tie.js'
import type { Query } from '../../../query/query-builder.js'
import { undoOf } from '../../run.js'
import { runtimeOf } from '../../runtime.js'
import { follow } from '../cascade.js'
import { wasRemoved } from '../update.js'
import type { Attributes } from '../values.js'

/** A row that is not the relation's, whoever else's it may be. */
export function notOf({ source, name }: RelationMetadata, target: ModelMetadata): NotFoundError {
  return new NotFoundError(target.name, `key in "${source.name}.${name}"`)
}

/** Deletes the rows of a model that hold these keys in these fields; their number. */
export function deleteBy(
  target: ModelMetadata,
  fields: readonly ModelField[],
  keys: readonly (readonly unknown[])[],
  home: object | null,
): Promise<number> {
  return deleteOf(runtimeOf(target.model).query(home), fields, keys)
}

/** The same of the rows of a query. */
export function deleteOf(
  query: Query,
  fields: readonly ModelField[],
  keys: readonly (readonly unknown[])[],
): Promise<number> {
  return query.keep(holding(fields, keys)).delete()
}

function holding(fields: readonly ModelField[], keys: readonly (readonly unknown[])[]): ExpressionNode {
  const [field, second] = fields
  if (field !== undefined && second === undefined && keys.length > 1) {
    const list = { kind: 'list', type: field, values: keys.map(([value]) => value) } as const
    return { kind: 'in', operand: columnOf(field), list, negated: false }
  }
  const items = keys.map((key) => allOf(fields.map((each, i) => equal(each, key[i]))))
  return items.length === 1 ? (items[0] as ExpressionNode) : { kind: 'logic', operator: 'or', items }
}

const equal = (field: ModelField, value: unknown): ExpressionNode => ({
  kind: 'comparison',
  operator: '=',
  left: columnOf(field),
  right: { kind: 'parameter', type: field, value },
})

/** The rows of these instances were deleted; those that are kept for later say when. */
export async function wereDeleted(instances: readonly (object | null)[]): Promise<void> {
  for (const instance of new Set(instances)) {
    const origin = instance === null ? null : originOf(instance)
    if (instance === null || origin === null) continue
    const { softDelete } = origin.meta
    const undo = await undoOf(origin.meta, origin.executor)
    if (softDelete === null) wasRemoved(instance, undo)
    else {
      await (instance as Refreshed).refresh(softDelete.name)
      follow(origin.meta, instance, null, (instance as Attributes)[softDelete.name] as Date | null, undo)
    }
  }
}

interface Refreshed {
  refresh(field: string): Promise<unknown>
}
