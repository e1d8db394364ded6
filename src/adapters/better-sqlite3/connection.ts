import { DECLARED_TYPES, misfitsOf, refuseMisfits } from '../../dialect/sqlite/declared.js'
import {
  type BeginOptions,
  type Connection,
  type DeclaredTable,
  type QueryResult,
  type Row,
  resultOf,
  type Statement,
} from '../../driver/driver.js'
import { TransactionError } from '../../errors.js'
import type { BoundedMap } from '../../util/bounded-map.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { isBusy, whenFree } from './busy.js'
import { type SessionSettings, type SqliteDatabase, type SqliteStatement, setPragma } from './client.js'

const NO_ROWS: QueryResult = resultOf([], 0)

/** What is not in this list can't be said. */
const BEGIN = { deferred: 'begin deferred', immediate: 'begin immediate', exclusive: 'begin exclusive' } as const

/** SQLite's grammar lets nothing that begins so change a session. */
const ONLY_ROWS = /^\s*(?:select|values|insert|update|delete|replace)\b/i

/** Whether SQL of the user's own may leave a setting or a transaction behind. */
export const mayChangeSession = ({ names, sql }: Statement): boolean =>
  typeof names === 'boolean' && !ONLY_ROWS.test(sql)

/** What all loans of the one connection share. */
export interface SqliteShared {
  readonly database: SqliteDatabase
  readonly statements: BoundedMap<string, SqliteStatement>
  readonly settings: SessionSettings
  /** Milliseconds to wait for a lock. */
  readonly lockTimeout: number
  /** Of each table the columns that don't fit the fields of its model. */
  readonly misfits: WeakMap<DeclaredTable, ReturnType<typeof misfitsOf>>
  /** The table that was used last, where there are none. */
  lastTable: DeclaredTable | null
}

export class SqliteConnection implements Connection {
  readonly #shared: SqliteShared
  readonly #database: SqliteDatabase
  /** The borrower had the driver's own object. */
  #lent = false
  /** The borrower ran SQL that may have changed settings. */
  #changed = false
  #readOnly = false
  readonly lost = undefined

  constructor(shared: SqliteShared) {
    this.#shared = shared
    this.#database = shared.database
  }

