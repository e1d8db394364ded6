import type {
  BatchOptions,
  CompiledSQL,
  DialectName,
  ExplainOptions,
  FilterInput,
  GuardedOption,
  JoinOptions,
  LockOptions,
  PrintOptions,
  SyncResult,
  UpsertCounts,
} from './call-options.js'
import type {
  AllChanges,
  AllData,
  Change,
  ForeignRequired,
  GuardedChange,
  GuardedKeys,
  GuardedNewRow,
  GuardedUpdateOf,
  NewRow,
  NewRowBy,
  SafeChanges,
  UpdateOf,
  Write,
} from './data.js'
import type { Connectable, DatabaseHandle, Signal, TransactionHandle, TransactionOptions } from './database.js'
import type {
  COL,
  Column,
  CompareOp,
  Expression,
  InputFor,
  OpValue,
  Order,
  Sql,
  SUB,
  Subquery,
  WhereOp,
  WhereValue,
} from './expression.js'
import type {
  AnyField,
  AnyFields,
  Attributes,
  Cols,
  ColumnsOf,
  Complete,
  FieldName,
  FieldsOf,
  GUARDED_WRITE,
  HasFields,
  HasKey,
  IN,
  KeyOfFields,
  MATCH,
  NumberField,
  NumberKeys,
  OUT,
  OutOf,
  PkKeys,
  PkOf,
  SoftDeletes,
  WRITE,
  WrittenFields,
} from './field.js'
import type { AvgOf, SumOf } from './functions.js'
import type { DidYouMean, Miss, Near, Refused } from './hint.js'
import type { CursorOptions, CursorPage, Page, PageOptions, StreamOptions } from './page.js'
import type { PivotKind, REL, Rel, ToManyKind, ToOneKind } from './relation.js'
import type { Schema } from './schema.js'

declare const ROW: unique symbol

// One file: a query answers entities, entities answer relations, and relations answer queries.

/** An instance of a model class. */
export type InstOf<C> = C extends { readonly prototype: infer I } ? I : never

/** Data for `create`: what is neither nullable, defaulted nor filled in by the database is required. */
export type Insertable<C> = C extends HasFields ? NewRow<C> : never
/** Data for `create` with `{ guarded: true }`. */
export type InsertableGuarded<C> = C extends HasFields ? GuardedNewRow<C> : never
/** Data for the `create` of a relation: the relation fills in the foreign key. */
export type InsertableThrough<C> = C extends HasFields ? NewRowBy<C, typeof WRITE, false> : never
type InsertableThroughGuarded<C> = C extends HasFields ? NewRowBy<C, typeof GUARDED_WRITE, false> : never

/** Data for `create`, in which relations that this model holds the key of may stand for their keys. */
export type Creatable<C> = Insertable<C> | RowWithOwners<C, typeof WRITE, Insertable<C>>
/** `Creatable` with `{ guarded: true }`. */
export type CreatableGuarded<C> = InsertableGuarded<C> | RowWithOwners<C, typeof GUARDED_WRITE, InsertableGuarded<C>>
// never of no model, where it has no owners: then what is in data is looked at for any model, and not once for each
type RowWithOwners<C, W extends Write, Plain> = C extends HasFields
  ? OwnerName<C> extends never
    ? Plain
    : NewRowBy<C, W, false> & Owners<C> & KeysOrOwners<C, W>
  : never
/** The relations that this model holds the key of, as data. */
type Owners<C> = { readonly [K in OwnerName<C>]?: Owner<C, K> | undefined }
type Owner<C, K extends string> = InstOf<Target<C, K>> | OneNull<C, K>
type OwnerName<C> = {
  [K in RelationName<C>]: KindOf<C, K> extends 'belongsTo' | 'morphTo' ? K : never
}[RelationName<C>]
// each required key, or a relation that stands for it. In boxes, since what is made of a union here must stay together
type KeysOrOwners<C extends HasFields, W extends Write> =
  ForeignRequired<C['fields']> extends never
    ? unknown
    : AllOf<ForeignRequired<C['fields']>, C, W> extends { either: infer E }
      ? E
      : never
type AllOf<Key, C, W extends Write> = (
  Key extends string
    ? (box: { either: KeyOrOwner<C, Key, W> }) => void
    : never
) extends (box: infer B) => void
  ? B
  : never
type CreatableThrough<C, W extends Write = typeof WRITE> = C extends HasFields
  ? OwnerName<C> extends never
    ? NewRowBy<C, W, false>
    : NewRowBy<C, W, false> & Owners<C>
  : never
// the key last: that is what messages tell to be missing
type KeyOrOwner<C, Key extends string, W extends Write> =
  | OwnerBy<C, OwnerName<C>, Key>
  | { [K in Key & keyof FieldsOf<C>]: FieldsOf<C>[K][W] }
type OwnerBy<C, K extends string, Key> = K extends unknown
  ? Key extends KeysOfOwner<C, K>
    ? { readonly [P in K]: Owner<C, P> }
    : never
  : never
// by the relation's options or name; where neither tells, any foreign key may be meant
type KeysOfOwner<C, K extends string> =
  RelOf<C, K> extends { kind: 'belongsTo'; key: infer Key }
    ? Key extends 'auto'
      ? `${K}Id` extends FieldName<C>
        ? `${K}Id`
        : string
      : Key extends readonly unknown[]
        ? Key[number]
        : Key
    : `${K}Id` | `${K}Type`

/** Data for `update` over a query: values or expressions. */
export type Updatable<C> = C extends HasFields ? UpdateOf<C> : never
type UpdatableGuarded<C> = C extends HasFields ? GuardedUpdateOf<C> : never

// what a callback returns, with nothing that is no field: the compiler itself looks for such names in plain literals only
type Exactly<D, C, U> = D & {
  readonly [K in keyof D]: K extends keyof U ? U[K] : DidYouMean<Near<FieldName<C>, K>>
}

type Inherited = keyof Statics<AnyFields> | 'prototype'
type Own<K> = K extends Inherited ? never : K
type OwnStatic<C> = Own<keyof C>
/** The names of a model's relations. */
// by the names of what a static has: the compiler works out a type up to three times that it compares with another
// (any has every name: a relation that a mistake made any is none, but of any model each name may be one)
export type RelationName<C> = {
  [K in OwnStatic<C>]: typeof REL extends keyof C[K]
    ? string extends keyof C[K]
      ? string extends K
        ? K
        : never
      : K
    : never
}[OwnStatic<C>] &
  string
/** The member of this name, where there is one. */
type At<T, K> = K extends keyof T ? T[K] : never
type RelOf<C, K> = At<At<C, K>, typeof REL>
/** The model that relation `K` of model `C` leads to. */
export type Target<C, K> = RelOf<C, K> extends { target: () => infer T } ? T : never
type KindOf<C, K> = At<RelOf<C, K>, 'kind'>
type IsMany<C, K> = KindOf<C, K> extends ToManyKind ? true : false
type PivotOf<C, K> = RelOf<C, K> extends { kind: PivotKind; pivot: infer O } ? PivotValues<O> : unknown
/** What the table of a relation holds besides the rows. */
// unknown: there is no such table
type PivotValues<O> = O extends { through: () => infer M }
  ? Attributes<FieldsOf<M>>
  : O extends { pivot: infer F extends AnyFields }
    ? Attributes<F>
    : Record<string, unknown>
type WithPivot<Pv> = unknown extends Pv ? unknown : { readonly pivot: Pv }
// null unless the foreign key is known to be NOT NULL, and the row it points to can't be hidden
type OneNull<C, K extends string> =
  RelOf<C, K> extends { kind: infer Kind; key: infer Key }
    ? Kind extends 'belongsTo'
      ? [ForeignNull<C, Key extends 'auto' ? `${K}Id` : Key>] extends [never]
        ? SoftDeletes<Target<C, K>> extends true
          ? null
          : never
        : null
      : null
    : null
type ForeignNull<C, K> =
  K extends FieldName<C> ? null & OutOf<C, K> : K extends readonly FieldName<C>[] ? null & OutOf<C, K[number]> : null

type Head<P> = P extends `${infer H}.${string}` ? H : P
type Tail<P, H extends string> = TailOf<P, H> | ''
type TailOf<P, H extends string> = P extends `${H}.${infer R}` ? R : never

/** What every to-many relation answers, loaded or not. */
export interface RelationSteps<in out T, in out Pv = unknown> {
  /** A query over the related rows. */
  query(): RelatedQuery<T, Pv>
  where: RelatedQuery<T, Pv>['where']
  orderBy: RelatedQuery<T, Pv>['orderBy']
  limit: RelatedQuery<T, Pv>['limit']
  /** The first related row; from memory when the relation is loaded. */
  first(): Promise<(Entity<T> & WithPivot<Pv>) | null>
  /** The number of related rows; from memory when the relation is loaded. */
  count(): Promise<number>
  /** Whether there is a related row; from memory when the relation is loaded. */
  exists(): Promise<boolean>
}
/** A query over the rows of a relation: with those that come by way of a join table is what that holds, as `pivot`. */
export type RelatedQuery<T, Pv = unknown> = QueryBuilder<T, '', unknown, WithPivot<Pv>>
type LoadedValue<C, K extends string, P> =
  true extends IsMany<C, K> ? LoadedRows<Target<C, K>, P, PivotOf<C, K>> : LoadedEntity<Target<C, K>, P> | OneNull<C, K>
type LoadedRows<T, P, Pv> = RelationSteps<T, Pv> & (LoadedEntity<T, P> & WithPivot<Pv>)[]
type PendingValue<C, K extends string> =
  true extends IsMany<C, K> ? PendingMany<Target<C, K>, PivotOf<C, K>> : PendingOne<Target<C, K>, OneNull<C, K>>
/** A to-many relation that may not be loaded: await it, or ask it as a query. */
// that what is loaded is the same type in both saves a comparison of lists, and of what their rows lead to
export type PendingMany<T, Pv = unknown> =
  | (RelationSteps<T, Pv> & PromiseLike<(Entity<T> & WithPivot<Pv>)[]>)
  | LoadedRows<T, '', Pv>
/** A to-one relation that may not be loaded: await it. Reading through it unloaded throws `RelationNotLoadedError`. */
// its parameter is the model, not the entity: inference looks at arguments, and an entity leads to all others
export type PendingOne<C, Null = never> = PromiseLike<Entity<C> | Null> | Entity<C> | Null

// What is known of an instance besides its members: its model, and what a query selected, added and loaded. No member has the
// type of a parameter, so that the compiler never compares two of these.
declare const KNOWN: unique symbol
interface Known<_C, _P, _S, _X, _L> {
  readonly [KNOWN]: true
}
interface Knows<K> {
  readonly [KNOWN]: K
}
type ModelOf<E> = E extends Knows<Known<infer C, any, any, any, any>> ? C : never

