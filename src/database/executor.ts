import type { Dialect } from '../dialect/dialect.js'
import type { Connection, QueryResult } from '../driver/driver.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import type { NamedStatement } from './statement.js'
import type { UndoLog } from './undo.js'

/** What statements run on: a database (each by itself) or a transaction. */
export interface Executor {
  readonly dialect: Dialect
  /** Where a write says how to put back what it changes in memory; null outside of transactions. */
  readonly undo: UndoLog | null
  run(statement: NamedStatement): MaybePromise<QueryResult>
  /**
   * Runs queries that only read: all are sent at once, and see the same state of the database. Null at once: there is no
   * connection that takes them now; null later: one of them failed. Each is to be run by itself then. Not there where nothing
   * is gained by it.
   */
  readonly together:
    | ((statements: readonly NamedStatement[]) => Promise<readonly QueryResult[] | null> | null)
    | undefined
  /** Runs `work` with a connection of its own, in the transaction that is running or in a new one. */
  atomically<R>(work: (connection: BatchConnection) => MaybePromise<R>): Promise<R>
}

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

export type { Connection }
