import type { BeginOptions } from '../driver/driver.js'
import { ConfigurationError } from '../errors.js'
import { choiceOf, flag, object, optionReader, text, textOrNone, whole } from '../util/options.js'

// The options of a database's calls.

/** Options of `Database.connect`. */
export interface DatabaseConfig {
  /** The name for `Database.get` and the model option `database`. Default: `'default'`. */
  readonly name?: string
  /** The URL: `sqlite::memory:`, `sqlite:///file.db`, `postgres://…`, `mysql://…`, `mariadb://…` or `pglite://…`. */
  readonly url: string
  /** The minimum and maximum number of connections. Default: 0 and 10. */
  readonly pool?: { readonly min?: number; readonly max?: number }
  /** How long to wait for a free connection, in milliseconds. Default 30,000. */
  readonly acquireTimeout?: number
  /** How long to wait for a new connection, in milliseconds. Default 10,000. */
  readonly connectTimeout?: number
  /** How long a statement waits for a lock, in milliseconds. Default 10,000. */
  readonly lockTimeout?: number
  /** How long a statement can run, in milliseconds. Default 0: no limit. */
  readonly statementTimeout?: number
  /** Options that corm passes to the driver package, such as TLS certificates. */
  readonly driver?: Readonly<Record<string, unknown>>
}

export interface TransactionOptions extends Omit<BeginOptions, 'lockWait'> {
  /** How often corm runs the outermost transaction again after a serialization failure or deadlock. Default 0. */
  readonly retries?: number
}

const milliseconds = whole(0, 'milliseconds')

/** The options of a connection, also of a database for tests. */
export const connectTypes = {
  name: text,
  url: textOrNone,
  pool: object,
  acquireTimeout: milliseconds,
  connectTimeout: milliseconds,
  lockTimeout: milliseconds,
  statementTimeout: milliseconds,
  driver: object,
}

export const connectOptions = optionReader<DatabaseConfig>('Database.connect()', connectTypes, ConfigurationError)

export const poolOptions = optionReader<{ min: number; max: number }>(
  'The pool of Database.connect()',
  { min: whole(0), max: whole(1) },
  ConfigurationError,
)

/** How a transaction begins. */
export const beginTypes = {
  isolation: choiceOf('read committed', 'repeatable read', 'serializable'),
  readOnly: flag,
  deferrable: flag,
  mode: choiceOf('deferred', 'immediate', 'exclusive'),
}

export const transactionOptions = optionReader<TransactionOptions>('transaction()', {
  ...beginTypes,
  retries: whole(0),
})

export const closeOptions = optionReader<{ timeout: number }>('close()', { timeout: milliseconds })

export const tableOptions = optionReader<{ ifNotExists: boolean }>('createTables()', { ifNotExists: flag })
