import { mapMysqlError } from '../../dialect/mysql/errors.js'
import { askUntil, type Cancellation, STOP_LIMIT } from '../../driver/cancellation.js'
import type { BeginOptions, QueryResult, Statement } from '../../driver/driver.js'
import { ConnectionError, OutcomeUnknownError, TimeoutError, TransactionError } from '../../errors.js'
import { picked } from '../../util/own.js'
import { beginSql } from './begin.js'
import {
  execute,
  forget,
  headerOf,
  isChanged,
  type MysqlCallback,
  type MysqlClient,
  type MysqlFailure,
  type MysqlFields,
  type MysqlResult,
  sendText,
  toDriverValues,
  toResult,
} from './client.js'
import { cancellableJob, endAsking, JOB, type Job, type SessionOptions } from './job.js'
import { CONTROL, CONTROL_LIMIT, ENDED_BY_SERVER, LEFT_OPEN, LOST, tooLong, UNKNOWN } from './texts.js'
import { mayCommit, watched } from './watch.js'

const IN_TRANSACTION = 1
const AUTOCOMMIT = 2

/** Errors that say that the statement was not executed: the server dropped the prepared statement, or its tables changed. */
const NOT_PREPARED = new Set([1243, 1615])
/** Errors of a statement that was stopped; the second one occurs during sorting. */
const INTERRUPTED = new Set([1317, 1028, 1969, 3024])
/** "This command is not supported in the prepared statement protocol yet." */
const NOT_PREPARABLE = 1295
/** Errors after which the server closes the connection: killed, shut down, idle for too long, a packet it can't take. */
const CLOSING = new Set([1053, 1153, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1927, 3169, 4031])