type RelationsOf<C, P, L> = {
  readonly [K in RelationName<C>]: K extends keyof L
    ? L[K]
    : K extends Head<P>
      ? LoadedValue<C, K, Tail<P, K>>
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
  ? Omit<InstOf<C>, Exclude<FieldName<C>, S | PkKeys<C>>> & RelationsOf<C, P, L> & Knows<Known<C, P, S, X, L>>
  : never) &
  X &
  Handle
/** An instance with the relations `P` (or '') and those of `L` loaded: an `Entity` of which no more is known, for short. */
export type LoadedEntity<C, P, L = {}, X = unknown> = [unknown, P, keyof L] extends [X, '', never]
  ? Entity<C>
  : EntityWith<C, Exclude<P, ''>, L, X>

/** Members of an entity that need its model's relations. */
// one type for all models, whose methods look at the instance they are called on: comparing two instances costs nothing here
export interface Handle {
  /**
   * The manager of a relation: a query over its rows, and the writes that keep its keys.
   *
   *     await author.related('books').create({ title: 'Emma' })
   *     // insert into "books" ("title", "author_id") values (?, ?)
   */
  related<E, const K extends RelationName<ModelOf<E>>>(
    this: E,
    name: K,
  ): Related<KindOf<ModelOf<E>, K>, Target<ModelOf<E>, K>, PivotOf<ModelOf<E>, K>>
  /** Loads relations that are not loaded yet, as `with` does, and returns this instance with them. */
  load<E, const Q extends readonly string[]>(
    this: E,
    ...paths: { [I in keyof Q]: RelationName<ModelOf<E>> | ValidRel<ModelOf<E>, Q[I]> }
  ): Promise<Reloaded<E, Q[number]>>
  /**
   * Saves this instance with new values and changes of its relations, all or nothing, and returns it with those loaded.
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
export type RelatedBy<R extends Rel> = Related<
  R[typeof REL]['kind'],
  R[typeof REL] extends { target: () => infer T } ? T : never,
  R[typeof REL]['kind'] extends PivotKind ? PivotValues<R[typeof REL]['pivot']> : unknown
>

/** The manager of a `belongsTo` or `morphTo` relation. */
// Omit: a step of the query leads to a plain query, without the manager's writes
export interface RelatedOwner<in out T, in out Given = InstOf<T> | PkOf<T>> extends Omit<QueryBuilder<T>, never> {
  /** As for a query; what hides rows is lifted for those that are linked, too. */
  withoutGlobalScope(name: string): this
  /** The same of all global scopes. */
  withoutGlobalScopes(): this
  /** The same of soft deletes. */
  withTrashed(): this
  /** The same, for deleted rows alone. */
  onlyTrashed(): this
  /** Points this row to another one, given as instance or (where there is one model) as key, and saves it. */
  associate(target: Given): Promise<void>
  /** Sets the foreign key to null and saves. */
  dissociate(): Promise<void>
}

/** An instance of `T`, or its key. */
type Ref<T> = InstOf<T> | PkOf<T>

/** Rows that global scopes hide are linked, or their links removed, too. */
interface ScopesOption {
  readonly withoutGlobalScopes?: boolean
}

/** The manager of a `hasOne`, `hasMany`, `morphOne` or `morphMany` relation. */
export interface RelatedRows<in out T> extends Omit<QueryBuilder<T>, never> {
  /** As for a query; what hides rows is lifted for those that are linked, too. */
  withoutGlobalScope(name: string): this
  /** The same of all global scopes. */
  withoutGlobalScopes(): this
  /** The same of soft deletes. */
  withTrashed(): this
  /** The same, for deleted rows alone. */
  onlyTrashed(): this
  /** Inserts a row with the foreign key filled in. */
  create(data: CreatableThrough<T>): Promise<Entity<T>>
  create(data: CreatableThrough<T, typeof GUARDED_WRITE>, options: GuardedOption): Promise<Entity<T>>
  /** Inserts rows with the foreign key filled in, in order. */
  createMany(rows: readonly CreatableThrough<T>[]): Promise<Entity<T>[]>
  createMany(rows: readonly CreatableThrough<T, typeof GUARDED_WRITE>[], options: GuardedOption): Promise<Entity<T>[]>
  /** Sets the foreign key of an instance and saves it. */
  save(entity: InstOf<T>): Promise<Entity<T>>
  /** Makes rows that are there this owner's, and answers their number. */
  attach(...targets: readonly Ref<T>[] | [readonly Ref<T>[]]): Promise<number>
  /** The same as `attach`. */
  add(...targets: readonly Ref<T>[] | [readonly Ref<T>[]]): Promise<number>
  /** Sets the foreign key of these rows to null, where they are this owner's. Throws `UsageError` where it may not be null. */
  detach(...targets: readonly Ref<T>[] | [readonly Ref<T>[]]): Promise<number>
  /** The same as `detach`. */
  remove(...targets: readonly Ref<T>[] | [readonly Ref<T>[]]): Promise<number>
  /** Sets the foreign key of all its rows to null. */
  clear(): Promise<number>
  /** Makes exactly these rows this owner's: the smallest difference, in one transaction. */
  sync(targets: readonly Ref<T>[]): Promise<SyncResult>
  /** The same as `sync`. */
  set(targets: readonly Ref<T>[]): Promise<SyncResult>
}

type PivotData<Pv> = { readonly [K in keyof Pv]?: InputFor<Pv[K]> }
type Linkable<T, Pv> = Ref<T> | readonly [Ref<T>, PivotData<Pv>]

/** The manager of a relation by way of a join table. */
export interface LinkedRows<in out T, in out Pv> extends Omit<RelatedQuery<T, Pv>, never> {
  /** As for a query; what hides rows is lifted for those that are linked, too. */
  withoutGlobalScope(name: string): this
  /** The same of all global scopes. */
  withoutGlobalScopes(): this
  /** The same of soft deletes. */
  withTrashed(): this
  /** The same, for deleted rows alone. */
  onlyTrashed(): this
  /** Inserts a row and links it, with these values in the join table. */
  create(data: Creatable<T>, pivot?: PivotData<Pv>): Promise<Entity<T>>
  create(data: CreatableGuarded<T>, pivot: PivotData<Pv> | undefined, options: GuardedOption): Promise<Entity<T>>
  /** Inserts rows and links them. */
  createMany(rows: readonly Creatable<T>[], pivot?: PivotData<Pv>): Promise<Entity<T>[]>
  createMany(
    rows: readonly CreatableGuarded<T>[],
    pivot: PivotData<Pv> | undefined,
    options: GuardedOption,
  ): Promise<Entity<T>[]>
  /** Saves an instance and links it. */
  save(entity: InstOf<T>, pivot?: PivotData<Pv>, options?: GuardedOption): Promise<Entity<T>>
  /**
   * Links rows, given as instances, keys, or with what the join table is to hold of them. A link that is there stays, and
   * takes the values given for it. Answers the number of new ones. Rows that global scopes hide are not found:
   * `related('tags').withoutGlobalScopes().attach(7)` finds them.
   *
   *     await article.related('tags').attach([tag, 7, [8, { position: 2 }]])
   *     // insert into "articles_tags" ("article_id", "tag_id") values … on conflict … do nothing
   *
   * Guarded fields of the join table are refused unless the last argument is `{ guarded: true }`.
   */
  attach(targets: Linkable<T, Pv> | readonly Linkable<T, Pv>[], options: GuardedOption): Promise<number>
  attach(
    targets: Linkable<T, Pv> | readonly Linkable<T, Pv>[],
    pivot?: PivotData<Pv>,
    options?: GuardedOption,
  ): Promise<number>
  attach(...targets: readonly Linkable<T, Pv>[]): Promise<number>
  /** The same as `attach`. */
  add(targets: Linkable<T, Pv> | readonly Linkable<T, Pv>[], options: GuardedOption): Promise<number>
  add(
    targets: Linkable<T, Pv> | readonly Linkable<T, Pv>[],
    pivot?: PivotData<Pv>,
    options?: GuardedOption,
  ): Promise<number>
  add(...targets: readonly Linkable<T, Pv>[]): Promise<number>
  /** Removes links to these rows, and answers the number of those that were there. */
  detach(...targets: readonly Ref<T>[] | [readonly Ref<T>[]]): Promise<number>
  /** The same as `detach`. */
  remove(...targets: readonly Ref<T>[] | [readonly Ref<T>[]]): Promise<number>
  /** Removes all links. */
  clear(): Promise<number>
  /** Makes the links exactly these: the smallest difference, in one transaction. */
  sync(targets: readonly Linkable<T, Pv>[], options?: GuardedOption): Promise<SyncResult>
  /** The same as `sync`. */
  set(targets: readonly Linkable<T, Pv>[], options?: GuardedOption): Promise<SyncResult>
  /** Links those of these rows that are not linked, and removes the links of the others. */
  toggle(
    targets: Linkable<T, Pv> | readonly Linkable<T, Pv>[],
    options: GuardedOption,
  ): Promise<Omit<SyncResult, 'updated'>>
  toggle(...targets: readonly Linkable<T, Pv>[] | [readonly Linkable<T, Pv>[]]): Promise<Omit<SyncResult, 'updated'>>
  /** Changes what the join table holds of links, and answers their number. */
  updatePivot(targets: Ref<T> | readonly Ref<T>[], pivot: PivotData<Pv>, options?: GuardedOption): Promise<number>
}

// Nested data: the names are inferred from what is written, its values never. So each row is checked as a plain literal, and a
// model is only looked at where the data goes into it.

type NestedRelations<C, D, G = false> = {
  [K in keyof D]: K extends RelationName<C>
    ? NestedValue<KindOf<C, K>, Target<C, K>, PivotOf<C, K>, G> | undefined
    : K extends FieldName<C>
      ? unknown
      : DidYouMean<Near<FieldName<C> | RelationName<C>, K>>
}
type NestedChanges<C, D, G = false> = {
  [K in keyof D]: K extends RelationName<C>
    ? NestedChange<KindOf<C, K>, Target<C, K>, PivotOf<C, K>, G> | undefined
    : K extends FieldName<C>
      ? unknown
      : DidYouMean<Near<FieldName<C> | RelationName<C>, K>>
}
/** Data of a row in nested data: its fields, and its own relations. */
type NestedData<C, G> = (G extends true ? InsertableThroughGuarded<C> : InsertableThrough<C>) & {
  readonly [K in RelationName<C>]?: NestedValue<KindOf<C, K>, Target<C, K>, PivotOf<C, K>, G> | undefined
}
type NestedValue<Kind, T, Pv, G> = Kind extends 'morphTo'
  ? InstOf<T> | null | NestedOne<InstOf<T>, InstOf<T>>
  : Kind extends 'belongsTo' | 'hasOne' | 'morphOne'
    ? NestedData<T, G> | Ref<T> | null | NestedOne<NestedData<T, G> | InstOf<T>, Ref<T>>
    : Kind extends 'hasMany' | 'morphMany'
      ? NestedList<T, unknown, G> | NestedMany<NestedData<T, G> | InstOf<T>, NestedList<T, unknown, G>, Ref<T>>
      : Kind extends PivotKind
        ? NestedList<T, Pv, G> | NestedMany<NestedData<T, G> | InstOf<T>, NestedList<T, Pv, G>, Linkable<T, Pv>>
        : Refused<'its rows are found by way of others: write the relations that hold their keys'>
// unknown: there is no join table
type NestedList<T, Pv, G> = unknown extends Pv
  ? readonly (NestedData<T, G> | InstOf<T>)[]
  : readonly (NestedData<T, G> | InstOf<T> | readonly [NestedData<T, G> | InstOf<T>, PivotData<Pv>])[]
type NestedChange<Kind, T, Pv, G> =
  | NestedValue<Kind, T, Pv, G>
  | (Kind extends 'morphTo'
      ? NestedOneChanges<InstOf<T>, InstOf<T>>
      : Kind extends 'belongsTo' | 'hasOne' | 'morphOne'
        ? NestedOneChanges<NestedData<T, G> | InstOf<T>, Ref<T>>
        : Kind extends 'hasMany' | 'morphMany'
          ? NestedManyChanges<NestedData<T, G> | InstOf<T>, NestedList<T, unknown, G>, Ref<T>, Ref<T>>
          : Kind extends PivotKind
            ? NestedManyChanges<NestedData<T, G> | InstOf<T>, NestedList<T, Pv, G>, Linkable<T, Pv>, Ref<T>>
            : never)

/** What a new row may do with a relation to one row. */
export interface NestedOne<Data, Given> {
  /** The row to make. */
  readonly create?: Data | undefined
  /** The row that is there already. */
  readonly connect?: Given | undefined
  /** The same as `connect`; null for none. */
  readonly set?: Given | null | undefined
}
/** What can be done with a relation to one row, in this order: disconnect, delete, set, connect, create. */
export interface NestedOneChanges<Data, Given> extends NestedOne<Data, Given> {
  /** Takes the row away, or only this one. Throws `UsageError` where the key may not be null. */
  readonly disconnect?: boolean | Given | undefined
  /** Deletes the row, or only this one. Throws `NotFoundError` where it is not the relation's. */
  readonly delete?: boolean | Given | undefined
}
/** What a new row may do with a relation to many rows. */
export interface NestedMany<Data, List, Given> {
  /** Rows to make: data, or unsaved instances; in a list also `[row, pivot]`. */
  readonly create?: Data | List | undefined
  /** Rows that are there already, as instances or keys. */
  readonly connect?: Given | readonly Given[] | undefined
  /** Exactly these, before `connect` and `create` add more. */
  readonly set?: Given | readonly Given[] | undefined
}
/** What can be done with a relation to many rows, in this order: disconnect, delete, set, connect, create. */
export interface NestedManyChanges<Data, List, Given, Row> extends NestedMany<Data, List, Given> {
  /** Takes rows away. Throws `UsageError` where their key may not be null. */
  readonly disconnect?: Row | readonly Row[] | undefined
  /** Deletes rows. Throws `NotFoundError` where one is not the relation's. */
  readonly delete?: Row | readonly Row[] | undefined
}

// Names and paths are checked as they are written, never spelled out as a union of all paths. The compiler takes K from the branch
// of what is most often meant, and looks into the other one only for what that is not. A wrong one leads to those that there are,
// which editors offer, and to those that are near, for the message. Of any text (K is asked for before it is known) nothing is
// worked out but fields.
type ValidRel<C, P extends string> = P extends RelationName<C> ? P : NoInfer<FurtherRel<C, P>> | NoInfer<WrongRel<C, P>>
type FurtherRel<C, P extends string> = string extends P ? RelationName<C> : CheckedRel<C, P>
type WrongRel<C, P extends string> = P extends unknown
  ? string extends P
    ? RelationName<C>
    : Miss<P, CheckedRel<C, P>, NearRel<C, P>>
  : never
// distributive: C may be a union
type CheckedRel<C, P extends string> = C extends unknown
  ? P extends RelationName<C>
    ? P
    : P extends `${infer H}.${infer R}`
      ? H extends RelationName<C>
        ? `${H}.${CheckedRel<Target<C, H>, R>}`
        : RelationName<C>
      : RelationName<C>
  : never
type NearRel<C, P extends string> = C extends unknown
  ? P extends `${infer H}.${infer R}`
    ? H extends RelationName<C>
      ? `${H}.${NearRel<Target<C, H>, R>}`
      : Near<RelationName<C>, P>
    : Near<RelationName<C>, P>
  : never
/** The model at the end of a path of relations. */
type PathTarget<C, P extends string> = P extends `${infer H}.${infer R}` ? PathTarget<Target<C, H>, R> : Target<C, P>
type PathPivot<C, P extends string> = P extends `${infer H}.${infer R}` ? PathPivot<Target<C, H>, R> : PivotOf<C, P>
/** Relations that lead to one row. */
type ToOne<C> = NameOfKind<C, RelationName<C>, ToOneKind>
/** Relations by way of a join table. */
type LinkName<C> = NameOfKind<C, RelationName<C>, PivotKind>
type NameOfKind<C, K, Kind> = K extends unknown ? (KindOf<C, K> extends Kind ? K : never) : never
// a key of a condition: a field, a name that the query adds, a path through relations, a relation to one row
type ValidKey<C, K extends string, X> =
  K extends FieldName<C> ? K : NoInfer<FurtherKey<C, K, X>> | NoInfer<WrongKey<C, K, X>>
type FurtherKey<C, K extends string, X> = string extends K ? FieldName<C> | (keyof X & string) : CheckedKey<C, K, X>
type WrongKey<C, K extends string, X> = K extends unknown
  ? string extends K
    ? FieldName<C>
    : Miss<K, CheckedKey<C, K, X>, NearKey<C, K, KeyHint<C, X>>>
  : never
type KeyHint<C, X> = FieldName<C> | (keyof X & string) | `${RelationName<C>}.`
type CheckedKey<C, K extends string, X> = K extends FieldName<C> | keyof X
  ? K
  : K extends `${infer H}.${infer R}`
    ? H extends RelationName<C>
      ? `${H}.${CheckedKey<Target<C, H>, R, unknown>}`
      : PivotKey<H, X, KeyHint<C, X>>
    : K extends ToOne<C>
      ? K
      : KeyHint<C, X>
type NearKey<C, K extends string, Hint> = K extends `${infer H}.${infer R}`
  ? H extends RelationName<C>
    ? `${H}.${Extract<NearKey<Target<C, H>, R, KeyHint<Target<C, H>, unknown>>, string>}`
    : Near<Hint, K>
  : Near<Hint, K>
// 'pivot.role' in a query over the rows of a relation
type PivotKey<H extends string, X, Hint> = H extends 'pivot'
  ? X extends { readonly pivot: infer Pv }
    ? `pivot.${keyof Pv & string}`
    : Hint
  : Hint
type PivotValue<X, R> = X extends { readonly pivot: infer Pv } ? (R extends keyof Pv ? Pv[R] : never) : never
// a key of a result, order or group: what it leads to is one value for each row
type ValueKey<C, K extends string, X> =
  K extends FieldName<C> ? K : NoInfer<FurtherValue<C, K, X>> | NoInfer<WrongValue<C, K, X>>
type FurtherValue<C, K extends string, X> = string extends K ? FieldName<C> | (keyof X & string) : CheckedValue<C, K, X>
type WrongValue<C, K extends string, X> = K extends unknown
  ? string extends K
    ? FieldName<C>
    : Miss<K, CheckedValue<C, K, X>, NearKey<C, K, ValueHint<C, X>>>
  : never
type ValueHint<C, X> = FieldName<C> | (keyof X & string) | `${ToOne<C>}.`
type CheckedValue<C, K extends string, X> = K extends FieldName<C> | keyof X
  ? K
  : K extends `${infer H}.${infer R}`
    ? H extends ToOne<C>
      ? `${H}.${CheckedValue<Target<C, H>, R, unknown>}`
      : PivotKey<H, X, ValueHint<C, X>>
    : ValueHint<C, X>
// a name or path that sums are of; that it is a number is checked when it runs
type NumberKey<C, K extends string, X> = K extends NumberField<C> ? K : NoInfer<FurtherNumber<C, K, X>>
type FurtherNumber<C, K extends string, X> =
  K extends FieldName<C> ? NumberField<C> : FurtherValue<C, K, X> | WrongValue<C, K, X>
type KeyOut<C, K, X> = K extends keyof X ? X[K] : K extends FieldName<C> ? OutOf<C, K> : PathOut<C, K, X>
type PathOut<C, K, X> = K extends `pivot.${infer R}`
  ? PivotValue<X, R>
  : K extends `${infer H}.${infer R}`
    ? KeyOut<Target<C, H>, R, unknown> | OneNull<C, H>
    : never
type KeyIn<C, K, X> = string extends K
  ? unknown
  : K extends FieldName<C>
    ? FieldsOf<C>[K][typeof IN]
    : K extends keyof X
      ? InputFor<X[K]>
      : PathIn<C, K, X>
type PathIn<C, K, X> = K extends `pivot.${infer R}`
  ? InputFor<PivotValue<X, R>>
  : K extends `${infer H}.${infer R}`
    ? KeyIn<Target<C, H>, R, unknown>
    : K extends ToOne<C>
      ? ModelBase
      : never

// what follows the first argument of `where`: a value, or where that is a predicate (then K is any text) another one
type ValueFor<C, K extends string, X> = string extends K ? NextPredicate<C, K> : WhereValue<KeyIn<C, K, X>>
type OpValueFor<C, K extends string, X, O extends WhereOp> = string extends K
  ? NextPredicate<C, K>
  : OpValue<KeyIn<C, K, X>, O>
// of any model each text is a field
type NextPredicate<C, K> = string extends K ? (string extends FieldName<C> ? unknown : FurtherCondition<C>) : never
/** What may follow a predicate: predicates and conditions by field. */
type FurtherCondition<C> = Expression<boolean> | Match<C>
type FourOrMore<C> = readonly [
  Expression<boolean>,
  FurtherCondition<C>,
  FurtherCondition<C>,
  FurtherCondition<C>,
  ...FurtherCondition<C>[],
]

/** The columns of related rows: those of one row are values, those of many are for aggregates. */
export type RelatedColumns<T> = ColumnsOf<FieldsOf<T>> & ToRelated<T> & Expression
type ToRelated<C> = {
  readonly [K in RelationName<C>]: [OneNull<C, K>] extends [never]
    ? RelatedColumns<Target<C, K>>
    : OrNull<ColumnsOf<FieldsOf<Target<C, K>>>> & ToRelated<Target<C, K>> & Expression
}
/** The columns of a row and of its related rows, as callbacks get them. */
type Row<C, X = unknown> = Cols<C, X> & ToRelated<C>

/** A plain object: not a function, a list or a Date (symbol keys, so no column can clash). */
interface Plain {
  readonly [Symbol.hasInstance]?: never
  readonly [Symbol.iterator]?: never
  readonly [Symbol.toPrimitive]?: never
}
/** The object form of a condition: `{ role: 'editor', age: gt(18) }`. */
export type Match<C> = MatchOf<FieldsOf<C>> & MatchRelated<C> & Plain
// what stands behind a path is checked when it runs: types can't follow it here; nor which model an instance is of, as
// instances lead to all other models
type MatchRelated<C> = { readonly [K in `${RelationName<C>}.${string}`]?: unknown } & {
  readonly [K in ToOne<C>]?: ModelBase | null
}
type MatchOf<F extends AnyFields> = { readonly [K in keyof F]?: F[K][typeof MATCH] }
/** What `where` takes as its one argument. */
export type Condition<C, X = unknown> =
  | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression<boolean>)
  | Expression<boolean>
  | (unknown extends X ? Match<C> : Match<C> & { readonly [K in keyof X]?: WhereValue<X[K]> })

