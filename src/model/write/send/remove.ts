import type { Dialect } from '../../../dialect/dialect.js'
import type { QueryResult } from '../../../driver/driver.js'
import type { Executor } from '../../../execution/executor.js'
import { NamedStatement } from '../../../execution/statement.js'
import { everyRowOf } from '../../../query/columns/table.js'
import type { MaybePromise } from '../../../util/maybe-promise.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import { scopedBy, whereOwn } from '../guards.js'
import { storedKey } from '../stored.js'
import { deleteByScopes } from './by-scopes.js'
import { bound, writePlan } from './plan.js'

/** The statement that deletes the row of an instance. */
function deleteStatement(runtime: ModelRuntime, instance: object, dialect: Dialect): NamedStatement {
  const key = storedKey(runtime, instance)
  const scoped = scopedBy(runtime, instance)
  if (scoped !== null) return deleteByScopes(runtime, key, scoped, dialect)
  const plan = writePlan(runtime, dialect, 'delete', () => ({
    kind: 'delete',
    table: everyRowOf(runtime.meta),
    where: whereOwn(runtime),
    returning: [],
  }))
  return new NamedStatement(plan.form, bound(plan, [], key))
}

/** Deletes the row of an instance. */
export function sendRemove(runtime: ModelRuntime, executor: Executor, instance: object): MaybePromise<QueryResult> {
  return executor.run(deleteStatement(runtime, instance, executor.dialect))
}
