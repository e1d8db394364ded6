import { ASSIGNMENT } from '../../../ast/bases.js'
import type { ParameterNode } from '../../../ast/expression.js'
import type { Dialect } from '../../../dialect/dialect.js'
import type { NamedStatement } from '../../../execution/statement.js'
import type { ModelField } from '../../../metadata/model-field.js'
import type { Query } from '../../../query/builder/query-builder.js'
import { holdsKey } from '../../../query/link/key-condition.js'
import { planned } from '../../read/plan.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { ScopedBy } from '../batch.js'
import { canonical } from '../canonical.js'

// Writes by key of rows that scopes may hide. Nobody has read the row of a ref(key), so all scopes and soft deletes apply to it, as
// to a query with this key. Locked scopes apply to the rows of all instances.

/** Values are canonical, by the fields' order. */
interface Written {
  readonly fields: readonly ModelField[]
  readonly values: readonly unknown[]
  readonly key: readonly unknown[]
  readonly scoped: ScopedBy
}

/** Sets columns of the row with this key. */
export function updateByScopes(
  runtime: ModelRuntime,
  { fields, values, key, scoped }: Written,
  dialect: Dialect,
): NamedStatement {
  return statementOf(assigned(rowWith(runtime, key, scoped), fields, values), dialect)
}

/** Marks the row with this key as deleted, or brings it back: then it is looked for among the deleted ones. */
export function markByScopes(
  runtime: ModelRuntime,
  { fields, values, key, scoped }: Written,
  at: Date | null,
  dialect: Dialect,
): NamedStatement {
  return statementOf(assigned(rowWith(runtime, key, scoped).amongMarked(at), fields, values), dialect)
}

export function deleteByScopes(
  runtime: ModelRuntime,
  key: readonly unknown[],
  scoped: ScopedBy,
  dialect: Dialect,
): NamedStatement {
  return statementOf(rowWith(runtime, key, scoped).deleting(), dialect)
}

function rowWith(runtime: ModelRuntime, key: readonly unknown[], scoped: ScopedBy): Query {
  const query = runtime.query()
  return (scoped === 'all' ? query : query.everyRow()).restrict(holdsKey(runtime.meta.primaryKey, key, canonical))
}

const assigned = (query: Query, fields: readonly ModelField[], values: readonly unknown[]): Query =>
  query.assigning(
    fields.map((field, i) => ({ ...ASSIGNMENT, column: field.column, value: parameter(field, values[i]) })),
  )

const parameter = (field: ModelField, value: unknown): ParameterNode => ({
  kind: 'parameter',
  type: canonical(field),
  value,
})

function statementOf(query: Query, dialect: Dialect): NamedStatement {
  const { plan, values } = planned(query.source, query.shape, dialect, query.bound())
  return plan.statement(values)
}
