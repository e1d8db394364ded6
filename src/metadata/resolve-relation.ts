import { DefinitionError, UnknownRelationError } from '../errors.js'
import { lowerFirst, suggestion } from '../util/names.js'
import { type ModelMetadata, metadataOf } from './metadata.js'
import type { ModelField } from './model-field.js'
import type { RelationDescriptor, RelationType } from './relation.js'

/** A relation with both ends known: rows belong together where `sourceKey` and `targetKey` hold the same value. */
export interface RelationMetadata {
  readonly name: string
  readonly type: RelationType
  readonly many: boolean
  readonly source: ModelMetadata
  readonly target: ModelMetadata
  readonly sourceKey: ModelField
  readonly targetKey: ModelField
  /** Its place among the model's relations. */
  readonly index: number
}

const resolved = new WeakMap<ModelMetadata, Map<string, RelationMetadata>>()

export function relationOf(source: ModelMetadata, name: string): RelationMetadata {
  let known = resolved.get(source)
  if (known === undefined) resolved.set(source, (known = new Map()))
  let relation = known.get(name)
  if (relation === undefined) known.set(name, (relation = resolve(source, name)))
  return relation
}

function resolve(source: ModelMetadata, name: string): RelationMetadata {
  const descriptor = source.relations.get(name)
  if (descriptor === undefined) {
    const text = String(name).slice(0, 100)
    throw new UnknownRelationError(
      `"${source.name}" has no relation "${text}".${suggestion(text, source.relations.keys())}`,
    )
  }
  const target = targetOf(source, name, descriptor)
  const index = [...source.relations.keys()].indexOf(name)
  const common = { name, type: descriptor.type, many: descriptor.type === 'hasMany', source, target, index }
  const where = `"${source.name}.${name}"`
  if (descriptor.type === 'belongsTo') {
    const sourceKey = ownKey(source, name, target, descriptor)
    return { ...common, sourceKey, targetKey: keyField(target, descriptor.options.localKey, where) }
  }
  const targetKey = foreignKey(source, name, target, descriptor)
  return { ...common, sourceKey: keyField(source, descriptor.options.localKey, where), targetKey }
}

function targetOf(source: ModelMetadata, name: string, descriptor: RelationDescriptor): ModelMetadata {
  try {
    return metadataOf(descriptor.target())
  } catch (cause) {
    if (cause instanceof DefinitionError)
      throw new DefinitionError(`"${source.name}.${name}": ${cause.message}`, { cause })
    throw cause
  }
}

function keyField(meta: ModelMetadata, named: string | undefined, where: string): ModelField {
  if (named !== undefined) return optionField(meta, named, where, 'localKey')
  const [key, second] = meta.primaryKey
  if (key !== undefined && second === undefined) return key
  throw new DefinitionError(`${where} needs { localKey }: the key of "${meta.name}" has several fields.`)
}

function optionField(meta: ModelMetadata, name: string, where: string, option: string): ModelField {
  const field = meta.fieldOrNull(name)
  if (field !== undefined) return field
  throw new DefinitionError(
    `${where} has { ${option}: '${name}' }, but "${meta.name}" has no such field.${suggestion(
      name,
      meta.fields.map((f) => f.name),
    )}`,
  )
}

const pointsAt = (field: ModelField, target: ModelMetadata) => {
  const reference = field.descriptor.reference
  return reference !== null && metadataOf(reference.target()) === target
}

/** belongsTo: `<relation>Id`, or the only foreign key to the target. */
function ownKey(
  source: ModelMetadata,
  name: string,
  target: ModelMetadata,
  { options }: RelationDescriptor,
): ModelField {
  const where = `"${source.name}.${name}"`
  if (options.foreignKey !== undefined) return optionField(source, options.foreignKey, where, 'foreignKey')
  const byName = source.fieldOrNull(`${name}Id`)
  if (byName !== undefined && (byName.descriptor.reference === null || pointsAt(byName, target))) return byName
  return only(
    source.fields.filter((field) => pointsAt(field, target)),
    where,
    source,
    `${name}Id`,
  )
}

/** hasOne, hasMany: the only foreign key of the target to this model, or `<model>Id`. */
function foreignKey(
  source: ModelMetadata,
  name: string,
  target: ModelMetadata,
  { options }: RelationDescriptor,
): ModelField {
  const where = `"${source.name}.${name}"`
  if (options.foreignKey !== undefined) return optionField(target, options.foreignKey, where, 'foreignKey')
  const expected = `${lowerFirst(source.name)}Id`
  const candidates = target.fields.filter((field) => pointsAt(field, source))
  const byName = target.fieldOrNull(expected)
  if (candidates.length === 0 && byName !== undefined && byName.descriptor.reference === null) return byName
  return only(candidates, where, target, expected)
}

function only(candidates: readonly ModelField[], where: string, holder: ModelMetadata, expected: string): ModelField {
  const [first, second] = candidates
  if (first !== undefined && second === undefined) return first
  if (first === undefined)
    throw new DefinitionError(
      `${where} expects "${expected}" on "${holder.name}", but "${holder.name}" has no such field. Add it, or pass { foreignKey }.`,
    )
  throw new DefinitionError(
    `${where} is ambiguous: ${candidates.map((field) => `"${field.name}"`).join(' and ')} on "${holder.name}" fit. Pass { foreignKey }.`,
  )
}