type Selected<C, S, X> = unknown extends S ? unknown : KeyOut<C, S, X>
/** What a query answers: entities with the relations of `with`, without the fields that `select` left out. */
// of AnyQuery the added values may be anything; what is known are the members of every row
export type Result<C, P, S, X, L> = 0 extends 1 & X
  ? Entity<C>
  : unknown extends S
    ? LoadedEntity<C, P, L, X>
    : EntityOf<C, S, Exclude<P, ''>, L, X>

// what a scope over AnyQuery returns is this query with more steps
type Tapped<R, Q> = R extends { readonly [OVER]: { added: infer X } } ? (0 extends 1 & X ? Q : R) : R

/** Any query, whatever it selects or loads. */
interface QueryLike {
  readonly [ROW]: unknown
}

// under symbols, so that no name of a user's can meet them
declare const OVER: unique symbol
declare const TABLES: unique symbol
declare const CTES: unique symbol
/** What a table is made of, as joins and common table expressions know it. */
interface Over<Columns, X> {
  readonly [OVER]: { cols: Columns; added: X }
}
/** The rows of a recursive query so far, for the query that goes on from them: join it, or read `from` it. */
export interface CteRef<Columns, X, N extends string> extends Over<Columns, X> {
  readonly name: N
}
// what is among the fields is not added
type GroupValues<C, G, X> = X & { readonly [K in Exclude<G, FieldName<C>> & string]: KeyOut<C, K, X> }
type GroupColumns<C, G, X> = {
  readonly [K in G & keyof FieldsOf<C>]: ColumnsOf<FieldsOf<C>>[K]
} & { readonly [K in (keyof X | Exclude<G, FieldName<C>>) & string]: Column<KeyOut<C, K, X>, KeyIn<C, K, X>> }
/** What the groups of a query are as plain objects: what they are grouped by, and what `annotate` has named of them. */
type Group<C, G, X> = { [K in G & string]: KeyOut<C, K, X> } & { -readonly [K in keyof X & string]: X[K] }
type NamesOf<X> = { readonly [K in keyof X as K extends string ? K : never]: X[K] }
type AddedBy<Q> = Q extends { readonly [OVER]: { added: infer X } }
  ? unknown extends X
    ? unknown
    : NamesOf<X>
  : unknown
