import { isConnectionLoss } from '../../dialect/postgres/errors.js'
import { endsTransaction, LEFT_OPEN, NO_TRANSACTION } from '../../dialect/postgres/session.js'
import type { Cancellation } from '../../driver/cancellation.js'
import { CLOSE_LIMIT, type Connection, type Driver, type QueryResult, type Statement } from '../../driver/driver.js'
import { ConnectionError, CormError, PoolTimeoutError, TransactionError, UsageError } from '../../errors.js'
import type { AdapterOptions } from '../adapter.js'
import type { PgClient, PgPool, PgPoolClass } from './client.js'
import { PgConnection } from './connection.js'
import type { PgLine } from './line.js'
import { PgShared } from './shared.js'

/** Connections for statements outside transactions: more of them gained nothing. */
const SHARED = 2
/** Milliseconds in which a connection that is dead already shows it. One that dies later may have done the work. */
const AT_ONCE = 100

/** A client that carries its line. */
export interface LineClient extends PgClient {
  readonly line: PgLine
}
export type LineClientClass = new () => LineClient

export interface PgParts {
  readonly Client: LineClientClass
  readonly Pool: PgPoolClass
  readonly options: AdapterOptions
  /** Host and port, for messages. */
  readonly place: string
  readonly shared: number | undefined
}

type Release = (broken?: boolean) => void
interface Loan {
  readonly line: PgLine
  readonly release: Release
}

/**
 * Two lanes under one maximum: a few shared connections, to which statements outside transactions are sent at once, and a
 * pool for loans.
 */
export class PgDriver implements Driver {
  readonly #parts: PgParts
  readonly #pool: PgPool
  readonly #poolSize: number
  readonly #shared: PgShared
  readonly #loans = new Map<Connection, Release>()
  readonly #waiting = new Set<(error: Error) => void>()
  #refusal: Error | null = null
  #closed: Promise<void> | null = null

