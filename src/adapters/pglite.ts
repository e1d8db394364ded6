import { createPostgresDialect } from '../dialect/postgres/index.js'
import { leavesNoTrace } from '../dialect/postgres/plain.js'
import {
  beginSql,
  endsTransaction,
  hasEnded,
  LEFT_OPEN,
  NO_TRANSACTION,
  sessionSql,
} from '../dialect/postgres/session.js'
import type { Cancellation } from '../driver/cancellation.js'
import type { BeginOptions, Connection, Driver, QueryResult, Statement } from '../driver/driver.js'
import { Lane } from '../driver/lane.js'
import { ConfigurationError, ConnectionError, TransactionError, UsageError } from '../errors.js'
import { messageOf } from '../util/error-shape.js'
import { isRecord } from '../util/record.js'
import {
  type AdapterOptions,
  type Connected,
  decodeUrlPart,
  importDriver,
  importOptional,
  released,
} from './adapter.js'
import { FolderLock } from './pglite/folder-lock.js'
import { type Pglite, PgliteSession } from './pglite/session.js'

const PGVECTOR = '@electric-sql/pglite-pgvector'

interface PgliteModule {
  readonly PGlite: { create(options: object): Promise<Pglite> }
}

/** `pglite::memory:`, `pglite://relative/folder`, `pglite:///absolute/folder`. */
export async function connectPglite(options: AdapterOptions): Promise<Connected> {
  const folder = folderOf(String(options.url))
  const { PGlite } = await importDriver<PgliteModule>('@electric-sql/pglite')
  const lock = folder === null ? null : FolderLock.take(folder)
  let database: Pglite
  try {
    database = await PGlite.create({
      ...options.driver,
      ...(await extensions(options.driver)),
      dataDir: folder ?? 'memory://',
    })
  } catch (cause) {
    lock?.release()
    const place = folder === null ? 'a database in memory' : `the folder "${folder}"`
    throw new ConnectionError(`PGlite can't open ${place}: ${messageOf(cause)}.`, { cause })
  }
  const session = new PgliteSession(database, sessionSql(options))
  await session.setUp()
  return {
    driver: new PgliteDriver(session, options.acquireTimeout, lock),
    dialect: createPostgresDialect({
      pipelining: false,
      vectorAdvice: `Run: npm install ${PGVECTOR}`,
    }),
  }
}

/** pgvector is a separate package, and `create extension` finds it if it is installed. */
async function extensions({ extensions: given }: AdapterOptions['driver']): Promise<{ extensions?: object }> {
  const pgvector = await importOptional<{ vector: unknown }>(PGVECTOR)
  return pgvector === null ? {} : { extensions: { vector: pgvector.vector, ...(isRecord(given) && given) } }
}

function folderOf(url: string): string | null {
  const rest = url.slice('pglite:'.length)
  if (rest === ':memory:' || rest === '//:memory:' || rest === '') return null
  if (!rest.startsWith('//') || rest.length === 2 || rest.includes('?'))
    throw new ConfigurationError(
      `"${url}" is not a PGlite URL. Write pglite::memory:, pglite://relative/folder or pglite:///absolute/folder.`,
    )
  return decodeUrlPart(rest.slice(2), 'PGlite')
}

/** One connection in this process. Statements outside a transaction wait while a transaction holds the connection. */
class PgliteDriver implements Driver {
  readonly runTogether = undefined
  readonly #session: PgliteSession
  readonly #lane: Lane
  readonly #lock: FolderLock | null
  #refusal: Error | null = null
  #closed: Promise<void> | null = null

  constructor(session: PgliteSession, wait: number, lock: FolderLock | null) {
    this.#session = session
    this.#lane = new Lane(wait)
    this.#lock = lock
  }