type CtesOf<X> = X extends { readonly [CTES]: infer T } ? T : {}
// any: nothing is known of a table that is only named
type AnyTable = Readonly<Record<string, Column<any, any>>>
type TableColumns<T, X> = T extends string
  ? T extends keyof CtesOf<X>
    ? OverColumns<CtesOf<X>[T]>
    : AnyTable
  : T extends { readonly [OVER]: unknown }
    ? OverColumns<T>
    : Cols<T>
type OverColumns<T> = T extends { readonly [OVER]: { cols: infer C } } ? C : AnyTable
type OrNull<T> = { readonly [K in keyof T]: T[K] extends Column<infer V, infer I> ? Column<V | null, I> : T[K] }
type JoinName<T, A> = A extends string
  ? A
  : T extends string
    ? T
    : T extends { readonly name: infer N extends string }
      ? T extends Over<unknown, unknown>
        ? N
        : never
      : never
// interfaces, so that emitted declarations can name them
/** The tables that a query has joined, by name. */
export interface JoinedTables<out T> {
  readonly [TABLES]: T
}
/** The common table expressions of a query, by name. */
export interface NamedQueries<out T> {
  readonly [CTES]: T
}
type WithTable<X, N extends string, T> = [N] extends [never] ? X : X & JoinedTables<{ readonly [K in N]: T }>
/** The tables that a query has joined under a name, for callbacks: `where((c, t) => t.city.name.eq('Rome'))`. */
type Tables<X> = X extends { readonly [TABLES]: infer T } ? T : {}
type WithCte<X, N extends string, Q> = X & NamedQueries<{ readonly [K in N]: Q }>
type WithPaths<C, K, X> = [Extract<K, `${string}.${string}`>] extends [never]
  ? X
  : X & { [P in Extract<K, `${string}.${string}`>]: KeyOut<C, P, X> }

type NameIn<O> = O extends { readonly alias: infer A } ? A : undefined
type MayLack<O, T> = O extends { readonly type: 'left' | 'full' } ? OrNull<T> : T
/** The map form of `with`: true, or a callback that narrows the related rows. */
export type WithMap<C> = { readonly [K in RelationName<C>]?: WithEach<C, K> }
type WithEach<C, K extends string> =
  | true
  | ((query: RelatedQuery<Target<C, K>, PivotOf<C, K>>) => QueryLike)
  | (KindOf<C, K> extends 'morphTo' ? WithModels<Target<C, K>> : never)
/** For a `morphTo`: what to load for each model, by the names that are stored for them. */
type WithModels<T> = { readonly [model: string]: true | WithModel<T>['narrow'] }
// a method: its argument may be declared as a query over the one model that is meant
interface WithModel<T> {
  narrow(query: QueryBuilder<T>): QueryLike
}
type WithArg<C> = string | WithMap<C>
type WithCheck<C, T> = T extends string ? NoInfer<PathCheck<C, T>> | NoInfer<WrongRel<C, T>> : T
type PathCheck<C, T extends string> = string extends T
  ? RelationName<C>
  : T extends CheckedRel<C, T>
    ? T
    : RelationName<C> | CheckedRel<C, T>
type RowOf<Fn> = Fn extends (...args: never[]) => { readonly [ROW]: infer R } ? R : never
// a callback may narrow: of one row nothing may be left
type WithLoaded<C, L, A> = [Exclude<A, string>] extends [never]
  ? L
  : L & (Exclude<A, string> extends infer M ? { [K in keyof M & string]: LoadedBy<C, K, M[K]> } : never)
type LoadedBy<C, K extends string, By> = By extends (...args: never[]) => unknown
  ? true extends IsMany<C, K>
    ? RelationSteps<Target<C, K>, PivotOf<C, K>> & RowOf<By>[]
    : RowOf<By> | null
  : LoadedValue<C, K, ''>

/** Which related rows `withCount` and its like are about, and under what name their value stands. */
export interface RelatedOptions<T, N extends string = string> {
  /** The name of the value. Default: by relation and field, as `booksCount` and `booksSumPrice`. */
  as?: N
  /** Narrows the related rows. */
  where?: (query: QueryBuilder<T>) => QueryLike
}
/** The map form of `withCount` and `withExists`. */
export type RelatedMap<C> = { readonly [K in RelationName<C>]?: RelatedOptions<Target<C, K>> }
type RelatedCheck<C, T> = T extends string
  ?
      | NoInfer<T extends RelationName<C> ? T : RelationName<C>>
      | NoInfer<Miss<T, RelationName<C>, Near<RelationName<C>, T>>>
  : T & { readonly [K in Exclude<keyof T, RelationName<C>>]: never }
type NameOr<O, Name extends string> = O extends { readonly as: infer A extends string } ? A : Name
type NamesFor<T, Ending extends string> = T extends string
  ? `${T}${Ending}`
  : { [K in keyof T & string]: NameOr<T[K], `${K}${Ending}`> }[keyof T & string]
type Added<X, V> = unknown extends X ? V : X & V
type AddedFor<X, A extends readonly unknown[], Ending extends string, V> = Added<
  X,
  { [N in NamesFor<A[number], Ending>]: V }
>
type AddedOf<X, Name extends string, V> = Added<X, { [N in Name]: V }>
type FieldOut<C, K, F> = OutOf<Target<C, K>, F>

type Aggregates<C, X> = {
  readonly [name: string]: Expression | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression)
}
type Named<C, X> = {
  readonly [name: string]:
    | Expression
    | Subquery
    | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression | Subquery)
}
type ValueOf<E> = E extends (...args: never[]) => infer R
  ? ValueOf<R>
  : E extends { readonly [COL]: infer T }
    ? T
    : E extends { readonly [SUB]: infer T }
      ? T | null
      : never
type ValuesOf<A> = { -readonly [K in keyof A]: ValueOf<A[K]> }
type KeyList<C, K extends readonly string[], X> = { [I in keyof K]: FieldName<C> | ValueKey<C, K[I], X> }
type OrderKey<C, X> = FieldName<C> | `-${FieldName<C>}` | (keyof X & string) | `-${keyof X & string}`
type OrderPath<C, K, X> = K extends OrderKey<C, X> ? K : NoInfer<FurtherOrder<C, K, X>> | NoInfer<WrongOrder<C, K, X>>
type FurtherOrder<C, K, X> = string extends K
  ? OrderKey<C, X>
  : K extends `-${infer P}`
    ? `-${CheckedValue<C, P, X>}`
    : K extends string
      ? Exclude<CheckedValue<C, K, X>, FieldName<C>>
      : never
type WrongOrder<C, K, X> = K extends unknown
  ? string extends K
    ? FieldName<C>
    : K extends `-${infer P}`
      ? Miss<P, CheckedValue<C, P, X>, `-${Extract<NearKey<C, P, ValueHint<C, X>>, string>}`>
      : K extends string
        ? WrongValue<C, K, X>
        : never
  : never
type OrderItem<C, X> = OrderKey<C, X> | Order | Expression | Subquery
type OrderBy<C, X> =
  | OrderItem<C, X>
  | readonly OrderItem<C, X>[]
  | ((c: Row<C, X>, t: Tables<X>) => OrderItem<C, X> | readonly OrderItem<C, X>[])
type Truthy<T> = Exclude<T, null | undefined | false | 0 | 0n | ''>

/**
 * A query over a model. It is immutable: each step returns a new one. `await query` runs it, each time it is awaited.
 * `P` names the relations loaded, `S` the fields selected, `X` what is added, `L` what `with` loads by a map, `G` the groups.
 */
