import type { QueryResult } from '../../../driver/driver.js'
import type { Executor } from '../../../execution/executor.js'
import { boundStatement } from '../../../execution/statement.js'
import { columnOf } from '../../../query/columns/columns.js'
import { everyRowOf } from '../../../query/columns/table.js'
import { at as placed } from '../../../util/list.js'
import type { MaybePromise } from '../../../util/maybe-promise.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { RowChange } from '../batch.js'
import { whereOwn } from '../guards.js'
import { conditionOf } from '../versions.js'
import { markByScopes } from './by-scopes.js'
import { assignmentsOf, bound, type WritePlan, writePlan } from './plan.js'

/** Marks the row of an instance as deleted at a time, or restores it (null). Does nothing if the row is in that state. */
export function sendMark(
  runtime: ModelRuntime,
  executor: Executor,
  change: RowChange,
  at: Date | null,
): MaybePromise<QueryResult> {
  if (change.scoped !== null) return executor.run(markByScopes(runtime, change, at, executor.dialect))
  const plan = markPlan(runtime, executor, change, at === null)
  return executor.run(boundStatement(plan.template, bound(plan, change.values, conditionOf(change))))
}

/** The first of the fields is the time of the deletion. */
function markPlan(
  runtime: ModelRuntime,
  { dialect }: Executor,
  { fields, expected }: RowChange,
  restores: boolean,
): WritePlan {
  const key = restores ? 'restore' : 'softDelete'
  return writePlan(runtime, dialect, expected === 'any' ? `${key} any` : key, () => ({
    kind: 'update',
    table: everyRowOf(runtime.meta),
    assignments: assignmentsOf(runtime, fields, expected),
    where: {
      kind: 'logic',
      operator: 'and',
      items: [
        whereOwn(runtime, expected),
        { kind: 'nullTest', operand: columnOf(placed(fields, 0)), negated: restores },
      ],
    },
    returning: [],
  }))
}
