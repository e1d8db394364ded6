import type { Added, AddedFor, AddedOf, FieldOut, NamedValues, RelatedCheck, ValuesOf } from './annotation.js'
import type {
  GuardedOption,
  HybridOptions,
  JoinOptions,
  LocalesOption,
  MatchesOptions,
  NearestOptions,
  SearchOptions,
  VectorInput,
} from './call-options.js'
import type { OrNull, Row, Tables } from './condition.js'
import type { AllChanges, SafeChanges } from './data.js'
import type { Connectable } from './database.js'
import type { CompareOp, Expression, Subquery } from './expression.js'
import type {
  AttributeName,
  Cols,
  FieldName,
  FieldsOf,
  GUARDED_WRITE,
  NumberField,
  PkKeys,
  PkOf,
  TextField,
  VectorField,
} from './field.js'
import type { AvgOf, SumOf } from './functions.js'
import type { Refused } from './hint.js'
import type { Committed } from './hooks.js'
import type {
  Creatable,
  CreatableGuarded,
  CreatableThrough,
  Insertable,
  InsertableGuarded,
  InsertableThrough,
  InsertableThroughGuarded,
  Owners,
  PivotData,
  SomeOf,
} from './input.js'
import type { InstanceBase } from './instance.js'
import type { KeyList, SelectList } from './key-path.js'
import type { Known, Knows } from './known.js'
import type { LinkWrites, ManagerScopes, OwnerWrites, RowWrites } from './manager.js'
import type { NestedChanges } from './nested.js'
import type { JsonOf, ObjectOf } from './output.js'
import type { Page, PageOptions } from './page.js'
import type { QueryRows, QueryText, QueryValues, QueryWrites } from './query-endings.js'
import type { QueryConditions, QueryOrder, QueryScopes, QuerySettings } from './query-steps.js'
import type { PivotKind, REL, Rel } from './relation.js'
import type {
  CheckedRel,
  FirstStep,
  InstOf,
  IsMany,
  KindOf,
  LaterSteps,
  OneNull,
  PathPivot,
  PathTarget,
  PivotOf,
  PivotValues,
  RelationName,
  Target,
  ValidRel,
  WithPivot,
  WrongRel,
} from './relation-path.js'
import type {
  AddedBy,
  CteRef,
  CtesOf,
  GroupColumns,
  GroupRow,
  GroupValues,
  JoinName,
  MayLack,
  NameIn,
  OVER,
  QueryLike,
  ROW,
  RowOf,
  SelectedValues,
  TableColumns,
  Tapped,
  WithCte,
  WithPaths,
  WithTable,
} from './table.js'
import type { PLAIN, PlainRow, PlainSource, UnitedRows } from './united.js'

/** The methods of every to-many relation, loaded or not. */
export interface RelationSteps<in out T, in out Pv = unknown> {
  /** Returns a query over the related rows. */
  query(): RelatedQuery<T, Pv>
  /** Returns a query over the related rows that meet a condition. */
  where: RelatedQuery<T, Pv>['where']
  /** Returns a sorted query over the related rows. */
  orderBy: RelatedQuery<T, Pv>['orderBy']
  /** Returns a query over at most `count` of the related rows. */
  limit: RelatedQuery<T, Pv>['limit']
  /** Returns the first related row, or null. If the relation is loaded, it sends no query. */
  first(): Promise<(Entity<T> & WithPivot<Pv>) | null>
  /** Returns the number of related rows. If the relation is loaded, it sends no query. */
  count(): Promise<number>
  /** Returns whether there is a related row. If the relation is loaded, it sends no query. */
  exists(): Promise<boolean>
}
/** A query over the rows of a relation. Rows of a many-to-many relation have the values of the join table as `pivot`. */
export type RelatedQuery<T, Pv = unknown> = QueryBuilder<T, '', unknown, WithPivot<Pv>>
type LoadedValue<C, K extends string, P> =
  true extends IsMany<C, K> ? LoadedRows<Target<C, K>, P, PivotOf<C, K>> : LoadedEntity<Target<C, K>, P> | OneNull<C, K>
type LoadedRows<T, P, Pv> = RelationSteps<T, Pv> & (LoadedEntity<T, P> & WithPivot<Pv>)[]
type PendingValue<C, K extends string> =
  true extends IsMany<C, K> ? PendingMany<Target<C, K>, PivotOf<C, K>> : PendingOne<Target<C, K>, OneNull<C, K>>
/** A to-many relation that may not be loaded yet: await it to load it, or use it as a query. */
// that what is loaded is the same type in both saves a comparison of lists, and of what their rows lead to
export type PendingMany<T, Pv = unknown> =
  | (RelationSteps<T, Pv> & PromiseLike<(Entity<T> & WithPivot<Pv>)[]>)
  | LoadedRows<T, '', Pv>