// defaults are '' or unknown, not never: any does not fit never, and then AnyQuery would not accept a query
/*! The compiler can't check these variances, since rows are conditional types. Without them every project pays 12,000 instantiations.
@ts-expect-error */
export interface QueryBuilder<out C, in P = '', in S = unknown, out X = unknown, out L = {}, in out G = unknown>
  extends Subquery<Selected<C, S, X>> {
  readonly [ROW]: Result<C, P, S, X, L>
  readonly [OVER]: unknown extends G
    ? { cols: Cols<C, X>; added: X }
    : { cols: GroupColumns<C, G, X>; added: GroupValues<C, G, X> }
  then: PromiseLike<Result<C, P, S, X, L>[]>['then']

  /**
   * Keeps rows that meet a condition. Calls combine with AND.
   *
   *     Author.query().where('age', '>', 18).where({ role: 'editor' })
   *     // select … from "authors" where "age" > ? and "role" = ?
   *
   * Null is IS NULL. Throws `UndefinedValueError` for undefined, and refuses a list: use `whereIn`. A key may lead through
   * relations: to one row they are joined; on a path to many rows, one of them must meet the condition.
   *
   *     Book.query().where('author.country', 'FR')
   *     // … left join "authors" as "corm_author" on … where "corm_author"."country" = ?
   *     Author.query().where('books.title', 'Emma')
   *     // … where exists (select … from "books" where "books"."author_id" = "authors"."id" and "books"."title" = ?)
   *
   * Conditions on one relation in one object speak of the same row. A relation to one row is compared with an instance.
   * Several predicates hold together: `where(a.eq(1), b.gt(2))`.
   */
  // one overload per number of arguments, so that a mistake is told against one signature
  where<const K extends string>(
    key: FieldName<C> | ValidKey<C, K, X> | Expression<boolean>,
    value: NoInfer<ValueFor<C, K, X>>,
  ): this
  where<const K extends string, const O extends WhereOp>(
    key: FieldName<C> | ValidKey<C, K, X> | Expression<boolean>,
    op: O | NoInfer<NextPredicate<C, K>>,
    value: NoInfer<OpValueFor<C, K, X, O>>,
  ): this
  where(condition: Condition<C, X>): this
  where(...predicates: FourOrMore<C>): this
  /** Like `where`, combined with OR with everything before it. */
  orWhere: this['where']
  /** Keeps rows that do not meet the condition: NOT (…), so rows where it is unknown (NULL) are dropped. */
  whereNot: this['where']
  /** The same as `whereNot`. */
  exclude: this['where']
  /** Keeps rows whose field is in a list or subquery. An empty list matches nothing. */
  whereIn<const K extends string>(
    key: FieldName<C> | ValidKey<C, K, X>,
    values: NoInfer<OpValue<KeyIn<C, K, X>, 'in'>>,
  ): this
  /** Keeps rows whose field is not in the list; rows where it is NULL are dropped. An empty list keeps everything. */
  whereNotIn: this['whereIn']
  /** Keeps rows whose field lies in a range, both ends included. */
  whereBetween<const K extends string>(
    key: FieldName<C> | ValidKey<C, K, X>,
    range: readonly [NonNullable<KeyIn<C, K, X>>, NonNullable<KeyIn<C, K, X>>],
  ): this
  whereNotBetween: this['whereBetween']
  whereNull<const K extends string>(key: FieldName<C> | ValidKey<C, K, X>): this
  whereNotNull: this['whereNull']
  /** Compares two fields of the row: `whereColumn('updatedAt', '>', 'createdAt')`. */
  whereColumn<const A extends string, const B extends string>(
    a: FieldName<C> | ValueKey<C, A, X>,
    op: CompareOp,
    b: FieldName<C> | ValueKey<C, B, X>,
  ): this
  /** Keeps the row with this key, or the rows with these keys. */
  whereKey(key: PkOf<C> | readonly PkOf<C>[]): this
  /**
   * Keeps rows for which the query finds something. Where it is given by a callback, it names the row outside by that.
   *
   *     Author.query().whereExists(c => Book.query().where(b => b.authorId.eq(c.id)))
   */
  whereExists(query: QueryLike | ((c: Row<C, X>, t: Tables<X>) => QueryLike)): this
  /**
   * Keeps rows that have related rows, or that many of them. One `whereHas` speaks of the same related row.
   *
   *     Author.query().whereHas('books', q => q.where('price', '<', 10), '>=', 2)
   *     // … where (select count(*) from "books" where "books"."author_id" = "authors"."id" and "books"."price" < ?) >= ?
   */
  whereHas<const K extends string>(relation: RelationName<C> | ValidRel<C, K>, op: CompareOp, count: number): this
  whereHas<const K extends string>(
    relation: RelationName<C> | ValidRel<C, K>,
    narrow?: (query: RelatedQuery<PathTarget<C, K>, PathPivot<C, K>>) => QueryLike,
    op?: CompareOp,
    count?: number,
  ): this
  /** Keeps rows that have no related rows, or none that the callback leaves. */
  whereDoesntHave<const K extends string>(
    relation: RelationName<C> | ValidRel<C, K>,
    narrow?: (query: RelatedQuery<PathTarget<C, K>, PathPivot<C, K>>) => QueryLike,
  ): this
  /** A condition written with the `sql` tag. */
  whereRaw(condition: Sql): this

  /**
   * Reads only these fields, and the key. Reading another throws `FieldNotLoadedError`. What a path to one row leads to is
   * read under the path: `book['author.name']`.
   */
  select<const K extends readonly string[]>(
    ...keys: KeyList<C, K, X>
  ): QueryBuilder<C, P, K[number], WithPaths<C, K[number], X>, L, G>
  /** Reads all fields but these. */
  omit<const K extends FieldName<C>>(
    ...keys: K[]
  ): QueryBuilder<C, P, unknown extends S ? Exclude<FieldName<C>, K> : Exclude<S, K>, X, L, G>
  /** Reads all fields, the lazy ones too. */
  selectAll(): QueryBuilder<C, P, unknown, X, L, G>
  distinct(): this
  withoutDistinct(): this
  /**
   * Adds values to the rows, by name: the instances have them, and later steps know them as they know fields.
   *
   *     Author.query().annotate({ shout: c => c.name.upper() }).where('shout', 'ADA')
   *     // select …, upper("name") as "shout" from "authors" where upper("name") = ?
   */
  annotate<const A extends Named<C, X>>(values: A): QueryBuilder<C, P, S, Added<X, ValuesOf<A>>, L, G>
  /** Keeps groups that meet a condition, with the forms of `where`. */
  having: this['where']
  /** Like `having`, combined with OR with the `having` before it. */
  orHaving: this['where']
  /**
   * Groups the rows, for `aggregate`, `values`, `count` and `paginate`.
   *
   *     await Book.query().groupBy('authorId').aggregate({ books: fn.count() })
   *     // select "author_id", count(*) as "books" from "books" group by "author_id"
   *
   * Other queries can read groups by `from`, `join` and `withCte`: their columns are the fields and names that are grouped by,
   * and what `annotate` has named of a group.
   */
  groupBy<const K extends readonly string[]>(...keys: KeyList<C, K, X>): QueryBuilder<C, P, S, X, L, K[number]>
  groupBy(
    expression: Expression | ((c: NoInfer<Row<C, X>>, t: NoInfer<Tables<X>>) => Expression),
  ): QueryBuilder<C, P, S, X, L, never>
  /**
   * Sorts, after the orders already there: a field, `'-field'` for descending, a list of them, or expressions.
   *
   *     Book.query().orderBy('-price').orderBy(c => c.title.lower().asc())
   */
  orderBy<const K extends string = never>(
    key: OrderBy<C, X> | OrderPath<C, K, X> | readonly (OrderItem<C, X> | OrderPath<C, K, X>)[],
    direction?: 'asc' | 'desc',
  ): this
  /** Newest first, by `key`. Default: the field `createdAt`, else the key. */
  latest<const K extends string>(key?: FieldName<C> | ValueKey<C, K, X>): this
  /** Oldest first, by `key`. Default: the field `createdAt`, else the key. */
  oldest<const K extends string>(key?: FieldName<C> | ValueKey<C, K, X>): this
  /**
   * Sorts by SQL as it is written, directions included.
   *
   *     Book.query().orderByRaw(sql`length(${Book.columns.title}) desc`)
   *     // select … from "books" order by length("books"."title") desc
   */
  orderByRaw(order: Sql): this
  /**
   * Sorts by chance, and keeps `count` rows where a number is given.
   *
   *     await Book.query().random(3)
   *     // select … from "books" order by random() asc limit 3
   */
  random(count?: number): this
  /** Drops the orders before it. */
  reorder(): this
  /**
   * Joins a model, a query, or a table or common table expression by its name. Rows come once for each match. With an
   * `alias`, later callbacks know the table by it; a model's columns are `City.columns` else.
   *
   *     Author.query().join(City, (c, t) => c.cityId.eq(t.id), { alias: 'city' }).where((c, t) => t.city.name.eq('Rome'))
   *     // … from "authors" join "cities" as "city" on "authors"."city_id" = "city"."id" where "city"."name" = ?
   */
  join<const T, const O extends JoinOptions = {}>(
    target: T,
    on: (c: NoInfer<Row<C, X>>, t: TableColumns<T, X> & Tables<X>) => Expression<boolean>,
    options?: O,
  ): QueryBuilder<C, P, S, WithTable<X, JoinName<T, NameIn<O>>, MayLack<O, TableColumns<T, X>>>, L, G>
  /** `join` that keeps rows without a match: the columns of the table are null in them. */
  leftJoin<const T, const O extends Omit<JoinOptions, 'type'> = {}>(
    target: T,
    on: (c: NoInfer<Row<C, X>>, t: TableColumns<T, X> & Tables<X>) => Expression<boolean>,
    options?: O,
  ): QueryBuilder<C, P, S, WithTable<X, JoinName<T, NameIn<O>>, OrNull<TableColumns<T, X>>>, L, G>
  /**
   * Reads the rows of a query, of a common table expression, or of a table or view with the model's columns, in place of
   * the model's table.
   *
   *     Book.query().from(Book.query().orderBy('-price').limit(10)).orderBy('title')
   *     // select … from (select … from "books" order by "price" desc limit 10) as "books" order by "title" asc
   */
  from<Q extends QueryLike>(query: Q): QueryBuilder<C, P, S, unknown extends X ? AddedBy<Q> : X & AddedBy<Q>, L, G>
  from<const N extends string>(
    name: N,
  ): QueryBuilder<C, P, S, N extends keyof CtesOf<X> ? X & AddedBy<CtesOf<X>[N]> : X, L, G>
  /**
   * Puts a query ahead of this one under a name, for `from` and `join` of this query and of those inside it.
   *
   *     Book.query().withCte('cheap', Book.query().where('price', '<', 5)).join('cheap', (c, t) => c.sequelId.eq(t.id))
   *     // with "cheap" as (select … from "books" where "price" < ?) select … from "books" join "cheap" on …
   */
  withCte<const N extends string, Q extends QueryLike>(name: N, query: Q): QueryBuilder<C, P, S, WithCte<X, N, Q>, L, G>
  /**
   * A common table expression that goes on from its own rows, until no new ones come: each row is taken once, so that
   * circles in the data end.
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
   * The rows of this query and of another one over the same model, each once. What follows is about all of them: further
   * conditions, order, limit, count.
   *
   *     Book.query().where('stock', 0).union(Book.query().orderBy('price').limit(3)).orderBy('title')
   *     // select … from (select … where "stock" = ? union select * from (… limit 3) as …) as "books" order by "title" asc
   */
  union(query: QueryLike): this
  /** As `union`, but a row that both have comes twice. */
  unionAll(query: QueryLike): this
  /** The rows that both queries have. */
  intersect(query: QueryLike): this
  /** The rows of this query that the other one has not. */
  except(query: QueryLike): this
  limit(count: number): this
  offset(count: number): this
  /** The rows of page `number`, counted from 1, `size` (25) at a time. */
  page(number: number, size?: number): this
  /**
   * Keeps rows that meet a condition from outside (a request): a list `[field, operator, value]`, `['not', item]`, or a list of
   * such items with 'and' and 'or' between them. It holds together with all other conditions, an `orWhere` too.
   *
   *     Author.query().filter([['age', '>', 18], ['name', 'contains', 'ann']], { allow: ['email', 'name:regex'] })
   *
   * Visible fields can be named; `allow` adds hidden ones, relation paths, names of `annotate`, and regular expressions.
   * Throws one `ValidationError` for all that is wrong.
   */
  filter(json: FilterInput, options?: { readonly allow?: readonly (FieldName<C> | (string & {}))[] }): this
  /**
   * Orders by a text from outside: `'-createdAt,name'`. Keys are the visible fields, or those that `allow` lists, which may be
   * relation paths and names of `annotate` too. Throws one `ValidationError` for all that is wrong.
   */
  sort(text: string, options?: { readonly allow?: readonly (FieldName<C> | (string & {}))[] }): this
  /**
   * Applies a function of the query that is kept elsewhere, often a static of the model.
   *
   *     static popular(query: AnyQuery<typeof Post>, min = 100) { return query.where('views', '>=', min) }
   *
   *     Post.query().scope(Post.popular, 500)
   */
  scope<A extends readonly unknown[]>(scope: (query: AnyQuery<C>, ...args: A) => QueryLike, ...args: A): this
  /** Gives the query to a function and returns what that returns. */
  tap<R>(fn: (query: this) => R): Tapped<R, this>
  /** Applies `fn` where `condition` is truthy, else `otherwise`. */
  when<T>(condition: T, fn: (query: this, value: Truthy<T>) => this, otherwise?: (query: this) => this): this
  /** Runs in this database or transaction rather than the current one. */
  using(connection: Connectable): this
  /**
   * Gives the query up with a `TimeoutError` when all of its work (the wait for a connection, relations, both statements of
   * a page) takes longer than this many milliseconds from when it is awaited. The last call counts.
   *
   *     await Author.where('name', 'ilike', '%a%').timeout(500)
   */
  timeout(ms: number): this
  /**
   * Gives the query up with an `AbortedError` when the signal is aborted; its `cause` is the signal's reason. The last call
   * counts.
   *
   *     await Author.where('name', 'ilike', '%a%').signal(controller.signal)
   */
  signal(signal: Signal): this
  /** Lifts `maxRows`. */
  all(): this
  /**
   * Lifts one of the model's global scopes.
   *
   *     await Author.query().withoutGlobalScope('active')
   */
  withoutGlobalScope(name: string): this
  /** Lifts all global scopes of the model but the locked ones, that of soft deletes too. */
  withoutGlobalScopes(): this
  /**
   * Deleted rows too, of a model with `Field.softDelete()`.
   *
   *     await Post.query().withTrashed()
   *     // select … from "posts"
   */
  withTrashed(): this
  /**
   * Deleted rows only, of a model with `Field.softDelete()`.
   *
   *     await Post.query().onlyTrashed()
   *     // select … from "posts" where "deleted_at" is not null
   */
  onlyTrashed(): this
  /**
   * Locks the rows it reads until the transaction ends: for an update by this one, or against updates by others.
   *
   *     await Job.transaction(async () => {
   *       const job = await Job.where('state', 'new').lock('update', { skipLocked: true }).first()
   *       // select … from "jobs" where "state" = ? order by "id" asc limit 1 for update skip locked
   *     })
   *
   * Throws `TransactionError` outside of a transaction. Relations of `with` are not locked. SQLite locks the database.
   */
  lock(mode: 'update' | 'share', options?: LockOptions): this
  /** Puts a comment behind the statement, for logs: text from outside can't end it. */
  comment(text: string): this

  /**
   * Loads relations with the rows, one query per relation level: paths, or one map with callbacks.
   *
   *     Author.query().with('books.author')
   *     Author.query().with({ books: q => q.where('price', '<', 10).limit(3) })
   */
  with<const A extends readonly WithArg<C>[]>(
    ...what: { [I in keyof A]: WithCheck<C, A[I]> }
  ): QueryBuilder<C, P | Extract<A[number], string>, S, X, WithLoaded<C, L, A[number]>, G>
  /**
   * Adds the number of related rows under `<relation>Count`: names of relations, or one map with conditions and names.
   *
   *     Author.query().withCount('books').where('booksCount', '>', 2)
   *     // select …, (select count(*) from "books" where "books"."author_id" = "authors"."id") as "booksCount" from "authors" …
   *     Author.query().withCount({ books: { as: 'cheap', where: q => q.where('price', '<', 10) } })
   *
   * Rows do not multiply, and those without related rows have 0. A name that is taken throws `UsageError`: give `as`.
   */
  withCount<const A extends readonly (string | RelatedMap<C>)[]>(
    ...relations: { [I in keyof A]: RelatedCheck<C, A[I]> }
  ): QueryBuilder<C, P, S, AddedFor<X, A, 'Count', number>, L, G>
  /**
   * Adds whether there are related rows, under `<relation>Exists`.
   *
   *     Author.query().withExists('books')
   *     // select …, exists (select … from "books" where "books"."author_id" = "authors"."id") as "booksExists" from "authors"
   */
  withExists<const A extends readonly (string | RelatedMap<C>)[]>(
    ...relations: { [I in keyof A]: RelatedCheck<C, A[I]> }
  ): QueryBuilder<C, P, S, AddedFor<X, A, 'Exists', boolean>, L, G>
  /**
   * Adds the sum of a field of the related rows, under `<relation>Sum<Field>`: exact for decimals, null over no rows.
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
  /** Adds the average of a field of the related rows, under `<relation>Avg<Field>`: null over no rows. */
  withAvg<
    const K extends RelationName<C>,
    const F extends NumberField<Target<C, K>>,
    const N extends string = `${K}Avg${Capitalize<F>}`,
  >(
    relation: K,
    field: F,
    options?: RelatedOptions<Target<C, K>, N>,
  ): QueryBuilder<C, P, S, AddedOf<X, N, AvgOf<NonNullable<FieldOut<C, K, F>>>>, L, G>
  /** Adds the least value of a field of the related rows, under `<relation>Min<Field>`: null over no rows. */
  withMin<
    const K extends RelationName<C>,
    const F extends FieldName<Target<C, K>>,
    const N extends string = `${K}Min${Capitalize<F>}`,
  >(
    relation: K,
    field: F,
    options?: RelatedOptions<Target<C, K>, N>,
  ): QueryBuilder<C, P, S, AddedOf<X, N, FieldOut<C, K, F> | null>, L, G>
  /** Adds the largest value of a field of the related rows, under `<relation>Max<Field>`: null over no rows. */
  withMax<
    const K extends RelationName<C>,
    const F extends FieldName<Target<C, K>>,
    const N extends string = `${K}Max${Capitalize<F>}`,
  >(
    relation: K,
    field: F,
    options?: RelatedOptions<Target<C, K>, N>,
  ): QueryBuilder<C, P, S, AddedOf<X, N, FieldOut<C, K, F> | null>, L, G>

  /** Runs the query. */
  get(): Promise<Result<C, P, S, X, L>[]>
  /** The first row, by key where there is no order, or null. */
  first(): Promise<Result<C, P, S, X, L> | null>
  /** The first row. Throws `NotFoundError`. */
  firstOrFail(): Promise<Result<C, P, S, X, L>>
  /** The last row: the first in the opposite order, or null. */
  last(): Promise<Result<C, P, S, X, L> | null>
  /** The only row. Throws `NotFoundError` or `MultipleResultsError`. */
  sole(): Promise<Result<C, P, S, X, L>>
  /** The only row, or null. Throws `MultipleResultsError`. */
  soleOrNull(): Promise<Result<C, P, S, X, L> | null>
  /** The row with this key, if the query has it, or null. */
  find(key: PkOf<C>): Promise<Result<C, P, S, X, L> | null>
  /** The row with this key. Throws `NotFoundError`. */
  findOrFail(key: PkOf<C>): Promise<Result<C, P, S, X, L>>
  /** The number of rows; after `groupBy`, of groups. */
  count(): Promise<number>
  /** Whether there is a row. */
  exists(): Promise<boolean>
  /** The sum of a field: exact for decimals, null over no rows. */
  sum<const K extends string>(key: NumberField<C> | NumberKey<C, K, X>): Promise<SumOf<NonNullable<KeyOut<C, K, X>>>>
  /** The average of a field: exact for decimals, null over no rows. */
  avg<const K extends string>(key: NumberField<C> | NumberKey<C, K, X>): Promise<AvgOf<NonNullable<KeyOut<C, K, X>>>>
  min<const K extends string>(key: FieldName<C> | ValueKey<C, K, X>): Promise<KeyOut<C, K, X> | null>
  max<const K extends string>(key: FieldName<C> | ValueKey<C, K, X>): Promise<KeyOut<C, K, X> | null>
  /** The values of a field as one text, with `separator` (a comma) between them; null over no rows. */
  groupConcat<const K extends string>(key: FieldName<C> | ValueKey<C, K, X>, separator?: string): Promise<string | null>
  /** Computes values over the rows: one object, or after `groupBy` a list of the groups' keys and values. */
  aggregate<const A extends Aggregates<C, X>>(
    values: A,
  ): Promise<unknown extends G ? ValuesOf<A> : ({ [Z in G & string]: KeyOut<C, Z, X> } & ValuesOf<A>)[]>
  /**
   * Plain objects of these fields (of all, without an argument): no instances, no relations. After `groupBy` they are the
   * groups, and without an argument they have what is grouped by and what `annotate` has named of them.
   */
  values(): Promise<(unknown extends G ? Attributes<FieldsOf<C>> : Group<C, G, X>)[]>
  values<const K extends readonly [string, ...string[]]>(
    ...keys: KeyList<C, K, X>
  ): Promise<{ [Z in K[number]]: KeyOut<C, Z, X> }[]>
  /** Tuples of these fields. */
  valuesList<const K extends readonly string[]>(
    ...keys: KeyList<C, K, X>
  ): Promise<{ -readonly [I in keyof K]: KeyOut<C, K[I], X> }[]>
  /** The values of one field. */
  pluck<const K extends string>(key: FieldName<C> | ValueKey<C, K, X>): Promise<KeyOut<C, K, X>[]>

  /**
   * One page by its number, with the number of all rows. Ties are decided by the key. A page beyond the end is empty.
   *
   *     await Book.query().orderBy('title').paginate({ page: 2, size: 50 })
   *     // select count(*) from "books"
   *     // select … from "books" order by "title" asc, "id" asc limit 50 offset 50
   *
   * After `groupBy` its items are the groups as plain objects, and the number is that of the groups.
   *
   *     await Book.query().groupBy('authorId').annotate({ books: fn.count() }).orderBy('-books').paginate()
   *     // select count(*) from (select … from "books" group by "author_id") as "corm_groups"
   *     // select "author_id", count(*) as "books" from "books" group by "author_id" order by count(*) desc, "author_id" asc …
   *
   * Throws `UsageError` for a page below 1, and after `limit` or `random`.
   */
  paginate(options?: PageOptions): Promise<Page<unknown extends G ? Result<C, P, S, X, L> : Group<C, G, X>>>
  /**
   * The page after or before a cursor, by the values of the order in its last row: no page gets slower, and rows that come
   * or go in between move no others. The order is made of fields; the key decides between ties.
   *
   *     await Book.query().orderBy('title').cursorPaginate({ after: cursor, size: 50 })
   *     // select … from "books" where "title" >= ? and ("title" > ? or "id" > ?) order by "title" asc, "id" asc limit 51
   *
   * Throws `ValidationError` for a text that is no cursor of this query and order. A `cursorSecret` makes cursors unforgeable.
   */
  cursorPaginate(options?: CursorOptions): Promise<CursorPage<Result<C, P, S, X, L>>>
  /**
   * All rows one by one, read in chunks by the values of the order, as `cursorPaginate` does. No cursor of the database is
   * held: `break` leaves nothing open. It reads in the transaction it was called in. Lifts `maxRows`.
   *
   *     for await (const book of Book.query().stream()) …
   *     // select … from "books" order by "id" asc limit 2000
   *     // select … from "books" where "id" > ? order by "id" asc limit 2000
   */
  stream(options?: StreamOptions): AsyncIterableIterator<Result<C, P, S, X, L>>
  /** All rows in lists of `size` (100), read as `stream` does, in the query's order. */
  batches(size?: number): AsyncIterableIterator<Result<C, P, S, X, L>[]>
  /** All rows in lists of `size` (100) by the primary key alone: none is missed or met twice while rows change. */
  idBatches(size?: number): AsyncIterableIterator<Result<C, P, S, X, L>[]>

  /**
   * Updates the rows in one statement, without hooks, and answers the number of rows matched.
   *
   *     await Book.query().where('stock', 0).update(c => ({ price: c.price.times(2) }))
   *     // update "books" set "price" = "price" * ? where "stock" = ?
   */
  update<const D extends object>(
    data: Updatable<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, Updatable<C>>),
  ): Promise<number>
  update<const D extends object>(
    data: UpdatableGuarded<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, UpdatableGuarded<C>>),
    options: GuardedOption,
  ): Promise<number>
  /**
   * Deletes the rows in one statement, without hooks, and answers their number. With `Field.softDelete()` it marks them.
   *
   *     await Post.query().where('views', 0).delete()
   *     // update "posts" set "deleted_at" = ? where "views" = ? and "deleted_at" is null
   */
  delete(): Promise<number>
  /** Deletes the rows for good, whether or not the model has soft deletes, and answers their number. */
  forceDelete(): Promise<number>
  /**
   * Brings deleted rows back, in one statement, and answers their number. It looks among deleted rows of itself.
   *
   *     await Post.query().where('authorId', 1).restore()
   *     // update "posts" set "deleted_at" = ? where "author_id" = ? and "deleted_at" is not null
   *
   * Throws `UsageError` where the model has no `Field.softDelete()`, and for a condition on that field without `onlyTrashed()`.
   */
  restore(): Promise<number>
  /**
   * Updates the rows and answers them as they are then, without hooks. Where the database can't (MySQL, MariaDB), or with
   * `lock`, they are locked, changed and read in one transaction: `skipLocked` gives each worker of a queue rows of its own.
   *
   *     await Job.where('state', 'new').limit(1).updateReturning({ state: 'taken' })
   *     // update "jobs" set "state" = ? where "id" in (…) returning "id", "state"
   */
  updateReturning<const D extends object>(
    data: Updatable<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, Updatable<C>>),
  ): Promise<Result<C, P, S, X, L>[]>
  updateReturning<const D extends object>(
    data: UpdatableGuarded<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, UpdatableGuarded<C>>),
    options: GuardedOption,
  ): Promise<Result<C, P, S, X, L>[]>
  /**
   * Deletes the rows and answers them as they were, without hooks; their `isDeleted` is true. With `Field.softDelete()` it
   * marks them, and answers them with their time.
   */
  deleteReturning(): Promise<Result<C, P, S, X, L>[]>
  /** Adds `by` (1) to a field of the rows, and answers the number of rows matched. */
  increment(key: NumberField<C>, by?: number | bigint): Promise<number>
  decrement(key: NumberField<C>, by?: number | bigint): Promise<number>

  /**
   * The database's plan for the query, as text. `analyze` runs the query, and tells what it took.
   *
   *     await Book.where('id', 1).explain()
   *     // explain query plan select … from "books" where "id" = ?
   *
   * Throws `UnsupportedError` for what the database can't tell: SQLite has neither `analyze` nor `format: 'json'`.
   */
  explain(options?: ExplainOptions): Promise<string>
  /** Runs the query and writes its rows as a table, for people: `width` (120) cells, to `stream` (the process's output). */
  print(options?: PrintOptions): Promise<void>
  /** The statement that `get` runs. Default dialect: that of the model's database. */
  toSQL(options?: { dialect?: DialectName }): CompiledSQL
  /** The statement that `update` would run. */
  toSQLUpdate<const D extends object>(
    data: UpdatableGuarded<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, UpdatableGuarded<C>>),
    options?: { dialect?: DialectName },
  ): CompiledSQL
  /** The statement that `delete` would run. */
  toSQLDelete(options?: { dialect?: DialectName }): CompiledSQL
  /** The statement with its values written into it: for people to read, never to run. */
  toRawSQL(options?: { dialect?: DialectName }): string
}

