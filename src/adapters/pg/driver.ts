import { isConnectionLoss } from '../../dialect/postgres/errors.js'
import { leavesNoTrace } from '../../dialect/postgres/plain.js'
import { endsTransaction, LEFT_OPEN, NO_TRANSACTION } from '../../dialect/postgres/session.js'
import type { Cancellation } from '../../driver/cancellation.js'
import { CLOSE_LIMIT, type Connection, type Driver, type QueryResult, type Statement } from '../../driver/driver.js'
import { AT_ONCE, onlyReads } from '../../driver/reads.js'
import { ConnectionError, CormError, TransactionError, UsageError } from '../../errors.js'
import type { AdapterOptions } from '../adapter.js'
import type { PgClient } from './client.js'
import { PgConnection } from './connection.js'
import type { PgLine } from './line.js'
import { connectError, PgLines } from './lines.js'
import type { Pace } from './pace.js'

/** How many connections short statements outside transactions share. More of them gained nothing in measurements. */
const SHARED = 2
/** How many dead connections one read replaces: a server that restarts kills all connections of the pool. */
const ATTEMPTS = 100

/** A client with a reference to its line. */
export interface LineClient extends PgClient {
  readonly line: PgLine
}
export type LineClientClass = new () => LineClient

export interface PgParts {
  readonly Client: LineClientClass
  readonly options: AdapterOptions
  readonly pace: Pace
  /** The host and port, for messages. */
  readonly place: string
  readonly shared: number | undefined
}

/** One pool of connections for single statements and for loans. */
export class PgDriver implements Driver {
  readonly #parts: PgParts
  readonly #pace: Pace
  readonly #lines: PgLines
  readonly #shares: boolean
  readonly #loans = new Set<PgConnection>()
  #refusal: Error | null = null
  #closed: Promise<void> | null = null

  constructor(parts: PgParts) {
    const { options, pace, shared = SHARED } = parts
    const { min, max, acquireTimeout } = options
    // one connection stays available for statements and loans that can't share
    const most = Math.min(shared, max - 1)
    this.#parts = parts
    this.#pace = pace
    this.#shares = most > 0
    this.#lines = new PgLines({ min, max, shared: most, acquireTimeout, connect: () => this.#connect() })
  }

  /** Connects at once, so that a wrong password is reported where the database is set up. */
  start(): Promise<void> {
    return this.#lines.start()
  }

