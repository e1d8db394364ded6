import type { AnyFields } from './field.js'

// Relations as a model's class declares them.

export declare const REL: unique symbol

/** A relation of a model, as the makers of `Relation` give it. */
export interface Rel<
  out Target = unknown,
  out Kind extends RelationKind = RelationKind,
  out Key = unknown,
  out Pivot = unknown,
> {
  readonly [REL]: { target: Target; kind: Kind; key: Key; pivot: Pivot }
  /** Its tables and columns; null before its model was used for the first time. */
  readonly metadata: RelationInfo | null
}
/** The kinds of relations. */
export type RelationKind = ToOneKind | ToManyKind
/** The kinds that lead to one row. */
export type ToOneKind = 'belongsTo' | 'morphTo' | 'hasOne' | 'morphOne' | 'hasOneThrough' | 'customOne'
/** The kinds that lead to many rows. */
export type ToManyKind =
  | 'hasMany'
  | 'morphMany'
  | 'hasManyThrough'
  | 'manyToMany'
  | 'morphToMany'
  | 'morphedByMany'
  | 'customMany'
/** The kinds by way of a join table. */
export type PivotKind = 'manyToMany' | 'morphToMany' | 'morphedByMany'

/** Options of a relation. Fields of keys of several fields are given as lists. */
export interface RelationOptions {
  /** The field that holds the key of the other side. Default: by name, or the only foreign key between the two. */
  foreignKey?: string | readonly string[]
  /** The field that the foreign key points to. Default: the primary key. */
  localKey?: string | readonly string[]
}
/** Options of a relation over a pair of morph fields. */
export interface MorphOptions extends RelationOptions {
  /** The field that holds the model's name. Default: `<name>Type`. */
  typeKey?: string
}
/** Options of a relation whose other side holds the key. */
export interface OwnedOptions extends RelationOptions {
  /**
   * Soft-deletes its rows with this one, by the same time, and restores exactly those with it. Default: they stay. Both models
   * need soft deletes.
   */
  onSoftDelete?: 'cascade'
}
/** Options of the other side of a `morphTo`. */
export interface MorphedOptions extends MorphOptions {
  /** As of `hasMany`: soft-deletes its rows with this one, and restores exactly those with it. */
  onSoftDelete?: 'cascade'
}
/** Options of a relation by way of another model. */
export interface ThroughOptions extends RelationOptions {
  /** The model between. */
  through: () => unknown
  /** The field that leads from the model between to the target, on either of them. */
  otherKey?: string | readonly string[]
}
/** Options of a relation by way of a join table. */
export interface PairOptions extends RelationOptions {
  /** The table, or a model of it. Default: both tables' names in alphabetical order. */
  through?: string | (() => unknown)
  /** The field of the table that holds the target's key; `foreignKey` is the one that holds this model's. */
  otherKey?: string | readonly string[]
  /** Fields that a table without a model has in addition to its keys. */
  pivot?: AnyFields
  /** Of a model with itself: a pair is one row, seen from both sides. */
  symmetrical?: boolean
}
/** Options of a relation by way of a join table with models of several kinds. */
export interface MorphPairOptions {
  /** The table, or a model of it. Default: the name of the pair in the plural. */
  through?: string | (() => unknown)
  /** The field of the table that holds the key of the other model. */
  otherKey?: string | readonly string[]
  /** The field that holds the model's name. Default: `<name>Type`. */
  typeKey?: string
  /** Fields that a table without a model has in addition to its keys. */
  pivot?: AnyFields
  localKey?: string | readonly string[]
}

/** What `relation.metadata` says about tables and columns. */
export interface RelationInfo {
  readonly name: string
  readonly type: string
  readonly source: { readonly model: string; readonly table: string; readonly columns: readonly string[] }
  /** Null of a `morphTo`, which leads to several. */
  readonly target: { readonly model: string; readonly table: string; readonly columns: readonly string[] } | null
  /** The table between the two: its columns that meet those of the source, and those of the target. */
  readonly through: { readonly table: string; readonly from: readonly string[]; readonly to: readonly string[] } | null
  readonly symmetrical: boolean
  /** The column that holds the other model's name; `value` is null where it differs from row to row. */
  readonly morph: { readonly table: string; readonly column: string; readonly value: string | null } | null
}

