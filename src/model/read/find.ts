import { noteRead } from '../../database/n-plus-one.js'
import { settings } from '../../database/settings.js'
import type { NamedStatement } from '../../database/statement.js'
import type { Dialect } from '../../dialect/dialect.js'
import { NotFoundError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { keyCondition, keysCondition, keyValues } from '../../query/condition/where.js'
import { keyIdentity } from '../../relation/key.js'
import { chunked } from '../../util/chunk.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { fetch, hydrate } from './fetch.js'
import { type Planned, planned } from './plan.js'
import { findsByKey } from './purpose.js'

/** The row with this key, or null. */
export function findOne(runtime: ModelRuntime, key: unknown, bound: object | null): MaybePromise<object | null> {
  const { meta } = runtime
  if (meta.primaryKey.length !== 1 || (typeof key === 'object' && key !== null) || key === undefined || key === null)
    return andThen(fetch(runtime.query(bound).keep(keyCondition(meta, key))), (rows) => rows[0] ?? null)
  return andThen(executorFor(meta, bound), (executor) => {
    const { plan, values } = keyPlan(runtime, key, executor.dialect)
    return andThen(executor.run(byKey(meta, plan.single(values))), ({ rows }) =>
      rows.length === 0 ? null : (hydrate(plan, rows, bound)[0] as object),
    )
  })
}

const byKey = (meta: ModelMetadata, statement: NamedStatement): NamedStatement =>
  settings.detectNPlusOne === false ? statement : { ...statement, userRead: noteRead(findsByKey(meta)) }

/** The plan of `find`, which needs no builder: kept on its form like any other. */
function keyPlan(runtime: ModelRuntime, key: unknown, dialect: Dialect): Planned {
  runtime.keyShape ??= runtime.query().keep(keyCondition(runtime.meta, key)).shape
  return planned(runtime.meta, runtime.keyShape, dialect, [key])
}

/** Keys per statement: below every database's limit of parameters. */
const KEYS = 10_000

/** The rows with these keys, in the keys' order; keys without a row are left out. */
export async function findMany(
  runtime: ModelRuntime,
  keys: readonly unknown[],
  bound: object | null,
): Promise<object[]> {
  const { meta } = runtime
  const found = new Map<string, object>()
  const identity = keyIdentity(meta.primaryKey)
  for (const chunk of chunked(keys, meta.primaryKey.length === 1 ? KEYS : 100)) {
    const rows = await fetch(
      runtime.query(bound, found.size === 0 ? undefined : 'own').keep(keysCondition(meta, chunk)),
    )
    for (const row of rows)
      found.set(identity(meta.primaryKey.map((field) => (row as Record<string, unknown>)[field.name])), row)
  }
  return keys.flatMap(
    (key) =>
      found.get(identity(keyValues(meta, key).map((value, i) => meta.primaryKey[i]?.kind.cast?.(value) ?? value))) ??
      [],
  )
}

export function notFoundByKey(runtime: ModelRuntime): NotFoundError {
  return new NotFoundError(runtime.meta.name, runtime.meta.primaryKey.map((field) => field.name).join(', '))
}
