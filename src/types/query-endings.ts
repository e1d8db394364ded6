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

/** The methods of a query that return rows. */
// by the query itself: as a type parameter, what its rows are would be worked out of each query that is made
export interface QueryRows extends QueryLike {
  /** Runs the query and returns all rows. Throws `UsageError` for more rows than `maxRows` of `Database.configure`. */
  get(): Promise<this[typeof ROW][]>
  /** Returns the first row, or null if there is none. A query without an order is sorted by primary key. */
  first(): Promise<this[typeof ROW] | null>
  /** Returns the first row. Throws `NotFoundError` if there is none. */
  firstOrFail(): Promise<this[typeof ROW]>
  /** Returns the last row, or null if there is none. corm reads it as the first row in reverse order. */
  last(): Promise<this[typeof ROW] | null>
  /** Returns the only row. Throws `NotFoundError` if there is none, and `MultipleResultsError` if there are several. */
  sole(): Promise<this[typeof ROW]>
  /** Returns the only row, or null if there is none. Throws `MultipleResultsError` if there are several. */
  soleOrNull(): Promise<this[typeof ROW] | null>
  /**
   * Returns the page after or before a cursor (keyset pagination). Later pages are as fast as the first one, and rows that are
   * inserted or deleted in the meantime do not shift a page. The order can be of fields, expressions and named values; corm adds the
   * primary key for rows that are equal.
   *
   *     await Book.query().orderBy('title').cursorPaginate({ after: cursor, size: 50 })
   *     // select … from "books" where "title" >= ? and ("title" > ? or "id" > ?) order by "title" asc, "id" asc limit 51
   *
   * Throws `ValidationError` for a cursor that does not belong to this query and order. Set `cursorSecret` in
   * `Database.configure` to sign cursors, so that clients cannot forge them.
   */
  cursorPaginate(options?: CursorOptions): Promise<CursorPage<this[typeof ROW]>>
  /**
   * Returns all rows one by one. corm reads them in chunks by keyset, as `cursorPaginate` does, and holds no database cursor,
   * so you can `break` at any time. It reads in the transaction in which you called it. `maxRows` does not apply.
   *
   *     for await (const book of Book.query().stream()) …
   *     // select … from "books" order by "id" asc limit 2000
   *     // select … from "books" where "id" > ? order by "id" asc limit 2000
   */
  stream(options?: StreamOptions): AsyncIterableIterator<this[typeof ROW]>
  /** Returns all rows in lists of `size` rows, in the query's order. It reads like `stream`. Default size: 100. */
  batches(size?: number): AsyncIterableIterator<this[typeof ROW][]>
  /**
   * Returns all rows in lists of `size` rows, in the order of the primary key. The loop can change the rows that the query
   * selects: no row is missed or returned twice. Default size: 100.
   */
  idBatches(size?: number): AsyncIterableIterator<this[typeof ROW][]>
}

/** The methods of a query that return values: aggregates and plain data. */
export interface QueryValues<in out C, in out X, in out G> {
  /** Returns the number of rows. After `groupBy` it returns the number of groups. */
  count(): Promise<number>
  /** Returns whether the query finds at least one row. */
  exists(): Promise<boolean>
  /** Returns the sum of a field, or null if there are no rows. Sums of decimals are exact. */
  sum<const K extends string>(key: NumberField<C> | NumberKey<C, K, X>): Promise<SumOf<NonNullable<KeyOut<C, K, X>>>>
  /** Returns the average of a field, or null if there are no rows. Averages of decimals are exact. */
  avg<const K extends string>(key: NumberField<C> | NumberKey<C, K, X>): Promise<AvgOf<NonNullable<KeyOut<C, K, X>>>>
  /** Returns the smallest value of a field, or null if there are no rows. */
  min<const K extends string>(key: FieldName<C> | ValueKey<C, K, X>): Promise<KeyOut<C, K, X> | null>
  /** Returns the largest value of a field, or null if there are no rows. */
  max<const K extends string>(key: FieldName<C> | ValueKey<C, K, X>): Promise<KeyOut<C, K, X> | null>
  /** Joins the values of a field into one text, or returns null if there are no rows. Default separator: a comma. */
  groupConcat<const K extends string>(key: FieldName<C> | ValueKey<C, K, X>, separator?: string): Promise<string | null>
  /**
   * Computes named aggregates over the rows and returns one object. After `groupBy` it returns a list with one object per group:
   * the keys of the group and the values.
   */
  aggregate<const A extends Aggregates<C, X>>(
    values: A,
  ): Promise<unknown extends G ? ValuesOf<A> : ({ [Z in G & string]: KeyOut<C, Z, X> } & ValuesOf<A>)[]>
  /**
   * Returns plain objects with these fields, or with all fields if you name none. It creates no instances and loads no
   * relations. After `groupBy` it returns one object per group. Without arguments these have the grouped keys and the values of
   * `annotate`.
   */
  values(): Promise<(unknown extends G ? Attributes<FieldsOf<C>> : GroupRow<C, G, X>)[]>
  values<const K extends readonly [string, ...string[]]>(
    ...keys: KeyList<C, K, X>
  ): Promise<{ [Z in K[number]]: KeyOut<C, Z, X> }[]>
  /** Returns tuples with the values of these fields, in the given order. */
  valuesList<const K extends readonly string[]>(
    ...keys: KeyList<C, K, X>
  ): Promise<{ -readonly [I in keyof K]: KeyOut<C, K[I], X> }[]>
  /** Returns the values of one field as a list. */
  pluck<const K extends string>(key: FieldName<C> | ValueKey<C, K, X>): Promise<KeyOut<C, K, X>[]>
}

