import type { Dialect } from '../dialect/dialect.js'
import type { QueryResult } from '../driver/driver.js'
import type { TransactionOptions } from '../types/database.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import type { CommitNote } from './commit-log.js'
import type { NamedStatement } from './statement.js'
import type { UndoLog } from './undo.js'

/** What statements run on: a database (each by itself), a transaction, or one of the two with the limits of a query. */
export interface Executor {
  readonly dialect: Dialect
  /** The database that it belongs to, or is. What is kept for each database is kept by this. */
  readonly database: Executor
  /** The transaction that its statements are part of; null: each runs by itself. */
  readonly openTransaction: OpenTransaction | null
  /** What statements that name it run on now: for a database, its transaction in this async context. */
  readonly current: Executor
  /** Where a write says how to put back what it changes in memory; null outside of transactions. */
  readonly undo: UndoLog | null
  run(statement: NamedStatement): MaybePromise<QueryResult>
  /**
   * Runs queries that only read: all are sent at once, and see the same state of the database. Null at once: there is no
   * connection that takes them now; null later: one of them failed. Each is to be run by itself then. Undefined where nothing
   * is gained by it.
   */
  readonly runTogether:
    | ((statements: readonly NamedStatement[]) => Promise<readonly QueryResult[] | null> | null)
    | undefined
  /** Runs `work` with a connection of its own, in the transaction that is running or in a new one. */
  atomically<R>(work: (connection: BatchConnection) => MaybePromise<R>): Promise<R>
  /** Runs `work` all or nothing: in a new transaction, or in one that is nested in the one that is running. */
  transaction<R>(work: (trx: OpenTransaction) => Promise<R>, options?: TransactionOptions): Promise<R>
}

/** A running transaction, as the layers above see it. */
export interface OpenTransaction extends Executor {
  readonly openTransaction: OpenTransaction
  readonly undo: UndoLog
  /** The transaction that it is nested in. */
  readonly parent: OpenTransaction | null
  /** Locks the database where its rows can't be locked. */
  lockDatabase(table: string): MaybePromise<void>
  /** Runs once after the outermost transaction has committed, whatever is noted of the same subject. */
  noteCommit(subject: object, note: CommitNote): void
  batch(): BatchConnection
}

/**
 * Where work runs, as `using()` named it. Null: nothing was named. Then it runs in the transaction of the async context, or
 * else on the model's own database.
 */
export type Using = Executor | null

/** Runs one text for many parameter lists. */
export type RunMany = (
  statement: NamedStatement,
  count: number,
  parametersOf: (i: number) => readonly unknown[],
) => MaybePromise<QueryResult>

/** A connection inside a transaction, for statements in bulk. */
export interface BatchConnection {
  run(statement: NamedStatement): MaybePromise<QueryResult>
  readonly runMany: RunMany | undefined
}
