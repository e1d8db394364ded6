import type { GuardedOption, SyncResult } from './call-options.js'
import type { InstanceOrKey, Linkable, PivotData } from './input.js'

// What managers of relations have in addition to the steps of a query, as far as they return no rows.

/** The steps of a relation manager that turn scopes off, for its query and for the rows that it links. */
// steps of the manager, where those of the query lead to a plain query
export interface ManagerScopes {
  /** Turns one global scope of the related model off, also for the rows to link. */
  withoutGlobalScope(name: string): this
  /** Turns all global scopes off except locked ones, also for the rows to link. */
  withoutGlobalScopes(): this
  /** Includes soft-deleted rows, also among the rows to link. */
  withTrashed(): this
  /** Limits the query and the rows to link to soft-deleted rows. */
  onlyTrashed(): this
}

/** Options of `attachMany` and `detachMany`. */
export interface ScopesOption {
  /** Includes rows that global scopes hide. Default false. */
  readonly withoutGlobalScopes?: boolean
}

/** The methods that write a `belongsTo` or `morphTo` relation. */
export interface OwnerWrites<in out Given> {
  /** Sets the foreign key to this row and saves it. Takes an instance or, for `belongsTo`, a primary key. */
  associate(target: Given): Promise<void>
  /** Sets the foreign key to null and saves it. */
  dissociate(): Promise<void>
}

/** The methods that attach and detach rows of a `hasOne`, `hasMany`, `morphOne` or `morphMany` relation. */
export interface RowWrites<in out T> {
  /** Sets the foreign key of existing rows to this owner and returns their number. */
  attach(...targets: readonly InstanceOrKey<T>[] | [readonly InstanceOrKey<T>[]]): Promise<number>
  /** An alias of `attach`. */
  add: this['attach']
  /**
   * Sets the foreign key of these rows to null and returns their number. It ignores rows of other owners. Throws `UsageError` if
   * the foreign key is not nullable.
   */
  detach(...targets: readonly InstanceOrKey<T>[] | [readonly InstanceOrKey<T>[]]): Promise<number>
  /** An alias of `detach`. */
  remove: this['detach']
  /** Sets the foreign key of all rows of this owner to null and returns their number. */
  clear(): Promise<number>
  /** Attaches exactly these rows and detaches all others, in one transaction. It writes only what differs. */
  sync(targets: readonly InstanceOrKey<T>[]): Promise<SyncResult>
  /** An alias of `sync`. */
  set: this['sync']
}

/** The methods that write the join table of a relation. */
export interface LinkWrites<in out T, in out Pv> {
  /**
   * Links rows and returns the number of new links. Takes instances, primary keys, or pairs `[row, pivotValues]`. An existing
   * link stays, and gets the new pivot values if you give any. Rows that global scopes hide are not found; use
   * `related('tags').withoutGlobalScopes().attach(7)` for these.
   *
   *     await article.related('tags').attach([tag, 7, [8, { position: 2 }]])
   *     // insert into "articles_tags" ("article_id", "tag_id") values … on conflict … do nothing
   *
   * It refuses guarded fields of the join table unless you pass `{ guarded: true }` as the last argument.
   */
  attach(targets: Linkable<T, Pv> | readonly Linkable<T, Pv>[], options: GuardedOption): Promise<number>
  attach(
    targets: Linkable<T, Pv> | readonly Linkable<T, Pv>[],
    pivot?: PivotData<Pv>,
    options?: GuardedOption,
  ): Promise<number>
  attach(...targets: readonly Linkable<T, Pv>[]): Promise<number>
  /** An alias of `attach`. */
  add: this['attach']
  /** Removes the links to these rows and returns the number of removed links. */
  detach(...targets: readonly InstanceOrKey<T>[] | [readonly InstanceOrKey<T>[]]): Promise<number>
  /** An alias of `detach`. */
  remove: this['detach']
  /** Removes all links and returns their number. */
  clear(): Promise<number>
  /** Links exactly these rows and removes all other links, in one transaction. It writes only what differs. */
  sync(targets: readonly Linkable<T, Pv>[], options?: GuardedOption): Promise<SyncResult>
  /** An alias of `sync`. */
  set: this['sync']
  /** Links those of the given rows that are not linked, and removes the links of the given rows that are. */
  toggle(
    targets: Linkable<T, Pv> | readonly Linkable<T, Pv>[],
    options: GuardedOption,
  ): Promise<Omit<SyncResult, 'updated'>>
  toggle(...targets: readonly Linkable<T, Pv>[] | [readonly Linkable<T, Pv>[]]): Promise<Omit<SyncResult, 'updated'>>
  /** Updates the pivot values of these links and returns the number of links. */
  updatePivot(
    targets: InstanceOrKey<T> | readonly InstanceOrKey<T>[],
    pivot: PivotData<Pv>,
    options?: GuardedOption,
  ): Promise<number>
}
