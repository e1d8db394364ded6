import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'

/** The parts of a query that determine which fields its rows have. */
export interface LoadedShape {
  /** The rows are groups of another query, so they are not instances. */
  readonly isGroups: boolean
  /** The fields that the source has, null for all. */
  readonly available: ReadonlySet<ModelField> | null
  readonly chosen: ReadonlySet<ModelField> | null
  readonly needed: ReadonlySet<ModelField>
}

/** The fields that a query loads, in the model's order. Instances always include their primary key. */
export function loadedFields(meta: ModelMetadata, parts: LoadedShape): ModelField[] {
  const { available, chosen } = parts
  if (parts.isGroups && available !== null)
    return meta.fields.filter((field) => available.has(field) && chosen?.has(field) !== false)
  return meta.fields.filter((field) => {
    if (!isLoaded(field, parts)) return false
    if (available === null || available.has(field)) return true
    if ((parts.chosen === null || field.isVersion) && !parts.needed.has(field)) return false
    throw new UsageError(`${field} is not selected by the queries of the union, or of from(). Select it there too.`)
  })
}

/** Whether a field is loaded. The version always is, because an instance could not be saved without it. */
function isLoaded(field: ModelField, parts: LoadedShape): boolean {
  if (field.primaryKey || field.isVersion || parts.needed.has(field)) return true
  return parts.chosen === null ? !field.lazy || parts.available?.has(field) === true : parts.chosen.has(field)
}
