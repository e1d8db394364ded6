import type { BatchOptions, CompiledSQL, DialectName, GuardedOption, UpsertCounts } from './call-options.js'
import type { Condition, FourOrMore, Match, NextPredicate, OpValueFor, ValueFor } from './condition.js'
import type { Change, GuardedChange } from './data.js'
import type { Connectable, TransactionHandle, TransactionOptions } from './database.js'
import type { Expression, Sql, WhereOp } from './expression.js'
import type { AnyFields, Attributes, ColumnsOf, FieldName, HasFields, PkOf } from './field.js'
import type {
  Creatable,
  CreatableGuarded,
  ExactUpdate,
  Insertable,
  InsertableGuarded,
  InsertableThrough,
  InsertableThroughGuarded,
  InstanceOrKey,
  Owners,
  PivotData,
  SomeOf,
  UpsertData,
  UpsertOptions,
} from './input.js'
import type { ValidKey } from './key-path.js'
import type { ScopesOption } from './manager.js'
import type { NestedRelations } from './nested.js'
import type {
  AnyQueryOf,
  Entity,
  LoadedEntity,
  ModelInstance,
  QueryBuilder,
  WithArg,
  WithCheck,
  WithLoaded,
} from './query.js'
import type { InstOf, LinkName, PivotOf, RelationName, Target } from './relation-path.js'
import type { Schema } from './schema.js'

/** Any query over `C`, whatever it selects or loads: for reusable query functions. */
export type AnyQuery<C = ModelClass> = AnyQueryOf<C>

// Interfaces of their own: the compiler does not look into them where it infers a type from one that names a model.
/** The type of `Author.where`. */
export interface StaticWhere {
  <C, const K extends string>(
    this: C,
    key: FieldName<C> | ValidKey<C, K, unknown> | Expression<boolean>,
    value: NoInfer<ValueFor<C, K, unknown>>,
  ): QueryBuilder<C>
  <C, const K extends string, const O extends WhereOp>(
    this: C,
    key: FieldName<C> | ValidKey<C, K, unknown> | Expression<boolean>,
    op: O | NoInfer<NextPredicate<C, K>>,
    value: NoInfer<OpValueFor<C, K, unknown, O>>,
  ): QueryBuilder<C>
  <C>(this: C, condition: Condition<C>): QueryBuilder<C>
  <C>(this: C, ...predicates: FourOrMore<C>): QueryBuilder<C>
}

/** The type of `Author.make`. */
export interface StaticMake {
  <C extends HasFields>(this: C, data?: Change<C> & Owners<C>): Entity<C>
  <C extends HasFields>(this: C, data: GuardedChange<C> & Owners<C>, options: GuardedOption): Entity<C>
}

/** The type of `Author.create`. */
export interface StaticCreate {
  <C extends HasFields>(this: C, data: Creatable<C>): Promise<Entity<C>>
  <C extends HasFields>(this: C, data: CreatableGuarded<C>, options: GuardedOption): Promise<Entity<C>>
}

/** The type of `Author.createWithRelations`. */
export interface StaticCreateWithRelations {
  <C extends HasFields, const D>(
    this: C,
    data: InsertableThrough<C> & NestedRelations<C, D>,
  ): Promise<LoadedEntity<C, keyof D & RelationName<C>>>
  <C extends HasFields, const D>(
    this: C,
    data: InsertableThroughGuarded<C> & NestedRelations<C, D, true>,
    options: GuardedOption,
  ): Promise<LoadedEntity<C, keyof D & RelationName<C>>>
}

/** The type of `Article.attachMany`. */
export type StaticAttachMany = <C, K extends LinkName<C>>(
  this: C,
  relation: K,
  pairs: readonly (
    | readonly [InstanceOrKey<C>, InstanceOrKey<Target<C, K>>]
    | readonly [InstanceOrKey<C>, InstanceOrKey<Target<C, K>>, PivotData<PivotOf<C, K>>]
  )[],
  options?: ScopesOption & Partial<GuardedOption>,
) => Promise<number>

/** The type of `Author.with`. */
export type StaticWith = <C, const A extends readonly WithArg<C>[]>(
  this: C,
  ...what: { [I in keyof A]: WithCheck<C, A[I]> }
) => QueryBuilder<C, Extract<A[number], string>, unknown, unknown, WithLoaded<C, {}, A[number]>>