/** Raw SQL whose effect on the session the server does not report. */
const HOLDS_LOCKS = /\bget_lock\s*\(|^\s*lock\s+tables?\b/i

/** One connection. It sends a statement only after the previous one was answered. */
export class MysqlSession {
  /** The connection was lost, or must not be used any more. */
  dead = false
  /** The user changed settings of the session, which the next borrower must not inherit. */
  dirty = false
  /** The connection is borrowed, so an open transaction belongs to the borrower. */
  lent = false
  since = Date.now()
  /** Called when the last statement was answered, and when the connection dies while idle. */
  onIdle: (() => void) | null = null
  /** Whether a transaction is open, by the server's last answer. */
  #open = false
  /** `begin` was called, but neither `commit` nor `rollback` since then. */
  #begun = false
  /** A statement ended the transaction, even if it also began another one. */
  #ended = false
  #sentCommit = false
  #current: Job | null = null
  #timer: NodeJS.Timeout | null = null
  readonly #jobs: Job[] = []
  readonly #client: MysqlClient
  readonly #options: SessionOptions
  readonly #limit: number
  /** Distinguishes the servers that share one address. */
  server = ''

  constructor(client: MysqlClient, options: SessionOptions) {
    const { statementTimeout } = options
    this.#client = client
    this.#options = options
    this.#limit = statementTimeout === 0 ? 0 : statementTimeout + Math.min(statementTimeout * 0.04, 1000)
    const gone = () => this.#lose(new ConnectionError(LOST))
    // without a listener, a connection that dies while idle would crash the process
    client.on('error', gone)
    client.on('end', gone)
    client.stream.on('close', gone)
  }

  get client(): MysqlClient {
    return this.#client
  }

  get busy(): boolean {
    return this.#current !== null || this.#jobs.length > 0
  }

  /** False after an error that made the server roll back, and after a statement that made it commit. */
  get inTransaction(): boolean {
    return this.#open && !this.#ended && !this.dead
  }

  run(statement: Statement): Promise<QueryResult> {
    if (!this.#begun || !mayCommit(statement)) return this.#run(statement)
    const ended = () => (this.#ended = true)
    return watched(
      (sql) => this.control(sql),
      () => this.#run(statement),
      ended,
    )
  }

  #run(statement: Statement): Promise<QueryResult> {
    if (statement.cancellation !== undefined) return this.#runCancellable(statement, statement.cancellation)
    return new Promise((resolve, reject) => {
      this.#add({ ...JOB, statement, sql: statement.sql, limit: this.#limit, resolve, reject })
    })
  }

  #runCancellable(statement: Statement, cancellation: Cancellation): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      const stop = () => this.#cancel(job, cancellation)
      const job = cancellableJob(statement, this.#limit, cancellation, { stop, resolve, reject })
      this.#add(job)
    })
  }

  #cancel(job: Job, cancellation: Cancellation): void {
    const at = this.#jobs.indexOf(job)
    if (at !== -1) {
      this.#jobs.splice(at, 1)
      job.reject(cancellation.error())
    }
    if (this.#current !== job) return
    const cut = (cause?: unknown) => {
      if (this.#current === job) this.destroy(cancellation.error(cause))
    }
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(cut, STOP_LIMIT)
    const answered = new Promise<void>((resolve) => (job.answered = resolve))
    job.kill = askUntil(answered, () => this.#options.kill(this.#client.threadId ?? 0, this.server)).catch(cut)
  }

  /** Runs a constant statement of corm. */
  control(sql: string, commit = false): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      this.#add({ ...JOB, statement: null, commit, sql, limit: this.#limit || CONTROL_LIMIT, resolve, reject })
    })
  }

  async begin(options: BeginOptions): Promise<void> {
    const statements = beginSql(options)
    // the server would commit the open transaction without saying so
    if (this.#open)
      throw new TransactionError(
        'A transaction is open on this connection already. Nest transactions with transaction(), which makes savepoints.',
      )
    for (const sql of statements) await this.control(sql)
    this.#ended = false
    this.#begun = true
  }

  async commit(): Promise<void> {
    this.#sentCommit = false
    try {
      if (this.#ended) throw new TransactionError(ENDED_BY_SERVER)
      await this.control('commit', true)
    } catch (error) {
      // if the connection was lost before COMMIT was sent, nothing is stored and the outcome is known
      if (this.#sentCommit && this.dead) throw new OutcomeUnknownError(UNKNOWN, { cause: mapMysqlError(error) })
      throw error
    } finally {
      this.#begun = false
    }
  }

  async rollback(): Promise<void> {
    this.#begun = false
    // the server rolls back when the connection ends
    if (this.dead) return
    if (this.#open || this.busy) await this.control('rollback')
  }

  /** Asks the server whether a transaction is still open, and rolls it back. */
  async endLeftOpen(): Promise<boolean> {
    if (this.dead) return false
    await this.control('do 0')
    if (!this.#open) return false
    await this.control('rollback')
    return true
  }

  /** Ends what a borrower left open. Returns false if there is nothing to end; otherwise calls `onIdle` when done. */
  leave(failed: () => void): boolean {
    this.#begun = false
    this.#ended = false
    if (!this.#open && !this.busy) return false
    this.control('rollback').catch(failed)
    return true
  }

  /** Closes the socket at once and rejects all statements that have no answer yet. */
  destroy(error: Error = new ConnectionError('The connection to the database was closed.')): void {
    this.#lose(error)
    this.#client.destroy()
    this.#client.stream.destroy()
  }

  /** Closes the connection in agreement with the server, which gets one second to answer. */
  end(): Promise<void> {
    if (this.dead) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.destroy(), 1000)
      this.#client.stream.on('close', () => {
        clearTimeout(timer)
        resolve()
      })
      this.#client.stream.ref()
      this.onIdle = null
      this.dead = true
      this.#client.end()
    })
  }

  #add(job: Job): void {
    job.lone = !this.lent
    if (this.dead) job.reject(new ConnectionError(LOST))
    else if (this.#current !== null) this.#jobs.push(job)
    else {
      // an idle connection does not keep the process running, but a statement does
      this.#client.stream.ref()
      this.#start(job)
    }
  }

  #start(job: Job): void {
    if ((!this.#open || this.#ended) && (job.statement === null ? job.commit === true : this.#begun)) {
      job.reject(new TransactionError(ENDED_BY_SERVER))
      this.#next()
      return
    }
    if (job.cancellation?.isOver === true) {
      job.reject(job.cancellation.error())
      this.#next()
      return
    }
    this.#current = job
    if (job.limit > 0) this.#timer = setTimeout(() => this.destroy(new TimeoutError(tooLong(job.limit))), job.limit)
    try {
      this.#send(job, true)
    } catch (error) {
      this.#finish(job)
      job.reject(error)
      this.#next()
    }
  }

  #send(job: Job, again: boolean): void {
    const { statement, sql } = job
    if (statement === null) {
      this.#sentCommit ||= job.commit === true
      sendText(this.#client, sql, this.#answer(job, null))
      return
    }
    // corm's own locks that are sent once are those by name, which the session holds
    this.dirty ||= statement.hasRawSql ? HOLDS_LOCKS.test(sql) : statement.intent === 'lock' && !statement.prepare
    const values = toDriverValues(statement.parameters, this.#options.module)
    if (!statement.prepare && !statement.rows && values.length === 0) {
      sendText(this.#client, sql, this.#answer(job, null))
      return
    }
    execute(this.#client, statement, values, this.#answer(job, again ? statement : null))
  }

  /** `retry` is sent again if the server reports that it did not execute the statement. */
  #answer(job: Job, retry: Statement | null): MysqlCallback {
    return (thrown, result, fields) => {
      if (this.#current !== job) return
      if (job.kill !== undefined && job.killed !== true) {
        this.#absorb(job, job.kill, () => this.#answer(job, null)(thrown, result, fields))
        return
      }
      if (thrown === null) {
        this.#succeed(job, result, fields)
        return
      }
      const error = picked(thrown, 'fatal', 'errno')
      if (error.fatal === true || CLOSING.has(error.errno ?? 0)) {
        this.#lose(thrown)
        return
      }
      if (retry !== null && NOT_PREPARED.has(error.errno ?? 0)) {
        forget(this.#client, job.sql)
        this.#send(job, false)
      } else if (retry !== null && error.errno === NOT_PREPARABLE && retry.parameters.length === 0)
        sendText(this.#client, job.sql, this.#answer(job, null))
      else this.#fail(job, thrown)
    }
  }

  /** A kill that arrives after the answer would stop the next statement: one that does nothing is sent to absorb it. */
  #absorb(job: Job, kill: Promise<void>, done: () => void): void {
    job.killed = true
    endAsking(job)
    void kill.then(() => {
      if (this.#current !== job) return
      sendText(this.#client, 'do 0', (failure) => {
        if (this.#current !== job) return
        if (failure !== null && !INTERRUPTED.has(picked(failure, 'errno').errno ?? 0)) this.#lose(failure)
        else done()
      })
    })
  }

  #succeed(job: Job, result: MysqlResult, fields: MysqlFields): void {
    const { statement } = job
    const header = headerOf(result, fields)
    if (header !== undefined) this.#note(header.serverStatus, statement !== null && isChanged(header))
    if (this.#open && job.lone === true && statement !== null) {
      this.#takeBack(job)
      return
    }
    this.#finish(job)
    if (statement?.prepare === false) forget(this.#client, statement.sql)
    if (statement === null) job.resolve(toResult(result, fields, CONTROL))
    else {
      try {
        job.resolve(toResult(result, fields, statement))
      } catch (error) {
        job.reject(error)
      }
    }
    this.#next()
  }

  /** A statement outside transactions left one open. Roll it back, or the next statement would become part of it. */
  #takeBack(job: Job): void {
    sendText(this.#client, 'rollback', (failure, result) => {
      if (this.#current !== job) return
      if (failure !== null) {
        this.#lose(failure)
        return
      }
      this.#finish(job)
      this.#note(headerOf(result, undefined)?.serverStatus ?? 0, false)
      job.reject(new TransactionError(LEFT_OPEN))
      this.#next()
    })
  }

  /** An error does not say whether the transaction is still open, so a statement that does nothing asks for the status. */
  #fail(job: Job, failure: MysqlFailure): void {
    job.forget?.()
    const stopped = job.killed === true && (INTERRUPTED.has(failure.errno ?? 0) || NOT_PREPARED.has(failure.errno ?? 0))
    const error = stopped ? job.cancellation?.error(mapMysqlError(failure)) : failure
    if (job.statement?.prepare === false) forget(this.#client, job.sql)
    if (!this.#open) {
      this.#finish(job)
      job.reject(error)
      this.#next()
      return
    }
    sendText(this.#client, 'do 0', (lost, result) => {
      if (this.#current !== job) return
      if (lost !== null) {
        this.#lose(lost, error)
        return
      }
      this.#finish(job)
      this.#note(headerOf(result, undefined)?.serverStatus ?? 0, false)
      job.reject(error)
      this.#next()
    })
  }

  #note(status: number, changed: boolean): void {
    this.#open = (status & IN_TRANSACTION) !== 0
    this.dirty ||= changed || (status & AUTOCOMMIT) === 0
  }

  #finish(job: Job): void {
    job.forget?.()
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#current === job) this.#current = null
  }

  #next(): void {
    const next = this.#jobs.shift()
    if (next !== undefined) {
      this.#start(next)
      return
    }
    this.since = Date.now()
    if (!this.dead) this.#client.stream.unref()
    this.onIdle?.()
  }

  #lose(error: unknown, forCurrent = error): void {
    if (this.dead) return
    this.dead = true
    const job = this.#current
    if (job !== null) {
      this.#finish(job)
      job.reject(forCurrent)
    }
    for (const waiting of this.#jobs.splice(0)) waiting.reject(error)
    if (!this.#client.stream.destroyed) this.#client.stream.destroy()
    this.onIdle?.()
  }
}
