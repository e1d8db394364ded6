import type { Dialect } from '../dialect/dialect.js'
import type { QueryResult } from '../driver/driver.js'
import type { TransactionOptions } from '../types/database.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import type { CommitNote } from './commit-log.js'
import type { NamedStatement } from './statement.js'
import type { UndoLog } from './undo.js'

/** What statements run on: a database (each statement by itself), a transaction, or one of them with the limits of a query. */
export interface Executor {
  readonly dialect: Dialect
  /** The database of this executor, or the executor itself. Caches per database use it as their key. */
  readonly database: Executor
  /** The transaction that its statements are part of; null if each runs by itself. */
  readonly openTransaction: OpenTransaction | null
  /** What its statements run on now: for a database, its transaction in this async context. */
  readonly current: Executor
  /** Where a write records how to restore what it changes in memory; null outside transactions. */
  readonly undo: UndoLog | null
  run(statement: NamedStatement): MaybePromise<QueryResult>
  /**
   * Sends several read-only queries at once, which all see the same state of the database. Returns null if no connection
   * can take them now, and resolves to null if one of them failed; the caller then runs each by itself. Undefined for
   * databases where it saves nothing.
   */
  readonly runTogether:
    | ((statements: readonly NamedStatement[]) => Promise<readonly QueryResult[] | null> | null)
    | undefined
  /** Runs `work` on one connection, in the running transaction or in a new one. */
  atomically<R>(work: (connection: BatchConnection) => MaybePromise<R>): Promise<R>
  /** Runs `work` all or nothing: in a new transaction, or in one nested in the running one. */
  transaction<R>(work: (trx: OpenTransaction) => Promise<R>, options?: TransactionOptions): Promise<R>
}

export interface OpenTransaction extends Executor {
  readonly openTransaction: OpenTransaction
  readonly undo: UndoLog
  /** The transaction around this one. */
  readonly parent: OpenTransaction | null
  /** Locks the whole database if it can't lock rows (SQLite). */
  lockDatabase(table: string): MaybePromise<void>
  /** Notes what runs after the outermost transaction has committed: once for each subject. */
  noteCommit(subject: object, note: CommitNote): void
  batch(): BatchConnection
}

/**
 * The executor that `using()` named. If it is null, work runs in the transaction of the async context, or else on the
 * model's database.
 */
export type Using = Executor | null

/** Runs the same SQL for many parameter lists. */
export type RunMany = (
  statement: NamedStatement,
  count: number,
  parametersOf: (i: number) => readonly unknown[],
) => MaybePromise<QueryResult>

/** A connection inside a transaction, for bulk statements. */
export interface BatchConnection {
  run(statement: NamedStatement): MaybePromise<QueryResult>
  readonly runMany: RunMany | undefined
}
