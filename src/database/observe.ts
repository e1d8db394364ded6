import { channel } from 'node:diagnostics_channel'
import type { Dialect } from '../dialect/dialect.js'
import type { QueryResult } from '../driver/driver.js'
import { ConfigurationError, CormError, DatabaseError, quoted, TimeoutError } from '../errors.js'
import { countRead, noteSent, UserRead } from '../execution/n-plus-one.js'
import { isControlStatement, type NamedStatement } from '../execution/statement.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import { withoutSecrets } from '../util/secrets.js'

/** One statement that corm sent, for listeners of `query`. Do not log `parameters`: they can contain personal data. */
export interface QueryEvent {
  /** The name of the database. */
  readonly database: string
  /** The SQL text. */
  readonly sql: string
  /** The values that corm sent with the statement. */
  readonly parameters: readonly unknown[]
  /** How long the statement took, in milliseconds. */
  readonly duration: number
  /** The error that the statement failed with, or undefined. */
  readonly error: Error | undefined
}

export type QueryListener = (event: QueryEvent) => void

/** Refuses events that no database has. */
export function requireEvent(event: unknown): void {
  if (event === 'query') return
  const found = typeof event === 'string' ? quoted(event) : `of type ${typeof event}`
  throw new ConfigurationError(`A database has no event ${found}. Use on('query', …).`)
}

/** Events of statements that begin and end transactions, also of another copy of corm. */
const CONTROL = Symbol.for('corm.control')

/** Whether corm sent a statement to begin or end a transaction, or a part of it. */
export const isControl = (event: object): boolean => Object.hasOwn(event, CONTROL)

const published = channel('corm:query')

/** What a statement is sent to. */
interface StatementRunner {
  run(statement: NamedStatement): MaybePromise<QueryResult>
}

/** The one place where statements are run: maps errors and calls listeners. */
export class Observer {
  readonly listeners = new Set<QueryListener>()
  lastSQL: string | null = null

  constructor(
    readonly name: string,
    readonly dialect: Dialect,
  ) {}

  run(statement: NamedStatement, target: StatementRunner): MaybePromise<QueryResult> {
    const flow = statement.userRead instanceof UserRead ? countRead(statement.sql, statement.userRead) : null
    const heard = statement.unheard !== true
    if (heard) this.lastSQL = statement.sql
    const watched = heard && (this.listeners.size > 0 || published.hasSubscribers)
    const start = watched ? performance.now() : 0
    let result: MaybePromise<QueryResult>
    try {
      result = target.run(statement)
    } catch (error) {
      throw this.#failed(error, statement, start, watched)
    }
    if (flow !== null) noteSent(flow, result)
    if (result instanceof Promise) return this.#later(result, statement, start, watched)
    if (watched) this.#notify(statement, start, undefined)
    return result
  }

  /** The same for queries that were sent at once. What failed is run again, and reported then. */
  async runTogether(
    statements: readonly NamedStatement[],
    sent: Promise<readonly QueryResult[]>,
  ): Promise<readonly QueryResult[] | null> {
    const watched = this.listeners.size > 0 || published.hasSubscribers
    const start = watched ? performance.now() : 0
    let results: readonly QueryResult[]
    try {
      results = await sent
    } catch (error) {
      const mapped = this.map(error)
      // it would take that time again
      if (!(mapped instanceof TimeoutError)) return null
      const [first] = statements
      throw first === undefined ? mapped : this.#failed(mapped, first, start, watched)
    }
    for (const statement of statements) {
      this.lastSQL = statement.sql
      if (watched) this.#notify(statement, start, undefined)
    }
    return results
  }

  #later(
    result: Promise<QueryResult>,
    statement: NamedStatement,
    start: number,
    watched: boolean,
  ): Promise<QueryResult> {
    const failed = (error: unknown): never => {
      throw this.#failed(error, statement, start, watched)
    }
    if (!watched) return result.catch(failed)
    return result.then((value) => {
      this.#notify(statement, start, undefined)
      return value
    }, failed)
  }

  #failed(error: unknown, statement: NamedStatement, start: number, watched: boolean): CormError {
    const mapped = this.map(error, statement.sql)
    if (mapped instanceof DatabaseError) {
      mapped.withStatement(statement.sql, withoutSecrets(statement.parameters))
      if (typeof statement.explain === 'function') statement.explain(mapped)
    }
    if (watched) this.#notify(statement, start, mapped)
    return mapped
  }

  /** Errors of corm pass; the driver's are turned into corm's. */
  map(error: unknown, sql?: string): CormError {
    return error instanceof CormError ? error : this.dialect.mapError(error, sql)
  }

  #notify(statement: NamedStatement, start: number, error: Error | undefined): void {
    const { sql } = statement
    const parameters = withoutSecrets(statement.parameters)
    const event: QueryEvent = { database: this.name, sql, parameters, duration: performance.now() - start, error }
    if (isControlStatement(statement)) Object.defineProperty(event, CONTROL, { value: true })
    for (const listener of this.listeners) {
      try {
        listener(event)
      } catch (thrown) {
        process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
      }
    }
    published.publish(event)
  }
}
