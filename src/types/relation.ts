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
  /** The tables and columns of the relation. Null until the model is used for the first time. */
  readonly metadata: RelationInfo | null
}
/** The kinds of relations. */
export type RelationKind = ToOneKind | ToManyKind
/** The kinds of to-one relations. */
export type ToOneKind = 'belongsTo' | 'morphTo' | 'hasOne' | 'morphOne' | 'hasOneThrough' | 'customOne'
/** The kinds of to-many relations. */
export type ToManyKind =
  | 'hasMany'
  | 'morphMany'
  | 'hasManyThrough'
  | 'manyToMany'
  | 'morphToMany'
  | 'morphedByMany'
  | 'customMany'
/** The kinds of relations with a join table. */
export type PivotKind = 'manyToMany' | 'morphToMany' | 'morphedByMany'

/** Options of a relation. For a composite key, pass a list of fields. */
export interface RelationOptions {
  /** The foreign key field. Default: found by name, or the only foreign key between the two models. */
  foreignKey?: string | readonly string[]
  /** The field that the foreign key points to. Default: the primary key. */
  localKey?: string | readonly string[]
}
/** Options of a polymorphic relation. */
export interface MorphOptions extends RelationOptions {
  /** The field that holds the name of the model. Default: `<name>Type`. */
  typeKey?: string
}
/** Options of a relation whose foreign key is in the other model. */
export interface OwnedOptions extends RelationOptions {
  /**
   * `'cascade'` soft-deletes the related rows together with this row, and restores the same rows with it. Both models need
   * soft deletes. Default: the related rows stay.
   */
  onSoftDelete?: 'cascade'
}
/** Options of the other side of a `morphTo`. */
export interface MorphedOptions extends MorphOptions {
  /** `'cascade'` soft-deletes the related rows together with this row, and restores the same rows with it. */
  onSoftDelete?: 'cascade'
}
/** Options of a relation through another model. */
export interface ThroughOptions extends RelationOptions {
  /** The intermediate model. */
  through: () => unknown
  /** The foreign key between the intermediate model and the target. It can be a field of either model. */
  otherKey?: string | readonly string[]
}
/** Options of a relation with a join table. */
export interface PairOptions extends RelationOptions {
  /** The join table: its name, or a model. Default: the names of both tables in alphabetical order. */
  through?: string | (() => unknown)
  /** The field of the join table that holds the target's key. `foreignKey` holds the key of this model. */
  otherKey?: string | readonly string[]
  /** Additional fields of a join table that has no model. */
  pivot?: AnyFields
  /** For a relation of a model to itself: one row of the join table links both sides. Default false. */
  symmetrical?: boolean
}
/** Options of a polymorphic relation with a join table. */
export interface MorphPairOptions {
  /** The join table: its name, or a model. Default: the plural of the relation's morph name. */
  through?: string | (() => unknown)
  /** The field of the join table that holds the key of the other model. */
  otherKey?: string | readonly string[]
  /** The field that holds the name of the model. Default: `<name>Type`. */
  typeKey?: string
  /** Additional fields of a join table that has no model. */
  pivot?: AnyFields
  /** The field of this model that the join table points to. Default: the primary key. */
  localKey?: string | readonly string[]
}

/** The tables and columns of a relation: the type of `relation.metadata`. */
export interface RelationInfo {
  /** The name of the relation. */
  readonly name: string
  /** The kind of the relation, such as `hasMany`. */
  readonly type: string
  /** The model that declares the relation, and its key columns. */
  readonly source: { readonly model: string; readonly table: string; readonly columns: readonly string[] }
  /** The related model and its key columns. Null for a `morphTo`, which has several. */
  readonly target: { readonly model: string; readonly table: string; readonly columns: readonly string[] } | null
  /** The join table or intermediate table: `from` are its columns that match the source, `to` those that match the target. */
  readonly through: { readonly table: string; readonly from: readonly string[]; readonly to: readonly string[] } | null
  /** Whether a row of the join table links both sides. */
  readonly symmetrical: boolean
  /** The column that holds the model's name. `value` is the stored name, or null if it differs from row to row. */
  readonly morph: { readonly table: string; readonly column: string; readonly value: string | null } | null
}

