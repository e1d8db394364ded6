import type { FilterInput, LockOptions } from './call-options.js'
import type {
  Condition,
  FourOrMore,
  NextPredicate,
  OpValueFor,
  OrderBy,
  OrderItem,
  Predicates,
  Row,
  Tables,
  ValueFor,
} from './condition.js'
import type { Connectable, Signal } from './database.js'
import type { CompareOp, OpValue, Sql, WhereOp } from './expression.js'
import type { FieldName, PkOf } from './field.js'
import type { KeyIn, OrderPath, ValidKey, ValueKey } from './key-path.js'
import type { QueryLike } from './table.js'

/** The steps of a query that add conditions. */
export interface QueryConditions<in out C, in out X> {
  /**
   * Keeps rows that meet a condition. Calls combine with AND.
   *
   *     Author.query().where('age', '>', 18).where({ role: 'editor' })
   *     // select … from "authors" where "age" > ? and "role" = ?
   *
   * `null` means IS NULL. `undefined` throws `UndefinedValueError`. For a list of values use `whereIn`.
   * A key can be a path through relations. corm joins to-one relations. On a path to many rows, at least one of those rows
   * must meet the condition.
   *
   *     Book.query().where('author.country', 'FR')
   *     // … left join "authors" as "corm_author" on … where "corm_author"."country" = ?
   *     Author.query().where('books.title', 'Emma')
   *     // … where exists (select … from "books" where "books"."author_id" = "authors"."id" and "books"."title" = ?)
   *
   * Conditions on the same relation in one object apply to the same related row. Compare a to-one relation with an instance.
   * Several predicates combine with AND: `where(a.eq(1), b.gt(2))`. `pk` stands for the primary key: `where('pk', 1)`.
   */
  // one overload per number of arguments, so that a mistake is reported against one signature
  where<const K extends string>(
    key: FieldName<C> | ValidKey<C, K, X> | Predicates<C, X>,
    value: NoInfer<ValueFor<C, K, X>>,
  ): this
  where<const K extends string, const O extends WhereOp>(
    key: FieldName<C> | ValidKey<C, K, X> | Predicates<C, X>,
    op: O | NoInfer<NextPredicate<C, K, X>>,
    value: NoInfer<OpValueFor<C, K, X, O>>,
  ): this
  where(condition: Condition<C, X>): this
  where(...predicates: FourOrMore<C, X>): this
  /** Adds a condition with OR: a row must meet this condition or all conditions before it. Takes the same forms as `where`. */
  orWhere: this['where']
  /** Keeps rows that do not meet the condition: NOT (…). SQL also drops the rows for which the condition is NULL. */
  whereNot: this['where']
  /** An alias of `whereNot`. */
  exclude: this['where']
  /** Keeps rows whose field has one of these values. Takes a list or a subquery. An empty list matches no row. */
  whereIn<const K extends string>(
    key: FieldName<C> | ValidKey<C, K, X>,
    values: NoInfer<OpValue<KeyIn<C, K, X>, 'in'>>,
  ): this
  /** Keeps rows whose field has none of these values. Drops rows where the field is NULL. An empty list keeps every row. */
  whereNotIn: this['whereIn']
  /** Keeps rows whose field lies in the range `[low, high]`, both ends included. */
  whereBetween<const K extends string>(
    key: FieldName<C> | ValidKey<C, K, X>,
    range: readonly [NonNullable<KeyIn<C, K, X>>, NonNullable<KeyIn<C, K, X>>],
  ): this
  /** Keeps rows whose field lies outside the range `[low, high]`. Drops rows where the field is NULL. */
  whereNotBetween: this['whereBetween']
  /** Keeps rows whose field is NULL. */
  whereNull<const K extends string>(key: FieldName<C> | ValidKey<C, K, X>): this
  /** Keeps rows whose field is not NULL. */
  whereNotNull: this['whereNull']
  /** Keeps rows in which two fields compare as stated: `whereColumn('updatedAt', '>', 'createdAt')`. */
  whereColumn<const A extends string, const B extends string>(
    a: FieldName<C> | ValueKey<C, A, X>,
    op: CompareOp,
    b: FieldName<C> | ValueKey<C, B, X>,
  ): this
  /** Keeps the row with this primary key, or the rows with these primary keys. */
  whereKey(key: PkOf<C> | readonly PkOf<C>[]): this
  /**
   * Keeps rows for which the subquery finds at least one row. A callback receives the columns of the outer row.
   *
   *     Author.query().whereExists(c => Book.query().where(b => b.authorId.eq(c.id)))
   */
  whereExists(query: QueryLike | ((c: Row<C, X>, t: Tables<X>) => QueryLike)): this
  /** Keeps rows that meet a raw SQL condition, written with the `sql` tag. */
  whereRaw(condition: Sql): this
  /** Keeps groups of `groupBy` that meet a condition. Takes the same forms as `where`. */
  having: this['where']
  /** Adds a condition on groups with OR. Takes the same forms as `where`. */
  orHaving: this['where']
}

