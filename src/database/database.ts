// declarations that name AsyncDisposable bring it with them
/// <reference lib="esnext.disposable" preserve="true" />
import type { Dialect } from '../dialect/dialect.js'
import { CLOSE_LIMIT, type Connection, type Driver, type QueryResult } from '../driver/driver.js'
import { ConnectionError, type DatabaseError, TransactionError, UsageError } from '../errors.js'
import type { BatchConnection, Executor } from '../execution/executor.js'
import { type NamedStatement, question } from '../execution/statement.js'
import { metadataOf } from '../metadata/metadata.js'
import { withPivots } from '../schema/pivots.js'
import type { Sql } from '../types/expression.js'
import type { MigrateOptions, MigrationRun } from '../types/migration.js'
import { limitArguments, limitLater, requireFunction, requireList } from '../util/arguments.js'
import { COPY, thisCopy } from '../util/copies.js'
import { type MaybePromise, promised } from '../util/maybe-promise.js'
import { own } from '../util/own.js'
import { rememberCall } from '../util/user-line.js'
import { broken, inBatch } from './batch.js'
import { acquireTimeoutOf, connectDriver, type DatabaseConfig, isSameDatabase, notConnected } from './connect.js'
import { type CommitHook, runHooks } from './hooks.js'
import { withRaw } from './lent.js'
import { Loans } from './loans.js'
import { Observer, type QueryListener, requireEvent } from './observe.js'
import { closeOptions, connectOptions, tableOptions, transactionOptions } from './options.js'
import { rawExecute, rawSelect } from './raw.js'
import { attemptsOf, withRetries } from './retries.js'
import { Sandbox } from './sandbox.js'
import { refuseInside, runMigrations, Session } from './session.js'
import { configure, type Settings } from './settings.js'
import { checkModels, createSql, createTables, dropTables, syncTables } from './tables.js'
import { currentTransaction, type Host, Transaction, type TransactionOptions } from './transaction.js'
import { explainSelfWait, holderAround } from './waiting.js'

const databases = new Map<string, Database>()
/** Connections being made, by name: two first queries share one. */
const connecting = new Map<string, Promise<Database>>()
/** Databases that are closed, or whose name was given to another one, while functions of their transactions run. */
const leaving = new Set<Database>()

/** A connected database. Outside a transaction, each statement runs on any free connection of the pool. */
export class Database implements Executor, AsyncDisposable {
  readonly #observer: Observer
  #driver: Driver
  /** @internal */
  readonly undo = null
  /** @internal */
  readonly openTransaction = null
  readonly #config: DatabaseConfig
  readonly #host: Host
  readonly #loans = new Loans()
  #open = true
  #closing: Promise<void> | null = null
  #isClosed = false

  private constructor(
    readonly name: string,
    driver: Driver,
    readonly dialect: Dialect,
    config: DatabaseConfig,
  ) {
    this.#driver = driver
    this.#config = config
    this.#observer = new Observer(name, dialect)
    const acquireTimeout = acquireTimeoutOf(config)
    this.#host = { database: this, observer: this.#observer, acquireTimeout, running: new Set() }
  }

  /**
   * Connects to a database and registers it under `name`, or as the default database. corm imports the driver package of the
   * URL's scheme at this point. If the name is connected already, the call returns that database if URL and options are the
   * same. Otherwise it closes the earlier one. Throws ConnectionError, MissingDriverError or ConfigurationError.
   */
  static async connect(config: string | DatabaseConfig): Promise<Database> {
    const given = connectOptions(typeof config === 'string' ? { url: config } : (config ?? null)) as DatabaseConfig
    const name = given.name ?? 'default'
    const before = connecting.get(name)
    const connection = (before ?? Promise.resolve()).then(
      () => Database.#connect(name, given),
      () => Database.#connect(name, given),
    )
    connecting.set(name, connection)
    return connection.finally(() => {
      if (connecting.get(name) === connection) connecting.delete(name)
    })
  }