  run(statement: Statement): Promise<QueryResult> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal)
    if (statement.hasRawSql && !leavesNoTrace(statement.sql)) return this.#runOnLoan(statement)
    if (this.#lane.free) return this.#session.run(statement)
    return this.#lane.pass(() => this.#session.run(statement), statement.cancellation)
  }

  acquire(): Promise<PgliteConnection> {
    return this.#acquire()
  }

  release(loan: PgliteConnection): void {
    if (loan.released) return
    loan.released = true
    const leave = () => this.#lane.leave(loan)
    if (loan.clean) leave()
    else loan.tidy().then(leave, leave)
  }

  refuse(error: Error): void {
    this.#refusal = error
    this.#lane.close(error)
  }

  close(): Promise<void> {
    if (this.#refusal === null) this.refuse(closedError())
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    try {
      await this.#session.database.close()
    } finally {
      this.#lock?.release()
    }
  }

  async #acquire(cancellation?: Cancellation): Promise<PgliteConnection> {
    if (this.#refusal !== null) throw this.#refusal
    const loan = new PgliteConnection(this.#session)
    await this.#lane.take(loan, cancellation)
    return loan
  }

  /** Runs raw SQL on a loan: it may change the session, which must not affect other statements. */
  async #runOnLoan(statement: Statement): Promise<QueryResult> {
    if (endsTransaction(statement.sql)) throw new UsageError(NO_TRANSACTION)
    const connection = await this.#acquire(statement.cancellation)
    try {
      const result = await connection.run(statement)
      if (await connection.endLeftOpen()) throw new TransactionError(LEFT_OPEN)
      return result
    } finally {
      this.release(connection)
    }
  }
}

/** A loan of the session, which is reset before the next borrower gets it. */
class PgliteConnection implements Connection {
  readonly runMany = undefined
  released = false
  readonly lost = undefined
  /** How many statements are running. */
  #running = 0
  /** The borrower ran raw SQL, which may have changed settings, taken locks or made temporary tables. */
  #ranRawSql = false
  #rawTaken = false
  /** corm began the transaction and has to end it. */
  #begun = false
  #onIdle: (() => void) | null = null

  constructor(readonly session: PgliteSession) {}

  /** Raw SQL ended the transaction, and may have begun another one. */
  #hasEnded = false

  get inTransaction(): boolean {
    return this.session.inTransaction && !this.#hasEnded
  }

  get raw(): Pglite {
    this.#ranRawSql = true
    this.#rawTaken = true
    return this.session.database
  }

  run(statement: Statement): Promise<QueryResult> {
    if (this.released) return Promise.reject(released())
    if (statement.hasRawSql) {
      if (this.#begun && endsTransaction(statement.sql)) return Promise.reject(new UsageError(NO_TRANSACTION))
      this.#ranRawSql ||= !leavesNoTrace(statement.sql)
      return this.#counted(this.#runOwn(statement))
    }
    return this.#counted(this.session.run(statement))
  }

  async #runOwn(statement: Statement): Promise<QueryResult> {
    const result = await this.session.run(statement)
    if (this.#begun && hasEnded(result.command, statement.sql)) this.#hasEnded = true
    return result
  }

  async endLeftOpen(): Promise<boolean> {
    // the status of statements that the user sent directly is not known: an empty statement returns it
    if (this.#rawTaken) await this.session.command('')
    if (!this.session.inTransaction) return false
    await this.session.command('rollback')
    return true
  }

  async begin(options: BeginOptions): Promise<void> {
    await this.#counted(this.session.command(beginSql(options)))
    this.#begun = true
  }

  async commit(): Promise<void> {
    this.#begun = false
    const command = await this.#counted(this.session.command('commit'))
    // if a statement failed, COMMIT rolls back without an error
    if (command !== 'COMMIT')
      throw new TransactionError(
        'PGlite rolled the transaction back at COMMIT, because a statement in it had failed. Put a statement that may fail into a nested transaction.',
      )
  }

  async rollback(): Promise<void> {
    this.#begun = false
    if (this.session.inTransaction) await this.#counted(this.session.command('rollback'))
  }

  /** Whether the next borrower can use it without a reset. */
  get clean(): boolean {
    return !this.#ranRawSql && this.#running === 0 && !this.session.inTransaction
  }

  async tidy(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    if (this.#rawTaken) await this.session.command('')
    if (this.#ranRawSql) await this.session.reset()
    else if (this.session.inTransaction) await this.session.command('rollback')
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    this.#running++
    try {
      return await work
    } finally {
      if (--this.#running === 0) this.#onIdle?.()
    }
  }
}

function closedError(): ConnectionError {
  return new ConnectionError('The database is closed. Close it after all work, or connect again.')
}