/** A to-one relation that may not be loaded yet: await it first. Else reading its fields throws `RelationNotLoadedError`. */
// its parameter is the model, not the entity: inference looks at arguments, and an entity leads to all others
export type PendingOne<C, Null = never> = PromiseLike<Entity<C> | Null> | Entity<C> | Null

// any: inferred by the model alone
type ModelOf<E> = E extends Knows<Known<infer C, any, any, any, any>> ? C : never

type RelationsOf<C, P, L> = {
  readonly [K in RelationName<C>]: K extends keyof L
    ? L[K]
    : K extends FirstStep<P>
      ? LoadedValue<C, K, LaterSteps<P, K>>
      : PendingValue<C, K>
}
// the conditional types stand in each of these, not once for all: what the compiler finds out about a named type it finds out
// for each of its parameters
/** An instance of `C`, with its relations. */
export type Entity<C> = (C extends unknown
  ? InstOf<C> & RelationsOf<C, '', {}> & Knows<Known<C, '', unknown, unknown, {}>>
  : never) &
  Handle
/** An instance of `C` with the relations `P` and those of `L` loaded, and what a query added. */
export type EntityWith<C, P, L = {}, X = unknown> = (C extends unknown
  ? InstOf<C> & RelationsOf<C, P, L> & Knows<Known<C, P, unknown, X, L>>
  : never) &
  X &
  Handle
/** An instance of `C` with some of its fields only. */
export type EntityOf<C, S, P, L = {}, X = unknown> = (C extends unknown
  ? Omit<InstOf<C>, Exclude<AttributeName<C>, S | PkKeys<C>>> & RelationsOf<C, P, L> & Knows<Known<C, P, S, X, L>>
  : never) &
  X &
  Handle
/** An instance with the relations `P` (or '') and those of `L` loaded. It is a plain `Entity` if nothing is loaded or added. */
export type LoadedEntity<C, P, L = {}, X = unknown> = [unknown, P, keyof L] extends [X, '', never]
  ? Entity<C>
  : EntityWith<C, Exclude<P, ''>, L, X>

/** Members of an entity that need its model's relations. */
// one type for all models, whose methods look at the instance they are called on: comparing two instances costs nothing here
export interface Handle {
  /**
   * Returns the manager of a relation: a query over the related rows, with methods that create, link and unlink rows.
   *
   *     await author.related('books').create({ title: 'Emma' })
   *     // insert into "books" ("title", "author_id") values (?, ?)
   */
  related<E, const K extends RelationName<ModelOf<E>>>(
    this: E,
    name: K,
  ): Related<KindOf<ModelOf<E>, K>, Target<ModelOf<E>, K>, PivotOf<ModelOf<E>, K>>
  /** Loads the relations that are not loaded yet, as `with` does. Returns this instance. */
  load<E, const Q extends readonly string[]>(
    this: E,
    ...paths: { [I in keyof Q]: RelationName<ModelOf<E>> | ValidRel<ModelOf<E>, Q[I]> }
  ): Promise<Reloaded<E, Q[number]>>
  /**
   * Saves new values of this instance together with changes of its relations, in one transaction. Returns this instance with
   * these relations loaded.
   *
   *     await author.saveWithRelations({ name: 'Jane', books: { create: { title: 'Emma' }, delete: draft } })
   */
  saveWithRelations<E, const D>(
    this: E,
    data: SafeChanges<FieldsOf<ModelOf<E>>> & NestedChanges<ModelOf<E>, D>,
  ): Promise<Reloaded<E, keyof D & RelationName<ModelOf<E>>>>
  saveWithRelations<E, const D>(
    this: E,
    data: AllChanges<FieldsOf<ModelOf<E>>> & NestedChanges<ModelOf<E>, D, true>,
    options: GuardedOption,
  ): Promise<Reloaded<E, keyof D & RelationName<ModelOf<E>>>>
  /** Returns a plain object that keeps Dates and Decimals. It includes loaded relations and leaves out hidden fields. */
  toObject<E>(this: E, options?: LocalesOption): ObjectOf<E>
  /** Returns a plain object of JSON values. It includes loaded relations and leaves out hidden fields. */
  toJSON<E>(this: E, options?: LocalesOption | string): JsonOf<E>
}
/** An instance after more of its relations were loaded. */
type Reloaded<E, Q> =
  E extends Knows<Known<infer C, infer P, infer S, infer X, infer L>> ? Result<C, P | Q, S, X, L> : never

