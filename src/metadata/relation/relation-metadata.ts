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
  /** The relation of a model with itself in which each pair counts for both of its rows. */
  readonly symmetrical: boolean
  /** Its rows are only links, which managers add and remove. Otherwise it is a model that a relation goes through. */
  readonly isPivot: boolean
  /** It has no model: createTables() creates its table with those of both models. */
  readonly isImplicit: boolean
  /** The fields of the join table that are loaded with each row of the target. */
  readonly carried: readonly ModelField[]
}

/** How rows are connected: `from` of the source and `to` of the target hold the same values, or both match a join table. */
export interface Link {
  readonly from: readonly ModelField[]
  readonly to: readonly ModelField[]
  /** The source holds the key. */
  readonly ownsKey: boolean
  /** The type field and the value that rows of the target must have in it. */
  readonly morph: Morph | null
  /** The type field and the value that the row of the source must have in it, because its key may be of several models. */
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
  /** A unique index allows only one row of the target for each key. */
  readonly unique: boolean
  /** Of a morphTo: the relation to each model, by the name that the type field holds. */
  readonly variants: Variants | null
  /** Its index among the model's relations. */
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
