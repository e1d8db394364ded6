import { createPostgresDialect } from '../dialect/postgres/index.js'
import { changesSession, endsTransaction, sessionSql, verifySession } from '../dialect/postgres/session.js'
import type { Connection, Driver, QueryResult, Statement } from '../driver/driver.js'
import { ConnectionError, CormError, PoolTimeoutError, UsageError } from '../errors.js'
import { type AdapterOptions, type Connected, importDriver } from './adapter.js'
import type { PgClient, PgClientClass } from './pg-client.js'
import { PgConnection } from './pg-connection.js'
import { PgLine } from './pg-line.js'
import { type PgTarget, readPgUrl } from './pg-url.js'

/** The part of pg-pool that is used here. */
interface PgPool {
  connect(
    callback: (error: Error | undefined, client: LineClient | undefined, release: (broken?: boolean) => void) => void,
  ): void
  on(event: 'error', listener: () => void): unknown
  end(): Promise<void>
}
type PgPoolClass = new (options: object) => PgPool

/** A client that carries its line. */
interface LineClient extends PgClient {
  readonly line: PgLine
}

/** Connections for statements outside transactions: more of them gained nothing. */
const SHARED = 2
const CLOSE_WAIT = 5000

/** `postgres://user:password@host:5432/database?min_size=5&max_size=20&sslmode=verify-full&application_name=shop`. */
export async function connectPostgres(options: AdapterOptions): Promise<Connected> {
  const { target, prepare, shared } = readPgUrl(options.url)
  const [pg, pool] = await Promise.all([importDriver('pg'), importDriver('pg-pool')])
  const Client = lineClient(defaultOf<{ Client: PgClientClass }>(pg).Client, target, { ...options, prepare })
  const driver = new PgDriver(Client, defaultOf<PgPoolClass>(pool), options, target, shared)
  await driver.start()
  return { driver, dialect: createPostgresDialect({ pipelining: true }) }
}

const defaultOf = <T>(module: Record<string, unknown>) => (module.default ?? module) as T

type LineClientClass = new () => LineClient

function lineClient(
  Client: PgClientClass,
  target: PgTarget,
  options: AdapterOptions & { prepare: boolean },
): LineClientClass {
  const config = {
    keepAlive: true,
    ...options.driver,
    ...target,
    connectionTimeoutMillis: options.connectTimeout,
    pipeline: true,
  }
  return class extends Client {
    readonly line: PgLine
    constructor() {
      super({ ...config })
      this.line = new PgLine(this, options)
    }
  }
}

/**
 * Two lanes under one maximum: a few shared connections, to which statements outside transactions are sent at once, and a
 * pool for loans.
 */
class PgDriver implements Driver {
  readonly #Client: LineClientClass
  readonly #pool: PgPool
  readonly #options: AdapterOptions
  readonly #place: string
  readonly #shared: number
  #lines: PgLine[] = []
  #opening: Promise<PgLine> | null = null
  readonly #loans = new Map<Connection, (broken?: boolean) => void>()
  readonly #waiting = new Set<(error: Error) => void>()
  #closed: Promise<void> | null = null