/** The argument of `link` of a custom kind of relation. */
export interface CustomRelationContext<O = unknown> {
  /** The name of the relation. */
  readonly name: string
  /** The model that declares the relation. */
  readonly source: CustomRelationSide
  /** The related model. */
  readonly target: CustomRelationSide
  /** The options that the relation was declared with: its second argument. */
  readonly options: O
}
interface CustomRelationSide {
  /** The name of the model. */
  readonly model: string
  /** The names of its fields. */
  readonly fields: readonly string[]
  /** The names of its primary key fields. */
  readonly primaryKey: readonly string[]
}
/** The fields that corm compares: rows with equal values are related. */
export interface CustomRelationLink {
  /** The field or fields of the declaring model. */
  readonly from: string | readonly string[]
  /** The field or fields of the related model. */
  readonly to: string | readonly string[]
  /** An intermediate model: its field `near` equals `from`, and its field `far` equals `to`. */
  readonly through?: {
    readonly model: () => unknown
    readonly near: string | readonly string[]
    readonly far: string | readonly string[]
  }
}
/** A custom kind of relation. */
export interface CustomRelation<Many extends boolean = boolean, O = unknown> {
  /** Whether a row can have many related rows. */
  readonly many: Many
  /** Returns the fields to compare. */
  link(context: CustomRelationContext<O>): CustomRelationLink
}

/** The type of `Relation`. */
// The thunks have no constraint on T: with one, models that refer to each other would be circular. NoInfer keeps inference
// (that of every `rows.map(…)`, say) from walking from model to model: without it the cost is quadratic in their number.
export interface RelationMakers {
  /** The foreign key is in this model. `static author = Relation.belongsTo(() => Author)` uses the field `authorId`. */
  belongsTo<T, const O extends RelationOptions = {}>(
    target: () => T,
    options?: O,
  ): Rel<NoInfer<() => T>, 'belongsTo', O extends { foreignKey: infer K } ? K : 'auto'>
  /** The foreign key is in the other model, and at most one row points to this one. */
  hasOne<T>(target: () => T, options?: OwnedOptions): Rel<NoInfer<() => T>, 'hasOne', never>
  /** The foreign key is in the other model, and any number of rows can point to this one. */
  hasMany<T>(target: () => T, options?: OwnedOptions): Rel<NoInfer<() => T>, 'hasMany', never>
  /**
   * A join table holds the keys of both models. Without `through`, `createTables` creates it together with both models.
   *
   *     static tags = Relation.manyToMany(() => Tag, { pivot: { position: Field.integer({ default: 0 }) } })
   */
  manyToMany<T, const O extends PairOptions = {}>(
    target: () => T,
    options?: O,
  ): Rel<NoInfer<() => T>, 'manyToMany', never, NoInfer<O>>
  /** One related row through another model. */
  hasOneThrough<T>(target: () => T, options: ThroughOptions): Rel<NoInfer<() => T>, 'hasOneThrough', never>
  /** Related rows through another model: a `Country` has many `Post`s through `User`. */
  hasManyThrough<T>(target: () => T, options: ThroughOptions): Rel<NoInfer<() => T>, 'hasManyThrough', never>
  /**
   * A polymorphic relation to a row of one of several models. This model holds the row's primary key and the name of its model,
   * in two fields that `Field.morphs` makes. Give the relation the same name as these fields.
   *
   *     static commentable = Relation.morphTo([() => Post, () => Photo])
   */
  morphTo<const T extends readonly (() => unknown)[]>(
    targets: T,
    options?: MorphOptions,
  ): Rel<NoInfer<T[number]>, 'morphTo', never>
  /** The other side of the `morphTo` relation `name`, with at most one row. */
  morphOne<T>(target: () => T, name: string, options?: MorphedOptions): Rel<NoInfer<() => T>, 'morphOne', never>
  /** The other side of the `morphTo` relation `name`: `static comments = Relation.morphMany(() => Comment, 'commentable')`. */
  morphMany<T>(target: () => T, name: string, options?: MorphedOptions): Rel<NoInfer<() => T>, 'morphMany', never>
  /** A polymorphic relation with a join table, which several models share: `Relation.morphToMany(() => Tag, 'taggable')`. */
  morphToMany<T, const O extends MorphPairOptions = {}>(
    target: () => T,
    name: string,
    options?: O,
  ): Rel<NoInfer<() => T>, 'morphToMany', never, NoInfer<O>>
  /** The other side of a `morphToMany` relation. Declare one for each of its models. */
  morphedByMany<T, const O extends MorphPairOptions = {}>(
    target: () => T,
    name: string,
    options?: O,
  ): Rel<NoInfer<() => T>, 'morphedByMany', never, NoInfer<O>>
  /**
   * Defines a custom kind of relation by the fields to compare. Returns a function that makes relations of this kind.
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
