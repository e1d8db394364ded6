import type { Dialect } from '../dialect/dialect.js'
import type { BeginOptions, Connection, QueryResult } from '../driver/driver.js'
import { Lane } from '../driver/lane.js'
import { CormError, TransactionError } from '../errors.js'
import { CommitLog, type CommitNote } from '../execution/commit-log.js'
import type { BatchConnection, Executor, OpenTransaction } from '../execution/executor.js'
import { controlStatement, lockStatement, type NamedStatement } from '../execution/statement.js'
import { UndoLog } from '../execution/undo.js'
import type { Sql } from '../types/expression.js'
import { ambient, withAmbient } from '../util/ambient.js'
import { requireFunction } from '../util/arguments.js'
import { andThen, type MaybePromise } from '../util/maybe-promise.js'
import { abandon, attachRollbackError, batchOn, guard } from './batch.js'
import { BROKEN, CAUGHT, ENDED, ENDED_BY_STATEMENT, isEndedBy } from './ended.js'
import type { CommitHook } from './hooks.js'
import type { Observer } from './observe.js'
import { type TransactionOptions, transactionOptions } from './options.js'
import { rawExecute, rawSelect } from './raw.js'
import type { Attempt, Attempts } from './retries.js'
import { SandboxLoan } from './sandbox.js'
import { waitForNested } from './waiting.js'

export type { TransactionOptions } from './options.js'

/** What a database gives its transactions. */
export interface Host {
  readonly database: Executor
  readonly observer: Observer
  /** Milliseconds that work waits for its turn. */
  readonly acquireTimeout: number
  /** The outermost ones that are under way. */
  readonly running: Set<Transaction>
}

/** What a transaction and its nested ones have in common. */
interface Root extends Omit<Host, 'running'> {
  readonly connection: Connection
  savepoints: number
  /** The database has not locked itself for writing yet, where it does that as a whole. */
  deferred: boolean
  /** Set when the transaction is over in the database: it can only be rolled back. */
  broken: CormError | undefined
  /** A statement ended it there, and may have stored what had been done. */
  endedByStatement: boolean
}

/** Thrown by `rollback()` to leave the callback; it never reaches the caller of `transaction`. */
class RollbackSignal {
  constructor(readonly transaction: Transaction) {}
}

/** A running transaction. It ends when its callback and all statements in it are done. Using it later throws TransactionError. */
export class Transaction implements OpenTransaction {
  readonly isTransaction = true
  readonly runTogether = undefined
  #state: 'open' | 'ending' | 'ended' = 'open'
  #pending = 0
  #idle: (() => void) | undefined
  /** rollback() was called. That its signal was caught does not take it back. */
  #rolledBack = false
  readonly #committed = new CommitLog()
  /** Nested transactions take turns, and statements of this one don't slip into them. */
  readonly #lane: Lane
  /** What a rollback puts back in memory. */
  readonly undo: UndoLog

  private constructor(
    private readonly root: Root,
    readonly parent: Transaction | null,
    attempts: Attempts | null = null,
  ) {
    this.undo = new UndoLog(parent === null ? null : parent.undo, attempts)
    this.#lane = new Lane(root.acquireTimeout)
  }

  get dialect(): Dialect {
    return this.root.observer.dialect
  }

  /** @internal */
  get database(): Executor {
    return this.root.database
  }

  /** @internal */
  get openTransaction(): this {
    return this
  }

  /** @internal */
  get current(): this {
    return this
  }

  /** @internal */
  get hasEnded(): boolean {
    return this.#state === 'ended'
  }

  /** In a test, the database has this connection only. @internal */
  get isSandboxed(): boolean {
    return this.root.connection instanceof SandboxLoan
  }

