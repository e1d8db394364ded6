import type { RelationType } from '../descriptor.js'
import type { ModelMetadata } from '../metadata.js'
import type { ModelField } from '../model-field.js'

/** A field that holds the name of the model on the other side. */
export interface Morph {
  readonly field: ModelField
  readonly value: string
}

/** The join table of two models: a row belongs to both where `near` meets the source and `far` the target. */
export interface Through {
  readonly meta: ModelMetadata
  readonly near: readonly ModelField[]
  readonly far: readonly ModelField[]
  readonly morph: Morph | null
  /** A row is a pair that is seen from both of its sides. */
  readonly symmetrical: boolean
  /** Its rows are links that can be made and removed, not rows that are something by themselves. */
  readonly isPivot: boolean
  /** It has no model: createTables() creates its table with those of both models. */
  readonly isImplicit: boolean
  /** What comes with each row of the target. */
  readonly carried: readonly ModelField[]
}

/** How rows belong together: `from` of the source and `to` of the target hold the same, or both meet a join table. */
export interface Link {
  readonly from: readonly ModelField[]
  readonly to: readonly ModelField[]
  /** The source holds the key. */
  readonly ownsKey: boolean
  /** What the target's rows must hold in addition. */
  readonly morph: Morph | null
  /** What the source's row must hold in addition: it is one of several models it can lead to. */
  readonly sourceMorph: Morph | null
  readonly through: Through | null
}

/** A relation with both ends known. */
export interface RelationMetadata {
  readonly name: string
  readonly type: RelationType
  readonly many: boolean
  readonly source: ModelMetadata
  /** Of a morphTo, reading it is an error that says so: it is asked of its `variants`. */
  readonly target: ModelMetadata
  readonly sourceKeys: readonly ModelField[]
  readonly targetKeys: readonly ModelField[]
  readonly ownsKey: boolean
  readonly morph: Morph | null
  readonly sourceMorph: Morph | null
  readonly through: Through | null
  /** The database lets one row of the target have such a key. */
  readonly unique: boolean
  /** Of a morphTo: the relation to each model, by the name that the type field holds. */
  readonly variants: Variants | null
  /** Its place among the model's relations. */
  readonly index: number
}

/** The relation to each of its target models: itself, unless there are several. */
export const variantsOf = (relation: RelationMetadata): readonly RelationMetadata[] =>
  relation.variants === null ? [relation] : [...relation.variants.byName.values()]

/** The relation to the model of this instance. A model's extensions are instances of it too: the one farthest derived counts. */
export function variantFor(relation: RelationMetadata, instance: unknown): RelationMetadata | undefined {
  const fitting = variantsOf(relation).filter(({ target }) => instance instanceof target.model)
  return fitting.find(({ target }) => fitting.every((other) => !extendsModel(other.target, target)))
}

function extendsModel(meta: ModelMetadata, base: ModelMetadata): boolean {
  const prototype: object = meta.model.prototype
  return prototype instanceof base.model
}

export interface Variants {
  readonly typeField: ModelField
  readonly byName: ReadonlyMap<string, RelationMetadata>
}