/** The manager of a relation of this kind to `T`. */
export type Related<Kind, T, Pv = unknown> = Kind extends 'belongsTo'
  ? RelatedOwner<T, InstOf<T> | PkOf<T>>
  : Kind extends 'morphTo'
    ? RelatedOwner<T, InstOf<T>>
    : Kind extends 'hasOne' | 'hasMany' | 'morphOne' | 'morphMany'
      ? RelatedRows<T>
      : Kind extends PivotKind
        ? LinkedRows<T, Pv>
        : QueryBuilder<T>

/** The manager of a relation, by the relation itself. */
// any: the argument was refused, and one error is enough
export type RelatedBy<R extends Rel> = Rel extends R
  ? any
  : Related<
      R[typeof REL]['kind'],
      R[typeof REL] extends { target: () => infer T } ? T : never,
      R[typeof REL]['kind'] extends PivotKind ? PivotValues<R[typeof REL]['pivot']> : unknown
    >

/** The manager of a `belongsTo` or `morphTo` relation. */
// Omit: a step of the query leads to a plain query, without the manager's writes
export interface RelatedOwner<in out T, in out Given = InstOf<T> | PkOf<T>>
  extends Omit<QueryBuilder<T>, keyof ManagerScopes>,
    ManagerScopes,
    OwnerWrites<Given> {}

/** The manager of a `hasOne`, `hasMany`, `morphOne` or `morphMany` relation. */
export interface RelatedRows<in out T> extends Omit<QueryBuilder<T>, keyof ManagerScopes>, ManagerScopes, RowWrites<T> {
  /** Inserts a related row. corm sets its foreign key. */
  create(data: CreatableThrough<T>): Promise<Entity<T>>
  create(data: CreatableThrough<T, typeof GUARDED_WRITE>, options: GuardedOption): Promise<Entity<T>>
  /** Inserts related rows and returns them in the same order. corm sets their foreign keys. */
  createMany<const R extends readonly unknown[]>(
    rows: {
      readonly [I in keyof R]: CreatableThrough<T>
    },
  ): Promise<{ -readonly [I in keyof R]: Entity<T> }>
  createMany<const R extends readonly unknown[]>(
    rows: { readonly [I in keyof R]: CreatableThrough<T, typeof GUARDED_WRITE> },
    options: GuardedOption,
  ): Promise<{ -readonly [I in keyof R]: Entity<T> }>
  /**
   * Returns the first related row with these values, or inserts it with `extra` and its foreign key. The second value says whether
   * it is new. Takes part in races as `Model.firstOrCreate` does, by a unique index over the foreign key and the values.
   *
   *     const [book, created] = await author.related('books').firstOrCreate({ title: 'Emma' }, { price: 9 })
   */
  firstOrCreate(
    match: SomeOf<InsertableThrough<T>>,
    extra?: SomeOf<InsertableThrough<T>> & Owners<T>,
  ): Promise<[entity: Entity<T>, created: boolean]>
  firstOrCreate(
    match: SomeOf<InsertableThroughGuarded<T>>,
    extra: SomeOf<InsertableThroughGuarded<T>> & Owners<T>,
    options: GuardedOption,
  ): Promise<[entity: Entity<T>, created: boolean]>
  /** Updates the first related row with these values, or inserts it with `data` and its foreign key. */
  updateOrCreate(
    match: SomeOf<InsertableThrough<T>>,
    data: SomeOf<InsertableThrough<T>> & Owners<T>,
  ): Promise<[entity: Entity<T>, created: boolean]>
  updateOrCreate(
    match: SomeOf<InsertableThroughGuarded<T>>,
    data: SomeOf<InsertableThroughGuarded<T>> & Owners<T>,
    options: GuardedOption,
  ): Promise<[entity: Entity<T>, created: boolean]>
  /** Sets the foreign key of an instance and saves the instance. */
  save(entity: InstOf<T>): Promise<Entity<T>>
}