  run(statement: Statement): Promise<QueryResult> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal)
    // raw SQL may change the session, which must not affect other statements
    if (statement.hasRawSql) {
      if (endsTransaction(statement.sql)) return Promise.reject(new UsageError(NO_TRANSACTION))
      if (leavesNoTrace(statement.sql)) return this.#runOnce(statement)
      return statement.cancellation === undefined ? this.#runOwn(statement) : this.#runOnLoan(statement)
    }
    return onlyReads(statement) ? this.#runRead(statement) : this.#runOnce(statement)
  }

  /** Runs the statements on one connection, if one is available without making others wait. */
  runTogether(statements: readonly Statement[]): Promise<readonly QueryResult[]> | null {
    if (this.#refusal !== null || !this.#shares) return null
    if (statements.some(({ hasRawSql }) => hasRawSql)) return null
    const line = this.#lines.takeAlone() ?? this.#lines.share()
    return line === undefined ? null : line.runTogether(statements)
  }

  async acquire(): Promise<Connection> {
    const loan = await this.#lend(true)
    // the reset after the last borrower may still be running
    if (loan.line.inFlight > 0) await loan.line.idle()
    return loan
  }

  release(loan: PgConnection, broken: boolean): void {
    if (!this.#loans.delete(loan)) return
    loan.released = true
    const back = (fit: boolean) => this.#lines.giveBack(loan.line, fit)
    if (broken) back(false)
    else if (loan.clean) back(true)
    else {
      loan.line.use = 'tidied'
      loan.tidy().then(back, () => back(false))
    }
  }

  refuse(error: Error): void {
    this.#refusal = error
    this.#lines.refuse(error)
  }

  close(limit = CLOSE_LIMIT): Promise<void> {
    if (this.#refusal === null) this.refuse(closedError())
    this.#closed ??= this.#close(limit)
    return this.#closed
  }

  #close(limit: number): Promise<void> {
    for (const loan of this.#loans) this.release(loan, true)
    return this.#lines.close(limit)
  }

  async #lend(hurry: boolean, cancellation?: Cancellation): Promise<PgConnection> {
    const line = await this.#lines.lend(hurry, cancellation)
    const loan: PgConnection = new PgConnection(line, () => this.#exchange(loan))
    this.#loans.add(loan)
    return loan
  }

  async #exchange(loan: PgConnection): Promise<PgLine> {
    this.#lines.drop(loan.line)
    const line = await this.#lines.lend(true)
    if (this.#loans.has(loan)) return line
    this.#lines.giveBack(line, true)
    throw closedError()
  }

  /** Sends a read again if it fails at once because its connection had died while idle. */
  #runRead(statement: Statement, attempts = ATTEMPTS): Promise<QueryResult> {
    const start = performance.now()
    return this.#runOnce(statement).catch((error: unknown) => {
      const late = performance.now() - start > AT_ONCE || attempts === 0
      if (late || this.#refusal !== null || error instanceof CormError || !isConnectionLoss(error)) throw error
      return this.#runRead(statement, attempts - 1)
    })
  }

  #runOnce(statement: Statement): Promise<QueryResult> {
    // a cancel request stops whatever runs on the connection, so a cancellable statement can't share one
    if (statement.cancellation !== undefined) return this.#runOnLoan(statement)
    const { sql } = statement
    const line = this.#shares && this.#pace.isShort(sql) ? this.#lines.share() : this.#lines.takeAlone()
    if (line !== undefined) return line.run(statement)
    return this.#lines.waitToShare(() => this.#pace.isShort(sql)).then((free) => free.run(statement))
  }

  /** Sends the reset of the session right after the statement, so the caller does not wait for it. */
  async #runOwn(statement: Statement): Promise<QueryResult> {
    const line = await this.#lines.lend(false)
    line.use = 'tidied'
    const work = line.run(statement)
    const reset = line.reset()
    // the reset may have to wait for a slow statement
    reset.catch(() => undefined)
    try {
      const result = await work
      if (result.isOpen !== true) return result
    } finally {
      void this.#takeBack(line, reset)
    }
    throw new TransactionError(LEFT_OPEN)
  }

  /** The line can be used at once: the server executes the next statement after the reset. */
  async #takeBack(line: PgLine, reset: Promise<void>): Promise<void> {
    try {
      if (line.inTransaction !== true) this.#lines.giveBack(line, true)
      else {
        await line.limited(reset).catch(() => undefined)
        await line.limited(line.command('rollback'))
        reset = line.reset()
        this.#lines.giveBack(line, true)
      }
      await line.limited(reset)
    } catch {
      this.#lines.drop(line)
    }
  }

  /** Runs a cancellable statement on a loan. */
  async #runOnLoan(statement: Statement): Promise<QueryResult> {
    const connection = await this.#lend(false, statement.cancellation)
    try {
      const result = await connection.run(statement)
      if (statement.hasRawSql && (await connection.endLeftOpen())) throw new TransactionError(LEFT_OPEN)
      return result
    } finally {
      this.release(connection, false)
    }
  }

  async #connect(): Promise<PgLine> {
    const client = new this.#parts.Client()
    try {
      await client.connect()
      await client.line.setUp()
    } catch (error) {
      client.line.destroy()
      throw connectError(error, this.#parts.place)
    }
    return client.line
  }
}

function closedError(): ConnectionError {
  return new ConnectionError('The database is closed. Close it after all work, or connect again.')
}