/** The steps of a query that sort, limit, combine and filter rows. */
export interface QueryOrder<in out C, in out X> {
  /** Returns each row once: SELECT DISTINCT. Useful with `pluck` and `values`, since instances include their primary key. */
  distinct(): this
  /** Removes an earlier `distinct()`. */
  withoutDistinct(): this
  /**
   * Sorts by a field, by `'-field'` for descending order, by a list of both, or by expressions. Later calls sort rows that are
   * equal by earlier ones.
   *
   *     Book.query().orderBy('-price', 'title').orderBy(c => c.title.lower().asc())
   */
  orderBy<const K extends string = never>(
    key: OrderBy<C, X> | OrderPath<C, K, X> | readonly (OrderItem<C, X> | OrderPath<C, K, X>)[],
    direction?: 'asc' | 'desc' | OrderBy<C, X> | OrderPath<C, K, X>,
    ...more: (OrderBy<C, X> | OrderPath<C, K, X>)[]
  ): this
  /** Sorts the newest rows first, by `key`. Default: the field `createdAt`, or the primary key if there is no such field. */
  latest<const K extends string>(key?: FieldName<C> | ValueKey<C, K, X>): this
  /** Sorts the oldest rows first, by `key`. Default: the field `createdAt`, or the primary key if there is no such field. */
  oldest<const K extends string>(key?: FieldName<C> | ValueKey<C, K, X>): this
  /**
   * Sorts by raw SQL, which includes the direction.
   *
   *     Book.query().orderByRaw(sql`length(${Book.columns.title}) desc`)
   *     // select … from "books" order by length("books"."title") desc
   */
  orderByRaw(order: Sql): this
  /**
   * Sorts in random order. With `count`, keeps that many rows.
   *
   *     await Book.query().random(3)
   *     // select … from "books" order by random() asc limit 3
   */
  random(count?: number): this
  /** Removes every sort order set so far. */
  reorder(): this
  /**
   * Combines the rows of this query with those of another query over the same model, and returns each row once. Later steps
   * (conditions, order, limit, count) apply to the combined rows.
   *
   *     Book.query().where('stock', 0).union(Book.query().orderBy('price').limit(3)).orderBy('title')
   *     // select … from (select … where "stock" = ? union select * from (… limit 3) as …) as "books" order by "title" asc
   */
  union(query: QueryLike): this
  /** Like `union`, but returns a row twice when both queries have it. */
  unionAll(query: QueryLike): this
  /** Keeps the rows that both queries return. */
  intersect(query: QueryLike): this
  /** Keeps the rows that the other query does not return. */
  except(query: QueryLike): this
  /** Returns at most `count` rows. */
  limit(count: number): this
  /** Skips the first `count` rows. */
  offset(count: number): this
  /** Returns page `number`, counted from 1, with `size` rows per page. Default size: 25. */
  page(number: number, size?: number): this
  /**
   * Applies a filter that a client sends: a list `[field, operator, value]`, `['not', item]`, or a list of such items with
   * 'and' and 'or' between them. corm combines the filter with AND with all other conditions, including every `orWhere`.
   *
   *     Author.query().filter([['age', '>', 18], ['name', 'contains', 'ann']], { allow: ['email', 'name:regex'] })
   *
   * A filter can use all fields that are not `hidden`. `allow` adds hidden fields, relation paths, names of `annotate`, and
   * regular expressions (`'name:regex'`). With `only`, a filter can use exactly the listed names, which can be all of these.
   * Throws a `ValidationError` that lists every problem in the filter.
   */
  filter(
    json: FilterInput,
    options?: {
      readonly allow?: readonly (FieldName<C> | (string & {}))[]
      readonly only?: readonly (FieldName<C> | (string & {}))[]
    },
  ): this
  /**
   * Sorts by a text that a client sends: `'-createdAt,name'`. The text can use all fields that are not `hidden`. With `allow`
   * it can use exactly the listed names, which include relation paths and names of `annotate`.
   * Throws a `ValidationError` that lists every problem in the text.
   */
  sort(text: string, options?: { readonly allow?: readonly (FieldName<C> | (string & {}))[] }): this
}

/** The steps of a query that turn scopes and soft deletes off. */
export interface QueryScopes {
  /**
   * Turns one of the model's global scopes off for this query.
   *
   *     await Author.query().withoutGlobalScope('active')
   */
  withoutGlobalScope(name: string): this
  /** Turns off all global scopes of the model except locked ones. This includes the scope of soft deletes. */
  withoutGlobalScopes(): this
  /**
   * Includes soft-deleted rows. The model needs `Field.softDelete()`.
   *
   *     await Post.query().withTrashed()
   *     // select … from "posts"
   */
  withTrashed(): this
  /**
   * Returns soft-deleted rows only. The model needs `Field.softDelete()`.
   *
   *     await Post.query().onlyTrashed()
   *     // select … from "posts" where "deleted_at" is not null
   */
  onlyTrashed(): this
}

/** The steps of a query that control how it runs. */
export interface QuerySettings {
  /** Runs the query in this database or transaction instead of the current one. */
  using(connection: Connectable): this
  /**
   * Stops the query with a `TimeoutError` if it takes longer than `ms` milliseconds, counted from the `await`. The time covers
   * everything the query does: the wait for a connection, relations, both statements of a page. The last call wins.
   *
   *     await Author.where('name', 'ilike', '%a%').timeout(500)
   */
  timeout(ms: number): this
  /**
   * Stops the query with an `AbortedError` when the signal is aborted. The `cause` of the error is the signal's reason.
   * The last call wins.
   *
   *     await Author.where('name', 'ilike', '%a%').signal(controller.signal)
   */
  signal(signal: Signal): this
  /** Selects every row on purpose: `maxRows` does not apply, and `update` and `delete` need no condition. */
  all(): this
  /**
   * Locks the selected rows until the transaction ends. `'update'` is for rows that you are going to change. `'share'` keeps
   * others from changing rows that you read.
   *
   *     await Job.transaction(async () => {
   *       const job = await Job.where('state', 'new').lock('update', { skipLocked: true }).first()
   *       // select … from "jobs" where "state" = ? order by "id" asc limit 1 for update skip locked
   *     })
   *
   * Throws `TransactionError` outside a transaction. corm does not lock relations of `with`. SQLite locks the whole database.
   */
  lock(mode: 'update' | 'share', options?: LockOptions): this
  /** Adds a comment to the end of the SQL statement, for logs. corm escapes the text, so it cannot end the comment. */
  comment(text: string): this
}