/** The manager of a relation with a join table. */
export interface LinkedRows<in out T, in out Pv>
  extends Omit<RelatedQuery<T, Pv>, keyof ManagerScopes>,
    ManagerScopes,
    LinkWrites<T, Pv> {
  /** Inserts a row and links it. `pivot` has the values for the join table. */
  create(data: Creatable<T>, pivot?: PivotData<Pv>): Promise<Entity<T>>
  create(data: CreatableGuarded<T>, pivot: PivotData<Pv> | undefined, options: GuardedOption): Promise<Entity<T>>
  /** Inserts rows and links them, in order. `pivot` has the values for the join table. */
  createMany<const R extends readonly unknown[]>(
    rows: { readonly [I in keyof R]: Creatable<T> },
    pivot?: PivotData<Pv>,
  ): Promise<{ -readonly [I in keyof R]: Entity<T> }>
  createMany<const R extends readonly unknown[]>(
    rows: { readonly [I in keyof R]: CreatableGuarded<T> },
    pivot: PivotData<Pv> | undefined,
    options: GuardedOption,
  ): Promise<{ -readonly [I in keyof R]: Entity<T> }>
  /**
   * Returns the first linked row with these values. If there is none, it links the row of the table that has them, or inserts one
   * with `extra` and links it. The second value says whether the row is new. `pivot` has the values of a new link.
   *
   *     const [tag, created] = await article.related('tags').firstOrCreate({ name: 'classic' })
   */
  firstOrCreate(
    match: SomeOf<Insertable<T>>,
    extra?: SomeOf<Insertable<T>> & Owners<T>,
    pivot?: PivotData<Pv>,
  ): Promise<[entity: Entity<T>, created: boolean]>
  firstOrCreate(
    match: SomeOf<InsertableGuarded<T>>,
    extra: SomeOf<InsertableGuarded<T>> & Owners<T>,
    pivot: PivotData<Pv> | undefined,
    options: GuardedOption,
  ): Promise<[entity: Entity<T>, created: boolean]>
  /** Like `firstOrCreate`, but updates a row that exists with `data`. */
  updateOrCreate(
    match: SomeOf<Insertable<T>>,
    data: SomeOf<Insertable<T>> & Owners<T>,
    pivot?: PivotData<Pv>,
  ): Promise<[entity: Entity<T>, created: boolean]>
  updateOrCreate(
    match: SomeOf<InsertableGuarded<T>>,
    data: SomeOf<InsertableGuarded<T>> & Owners<T>,
    pivot: PivotData<Pv> | undefined,
    options: GuardedOption,
  ): Promise<[entity: Entity<T>, created: boolean]>
  /** Saves an instance and links it. `pivot` has the values for the join table. */
  save(entity: InstOf<T>, pivot?: PivotData<Pv>, options?: GuardedOption): Promise<Entity<T>>
}
/** The instances that a query returns: with the relations of `with`, and without the fields that `select` left out. */
// of AnyQuery the added values may be anything; what is known are the members of every row
export type Result<C, P, S, X, L> = 0 extends 1 & X
  ? Entity<C>
  : unknown extends S
    ? LoadedEntity<C, P, L, X>
    : EntityOf<C, S, Exclude<P, ''>, L, X>
/** The map form of `with`. For each relation: `true`, or a callback that adds conditions, an order or a limit. */
export type WithMap<C> = { readonly [K in RelationName<C>]?: WithEach<C, K> }
type WithEach<C, K extends string> =
  | true
  | ((query: RelatedQuery<Target<C, K>, PivotOf<C, K>>) => QueryLike)
  | (KindOf<C, K> extends 'morphTo' ? WithModels<Target<C, K>> : never)
/** For a `morphTo`: what to load for each model, by the name that the database stores for it. */
type WithModels<T> = { readonly [model: string]: true | WithModel<T>['narrow'] }
// a method: its argument may be declared as a query over the one model that is meant
interface WithModel<T> {
  narrow(query: QueryBuilder<T>): QueryLike
}
/** For a `morphTo`: which models a row may lead to, by the names that the database stores, and which rows of them. */
type HasModels<C, K extends string> = KindOf<C, K> extends 'morphTo' ? WithModels<Target<C, K>> : never
/** What `with` takes. */
export type WithArg<C> = string | WithMap<C>
/** An argument of `with`, checked. */
export type WithCheck<C, T, A = readonly [T]> = T extends string
  ? NoInfer<PathCheck<C, T>> | NoInfer<WrongRel<C, T>>
  : A extends readonly [unknown, unknown, ...unknown[]]
    ? Refused<'put all relations into one map: with({ author: true, tags: q => … })'>
    : T
type PathCheck<C, T extends string> = string extends T
  ? RelationName<C>
  : T extends CheckedRel<C, T>
    ? T
    : RelationName<C> | CheckedRel<C, T>
/** The relations that a map of `with` loads. */
// a callback may narrow: of one row nothing may be left
export type WithLoaded<C, L, A> = [Exclude<A, string>] extends [never]
  ? L
  : L & (Exclude<A, string> extends infer M ? { [K in keyof M & string]: LoadedBy<C, K, M[K]> } : never)
type LoadedBy<C, K extends string, By> = By extends (...args: never[]) => unknown
  ? true extends IsMany<C, K>
    ? RelationSteps<Target<C, K>, PivotOf<C, K>> & RowOf<By>[]
    : RowOf<By> | null
  : LoadedValue<C, K, ''>

/** Options of `withCount`, `withSum` and similar steps. */
export interface RelatedOptions<T, N extends string = string> {
  /** The name of the value. Default: made of relation and field, such as `booksCount` and `booksSumPrice`. */
  as?: N
  /** Limits the related rows to those that meet the conditions of this query. */
  where?: (query: QueryBuilder<T>) => QueryLike
}
/** The map form of `withCount` and `withExists`. */
export type RelatedMap<C> = { readonly [K in RelationName<C>]?: RelatedOptions<Target<C, K>> }
type Truthy<T> = Exclude<T, null | undefined | false | 0 | 0n | ''>