/** Any query over `C`, whatever it selects or loads: for reusable query functions. */
// any: any stands for every choice of the other parameters
export type AnyQuery<C = ModelClass> = QueryBuilder<C, any, any, any, any, any>

/** Members of every instance that do not depend on its fields. */
export interface ModelBase {
  /** Whether it has a row in the database. */
  readonly isPersisted: boolean
  /** Whether its row was deleted through it, or is marked as deleted. */
  readonly isDeleted: boolean
  /**
   * Deletes its row; with `Field.softDelete()` it marks the row, which then is still there (`isPersisted`). Throws
   * `UsageError` on an unsaved instance.
   */
  delete(): Promise<void>
  /** Deletes its row for good, whether or not the model has soft deletes. */
  forceDelete(): Promise<void>
  /** Brings back a row marked as deleted. Throws `UsageError` where the model has no `Field.softDelete()`. */
  restore(): Promise<void>
  /** A new, unsaved instance with the same values, without key and timestamps. */
  clone(): this
  /** A plain object with Dates and Decimals as they are, loaded relations included; hidden fields stay out. */
  toObject(): Record<string, unknown>
  /** A plain object of JSON values, loaded relations included; hidden fields stay out. */
  toJSON(): Record<string, unknown>
  /** The database it was loaded from or belongs to. */
  getDatabase(): DatabaseHandle
  /** The manager of a relation, by the relation itself: `this.related(Author.books)` in the methods of a model. */
  related<R extends Rel>(relation: R): RelatedBy<R>
}

