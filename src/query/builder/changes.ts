import type { AssignmentNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { columnOf } from '../columns/columns.js'
import { fieldOf } from '../condition/where.js'
import { Expr } from '../expression/expression.js'
import type { QueryDelete, QueryMark, QueryUpdate, QueryWrite } from '../runner/runner.js'
import { deletionAt, refuseTrashed } from '../scopes/trashed.js'
import type { QueryData } from './query-data.js'
import { assignments } from './write.js'

// What update(), delete() and similar methods do with the rows of a query.

/** Rows are removed. */
export const DELETION: QueryDelete = { kind: 'delete' }

/** Columns are set. */
export const updateOf = (assignments: readonly AssignmentNode[]): QueryUpdate => ({
  kind: 'update',
  assignments,
  values: null,
})

/** The statement that writes the rows of a query. */
export function writing<Q extends QueryData<Q>>(query: Q, write: QueryWrite, returning = false): Q {
  switch (write.kind) {
    case 'update':
      return query.assigning(write.assignments, returning)
    case 'delete':
      return query.deleting(returning)
    case 'mark':
      return query.marked(write.at, returning)
  }
}

/** The columns that a write sets. */
export function writtenColumns({ meta }: { readonly meta: ModelMetadata }, write: QueryWrite): readonly string[] {
  if (write.kind === 'delete') return []
  const list = write.kind === 'update' ? write.assignments : deletionAt(meta, write.at)
  return list.map(({ column }) => column)
}

/** What delete() does: rows of a model with soft deletes are marked. */
export function deletionOf<Q extends QueryData<Q>>({ meta, shape }: QueryData<Q>): QueryDelete | QueryMark {
  if (meta.softDelete === null) return DELETION
  refuseTrashed(meta, shape)
  return { kind: 'mark', at: new Date() }
}

/** What increment() and decrement() do. */
export function counterUpdate<Q extends QueryData<Q>>(
  query: QueryData<Q>,
  key: string,
  operation: 'plus' | 'minus',
  by: unknown = 1,
): QueryUpdate {
  const field = fieldOf(query.meta, key)
  checkStep(field, by)
  const value = new Expr(columnOf(field))[operation](by)
  return updateOf(assignments(query.meta, { [key]: value }, true, query))
}

/** What increment and decrement add: a number of the field's own kind. */
export function checkStep(field: ModelField, by: unknown): void {
  const { name } = field.dataType
  if (!['smallInteger', 'integer', 'bigInteger', 'float', 'decimal'].includes(name))
    throw new UsageError(`${field} is not a number, so it can't be incremented.`)
  if (typeof by === 'bigint' && name === 'bigInteger') return
  if (name === 'decimal' && typeof by === 'object' && by !== null) return void field.check(by)
  if (
    typeof by !== 'number' ||
    !Number.isFinite(by) ||
    (name !== 'float' && name !== 'decimal' && !Number.isInteger(by))
  )
    throw new UsageError(
      `${field} can be incremented by ${name === 'float' || name === 'decimal' ? 'a number' : 'an integer'} only.`,
    )
}
