import { CormError, type ErrorOptions } from './base.js'

export type DatabaseErrorClass = new (message: string, facts: DatabaseErrorFacts) => DatabaseError

export interface DatabaseErrorFacts extends ErrorOptions {
  readonly sql?: string | undefined
  readonly parameters?: readonly unknown[] | undefined
  readonly constraint?: string | undefined
  readonly table?: string | undefined
  readonly columns?: readonly string[] | undefined
}

/** The database refused a statement. You can read `sql` and `parameters`, but logs never print them. */
export class DatabaseError extends CormError {
  override readonly code: string = 'DATABASE'
  /** The name of the violated constraint, if the database reports it. */
  readonly constraint: string | undefined
  /** The name of the table, if the database reports it. */
  readonly table: string | undefined
  /** The names of the columns, if the database reports them. */
  readonly columns: readonly string[]
  /** The names of the fields of these columns, if known. */
  fields: readonly string[] = []
  /** The statement that failed, if there is one. */
  declare readonly sql: string | undefined
  /** The parameters of the statement. */
  declare readonly parameters: readonly unknown[] | undefined
  constructor(message: string, facts: DatabaseErrorFacts = {}) {
    super(message, Object.hasOwn(facts, 'cause') ? { cause: facts.cause } : {})
    const { constraint, table, columns, sql, parameters } = Object.assign(
      Object.create(null) as DatabaseErrorFacts,
      facts,
    )
    this.constraint = constraint
    this.table = table
    this.columns = columns ?? []
    this.withStatement(sql, parameters)
  }

  /** @internal */
  withStatement(sql: string | undefined, parameters: readonly unknown[] | undefined): this {
    Object.defineProperty(this, 'sql', { value: sql, enumerable: false, configurable: true })
    Object.defineProperty(this, 'parameters', { value: parameters, enumerable: false, configurable: true })
    return this
  }
}

/** corm could not reach the database, or the connection broke. */
export class ConnectionError extends DatabaseError {
  override readonly code = 'CONNECTION'
}

/** No connection of the pool became free within `acquireTimeout`. */
export class PoolTimeoutError extends DatabaseError {
  override readonly code = 'POOL_TIMEOUT'
}

/** A statement or query exceeded its time limit and was stopped. */
export class TimeoutError extends DatabaseError {
  override readonly code = 'TIMEOUT'
}

/** The signal of a query was aborted. `cause` is the reason of the signal. */
export class AbortedError extends DatabaseError {
  override readonly code = 'ABORTED'
  constructor(reason: unknown) {
    super('The query was stopped, because its signal was aborted.', { cause: reason })
  }
}

/** A write violated a constraint of the database. */
export class ConstraintError extends DatabaseError {
  override readonly code: string = 'CONSTRAINT'
}

/** A unique value exists already. */
export class UniqueViolationError extends ConstraintError {
  override readonly code = 'UNIQUE_VIOLATION'
}

/** A foreign key points to a row that does not exist, or other rows still point to a deleted row. */
export class ForeignKeyViolationError extends ConstraintError {
  override readonly code = 'FOREIGN_KEY_VIOLATION'
}

/** A column that is NOT NULL would be NULL. */
export class NotNullViolationError extends ConstraintError {
  override readonly code = 'NOT_NULL_VIOLATION'
}

/** A row violated a CHECK constraint. */
export class CheckViolationError extends ConstraintError {
  override readonly code = 'CHECK_VIOLATION'
}

/** The transaction conflicts with another one. Run it again, or set the option `retries`. */
export class SerializationError extends DatabaseError {
  override readonly code = 'SERIALIZATION'
}

/** The database ended the transaction to resolve a deadlock. Run it again, or set the option `retries`. */
export class DeadlockError extends DatabaseError {
  override readonly code = 'DEADLOCK'
}

/**
 * The database refused to change a table, because it would have to keep programs waiting or copy the table, and the statement does not
 * allow that. Nothing was changed.
 */
export class WouldBlockError extends DatabaseError {
  override readonly code = 'WOULD_BLOCK'
}

/** The database did not grant a lock in time. */
export class LockTimeoutError extends DatabaseError {
  override readonly code = 'LOCK_TIMEOUT'
}
