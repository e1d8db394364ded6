import type { RelationInfo } from '../types/relation.js'
import { own } from '../util/own.js'

export type RelationType =
  | 'belongsTo'
  | 'hasOne'
  | 'hasMany'
  | 'manyToMany'
  | 'hasOneThrough'
  | 'hasManyThrough'
  | 'morphTo'
  | 'morphOne'
  | 'morphMany'
  | 'morphToMany'
  | 'morphedByMany'
  | 'custom'

export type FieldNames = string | readonly string[]

/** What a custom kind of relation knows of the relation. */
export interface CustomContext {
  readonly name: string
  /** The names of both models' fields and keys. */
  readonly source: CustomSide
  readonly target: CustomSide
  /** What the relation was given as its second argument. */
  readonly options: unknown
}

export interface CustomSide {
  readonly model: string
  readonly fields: readonly string[]
  readonly primaryKey: readonly string[]
}

/** The fields that hold the same in rows that belong together, by name. */
export interface CustomLink {
  readonly from: FieldNames
  readonly to: FieldNames
  /** The model of the join table: `near` matches `from` and `far` matches `to`. */
  readonly through?: { readonly model: () => unknown; readonly near: FieldNames; readonly far: FieldNames }
}

/** A custom kind of relation. */
export interface CustomRelation {
  readonly many: boolean
  link(context: CustomContext): CustomLink
}

export interface RelationOptions {
  readonly foreignKey?: FieldNames
  readonly localKey?: FieldNames
  /** The key to the target in a join table. */
  readonly otherKey?: FieldNames
  readonly through?: string | (() => unknown)
  /** The extra fields of a join table without a model. */
  readonly pivot?: Readonly<Record<string, unknown>>
  readonly symmetrical?: boolean
  /** With `cascade`, related rows are soft-deleted and restored together with their owner. */
  readonly onSoftDelete?: 'cascade'
  /** The name of the pair of morph fields. */
  readonly morph?: string
  readonly typeKey?: string
  /** The definition of a custom kind, and its options. */
  readonly definition?: CustomRelation
  readonly given?: unknown
}

/** Set when the model resolves the relation; a descriptor by itself does not know which model it belongs to. */
const infos = new WeakMap<RelationDescriptor, () => RelationInfo>()

/** The definition of a relation as plain data. The model resolves it when it is first used. */
export class RelationDescriptor {
  readonly options: RelationOptions

  constructor(
    readonly type: RelationType,
    /** The target model; several for a morphTo. */
    readonly targets: readonly (() => unknown)[],
    options: RelationOptions,
  ) {
    this.options = own(options)
    Object.freeze(this)
  }

  /** Its tables and columns; null until its model is used for the first time. */
  get metadata(): RelationInfo | null {
    return infos.get(this)?.() ?? null
  }
}

export function describeBy(descriptor: RelationDescriptor, describe: () => RelationInfo): void {
  if (!infos.has(descriptor)) infos.set(descriptor, describe)
}
