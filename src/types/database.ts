import type { Sql } from './expression.js'

/** An `AbortSignal`. It is declared by its members, so that these types need neither Node's types nor those of the DOM. */
export interface Signal {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Options of a transaction. */
export interface TransactionOptions {
  /** The isolation level. Default: that of the database. SQLite is always serializable. */
  isolation?: 'read committed' | 'repeatable read' | 'serializable'
  /** Refuses writes. Default false. */
  readOnly?: boolean
  /** DEFERRABLE, for serializable read-only transactions. PostgreSQL only. */
  deferrable?: boolean
  /** When the transaction takes its lock. SQLite only. Default: `'immediate'`, or `'deferred'` with `readOnly`. */
  mode?: 'deferred' | 'immediate' | 'exclusive'
  /** How often corm runs the outermost transaction again after a serialization failure or deadlock. Default 0. */
  retries?: number
}

/** Runs raw SQL and transactions: a database or a transaction. */
interface Executor {
  /** Runs raw SQL, written with the `sql` tag, and returns the number of affected rows. */
  execute(statement: Sql): Promise<number>
  /** Runs a raw SQL query, written with the `sql` tag, and returns its rows as plain objects. */
  select<T = Record<string, unknown>>(statement: Sql): Promise<T[]>
  /** Runs `fn` in a transaction: commits when it returns, and rolls back when it throws. Nested calls are savepoints. */
  transaction<R>(fn: (trx: TransactionHandle) => Promise<R>, options?: TransactionOptions): Promise<R>
}

/** A database, as `using` takes it: `Author.using(db)`. */
export interface DatabaseHandle extends Executor {
  readonly isTransaction?: false
}

/** A running transaction. Using it after its end throws `TransactionError`. */
export interface TransactionHandle extends Executor {
  readonly isTransaction: true
  /** Runs `fn` after the outermost transaction has committed. It does not run after a rollback. */
  afterCommit(fn: () => unknown): void
  /** Rolls the transaction back and leaves its callback. `transaction` then returns undefined. */
  rollback(): never
}

/** What `using` takes: a database or a transaction. */
export type Connectable = DatabaseHandle | TransactionHandle
