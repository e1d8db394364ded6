import type { ChangeNode } from '../ast/change.js'
import type { DefinitionNode } from '../ast/definition.js'
import type { TableState } from '../ast/schema.js'

/** Something of the schema that a statement makes or drops. */
export interface SchemaObject {
  /** `order`: a column with a place in its table that is before that of another one. */
  readonly kind: 'table' | 'column' | 'index' | 'foreignKey' | 'check' | 'trigger' | 'view' | 'order'
  /** The table that it is part of; for a table or a view, its own name. */
  readonly table: string
  readonly name: string
  /** The other column, for `order`. */
  readonly before: string | null
}

/** A lock that a session holds until it gives it back or ends. */
export interface SessionLock {
  /** A query with 1 if the session has the lock now. It never waits. */
  take(name: string): string
  release(name: string): string
  /** A query with a text about the session that has it. */
  holder(name: string): string
}

/** Keeps others from writing to a table until the transaction ends, or until it is released. */
export interface TableWriteLock {
  /** Whether it is taken inside a transaction; otherwise outside one. */
  readonly inTransaction: boolean
  take(table: string): string
  readonly release: string | null
}

/** How migrations run on a database. */
export interface MigrationSupport {
  /** Keeps other migrators away; null where a transaction locks the whole database. */
  readonly sessionLock: SessionLock | null
  /** The same for the transaction that runs the query: it holds behind a pooler too. Null where `sessionLock` is enough. */
  readonly transactionLock: ((name: string) => string) | null
  /** A query for the number of the process that runs it, where sessions of the server are processes. */
  readonly serverProcess: string | null
  /** Statements before all others of the session, which nobody else uses afterwards. */
  readonly session: readonly string[]
  /** The isolation level of its transactions, in which each statement sees what was committed before it; null: the usual one. */
  readonly isolation: 'read committed' | null
  /** Statements at the beginning of each transaction. */
  readonly transaction: readonly string[]
  /**
   * A query that returns a row with 1 if the object is there, and with 0 if it is there but was left unfinished. Null where every
   * statement is part of a transaction.
   */
  readonly find: ((object: SchemaObject) => string) | null
  /**
   * What a statement ends with so that the database refuses it, with WouldBlockError, where it can't do it as quickly as `locks` says:
   * it would copy the table, or keep programs waiting. `table` is the table before the operation. Returns null if nothing better than
   * that is expected of the statement. Null where statements have no such condition.
   */
  readonly online: ((node: DefinitionNode | ChangeNode, table: TableState | undefined) => string | null) | null
  /** Null where a transaction locks the whole database. */
  readonly lockTable: TableWriteLock | null
}
