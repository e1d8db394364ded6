import { ASSIGNMENT } from '../../../ast/bases.js'
import type { ParameterNode } from '../../../ast/expression.js'
import type { AssignmentNode, StatementNode } from '../../../ast/statement.js'
import type { Dialect } from '../../../dialect/dialect.js'
import type { QueryResult } from '../../../driver/driver.js'
import { type StatementTemplate, TEMPLATE } from '../../../execution/statement.js'
import { type RowDecoder, rowDecoder } from '../../../hydrate/decoder.js'
import type { ModelField } from '../../../metadata/model-field.js'
import { nextVersion } from '../../../query/columns/version.js'
import { gateOwn } from '../../../query/scopes/pass.js'
import { at } from '../../../util/list.js'
import { memo } from '../../../util/memo.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { ExpectedVersion, RowChange } from '../batch.js'
import { canonical } from '../canonical.js'

// Statements that write rows, compiled once for each dialect and set of fields.

export function plansOf(runtime: ModelRuntime, dialect: Dialect): Map<string | number, unknown> {
  let plans = runtime.writePlans.get(dialect)
  if (plans === undefined || plans.size > 500) runtime.writePlans.set(dialect, (plans = new Map()))
  return plans
}

export interface WritePlan {
  readonly template: StatementTemplate
  readonly encoders: readonly ((canonical: unknown) => unknown)[]
}

const parameterOf = (field: ModelField): ParameterNode => ({
  kind: 'parameter',
  type: canonical(field),
  value: null,
})

/** Assignments of fields that get their values at each run. A version that nobody has read is incremented by the database. */
export function assignmentsOf(
  { meta }: ModelRuntime,
  fields: readonly ModelField[],
  expected: ExpectedVersion,
): AssignmentNode[] {
  const list = fields.map(
    (field): AssignmentNode => ({ ...ASSIGNMENT, column: field.column, value: parameterOf(field) }),
  )
  return expected === 'any' ? [...list, ...nextVersion(meta)] : list
}

export function writePlan(runtime: ModelRuntime, dialect: Dialect, key: string, build: () => StatementNode): WritePlan {
  const plans = plansOf(runtime, dialect)
  return memo(plans as Map<string | number, WritePlan>, key, () => {
    const statement = build()
    const rows = statement.kind === 'update' && statement.returning.length > 0
    const { sql, bindings, intent, uses } = dialect.compiler.compile(gateOwn(statement))
    return {
      template: { ...TEMPLATE, sql, intent, rows, uses, explain: runtime.explain },
      encoders: bindings.map(({ encode }) => encode),
    }
  })
}

/** The generated columns of the row, where an update can return them. */
export const returnedBy = ({ meta }: ModelRuntime, { capabilities }: Dialect): readonly ModelField[] =>
  capabilities.updateReturning ? meta.generated : NONE

const NONE: readonly ModelField[] = []

/** Keeps what an update has returned. */
export function takeGenerated(runtime: ModelRuntime, dialect: Dialect, change: RowChange, { rows }: QueryResult): void {
  if (runtime.meta.generated.length === 0 || rows[0] === undefined) return
  const plans = plansOf(runtime, dialect)
  const decode = memo(plans as Map<string | number, RowDecoder>, 'generated', () =>
    rowDecoder(runtime.meta.generated, (type) => dialect.codec(type)),
  )
  change.generated = decode([...rows[0]])
}

/** The same for equal lists of fields. */
export function placesOf(fields: readonly ModelField[]): string {
  let places = ''
  for (let i = 0; i < fields.length; i++) places += `${at(fields, i).index},`
  return places
}

export function bound(plan: WritePlan, values: readonly unknown[], key: readonly unknown[]): unknown[] {
  const parameters = new Array<unknown>(plan.encoders.length)
  for (let i = 0; i < parameters.length; i++) {
    const value = i < values.length ? values[i] : key[i - values.length]
    parameters[i] = at(plan.encoders, i)(value)
  }
  return parameters
}
