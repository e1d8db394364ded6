import type { Dialect } from '../dialect/dialect.js'
import type { BeginOptions, Connection, QueryResult } from '../driver/driver.js'
import { TransactionError } from '../errors.js'
import type { NamedStatement } from '../execution/statement.js'
import type { MigrateOptions, MigrationRun } from '../types/migration.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import { batchOn } from './batch.js'
import type { CommitHook } from './hooks.js'
import { type Host, Transaction } from './transaction.js'

/** One connection for a long piece of work: its statements and its transactions all run there. */
export class Session {
  readonly #host: Host
  readonly #connection: Connection
  readonly #hooks: CommitHook[]

  /** `hooks` takes what runs after commits, once the connection is given back. */
  constructor(host: Host, connection: Connection, hooks: CommitHook[]) {
    this.#host = host
    this.#connection = connection
    this.#hooks = hooks
  }

  get dialect(): Dialect {
    return this.#host.observer.dialect
  }

  /** @see Connection.serverProcess */
  get serverProcess(): number | undefined {
    return this.#connection.serverProcess
  }

  /** Runs a statement outside a transaction. */
  run(statement: NamedStatement): MaybePromise<QueryResult> {
    return batchOn(this.#host.observer, this.#connection).run(statement)
  }

  /** Runs `work` in a transaction. All queries that it starts join the transaction. */
  transaction<R>(work: (trx: Transaction) => Promise<R>, options: BeginOptions = {}): Promise<R> {
    const attempt = { connection: this.#connection, hooks: this.#hooks, attempts: null }
    return Transaction.outermost(this.#host, work, options, attempt)
  }
}

/** A session is a connection of its own, which a transaction around it would not be part of. */
export function refuseInside(outer: Transaction | undefined): void {
  if (outer === undefined) return
  throw new TransactionError('Migrations run in transactions of their own. Call migrate() outside a transaction.')
}

/** What lends a session: a database. */
export interface SessionLender {
  readonly dialect: Dialect
  hold<R>(work: (session: Session) => Promise<R>): Promise<R>
}

type Migrate = (database: SessionLender, options: MigrateOptions) => Promise<MigrationRun>

let migrate: Migrate

/** How migrations are run; given by the layer that knows them. */
export function migrateBy(given: Migrate): void {
  migrate = given
}

export const runMigrations: Migrate = (database, options) => migrate(database, options)
