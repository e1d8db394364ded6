import type { Dialect } from '../dialect/dialect.js'
import type { Connection, Driver, QueryResult } from '../driver/driver.js'
import { ConfigurationError, ConnectionError, type DatabaseError, DefinitionError } from '../errors.js'
import { type ModelMetadata, metadataOf } from '../metadata/metadata.js'
import { withPivots } from '../schema/pivots.js'
import { checkModel } from '../schema/tables.js'
import type { Sql } from '../types/expression.js'
import { type MaybePromise, promised } from '../util/maybe-promise.js'
import { connectDriver, type DatabaseConfig } from './connect.js'
import type { BatchConnection, Executor, NamedStatement } from './executor.js'
import { Observer, type QueryListener } from './observe.js'
import { connectOptions, tableOptions, transactionOptions } from './options.js'
import { rawExecute, rawSelect } from './raw.js'
import { withRetries } from './retries.js'
import { configure, type Settings } from './settings.js'
import { createTables, dropTables } from './tables.js'
import {
  broken,
  currentTransaction,
  type Hook,
  inBatch,
  runHooks,
  Transaction,
  type TransactionOptions,
} from './transaction.js'

const databases = new Map<string, Database>()
/** Connections being made: two first queries share one. */
const connecting = new Map<string, Promise<Database>>()

/** A connected database. Statements outside a transaction run by themselves, each on whichever connection is free. */
export class Database implements Executor, AsyncDisposable {
  readonly #observer: Observer
  readonly #driver: Driver
  /** @internal */
  readonly undo = null
  #open = true

  private constructor(
    readonly name: string,
    driver: Driver,
    readonly dialect: Dialect,
  ) {
    this.#driver = driver
    this.#observer = new Observer(name, dialect)
  }

  /**
   * Connects and registers a database: the default one, or the one with `name`. The driver package of the URL's scheme is
   * imported here. Throws ConnectionError, MissingDriverError or ConfigurationError.
   */
  static async connect(config: string | DatabaseConfig): Promise<Database> {
    const given = connectOptions(typeof config === 'string' ? { url: config } : (config ?? null)) as DatabaseConfig
    const name = given.name ?? 'default'
    const { driver, dialect } = await connectDriver(given)
    const database = new Database(name, driver, dialect)
    databases.set(name, database)
    return database
  }

  /** The connected database with this name. */
  static get(name = 'default'): Database {
    const database = databases.get(name)
    if (database !== undefined) return database
    throw new ConfigurationError(
      name === 'default'
        ? 'No database is connected. Call await Database.connect(url) first, or set DATABASE_URL.'
        : `No database named "${name}" is connected. Call await Database.connect({ name: '${name}', url }) first.`,
    )
  }

  /** Sets what holds for the whole process: `maxRows`, `lazyLoading`, `cursorSecret`, `detectNPlusOne`. */
  static configure(options: Partial<Settings>): void {
    configure(options)
  }

  /** The database that a model names; connects to a URL or to DATABASE_URL when it is needed first. @internal */
  static resolve(option: string | undefined): MaybePromise<Database> {
    const name = option ?? 'default'
    const database = databases.get(name)
    if (database !== undefined) return database
    const url = option === undefined ? process.env.DATABASE_URL : option.includes(':') ? option : process.env[option]
    if (url === undefined || url === '') return Database.get(name)
    let promise = connecting.get(name)
    if (promise === undefined) {
      promise = Database.connect({ name, url }).finally(() => connecting.delete(name))
      connecting.set(name, promise)
    }
    return promise
  }

  /** The SQL of the statement sent last, or null. */
  get lastSQL(): string | null {
    return this.#observer.lastSQL
  }

  /** Whether `close()` was not called yet. */
  get isConnected(): boolean {
    return this.#open
  }

