import { UsageError } from '../errors.js'
import type { RelationMetadata, Variants } from '../metadata/relation/resolve.js'
import { asRecord } from '../util/record.js'

/** Whether the type field names none of the relation's models. */
export function isOfUnknownModel(instance: object, { variants }: RelationMetadata): boolean {
  if (variants === null) return false
  const type = asRecord(instance)[variants.typeField.name]
  return type !== null && type !== undefined && !(typeof type === 'string' && variants.byName.has(type))
}

/** The relation to the model that an instance's type field names; null where the field or the key is null. */
export function variantOf(
  instance: object,
  relation: RelationMetadata,
  { typeField, byName }: Variants,
): RelationMetadata | null {
  const values = asRecord(instance)
  const type = values[typeField.name]
  if (type === null || type === undefined) return null
  if (relation.sourceKeys.some((field) => values[field.name] === null || values[field.name] === undefined)) return null
  const variant = typeof type === 'string' ? byName.get(type) : undefined
  if (variant !== undefined) return variant
  // what the database says never finds a class by itself
  throw new UsageError(
    `${typeField} of a row holds "${String(type).slice(0, 60)}", which is none of the related models of "${relation.source.name}.${relation.name}". Those are ${[...byName.keys()].map((name) => `"${name}"`).join(', ')}. Add the model to its list, or fix the row.`,
  )
}