/** The type of `Author.createMany`. */
export interface StaticCreateMany {
  <C extends HasFields>(this: C, rows: readonly Creatable<C>[], options?: BatchOptions): Promise<Entity<C>[]>
  <C extends HasFields>(
    this: C,
    rows: readonly CreatableGuarded<C>[],
    options: GuardedOption & BatchOptions,
  ): Promise<Entity<C>[]>
}

/** The type of `Author.findBy`. */
export type StaticFindBy = <C extends HasFields>(this: C, match: Match<C>) => Promise<Entity<C> | null>

/** The type of `Author.firstOrCreate`. */
export interface StaticFirstOrCreate {
  <C extends HasFields>(
    this: C,
    match: SomeOf<Insertable<C>>,
    extra?: SomeOf<Insertable<C>> & Owners<C>,
  ): Promise<[entity: Entity<C>, created: boolean]>
  <C extends HasFields>(
    this: C,
    match: SomeOf<InsertableGuarded<C>>,
    extra: SomeOf<InsertableGuarded<C>> & Owners<C>,
    options: GuardedOption,
  ): Promise<[entity: Entity<C>, created: boolean]>
}

/** The type of `Author.updateOrCreate`. */
export interface StaticUpdateOrCreate {
  <C extends HasFields>(
    this: C,
    match: SomeOf<Insertable<C>>,
    data: SomeOf<Insertable<C>> & Owners<C>,
  ): Promise<[entity: Entity<C>, created: boolean]>
  <C extends HasFields>(
    this: C,
    match: SomeOf<InsertableGuarded<C>>,
    data: SomeOf<InsertableGuarded<C>> & Owners<C>,
    options: GuardedOption,
  ): Promise<[entity: Entity<C>, created: boolean]>
}

/** The type of `Article.detachMany`. */
export type StaticDetachMany = <C, K extends LinkName<C>>(
  this: C,
  relation: K,
  pairs: readonly (readonly [InstanceOrKey<C>, InstanceOrKey<Target<C, K>>])[],
  options?: ScopesOption,
) => Promise<number>

/** The static members of any model class. */
export interface ModelStatics {
  /** A query over all rows. */
  query<C>(this: C): QueryBuilder<C>
  /** `query().where(…)`. */
  where: StaticWhere
  /** `query().with(…)`. */
  with: StaticWith

  /** An unsaved instance, with its relations typed. */
  make: StaticMake
  /** An instance known by its key only, for `associate`, `related` and `refresh`. */
  ref<C>(this: C, key: PkOf<C>): Entity<C>
  /**
   * Inserts a row and returns it. Throws `ValidationError`, or a `ConstraintError` of the database.
   *
   *     await Author.create({ name: 'Jane Austen' })
   *     // insert into "authors" ("name") values (?)
   */
  create: StaticCreate
  /**
   * Inserts a row and what its relations lead to, to any depth, all or nothing, and returns it with those loaded.
   *
   *     await Author.createWithRelations({ name: 'Jane', books: [{ title: 'Emma' }, persuasion], country: { connect: 'GB' } })
   */
  createWithRelations: StaticCreateWithRelations
  /** Inserts rows and returns them in order, with their keys. */
  createMany: StaticCreateMany
  /** Inserts rows without hooks and instances, and returns their number: the fastest way in. */
  insertMany<C extends HasFields>(
    this: C,
    rows: readonly InsertableGuarded<C>[],
    options?: BatchOptions,
  ): Promise<number>

