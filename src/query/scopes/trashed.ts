import { ASSIGNMENT } from '../../ast/bases.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { AssignmentNode } from '../../ast/statement.js'
import { someInside } from '../../ast/walk.js'
import { quotedName, UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { suggestion } from '../../util/names.js'
import { nextVersion } from '../columns/version.js'
import type { Shape, TrashedRows } from '../shape.js'

/** The name of the scope that hides deleted rows. */
export const SOFT_DELETE = 'softDelete'

/** The soft-delete field of a model, for a call that requires it. */
export function softDeleteOf({ name, softDelete }: ModelMetadata, call: string): ModelField {
  if (softDelete !== null) return softDelete
  throw new UsageError(`${call} is for models with soft deletes: "${name}" has no Field.softDelete().`)
}

export function refuseScopeName({ name, globalScopes }: ModelMetadata, scope: unknown): asserts scope is string {
  if (typeof scope === 'string' && globalScopes.has(scope)) return
  const near = typeof scope === 'string' ? suggestion(scope, globalScopes.keys()) : ''
  throw new UsageError(`"${name}" has no global scope ${quotedName(scope)}.${near}`)
}

/** Which rows a query includes. The last such call wins. */
export function trashedOf(shape: Shape): TrashedRows {
  return shape.last('trashed')?.rows ?? 'without'
}

/** Refuses the call after a union, because each query of the union has its own scopes. */
export function refuseAfterUnion(shape: Shape, call: string): void {
  if (shape.has('compound')) throw new UsageError(`${call} can't follow a union. Call it on each query of the union.`)
}

/** Soft-deleted rows can only be deleted with forceDelete(). */
export function refuseTrashed(meta: ModelMetadata, shape: Shape): void {
  if (trashedOf(shape) === 'only')
    throw new UsageError(
      `delete() has nothing to do among rows of onlyTrashed(): they are deleted. forceDelete() removes them from "${meta.table}".`,
    )
}

/** Refuses restore() with a condition on the time of the deletion, if the query hides deleted rows. */
export function refuseHidden(meta: ModelMetadata, shape: Shape): void {
  const field = softDeleteOf(meta, 'restore()')
  const asked = [...shape.each('where'), ...shape.each('around')]
  if (trashedOf(shape) === 'without' && asked.some(({ node }) => asksOf(field, node)))
    throw new UsageError(
      `restore() has a condition on ${field}, but deleted rows are hidden from this query. Say which rows are meant: ${meta.name}.onlyTrashed().`,
    )
}

const asksOf = (field: ModelField, asked: ExpressionNode): boolean =>
  someInside(asked, (node, depth) => {
    if (node.kind !== 'column' || node.type !== field || node.path !== undefined) return false
    return (node.level ?? 0) === depth
  })

/** The assignments that delete rows at a time or restore them, including the fields that every save sets. */
export function deletionAt(meta: ModelMetadata, at: Date | null): AssignmentNode[] {
  const field = softDeleteOf(meta, 'restore()')
  const now = at ?? new Date()
  const assigned = (type: ModelField, value: unknown): AssignmentNode => ({
    ...ASSIGNMENT,
    column: type.column,
    value: { kind: 'parameter', type, value },
  })
  const touched = meta.fields.filter(({ kind }) => kind.automatic?.on === 'save')
  return [assigned(field, at), ...touched.map((each) => assigned(each, now)), ...nextVersion(meta)]
}
