import { ASSIGNMENT } from '../../../ast/bases.js'
import type { ExpressionNode, ParameterNode } from '../../../ast/expression.js'
import type { Dialect } from '../../../dialect/dialect.js'
import type { NamedStatement } from '../../../execution/statement.js'
import type { ModelField } from '../../../metadata/model-field.js'
import type { Query } from '../../../query/builder/query-builder.js'
import { nextVersion } from '../../../query/columns/version.js'
import { holdsKey } from '../../../query/link/key-condition.js'
import { planned } from '../../read/plan.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { RowChange } from '../batch.js'
import { canonical } from '../canonical.js'
import { foundBy } from '../guards.js'
import { conditionOf } from '../versions.js'

// Writes by key of rows that scopes may hide. Nobody has read the row of a ref(key), so all scopes and soft deletes apply to it, as
// to a query with this key. Locked scopes apply to the rows of all instances.

/** Sets columns of the row with this key. */
export function updateByScopes(runtime: ModelRuntime, change: RowChange, dialect: Dialect): NamedStatement {
  return statementOf(assigned(rowWith(runtime, change), change), dialect)
}

/** Marks the row with this key as deleted, or brings it back: then it is looked for among the deleted ones. */
export function markByScopes(
  runtime: ModelRuntime,
  change: RowChange,
  at: Date | null,
  dialect: Dialect,
): NamedStatement {
  return statementOf(assigned(rowWith(runtime, change).amongMarked(at), change), dialect)
}

export function deleteByScopes(runtime: ModelRuntime, change: RowChange, dialect: Dialect): NamedStatement {
  return statementOf(rowWith(runtime, change).deleting(), dialect)
}

/** Deletes the rows that meet a condition on their keys. */
export function deleteByKeys(runtime: ModelRuntime, keys: ExpressionNode, dialect: Dialect): NamedStatement {
  return statementOf(runtime.query().everyRow().restrict(keys).deleting(), dialect)
}

function rowWith(runtime: ModelRuntime, change: RowChange): Query {
  const query = runtime.query()
  const own = holdsKey(foundBy(runtime.meta, change.expected), conditionOf(change), canonical)
  return (change.scoped === 'all' ? query : query.everyRow()).restrict(own)
}

function assigned(query: Query, { fields, values, expected }: RowChange): Query {
  const list = fields.map((field, i) => ({
    ...ASSIGNMENT,
    column: field.column,
    value: parameter(field, values[i]),
  }))
  return query.assigning(expected === 'any' ? [...list, ...nextVersion(query.source.meta)] : list)
}

const parameter = (field: ModelField, value: unknown): ParameterNode => ({
  kind: 'parameter',
  type: canonical(field),
  value,
})

function statementOf(query: Query, dialect: Dialect): NamedStatement {
  const { plan, values } = planned(query.source, query.shape, dialect, query.bound())
  return plan.statement(values)
}
