import type { Sql } from './expression.js'

/** An `AbortSignal` by its members, so that these types need neither Node's nor those of the DOM. */
export interface Signal {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** How a transaction runs. */
export interface TransactionOptions {
  isolation?: 'read committed' | 'repeatable read' | 'serializable'
  readOnly?: boolean
  deferrable?: boolean
  /** How SQLite takes its lock. */
  mode?: 'deferred' | 'immediate' | 'exclusive'
  /** Runs the outermost transaction again after a serialization failure or deadlock, at most this often. Default 0. */
  retries?: number
}

/** What runs SQL written by hand: a database or a transaction. */
interface Executor {
  /** Runs a statement and returns the number of affected rows. */
  execute(statement: Sql): Promise<number>
  /** Runs a statement and returns its rows as plain objects. */
  select<T = Record<string, unknown>>(statement: Sql): Promise<T[]>
  /** Runs `fn` in a transaction: committed when it returns, rolled back when it throws. Nested calls are savepoints. */
  transaction<R>(fn: (trx: TransactionHandle) => Promise<R>, options?: TransactionOptions): Promise<R>
}

/** A database as models and queries take it: `Author.using(db)`. */
export interface DatabaseHandle extends Executor {
  readonly isTransaction?: false
}

/** A running transaction. Its use after the end is a `TransactionError`. */
export interface TransactionHandle extends Executor {
  readonly isTransaction: true
  /** Runs `fn` when the outermost transaction is committed; never when it is rolled back. */
  afterCommit(fn: () => unknown): void
  /** Ends the transaction without keeping its work. */
  rollback(): never
}

/** What `using` takes. */
export type Connectable = DatabaseHandle | TransactionHandle