  constructor(Client: LineClientClass, Pool: PgPoolClass, options: AdapterOptions, target: PgTarget, shared = SHARED) {
    this.#Client = Client
    this.#options = options
    this.#place = `${target.host ?? 'localhost'}:${target.port ?? 5432}`
    this.#shared = Math.min(shared, options.max - 1)
    this.#pool = new Pool({
      Client,
      min: Math.max(0, options.min - this.#shared),
      max: options.max - this.#shared,
      connectionTimeoutMillis: options.acquireTimeout,
      allowExitOnIdle: true,
      onConnect: (client: LineClient) => this.#setUp(client.line),
    })
    // an idle connection that died is out of the pool already
    this.#pool.on('error', () => undefined)
  }

  /** Connects once, so that a wrong password is told where the database is set up. */
  async start(): Promise<void> {
    if (this.#shared > 0) await this.#open()
    else this.release(await this.acquire(), false)
  }

  run(statement: Statement): Promise<QueryResult> {
    if (statement.names === true || !statement.prepare) return this.#runOwn(statement)
    if (this.#shared === 0) return this.#runOnLoan(statement)
    const line = this.#leastInFlight()
    if (line === undefined) return this.#open().then((opened) => opened.run(statement))
    return line.run(statement)
  }

  acquire(): Promise<Connection> {
    if (this.#closed !== null) return Promise.reject(closedError())
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      this.#pool.connect((error, client, release) => {
        const late = !this.#waiting.delete(reject)
        if (error !== undefined || client === undefined) return reject(this.#connectError(error))
        if (late) return release(true)
        const loan = new PgConnection(client.line)
        this.#loans.set(loan, release)
        resolve(loan)
      })
    })
  }

  release(connection: Connection, broken: boolean): void {
    const release = this.#loans.get(connection)
    if (release === undefined) return
    const loan = connection as PgConnection
    this.#loans.delete(loan)
    loan.released = true
    if (broken) return release(true)
    if (!loan.needsCleaning) return release()
    loan
      .clean((line) => this.#setUp(line))
      .then(
        (clean) => release(!clean),
        () => release(true),
      )
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    for (const reject of this.#waiting) reject(closedError())
    this.#waiting.clear()
    for (const [loan, release] of this.#loans) {
      ;(loan as PgConnection).line.destroy()
      release(true)
    }
    this.#loans.clear()
    const lines = this.#lines.splice(0)
    await within(CLOSE_WAIT, [this.#pool.end(), ...lines.map(endLine)], () => {
      for (const line of lines) line.destroy()
    })
  }

  #leastInFlight(): PgLine | undefined {
    let best: PgLine | undefined
    for (const line of this.#lines) {
      if (!line.dead && (best === undefined || line.inFlight < best.inFlight)) best = line
    }
    // grows only when it is needed; the statement at hand does not wait for the new connection
    if (best !== undefined && best.inFlight > 0 && this.#lines.length < this.#shared)
      this.#open().catch(() => undefined)
    return best
  }

  #open(): Promise<PgLine> {
    if (this.#closed !== null) return Promise.reject(closedError())
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = null
    })
    return this.#opening
  }

  async #connect(): Promise<PgLine> {
    const client = new this.#Client()
    const { line } = client
    try {
      await client.connect()
      await this.#setUp(line)
    } catch (error) {
      line.destroy()
      throw this.#connectError(error)
    }
    if (this.#closed !== null) {
      await within(CLOSE_WAIT, [endLine(line)], () => line.destroy())
      throw closedError()
    }
    this.#lines = [...this.#lines.filter((other) => !other.dead), line]
    client.on('end', () => {
      this.#lines = this.#lines.filter((other) => other !== line)
    })
    return line
  }

  async #setUp(line: PgLine): Promise<void> {
    const { rows } = await line.command(sessionSql(this.#options))
    verifySession(rows[0] ?? [])
  }

  #connectError(error: unknown): Error {
    if (error instanceof CormError) return error
    const { message = '', code } = (error ?? {}) as { message?: string; code?: string }
    const facts = { cause: error }
    if (message === 'timeout exceeded when trying to connect')
      return new PoolTimeoutError(
        `No connection to PostgreSQL became free within ${this.#options.acquireTimeout} ms: all ${this.#options.max} are in use.`,
        facts,
      )
    return new ConnectionError(`PostgreSQL at ${this.#place} can't be reached: ${message || code}.`, facts)
  }

  /** SQL of the user's own: what changes the session must not reach the connections that all share. */
  #runOwn(statement: Statement): Promise<QueryResult> {
    if (endsTransaction(statement.sql))
      return Promise.reject(
        new UsageError(
          'A transaction is not begun or ended by SQL of your own. Use transaction(), or connection() for one connection.',
        ),
      )
    if (this.#shared === 0 || changesSession(statement.sql)) return this.#runOnLoan(statement)
    const line = this.#leastInFlight()
    return line === undefined ? this.#open().then((opened) => opened.run(statement)) : line.run(statement)
  }

  async #runOnLoan(statement: Statement): Promise<QueryResult> {
    const connection = await this.acquire()
    try {
      return await connection.run(statement)
    } finally {
      this.release(connection, false)
    }
  }
}

function closedError(): ConnectionError {
  return new ConnectionError('The database is closed.')
}

/** Lets what is under way finish. */
function endLine(line: PgLine): Promise<void> {
  line.dead = true
  return line.client.end()
}

/** The timer also keeps the process running: idle connections do not. */
async function within(limit: number, work: readonly Promise<unknown>[], giveUp: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      giveUp()
      resolve()
    }, limit)
  })
  await Promise.race([Promise.all(work), late])
  clearTimeout(timer)
}
