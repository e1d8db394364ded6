import type { Dialect } from '../dialect/dialect.js'
import type { BeginOptions, Connection, QueryResult } from '../driver/driver.js'
import { Lane } from '../driver/lane.js'
import { ConnectionError, CormError, DeadlockError, LockTimeoutError, TransactionError } from '../errors.js'
import type { Sql } from '../types/expression.js'
import { ambient, withAmbient } from '../util/ambient.js'
import { andThen, type MaybePromise, promised } from '../util/maybe-promise.js'
import { own } from '../util/own.js'
import type { BatchConnection, Executor, NamedStatement } from './executor.js'
import type { Observer } from './observe.js'
import { type TransactionOptions, transactionOptions } from './options.js'
import { rawExecute, rawSelect } from './raw.js'
import { UndoLog } from './undo.js'

export type { TransactionOptions } from './options.js'

/** Work for after the commit. */
export type Hook = () => void | Promise<void>

/** Milliseconds that work waits for a nested transaction beside it. */
const NESTED_WAIT = 30_000

/** What a transaction and its nested ones have in common. */
interface Root {
  readonly connection: Connection
  readonly observer: Observer
  readonly database: object
  savepoints: number
  /** The database has not locked itself for writing yet, where it does that as a whole. */
  deferred: boolean
  /** Set when the database ended the transaction: nothing can mend it. */
  broken: CormError | undefined
}

/** Thrown by `rollback()` to leave the callback; it never reaches the caller of `transaction`. */
class RollbackSignal {
  constructor(readonly transaction: Transaction) {}
}

/** A running transaction. It counts its statements, ends when they are done, and refuses all use afterwards. */
export class Transaction implements Executor {
  readonly isTransaction = true
  #state: 'open' | 'ending' | 'ended' = 'open'
  #pending = 0
  #idle: (() => void) | undefined
  readonly #hooks: Hook[] = []
  /** Nested transactions take turns, and statements of this one don't slip into them. */
  readonly #lane = new Lane(NESTED_WAIT)
  /** What a rollback puts back in memory. */
  readonly undo: UndoLog

  private constructor(
    private readonly root: Root,
    readonly parent: Transaction | null,
  ) {
    this.undo = new UndoLog(parent === null ? null : parent.undo)
  }

  get dialect(): Dialect {
    return this.root.observer.dialect
  }

  get database(): object {
    return this.root.database
  }

  run(statement: NamedStatement): MaybePromise<QueryResult> {
    this.#refuse()
    if (this.#lane.free || this.#isAround(currentTransaction(this.root.database))) return this.#send(statement)
    return this.#counted(this.#lane.pass(() => this.#send(statement), statement.cancellation))
  }

  async atomically<R>(work: (connection: BatchConnection) => MaybePromise<R>): Promise<R> {
    return this.transaction(async (nested) => work(nested.batch()))
  }

  /** Runs SQL of the user's; the number of affected rows. */
  execute(statement: Sql): Promise<number> {
    return rawExecute(this, statement)
  }

  /** Runs SQL of the user's; its rows as plain objects. */
  async select<T = Record<string, unknown>>(statement: Sql): Promise<T[]> {
    return (await rawSelect(this, statement)) as T[]
  }

  /** A nested transaction: a savepoint, rolled back alone when its callback throws. */
  async transaction<R>(work: (nested: Transaction) => Promise<R>, options?: TransactionOptions): Promise<R> {
    transactionOptions(options)
    this.#refuse()
    return this.#counted(this.#nest(work))
  }

  /** Runs `hook` once, after the outermost transaction has committed. */
  afterCommit(hook: Hook): void {
    this.#refuse()
    this.#hooks.push(hook)
  }

  /**
   * Where rows can't be locked, the database is: before the rows are read that are to stay as they are.
   * @internal
   */
  lockDatabase(table: string): MaybePromise<void> {
    const { takeWriteLock } = this.dialect
    if (takeWriteLock === null || !this.root.deferred) return
    return andThen(this.run(plain(takeWriteLock(table))), () => {
      this.root.deferred = false
    })
  }

  /** Ends the transaction here and keeps nothing of it. */
  rollback(): never {
    throw new RollbackSignal(this)
  }

  /** @internal */
  batch(): BatchConnection {
    return { ...batchOn(this.root.observer, this.root.connection), run: (statement) => this.run(statement) }
  }

  #send(statement: NamedStatement): MaybePromise<QueryResult> {
    const { connection, observer } = this.root
    this.#pending++
    try {
      const result = observer.run(statement, () => connection.run(statement))
      if (result instanceof Promise) return this.#settled(result, statement)
      this.#done()
      this.#checkAlive()
      return result
    } catch (error) {
      this.#done()
      throw this.#noted(error, statement)
    }
  }

