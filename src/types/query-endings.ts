import type { Aggregates, ValuesOf } from './annotation.js'
import type {
  CompiledSQL,
  DialectName,
  ExplainOptions,
  GuardedOption,
  HooksOption,
  PrintOptions,
} from './call-options.js'
import type { Row } from './condition.js'
import type { Attributes, FieldName, FieldsOf, NumberField } from './field.js'
import type { AvgOf, SumOf } from './functions.js'
import type { Exactly, Updatable, UpdatableGuarded } from './input.js'
import type { KeyList, KeyOut, NumberKey, ValueKey } from './key-path.js'
import type { CursorOptions, CursorPage, StreamOptions } from './page.js'
import type { GroupRow, QueryLike, ROW } from './table.js'

/** The rows of a query. */
// by the query itself: as a type parameter, what its rows are would be worked out of each query that is made
export interface QueryRows extends QueryLike {
  /** Runs the query. */
  get(): Promise<this[typeof ROW][]>
  /** The first row, by key where there is no order, or null. */
  first(): Promise<this[typeof ROW] | null>
  /** The first row. Throws `NotFoundError`. */
  firstOrFail(): Promise<this[typeof ROW]>
  /** The last row: the first in the opposite order, or null. */
  last(): Promise<this[typeof ROW] | null>
  /** The only row. Throws `NotFoundError` or `MultipleResultsError`. */
  sole(): Promise<this[typeof ROW]>
  /** The only row, or null. Throws `MultipleResultsError`. */
  soleOrNull(): Promise<this[typeof ROW] | null>
  /**
   * The page after or before a cursor, by the values of the order in its last row: no page gets slower, and rows that come
   * or go in between move no others. The order is made of fields; the key decides between ties.
   *
   *     await Book.query().orderBy('title').cursorPaginate({ after: cursor, size: 50 })
   *     // select … from "books" where "title" >= ? and ("title" > ? or "id" > ?) order by "title" asc, "id" asc limit 51
   *
   * Throws `ValidationError` for a text that is no cursor of this query and order. A `cursorSecret` makes cursors unforgeable.
   */
  cursorPaginate(options?: CursorOptions): Promise<CursorPage<this[typeof ROW]>>
  /**
   * All rows one by one, read in chunks by the values of the order, as `cursorPaginate` does. No cursor of the database is
   * held: `break` leaves nothing open. It reads in the transaction it was called in. Lifts `maxRows`.
   *
   *     for await (const book of Book.query().stream()) …
   *     // select … from "books" order by "id" asc limit 2000
   *     // select … from "books" where "id" > ? order by "id" asc limit 2000
   */
  stream(options?: StreamOptions): AsyncIterableIterator<this[typeof ROW]>
  /** All rows in lists of `size` (100), read as `stream` does, in the query's order. */
  batches(size?: number): AsyncIterableIterator<this[typeof ROW][]>
  /** All rows in lists of `size` (100) by the primary key alone: none is missed or met twice while rows change. */
  idBatches(size?: number): AsyncIterableIterator<this[typeof ROW][]>
}

/** Values over the rows of a query, or over its groups. */
export interface QueryValues<in out C, in out X, in out G> {
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
  values(): Promise<(unknown extends G ? Attributes<FieldsOf<C>> : GroupRow<C, G, X>)[]>
  values<const K extends readonly [string, ...string[]]>(
    ...keys: KeyList<C, K, X>
  ): Promise<{ [Z in K[number]]: KeyOut<C, Z, X> }[]>
  /** Tuples of these fields. */
  valuesList<const K extends readonly string[]>(
    ...keys: KeyList<C, K, X>
  ): Promise<{ -readonly [I in keyof K]: KeyOut<C, K[I], X> }[]>
  /** The values of one field. */
  pluck<const K extends string>(key: FieldName<C> | ValueKey<C, K, X>): Promise<KeyOut<C, K, X>[]>
}

/** What changes the rows of a query. */
export interface QueryWrites<in out C> extends QueryLike {
  /**
   * Updates the rows in one statement, without hooks, and returns the number of rows matched. `{ hooks: true }` loads the rows,
   * in batches, and runs their hooks: it takes values, and no expressions.
   *
   *     await Book.query().where('stock', 0).update(c => ({ price: c.price.times(2) }))
   *     // update "books" set "price" = "price" * ? where "stock" = ?
   */
  update<const D extends object>(
    data: Updatable<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, Updatable<C>>),
    options?: { hooks?: false },
  ): Promise<number>
  update<const D extends object>(
    data: UpdatableGuarded<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, UpdatableGuarded<C>>),
    options: GuardedOption & { hooks?: false },
  ): Promise<number>
  update(data: Updatable<C>, options: HooksOption): Promise<number>
  update(data: UpdatableGuarded<C>, options: GuardedOption & HooksOption): Promise<number>
  /**
   * Deletes the rows in one statement, without hooks, and returns their number. With `Field.softDelete()` it marks them.
   * `{ hooks: true }` loads the rows and runs their hooks.
   *
   *     await Post.query().where('views', 0).delete()
   *     // update "posts" set "deleted_at" = ? where "views" = ? and "deleted_at" is null
   */
  delete(options?: HooksOption): Promise<number>
  /** Deletes the rows permanently, whether or not the model has soft deletes, and returns their number. */
  forceDelete(options?: HooksOption): Promise<number>
  /**
   * Brings deleted rows back, in one statement, and returns their number. It looks among deleted rows of itself.
   *
   *     await Post.query().where('authorId', 1).restore()
   *     // update "posts" set "deleted_at" = ? where "author_id" = ? and "deleted_at" is not null
   *
   * Throws `UsageError` where the model has no `Field.softDelete()`, and for a condition on that field without `onlyTrashed()`.
   */
  restore(options?: HooksOption): Promise<number>
  /**
   * Updates the rows and returns them as they are then, without hooks. Where the database can't (MySQL, MariaDB), or with
   * `lock`, they are locked, changed and read in one transaction: `skipLocked` gives each worker of a queue rows of its own.
   *
   *     await Job.where('state', 'new').limit(1).updateReturning({ state: 'taken' })
   *     // update "jobs" set "state" = ? where "id" in (…) returning "id", "state"
   */
  updateReturning<const D extends object>(
    data: Updatable<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, Updatable<C>>),
  ): Promise<this[typeof ROW][]>
  updateReturning<const D extends object>(
    data: UpdatableGuarded<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, UpdatableGuarded<C>>),
    options: GuardedOption,
  ): Promise<this[typeof ROW][]>
  /**
   * Deletes the rows and returns them as they were, without hooks; their `isDeleted` is true. With `Field.softDelete()` it
   * marks them, and returns them with their time.
   */
  deleteReturning(): Promise<this[typeof ROW][]>
  /** Adds `by` (1) to a field of the rows, and returns the number of rows matched. */
  increment(key: NumberField<C>, by?: number | bigint): Promise<number>
  decrement(key: NumberField<C>, by?: number | bigint): Promise<number>
}

/** What a query is as text. */
export interface QueryText<in out C> {
  /**
   * The database's plan for the query, as text. `analyze` runs the query, and says how long it took.
   *
   *     await Book.where('id', 1).explain()
   *     // explain query plan select … from "books" where "id" = ?
   *
   * Throws `UnsupportedError` for what the database can't report: SQLite has neither `analyze` nor `format: 'json'`.
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
