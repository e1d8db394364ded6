import { Database } from '../database/database.js'
import { dialectNamed } from '../dialect/named.js'
import {
  type Connection,
  type Driver,
  type DriverRow,
  type QueryResult,
  resultOf,
  type Statement,
} from '../driver/driver.js'
import { UsageError } from '../errors.js'
import type { DialectName } from '../types/call-options.js'
import { callback, optionReader, text } from '../util/options.js'
import { withoutSecrets } from '../util/secrets.js'

/** A statement that was recorded. Do not log `parameters`: they can contain personal data. */
export interface RecordedStatement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Options of `recordingDriver`. */
export interface RecordingOptions {
  /** Whose SQL is written. */
  readonly dialect: DialectName
  /**
   * Returns the rows of a statement: a list of values for each, in the order of its columns, as the driver of that database gives
   * them. Default: no rows.
   */
  readonly rows?: (statement: RecordedStatement) => readonly (readonly unknown[])[]
}

/** A database that records its statements. */
export interface Recording {
  /** Pass it to `using`: `Author.using(database)`. */
  readonly database: Database
  /** What was sent, in order, with the statements that begin and end transactions. Empty it with `statements.length = 0`. */
  readonly statements: RecordedStatement[]
}

const optionsOf = optionReader<RecordingOptions>('recordingDriver()', {
  dialect: text as never,
  rows: callback<NonNullable<RecordingOptions['rows']>>(),
})

/**
 * Returns a database that records statements instead of sending them, for tests of the SQL that code makes. It is not registered under a
 * name: bind models to it.
 *
 *     const { database, statements } = recordingDriver({ dialect: 'postgres' })
 *     await Author.using(database).where('name', 'Jane Austen').get()
 *     expect(statements[0]?.sql).toContain('where "authors"."name" = $1')
 */
export function recordingDriver(options: RecordingOptions): Recording {
  const { dialect, rows = () => [] } = optionsOf(options)
  if (dialect === undefined)
    throw new UsageError('recordingDriver() needs the name of a dialect: recordingDriver({ dialect: "…" }).')
  const statements: RecordedStatement[] = []
  const driver = new RecordingDriver(statements, rows)
  return { database: Database.over(driver, dialectNamed(dialect)), statements }
}

class RecordingDriver implements Driver, Connection {
  readonly runTogether = undefined
  readonly runMany = undefined
  readonly inTransaction = undefined
  readonly lost = undefined
  readonly raw = null
  readonly #statements: RecordedStatement[]
  readonly #rows: NonNullable<RecordingOptions['rows']>
  #inserted = 0

  constructor(statements: RecordedStatement[], rows: NonNullable<RecordingOptions['rows']>) {
    this.#statements = statements
    this.#rows = rows
  }

  run({ sql, parameters, inserts, namesColumns }: Statement): QueryResult {
    const statement = this.#record(sql, parameters)
    const rows = this.#rows(statement).map((row): DriverRow => [...row])
    const result = resultOf(rows, rows.length || 1, inserts === true ? ++this.#inserted : undefined)
    return namesColumns ? { ...result, columns: (rows[0] ?? []).map((_, i) => `column${i + 1}`) } : result
  }

  begin(): void {
    this.#record('begin', [])
  }

  commit(): void {
    this.#record('commit', [])
  }

  rollback(): void {
    this.#record('rollback', [])
  }

  acquire(): Connection {
    return this
  }

  release(): void {}

  refuse(): void {}

  async close(): Promise<void> {}

  endLeftOpen(): boolean {
    return false
  }

  #record(sql: string, parameters: readonly unknown[]): RecordedStatement {
    const statement = Object.freeze({ sql, parameters: withoutSecrets(parameters) })
    this.#statements.push(statement)
    return statement
  }
}
