import { isConnectionLoss } from '../../dialect/postgres/errors.js'
import { leavesNoTrace } from '../../dialect/postgres/plain.js'
import { beginSql, endsTransaction, hasEnded, NO_TRANSACTION } from '../../dialect/postgres/session.js'
import type { Cancellation } from '../../driver/cancellation.js'
import type { BeginOptions, Connection, QueryResult, Statement } from '../../driver/driver.js'
import { ConnectionError, OutcomeUnknownError, TransactionError, UsageError } from '../../errors.js'
import { released } from '../adapter.js'
import { runCancellable } from './cancel.js'
import type { PgClient } from './client.js'
import type { PgLine } from './line.js'

/** How many dead connections one loan replaces: a server that restarts kills all connections of the pool. */
const EXCHANGES = 100

/** A loan of one connection. The session is reset before the next borrower gets it. */
export class PgConnection implements Connection {
  readonly runMany = undefined
  released = false
  /** The borrower ran raw SQL, which may have changed settings, taken locks or made temporary tables. */
  #ranRawSql = false
  #rawTaken = false
  #readOnly = false
  /** corm began the transaction and has to end it. */
  #begun = false

  /** Raw SQL ended the transaction, and may have begun another one. */
  #hasEnded = false

  /** Whether a statement was sent on this loan. */
  #used = false
  /** A statement that must run alone; statements that come after it are held back. */
  #turn: Promise<unknown> | null = null

  constructor(
    public line: PgLine,
    /** Replaces a dead connection. */
    readonly exchange: () => Promise<PgLine>,
  ) {}

  get inTransaction(): boolean | undefined {
    return this.line.dead || this.#hasEnded ? false : this.line.inTransaction
  }

  get lost(): boolean {
    return this.line.dead
  }

  get serverProcess(): number {
    return this.line.client.processID
  }

  /** pg's client. Its user may do anything with it, so the connection is not used again. */
  get raw(): PgClient {
    const { client, inFlight } = this.line
    this.#rawTaken = true
    this.#used = true
    // cursors and COPY streams don't work with the pipeline on
    if (inFlight === 0) client.pipeline = false
    // the process must keep running while the borrower waits for an answer
    client.ref()
    return client
  }

  run(statement: Statement): Promise<QueryResult> {
    if (this.released) return Promise.reject(released())
    if (statement.hasRawSql) {
      if (this.#begun && endsTransaction(statement.sql)) return Promise.reject(new UsageError(NO_TRANSACTION))
      this.#ranRawSql ||= !leavesNoTrace(statement.sql)
      return this.#runOwn(statement)
    }
    return this.#send(statement)
  }

  /** Looks at the command tag of the answer, which is reliable where the SQL text is not. */
  async #runOwn(statement: Statement): Promise<QueryResult> {
    const result = await this.#send(statement)
    if (this.#begun && hasEnded(result.command, statement.sql)) this.#hasEnded = true
    return result
  }

  async endLeftOpen(): Promise<boolean> {
    const { line } = this
    if (line.inFlight > 0) await line.idle()
    if (line.dead || line.inTransaction === false) return false
    await line.command('rollback')
    return true
  }

  #send(statement: Statement): Promise<QueryResult> {
    this.#used = true
    const { cancellation } = statement
    if (cancellation !== undefined) return this.#runAlone(statement, cancellation)
    return this.#turn === null ? this.line.run(statement) : this.#runBehind(this.#turn, statement)
  }

  #runBehind(turn: Promise<unknown>, statement: Statement): Promise<QueryResult> {
    const work = turn.then(() => this.line.run(statement))
    this.#hold(turn)
    return work
  }

  #runAlone(statement: Statement, cancellation: Cancellation): Promise<QueryResult> {
    const { line } = this
    const before = this.#turn
    const free = before === null && line.inFlight === 0
    const send = () => runCancellable(line, statement, cancellation)
    const work = free
      ? send()
      : cancellation.race(before === null ? line.idle() : before.then(() => line.idle())).then(send)
    this.#hold(Promise.allSettled([before, work]))
    return work
  }

  /** Further statements wait for it, and for what is already waiting. */
  #hold(until: Promise<unknown>): void {
    const turn: Promise<unknown> = until.then(() => {
      if (this.#turn === turn) this.#turn = null
    })
    this.#turn = turn
  }

  /** A connection that died while idle fails here. Nothing is lost yet, so another one takes its place. */
  async begin(options: BeginOptions): Promise<void> {
    const sql = beginSql(options)
    this.#readOnly = options.readOnly === true
    for (let attempt = 1; ; attempt++) {
      try {
        await this.line.command(sql)
        break
      } catch (error) {
        if (this.#used || attempt > EXCHANGES || !isConnectionLoss(error)) throw error
        this.line = await this.exchange()
      }
    }
    this.#used = true
    this.#begun = true
  }

  async commit(): Promise<void> {
    if (this.line.dead) throw new ConnectionError('The connection was lost before the transaction was committed.')
    this.#begun = false
    let tag: string | null
    try {
      tag = (await this.line.command('commit')).command
    } catch (cause) {
      if (!this.line.dead && !isConnectionLoss(cause)) throw cause
      throw new OutcomeUnknownError(
        'The connection was lost while the transaction was committed: it may be stored or not. Check before you repeat it.',
        { cause },
      )
    }
    // if a statement failed, COMMIT rolls back without an error
    if (tag !== 'COMMIT')
      throw new TransactionError(
        'PostgreSQL rolled the transaction back at COMMIT, because a statement in it had failed. Put a statement that may fail into a nested transaction.',
      )
  }

  async rollback(): Promise<void> {
    this.#begun = false
    if (this.line.dead) return
    try {
      await this.line.command('rollback')
    } catch (error) {
      // the server rolls back when the connection is lost
      if (!this.line.dead && !isConnectionLoss(error)) throw error
    }
  }

  /** Whether the next borrower can use it without a reset. */
  get clean(): boolean {
    const { line } = this
    return (
      !this.#ranRawSql &&
      !this.#rawTaken &&
      !line.dead &&
      !line.readOnly &&
      this.#turn === null &&
      line.inFlight === 0 &&
      line.inTransaction === false
    )
  }

  /** Resets the session for the next borrower. Returns false if the connection has to be closed. */
  async tidy(): Promise<boolean> {
    const { line } = this
    if (this.#turn !== null) await line.limited(this.#turn)
    if (line.inFlight > 0) await line.limited(line.idle())
    if (line.dead || this.#rawTaken || (line.readOnly && !this.#readOnly)) return false
    line.readOnly = false
    if (line.inTransaction !== false) await line.limited(line.command('rollback'))
    if (this.#ranRawSql) await line.limited(line.reset())
    return !line.dead
  }
}
