import type {
  BatchOptions,
  CompiledSQL,
  DialectName,
  EmbedAllOptions,
  EmbedProgress,
  GuardedOption,
  ReencryptOptions,
  UpsertCounts,
} from './call-options.js'
import type { Condition, FourOrMore, Match, NextPredicate, OpValueFor, Predicates, ValueFor } from './condition.js'
import type { Change, GuardedChange } from './data.js'
import type { Connectable, TransactionHandle, TransactionOptions } from './database.js'
import type { Sql, WhereOp } from './expression.js'
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

/** Any query over `C`, whatever it selects or loads. Use it for the parameter of reusable query functions (scopes). */
export type AnyQuery<C = ModelClass> = AnyQueryOf<C>

// Interfaces of their own: the compiler does not look into them where it infers a type from one that names a model.
/** The type of `Author.where`. */
export interface StaticWhere {
  <C, const K extends string>(
    this: C,
    key: FieldName<C> | ValidKey<C, K, unknown> | Predicates<C, unknown>,
    value: NoInfer<ValueFor<C, K, unknown>>,
  ): QueryBuilder<C>
  <C, const K extends string, const O extends WhereOp>(
    this: C,
    key: FieldName<C> | ValidKey<C, K, unknown> | Predicates<C, unknown>,
    op: O | NoInfer<NextPredicate<C, K, unknown>>,
    value: NoInfer<OpValueFor<C, K, unknown, O>>,
  ): QueryBuilder<C>
  <C>(this: C, condition: Condition<C>): QueryBuilder<C>
  <C>(this: C, ...predicates: FourOrMore<C, unknown>): QueryBuilder<C>
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
  ...what: { [I in keyof A]: WithCheck<C, A[I], A> }
) => QueryBuilder<C, Extract<A[number], string>, unknown, unknown, WithLoaded<C, {}, A[number]>>

/** The type of `Author.createMany`: a list that is written out gives as many instances. */
export interface StaticCreateMany {
  // first: messages about data come from the last one that fits the arguments
  <C extends HasFields>(this: C, instances: readonly InstOf<C>[], options?: BatchOptions): Promise<Entity<C>[]>
  <C extends HasFields, const R extends readonly unknown[]>(
    this: C,
    rows: { readonly [I in keyof R]: Creatable<C> },
    options?: BatchOptions,
  ): Promise<{ -readonly [I in keyof R]: Entity<C> }>
  <C extends HasFields, const R extends readonly unknown[]>(
    this: C,
    rows: { readonly [I in keyof R]: CreatableGuarded<C> },
    options: GuardedOption & BatchOptions,
  ): Promise<{ -readonly [I in keyof R]: Entity<C> }>
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
  /** Returns a query over all rows. */
  query<C>(this: C): QueryBuilder<C>
  /** Short for `query().where(…)`. */
  where: StaticWhere
  /** Short for `query().with(…)`. */
  with: StaticWith

  /** Returns an unsaved instance, with its relations typed. */
  make: StaticMake
  /** Returns an instance that has only its primary key, for `associate`, `related` and `refresh`. Sends no query. */
  ref<C>(this: C, key: PkOf<C>): Entity<C>
  /**
   * Inserts a row and returns its instance. Throws `ValidationError`, or a `ConstraintError` of the database.
   *
   *     await Author.create({ name: 'Jane Austen' })
   *     // insert into "authors" ("name") values (?)
   */
  create: StaticCreate
  /**
   * Inserts a row together with related rows, to any depth, in one transaction. Returns the instance with these relations
   * loaded.
   *
   *     await Author.createWithRelations({ name: 'Jane', books: [{ title: 'Emma' }, persuasion], country: { connect: 'GB' } })
   */
  createWithRelations: StaticCreateWithRelations
  /**
   * Inserts rows in one transaction and returns their instances in the same order, with their primary keys. Unsaved instances in the
   * list are inserted themselves. Throws `UsageError` for an instance that is saved already.
   */
  createMany: StaticCreateMany
  /**
   * Inserts rows and returns their number. This is the fastest bulk insert: corm runs no hooks and returns no instances. Of unsaved
   * instances it inserts the values, and they stay unsaved.
   */
  insertMany<C extends HasFields>(this: C, instances: readonly InstOf<C>[], options?: BatchOptions): Promise<number>
  insertMany<C extends HasFields>(
    this: C,
    rows: readonly InsertableGuarded<C>[],
    options?: BatchOptions,
  ): Promise<number>

