import type { BeginOptions } from '../driver/driver.js'
import { ConfigurationError } from '../errors.js'
import { flag, object, oneOf, optionReader, text, textOrNone, whole } from '../util/options.js'

// The options of a database's calls.

/** How to connect to a database, for what a URL alone can't say. */
export interface DatabaseConfig {
  /** The name for `Database.get` and the model option `database`. Default: `default`. */
  readonly name?: string
  readonly url: string
  readonly pool?: { readonly min?: number; readonly max?: number }
  /** Milliseconds to wait for a free connection. Default 30,000. */
  readonly acquireTimeout?: number
  /** Milliseconds to wait for a new connection. Default 10,000. */
  readonly connectTimeout?: number
  /** Milliseconds a statement waits for a lock. Default 10,000. */
  readonly lockTimeout?: number
  /** Milliseconds a statement may run. Default 0: no limit. */
  readonly statementTimeout?: number
  /** Options of the driver itself, for what the URL can't say. */
  readonly driver?: Readonly<Record<string, unknown>>
}

export interface TransactionOptions extends BeginOptions {
  /** How often the outermost transaction is run again after a serialization failure or deadlock. Default 0. */
  readonly retries?: number
}

const milliseconds = whole(0, 'milliseconds')

export const connectOptions = optionReader<DatabaseConfig>(
  'Database.connect()',
  {
    name: text,
    url: textOrNone,
    pool: object,
    acquireTimeout: milliseconds,
    connectTimeout: milliseconds,
    lockTimeout: milliseconds,
    statementTimeout: milliseconds,
    driver: object,
  },
  ConfigurationError,
)

export const poolOptions = optionReader<{ min: number; max: number }>(
  'The pool of Database.connect()',
  { min: whole(0), max: whole(1) },
  ConfigurationError,
)

export const transactionOptions = optionReader<TransactionOptions>('transaction()', {
  isolation: oneOf('read committed', 'repeatable read', 'serializable'),
  readOnly: flag,
  deferrable: flag,
  mode: oneOf('deferred', 'immediate', 'exclusive'),
  retries: whole(0),
})

export const closeOptions = optionReader<{ timeout: number }>('close()', { timeout: milliseconds })

export const tableOptions = optionReader<{ ifNotExists: boolean }>('createTables()', { ifNotExists: flag })
