import { sqliteAggregates, sqliteFunctions, sqliteIntegerFunctions } from '../dialect/sqlite/functions.js'
import { sqliteDialect } from '../dialect/sqlite/index.js'
import type { BeginOptions, Connection, Driver, QueryResult, Row, Statement } from '../driver/driver.js'
import { Lane } from '../driver/lane.js'
import { ConfigurationError, ConnectionError, TransactionError } from '../errors.js'
import { BoundedMap } from '../util/bounded-map.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import { type AdapterOptions, type Connected, importDriver } from './adapter.js'

/** The part of better-sqlite3 (12 and 13) that is used here. */
interface SqliteStatement {
  readonly reader: boolean
  raw(on: boolean): this
  safeIntegers(on: boolean): this
  columns(): { name: string }[]
  all(...parameters: unknown[]): Row[]
  get(...parameters: unknown[]): Row | undefined
  run(...parameters: unknown[]): { changes: number; lastInsertRowid: number | bigint }
}
interface SqliteDatabase {
  readonly inTransaction: boolean
  prepare(sql: string): SqliteStatement
  exec(sql: string): void
  pragma(text: string, options?: { simple: boolean }): unknown
  function(name: string, options: object, fn: (...args: never[]) => unknown): void
  aggregate(name: string, options: object): void
  close(): void
}
type SqliteConstructor = new (file: string, options: object) => SqliteDatabase

const STATEMENTS = 500
/** What is not in this list can't be said. */
const BEGIN = { deferred: 'begin deferred', immediate: 'begin immediate', exclusive: 'begin exclusive' } as const
const NO_ROWS: QueryResult = { rows: [], affected: 0 }

/** `sqlite::memory:`, `sqlite:///relative.db`, `sqlite:////absolute.db`. */
export async function connectSqlite(options: AdapterOptions): Promise<Connected> {
  const file = fileOf(String(options.url))
  const { default: Sqlite } = (await importDriver('better-sqlite3')) as { default: SqliteConstructor }
  let database: SqliteDatabase
  try {
    database = new Sqlite(file, { ...options.driver, timeout: options.lockTimeout })
  } catch (cause) {
    throw new ConnectionError(`The SQLite file "${file}" can't be opened: ${(cause as Error).message}.`, { cause })
  }
  setUp(database, file)
  return { driver: new SqliteDriver(database, options.acquireTimeout), dialect: sqliteDialect }
}

function fileOf(url: string): string {
  const rest = url.slice('sqlite:'.length)
  if (rest === ':memory:' || rest === '//:memory:' || rest === '') return ':memory:'
  if (!rest.startsWith('///')) {
    throw new ConfigurationError(
      `"${url}" is not a SQLite URL. Write sqlite::memory:, sqlite:///relative.db or sqlite:////absolute.db.`,
    )
  }
  const path = decodeURIComponent(rest.slice(3))
  return path.startsWith('/') ? path : `./${path}`
}

function setUp(database: SqliteDatabase, file: string): void {
  if (file !== ':memory:') {
    database.pragma('journal_mode = wal')
    database.pragma('synchronous = full')
  }
  database.pragma('foreign_keys = on')
  if (database.pragma('foreign_keys', { simple: true }) !== 1)
    throw new ConfigurationError('This build of SQLite does not enforce foreign keys.')
  for (const [name, fn] of Object.entries(sqliteFunctions)) database.function(name, { deterministic: true }, fn)
  for (const [name, fn] of Object.entries(sqliteIntegerFunctions))
    database.function(name, { deterministic: true, safeIntegers: true }, fn)
  for (const [name, { start, step }] of Object.entries(sqliteAggregates))
    database.aggregate(name, { deterministic: true, start, step })
}

/** One connection; statements outside a transaction run at once while no transaction holds it. */
class SqliteDriver implements Driver {
  readonly #connection: SqliteConnection
  readonly #lane: Lane
  #closed = false

  constructor(
    readonly database: SqliteDatabase,
    wait: number,
  ) {
    this.#connection = new SqliteConnection(database)
    this.#lane = new Lane(wait)
  }

