import type { Connection, Driver, QueryResult, Statement } from '../../driver/driver.js'
import { Lane } from '../../driver/lane.js'
import { ConnectionError, TransactionError } from '../../errors.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { isBusy, whenFree } from './busy.js'
import { mayChangeSession, SqliteConnection, type SqliteShared } from './connection.js'

/** One connection. Statements outside a transaction run at once unless a transaction holds the connection. */
export class SqliteDriver implements Driver {
  readonly runTogether = undefined
  readonly #shared: SqliteShared
  readonly #connection: SqliteConnection
  readonly #lane: Lane
  #refusal: Error | null = null

  constructor(shared: SqliteShared, wait: number) {
    this.#shared = shared
    this.#connection = new SqliteConnection(shared)
    this.#lane = new Lane(wait)
  }

  run(statement: Statement): MaybePromise<QueryResult> {
    if (this.#refusal !== null) throw this.#refusal
    if (!this.#lane.free) return this.#lane.pass(() => this.#patiently(statement), statement.cancellation)
    try {
      return this.#send(statement)
    } catch (error) {
      if (!isBusy(error)) throw error
      // later statements wait for this one
      return this.#lane.pass(() => this.#patiently(statement), statement.cancellation)
    }
  }

  acquire(): MaybePromise<Connection> {
    if (this.#refusal !== null) throw this.#refusal
    const loan = new SqliteConnection(this.#shared)
    return andThen(this.#lane.take(loan), () => loan)
  }

  release(connection: SqliteConnection): void {
    try {
      connection.tidy()
    } finally {
      this.#lane.leave(connection)
    }
  }

  refuse(error: Error): void {
    this.#refusal = error
    this.#lane.close(error)
  }

  async close(): Promise<void> {
    if (this.#refusal === null)
      this.refuse(new ConnectionError('The database is closed. Close it after all work, or connect again.'))
    this.#shared.database.close()
  }

  #patiently(statement: Statement): MaybePromise<QueryResult> {
    try {
      return this.#send(statement)
    } catch (error) {
      if (!isBusy(error)) throw error
      return whenFree(() => this.#send(statement), error, this.#shared.lockTimeout, statement.cancellation)
    }
  }

  #send(statement: Statement): QueryResult {
    if (!mayChangeSession(statement)) return this.#connection.send(statement)
    try {
      const result = this.#connection.send(statement)
      if (this.#connection.endLeftOpen()) throw new TransactionError(LEFT_OPEN)
      return result
    } finally {
      this.#shared.settings.restore()
    }
  }
}

const LEFT_OPEN =
  'This statement left a transaction open, which statements of others would have joined. It was rolled back: use transaction(), or connection() for a connection of your own.'