  #settled(result: Promise<QueryResult>, statement: NamedStatement): Promise<QueryResult> {
    return result.then(
      (value) => {
        this.#done()
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
      connection.inTransaction === false ||
      error instanceof DeadlockError ||
      error instanceof ConnectionError ||
      (error instanceof LockTimeoutError &&
        observer.dialect.capabilities.lockTimeoutKeepsWork &&
        statement.asksOnly !== true)
    if (ended && error instanceof CormError) this.root.broken ??= error
    return error
  }

  #checkAlive(): void {
    if (this.root.connection.inTransaction !== false) return
    this.root.broken ??= new TransactionError(
      'A statement ended the transaction inside the database. Leave COMMIT and ROLLBACK to transaction().',
    )
    throw this.root.broken
  }

  #refuse(): void {
    if (this.#state !== 'open')
      throw new TransactionError(
        'The transaction has ended. Await all of its work inside the callback, or leave its async context.',
      )
    if (this.root.broken !== undefined)
      throw new TransactionError(
        'The database has rolled the transaction back after an error. Let the error out of the callback and start again.',
        { cause: this.root.broken },
      )
  }

  #isAround(inner: Transaction | undefined): boolean {
    for (let trx = inner?.parent ?? null; trx !== null; trx = trx.parent) if (trx === this) return true
    return false
  }

  async #nest<R>(work: (nested: Transaction) => Promise<R>): Promise<R> {
    const token = {}
    await this.#lane.take(token)
    try {
      return await this.#savepoint(work)
    } finally {
      this.#lane.leave(token)
    }
  }

  async #savepoint<R>(work: (nested: Transaction) => Promise<R>): Promise<R> {
    const name = `corm_${++this.root.savepoints}`
    const { savepoint } = this.dialect
    await this.#send(plain(savepoint.begin(name)))
    const nested = new Transaction(this.root, this)
    let result: R
    try {
      result = await nested.#perform(work)
    } catch (error) {
      nested.undo.apply()
      await this.#undo(savepoint.rollback(name), savepoint.release(name))
      if (error instanceof RollbackSignal && error.transaction === nested) return undefined as R
      throw error
    }
    // first, so that it is undone with this one if the release fails
    nested.undo.release()
    await this.#send(plain(savepoint.release(name)))
    this.#hooks.push(...nested.#hooks)
    return result
  }

  /** Goes back to a savepoint. When that fails the outer transaction can't be trusted any more. */
  async #undo(...statements: string[]): Promise<void> {
    if (this.root.broken !== undefined) return
    try {
      for (const sql of statements) await this.#send(plain(sql))
    } catch (error) {
      this.root.broken ??=
        error instanceof CormError
          ? error
          : new TransactionError('A savepoint could not be rolled back.', { cause: error })
    }
  }

  /** Runs the callback in its async context, then waits for whatever it did not await. */
  async #perform<R>(work: (trx: Transaction) => Promise<R>): Promise<R> {
    const outer = ambient()
    const transactions = new Map(outer?.transactions).set(this.root.database, this)
    try {
      const result = await withAmbient({ ...outer, transactions }, async () => work(this))
      await this.#end()
      if (this.root.broken !== undefined)
        throw new TransactionError(
          'The database had rolled the transaction back after an error that was caught; nothing was stored.',
          { cause: this.root.broken },
        )
      return result
    } catch (error) {
      await this.#end()
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
   * The outermost transaction on a connection: begin, callback, commit or rollback. Hooks for after the commit are left in
   * `hooks`: they run when the connection is free again.
   * @internal
   */
  static async outermost<R>(
    database: object,
    observer: Observer,
    connection: Connection,
    work: (trx: Transaction) => Promise<R>,
    options: TransactionOptions,
    hooks: Hook[],
  ): Promise<R> {
    const deferred = options.mode === 'deferred' || options.readOnly === true
    const root: Root = { connection, observer, database, savepoints: 0, deferred, broken: undefined }
    const trx = new Transaction(root, null)
    await guard(observer, 'begin', () => connection.begin(options))
    let result: R
    try {
      result = await trx.#perform(work)
    } catch (error) {
      trx.undo.apply()
      await trx.#abandon()
      if (error instanceof RollbackSignal && error.transaction === trx) return undefined as R
      throw error
    }
    try {
      await guard(observer, 'commit', () => connection.commit())
    } catch (error) {
      trx.undo.apply()
      await trx.#abandon()
      throw error
    }
    trx.undo.release()
    hooks.push(...trx.#hooks)
    return result
  }

  /** Rolls back; a failure of that must not hide why. */
  async #abandon(): Promise<void> {
    const { connection, observer } = this.root
    try {
      await guard(observer, 'rollback', () => connection.rollback())
    } catch (error) {
      this.root.broken ??= observer.map(error)
      broken.add(connection)
    }
  }
}

