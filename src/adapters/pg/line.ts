import { forgetsNames, RESET_SESSION, verifySession } from '../../dialect/postgres/session.js'
import type { QueryResult, Statement } from '../../driver/driver.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { codeOf } from '../../util/error-shape.js'
import { at } from '../../util/list.js'
import { type PgAnswer, type PgClient, PgCommand, type PgResult, PgText, toResult } from './client.js'
import { Pace } from './pace.js'
import { ReportedSettings } from './reported.js'

/** How many statements a connection keeps prepared. */
const STATEMENTS = 250
/** After this many milliseconds without an answer, new statements use another connection. */
const STALLED = 20

const UNKNOWN_NAME = '26000'
const READ_ONLY = '25006'
/** Error codes of a server that shuts down, ends this session, or has lost it. */
const GOODBYE = /^(57P0[1235]|25P03|080\d\d)$/
/**
 * Errors of a prepared statement after DDL on another connection. Its result may have other types, which pg can't handle,
 * or its parameters may: they keep the types from when it was prepared.
 */
const OUTDATED = new Set(['0A000', '22003', '22007', '22008', '22P02', '22P03', '42804', '42883', '08P01'])
/** Commands after which prepared statements may be outdated. */
const CHANGES_SCHEMA = new Set(['CREATE', 'ALTER', 'DROP', 'DO', 'CALL'])

/** Not READ ONLY, because a view may call a function that writes. */
const BEGIN_TOGETHER = new PgCommand('begin isolation level repeatable read')
const COMMIT = new PgCommand('commit')

interface Block {
  readonly results: readonly QueryResult[]
  readonly failed: number
  readonly error: Error | null
}

export interface LineOptions {
  /** Whether statements are prepared under a name. */
  readonly prepare: boolean
  readonly statementTimeout: number
  readonly connectTimeout: number
  /** Sets the session up and returns the settings. */
  readonly sessionSql: string
  /** Asks the server to stop the running statement of a connection. */
  cancel(client: PgClient): Promise<void>
  readonly pace: Pace
  /** Counts the changes of the schema made by any connection of the driver. */
  readonly schema: { version: number }
}

/**
 * One connection to the server. Statements are sent at once, without waiting for earlier answers, and are answered in
 * order.
 */
export class PgLine {
  /** How many statements have been sent but not answered. */
  inFlight = 0
  /** The connection was lost, or takes no more statements. */
  dead = false
  /** The server became a read-only standby, so the connection should be replaced. */
  readOnly = false
  /** What the pool uses the line for. */
  use: 'idle' | 'shared' | 'exclusive' | 'lent' | 'tidied' = 'idle'
  since = 0
  /** Called when the last statement was answered, and when the connection is lost. */
  onRest: (() => void) | null = null
  onGone: (() => void) | null = null
  /** Called once, when the last statement was answered. */
  #onIdle: (() => void)[] = []
  #corked = false
  #lastName = 0
  #progress = 0
  /** How long the server took for the last answered statement, in milliseconds. */
  #responseTime = 0
  #watch: NodeJS.Timeout | null = null
  readonly #texts: BoundedMap<string, PgText>
  /** Names of prepared statements to deallocate on the server. */
  #dropped: string[] = []
  #schemaVersion: number
  readonly #reported: ReportedSettings
  #resets = 0
  #probe: NodeJS.Timeout | null = null
  /** The value of `#progress` at which the server had time to answer but did not. */
  #silentSince = -1
  /** The open transaction has changed the schema. */
  #schemaChanging = false

  constructor(
    readonly client: PgClient,
    readonly options: LineOptions,
  ) {
    this.#schemaVersion = options.schema.version
    this.#reported = new ReportedSettings(client)
    this.#texts = new BoundedMap(STATEMENTS, (text) => text.name !== undefined && this.#dropped.push(text.name))
    const gone = () => {
      this.dead = true
      this.onGone?.()
    }
    // without a listener, a connection that dies while idle would crash the process
    client.on('error', gone)
    client.on('end', gone)
  }

  /** Whether a transaction is open; undefined before the first answer. */
  get inTransaction(): boolean | undefined {
    const status = this.client.getTransactionStatus()
    return status === null ? undefined : status !== 'I'
  }

  /** Whether a slow statement blocks the statements behind it. */
  get stalled(): boolean {
    return this.inFlight > 0 && this.#silentSince === this.#progress
  }

  /** Whether something inside a statement changed settings, and no reset has been sent yet. */
  get altered(): boolean {
    return this.#reported.changed && this.#resets === 0
  }