  /** The row with this key, or null. */
  find<C>(this: C, key: PkOf<C>): Promise<Entity<C> | null>
  /** The row with this key. Throws `NotFoundError`. */
  findOrFail<C>(this: C, key: PkOf<C>): Promise<Entity<C>>
  /** The rows with these keys, in the keys' order. */
  findMany<C>(this: C, keys: readonly PkOf<C>[]): Promise<Entity<C>[]>
  /** The first row that has these values, or null. */
  findBy: StaticFindBy
  /** The first row that has the values of `match`, or a new one with `extra` added; and whether it was created. */
  firstOrCreate: StaticFirstOrCreate
  /** Updates the first row that has the values of `match`, or creates one; and whether it was created. */
  updateOrCreate: StaticUpdateOrCreate
  /**
   * Inserts a row, or updates the one that has the same values of `conflict`, in one statement, without hooks.
   *
   *     await Tag.upsert({ name: 'new', uses: 1 }, { conflict: 'name', update: c => ({ uses: c.uses.plus(1) }) })
   */
  upsert<C extends HasFields, const O extends UpsertOptions<C>>(
    this: C,
    data: UpsertData<C, O>,
    options: O & ExactUpdate<O, C>,
  ): Promise<Entity<C>>
  /** `upsert` for many rows, all or none; returns how many were inserted and how many updated. The later of equals counts. */
  upsertMany<C extends HasFields, const O extends UpsertOptions<C> & BatchOptions>(
    this: C,
    rows: readonly UpsertData<C, O>[],
    options: O & ExactUpdate<O, C>,
  ): Promise<UpsertCounts>
  /** Saves instances, all or none, in as few statements as possible, with their hooks. Throws `StaleModelError`. */
  saveMany<C>(this: C, entities: readonly InstOf<C>[], options?: BatchOptions): Promise<void>
  /** Writes those of these fields that changed, without hooks, and returns the number of instances written. */
  updateMany<C>(
    this: C,
    entities: readonly InstOf<C>[],
    fields: readonly FieldName<C>[],
    options?: BatchOptions,
  ): Promise<number>
  /** Deletes the rows with these keys as `delete` of a query does, without hooks, and returns their number. */
  deleteMany<C>(this: C, keys: readonly PkOf<C>[], options?: BatchOptions): Promise<number>

  /**
   * Links pairs of rows of a relation by way of a join table, each `[row, target]` or `[row, target, { … }]`, given as
   * instances or keys. Returns the number of new links. Throws `NotFoundError` for rows that global scopes hide, which
   * `{ withoutGlobalScopes: true }` links too.
   *
   *     await Article.attachMany('tags', [[1, 7], [2, 7, { position: 1 }]])
   */
  attachMany: StaticAttachMany
  /** Removes links between pairs of rows, and returns the number of those that were there. */
  detachMany: StaticDetachMany

  /** All rows, without the limit of `maxRows`. */
  all<C>(this: C): QueryBuilder<C>
  /** `query().withTrashed()`: deleted rows too. */
  withTrashed<C>(this: C): QueryBuilder<C>
  /** `query().onlyTrashed()`: deleted rows only. */
  onlyTrashed<C>(this: C): QueryBuilder<C>
  /** `query().withoutGlobalScope(name)`. */
  withoutGlobalScope<C>(this: C, name: string): QueryBuilder<C>
  /** `query().withoutGlobalScopes()`: without any but the locked ones. */
  withoutGlobalScopes<C>(this: C): QueryBuilder<C>
  /** The number of rows. */
  count(): Promise<number>
  /** Whether there is a row. */
  exists(): Promise<boolean>
  /** Entities from a statement written by hand; its columns are matched by name. */
  raw<C>(this: C, statement: Sql): Promise<Entity<C>[]>
  /** The first entity of a statement written by hand, or null. */
  rawFirst<C>(this: C, statement: Sql): Promise<Entity<C> | null>
  /** The model bound to a database or transaction: the same statics, `new` too. */
  using<C>(this: C, connection: Connectable): C
  /** Runs `fn` in a transaction of the model's database. */
  transaction<R>(fn: (trx: TransactionHandle) => Promise<R>, options?: TransactionOptions): Promise<R>
  /** Deletes all rows, and with `cascade` those of all tables that point here. `restartIds`: numbers begin with 1 again. */
  truncate(options?: { cascade?: boolean; restartIds?: boolean }): Promise<void>
  /** The statement that inserting these rows would run. */
  toSQLInsert<C extends HasFields>(
    this: C,
    rows: InsertableGuarded<C> | readonly InsertableGuarded<C>[],
    options?: { dialect?: DialectName },
  ): CompiledSQL
}

/**
 * Any model class, or any with these fields: for functions over several models.
 *
 *     async function byKeys<C extends ModelClass>(model: C, keys: PkOf<C>[]): Promise<Entity<C>[]> { return model.findMany(keys) }
 */
// never: which data a model takes is not known of any model; `make` takes what fits
export interface ModelClass<F extends AnyFields = AnyFields> extends ModelStatics {
  readonly prototype: string extends keyof F ? ModelInstance : ModelInstance & Attributes<F>
  readonly fields: F
  readonly columns: ColumnsOf<F>
  readonly schema: AnySchemas
  hasField(name: string): boolean
  new (data?: never): string extends keyof F ? ModelInstance : ModelInstance & Attributes<F>
}
interface AnySchemas {
  readonly insert: Schema<object>
  readonly update: Schema<object>
  readonly select: Schema<object>
}