/** What the `link` of a custom kind receives. */
export interface CustomRelationContext<O = unknown> {
  /** The relation's name. */
  readonly name: string
  readonly source: CustomRelationSide
  readonly target: CustomRelationSide
  /** The second argument of the relation. */
  readonly options: O
}
interface CustomRelationSide {
  readonly model: string
  readonly fields: readonly string[]
  readonly primaryKey: readonly string[]
}
/** The names of the fields that hold the same in rows that belong together. */
export interface CustomRelationLink {
  readonly from: string | readonly string[]
  readonly to: string | readonly string[]
  /** A model whose rows stand between: `near` meets `from`, and `far` meets `to`. */
  readonly through?: {
    readonly model: () => unknown
    readonly near: string | readonly string[]
    readonly far: string | readonly string[]
  }
}
/** A custom kind of relation. */
export interface CustomRelation<Many extends boolean = boolean, O = unknown> {
  readonly many: Many
  link(context: CustomRelationContext<O>): CustomRelationLink
}

/** The type of `Relation`. */
// The thunks have no constraint on T: with one, models that refer to each other would be circular. NoInfer keeps inference
// (that of every `rows.map(…)`, say) from walking from model to model: without it the cost is quadratic in their number.
export interface RelationMakers {
  /** This model holds the key: `static author = Relation.belongsTo(() => Author)` over the field `authorId`. */
  belongsTo<T, const O extends RelationOptions = {}>(
    target: () => T,
    options?: O,
  ): Rel<NoInfer<() => T>, 'belongsTo', O extends { foreignKey: infer K } ? K : 'auto'>
  /** The other model holds the key, in at most one row. */
  hasOne<T>(target: () => T, options?: OwnedOptions): Rel<NoInfer<() => T>, 'hasOne', never>
  /** The other model holds the key, in any number of rows. */
  hasMany<T>(target: () => T, options?: OwnedOptions): Rel<NoInfer<() => T>, 'hasMany', never>
  /**
   * A join table holds the keys of both models. Without `through` it is made by `createTables` with both models.
   *
   *     static tags = Relation.manyToMany(() => Tag, { pivot: { position: Field.integer({ default: 0 }) } })
   */
  manyToMany<T, const O extends PairOptions = {}>(
    target: () => T,
    options?: O,
  ): Rel<NoInfer<() => T>, 'manyToMany', never, NoInfer<O>>
  /** The one row at the end of two relations: by way of the model `through`. */
  hasOneThrough<T>(target: () => T, options: ThroughOptions): Rel<NoInfer<() => T>, 'hasOneThrough', never>
  /** The rows at the end of two relations: `Country` has `Post`s through `User`. */
  hasManyThrough<T>(target: () => T, options: ThroughOptions): Rel<NoInfer<() => T>, 'hasManyThrough', never>
  /**
   * This model holds the key of a row of one of several models, and the model's name: fields that `Field.morphs` makes. The
   * relation is called as they are.
   *
   *     static commentable = Relation.morphTo([() => Post, () => Photo])
   */
  morphTo<const T extends readonly (() => unknown)[]>(
    targets: T,
    options?: MorphOptions,
  ): Rel<NoInfer<T[number]>, 'morphTo', never>
  /** The other side of a `morphTo` of this name, in at most one row. */
  morphOne<T>(target: () => T, name: string, options?: MorphedOptions): Rel<NoInfer<() => T>, 'morphOne', never>
  /** The other side of a `morphTo` of this name: `static comments = Relation.morphMany(() => Comment, 'commentable')`. */
  morphMany<T>(target: () => T, name: string, options?: MorphedOptions): Rel<NoInfer<() => T>, 'morphMany', never>
  /** A join table with models of several kinds, of which this is one: `Relation.morphToMany(() => Tag, 'taggable')`. */
  morphToMany<T, const O extends MorphPairOptions = {}>(
    target: () => T,
    name: string,
    options?: O,
  ): Rel<NoInfer<() => T>, 'morphToMany', never, NoInfer<O>>
  /** The other side of a `morphToMany`: one relation for each of its models. */
  morphedByMany<T, const O extends MorphPairOptions = {}>(
    target: () => T,
    name: string,
    options?: O,
  ): Rel<NoInfer<() => T>, 'morphedByMany', never, NoInfer<O>>
  /**
   * A maker of relations of a custom kind, which names the fields that belong together.
   *
   *     const sameTenant = Relation.custom({ many: true, link: () => ({ from: 'tenantId', to: 'tenantId' }) })
   *     static customers = sameTenant(() => Customer)
   */
  custom<const Many extends boolean, O = undefined>(
    kind: CustomRelation<Many, O>,
  ): <T>(
    target: () => T,
    ...options: undefined extends O ? [options?: O] : [options: O]
  ) => Rel<NoInfer<() => T>, Many extends true ? 'customMany' : 'customOne', never>
}