/** The methods of a query that write: bulk updates and deletes. */
export interface QueryWrites<in out C> extends QueryLike {
  /**
   * Updates the rows in one statement and returns the number of rows matched. Hooks do not run. With `{ hooks: true }` corm
   * loads the rows in batches and runs their hooks. Then `data` can only have values, no expressions.
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
   * Deletes the rows in one statement and returns their number. With `Field.softDelete()` it marks them as deleted.
   * Hooks do not run. With `{ hooks: true }` corm loads the rows and runs their hooks.
   *
   *     await Post.query().where('views', 0).delete()
   *     // update "posts" set "deleted_at" = ? where "views" = ? and "deleted_at" is null
   */
  delete(options?: HooksOption): Promise<number>
  /** Deletes the rows permanently and returns their number. It works with and without soft deletes. */
  forceDelete(options?: HooksOption): Promise<number>
  /**
   * Restores soft-deleted rows in one statement and returns their number. It selects deleted rows without `onlyTrashed()`.
   *
   *     await Post.query().where('authorId', 1).restore()
   *     // update "posts" set "deleted_at" = ? where "author_id" = ? and "deleted_at" is not null
   *
   * Throws `UsageError` if the model has no `Field.softDelete()`, and for a condition on that field without `onlyTrashed()`.
   */
  restore(options?: HooksOption): Promise<number>
  /**
   * Updates the rows and returns them with their new values. Hooks do not run. On MySQL and MariaDB, and with `lock`, corm
   * locks, changes and reads the rows in one transaction. With `skipLocked`, each worker of a queue gets different rows.
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
   * Deletes the rows and returns them as they were, with `isDeleted` true. With `Field.softDelete()` it marks them as deleted
   * and returns them with the time of deletion. Hooks do not run.
   */
  deleteReturning(): Promise<this[typeof ROW][]>
  /** Adds `by` to a field of the rows and returns the number of rows matched. Default: 1. */
  increment(key: NumberField<C>, by?: number | bigint): Promise<number>
  /** Subtracts `by` from a field of the rows and returns the number of rows matched. Default: 1. */
  decrement(key: NumberField<C>, by?: number | bigint): Promise<number>
}

/** The methods of a query that show its SQL, its plan or its rows. */
export interface QueryText<in out C> {
  /**
   * Returns the database's plan for the query as text. `analyze` also runs the query and reports how long it took.
   *
   *     await Book.where('id', 1).explain()
   *     // explain query plan select … from "books" where "id" = ?
   *
   * Throws `UnsupportedError` for options that the database lacks. SQLite has neither `analyze` nor `format: 'json'`.
   */
  explain(options?: ExplainOptions): Promise<string>
  /** Runs the query and prints its rows as a table. Default: 120 characters wide, to the standard output. */
  print(options?: PrintOptions): Promise<void>
  /** Returns the statement that `get` runs. Default dialect: that of the model's database. */
  toSQL(options?: { dialect?: DialectName }): CompiledSQL
  /** Returns the statement that `update` would run. Sends nothing. */
  toSQLUpdate<const D extends object>(
    data: UpdatableGuarded<C> | ((c: NoInfer<Row<C>>) => Exactly<D, C, UpdatableGuarded<C>>),
    options?: { dialect?: DialectName },
  ): CompiledSQL
  /** Returns the statement that `delete` would run. Sends nothing. */
  toSQLDelete(options?: { dialect?: DialectName }): CompiledSQL
  /** Returns the statement with its values inserted into the text. It is for reading and logs: never run it. */
  toRawSQL(options?: { dialect?: DialectName }): string
}