  /** @internal */
  run(statement: NamedStatement): MaybePromise<QueryResult> {
    if (!this.#open) throw this.#closed()
    return this.#observer.run(statement, () => this.#driver.run(statement))
  }

  /** @internal */
  get together(): Executor['together'] {
    if (this.#driver.runTogether === undefined) return undefined
    return (statements) => {
      const sent = this.#open ? this.#driver.runTogether?.(statements) : null
      return sent ? this.#observer.together(statements, sent) : null
    }
  }

  /** @internal */
  atomically<R>(work: (connection: BatchConnection) => MaybePromise<R>): Promise<R> {
    const outer = currentTransaction(this)
    if (outer !== undefined) return outer.atomically(work)
    return this.#lend((connection) => inBatch(this.#observer, connection, work))
  }

  /**
   * Runs `work` in a transaction: committed when it returns, rolled back when it throws. Queries inside join it by the
   * async context. Inside another transaction of this database it is a savepoint.
   */
  transaction<R>(work: (trx: Transaction) => Promise<R>, options?: TransactionOptions): Promise<R> {
    return promised(() => {
      const given = transactionOptions(options)
      const outer = currentTransaction(this)
      return outer === undefined ? this.#outermost(work, given) : outer.transaction(work)
    })
  }

  /** Runs a statement written with the `sql` tag; the number of affected rows. */
  async execute(statement: Sql): Promise<number> {
    return rawExecute(currentTransaction(this) ?? this, statement)
  }

  /** Runs a query written with the `sql` tag; its rows as plain objects, with values as the driver gives them. */
  async select<T = Record<string, unknown>>(statement: Sql): Promise<T[]> {
    return (await rawSelect(currentTransaction(this) ?? this, statement)) as T[]
  }

  /** Creates the tables, indexes and keys of these models, each before those that point at it. */
  async createTables(models: readonly unknown[], options?: { ifNotExists?: boolean }): Promise<void> {
    const { ifNotExists = false } = tableOptions(options)
    await createTables(currentTransaction(this) ?? this, models.map(metadataOf), ifNotExists)
  }

  /** Drops the tables of these models where they exist. */
  async dropTables(models: readonly unknown[]): Promise<void> {
    await dropTables(currentTransaction(this) ?? this, models.map(metadataOf))
  }

  /** Resolves every field and relation of these models and throws DefinitionError for the first that can't be right. */
  validate(models: readonly unknown[]): void {
    const all: ModelMetadata[] = models.map(metadataOf)
    for (const meta of all) {
      if (meta.fields.length === 0) throw new DefinitionError(`"${meta.name}" has no fields.`)
      checkModel(meta)
    }
    // tables between that both sides describe
    withPivots(all)
  }

  /** Lends the driver's own connection object; nobody else uses it meanwhile. */
  connection<R>(work: (raw: unknown) => Promise<R> | R): Promise<R> {
    return this.#lend(async (connection) => work(connection.raw))
  }

  /** Calls `listener` for every statement; the result stops it. */
  on(event: 'query', listener: QueryListener): () => void {
    if (event !== 'query') throw new ConfigurationError(`A database has the event "query", not "${String(event)}".`)
    this.#observer.listeners.add(listener)
    return () => this.#observer.listeners.delete(listener)
  }

  /** Asks the server for a sign of life. */
  async ping(): Promise<void> {
    await this.run({ sql: 'select 1', parameters: [], prepare: true, rows: true })
  }

  /** Closes all connections and turns away whoever waits for one. */
  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    if (databases.get(this.name) === this) databases.delete(this.name)
    await this.#driver.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  toJSON(): object {
    return { name: this.name, dialect: this.dialect.name }
  }

  #outermost<R>(work: (trx: Transaction) => Promise<R>, options: TransactionOptions): Promise<R> {
    return withRetries(options.retries ?? 0, async () => {
      const hooks: Hook[] = []
      const result = await this.#lend((connection) =>
        Transaction.outermost(this, this.#observer, connection, work, options, hooks),
      )
      if (hooks.length > 0) await runHooks(hooks)
      return result
    })
  }

  async #lend<R>(work: (connection: Connection) => Promise<R>): Promise<R> {
    if (!this.#open) throw this.#closed()
    const connection = await this.#acquire()
    let lost = false
    try {
      return await work(connection)
    } catch (error) {
      lost = error instanceof ConnectionError || broken.has(connection)
      throw error
    } finally {
      this.#driver.release(connection, lost)
    }
  }

  async #acquire(): Promise<Connection> {
    try {
      return await this.#driver.acquire()
    } catch (error) {
      throw this.#observer.map(error)
    }
  }

  #closed(): DatabaseError {
    return new ConnectionError(`The database "${this.name}" is closed.`)
  }
}