  run(statement: NamedStatement): MaybePromise<QueryResult> {
    this.#refuse()
    if (this.#lane.free || this.#isAround(currentTransaction(this.root.database))) return this.#send(statement)
    return this.#counted(this.#lane.pass(() => this.#send(statement), statement.cancellation, waitForNested()))
  }

  async atomically<R>(work: (connection: BatchConnection) => MaybePromise<R>): Promise<R> {
    return this.transaction(async (nested) => work(nested.batch()))
  }

  /** Runs raw SQL, written with the `sql` tag, and returns the number of affected rows. */
  execute(statement: Sql): Promise<number> {
    return rawExecute(this, statement)
  }

  /** Runs a raw SQL query, written with the `sql` tag, and returns its rows as plain objects. */
  async select<T = Record<string, unknown>>(statement: Sql): Promise<T[]> {
    return rawSelect<T>(this, statement)
  }

  /** Runs `work` in a nested transaction: a savepoint. If `work` throws, corm rolls back to the savepoint. */
  async transaction<R>(work: (nested: Transaction) => Promise<R>, options?: TransactionOptions): Promise<R> {
    transactionOptions(options)
    requireFunction(work, 'transaction()')
    this.#refuse()
    return this.#counted(this.#nest(work))
  }

  /** Runs `hook` once after the outermost transaction has committed. It does not run after a rollback. */
  afterCommit(hook: CommitHook): void {
    this.#refuse()
    this.#committed.add(hook)
  }

  /** @internal */
  noteCommit(subject: object, note: CommitNote): void {
    this.#committed.note(subject, note)
  }

  /**
   * Where rows can't be locked, the database is: before the rows are read that are to stay as they are.
   * @internal
   */
  lockDatabase(table: string): MaybePromise<void> {
    const { takeWriteLock } = this.dialect
    if (takeWriteLock === null || !this.root.deferred) return
    return andThen(this.run(lockStatement(takeWriteLock(table))), () => {
      this.root.deferred = false
    })
  }

  /** Rolls the transaction back and leaves its callback. `transaction()` then returns undefined. */
  rollback(): never {
    if (this.#state !== 'open') throw new TransactionError(ENDED)
    this.#rolledBack = true
    throw new RollbackSignal(this)
  }

  /**
   * Gives it up from outside: its statements are refused from now on.
   * @internal
   */
  cut(error: CormError): void {
    this.root.broken ??= error
  }

  /** @internal */
  batch(): BatchConnection {
    return { ...batchOn(this.root.observer, this.root.connection), run: (statement) => this.run(statement) }
  }

  #send(statement: NamedStatement): MaybePromise<QueryResult> {
    const { connection, observer } = this.root
    this.#pending++
    try {
      const result = observer.run(statement, connection)
      if (result instanceof Promise) return this.#finished(result, statement)
      this.#done()
      this.#checkAlive()
      return result
    } catch (error) {
      this.#done()
      throw this.#noted(error, statement)
    }
  }

  #finished(result: Promise<QueryResult>, statement: NamedStatement): Promise<QueryResult> {
    return result.then(
      (value) => {
        this.#done()
        this.#checkAlive()
        return value
      },
      (error) => {
        this.#done()
        throw this.#noted(error, statement)
      },
    )
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    this.#pending++
    try {
      return await work
    } finally {
      this.#done()
    }
  }

  #done(): void {
    if (--this.#pending === 0) this.#idle?.()
  }

