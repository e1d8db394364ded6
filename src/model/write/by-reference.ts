import { ASSIGNMENT } from '../../ast/bases.js'
import type { ParameterNode } from '../../ast/expression.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { NamedStatement } from '../../execution/statement.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import { holdsKey } from '../../query/link/key-condition.js'
import { planned } from '../read/plan.js'
import { isReference } from '../runtime/reference.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { canonical } from './canonical.js'

// Writes by ref(key). Nobody has read the row, so global scopes and soft deletes hold for it, as for a query with this key.

/** Whether scopes may hide the row of an instance from its own writes. */
export const isWrittenByScopes = (runtime: ModelRuntime, instance: object): boolean =>
  runtime.meta.isRestricted && isReference(instance)

/** Values are canonical, by the fields' order. */
interface Written {
  readonly fields: readonly ModelField[]
  readonly values: readonly unknown[]
}

/** Sets columns of the row with this key. */
export function updateByReference(
  runtime: ModelRuntime,
  key: readonly unknown[],
  { fields, values }: Written,
  dialect: Dialect,
): NamedStatement {
  return statementOf(assigned(rowWith(runtime, key), fields, values), dialect)
}

/** Marks the row with this key as deleted, or brings it back: then it is looked for among the deleted ones. */
export function markByReference(
  runtime: ModelRuntime,
  key: readonly unknown[],
  { fields, values }: Written,
  at: Date | null,
  dialect: Dialect,
): NamedStatement {
  return statementOf(assigned(rowWith(runtime, key).amongMarked(at), fields, values), dialect)
}

export function deleteByReference(runtime: ModelRuntime, key: readonly unknown[], dialect: Dialect): NamedStatement {
  return statementOf(rowWith(runtime, key).deleting(), dialect)
}

function rowWith(runtime: ModelRuntime, key: readonly unknown[]): Query {
  return runtime.query().keep(holdsKey(runtime.meta.primaryKey, key, canonical))
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