  /** Resolves when all statements have been answered. */
  idle(): Promise<void> {
    return this.inFlight === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve))
  }

  run(statement: Statement): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      const text = this.#textOf(statement)
      this.#send(text, statement.parameters, (error, result) => {
        if (statement.prepare) this.#notePace(text)
        if (error === null) {
          text.markUsed()
          if (result.command !== 'SELECT') this.#noteSchema(result.command)
          if (forgetsNames(result.command)) this.#forgetNames()
          resolve(toResult(result, statement, this.inTransaction === true))
        } else if (this.#mayRepeat(statement.sql, text, codeOf(error))) {
          const unnamed = new PgText(statement.sql, undefined)
          this.#send(unnamed, statement.parameters, (again, result) =>
            again === null ? resolve(toResult(result, statement)) : reject(again),
          )
        } else reject(error)
      })
    })
  }

  /** Runs queries in one transaction, sent in one go with no other statement between them. */
  async runTogether(statements: readonly Statement[]): Promise<readonly QueryResult[]> {
    const texts = statements.map((statement) => this.#textOf(statement))
    const { results, failed, error } = await this.#runBlock(statements, texts)
    if (error === null) return results
    const [statement, text] = [statements[failed], texts[failed]]
    if (statement === undefined || text === undefined || !this.#mayRepeat(statement.sql, text, codeOf(error)))
      throw error
    const again = await this.#runBlock(
      statements,
      statements.map(({ sql }) => new PgText(sql, undefined)),
    )
    if (again.error !== null) throw again.error
    return again.results
  }

  /** `failed` is the index of the statement with the first error, or -1 if none of them failed. */
  #runBlock(statements: readonly Statement[], texts: readonly PgText[]): Promise<Block> {
    return new Promise((resolve) => {
      const results: QueryResult[] = []
      const block: Block = { results, failed: -1, error: null }
      const note = (error: Error | null, place: number) => {
        if (error !== null && block.error === null) Object.assign(block, { error, failed: place })
      }
      this.#send(BEGIN_TOGETHER, undefined, (error) => note(error, -1))
      statements.forEach((statement, place) => {
        const text = at(texts, place)
        this.#send(text, statement.parameters, (error, result) => {
          note(error, place)
          this.#notePace(text)
          if (error !== null) return
          text.markUsed()
          results.push(toResult(result, statement))
        })
      })
      this.#send(COMMIT, undefined, (error) => {
        note(error, -1)
        resolve(block)
      })
    })
  }

  /** Runs a constant text of corm. If it has several statements, returns the last result. */
  command(sql: string): Promise<PgResult> {
    return new Promise((resolve, reject) => {
      this.#send(new PgCommand(sql), undefined, (error, result: PgResult | PgResult[]) => {
        if (error !== null) reject(error)
        else {
          const last = Array.isArray(result) ? at(result, result.length - 1) : result
          if (this.#schemaChanging) this.#noteSchema(last.command)
          resolve(last)
        }
      })
    })
  }

  async setUp(): Promise<void> {
    const { rows } = await this.limited(this.command(this.options.sessionSql))
    verifySession(rows[0] ?? [])
    this.#reported.accept()
  }

  /** Resets the session after a borrower. */
  async reset(): Promise<void> {
    this.#resets++
    try {
      const { rows } = await this.command(`${RESET_SESSION}; ${this.options.sessionSql}`)
      verifySession(rows[0] ?? [])
    } finally {
      this.#resets--
    }
  }

  /** Closes the connection if `work` takes longer than the limit for connecting. */
  async limited<T>(work: Promise<T>): Promise<T> {
    const { connectTimeout } = this.options
    if (connectTimeout <= 0) return work
    const timer = setTimeout(() => this.destroy(), connectTimeout)
    try {
      return await work
    } finally {
      clearTimeout(timer)
    }
  }

  /** Closes the connection in agreement with the server. */
  end(): void {
    this.dead = true
    this.client.end().catch(() => undefined)
  }

  /** Closes the socket at once and rejects all statements that have no answer yet. */
  destroy(error?: Error): void {
    this.dead = true
    this.client.connection.stream.destroy(error)
  }

  /**
   * Whether a statement failed because its prepared statement is outdated or unknown. Outside of a transaction it changed
   * nothing, so it can run again. A longer transaction is aborted by the error, and only its owner can decide to repeat
   * it.
   */
  #mayRepeat(sql: string, text: PgText, code: string): boolean {
    if (code === READ_ONLY) this.readOnly = true
    if (text.name === undefined || !(code === UNKNOWN_NAME || (text.used && OUTDATED.has(code)))) return false
    // meanwhile the text may have been prepared under a new name
    if (this.#texts.get(sql) === text) {
      this.#texts.delete(sql)
      this.#dropped.push(text.name)
      if (code === UNKNOWN_NAME) delete this.client.connection.parsedStatements[text.name]
    }
    if (this.inTransaction === false) return !this.dead
    // other connections have prepared it too, and a repeated transaction may run on one of them
    this.options.schema.version++
    return false
  }

  #notePace(text: PgText): void {
    const isShort = Pace.isShort(this.#responseTime)
    if (text.changesPace(isShort)) this.options.pace.note(text.text, isShort)
  }

  #noteSchema(command: string | null): void {
    const ends = command === 'COMMIT' || command === 'ROLLBACK'
    if (!(ends ? this.#schemaChanging : CHANGES_SCHEMA.has(command ?? ''))) return
    // others see the change at COMMIT, and a rollback changes what this connection sees
    this.options.schema.version++
    this.#schemaChanging = this.inTransaction === true
  }

  #textOf(statement: Statement): PgText {
    if (!statement.prepare || !this.options.prepare) return new PgText(statement.sql, undefined)
    if (this.#schemaVersion !== this.options.schema.version) {
      this.#schemaVersion = this.options.schema.version
      this.#texts.clear()
    }
    let text = this.#texts.get(statement.sql)
    if (text === undefined) {
      text = new PgText(statement.sql, `c${++this.#lastName}`)
      this.#texts.set(statement.sql, text)
      if (this.#dropped.length > 0) this.#deallocate()
    }
    return text
  }

  /** Raw SQL deallocated the prepared statements. For those already sent, their errors show it. */
  #forgetNames(): void {
    const { parsedStatements, submittedNamedStatements } = this.client.connection
    this.#texts.clear()
    this.#dropped = []
    for (const name of Object.keys(parsedStatements))
      if (submittedNamedStatements[name] === undefined) delete parsedStatements[name]
  }

  /** Sent after all statements that use the names. A failed transaction refuses it, so it is tried again later. */
  #deallocate(): void {
    const { parsedStatements, submittedNamedStatements } = this.client.connection
    const names = this.#dropped.filter((name) => parsedStatements[name] !== undefined)
    this.#dropped = this.#dropped.filter((name) => submittedNamedStatements[name] !== undefined)
    if (names.length === 0) return
    this.#send(new PgCommand(names.map((name) => `deallocate ${name}`).join('; ')), undefined, (error) => {
      if (error !== null && this.inTransaction !== false) this.#dropped.push(...names)
      else for (const name of names) delete parsedStatements[name]
    })
  }

  #send(text: object, parameters: readonly unknown[] | undefined, answer: PgAnswer): void {
    this.#cork()
    if (this.inFlight++ === 0) this.#start()
    this.client.query(text, parameters, (error, result) => {
      const now = performance.now()
      this.#responseTime = now - this.#progress
      this.#progress = now
      // the server reports its shutdown to the running statement; the end of the connection is noticed later
      if (error && GOODBYE.test(codeOf(error))) this.dead = true
      if (--this.inFlight === 0) this.#rest()
      answer(error ?? null, result)
    })
  }

  /** Collects all statements of this turn of the event loop into one write to the socket. */
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

  #start(): void {
    this.#progress = performance.now()
    this.client.ref()
    this.#probe ??= this.#probeIn(STALLED)
    if (this.options.statementTimeout > 0) this.#watchOver(this.#limit)
  }

  /** Keeps an existing timer, so that short statements don't set one each. */
  #probeIn(wait: number): NodeJS.Timeout {
    const look = () => {
      const left = this.#progress + STALLED - performance.now()
      if (left <= 0) this.#listen(this.#progress)
      this.#probe = this.inFlight === 0 ? null : this.#probeIn(left > 0 ? left : STALLED)
    }
    return setTimeout(look, Math.ceil(wait)).unref()
  }

  /**
   * The answer may have arrived while the process was busy. Only a whole turn of the event loop without it shows that it
   * has not.
   */
  #listen(since: number): void {
    setImmediate(() =>
      setImmediate(() => {
        if (this.#progress === since) this.#silentSince = since
      }),
    )
  }

  #rest(): void {
    // an idle connection does not keep the process running
    this.client.unref()
    if (this.#watch !== null) clearTimeout(this.#watch)
    this.#watch = null
    if (this.#onIdle.length > 0) for (const notify of this.#onIdle.splice(0)) notify()
    this.onRest?.()
  }

  /** Longer than the server's own limit, which ends only the statement and not the connection. */
  get #limit(): number {
    const { statementTimeout } = this.options
    return statementTimeout + Math.min(statementTimeout * 0.04, 1000)
  }

  /** Treats the connection as dead when nothing arrives for longer than a statement may run. */
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
