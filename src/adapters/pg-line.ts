import type { QueryResult, Statement } from '../driver/driver.js'
import { BoundedMap } from '../util/bounded-map.js'
import { type PgClient, type PgResult, PgText, toResult } from './pg-client.js'

/** Prepared statements of one connection. */
const STATEMENTS = 250

/** "cached plan must not change result type", after DDL; and a name that the server does not know (any more). */
const STALE = new Set(['0A000', '26000'])

export interface LineOptions {
  readonly prepare: boolean
  readonly statementTimeout: number
}

/** One connection to the server: statements are sent at once, behind each other, and answered in that order. */
export class PgLine {
  /** Statements sent and not answered yet. */
  inFlight = 0
  /** The connection is gone, or must not be used any more. */
  dead = false
  /** Called when the last statement under way was answered. */
  onIdle: (() => void) | null = null
  #corked = false
  #lastName = 0
  #watch: NodeJS.Timeout | null = null
  #progress = 0
  readonly #texts: BoundedMap<string, PgText>
  /** Names to take from the server. */
  #dropped: string[] = []

  constructor(
    readonly client: PgClient,
    readonly options: LineOptions,
  ) {
    this.#texts = new BoundedMap(STATEMENTS, (text) => this.#dropped.push(text.name as string))
    const gone = () => {
      this.dead = true
    }
    // without a listener a connection that dies while idle takes the process with it
    client.on('error', gone)
    client.on('end', gone)
  }

  /** Whether a transaction is open; undefined before the first answer. */
  get inTransaction(): boolean | undefined {
    const status = this.client.getTransactionStatus()
    return status === null ? undefined : status !== 'I'
  }

  run(statement: Statement): Promise<QueryResult> {
    return new Promise((resolve, reject) => this.#run(statement, resolve, reject, true))
  }

  /** A statement of our own, without parameters; gives pg's result. */
  command(sql: string): Promise<PgResult> {
    return new Promise((resolve, reject) => {
      this.#send(new PgText(sql, undefined), undefined, (error, result) =>
        error === null ? resolve(result) : reject(error),
      )
    })
  }

  /** Cuts the connection; everything under way is rejected. */
  destroy(error?: Error): void {
    this.dead = true
    this.client.connection.stream.destroy(error)
  }

  #run(
    statement: Statement,
    resolve: (result: QueryResult) => void,
    reject: (error: Error) => void,
    again: boolean,
  ): void {
    const text = this.#textOf(statement)
    this.#send(text, statement.parameters, (error, result) => {
      if (error === null) return resolve(toResult(result, statement))
      if (text.name === undefined || !STALE.has((error as { code?: string }).code ?? '')) return reject(error)
      // the name is spoilt for good; another statement may have taken a new one meanwhile
      if (this.#texts.get(statement.sql) === text) this.#texts.delete(statement.sql)
      if ((error as { code?: string }).code === '0A000') this.#dropped.push(text.name)
      // it was not executed; a transaction is spoilt by it, and its statements are not ours to repeat
      if (again && this.inTransaction === false && !this.dead) this.#run(statement, resolve, reject, false)
      else reject(error)
    })
  }

  #textOf(statement: Statement): PgText {
    if (!statement.prepare || !this.options.prepare) return new PgText(statement.sql, undefined)
    let text = this.#texts.get(statement.sql)
    if (text === undefined) {
      text = new PgText(statement.sql, `c${++this.#lastName}`)
      this.#texts.set(statement.sql, text)
      if (this.#dropped.length > 0) this.#deallocate()
    }
    return text
  }

  /** Behind all statements that use the names. In a failed transaction the server refuses it: tried again later. */
  #deallocate(): void {
    const names = this.#dropped
    this.#dropped = []
    this.#count()
    this.client.query(names.map((name) => `deallocate ${name}`).join('; '), (error) => {
      this.#done()
      for (const name of names) delete this.client.connection.parsedStatements[name]
      if ((error as { code?: string } | null)?.code === '25P02') this.#dropped.push(...names)
    })
  }

  #send(
    text: PgText,
    parameters: readonly unknown[] | undefined,
    answer: (error: Error | null, result: PgResult) => void,
  ): void {
    this.#cork()
    this.#count()
    this.client.query(text, parameters, (error, result) => {
      this.#done()
      answer(error ?? null, result)
    })
  }

  /** One write to the socket for all statements of this turn. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    const { stream } = this.client.connection
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      stream.uncork()
    })
  }

  #count(): void {
    if (this.inFlight++ > 0) return
    this.client.ref()
    if (this.options.statementTimeout > 0) this.#watchOver(this.#limit)
  }

  #done(): void {
    if (this.#watch !== null) this.#progress = performance.now()
    if (--this.inFlight > 0) return
    // an idle connection does not keep the process running
    this.client.unref()
    if (this.#watch !== null) clearTimeout(this.#watch)
    this.#watch = null
    this.onIdle?.()
  }

  /** Above the server's own limit, which ends the statement and not the connection. */
  get #limit(): number {
    const { statementTimeout } = this.options
    return statementTimeout + Math.min(statementTimeout * 0.04, 1000)
  }

  /** When nothing comes back for longer than a statement may run, the connection is dead. */
  #watchOver(wait: number): void {
    this.#watch = setTimeout(() => {
      const left = this.#progress + this.#limit - performance.now()
      if (left > 1) this.#watchOver(left)
      else
        this.destroy(
          Object.assign(new Error('The server gave no answer in time; the connection was cut.'), { code: '57014' }),
        )
    }, wait)
  }
}