  /** Returns the instance with this primary key, or null if there is none. */
  find<C>(this: C, key: PkOf<C>): Promise<Entity<C> | null>
  /** Returns the instance with this primary key. Throws `NotFoundError` if there is none. */
  findOrFail<C>(this: C, key: PkOf<C>): Promise<Entity<C>>
  /** Returns the instances with these primary keys, in the order of the keys. It leaves out keys without a row. */
  findMany<C>(this: C, keys: readonly PkOf<C>[]): Promise<Entity<C>[]>
  /** Returns the first instance that has these values, or null if there is none. */
  findBy: StaticFindBy
  /**
   * Returns the first instance that has the values of `match`. If there is none, creates one from `match` and `extra`. The second
   * item of the result is whether it created one.
   */
  firstOrCreate: StaticFirstOrCreate
  /**
   * Updates the first row that has the values of `match`. If there is none, creates one from `match` and `data`. Returns the
   * instance and whether it created one.
   */
  updateOrCreate: StaticUpdateOrCreate
  /**
   * Inserts a row, or updates the existing row with the same values in the fields `conflict`, in one statement. Hooks do not
   * run. Returns the instance.
   *
   *     await Tag.upsert({ name: 'new', uses: 1 }, { conflict: 'name', update: c => ({ uses: c.uses.plus(1) }) })
   */
  upsert<C extends HasFields, const O extends UpsertOptions<C>>(
    this: C,
    data: UpsertData<C, O>,
    options: O & ExactUpdate<O, C>,
  ): Promise<Entity<C>>
  /**
   * Upserts many rows, all or none, and returns how many it inserted, updated and skipped. If several given rows have the same
   * `conflict` values, the last one wins.
   */
  upsertMany<C extends HasFields, const O extends UpsertOptions<C> & BatchOptions>(
    this: C,
    rows: readonly UpsertData<C, O>[],
    options: O & ExactUpdate<O, C>,
  ): Promise<UpsertCounts>
  /** Saves instances, all or none, in few statements. Hooks run. Throws `StaleModelError` if a row is stale. */
  saveMany<C>(this: C, entities: readonly InstOf<C>[], options?: BatchOptions): Promise<void>
  /** Saves the changes of these fields and returns the number of instances written. Hooks do not run. */
  updateMany<C>(
    this: C,
    entities: readonly InstOf<C>[],
    fields: readonly FieldName<C>[],
    options?: BatchOptions,
  ): Promise<number>
  /**
   * Deletes the rows with these primary keys and returns their number. With `Field.softDelete()` it marks them as deleted.
   * Hooks do not run.
   */
  deleteMany<C>(this: C, keys: readonly PkOf<C>[], options?: BatchOptions): Promise<number>

  /**
   * Links many pairs of rows in the join table of a relation. A pair is `[row, target]` or `[row, target, pivotValues]`, with
   * instances or keys. Returns the number of new links. Throws `NotFoundError` for rows that global scopes hide; pass
   * `{ withoutGlobalScopes: true }` to link these too.
   *
   *     await Article.attachMany('tags', [[1, 7], [2, 7, { position: 1 }]])
   */
  attachMany: StaticAttachMany
  /** Removes the links between these pairs of rows and returns the number of removed links. */
  detachMany: StaticDetachMany

