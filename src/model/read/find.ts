import { settings } from '../../database/settings.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { DriverRow } from '../../driver/driver.js'
import { NotFoundError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import { noteRead } from '../../execution/n-plus-one.js'
import { type NamedStatement, statementWith } from '../../execution/statement.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { keyCondition } from '../../query/link/key-condition.js'
import { at } from '../../util/list.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { keyLists } from '../runtime/key-lists.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { withAfterLoad } from './after-load.js'
import { fetch, readRows } from './fetch.js'
import { type BoundPlan, planned } from './plan.js'
import { findsByKey } from './purpose.js'

/** The row with this key, or null. */
export function findOne(runtime: ModelRuntime, key: unknown, using: Using): MaybePromise<object | null> {
  const { meta } = runtime
  if (meta.primaryKey.length !== 1 || (typeof key === 'object' && key !== null) || key === undefined || key === null)
    return andThen(fetch(runtime.query(using).restrict(keyCondition(meta, key))), (rows) => rows[0] ?? null)
  const executor = executorFor(meta, using)
  if (executor instanceof Promise) return executor.then((later) => findOn(later, runtime, key, using))
  return findOn(executor, runtime, key, using)
}

function findOn(executor: Executor, runtime: ModelRuntime, key: unknown, using: Using): MaybePromise<object | null> {
  const { plan, values } = keyPlan(runtime, key, executor.dialect)
  const result = executor.run(byKey(runtime.meta, plan.single(values)))
  return result instanceof Promise ? result.then(({ rows }) => only(plan, rows, using)) : only(plan, result.rows, using)
}

function only(plan: BoundPlan['plan'], rows: DriverRow[], using: Using): MaybePromise<object | null> {
  if (rows.length === 0) return null
  const loaded = withAfterLoad(readRows(plan, rows, using).instances)
  return loaded instanceof Promise ? loaded.then(([found]) => found ?? null) : at(loaded, 0)
}

const byKey = (meta: ModelMetadata, statement: NamedStatement): NamedStatement =>
  settings.detectNPlusOne === false ? statement : statementWith(statement, { userRead: noteRead(findsByKey(meta)) })

/** The plan of `find`, which needs no builder: kept on its shape like any other. */
function keyPlan(runtime: ModelRuntime, key: unknown, dialect: Dialect): BoundPlan {
  runtime.keyShape ??= runtime.query().restrict(keyCondition(runtime.meta, key)).shape
  return planned(runtime.source, runtime.keyShape, dialect, [key])
}

/** The rows with these keys, in the keys' order; keys without a row are left out. */
export async function findMany(runtime: ModelRuntime, given: readonly unknown[], using: Using): Promise<object[]> {
  const { key, primaryKey } = runtime.meta
  const keys = given.map((form) => key.read(form))
  if (keys.length === 0) return []
  const place = executorFor(runtime.meta, using)
  const { dialect } = place instanceof Promise ? await place : place
  const found = new Map<unknown, object>()
  let isFirst = true
  for (const { condition } of keyLists(primaryKey, keys, dialect)) {
    const rows = await fetch(runtime.query(using, isFirst ? undefined : 'own').restrict(condition))
    for (const row of rows) found.set(key.identityIn(row), row)
    isFirst = false
  }
  return keys.flatMap((values) => found.get(key.identityOf(values)) ?? [])
}

export function notFoundByKey(runtime: ModelRuntime): NotFoundError {
  return new NotFoundError(runtime.meta.name, runtime.meta.key.names)
}
