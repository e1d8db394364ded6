import { DECLARED_TYPES, misfitsOf, refuseMisfits } from '../../dialect/sqlite/declared.js'
import {
  type BeginOptions,
  type Connection,
  type DeclaredTable,
  type DriverRow,
  type QueryResult,
  resultOf,
  type Statement,
} from '../../driver/driver.js'
import { TransactionError } from '../../errors.js'
import type { BoundedMap } from '../../util/bounded-map.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { isBusy, whenFree } from './busy.js'
import { type SessionSettings, type SqliteDatabase, type SqliteStatement, setPragma } from './client.js'

const NO_ROWS: QueryResult = resultOf([], 0)

/** Only these texts can be sent, whatever the options hold. */
const BEGIN = { deferred: 'begin deferred', immediate: 'begin immediate', exclusive: 'begin exclusive' } as const

/** In SQLite's grammar no statement that begins with these words can change the session. */
const ONLY_ROWS = /^\s*(?:select|values|insert|update|delete|replace)\b/i

/** Whether raw SQL may change a setting or leave a transaction open. */
export const mayChangeSession = ({ hasRawSql, sql }: Statement): boolean => hasRawSql && !ONLY_ROWS.test(sql)

type Misfits = ReturnType<typeof misfitsOf>

/** The state that all loans of the connection share. */
export interface SqliteShared {
  readonly database: SqliteDatabase
  readonly statements: BoundedMap<string, SqliteStatement>
  readonly settings: SessionSettings
  /** How long to wait for a lock, in milliseconds. */
  readonly lockTimeout: number
  /** For each table, the columns that don't fit the fields of its model. */
  readonly misfits: WeakMap<DeclaredTable, Misfits>
  /** What statements name whose columns all fit. */
  readonly fitting: WeakSet<NonNullable<Statement['uses']>>
  /** The last of them. */
  lastUses: Statement['uses']
}

export class SqliteConnection implements Connection {
  readonly #shared: SqliteShared
  readonly #database: SqliteDatabase
  /** The borrower used the driver's own object. */
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
    // statements that the user runs on the driver use SQLite's own waiting
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

  /** Runs the statement at once, or throws. */
  send(statement: Statement): QueryResult {
    this.#check(statement)
    if (statement.namesColumns) return this.#named(statement)
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

  /** Runs raw SQL. No field says how to read a column, so integers come as bigints if a number would lose digits. */
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
      const rows: DriverRow[] = []
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
        `SQLite's transactions are always serializable; "${options.isolation}" is not available. Leave the option "isolation" out.`,
      )
    const mode = options.mode ?? (options.readOnly === true ? 'deferred' : 'immediate')
    if (!Object.hasOwn(BEGIN, mode))
      throw new TransactionError(`"mode" must be one of: ${Object.keys(BEGIN).join(', ')}.`)
    const begin = () => {
      this.#cached(BEGIN[mode]).run()
      if (options.readOnly !== true) return
      this.#readOnly = true
      setPragma(this.#database, 'query_only = on')
    }
    return this.#patiently(begin, options.lockWait)
  }

  commit(): MaybePromise<void> {
    if (!this.#database.inTransaction)
      throw new TransactionError(
        'SQLite had ended the transaction before it was committed, as it does after errors such as a full disk. Let such an error leave the callback.',
      )
    return this.#patiently(() => {
      this.#cached('commit').run()
      this.#writable()
    })
  }

  rollback(): void {
    // closing the database has rolled back
    if (!this.#database.open) return
    if (this.#database.inTransaction) this.#database.exec('rollback')
    this.#writable()
  }

  endLeftOpen(): boolean {
    if (!this.#database.open || !this.#database.inTransaction) return false
    this.#database.exec('rollback')
    return true
  }

  /** Restores the session for the next borrower. */
  tidy(): void {
    if (!this.#database.open) return
    this.endLeftOpen()
    if (this.#lent) this.#shared.settings.restoreAll()
    else if (this.#changed) this.#shared.settings.restore()
  }

  #patiently(work: () => void, limit = this.#shared.lockTimeout): MaybePromise<void> {
    try {
      work()
    } catch (error) {
      if (!isBusy(error)) throw error
      return whenFree(work, error, limit)
    }
  }

  #writable(): void {
    if (!this.#readOnly) return
    this.#readOnly = false
    setPragma(this.#database, 'query_only = off')
  }

  /** Compares the columns that a statement names with the fields of their models, when it is first run. */
  #check({ uses }: Statement): void {
    const shared = this.#shared
    if (uses === undefined || uses === shared.lastUses) return
    if (!shared.fitting.has(uses)) {
      let known = true
      for (const { model, columns } of uses) {
        const misfits = this.#misfitsOf(model)
        if (misfits === null) known = false
        else if (misfits.size > 0) refuseMisfits(columns, misfits)
      }
      if (!known) return
      shared.fitting.add(uses)
    }
    shared.lastUses = uses
  }

  /** Null for a table that does not exist yet: it is compared later. */
  #misfitsOf(model: DeclaredTable): Misfits | null {
    const { misfits } = this.#shared
    const known = misfits.get(model)
    if (known !== undefined) return known
    const columns = this.#database.prepare(DECLARED_TYPES).raw(true).all(model.table)
    if (columns.length === 0) return null
    const found = misfitsOf(model, columns)
    misfits.set(model, found)
    return found
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
