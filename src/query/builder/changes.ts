import type { AssignmentNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import type { ModelField } from '../../metadata/model-field.js'
import { columnOf } from '../columns/columns.js'
import { fieldOf } from '../condition/where.js'
import { Expr } from '../expression/expression.js'
import type { QueryChange, QueryMark, QueryState } from '../runner/runner.js'
import { refuseTrashed } from '../scopes/trashed.js'
import type { QueryData } from './query-data.js'
import { assignments } from './write.js'

// What update(), delete() and similar methods do with the rows of a query.

type AnyQuery = Pick<QueryState, 'shape'> & {
  assigning(list: readonly AssignmentNode[], returning?: boolean): QueryState
  deleting(returning?: boolean): QueryState
}

/** Rows are removed. */
export const DELETION: QueryChange = {
  kind: 'delete',
  columns: [],
  marks: false,
  values: {},
  assignments: [],
  of: (query, returning) => (query as QueryState & AnyQuery).deleting(returning),
}

/** Columns are set. */
export const changeOf = (list: readonly AssignmentNode[]): QueryChange => ({
  kind: 'update',
  columns: list.map(({ column }) => column),
  marks: false,
  values: null,
  assignments: list,
  of: (query, returning) => (query as QueryState & AnyQuery).assigning(list, returning),
})

/** What delete() does: rows of a model with soft deletes are marked. */
export function deletionOf<Q extends QueryData<Q>>({ meta, shape }: QueryData<Q>): QueryChange | QueryMark {
  if (meta.softDelete === null) return DELETION
  refuseTrashed(meta, shape)
  return { kind: 'mark', at: new Date() }
}

/** What increment() and decrement() do. */
export function stepOf<Q extends QueryData<Q>>(
  query: QueryData<Q>,
  key: string,
  operation: 'plus' | 'minus',
  by: unknown = 1,
): QueryChange {
  const field = fieldOf(query.meta, key)
  checkStep(field, by)
  const value = new Expr(columnOf(field))[operation](by)
  return changeOf(assignments(query.meta, { [key]: value }, true, query))
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
