import type { FilterInput, LockOptions } from './call-options.js'
import type {
  Condition,
  FourOrMore,
  NextPredicate,
  OpValueFor,
  OrderBy,
  OrderItem,
  Row,
  Tables,
  ValueFor,
} from './condition.js'
import type { Connectable, Signal } from './database.js'
import type { CompareOp, Expression, OpValue, Sql, WhereOp } from './expression.js'
import type { FieldName, PkOf } from './field.js'
import type { KeyIn, OrderPath, ValidKey, ValueKey } from './key-path.js'
import type { QueryLike } from './table.js'

/** The conditions of a query. */
export interface QueryConditions<in out C, in out X> {
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
  // one overload per number of arguments, so that a mistake is reported against one signature
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
  /** A condition written with the `sql` tag. */
  whereRaw(condition: Sql): this
  /** Keeps groups that meet a condition, with the forms of `where`. */
  having: this['where']
  /** Like `having`, combined with OR with the `having` before it. */
  orHaving: this['where']
}

/** Which rows of a query are meant, and in which order. */
export interface QueryOrder<in out C, in out X> {
  distinct(): this
  withoutDistinct(): this
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
   * The rows of this query and of another one over the same model, each once. What follows is about all of them: further
   * conditions, order, limit, count.
   *
   *     Book.query().where('stock', 0).union(Book.query().orderBy('price').limit(3)).orderBy('title')
   *     // select … from (select … where "stock" = ? union select * from (… limit 3) as …) as "books" order by "title" asc
   */
  union(query: QueryLike): this
  /** As `union`, but a row that is in both is returned twice. */
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
}

/** What a query lifts of that which hides rows. */
export interface QueryScopes {
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
}

/** How a query runs. */
export interface QuerySettings {
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
}