  static async #connect(name: string, config: DatabaseConfig): Promise<Database> {
    const before = databases.get(name)
    if (before?.isConnected === true && (before.isSandboxed || isSameDatabase(before.#config, config))) return before
    const { driver, dialect } = await connectDriver(config)
    const database = new Database(name, driver, dialect, config)
    const earlier = databases.get(name)
    databases.set(name, database)
    if (earlier !== undefined) {
      const closing = (earlier.#closing ??= earlier.#close(CLOSE_LIMIT))
      // a transaction of the earlier one would wait for itself
      if (holderAround(earlier) === undefined) await closing
    }
    return database
  }

  /** A database of this driver, without a name to get it by. @internal */
  static over(driver: Driver, dialect: Dialect): Database {
    return new Database('', driver, dialect, { url: '' })
  }

  /** Returns the connected database with this name. Throws ConfigurationError if there is none. Default name: `default`. */
  static get(name = 'default'): Database {
    if (typeof name !== 'string') throw new UsageError('Database.get() takes the name of a database.')
    const database = databases.get(name)
    if (database !== undefined) return database
    throw notConnected(name)
  }

  /** Changes settings of the whole process: `maxRows`, `lazyLoading`, `cursorSecret`, `detectNPlusOne`, `warnings`. */
  static configure(options: Partial<Settings>): void {
    configure(options)
  }

  /** The database that a model names; connects to a URL or to DATABASE_URL when it is needed first. @internal */
  static resolve(option: string | undefined): MaybePromise<Database> {
    const name = option ?? 'default'
    for (const earlier of leaving) if (earlier.name === name && holderAround(earlier)) return earlier
    const database = databases.get(name)
    if (database !== undefined) return database
    const url = option?.includes(':') === true ? option : own(process.env)[option ?? 'DATABASE_URL']
    if (url === undefined || url === '') return Database.get(name)
    return connecting.get(name) ?? Database.connect({ name, url })
  }

  /** @internal */
  get [COPY](): string {
    return thisCopy
  }

  /** The SQL of the last statement that corm sent, or null. */
  get lastSQL(): string | null {
    return this.#observer.lastSQL
  }

  /** Whether the database is open: false once you call `close()`. */
  get isConnected(): boolean {
    return this.#open
  }

  /** Puts all work into one transaction, which ends in a rollback. Meanwhile connect() returns it, and close() does nothing. @internal */
  async enterSandbox(): Promise<Sandbox> {
    const sandbox = await Sandbox.open(this.#driver, this.dialect, this.#host.acquireTimeout)
    this.#driver = sandbox
    return sandbox
  }

  /** @internal */
  async leaveSandbox(sandbox: Sandbox): Promise<void> {
    if (this.#driver === sandbox) this.#driver = sandbox.driver
    await sandbox.end()
  }

  /** @internal */
  get isSandboxed(): boolean {
    return this.#driver instanceof Sandbox
  }

  /** @internal */
  get database(): this {
    return this
  }

  /** @internal */
  get current(): Executor {
    return currentTransaction(this) ?? this
  }

  /** @internal */
  run(statement: NamedStatement): MaybePromise<QueryResult> {
    if (!this.#open) throw this.#closed()
    if (holderAround(this) === undefined) return this.#observer.run(statement, this.#driver)
    return this.#observer.run(statement, { run: () => explainSelfWait(() => this.#driver.run(statement)) })
  }

  /** @internal */
  get runTogether(): Executor['runTogether'] {
    if (this.#driver.runTogether === undefined) return undefined
    return (statements) => {
      const sent = this.#open ? this.#driver.runTogether?.(statements) : null
      return sent ? this.#observer.runTogether(statements, sent) : null
    }
  }

  /** @internal */
  atomically<R>(work: (connection: BatchConnection) => MaybePromise<R>): Promise<R> {
    const outer = currentTransaction(this)
    if (outer !== undefined) return outer.atomically(work)
    return this.#lend((connection) => inBatch(this.#observer, connection, work))
  }

  /**
   * Runs `work` in a transaction: commits when it returns, and rolls back when it throws. All queries that `work` starts join
   * the transaction automatically. Inside another transaction of this database it is a savepoint.
   */
  transaction<R>(work: (trx: Transaction) => Promise<R>, options?: TransactionOptions): Promise<R> {
    return promised(() => {
      const given = transactionOptions(options)
      requireFunction(work, 'transaction()')
      const outer = currentTransaction(this)
      return outer === undefined ? this.#outermost(work, given) : outer.transaction(work)
    })
  }

  /** Runs raw SQL, written with the `sql` tag, and returns the number of affected rows. */
  async execute(statement: Sql): Promise<number> {
    return rawExecute(this.current, statement)
  }

  /** Runs a raw SQL query, written with the `sql` tag. Returns plain objects with the values as the driver returns them. */
  async select<T = Record<string, unknown>>(statement: Sql): Promise<T[]> {
    return rawSelect<T>(this.current, statement)
  }

  /** Creates the tables, indexes and foreign keys of these models, in the order that foreign keys require. */
  async createTables(models: readonly unknown[], options?: { ifNotExists?: boolean }): Promise<void> {
    requireList(models, 'createTables()', 'models')
    const { ifNotExists = false } = tableOptions(options)
    await createTables(this.current, models.map(metadataOf), ifNotExists)
  }

  /** Adds what tables lack of these models, and drops nothing. Throws DefinitionError for what the database can't add. */
  async syncTables(models: readonly unknown[]): Promise<void> {
    requireList(models, 'syncTables()', 'models')
    await syncTables(this.current, models.map(metadataOf))
  }

  /** Returns the statements of `createTables` as an SQL script. Each ends with a semicolon. Sends nothing. */
  toSQLCreateTables(models: readonly unknown[]): string {
    requireList(models, 'toSQLCreateTables()', 'models')
    const statements = createSql(withPivots(models.map(metadataOf)), this.dialect)
    return statements.map((statement) => `${statement};\n`).join('\n')
  }

  /** Drops the tables of these models if they exist. */
  async dropTables(models: readonly unknown[]): Promise<void> {
    requireList(models, 'dropTables()', 'models')
    await dropTables(this.current, models.map(metadataOf))
  }

  /** Checks every field and relation of these models. Throws DefinitionError for the first mistake. */
  validate(models: readonly unknown[]): void {
    requireList(models, 'validate()', 'models')
    checkModels(models.map(metadataOf))
  }

  /**
   * Runs the migrations that the database lacks, and returns what was done. Several processes can call it at the same time: one
   * of them does the work, and the others wait for it. Throws MigrationConflictError, MigrationLockedError,
   * MigrationInterruptedError, or MigrationError with the error of the step that failed.
   */
  async migrate(options: MigrateOptions): Promise<MigrationRun> {
    return runMigrations(this, options)
  }

  /** A connection for a long piece of work. @internal */
  async hold<R>(work: (session: Session) => Promise<R>): Promise<R> {
    refuseInside(currentTransaction(this))
    const hooks: CommitHook[] = []
    return this.#lend((connection) => work(new Session(this.#host, connection, hooks))).finally(() => runHooks(hooks))
  }

  /**
   * Calls `work` with a connection object of the driver. Nothing else uses this connection until `work` has finished. Then corm
   * resets the session. If `work` leaves a transaction open, corm rolls it back and throws TransactionError.
   */
  connection<R>(work: (raw: unknown) => Promise<R> | R): Promise<R> {
    const call = rememberCall()
    return this.#lend((connection) => withRaw(connection, work, call))
  }

  /** Calls `listener` after every statement. Returns a function that removes the listener. */
  on(event: 'query', listener: QueryListener): () => void {
    requireEvent(event)
    requireFunction(listener, "on('query')")
    this.#observer.listeners.add(listener)
    return () => this.#observer.listeners.delete(listener)
  }

  /** Sends `select 1` to check that the server responds, and throws if it does not. */
  async ping(): Promise<void> {
    await this.current.run(question('select 1'))
  }

  /**
   * Closes all connections. corm refuses new calls and calls that still wait for a connection. Running transactions and
   * statements have `timeout` milliseconds to finish (default 5,000). Then corm stops them. Throws TransactionError inside a
   * transaction of this database.
   */
  async close(options?: { readonly timeout?: number }): Promise<void> {
    const { timeout = CLOSE_LIMIT } = closeOptions(options)
    if (this.isSandboxed) return
    if (this.#closing === null && currentTransaction(this)?.hasEnded === false)
      throw new TransactionError(
        `close() was called inside a transaction of the database "${this.name}", for whose end it would wait. Call it after the transaction.`,
      )
    this.#closing ??= this.#close(timeout)
    return this.#closing
  }

  async #close(timeout: number): Promise<void> {
    const deadline = performance.now() + timeout
    this.#open = false
    if (this.#loans.any) leaving.add(this)
    this.#driver.refuse(this.#closed())
    await this.#loans.returned(timeout)
    const cut = new ConnectionError(
      `The database "${this.name}" was closed while the transaction ran: close() gave it ${timeout} ms. Nothing of it is stored.`,
    )
    for (const transaction of this.#host.running) transaction.cut(cut)
    this.#isClosed = true
    if (databases.get(this.name) === this) databases.delete(this.name)
    await this.#driver.close(Math.max(0, deadline - performance.now()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  toJSON(): object {
    return { name: this.name, dialect: this.dialect.name }
  }

  #outermost<R>(work: (trx: Transaction) => Promise<R>, options: TransactionOptions): Promise<R> {
    const { retries = 0 } = options
    const attempts = attemptsOf(retries)
    const attempt = () => {
      const hooks: CommitHook[] = []
      attempts?.next()
      return this.#lend(
        (connection) => Transaction.outermost(this.#host, work, options, { connection, hooks, attempts }),
        hooks,
      )
    }
    return retries === 0 ? attempt() : withRetries(retries, attempt)
  }

  /** `later`: takes what runs once the connection is given back. */
  async #lend<R>(work: (connection: Connection) => Promise<R>, later?: readonly CommitHook[]): Promise<R> {
    if (!this.#open) throw this.#closed()
    // it may be another one by the end
    const driver = this.#driver
    const acquired = this.#acquire(driver)
    const connection = acquired instanceof Promise ? await acquired : acquired
    this.#loans.begin()
    let lost = false
    let result: R
    try {
      result = await work(connection)
    } catch (error) {
      lost = error instanceof ConnectionError
      throw error
    } finally {
      driver.release(connection, lost || broken.has(connection))
      this.#loans.end()
      if (!this.#loans.any) leaving.delete(this)
    }
    if (later !== undefined && later.length > 0) await runHooks(later)
    return result
  }

  #acquire(driver: Driver): MaybePromise<Connection> {
    const failed = (error: unknown): never => {
      throw this.#observer.map(error)
    }
    try {
      const isHeld = holderAround(this) !== undefined
      const acquired = isHeld ? explainSelfWait(() => driver.acquire()) : driver.acquire()
      return acquired instanceof Promise ? acquired.catch(failed) : acquired
    } catch (error) {
      return failed(error)
    }
  }

  #closed(): DatabaseError {
    const state = this.#isClosed
      ? 'closed. Close it after all work, or connect again'
      : 'closing, and takes no new work'
    return new ConnectionError(`The database "${this.name}" is ${state}.`)
  }
}

limitArguments(Database.prototype, { validate: 1, on: 2, toSQLCreateTables: 1 }, { ping: 0, close: 1 })
limitLater(Database.prototype, {
  transaction: 2,
  execute: 1,
  select: 1,
  createTables: 2,
  syncTables: 1,
  dropTables: 1,
  connection: 1,
  migrate: 1,
})
limitArguments(Database, { get: 1, configure: 1 })
limitLater(Database, { connect: 1 })
