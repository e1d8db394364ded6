import { NotFoundError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import { originOf } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { asRecord } from '../../util/record.js'
import { keyLists, writeEach } from '../runtime/key-lists.js'
import { executorOf, undoOf } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import { follow } from '../write/cascade.js'
import { refreshFields } from '../write/reread.js'
import { wasRemoved } from '../write/written.js'

/** The error for a row that is not among the rows of the relation. */
export function notOf({ source, name }: RelationMetadata, target: ModelMetadata): NotFoundError {
  return new NotFoundError(target.name, `key in "${source.name}.${name}"`)
}

/** Deletes, with their hooks, the rows of a model that hold these keys in these fields; their number. */
export function deleteBy(
  target: ModelMetadata,
  fields: readonly ModelField[],
  keys: readonly (readonly unknown[])[],
  using: Using,
): Promise<number> {
  return deleteOf(runtimeOf(target.model).query(using), fields, keys)
}

/** The same of the rows of a query. */
export async function deleteOf(
  query: Query,
  fields: readonly ModelField[],
  keys: readonly (readonly unknown[])[],
): Promise<number> {
  const executor = await executorOf(query)
  return writeEach(keyLists(fields, keys, executor.dialect), executor, (condition, on) =>
    (on === executor ? query : query.using(on)).restrict(condition).delete({ hooks: true }),
  )
}

/** Marks instances whose rows were deleted. Soft-deleted ones read the time from their rows. */
export async function wereDeleted(instances: readonly (object | null)[]): Promise<void> {
  for (const instance of new Set(instances)) {
    const origin = instance === null ? null : originOf(instance)
    if (instance === null || origin === null) continue
    const { softDelete } = origin.meta
    const undo = await undoOf(origin.meta, origin.executor)
    if (softDelete === null) wasRemoved(instance, undo)
    else {
      await refreshFields(runtimeOf(origin.meta.model), instance, [softDelete])
      const time = asRecord(instance)[softDelete.name]
      const to = time instanceof Date ? time : null
      follow(origin.meta, instance, { from: null, to, levels: [] }, undo)
    }
  }
}
