import { createPostgresDialect } from '../dialect/postgres/index.js'
import { textParser } from '../dialect/postgres/parsers.js'
import {
  beginSql,
  changesSession,
  endsTransaction,
  RESET_SESSION,
  sessionSql,
  verifySession,
} from '../dialect/postgres/session.js'
import type { BeginOptions, Connection, Driver, QueryResult, Row, Statement } from '../driver/driver.js'
import { Lane } from '../driver/lane.js'
import { ConfigurationError, ConnectionError, TransactionError, UsageError } from '../errors.js'
import { toHex } from '../util/bytes.js'
import { type AdapterOptions, type Connected, importDriver } from './adapter.js'

/** The part of PGlite (0.5) that is used here. */
interface PgliteResult {
  readonly rows: Row[]
  readonly fields: readonly { readonly name: string }[]
  readonly affectedRows?: number
  readonly rowCount?: number
  readonly command?: string
}
interface Pglite {
  parsers: Record<number, (text: string) => unknown>
  serializers: Record<number, (value: unknown) => string>
  query(sql: string, parameters: readonly unknown[], options: object): Promise<PgliteResult>
  exec(sql: string): Promise<PgliteResult[]>
  close(): Promise<void>
}
interface PgliteModule {
  readonly PGlite: { create(options: object): Promise<Pglite> }
}

/** `pglite::memory:`, `pglite://relative/folder`, `pglite:///absolute/folder`. */
export async function connectPglite(options: AdapterOptions): Promise<Connected> {
  const folder = folderOf(String(options.url))
  const { PGlite } = (await importDriver('@electric-sql/pglite')) as unknown as PgliteModule
  let database: Pglite
  try {
    database = await PGlite.create({ ...options.driver, dataDir: folder ?? 'memory://' })
  } catch (cause) {
    throw new ConnectionError(
      `PGlite can't open ${folder === null ? 'a database in memory' : `the folder "${folder}"`}: ${(cause as Error).message}.`,
      { cause },
    )
  }
  for (const oid of Object.keys(database.parsers)) database.parsers[Number(oid)] = textParser(Number(oid))
  for (const oid of Object.keys(database.serializers)) database.serializers[Number(oid)] = toText
  const driver = new PgliteDriver(database, options)
  await driver.setUp()
  return { driver, dialect: createPostgresDialect({ pipelining: false }) }
}

function folderOf(url: string): string | null {
  const rest = url.slice('pglite:'.length)
  if (rest === ':memory:' || rest === '//:memory:' || rest === '') return null
  if (!rest.startsWith('//') || rest.length === 2 || rest.includes('?'))
    throw new ConfigurationError(
      `"${url}" is not a PGlite URL. Write pglite::memory:, pglite://relative/folder or pglite:///absolute/folder.`,
    )
  return decodeURIComponent(rest.slice(2))
}

/** Values are encoded already: bytes are the only ones that are no text or print themselves. */
const toText = (value: unknown) => (value instanceof Uint8Array ? `\\x${toHex(value)}` : String(value))

/** One connection in this process; statements outside a transaction run while no transaction holds it. */
class PgliteDriver implements Driver {
  readonly #own: PgliteConnection
  readonly #lane: Lane
  #closed: Promise<void> | null = null

  constructor(
    readonly database: Pglite,
    readonly options: AdapterOptions,
  ) {
    this.#own = new PgliteConnection(database)
    this.#lane = new Lane(options.acquireTimeout)
  }

  async setUp(): Promise<void> {
    const { rows } = await this.database.query(sessionSql(this.options), [], { rowMode: 'array' })
    verifySession(rows[0] ?? [])
  }

  run(statement: Statement): Promise<QueryResult> {
    if (this.#closed !== null) return Promise.reject(closedError())
    const own = statement.names === true || !statement.prepare
    if (own && endsTransaction(statement.sql)) return Promise.reject(new UsageError(NO_TRANSACTION))
    if (own && changesSession(statement.sql)) return this.#runOnLoan(statement)
    return this.#lane.free ? this.#own.run(statement) : this.#lane.pass(() => this.#own.run(statement))
  }

  acquire(): Promise<Connection> {
    if (this.#closed !== null) return Promise.reject(closedError())
    const loan = new PgliteConnection(this.database)
    return this.#lane.take(loan).then(() => loan)
  }

  release(connection: Connection): void {
    const loan = connection as PgliteConnection
    if (loan.released) return
    loan.released = true
    const leave = () => this.#lane.leave(loan)
    if (loan.needsCleaning) this.#clean(loan).then(leave, leave)
    else leave()
  }

  close(): Promise<void> {
    if (this.#closed === null) {
      this.#lane.close(closedError())
      this.#closed = this.database.close()
    }
    return this.#closed
  }

  async #runOnLoan(statement: Statement): Promise<QueryResult> {
    const connection = await this.acquire()
    try {
      return await connection.run(statement)
    } finally {
      this.release(connection)
    }
  }

  async #clean(loan: PgliteConnection): Promise<void> {
    await this.database.exec('rollback')
    if (!loan.ownSql) return
    for (const sql of RESET_SESSION) await this.database.exec(sql)
    await this.setUp()
  }
}

class PgliteConnection implements Connection {
  /** The borrower ran SQL of its own, which may have changed the session. */
  ownSql = false
  released = false
  #inTransaction = false

  constructor(readonly database: Pglite) {}

  get inTransaction(): boolean | undefined {
    return this.ownSql ? undefined : this.#inTransaction
  }

  get raw(): Pglite {
    this.ownSql = true
    return this.database
  }

  get needsCleaning(): boolean {
    return this.#inTransaction || this.ownSql
  }

  async run(statement: Statement): Promise<QueryResult> {
    if (this.released) throw new ConnectionError('The connection was given back; nothing more runs on it.')
    if (statement.names === true || !statement.prepare) this.ownSql = true
    const result = await this.database.query(statement.sql, statement.parameters, ROWS)
    const affected = result.rowCount ?? result.affectedRows ?? 0
    if (statement.names !== true) return { rows: result.rows, affected }
    return { rows: result.rows, affected, columns: result.fields.map((field) => field.name) }
  }

  async begin(options: BeginOptions): Promise<void> {
    await this.database.exec(beginSql(options))
    this.#inTransaction = true
  }

  async commit(): Promise<void> {
    const [result] = await this.database.exec('commit')
    this.#inTransaction = false
    // a transaction in which a statement failed is rolled back by COMMIT, without an error
    if (result?.command !== 'COMMIT')
      throw new TransactionError('PGlite rolled the transaction back at COMMIT, because a statement in it had failed.')
  }

  async rollback(): Promise<void> {
    await this.database.exec('rollback')
    this.#inTransaction = false
  }
}

const NO_TRANSACTION =
  'A transaction is not begun or ended by SQL of your own. Use transaction(), or connection() for one connection.'

const ROWS = { rowMode: 'array' }

function closedError(): ConnectionError {
  return new ConnectionError('The database is closed.')
}