/** The changed fields of an instance. */
export type FieldChanges<F extends AnyFields> = {
  [K in keyof F]?: [old: F[K][typeof OUT] | undefined, new: F[K][typeof OUT]]
}

/** Members of an instance that depend on its fields. */
// the fields as the default of a type parameter: then comparing two instances of a model does not write them all out
export interface Typed<F extends AnyFields> {
  /** The primary key: a value, or an object of a composite key. */
  readonly pk: KeyOfFields<F, typeof OUT>
  /** Inserts a new row, or updates the changed columns of its row; no statement when nothing changed. */
  save(options?: { only?: readonly (keyof F & string)[]; using?: Connectable }): Promise<this>
  /** Assigns data and saves those fields. Throws `UsageError` for unknown and guarded keys. */
  update(data: SafeChanges<F>): Promise<this>
  update(data: AllChanges<F>, options: GuardedOption): Promise<this>
  /** Assigns data without saving. Throws `UsageError` for unknown and guarded keys. */
  fill(data: SafeChanges<F>): this
  fill(data: AllChanges<F>, options: GuardedOption): this
  /** Reads its row again: these fields, or all. Throws `UsageError` on an unsaved instance. */
  refresh(...fields: (keyof F & string)[]): Promise<this>
  /** Adds `by` (1) in the database, and takes over the new value. */
  increment(field: NumberKeys<F>, by?: number | bigint): Promise<this>
  decrement(field: NumberKeys<F>, by?: number | bigint): Promise<this>
  /** Whether a field, or any, differs from what the database holds. */
  isDirty(field?: keyof F & string): boolean
  /** The changed fields as `{ field: [old, new] }`. */
  getChanges<A extends AnyFields = F>(): FieldChanges<A>
  /** The value of a field as it was loaded or last saved. */
  getOriginal<K extends keyof F>(field: K): Attributes<F>[K]
  /** Reads a lazy or unselected field, and keeps it. */
  loadField<K extends keyof F>(field: K): Promise<Attributes<F>[K]>
}

/** An instance of any model: what `x instanceof Model` makes of a value. */
// written out: the members of an instance depend on its fields, and these take and give what any of those do
export interface ModelInstance extends ModelBase {
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
  loadField(field: string): Promise<unknown>
}

type UpsertUpdate<C> = readonly FieldName<C>[] | ((c: Cols<C>, incoming: Cols<C>) => UpdatableGuarded<C>) | false

/** Options of `upsert` and `upsertMany`. */
export interface UpsertOptions<C> {
  /** The unique field or fields by which a row counts as the same. */
  conflict: FieldName<C> | readonly FieldName<C>[]
  /** What to change in a row that is there: fields, a function of both rows, or false. Default: all given fields. */
  update?: UpsertUpdate<C>
  guarded?: boolean
}
// a callback of `update` names nothing that is no field
type ExactUpdate<O, C> = O extends { readonly update: (...args: never[]) => infer D }
  ? { readonly update: (c: Cols<C>, incoming: Cols<C>) => Exactly<D, C, UpdatableGuarded<C>> }
  : unknown
