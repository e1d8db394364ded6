import type { Dialect } from '../../../dialect/dialect.js'
import type { QueryResult } from '../../../driver/driver.js'
import type { Executor } from '../../../execution/executor.js'
import { boundStatement, type NamedStatement } from '../../../execution/statement.js'
import { everyRowOf } from '../../../query/columns/table.js'
import { selectionOf } from '../../../query/statement/selections.js'
import { andThen, type MaybePromise } from '../../../util/maybe-promise.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { RowChange } from '../batch.js'
import { whereOwn } from '../guards.js'
import { conditionOf } from '../versions.js'
import { updateByScopes } from './by-scopes.js'
import { assignmentsOf, bound, placesOf, returnedBy, takeGenerated, type WritePlan, writePlan } from './plan.js'

/** Writes the changed columns of one row. */
export function sendUpdate(runtime: ModelRuntime, executor: Executor, change: RowChange): MaybePromise<QueryResult> {
  const { dialect } = executor
  const sent = executor.run(updateStatement(runtime, dialect, change))
  if (runtime.meta.generated.length === 0) return sent
  return andThen(sent, (result) => {
    takeGenerated(runtime, dialect, change, result)
    return result
  })
}

/** The same by a plan that the caller keeps, with its parameters: the values, then the key. */
export const sendPlanned = (
  executor: Executor,
  { template }: WritePlan,
  parameters: readonly unknown[],
): MaybePromise<QueryResult> => executor.run(boundStatement(template, parameters))

export function updateStatement(runtime: ModelRuntime, dialect: Dialect, change: RowChange): NamedStatement {
  if (change.scoped !== null) return updateByScopes(runtime, change, dialect)
  const plan = updatePlan(runtime, dialect, change)
  return boundStatement(plan.template, bound(plan, change.values, conditionOf(change)))
}

export function updatePlan(
  runtime: ModelRuntime,
  dialect: Dialect,
  { fields, expected }: Pick<RowChange, 'fields' | 'expected'>,
): WritePlan {
  const kind = expected === 'any' ? ' any' : ''
  return writePlan(runtime, dialect, `update${kind}:${placesOf(fields)}`, () => ({
    kind: 'update',
    table: everyRowOf(runtime.meta),
    assignments: assignmentsOf(runtime, fields, expected),
    where: whereOwn(runtime, expected),
    returning: returnedBy(runtime, dialect).map(selectionOf),
  }))
}
