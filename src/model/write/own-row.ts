import type { Executor, Using } from '../../execution/executor.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import { holdsKey } from '../../query/link/key-condition.js'
import type { QueryCause } from '../../query/runner/runner.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { isReference } from '../runtime/reference.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { originalKey } from './values.js'
import { takeOverMade } from './written.js'

/** Reads values that a write could not return, such as a database default without RETURNING. */
export function readMissing(
  runtime: ModelRuntime,
  missing: readonly ModelField[],
  instance: object,
  executor: Executor,
): MaybePromise<void> {
  if (missing.length === 0) return
  return ownRow(runtime, instance, executor, 'own')
    .valuesList(...missing.map((field) => field.name))
    .then(([row]) => {
      takeOverMade(missing, instance, row ?? [])
    })
}

/**
 * The query for the row of an instance. Scopes do not apply, because the row was read once; they do apply to a reference, which
 * is only a key.
 */
export function ownRow(runtime: ModelRuntime, instance: object, executor: Using, cause?: QueryCause): Query {
  const query = runtime.query(executor, cause)
  return (isReference(instance) ? query : query.everyRow()).restrict(
    holdsKey(runtime.meta.primaryKey, rowKey(runtime, instance)),
  )
}

/** The original key, or else the one that the instance holds. */
export function rowKey({ meta }: ModelRuntime, instance: object): unknown[] {
  const stored = originalKey(meta, instance)
  return stored.some((value) => value === undefined || value === null) ? meta.key.valuesOfSaved(instance) : stored
}
