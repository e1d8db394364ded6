import { ASSIGNMENT } from '../../../ast/bases.js'
import type { AssignmentNode } from '../../../ast/statement.js'
import type { QueryResult } from '../../../driver/driver.js'
import type { Executor } from '../../../execution/executor.js'
import { NamedStatement } from '../../../execution/statement.js'
import type { ModelField } from '../../../metadata/model-field.js'
import { columnOf } from '../../../query/columns/columns.js'
import { everyRowOf } from '../../../query/columns/table.js'
import { at as placed } from '../../../util/list.js'
import type { MaybePromise } from '../../../util/maybe-promise.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { RowChange } from '../batch.js'
import { whereOwn } from '../guards.js'
import { markByScopes } from './by-scopes.js'
import { bound, parameterOf, type WritePlan, writePlan } from './plan.js'

/** Marks the row of an instance as deleted at a time, or restores it (null). Does nothing if the row is in that state. */
export function sendMark(
  runtime: ModelRuntime,
  executor: Executor,
  change: RowChange,
  at: Date | null,
): MaybePromise<QueryResult> {
  if (change.scoped !== null) return executor.run(markByScopes(runtime, change, at, executor.dialect))
  const plan = markPlan(runtime, executor, change.fields, at === null)
  return executor.run(new NamedStatement(plan.form, bound(plan, change.values, change.key)))
}

/** The first of the fields is the time of the deletion. */
function markPlan(
  runtime: ModelRuntime,
  { dialect }: Executor,
  fields: readonly ModelField[],
  restores: boolean,
): WritePlan {
  return writePlan(runtime, dialect, restores ? 'restore' : 'softDelete', () => ({
    kind: 'update',
    table: everyRowOf(runtime.meta),
    assignments: fields.map(
      (field): AssignmentNode => ({ ...ASSIGNMENT, column: field.column, value: parameterOf(field) }),
    ),
    where: {
      kind: 'logic',
      operator: 'and',
      items: [whereOwn(runtime), { kind: 'nullTest', operand: columnOf(placed(fields, 0)), negated: restores }],
    },
    returning: [],
  }))
}