  constructor(parts: PgParts) {
    const { Client, Pool, options, shared = SHARED } = parts
    const size = Math.min(shared, options.max - 1)
    this.#parts = parts
    this.#shared = new PgShared(size, () => this.#connect())
    this.#poolSize = options.max - size
    this.#pool = new Pool({
      Client,
      min: Math.max(0, options.min - size),
      max: this.#poolSize,
      connectionTimeoutMillis: options.acquireTimeout,
      allowExitOnIdle: true,
      onConnect: (client: LineClient) => client.line.setUp(),
    })
    // an idle connection that died is out of the pool already
    this.#pool.on('error', () => undefined)
  }

  /** Connects at once, so that a wrong password is told where the database is set up. */
  async start(): Promise<void> {
    if (this.#shared.size > 0) await this.#shared.open()
    else this.release(await this.acquire(), false)
    const more = Math.min(this.#parts.options.min, this.#poolSize + this.#shared.count) - this.#shared.count
    const loans = await Promise.allSettled(Array.from({ length: Math.max(0, more) }, () => this.acquire()))
    for (const loan of loans) if (loan.status === 'fulfilled') this.release(loan.value, false)
  }

  run(statement: Statement): Promise<QueryResult> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal)
    if (typeof statement.names !== 'boolean')
      return isRead(statement.sql) ? this.#runRead(statement) : this.#runOnce(statement)
    // what is left behind in a session must not meet the statements that share it
    if (endsTransaction(statement.sql)) return Promise.reject(new UsageError(NO_TRANSACTION))
    return this.#runOnLoan(statement)
  }

  /** On a shared connection, if there is one that keeps nobody waiting. */
  runTogether(statements: readonly Statement[]): Promise<readonly QueryResult[]> | null {
    const line = this.#refusal === null ? this.#shared.pick() : undefined
    return line === undefined || line.stalled || line.readOnly ? null : line.runTogether(statements)
  }

  async acquire(cancellation?: Cancellation): Promise<Connection> {
    const { line, release } = await this.#borrow(cancellation)
    const loan: PgConnection = new PgConnection(line, () => this.#exchange(loan))
    this.#loans.set(loan, release)
    return loan
  }

  release(connection: Connection, broken: boolean): void {
    const release = this.#loans.get(connection)
    if (release === undefined) return
    const loan = connection as PgConnection
    this.#loans.delete(loan)
    loan.released = true
    if (broken) {
      // statements that hang would keep the connection from ending
      loan.line.destroy()
      release(true)
    } else if (loan.clean) release()
    else
      loan.tidy().then(
        (fit) => release(!fit),
        () => release(true),
      )
  }

  refuse(error: Error): void {
    this.#refusal = error
    for (const reject of this.#waiting) reject(error)
    this.#waiting.clear()
  }

  close(limit = CLOSE_LIMIT): Promise<void> {
    if (this.#refusal === null) this.refuse(closedError())
    this.#closed ??= this.#close(limit)
    return this.#closed
  }

  async #close(limit: number): Promise<void> {
    for (const loan of this.#loans.keys()) this.release(loan, true)
    // the timer also keeps the process running: idle connections do not
    const timer = setTimeout(() => this.#shared.destroy(), limit)
    await Promise.all([this.#shared.close(), this.#pool.end()])
    clearTimeout(timer)
  }

  /** Whether the pool can lend at once. */
  get #hasSpare(): boolean {
    const { idleCount, totalCount, waitingCount } = this.#pool
    return waitingCount === 0 && (idleCount > 0 || totalCount < this.#poolSize)
  }

  #borrow(cancellation?: Cancellation): Promise<Loan> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal)
    return new Promise((resolve, reject) => {
      let over = false
      const forget = cancellation?.watch(() => {
        over = true
        this.#waiting.delete(reject)
        reject(cancellation.error())
      })
      this.#waiting.add(reject)
      // pg-pool's own timer lets the program end while it waits
      const alive = setInterval(() => undefined, 2 ** 30)
      this.#pool.connect((error, client, release) => {
        forget?.()
        clearInterval(alive)
        const late = !this.#waiting.delete(reject)
        if (error !== undefined || client === undefined) return reject(this.#connectError(error))
        // many in a row would run into each other's calls
        if (over) return setImmediate(release)
        if (late) return release(true)
        resolve({ line: (client as LineClient).line, release })
      })
    })
  }

  async #exchange(loan: PgConnection): Promise<PgLine> {
    this.#loans.get(loan)?.(true)
    this.#loans.set(loan, () => undefined)
    const { line, release } = await this.#borrow()
    if (!this.#loans.has(loan)) {
      release()
      throw closedError()
    }
    this.#loans.set(loan, release)
    return line
  }

  #runShared(statement: Statement): Promise<QueryResult> {
    const line = this.#shared.pick()
    if (line === undefined) return this.#runLater(statement)
    if (line.stalled && this.#hasSpare) return this.#runOnLoan(statement)
    if (line.readOnly) return this.#replace(line, statement)
    return line.run(statement)
  }

  /** A read that fails at once, because its connection had died while it was idle, is sent again. */
  #runRead(statement: Statement): Promise<QueryResult> {
    const start = performance.now()
    return this.#runOnce(statement).catch((error: unknown) => {
      const late = performance.now() - start > AT_ONCE
      if (late || this.#refusal !== null || error instanceof CormError || !isConnectionLoss(error)) throw error
      return this.#runOnce(statement)
    })
  }

  /** What may be cancelled needs a connection of its own. */
  #runOnce(statement: Statement): Promise<QueryResult> {
    return statement.cancellation === undefined ? this.#runShared(statement) : this.#runOnLoan(statement)
  }

  #runLater(statement: Statement): Promise<QueryResult> {
    if (this.#shared.size === 0) return this.#runOnLoan(statement)
    return this.#shared.open().then((line) => line.run(statement))
  }

  /** The server went over to a standby that only reads: look for the one that writes. */
  #replace(line: PgLine, statement: Statement): Promise<QueryResult> {
    this.#shared.retire(line)
    return this.#runShared(statement)
  }

  async #runOnLoan(statement: Statement): Promise<QueryResult> {
    const connection = await this.acquire(statement.cancellation)
    try {
      const result = await connection.run(statement)
      if (typeof statement.names === 'boolean' && (await connection.endLeftOpen()))
        throw new TransactionError(LEFT_OPEN)
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
      throw this.#connectError(error)
    }
    return client.line
  }

  #connectError(error: unknown): Error {
    if (error instanceof CormError) return error
    const { message = '', code } = (error ?? {}) as { message?: string; code?: string }
    const { acquireTimeout, max } = this.#parts.options
    const facts = { cause: error }
    if (message === 'timeout exceeded when trying to connect')
      return new PoolTimeoutError(
        `No connection to PostgreSQL became free within ${acquireTimeout} ms: all ${max} are in use.`,
        facts,
      )
    return new ConnectionError(`PostgreSQL at ${this.#parts.place} can't be reached: ${message || code}.`, facts)
  }
}

/** Whether a generated statement only reads. */
function isRead(sql: string): boolean {
  return sql.startsWith('select ') && !/ for (?:update|share|no key)/.test(sql)
}

function closedError(): ConnectionError {
  return new ConnectionError('The database is closed.')
}