  /** Returns a query that selects every row on purpose: `maxRows` does not apply, and bulk writes need no condition. */
  all<C>(this: C): QueryBuilder<C>
  /** Short for `query().withTrashed()`: includes soft-deleted rows. */
  withTrashed<C>(this: C): QueryBuilder<C>
  /** Short for `query().onlyTrashed()`: soft-deleted rows only. */
  onlyTrashed<C>(this: C): QueryBuilder<C>
  /** Short for `query().withoutGlobalScope(name)`. */
  withoutGlobalScope<C>(this: C, name: string): QueryBuilder<C>
  /** Short for `query().withoutGlobalScopes()`: turns off all global scopes except locked ones. */
  withoutGlobalScopes<C>(this: C): QueryBuilder<C>
  /** Returns the number of rows. */
  count(): Promise<number>
  /** Returns whether there is at least one row. */
  exists(): Promise<boolean>
  /** Runs raw SQL and returns instances. corm matches the columns of the result to fields by name. */
  raw<C>(this: C, statement: Sql): Promise<Entity<C>[]>
  /** Runs raw SQL and returns the first instance, or null if there is no row. */
  rawFirst<C>(this: C, statement: Sql): Promise<Entity<C> | null>
  /** Returns the model bound to a database or transaction. It has the same statics and can be called with `new`. */
  using<C>(this: C, connection: Connectable): C
  /**
   * Runs `fn` in a transaction of the model's database: commits when it returns, and rolls back when it throws. Queries in `fn`
   * join the transaction. Inside another transaction it is a savepoint.
   */
  transaction<R>(fn: (trx: TransactionHandle) => Promise<R>, options?: TransactionOptions): Promise<R>
  /**
   * Deletes all rows of the table. With `cascade` it also deletes the rows of all tables with a foreign key to it. With
   * `restartIds` new ids start at 1 again.
   */
  truncate(options?: { cascade?: boolean; restartIds?: boolean }): Promise<void>
  /**
   * A query for the rows that have a text in some language but not in this one, in any translated field or in `field`. Count it, or read
   * the rows. Throws `UsageError` if no field has a column for the language.
   *
   *     await Post.missingTranslations('fr').count()
   */
  missingTranslations<C>(this: C, locale: string, field?: FieldName<C>): QueryBuilder<C>
  /**
   * A query for the rows whose embeddings are not those of their text: never embedded, embedded by another model, or changed
   * without corm's `save`.
   */
  staleEmbeddings<C>(this: C): QueryBuilder<C>
  /**
   * Embeds the rows that `staleEmbeddings()` finds, in batches. Every batch is stored when it is done, so a run that was stopped goes
   * on where it was when you call it again.
   */
  embedAll(options?: EmbedAllOptions): Promise<EmbedProgress>
  /**
   * Encrypts the values that were encrypted with an old key with the current one, and fills indexes that are missing, of all rows,
   * also of those that scopes hide. Works in batches by primary key, each in a transaction. A run that was stopped goes on when you
   * call it again. No hook of a write runs, and `autoNow` and version fields stay. Returns the number of changed rows.
   */
  reencrypt(options?: ReencryptOptions): Promise<number>
  /** Returns the INSERT statement for these rows. Sends nothing. */
  toSQLInsert<C extends HasFields>(
    this: C,
    rows: InsertableGuarded<C> | readonly InsertableGuarded<C>[],
    options?: { dialect?: DialectName },
  ): CompiledSQL
}

/**
 * Any model class, or any model class with these fields. Use it for functions over several models.
 *
 *     async function byKeys<C extends ModelClass>(model: C, keys: PkOf<C>[]): Promise<Entity<C>[]> { return model.findMany(keys) }
 */
// never: which data a model takes is not known of any model; `make` takes what fits
export interface ModelClass<F extends AnyFields = AnyFields> extends ModelStatics {
  readonly prototype: string extends keyof F ? ModelInstance : ModelInstance & Attributes<F>
  /** The fields by name. */
  readonly fields: F
  /** The columns as expressions. */
  readonly columns: ColumnsOf<F>
  /** Schemas that validate the model's data. */
  readonly schema: AnySchemas
  /** Returns whether a field has this name. */
  hasField(name: string): boolean
  new (data?: never): string extends keyof F ? ModelInstance : ModelInstance & Attributes<F>
}
interface AnySchemas {
  readonly insert: Schema<object>
  readonly update: Schema<object>
  readonly select: Schema<object>
}