type UpsertData<C, O> = O extends GuardedOption ? InsertableGuarded<C> : Insertable<C>
type Some<T> = { [K in keyof T]?: T[K] | undefined }

type InsertShape<F extends AnyFields> = Omit<AllData<F>, GuardedKeys<F>>
type UpdateShape<F extends AnyFields> = Omit<AllChanges<F>, GuardedKeys<F>>
/** Schemas of a model's data; guarded fields are left out of what is written. */
export interface ModelSchemas<in out F extends AnyFields> {
  /** What `create` takes. */
  readonly insert: Schema<{ [K in keyof InsertShape<F>]: InsertShape<F>[K] }>
  /** What `update` takes: every field optional. */
  readonly update: Schema<{ [K in keyof UpdateShape<F>]: UpdateShape<F>[K] }>
  /** What an instance holds. */
  readonly select: Schema<Attributes<F>>
}

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
    | readonly [Ref<C>, Ref<Target<C, K>>]
    | readonly [Ref<C>, Ref<Target<C, K>>, PivotData<PivotOf<C, K>>]
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
    match: Some<Insertable<C>>,
    extra?: Some<Insertable<C>> & Owners<C>,
  ): Promise<[entity: Entity<C>, created: boolean]>
  <C extends HasFields>(
    this: C,
    match: Some<InsertableGuarded<C>>,
    extra: Some<InsertableGuarded<C>> & Owners<C>,
    options: GuardedOption,
  ): Promise<[entity: Entity<C>, created: boolean]>
}

/** The type of `Author.updateOrCreate`. */
export interface StaticUpdateOrCreate {
  <C extends HasFields>(
    this: C,
    match: Some<Insertable<C>>,
    data: Some<Insertable<C>> & Owners<C>,
  ): Promise<[entity: Entity<C>, created: boolean]>
  <C extends HasFields>(
    this: C,
    match: Some<InsertableGuarded<C>>,
    data: Some<InsertableGuarded<C>> & Owners<C>,
    options: GuardedOption,
  ): Promise<[entity: Entity<C>, created: boolean]>
}

/** The type of `Article.detachMany`. */
export type StaticDetachMany = <C, K extends LinkName<C>>(
  this: C,
  relation: K,
  pairs: readonly (readonly [Ref<C>, Ref<Target<C, K>>])[],
  options?: ScopesOption,
) => Promise<number>

/** The type of `Author.extend`. */
export type StaticExtend<in out F extends AnyFields> = <C, const F2 extends AnyFields>(
  this: C,
  fields: F2 & FieldCheck<F2>,
  options?: ModelOptions<NoInfer<Merged<F, F2>>>,
) => Omit<C, OfFields | 'prototype'> & BaseClass<Merged<F, F2>, Kept<C, F, F2>>

/** The static members of a model class that depend on its fields. */
export interface Statics<F extends AnyFields> extends ModelStatics {
  /** The fields by name. */
  readonly fields: F
  /** The columns as expressions: `Author.columns.name.lower()`. */
  readonly columns: ColumnsOf<F>
  /** Schemas of the model's data, for input from outside. */
  readonly schema: ModelSchemas<F>
  /** Whether a text is the name of a field; narrows its type. */
  hasField(name: string): name is keyof F & string

  /**
   * A base class with more fields, which keeps the fields, relations, methods and statics of this one.
   *
   *     class Admin extends User.extend({ level: Field.integer() }, { table: 'admins' }) {}
   */
  extend: StaticExtend<F>
}

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
  /** Inserts rows without hooks and instances, and answers their number: the fastest way in. */
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
  /** The first row that has the values of `match`, or a new one with `extra` besides; and whether it was created. */
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
  /** `upsert` for many rows, all or none; answers how many were inserted and how many updated. The later of equals counts. */
  upsertMany<C extends HasFields, const O extends UpsertOptions<C> & BatchOptions>(
    this: C,
    rows: readonly UpsertData<C, O>[],
    options: O & ExactUpdate<O, C>,
  ): Promise<UpsertCounts>
  /** Saves instances, all or none, in as few statements as possible, with their hooks. Throws `StaleModelError`. */
  saveMany<C>(this: C, entities: readonly InstOf<C>[], options?: BatchOptions): Promise<void>
  /** Writes those of these fields that changed, without hooks, and answers the number of instances written. */
  updateMany<C>(
    this: C,
    entities: readonly InstOf<C>[],
    fields: readonly FieldName<C>[],
    options?: BatchOptions,
  ): Promise<number>
  /** Deletes the rows with these keys as `delete` of a query does, without hooks, and answers their number. */
  deleteMany<C>(this: C, keys: readonly PkOf<C>[], options?: BatchOptions): Promise<number>

  /**
   * Links pairs of rows of a relation by way of a join table, each `[row, target]` or `[row, target, { … }]`, given as
   * instances or keys. Answers the number of new links. Throws `NotFoundError` for rows that global scopes hide, which
   * `{ withoutGlobalScopes: true }` links too.
   *
   *     await Article.attachMany('tags', [[1, 7], [2, 7, { position: 1 }]])
   */
  attachMany: StaticAttachMany
  /** Removes links between pairs of rows, and answers the number of those that were there. */
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

// the statics that differ with the fields
type OfFields = 'fields' | 'columns' | 'schema' | 'hasField' | 'extend'
type Flatten<T> = { readonly [K in keyof T]: T[K] }
type Merged<F extends AnyFields, F2 extends AnyFields> = Flatten<Omit<F, keyof F2 | DefaultId<F, F2>> & F2>
type DefaultId<F extends AnyFields, F2 extends AnyFields> = HasKey<F2> extends true ? 'id' & keyof F : never
// the base's own members; where a field is redefined with another type its old type must go, and with it what tells methods from
// properties: then methods of the base can't be overridden
type Kept<C, F extends AnyFields, F2 extends AnyFields> = [Clashing<F, F2>] extends [never]
  ? InstOf<C>
  : Omit<InstOf<C>, keyof ModelBase | keyof Typed<F> | keyof F>
type Clashing<F extends AnyFields, F2 extends AnyFields> = {
  [K in keyof F & keyof F2]: F2[K][typeof OUT] extends F[K][typeof OUT] ? never : K
}[keyof F & keyof F2]

/** The base class that `Model` makes. */
// an interface, so that emitted declarations name it once instead of spelling it out four times
export interface BaseClass<F extends AnyFields, Base = unknown> extends Statics<F> {
  new (data?: SafeChanges<F>): ModelBase & Typed<F> & Attributes<F> & Base
  new (data: AllChanges<F>, options: GuardedOption): ModelBase & Typed<F> & Attributes<F> & Base
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

type Draft<F extends WrittenFields> = { readonly fields: Complete<F> }
type OwnField<F extends WrittenFields> = keyof Complete<F> & string
type IndexWhere<F extends WrittenFields> = Sql | ((c: Cols<Draft<F>>) => Expression<boolean>)
/** An index with more than its fields. */
export interface IndexOptions<F extends WrittenFields> {
  fields: readonly OwnField<F>[]
  unique?: boolean
  /** Makes it a partial index, where the database has them. */
  where?: IndexWhere<F>
  /** The index method, as the database names it. */
  method?: string
  name?: string
}

type GlobalScope<F extends WrittenFields> = (query: QueryBuilder<Draft<F>>) => QueryLike

interface LockableScope<F extends WrittenFields> {
  apply: GlobalScope<F>
  locked?: boolean
  /** A function has an `apply` as well, and is none of these. */
  call?: never
}

/** The second argument of `Model`. */
export interface ModelOptions<in out F extends WrittenFields> {
  /** The table's name. Default: the class's name, in the plural and in the model's naming. */
  table?: string
  /** With a colon: a URL; else the name of a connected database, or of an environment variable. */
  database?: string
  /** Has no table of its own: a base for other models. */
  abstract?: boolean
  /**
   * Conditions on every query of the model, by name: where it is read, counted, related to, updated and deleted. Each is
   * called when a query is run. Lifted by `withoutGlobalScope(name)`; those of soft deletes are called `softDelete`.
   *
   *     globalScopes: { active: (query) => query.where('active', true) }
   *
   * `{ apply, locked: true }` is lifted by its name only, and no insert or update may leave a row outside of it: that is a
   * `PermissionError`.
   */
  globalScopes?: Readonly<Record<string, GlobalScope<F> | LockableScope<F>>>
  indexes?: readonly (OwnField<F> | readonly OwnField<F>[] | IndexOptions<F>)[]
  uniques?: readonly (OwnField<F> | readonly OwnField<F>[])[]
  /** CHECK constraints by name. */
  checks?: Readonly<Record<string, Sql | ((c: Cols<Draft<F>>) => Expression<boolean>)>>
  /** The table's comment. */
  comment?: string
  /** The order of queries that have none. */
  orderBy?: OwnField<F> | `-${OwnField<F>}` | readonly (OwnField<F> | `-${OwnField<F>}`)[]
  /** What polymorphic relations store for this model. Default: the class's name. */
  morphName?: string
  /** How field names become column names. Default `snake_case`. */
  naming?: 'snake_case' | 'camelCase' | ((name: string) => string)
}

/** Names a field may not have. */
export type Reserved =
  | keyof ModelBase
  | keyof Typed<AnyFields>
  | keyof Handle
  | 'then'
  | 'constructor'
  | 'toString'
  | 'valueOf'
  | 'hasOwnProperty'
  | '__proto__'
type Clash<K extends PropertyKey> = [K] extends [never]
  ? unknown
  : { readonly [P in K]: 'is a member of Model: name the field otherwise and set { column }' }
type NotFields<F> = F[keyof F] extends AnyField
  ? unknown
  : { readonly [K in keyof F]: F[K] extends AnyField ? unknown : AnyField }
/** Tells a clash of names, and what is no field, at the field itself. */
export type FieldCheck<F extends WrittenFields> = Clash<keyof F & Reserved> & NotFields<F>

/** The type of `Model`. */
export interface ModelFactory {
  /**
   * A base class for a model with these fields; an `id` is added when no field is a primary key.
   *
   *     class Author extends Model({ name: Field.string({ max: 120 }) }) {
   *       static books = Relation.hasMany(() => Book)
   *     }
   *
   * Throws `DefinitionError` for a model that cannot be right, at definition or first use.
   */
  <const F extends WrittenFields>(fields: F & FieldCheck<F>, options?: ModelOptions<NoInfer<F>>): BaseClass<Complete<F>>
  /** `x instanceof Model`: whether `x` is an instance of a model. */
  [Symbol.hasInstance](value: unknown): value is ModelInstance
}