/**
 * A query over a model. It is immutable: each step returns a new query. Every `await` of a query runs it.
 * `P`: loaded relations; `S`: selected fields; `X`: added values; `L`: relations loaded by a map of `with`; `G`: groups.
 */
// defaults are '' or unknown, not never: any does not fit never, and then AnyQuery would not accept a query
/*! The compiler can't check these variances, since rows are conditional types. Without them every project pays 12,000 instantiations.
@ts-expect-error */
export interface QueryBuilder<out C, in P = '', in S = unknown, out X = unknown, out L = {}, in out G = unknown>
  extends Subquery<SelectedValues<C, S, X>>,
    QueryConditions<C, X>,
    QueryOrder<C, X>,
    QueryScopes,
    QuerySettings,
    QueryRows,
    QueryValues<C, X, G>,
    QueryWrites<C>,
    QueryText<C> {
  readonly [ROW]: Result<C, P, S, X, L>
  readonly [OVER]: unknown extends G
    ? { cols: Cols<C, X>; added: X }
    : { cols: GroupColumns<C, G, X>; added: GroupValues<C, G, X> }
  /** Makes the query awaitable: `await query` is the same as `await query.get()`. */
  then: PromiseLike<Result<C, P, S, X, L>[]>['then']
  /**
   * Keeps rows that have related rows, or a certain number of them. All conditions of one `whereHas` apply to the same related
   * row.
   *
   *     Author.query().whereHas('books', q => q.where('price', '<', 10), '>=', 2)
   *     // … where (select count(*) from "books" where "books"."author_id" = "authors"."id" and "books"."price" < ?) >= ?
   *
   * Through a `morphTo` it takes an object by model: `whereHas('subject', { Photo: true, Video: q => q.where('length', '>', 60) })`.
   */
  whereHas<const K extends string>(relation: RelationName<C> | ValidRel<C, K>, op: CompareOp, count: number): this
  whereHas<const K extends string>(
    relation: RelationName<C> | ValidRel<C, K>,
    narrow?: ((query: RelatedQuery<PathTarget<C, K>, PathPivot<C, K>>) => QueryLike) | HasModels<C, K>,
    op?: CompareOp,
    count?: number,
  ): this
  /** Keeps rows that have no related rows. With a callback: no related rows that meet its conditions. */
  whereDoesntHave<const K extends string>(
    relation: RelationName<C> | ValidRel<C, K>,
    narrow?: ((query: RelatedQuery<PathTarget<C, K>, PathPivot<C, K>>) => QueryLike) | HasModels<C, K>,
  ): this

  /**
   * Selects only these fields and the primary key. Reading any other field throws `FieldNotLoadedError`. You can also select
   * fields of to-one relations by path. Read them under the path: `book['author.name']`.
   */
  select<const K extends readonly string[]>(
    ...keys: SelectList<C, K, X>
  ): QueryBuilder<C, P, K[number], WithPaths<C, K[number], X>, L, G>
  /** Selects all fields except these. Reading one of these throws `FieldNotLoadedError`. */
  omit<const K extends FieldName<C>>(
    ...keys: K[]
  ): QueryBuilder<C, P, unknown extends S ? Exclude<FieldName<C>, K> : Exclude<S, K>, X, L, G>
  /** Selects all fields, including `lazy` ones. */
  selectAll(): QueryBuilder<C, P, unknown, X, L, G>
  /**
   * Adds computed values to the rows, by name. The instances have them as properties, and later steps can use them like fields.
   *
   *     Author.query().annotate({ shout: c => c.name.upper() }).where('shout', 'ADA')
   *     // select …, upper("name") as "shout" from "authors" where upper("name") = ?
   */
  annotate<const A extends NamedValues<C, X>>(values: A): QueryBuilder<C, P, S, Added<X, ValuesOf<A>>, L, G>
  /**
   * Finds the rows with the nearest vectors, nearest first, and adds their `distance`. Conditions, scopes and pages apply to the
   * search itself, before or after this step.
   *
   *     Document.where('language', 'en').nearest('embedding', vector, { limit: 5 })
   *     // select …, round(vec_distance_cosine("embedding", ?) * 1e6) / 1e6 as "distance" from "documents"
   *     // where "language" = ? order by "distance" asc, "id" asc limit 5
   */
  nearest(
    field: VectorField<C>,
    vector: VectorInput,
    options?: NearestOptions,
  ): QueryBuilder<C, P, S, AddedOf<X, 'distance', number>, L, G>
  /**
   * Finds the rows whose fields together contain all words of the text, by a full-text index over exactly these fields, and adds
   * their `rank`: the higher, the better the row matches. Rows come best first, unless the query has an order of its own.
   *
   *     Document.where('language', 'en').matches(['title', 'body'], 'red wine')
   *
   * The text may come from anyone: quotes, operators and signs in it only separate words. A text without words matches nothing.
   */
  matches(
    fields: TextField<C> | readonly TextField<C>[],
    text: string,
    options?: MatchesOptions,
  ): QueryBuilder<C, P, S, AddedOf<X, 'rank', number>, L, G>
  /**
   * Finds the rows whose vectors are nearest to that of a text, as `nearest` does. The static method `embedQuery(text)` of the
   * model computes the vector when the query runs, or else the `embed` of its embedding; both may return a promise.
   *
   *     Document.query().search('drinks from France', { limit: 5 })
   */
  search(
    text: string,
    options?: SearchOptions<VectorField<C>>,
  ): QueryBuilder<C, P, S, AddedOf<X, 'distance', number>, L, G>
  /**
   * Finds rows by words and by meaning, in one statement. Rows that are among the best of both searches come first. It adds the
   * `score` of each row, by reciprocal rank fusion. Conditions and scopes apply to both searches.
   *
   *     Document.query().hybrid('red wine', { fields: ['title', 'body'], field: 'embedding', limit: 5 })
   */
  hybrid(
    text: string,
    options: HybridOptions<VectorField<C>, TextField<C>>,
  ): QueryBuilder<C, P, S, AddedOf<X, 'score', number>, L, G>
  /**
   * Groups the rows. Read the groups with `aggregate`, `values`, `count` or `paginate`.
   *
   *     await Book.query().groupBy('authorId').aggregate({ books: fn.count() })
   *     // select "author_id", count(*) as "books" from "books" group by "author_id"
   *
   * Other queries can read the groups through `from`, `join` and `withCte`. The columns are the grouped keys and the values of
   * `annotate`.
   */
  groupBy<const K extends readonly string[]>(...keys: KeyList<C, K, X>): QueryBuilder<C, P, S, X, L, K[number]>
  groupBy(
    ...expressions: (Expression | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression))[]
  ): QueryBuilder<C, P, S, X, L, never>
  /**
   * Joins a model, a query, or the name of a table or common table expression. A row appears once for each match. With an
   * `alias`, later callbacks use the table as `t.<alias>`. Without one, use the model's columns: `City.columns`.
   *
   *     Author.query().join(City, (c, t) => c.cityId.eq(t.id), { alias: 'city' }).where((c, t) => t.city.name.eq('Rome'))
   *     // … from "authors" join "cities" as "city" on "authors"."city_id" = "city"."id" where "city"."name" = ?
   */
  join<const T, const O extends JoinOptions = {}>(
    target: T,
    on: (c: NoInfer<Row<C, X>>, t: TableColumns<T, X> & Tables<X>) => Expression<boolean>,
    options?: O,
  ): QueryBuilder<C, P, S, WithTable<X, JoinName<T, NameIn<O>>, MayLack<O, TableColumns<T, X>>>, L, G>
  /** Like `join`, but keeps rows without a match. In these, the columns of the joined table are null. */
  leftJoin<const T, const O extends Omit<JoinOptions, 'type'> = {}>(
    target: T,
    on: (c: NoInfer<Row<C, X>>, t: TableColumns<T, X> & Tables<X>) => Expression<boolean>,
    options?: O,
  ): QueryBuilder<C, P, S, WithTable<X, JoinName<T, NameIn<O>>, OrNull<TableColumns<T, X>>>, L, G>
  /**
   * Reads from a query, a common table expression, or a table or view with the model's columns, instead of the model's table.
   *
   *     Book.query().from(Book.query().orderBy('-price').limit(10)).orderBy('title')
   *     // select … from (select … from "books" order by "price" desc limit 10) as "books" order by "title" asc
   */
  from<Q extends QueryLike>(query: Q): QueryBuilder<C, P, S, unknown extends X ? AddedBy<Q> : X & AddedBy<Q>, L, G>
  from<const N extends string>(
    name: N,
  ): QueryBuilder<C, P, S, N extends keyof CtesOf<X> ? X & AddedBy<CtesOf<X>[N]> : X, L, G>
  /**
   * Adds a query as a common table expression (WITH). Use its name in `from` and `join` of this query and of its subqueries.
   *
   *     Book.query().withCte('cheap', Book.query().where('price', '<', 5)).join('cheap', (c, t) => c.sequelId.eq(t.id))
   *     // with "cheap" as (select … from "books" where "price" < ?) select … from "books" join "cheap" on …
   */
  withCte<const N extends string, Q extends QueryLike>(name: N, query: Q): QueryBuilder<C, P, S, WithCte<X, N, Q>, L, G>
  /**
   * Adds a recursive common table expression. It starts with the rows of `base` and repeats `step` until that finds no new
   * rows. It takes each row once, so cycles in the data end.
   *
   *     Topic.query().withRecursive('tree', Topic.query().whereKey(1), self =>
   *       Topic.query().join(self, (c, t) => c.parentId.eq(t.id))).from('tree')
   */
  withRecursive<const N extends string, Q extends QueryLike>(
    name: N,
    base: Q,
    step: (
      self: Q extends { readonly [OVER]: { cols: infer C2; added: infer X2 } } ? CteRef<C2, X2, N> : never,
    ) => QueryLike,
  ): QueryBuilder<C, P, S, WithCte<X, N, Q>, L, G>
  /**
   * Applies a scope: a function that takes the query and returns it with more steps, often a static method of the model.
   *
   *     static popular(query: AnyQuery<typeof Post>, min = 100) { return query.where('views', '>=', min) }
   *
   *     Post.query().scope(Post.popular, 500)
   */
  scope<A extends readonly unknown[]>(scope: (query: NoInfer<AnyQueryOf<C>>, ...args: A) => QueryLike, ...args: A): this
  /** Calls a function with the query and returns its result. */
  tap<R>(fn: (query: NoInfer<this>) => R): Tapped<R, this>
  /** Applies `fn` if `condition` is truthy, and `otherwise` if it is not. `fn` receives the condition as second argument. */
  when<T>(
    condition: T,
    fn: (query: NoInfer<this>, value: Truthy<T>) => NoInfer<this>,
    otherwise?: (query: NoInfer<this>) => NoInfer<this>,
  ): this

  /**
   * Loads relations together with the rows (eager loading), with at most one query per relation. Takes paths, or one map with
   * callbacks.
   *
   *     Author.query().with('books.author')
   *     Author.query().with({ books: q => q.where('price', '<', 10).limit(3) })
   */
  with<const A extends readonly WithArg<C>[]>(
    ...what: { [I in keyof A]: WithCheck<C, A[I], A> }
  ): QueryBuilder<C, P | Extract<A[number], string>, S, X, WithLoaded<C, L, A[number]>, G>
  /**
   * Adds the number of related rows as `<relation>Count`. Takes names of relations, or one map with conditions and names.
   *
   *     Author.query().withCount('books').where('booksCount', '>', 2)
   *     // select …, (select count(*) from "books" where "books"."author_id" = "authors"."id") as "booksCount" from "authors" …
   *     Author.query().withCount({ books: { as: 'cheap', where: q => q.where('price', '<', 10) } })
   *
   * Each row appears once, with 0 if it has no related rows. Throws `UsageError` if the name is taken; choose another with `as`.
   */
  withCount<const A extends readonly (string | RelatedMap<C>)[]>(
    ...relations: { [I in keyof A]: RelatedCheck<C, A[I]> }
  ): QueryBuilder<C, P, S, AddedFor<X, A, 'Count', number>, L, G>
  /**
   * Adds a boolean `<relation>Exists`: whether there are related rows.
   *
   *     Author.query().withExists('books')
   *     // select …, exists (select … from "books" where "books"."author_id" = "authors"."id") as "booksExists" from "authors"
   */
  withExists<const A extends readonly (string | RelatedMap<C>)[]>(
    ...relations: { [I in keyof A]: RelatedCheck<C, A[I]> }
  ): QueryBuilder<C, P, S, AddedFor<X, A, 'Exists', boolean>, L, G>
  /**
   * Adds the sum of a field of the related rows as `<relation>Sum<Field>`: null if there are no rows. Sums of decimals are exact.
   *
   *     Author.query().withSum('books', 'price').orderBy('-booksSumPrice')
   *     // select …, (select sum("books"."price") from "books" where "books"."author_id" = "authors"."id") as "booksSumPrice" …
   */
  withSum<
    const K extends RelationName<C>,
    const F extends NumberField<Target<C, K>>,
    const N extends string = `${K}Sum${Capitalize<F>}`,
  >(
    relation: K,
    field: F,
    options?: RelatedOptions<Target<C, K>, N>,
  ): QueryBuilder<C, P, S, AddedOf<X, N, SumOf<NonNullable<FieldOut<C, K, F>>>>, L, G>
  /** Adds the average of a field of the related rows as `<relation>Avg<Field>`: null if there are no rows. */
  withAvg<
    const K extends RelationName<C>,
    const F extends NumberField<Target<C, K>>,
    const N extends string = `${K}Avg${Capitalize<F>}`,
  >(
    relation: K,
    field: F,
    options?: RelatedOptions<Target<C, K>, N>,
  ): QueryBuilder<C, P, S, AddedOf<X, N, AvgOf<NonNullable<FieldOut<C, K, F>>>>, L, G>
  /** Adds the smallest value of a field of the related rows as `<relation>Min<Field>`: null if there are no rows. */
  withMin<
    const K extends RelationName<C>,
    const F extends FieldName<Target<C, K>>,
    const N extends string = `${K}Min${Capitalize<F>}`,
  >(
    relation: K,
    field: F,
    options?: RelatedOptions<Target<C, K>, N>,
  ): QueryBuilder<C, P, S, AddedOf<X, N, FieldOut<C, K, F> | null>, L, G>
  /** Adds the largest value of a field of the related rows as `<relation>Max<Field>`: null if there are no rows. */
  withMax<
    const K extends RelationName<C>,
    const F extends FieldName<Target<C, K>>,
    const N extends string = `${K}Max${Capitalize<F>}`,
  >(
    relation: K,
    field: F,
    options?: RelatedOptions<Target<C, K>, N>,
  ): QueryBuilder<C, P, S, AddedOf<X, N, FieldOut<C, K, F> | null>, L, G>

  /**
   * Combines the rows of queries over several models that select the same names. The result is a list of plain objects, which is
   * sorted and paged as a whole. A row of two queries appears twice.
   *
   *     Sale.query().annotate({ kind: 'sale' }).select('kind', 'at')
   *       .unionRows(Visit.query().annotate({ kind: 'visit' }).select('kind', 'at'))
   *       .orderBy('-at').limit(20)
   *     // select … from (select … from "sales" union all select … from "visits") … order by "at" desc limit 20
   */
  unionRows<const Q extends readonly PlainSource<unknown>[]>(
    ...queries: Q
  ): UnitedRows<PlainRow<C, S, X> | (Q[number] extends PlainSource<infer R> ? R : never)>
  readonly [PLAIN]: PlainRow<C, S, X>
  /** Returns the row with this primary key among the rows of the query, or null if there is none. */
  find(key: PkOf<C>): Promise<Result<C, P, S, X, L> | null>
  /** Returns the row with this primary key among the rows of the query. Throws `NotFoundError` if there is none. */
  findOrFail(key: PkOf<C>): Promise<Result<C, P, S, X, L>>
  /**
   * Returns one page by its number, and the total number of rows. corm adds the primary key to the order for rows that are
   * equal. A page beyond the end is empty.
   *
   *     await Book.query().orderBy('title').paginate({ page: 2, size: 50 })
   *     // select count(*) from "books"
   *     // select … from "books" order by "title" asc, "id" asc limit 50 offset 50
   *
   * After `groupBy` the items are the groups as plain objects, and the total is the number of groups.
   *
   *     await Book.query().groupBy('authorId').annotate({ books: fn.count() }).orderBy('-books').paginate()
   *     // select count(*) from (select … from "books" group by "author_id") as "corm_groups"
   *     // select "author_id", count(*) as "books" from "books" group by "author_id" order by count(*) desc, "author_id" asc …
   *
   * Throws a `ValidationError` for a page or size that is not a whole number above 0, since clients send these, and a
   * `UsageError` if the query has a `limit` or `random`.
   */
  paginate(options?: PageOptions): Promise<Page<unknown extends G ? Result<C, P, S, X, L> : GroupRow<C, G, X>>>
}

