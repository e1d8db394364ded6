import { isConnectionLoss } from '../dialect/postgres/errors.js'
import { beginSql, RESET_SESSION } from '../dialect/postgres/session.js'
import type { BeginOptions, Connection, QueryResult, Statement } from '../driver/driver.js'
import { ConnectionError, OutcomeUnknownError, TransactionError } from '../errors.js'
import type { PgClient } from './pg-client.js'
import type { PgLine } from './pg-line.js'

/** A loan of one connection. What its borrower did to the session is undone before the next one gets it. */
export class PgConnection implements Connection {
  /** The borrower ran SQL of its own, which may have changed settings, taken locks, made temporary tables. */
  #ownSql = false
  #rawTaken = false
  released = false

  constructor(readonly line: PgLine) {}

  get inTransaction(): boolean | undefined {
    return this.line.dead ? false : this.line.inTransaction
  }

  get raw(): PgClient {
    this.#rawTaken = true
    return this.line.client
  }

  run(statement: Statement): Promise<QueryResult> {
    if (this.released)
      return Promise.reject(new ConnectionError('The connection was given back; nothing more runs on it.'))
    if (statement.names === true || !statement.prepare) this.#ownSql = true
    return this.line.run(statement)
  }

  async begin(options: BeginOptions): Promise<void> {
    await this.line.command(beginSql(options))
  }

  async commit(): Promise<void> {
    if (this.line.dead) throw new ConnectionError('The connection was lost before the transaction was committed.')
    let tag: string | null
    try {
      tag = (await this.line.command('commit')).command
    } catch (cause) {
      if (!this.line.dead && !isConnectionLoss(cause)) throw cause
      throw new OutcomeUnknownError(
        'The connection was lost while the transaction was committed: it may be stored or not. Look before doing it again.',
        { cause },
      )
    }
    // a transaction in which a statement failed is rolled back by COMMIT, without an error
    if (tag !== 'COMMIT')
      throw new TransactionError(
        'PostgreSQL rolled the transaction back at COMMIT, because a statement in it had failed.',
      )
  }

  async rollback(): Promise<void> {
    if (this.line.dead) return
    try {
      await this.line.command('rollback')
    } catch (error) {
      // the server rolls back when the connection ends
      if (!this.line.dead && !isConnectionLoss(error)) throw error
    }
  }

  /** Makes the connection fit for the next borrower; false: throw it away. */
  async clean(setUp: (line: PgLine) => Promise<void>): Promise<boolean> {
    const { line } = this
    if (line.inFlight > 0) await new Promise<void>((resolve) => (line.onIdle = resolve))
    line.onIdle = null
    if (line.dead || this.#rawTaken) return false
    if (line.inTransaction !== false) await line.command('rollback')
    if (!this.#ownSql) return true
    await Promise.all(RESET_SESSION.map((sql) => line.command(sql)))
    await setUp(line)
    return !line.dead
  }

  get needsCleaning(): boolean {
    return (
      this.#rawTaken || this.#ownSql || this.line.dead || this.line.inFlight > 0 || this.line.inTransaction !== false
    )
  }
}