/** A transaction of corm's own statements only: no code of the user's runs in it, so it needs no context. */
export async function inBatch<R>(
  observer: Observer,
  connection: Connection,
  work: (connection: BatchConnection) => MaybePromise<R>,
): Promise<R> {
  await guard(observer, 'begin', () => connection.begin(own<BeginOptions>(undefined)))
  try {
    const result = await work(batchOn(observer, connection))
    await guard(observer, 'commit', () => connection.commit())
    return result
  } catch (error) {
    try {
      await guard(observer, 'rollback', () => connection.rollback())
    } catch {
      broken.add(connection)
    }
    throw error
  }
}

function batchOn(observer: Observer, connection: Connection): BatchConnection {
  const { runMany } = connection
  return {
    run: (statement) => observer.run(statement, () => connection.run(statement)),
    runMany:
      runMany &&
      ((statement, count, parametersOf) =>
        observer.run(statement, () => runMany.call(connection, statement.sql, count, parametersOf))),
  }
}

/** Connections whose rollback failed: their lender throws them away. */
export const broken = new WeakSet<Connection>()

const plain = (sql: string): NamedStatement => ({ sql, parameters: [], prepare: false, rows: false })

async function guard(observer: Observer, sql: string, send: () => MaybePromise<void>): Promise<void> {
  await observer.run(plain(sql), () => {
    const done = send()
    return done instanceof Promise ? done.then(() => NOTHING) : NOTHING
  })
}

const NOTHING: QueryResult = { rows: [], affected: 0 }

/** Hooks run after the commit: what they throw can't undo it and must not look as if it had. */
export async function runHooks(hooks: readonly Hook[]): Promise<void> {
  for (const hook of hooks) {
    try {
      await hook()
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), 'AfterCommitWarning')
    }
  }
}

/** The transaction of a database in this async context. */
export function currentTransaction(database: object): Transaction | undefined {
  return ambient()?.transactions.get(database) as Transaction | undefined
}

/**
 * Runs `work` outside of any running transaction: what it writes is stored whatever becomes of the transaction around it.
 * On a database with a single connection (SQLite, PGlite) it would wait for that transaction, and is refused in time.
 */
export function outsideTransaction<R>(work: () => Promise<R>): Promise<R> {
  const outer = ambient()
  if (outer === undefined) return promised(work)
  return withAmbient({ ...outer, transactions: new Map() }, async () => work())
}
