import type { QueryResult } from '../../../driver/driver.js'
import type { Executor } from '../../../execution/executor.js'
import { boundStatement } from '../../../execution/statement.js'
import { everyRowOf } from '../../../query/columns/table.js'
import type { MaybePromise } from '../../../util/maybe-promise.js'
import { keyLists } from '../../runtime/key-lists.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { ExpectedVersion, RowChange } from '../batch.js'
import { canonical } from '../canonical.js'
import { scopedBy, whereOwn } from '../guards.js'
import { conditionOf } from '../versions.js'
import { storedKey } from '../written.js'
import { deleteByKeys, deleteByScopes } from './by-scopes.js'
import { bound, writePlan } from './plan.js'

/** Deletes the row of an instance. */
export function sendRemove(
  runtime: ModelRuntime,
  executor: Executor,
  instance: object,
  expected: ExpectedVersion,
): MaybePromise<QueryResult> {
  const { dialect } = executor
  const scoped = scopedBy(runtime, instance)
  const key = storedKey(runtime, instance)
  const removed: RowChange = { fields: NONE, values: NONE, touched: NONE, key, expected, scoped, generated: null }
  if (scoped !== null) return executor.run(deleteByScopes(runtime, removed, dialect))
  const plan = writePlan(runtime, dialect, expected === 'any' ? 'delete any' : 'delete', () => ({
    kind: 'delete',
    table: everyRowOf(runtime.meta),
    where: whereOwn(runtime, expected),
    returning: [],
  }))
  return executor.run(boundStatement(plan.template, bound(plan, [], conditionOf(removed))))
}

/** Deletes the rows of instances, at most `most` in a statement. */
export async function sendRemovals(
  runtime: ModelRuntime,
  executor: Executor,
  instances: readonly object[],
  most: number | undefined,
): Promise<void> {
  const { dialect } = executor
  const keys = instances.map((instance) => storedKey(runtime, instance))
  const lists = keyLists(runtime.meta.primaryKey, keys, dialect, { typeOf: canonical, most })
  for (const { condition } of lists) await executor.run(deleteByKeys(runtime, condition, dialect))
}

const NONE: readonly never[] = []