  /** Some errors end the whole transaction at the server: from then on everything is refused. */
  #noted(error: unknown, statement: NamedStatement): unknown {
    const { connection, observer } = this.root
    const ended =
      connection.inTransaction === false || isEndedBy(error, observer.dialect.capabilities, statement.asksOnly === true)
    if (ended && error instanceof CormError) this.root.broken ??= error
    return error
  }

  #checkAlive(): void {
    const { inTransaction, lost } = this.root.connection
    // the next statement reports a lost connection
    if (inTransaction !== false || lost === true) return
    if (this.root.broken === undefined) {
      this.root.endedByStatement = true
      this.root.broken = new TransactionError(ENDED_BY_STATEMENT)
    }
    throw this.root.broken
  }

  #refuse(): void {
    if (this.#state !== 'open') throw new TransactionError(ENDED)
    const { broken, endedByStatement } = this.root
    if (broken !== undefined)
      throw new TransactionError(endedByStatement ? broken.message : `${BROKEN} ${broken.message}`, { cause: broken })
    if (this.#isRolledBack())
      throw new TransactionError(
        'rollback() was called in this transaction, so no more statements can run in it. Let its error leave the callback.',
      )
  }

  #isRolledBack(): boolean {
    for (let trx: Transaction | null = this; trx !== null; trx = trx.parent) if (trx.#rolledBack) return true
    return false
  }

  #isAround(inner: Transaction | undefined): boolean {
    for (let trx = inner?.parent ?? null; trx !== null; trx = trx.parent) if (trx === this) return true
    return false
  }

  async #nest<R>(work: (nested: Transaction) => Promise<R>): Promise<R> {
    const token = {}
    if (this.#lane.free) await this.#lane.take(token)
    else await this.#lane.take(token, undefined, waitForNested())
    try {
      return await this.#savepoint(work)
    } finally {
      this.#lane.leave(token)
    }
  }

  async #savepoint<R>(work: (nested: Transaction) => Promise<R>): Promise<R> {
    const name = `corm_${++this.root.savepoints}`
    const { savepoint } = this.dialect
    await this.#send(controlStatement(savepoint.begin(name)))
    const nested = new Transaction(this.root, this)
    let result: R
    try {
      result = await nested.#perform(work)
    } catch (error) {
      nested.undo.apply()
      await this.#undo(error, savepoint.rollback(name), savepoint.release(name))
      if (error instanceof RollbackSignal && error.transaction === nested) return undefined as R
      throw error
    }
    // first, so that it is undone with this one if the release fails
    nested.undo.release()
    await this.#send(controlStatement(savepoint.release(name)))
    this.#committed.take(nested.#committed)
    return result
  }

  /** Goes back to a savepoint. When that fails the outer transaction can't be trusted any more. */
  async #undo(reason: unknown, ...statements: string[]): Promise<void> {
    if (this.root.broken !== undefined) return
    try {
      for (const sql of statements) await this.#send(controlStatement(sql))
    } catch (error) {
      const failure =
        error instanceof CormError
          ? error
          : new TransactionError('The nested transaction could not be rolled back. The whole transaction is undone.', {
              cause: error,
            })
      this.root.broken ??= failure
      attachRollbackError(reason, failure)
    }
  }

  /** Runs the callback in its async context, then waits for whatever it did not await. */
  async #perform<R>(work: (trx: Transaction) => Promise<R>): Promise<R> {
    const outer = ambient()
    const transactions = new Map(outer?.transactions).set(this.root.database, this)
    try {
      const result = await withAmbient({ ...outer, transactions }, () => work(this))
      if (this.#pending > 0) await this.#end()
      const { broken, endedByStatement } = this.root
      if (broken !== undefined)
        throw new TransactionError(endedByStatement ? broken.message : CAUGHT, { cause: broken })
      if (this.#rolledBack) throw new RollbackSignal(this)
      return result
    } catch (error) {
      if (this.#pending > 0) await this.#end()
      throw error
    } finally {
      this.#state = 'ended'
    }
  }

  async #end(): Promise<void> {
    if (this.#state === 'open') this.#state = 'ending'
    while (this.#pending > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
  }

  /**
   * The outermost transaction on a connection: begin, callback, commit or rollback.
   * @internal
   */
  static async outermost<R>(
    { database, observer, acquireTimeout, running }: Host,
    work: (trx: Transaction) => Promise<R>,
    options: BeginOptions,
    { connection, hooks, attempts }: Attempt,
  ): Promise<R> {
    const deferred = options.mode === 'deferred' || options.readOnly === true
    const state = { savepoints: 0, deferred, broken: undefined, endedByStatement: false }
    const trx = new Transaction({ connection, observer, database, acquireTimeout, ...state }, null, attempts)
    const begun = guard(observer, 'begin', () => connection.begin(options))
    if (begun instanceof Promise) await begun
    running.add(trx)
    let result: R
    try {
      result = await trx.#perform(work)
    } catch (error) {
      trx.undo.apply()
      await abandon(observer, connection, error)
      if (error instanceof RollbackSignal && error.transaction === trx) return trx.#nothing() as R
      throw error
    } finally {
      running.delete(trx)
    }
    try {
      const committed = guard(observer, 'commit', () => connection.commit())
      if (committed instanceof Promise) await committed
    } catch (error) {
      trx.undo.apply()
      throw await abandon(observer, connection, error)
    }
    trx.undo.release()
    for (const hook of trx.#committed.hooks()) hooks.push(hook)
    return result
  }

  /** The error after rollback(), unless a statement had committed what should have been rolled back. */
  #nothing(): undefined {
    const { broken, endedByStatement } = this.root
    if (broken !== undefined && endedByStatement) throw new TransactionError(broken.message, { cause: broken })
  }
}

/** The transaction of a database in this async context. */
export function currentTransaction(database: Executor): Transaction | undefined {
  return ambient()?.transactions.get(database) as Transaction | undefined
}