  run(statement: Statement): MaybePromise<QueryResult> {
    if (this.#lane.free) return this.#connection.run(statement)
    return this.#lane.pass(() => this.#connection.run(statement), statement.cancellation)
  }

  acquire(): MaybePromise<Connection> {
    if (this.#closed) throw new ConnectionError('The database is closed.')
    const loan = new SqliteConnection(this.database, this.#connection.statements)
    const taken = this.#lane.take(loan)
    return taken.then(() => loan)
  }

  release(connection: Connection): void {
    this.#lane.leave(connection)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#lane.close(new ConnectionError('The database was closed.'))
    this.database.close()
  }
}

class SqliteConnection implements Connection {
  constructor(
    readonly raw: SqliteDatabase,
    readonly statements = new BoundedMap<string, SqliteStatement>(STATEMENTS),
  ) {}

  get inTransaction(): boolean {
    return this.raw.inTransaction
  }

  run(statement: Statement): QueryResult {
    if (statement.names === true) return this.#named(statement)
    const prepared = statement.prepare ? this.#cached(statement.sql) : this.#prepare(statement.sql)
    if (!prepared.reader) {
      const { changes, lastInsertRowid } = prepared.run(...statement.parameters)
      return { rows: [], affected: changes, insertId: lastInsertRowid }
    }
    if (statement.single === true) {
      const row = prepared.get(...statement.parameters)
      return row === undefined ? NO_ROWS : { rows: [row], affected: 1 }
    }
    const rows = prepared.all(...statement.parameters)
    return { rows, affected: rows.length }
  }

  /** SQL of the user's own: no column is read as text, so integers come as bigints where a number would lose digits. */
  #named({ sql, parameters, prepare }: Statement): QueryResult {
    const prepared = prepare ? this.#cached(sql, `${sql}\0exact`) : this.#prepare(sql)
    if (!prepared.reader) return { rows: [], affected: prepared.run(...parameters).changes, columns: [] }
    const rows = prepared.safeIntegers(true).all(...parameters)
    for (const row of rows) for (let i = 0; i < row.length; i++) row[i] = exactNumber(row[i])
    return { rows, affected: rows.length, columns: prepared.columns().map((column) => column.name) }
  }

  runMany(sql: string, count: number, parametersOf: (i: number) => readonly unknown[]): QueryResult {
    const prepared = this.#cached(sql)
    if (prepared.reader) {
      const rows: Row[] = []
      for (let i = 0; i < count; i++) for (const row of prepared.all(...parametersOf(i))) rows.push(row)
      return { rows, affected: rows.length }
    }
    const insertIds = new Array<number | bigint>(count)
    let affected = 0
    for (let i = 0; i < count; i++) {
      const { changes, lastInsertRowid } = prepared.run(...parametersOf(i))
      affected += changes
      insertIds[i] = lastInsertRowid
    }
    return { rows: [], affected, insertIds }
  }

  begin(options: BeginOptions): void {
    if (options.isolation === undefined || options.isolation === 'serializable') {
      const mode = options.mode ?? (options.readOnly === true ? 'deferred' : 'immediate')
      this.raw.exec(BEGIN[mode])
      if (options.readOnly === true) this.raw.pragma('query_only = on')
      return
    }
    throw new TransactionError(
      `SQLite's transactions are always serializable; "${options.isolation}" is not available.`,
    )
  }

  commit(): void {
    if (!this.raw.inTransaction) throw new TransactionError('SQLite had ended the transaction before it was committed.')
    this.raw.exec('commit')
    this.#writable()
  }

  rollback(): void {
    if (this.raw.inTransaction) this.raw.exec('rollback')
    this.#writable()
  }

  #writable(): void {
    this.raw.pragma('query_only = off')
  }

  #cached(sql: string, key = sql): SqliteStatement {
    let prepared = this.statements.get(key)
    if (prepared === undefined) {
      prepared = this.#prepare(sql)
      this.statements.set(key, prepared)
    }
    return prepared
  }

  #prepare(sql: string): SqliteStatement {
    const prepared = this.raw.prepare(sql)
    return prepared.reader ? prepared.raw(true) : prepared
  }
}

function exactNumber(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