  get raw(): SqliteDatabase {
    this.#lent = true
    // the user's own statements wait as SQLite waits
    setPragma(this.#database, `busy_timeout = ${Math.ceil(this.#shared.lockTimeout)}`)
    return this.#database
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  run(statement: Statement): MaybePromise<QueryResult> {
    if (mayChangeSession(statement)) this.#changed = true
    try {
      return this.send(statement)
    } catch (error) {
      if (!isBusy(error)) throw error
      return whenFree(() => this.send(statement), error, this.#shared.lockTimeout, statement.cancellation)
    }
  }

  /** Runs it at once, or throws. */
  send(statement: Statement): QueryResult {
    this.#check(statement)
    if (statement.names === true) return this.#named(statement)
    const prepared = statement.prepare ? this.#cached(statement.sql) : this.#prepare(statement.sql)
    if (!prepared.reader) {
      const { changes, lastInsertRowid } = prepared.run(...statement.parameters)
      return resultOf([], changes, lastInsertRowid)
    }
    if (statement.single === true) {
      const row = prepared.get(...statement.parameters)
      return row === undefined ? NO_ROWS : resultOf([row], 1)
    }
    const rows = prepared.all(...statement.parameters)
    return resultOf(rows, rows.length)
  }

  /** SQL of the user's own: no column is read as text, so integers come as bigints where a number would lose digits. */
  #named({ sql, parameters, prepare }: Statement): QueryResult {
    const prepared = prepare ? this.#cached(sql, `${sql}\0exact`) : this.#prepare(sql)
    if (!prepared.reader) return { ...resultOf([], prepared.run(...parameters).changes), columns: [] }
    const rows = prepared.safeIntegers(true).all(...parameters)
    for (const row of rows) for (let i = 0; i < row.length; i++) row[i] = exactNumber(row[i])
    return { ...resultOf(rows, rows.length), columns: prepared.columns().map((column) => column.name) }
  }

  runMany(statement: Statement, count: number, parametersOf: (i: number) => readonly unknown[]): QueryResult {
    this.#check(statement)
    const prepared = this.#cached(statement.sql)
    if (prepared.reader) {
      const rows: Row[] = []
      for (let i = 0; i < count; i++) for (const row of prepared.all(...parametersOf(i))) rows.push(row)
      return resultOf(rows, rows.length)
    }
    const insertIds = new Array<number | bigint>(count)
    let affected = 0
    for (let i = 0; i < count; i++) {
      const { changes, lastInsertRowid } = prepared.run(...parametersOf(i))
      affected += changes
      insertIds[i] = lastInsertRowid
    }
    return { ...resultOf([], affected), insertIds }
  }

  begin(options: BeginOptions): MaybePromise<void> {
    if (options.isolation !== undefined && options.isolation !== 'serializable')
      throw new TransactionError(
        `SQLite's transactions are always serializable; "${options.isolation}" is not available.`,
      )
    const mode = options.mode ?? (options.readOnly === true ? 'deferred' : 'immediate')
    if (!Object.hasOwn(BEGIN, mode))
      throw new TransactionError(`"mode" must be one of: ${Object.keys(BEGIN).join(', ')}.`)
    const begin = () => {
      this.#database.exec(BEGIN[mode])
      if (options.readOnly !== true) return
      this.#readOnly = true
      setPragma(this.#database, 'query_only = on')
    }
    return this.#patiently(begin)
  }

  commit(): MaybePromise<void> {
    if (!this.#database.inTransaction)
      throw new TransactionError('SQLite had ended the transaction before it was committed.')
    return this.#patiently(() => {
      this.#database.exec('commit')
      this.#writable()
    })
  }

  rollback(): void {
    // who closed the database has rolled back
    if (!this.#database.open) return
    if (this.#database.inTransaction) this.#database.exec('rollback')
    this.#writable()
  }

  endLeftOpen(): boolean {
    if (!this.#database.open || !this.#database.inTransaction) return false
    this.#database.exec('rollback')
    return true
  }

  /** Makes the session what the next one needs. */
  tidy(): void {
    if (!this.#database.open) return
    this.endLeftOpen()
    if (this.#lent) this.#shared.settings.restoreAll()
    else if (this.#changed) this.#shared.settings.restore()
  }

  #patiently(work: () => void): MaybePromise<void> {
    try {
      work()
    } catch (error) {
      if (!isBusy(error)) throw error
      return whenFree(work, error, this.#shared.lockTimeout)
    }
  }

  #writable(): void {
    if (!this.#readOnly) return
    this.#readOnly = false
    setPragma(this.#database, 'query_only = off')
  }

  /** When a table is used for the first time its columns are compared with the model's fields. */
  #check({ explain, sql }: Statement): void {
    // a statement of no model has none of its own
    const table = typeof (explain as unknown) === 'function' ? explain?.table : undefined
    const shared = this.#shared
    if (table === undefined || table === shared.lastTable) return
    let misfits = shared.misfits.get(table)
    if (misfits === undefined) {
      const columns = this.#database.prepare(DECLARED_TYPES).raw(true).all(table.name)
      misfits = misfitsOf(table, columns)
      // a table that is not there yet is looked at when it is
      if (columns.length > 0) shared.misfits.set(table, misfits)
    }
    if (misfits.size > 0) refuseMisfits(sql, misfits)
    else if (shared.misfits.has(table)) shared.lastTable = table
  }

  #cached(sql: string, key = sql): SqliteStatement {
    const { statements } = this.#shared
    let prepared = statements.get(key)
    if (prepared === undefined) {
      prepared = this.#prepare(sql)
      statements.set(key, prepared)
    }
    return prepared
  }

  #prepare(sql: string): SqliteStatement {
    const prepared = this.#database.prepare(sql)
    return prepared.reader ? prepared.raw(true) : prepared
  }
}

function exactNumber(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
