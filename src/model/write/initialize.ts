import { UsageError } from '../../errors.js'
import type { ModelAttribute } from '../../metadata/attribute.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, relationOf, variantFor, variantsOf } from '../../metadata/relation/resolve.js'
import type { Translation } from '../../metadata/translation.js'
import { castGuarded, guardedError, unknownKey } from '../../query/builder/write.js'
import { isPlainObject } from '../../query/condition/where.js'
import { emptyRecord } from '../../util/record.js'
import type { Attributes } from './values.js'
import { castValue, writeMetadataOf } from './write-metadata.js'

/**
 * What data may hold in addition: with `true` guarded fields, and values in the form that is stored, such as the hash of a password.
 * With `fields` guarded fields only.
 */
type Guarding = boolean | 'fields'

/** Sets the fields of a new instance, in the model's order: from the data, the default, or null if the field is nullable. */
export function initialize(instance: Attributes, meta: ModelMetadata, data: unknown, guarded: Guarding): void {
  const { fill, fillQuickly, initial } = writeMetadataOf(meta)
  // every own key belongs to an ordinary field, so there are no unknown, guarded or inherited keys
  if (fillQuickly !== null && isPlainObject(data) && !takesForms(meta, guarded)) {
    if (fillQuickly(instance, data, Object.keys(data).length, initial)) return
  }
  const apart = noneApart(meta)
  fill(instance, data === undefined ? NONE : readData(meta, data, guarded, apart), initial)
  if (apart !== null) Object.assign(instance, apart)
}

/** Takes the values of attributes without a column; null: the model has none. */
const noneApart = ({ attributes }: ModelMetadata): Attributes | null => (attributes.size === 0 ? null : emptyRecord())

/** Whether data may hold values in the form that is stored. */
const takesForms = (meta: ModelMetadata, guarded: Guarding): boolean => guarded === true && meta.needs.prepared

const NONE: readonly unknown[] = []

/** Assigns data to an existing instance. */
export function assign(instance: Attributes, meta: ModelMetadata, data: unknown, guarded: boolean): void {
  const apart = noneApart(meta)
  readData(meta, data, guarded, apart).forEach((value, place) => {
    const field = meta.fields[place] as ModelField
    if (value !== undefined) instance[field.name] = castValue(field, value)
  })
  if (apart !== null) Object.assign(instance, apart)
}

/** The values of data by field position. A to-one relation may be given in place of its key. */
function readData(meta: ModelMetadata, data: unknown, guarded: Guarding, apart: Attributes | null): unknown[] {
  if (!isPlainObject(data)) throw new UsageError(`Data for "${meta.name}" must be a plain object of its fields.`)
  const given = new Array<unknown>(meta.fields.length)
  const relations: string[] = []
  const translated: ModelAttribute[] = []
  for (const name of Object.keys(data)) {
    const value = data[name]
    const field = meta.fieldOrNull(name)
    if (field !== undefined) {
      if (value === undefined) continue
      if (field.guarded) refuse(field, guarded !== false)
      given[field.index] = guarded === true ? castGuarded(field, value) : value
    } else if (apart !== null && meta.attributes.has(name)) {
      const attribute = meta.attributes.get(name) as ModelAttribute
      if (attribute.translation !== null) translated.push(attribute)
      else if (attribute.compute !== null) throw unknownKey(meta, name)
      else if (value !== undefined) apart[name] = value
    } else if (!meta.relations.has(name)) throw unknownKey(meta, name)
    else if (value !== undefined) relations.push(name)
  }
  for (const { name, translation } of translated) putTranslated(translation as Translation, data[name], given, guarded)
  for (const name of relations) putRelation(meta, name, data[name], given)
  return given
}

/** Sets the value of the current language. A value for an explicit language takes precedence. */
function putTranslated({ target }: Translation, value: unknown, given: unknown[], guarded: Guarding): void {
  if (value === undefined || given[target.index] !== undefined) return
  if (target.guarded) refuse(target, guarded !== false)
  given[target.index] = value
}

export function isSameKey(field: ModelField, a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b
  const key = new Key([field])
  return key.identityOf([a]) === key.identityOf([b])
}

/** Sets the key of a given relation. If the key is given as well, both must be equal. */
function putKey(field: ModelField, value: unknown, given: unknown[], relation: string): void {
  const known = given[field.index]
  if (known !== undefined && !isSameKey(field, known, value))
    throw new UsageError(
      `${field} has two values: one in the data, and another from the relation "${relation}". Give one of them.`,
    )
  given[field.index] = value
}

function refuse(field: ModelField, guarded: boolean): void {
  if (field.generated !== null)
    throw new UsageError(`${field} is generated by the database and can't be written. Leave it out.`)
  if (field.guarded && !guarded) throw guardedError(field)
}

const namesOf = (relation: RelationMetadata) =>
  variantsOf(relation)
    .map(({ target }) => `"${target.name}"`)
    .join(' or ')

function putRelation(meta: ModelMetadata, name: string, value: unknown, given: unknown[]): void {
  const relation = relationOf(meta, name)
  if (!relation.ownsKey)
    throw new UsageError(
      `"${meta.name}.${name}" can't be given as data. Create the rows with related('${name}').create(…), or with createWithRelations().`,
    )
  const fields =
    relation.variants === null ? relation.sourceKeys : [...relation.sourceKeys, relation.variants.typeField]
  if (value === null) {
    for (const field of fields) putKey(field, null, given, name)
    return
  }
  const variant = variantFor(relation, value)
  if (variant === undefined)
    throw new UsageError(
      `"${meta.name}.${name}" takes an instance of ${namesOf(relation)}, or give its key as "${fields.map((field) => field.name).join('" and "')}".`,
    )
  variant.sourceKeys.forEach((field, i) => {
    const key = (value as Attributes)[variant.targetKeys[i]?.name ?? '']
    if (key === undefined || key === null)
      throw new UsageError(
        `The "${variant.target.name}" given for "${meta.name}.${name}" is not saved yet. Save it first.`,
      )
    putKey(field, key, given, name)
  })
  if (variant.sourceMorph !== null) putKey(variant.sourceMorph.field, variant.sourceMorph.value, given, name)
}
