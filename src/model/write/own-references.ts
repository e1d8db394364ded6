import { type ModelMetadata, referencedModel } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { memo } from '../../util/memo.js'
import type { ChangedInstance } from './batch.js'
import type { CanonicalRow } from './prepare.js'

// The order in which the new and changed rows of a batch are sent. Changes come first, because they may free a unique value that
// a new row takes. A change that refers to a new row of the same batch must wait until that row exists.

export interface OrderedChanges {
  readonly before: readonly ChangedInstance[]
  /** The changes that refer to a new row. */
  readonly after: readonly ChangedInstance[]
}

/** Divides changes into those that are sent before the new rows, and those that follow them. */
export function aroundInserts(
  meta: ModelMetadata,
  rows: readonly CanonicalRow[],
  changes: readonly ChangedInstance[],
): OrderedChanges {
  const fields = memo(ownReferences, meta, ownReferencesOf)
  if (rows.length === 0 || changes.length === 0 || fields.length === 0) return { before: changes, after: [] }
  const { key } = meta
  const keys = rows.map((row) => key.identityOfStored(key.valuesInRow(row)))
  const fresh = new Set<unknown>(keys.filter((identity) => identity !== undefined))
  const points = ({ change }: ChangedInstance) =>
    change.fields.some(
      (field, i) => fields.includes(field) && fresh.has(key.identityOfStored([change.values[i] ?? null])),
    )
  return { before: changes.filter((each) => !points(each)), after: changes.filter(points) }
}

/** Whether rows of the model may point at each other. */
export const hasOwnReferences = (meta: ModelMetadata): boolean => memo(ownReferences, meta, ownReferencesOf).length > 0

const ownReferences = new WeakMap<ModelMetadata, readonly ModelField[]>()

const ownReferencesOf = (meta: ModelMetadata): readonly ModelField[] =>
  meta.fields.filter((field) => field.descriptor.reference !== null && referencedModel(field).table === meta.table)