/** Any query over `C`. */
// any: it alone stands for every choice of the other parameters
export type AnyQueryOf<C> = QueryBuilder<C, any, any, any, any, any>

/** Members of every instance that do not depend on its fields. */
export interface ModelBase extends InstanceBase {
  /** Returns the manager of a relation. Use this form in methods of a model: `this.related(Author.books)`. */
  related<R extends Rel>(
    relation: R | Refused<'pass Model.relation, or type the instance as Entity<typeof Model>'>,
  ): RelatedBy<R>
}

/** An instance of any model: the type of `x` after `x instanceof Model`. */
// written out: the members of an instance depend on its fields, and these take and give what any of those do
export interface ModelInstance extends ModelBase {
  /** The primary key: one value, or an object if the key is composite. */
  readonly pk: unknown
  save(options?: { only?: readonly string[]; using?: Connectable }): Promise<this>
  update(data: object, options?: GuardedOption): Promise<this>
  fill(data: object, options?: GuardedOption): this
  refresh(...fields: string[]): Promise<this>
  increment(field: string, by?: number | bigint): Promise<this>
  decrement(field: string, by?: number | bigint): Promise<this>
  isDirty(field?: string): boolean
  getChanges(): { readonly [field: string]: readonly [old: unknown, new: unknown] | undefined }
  getOriginal(field: string): unknown
  onChange(previous: object): void | Promise<void>
  afterCommit(written: Committed<object>): void | Promise<void>
  loadField(field: string): Promise<unknown>
}
