import type { GuardedOption, SyncResult } from './call-options.js'
import type { InstanceOrKey, Linkable, PivotData } from './input.js'

// What managers of relations have in addition to the steps of a query, as far as they return no rows.

/** What hides rows: a manager lifts it as a query does, and for the rows that are linked too. */
// steps of the manager, where those of the query lead to a plain query
export interface ManagerScopes {
  /** Lifts one of the global scopes, for those rows too that are linked. */
  withoutGlobalScope(name: string): this
  /** The same of all global scopes. */
  withoutGlobalScopes(): this
  /** The same of soft deletes. */
  withTrashed(): this
  /** The same, for deleted rows alone. */
  onlyTrashed(): this
}

/** Rows that global scopes hide are linked, or their links removed, too. */
export interface ScopesOption {
  readonly withoutGlobalScopes?: boolean
}

/** Writes of the key of a row that belongs to another one. */
export interface OwnerWrites<in out Given> {
  /** Points this row to another one, given as instance or (where there is one model) as key, and saves it. */
  associate(target: Given): Promise<void>
  /** Sets the foreign key to null and saves. */
  dissociate(): Promise<void>
}

/** Writes of the keys of rows that belong to one. */
export interface RowWrites<in out T> {
  /** Makes rows that are there this owner's, and returns their number. */
  attach(...targets: readonly InstanceOrKey<T>[] | [readonly InstanceOrKey<T>[]]): Promise<number>
  /** The same as `attach`. */
  add: this['attach']
  /** Sets the foreign key of these rows to null, where they are this owner's. Throws `UsageError` where it may not be null. */
  detach(...targets: readonly InstanceOrKey<T>[] | [readonly InstanceOrKey<T>[]]): Promise<number>
  /** The same as `detach`. */
  remove: this['detach']
  /** Sets the foreign key of all its rows to null. */
  clear(): Promise<number>
  /** Makes exactly these rows this owner's: the smallest difference, in one transaction. */
  sync(targets: readonly InstanceOrKey<T>[]): Promise<SyncResult>
  /** The same as `sync`. */
  set: this['sync']
}

/** Writes of the rows of a join table. */
export interface LinkWrites<in out T, in out Pv> {
  /**
   * Links rows, given as instances, keys, or with what the join table is to hold of them. A link that is there stays, and
   * takes the values given for it. Returns the number of new ones. Rows that global scopes hide are not found:
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
  add: this['attach']
  /** Removes links to these rows, and returns the number of those that were there. */
  detach(...targets: readonly InstanceOrKey<T>[] | [readonly InstanceOrKey<T>[]]): Promise<number>
  /** The same as `detach`. */
  remove: this['detach']
  /** Removes all links. */
  clear(): Promise<number>
  /** Makes the links exactly these: the smallest difference, in one transaction. */
  sync(targets: readonly Linkable<T, Pv>[], options?: GuardedOption): Promise<SyncResult>
  /** The same as `sync`. */
  set: this['sync']
  /** Links those of these rows that are not linked, and removes the links of the others. */
  toggle(
    targets: Linkable<T, Pv> | readonly Linkable<T, Pv>[],
    options: GuardedOption,
  ): Promise<Omit<SyncResult, 'updated'>>
  toggle(...targets: readonly Linkable<T, Pv>[] | [readonly Linkable<T, Pv>[]]): Promise<Omit<SyncResult, 'updated'>>
  /** Changes what the join table holds of links, and returns their number. */
  updatePivot(
    targets: InstanceOrKey<T> | readonly InstanceOrKey<T>[],
    pivot: PivotData<Pv>,
    options?: GuardedOption,
  ): Promise<number>
}
