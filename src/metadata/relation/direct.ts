import { DefinitionError } from '../../errors.js'
import type { RelationDescriptor, RelationOptions } from '../descriptor.js'
import { type ModelMetadata, metadataOf, morphNameOf } from '../metadata.js'
import type { ModelField } from '../model-field.js'
import { foreignKeys, localKeys, namedFields, ownKeys } from './keys.js'
import type { Link, Morph } from './relation-metadata.js'

/** What a kind of relation is asked to link. */
export interface LinkContext {
  readonly source: ModelMetadata
  readonly name: string
  readonly target: ModelMetadata
  readonly options: RelationOptions
  /** The relation as messages show it. */
  readonly where: string
}

const NO_MORE = { morph: null, sourceMorph: null, through: null } as const

/** The source holds the key. */
export function linkToOwner({ source, name, target, options, where }: LinkContext): Link {
  const { foreignKey, localKey } = options
  const from =
    foreignKey === undefined
      ? ownKeys(source, name, target, where)
      : namedFields(source, foreignKey, where, 'foreignKey')
  return { from, to: localKeys(target, localKey, from.length, where), ownsKey: true, ...NO_MORE }
}

/** The target holds the key. */
export function linkToOwned({ source, target, options, where }: LinkContext): Link {
  const { foreignKey, localKey } = options
  const to =
    foreignKey === undefined ? foreignKeys(target, source, where) : namedFields(target, foreignKey, where, 'foreignKey')
  return { from: localKeys(source, localKey, to.length, where), to, ownsKey: false, ...NO_MORE }
}

/** The pair of fields that hold a key and the name of its model. */
export interface MorphPair {
  readonly id: readonly ModelField[]
  readonly type: ModelField
}

export function morphPair(meta: ModelMetadata, name: string, options: RelationOptions, where: string): MorphPair {
  const { foreignKey = `${name}Id`, typeKey = `${name}Type` } = options
  const missing = [foreignKey, typeKey].flat().filter((each) => !meta.hasField(each))
  if (missing.length > 0)
    throw new DefinitionError(
      `${where} expects ${missing.map((each) => `"${each}"`).join(' and ')} on "${meta.name}". Add ...Field.morphs('${name}') to its fields, or pass { foreignKey, typeKey }.`,
    )
  const id = namedFields(meta, foreignKey, where, 'foreignKey')
  return { id, type: meta.field(typeKey) }
}

/** The target holds the key and the name of this model. */
export function linkToMorphed({ source, target, options, where }: LinkContext): Link {
  const name = options.morph ?? ''
  const { id, type } = morphPair(target, name, options, where)
  refuseUnlisted(source, target, type, where)
  const from = localKeys(source, options.localKey, id.length, where)
  return { from, to: id, ownsKey: false, ...NO_MORE, morph: { field: type, value: morphNameOf(source) } }
}

/** The other side of the pair, where it is there, must know this model: else its rows could not be read from there. */
function refuseUnlisted(source: ModelMetadata, target: ModelMetadata, type: ModelField, where: string): void {
  for (const [name, descriptor] of target.relations) {
    if (descriptor.type !== 'morphTo' || (descriptor.options.typeKey ?? `${name}Type`) !== type.name) continue
    const listed = descriptor.targets.some((thunk) => metadataOf(thunk()) === source)
    if (!listed)
      throw new DefinitionError(
        `${where} is the other side of "${target.name}.${name}", which does not name "${source.name}". Add () => ${source.name} to its list.`,
      )
  }
}

/** One variant of a morphTo: the source holds the key and the name of the target. */
export function linkToVariant(pair: MorphPair, target: ModelMetadata, options: RelationOptions, where: string): Link {
  const sourceMorph: Morph = { field: pair.type, value: morphNameOf(target) }
  const to = localKeys(target, options.localKey, pair.id.length, where)
  return { from: pair.id, to, ownsKey: true, ...NO_MORE, sourceMorph }
}

/** The target models of a morphTo, each by its morph name. */
export function variantTargets({ targets }: RelationDescriptor, where: string): Map<string, ModelMetadata> {
  const known = new Map<string, ModelMetadata>()
  for (const thunk of targets) {
    const target = metadataOf(thunk())
    const name = morphNameOf(target)
    const other = known.get(name)
    if (other !== undefined)
      throw new DefinitionError(
        other === target
          ? `${where} names "${target.name}" twice. Remove one of them.`
          : `${where} names "${other.name}" and "${target.name}", which are both stored as "${name}". Give one of them { morphName }.`,
      )
    known.set(name, target)
  }
  if (known.size === 0)
    throw new DefinitionError(`${where} needs the list of its related models: [() => Post, () => Photo].`)
  return known
}
