import type { Session } from '../database/session.js'
import type { Transaction } from '../database/transaction.js'
import type { Cancellation } from '../driver/cancellation.js'
import type { QueryResult } from '../driver/driver.js'
import {
  AbortedError,
  ConnectionError,
  DatabaseError,
  DeadlockError,
  LockTimeoutError,
  MigrationError,
} from '../errors.js'
import type { Executor } from '../execution/executor.js'
import { LimitedExecutor } from '../execution/limited.js'
import {
  type NamedStatement,
  questionOnce,
  schemaStatement,
  statementWith,
  userStatement,
} from '../execution/statement.js'
import { refuseRows } from '../schema/obstacles.js'
import { checkForeignKeys, type SchemaSession, withoutForeignKeys } from '../schema/steps.js'
import type { Signal } from '../types/database.js'
import type { FinishedMigration, MigrationEvent } from '../types/migration.js'
import { cursorText, DataAccess, readBatchCursor } from './data.js'
import { earlyObstacles } from './early.js'
import { alreadyThere, interrupted, stepFailed } from './failures.js'
import { Busy, checkSignal, type MigratorLock, pause } from './lock.js'
import { OpenEnded } from './open-ended.js'
import { type StepState, stepStateOf } from './probe.js'
import { type Direction, type MigrationRecord, type MigrationRecords, stepsDone } from './record.js'
import { type MigrationStep, type Segment, segmentsOf } from './step.js'

/** A migration to run in one direction. */
export interface Runnable {
  readonly id: string
  readonly direction: Direction
  readonly checksum: string
  readonly steps: readonly MigrationStep[]
  /** Whether steps share a transaction if possible. */
  readonly transaction: boolean
  /** Ids of other records that are removed together with this one when it is reversed. */
  readonly removes: readonly string[]
}

export interface RunnerOptions {
  readonly session: Session
  readonly records: MigrationRecords
  readonly lock: MigratorLock
  readonly lockRetries: number
  /** Stops it after the step that is running. */
  readonly signal: Signal | undefined
  /** Stops the statement that is running. */
  readonly cancellation: Cancellation | null
  readonly onEvent: (event: MigrationEvent) => void
}

/** How long another migrator has to say that its step is done, and how often to look, in milliseconds. */
const GRACE = 1000
const LOOK = 100

/** The first and the longest pause before a migration is tried again, in milliseconds. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 30_000

const isOnlyKnownWhenBegun = ({ kind }: MigrationStep['probe']) => kind === 'asks' || kind === 'orders'

/** Thrown when another migrator has continued the batches. Callers never see it. */
class OvertakenSignal {}

/** Runs one migration and records its progress. */
export class MigrationRunner {
  readonly #migration: Runnable
  readonly #options: RunnerOptions
  readonly #started = new Date()
  #isFinished = false

  constructor(migration: Runnable, options: RunnerOptions) {
    this.#migration = migration
    this.#options = options
  }

  /** Runs or continues the migration. Returns null if another migrator has finished it in the meantime. */
  async run(): Promise<FinishedMigration | null> {
    const { id, direction, steps, transaction } = this.#migration
    const { onEvent } = this.#options
    onEvent({ kind: 'started', id, direction })
    const segments = segmentsOf(steps, transaction)
    if (segments.length > 1) await this.#refuseRows()
    for (const segment of segments) await this.#segment(segment)
    // a migration without steps on this database is recorded too
    if (segments.length === 0) await this.#inTransaction({ outsideTransaction: false, start: 0, steps: [] })
    if (!this.#isFinished) return null
    const migration = { id, direction, how: 'run', duration: this.#duration } as const
    onEvent({ kind: 'finished', migration })
    return migration
  }

  /** Without a transaction that would undo everything, searches for rows that a later step can't accept first. */
  async #refuseRows(): Promise<void> {
    const { session, records } = this.#options
    const { id, direction, steps } = this.#migration
    const record = await this.#retried(() => this.#transaction((trx) => records.find(trx, id)))
    if (record !== null && (record.direction === direction || record.state !== 'done')) return
    for (const { step, index, obstacle } of earlyObstacles(steps))
      try {
        await refuseRows([obstacle], this.#schemaSession(session))
      } catch (error) {
        throw stepFailed(this.#migration, step, { index, error, isBefore: error instanceof MigrationError })
      }
  }

  get #duration(): number {
    return Date.now() - this.#started.getTime()
  }

  #segment(segment: Segment): Promise<void> {
    const [step] = segment.steps
    if (segment.outsideTransaction && step !== undefined) return this.#outsideOrLocked(segment, step)
    if (!this.#migration.transaction && step?.action.kind === 'data') return this.#inBatches(step, segment.start)
    return this.#inTransaction(segment)
  }

  /** Runs steps and writes the record in one transaction. */
  async #inTransaction(segment: Segment): Promise<void> {
    const run = () => this.#retried(() => this.#transaction((trx) => this.#steps(segment, trx)))
    if (!segment.steps.some((step) => step.foreignKeysOff)) return run()
    return withoutForeignKeys(this.#schemaSession(this.#options.session), run)
  }

  async #steps({ start, steps }: Segment, trx: Transaction): Promise<void> {
    const record = await this.#recordIn(trx)
    if (record === 'over') return
    const done = stepsDone(record, this.#migration.direction)
    if (steps.length > 0 && done >= start + steps.length) return
    for (const [i, step] of steps.entries())
      if (start + i >= done) await this.#step(step, start + i, () => this.#act(step, trx))
    // changes made without foreign keys may have left rows without a target
    if (steps.some((step) => step.foreignKeysOff)) await checkForeignKeys(this.#schemaSession(trx))
    await this.#reached(trx, record, start + steps.length)
  }

  /** If only transactions can lock, tries a transaction first: then it is known whether the step is done. */
  async #outsideOrLocked(segment: Segment, step: MigrationStep): Promise<void> {
    if (this.#options.session.dialect.migration.sessionLock === null && !(await this.#hasBegunOutside(segment.start)))
      try {
        return await this.#inTransaction(segment)
      } catch (error) {
        const cause = error instanceof MigrationError ? error.cause : error
        const isRefused = cause instanceof DatabaseError && !(cause instanceof AbortedError)
        if (!isRefused || cause instanceof ConnectionError || cause instanceof LockTimeoutError) throw error
      }
    await this.#outside(step, segment.start)
  }

  async #hasBegunOutside(index: number): Promise<boolean> {
    const record = await this.#retried(() => this.#transaction((trx) => this.#recordIn(trx)))
    if (record === 'over' || record === null || record.direction !== this.#migration.direction) return false
    return record.step === index + 1 && record.stepState === 'running'
  }

  /** Runs a step outside a transaction, and records its start and its result. */
  async #outside(step: MigrationStep, index: number): Promise<void> {
    const { session } = this.#options
    const record = await this.#retried(() => this.#transaction((trx) => this.#recordIn(trx)))
    const { direction } = this.#migration
    if (record === 'over' || stepsDone(record, direction) > index) return
    checkSignal(this.#options.signal)
    const begun = record?.direction === direction && record.step === index + 1
    const finding = await this.#stateOf(step)
    if (begun && record.stepState === 'running') {
      if (finding !== 'done' && (await this.#movesOn(index))) return this.#outside(step, index)
      if (finding === 'unknown') throw interrupted(this.#migration, step, index)
      if (finding === 'done') return this.#noted(index, (trx) => this.#reached(trx, record, index + 1))
    } else if (finding === 'done' && !isOnlyKnownWhenBegun(step.probe)) throw alreadyThere(this.#migration, step, index)
    if (finding === 'partly' && step.cleanUp !== null) await session.run(schemaStatement(step.cleanUp))
    await this.#noted(index, (trx) =>
      this.#write(trx, record, { step: index + 1, stepState: 'running', message: null }),
    )
    try {
      await this.#step(step, index, () => this.#retried(() => this.#act(step, session)))
    } catch (error) {
      const { cause } = error as Error
      // the result of the statement is not known
      if (!(cause instanceof ConnectionError))
        await this.#noted(index, (trx) =>
          this.#write(trx, record, { step: index + 1, stepState: 'failed', message: String((error as Error).message) }),
        )
      throw error
    }
    return this.#noted(index, (trx) => this.#reached(trx, record, index + 1))
  }

  /** Without a lock that outlasts a transaction, another migrator may still run the step: waits for that. */
  async #movesOn(index: number): Promise<boolean> {
    if (this.#options.session.dialect.migration.sessionLock !== null) return false
    for (let waited = 0; waited < GRACE; waited += LOOK) {
      await pause(LOOK)
      if (!(await this.#hasBegunOutside(index))) return true
    }
    return false
  }

  /** Runs a data change whose batches are committed one by one. */
  async #inBatches(step: MigrationStep, index: number): Promise<void> {
    const { action } = step
    if (action.kind !== 'data') throw new TypeError('only changes of data have batches')
    let open = await this.#begin()
    let isOvertaken = false
    try {
      const record = await this.#recordIn(open.trx)
      if (record === 'over' || stepsDone(record, this.#migration.direction) > index) return await open.commit()
      const progress = {
        from: record?.state === 'running' && record.step === index + 1 ? readBatchCursor(record.message) : null,
        commit: async (cursor: Parameters<typeof cursorText>[0]) => {
          const message = cursorText(cursor)
          await this.#write(open.trx, record, { step: index + 1, stepState: 'running', message })
          await open.commit()
          checkSignal(this.#options.signal)
          open = await this.#begin()
          const now = await this.#recordIn(open.trx)
          isOvertaken = now === 'over' || now?.message !== message
          if (isOvertaken) throw new OvertakenSignal()
        },
      }
      const data = new DataAccess(action.before, () => this.#stoppable(open.trx), progress)
      await this.#step(step, index, async () => action.run(data))
      if (isOvertaken) throw new OvertakenSignal()
      await this.#reached(open.trx, record, index + 1)
      await open.commit()
    } catch (error) {
      await open.fail(error)
      if (!isOvertaken) throw error
      await this.#inBatches(step, index)
    }
  }

  async #begin(): Promise<OpenEnded> {
    return this.#retried(async () => {
      const open = await OpenEnded.begin(this.#options.session, this.#options.lock.transactionOptions)
      try {
        await this.#enter(open.trx)
      } catch (error) {
        await open.fail(error)
        throw error
      }
      return open
    })
  }

  /** Runs a step. Errors report the position in the migration. */
  async #step(step: MigrationStep, index: number, work: () => Promise<unknown> | unknown): Promise<void> {
    const { signal, onEvent } = this.#options
    checkSignal(signal)
    onEvent({ kind: 'step', id: this.#migration.id, index, step: { description: step.description, sql: step.sql } })
    try {
      await work()
    } catch (error) {
      throw stepFailed(this.#migration, step, { index, error })
    }
  }

  async #act({ action }: MigrationStep, on: Session | Transaction): Promise<void> {
    if (action.kind === 'sql') await this.#send(on, userStatement(action.sql, false))
    else if (action.kind === 'schema') await action.run(this.#schemaSession(on))
    else if ('openTransaction' in on) await action.run(new DataAccess(action.before, () => this.#stoppable(on), null))
    else throw new TypeError('data is changed in a transaction')
  }

  #schemaSession(on: Session | Transaction): SchemaSession {
    return {
      dialect: on.dialect,
      inTransaction: 'openTransaction' in on,
      run: async (sql, rows = false) => (await this.#send(on, rows ? questionOnce(sql) : schemaStatement(sql))).rows,
    }
  }

  /** Sends a statement of a step. */
  async #send(on: Session | Transaction, statement: NamedStatement): Promise<QueryResult> {
    const { cancellation } = this.#options
    if (cancellation === null) return on.run(statement)
    cancellation.check()
    return on.run(statementWith(statement, { cancellation }))
  }

  #stoppable(trx: Transaction): Executor {
    const { cancellation } = this.#options
    return cancellation === null ? trx : new LimitedExecutor(trx, cancellation)
  }

  /** Whether a step outside a transaction is done. */
  #stateOf({ probe }: MigrationStep): Promise<StepState> {
    const { session } = this.#options
    const { find } = session.dialect.migration
    const first = async (sql: string) => (await session.run(questionOnce(sql))).rows[0]
    if (find === null && probe.kind !== 'asks') return Promise.resolve('unknown')
    return stepStateOf(
      probe,
      async (object) => {
        const row = find === null ? undefined : await first(find(object))
        return row === undefined ? null : Number(row[0])
      },
      async (sql) => (await session.run(userStatement(sql, true))).rows.length > 0,
    )
  }

  /** Reads the current record. `over`: another migrator has finished the migration. */
  async #recordIn(trx: Transaction): Promise<MigrationRecord | null | 'over'> {
    const record = await this.#options.records.find(trx, this.#migration.id)
    const isOver = this.#migration.direction === 'down' ? record === null : record?.state === 'done'
    // the transaction in which this migrator finished it was rolled back
    if (isOver) this.#isFinished = false
    return isOver ? 'over' : record
  }

  /** Records the number of finished steps. */
  async #reached(trx: Transaction, before: MigrationRecord | null, done: number): Promise<void> {
    const { steps, id, direction, removes } = this.#migration
    const { records } = this.#options
    if (done < steps.length) await this.#write(trx, before, { step: done, stepState: 'done', message: null })
    else if (direction === 'down') for (const each of [id, ...removes]) await records.remove(trx, each)
    else
      await this.#write(trx, before, {
        state: 'done',
        step: done,
        stepState: 'done',
        finishedAt: new Date(),
        duration: this.#duration,
        message: null,
      })
    this.#isFinished = done >= steps.length
  }

  #write(trx: Transaction, before: MigrationRecord | null, at: Partial<MigrationRecord>): Promise<void> {
    const { id, checksum, direction } = this.#migration
    const startedAt = before?.direction === direction ? before.startedAt : this.#started
    return this.#options.records.write(trx, {
      id,
      checksum,
      direction,
      state: 'running',
      step: 0,
      stepState: 'done',
      startedAt,
      finishedAt: null,
      duration: null,
      message: null,
      ...at,
    })
  }

  /** Records the result of a step outside a transaction, unless another migrator has continued. */
  #noted(index: number, work: (trx: Transaction) => Promise<void>): Promise<void> {
    return this.#retried(() =>
      this.#transaction(async (trx) => {
        const now = await this.#recordIn(trx)
        if (now !== 'over' && stepsDone(now, this.#migration.direction) <= index) await work(trx)
      }),
    )
  }

  #transaction<R>(work: (trx: Transaction) => Promise<R>): Promise<R> {
    return this.#options.session.transaction(async (trx) => {
      await this.#enter(trx)
      return work(trx)
    }, this.#options.lock.transactionOptions)
  }

  async #enter(trx: Transaction): Promise<void> {
    const { session, lock } = this.#options
    for (const sql of session.dialect.migration.transaction) await trx.run(schemaStatement(sql))
    await lock.enter(trx)
  }

  /** Runs work again while other migrators or the application block it. Work that fails must leave nothing behind. */
  async #retried<R>(work: () => Promise<R>): Promise<R> {
    const { lock, lockRetries, onEvent, session, signal } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        const cause = error instanceof MigrationError ? error.cause : error
        const isWait = cause instanceof Busy || (cause === error && cause instanceof LockTimeoutError)
        if (isWait && (cause instanceof Busy || session.dialect.migration.sessionLock === null)) {
          await lock.patience.wait(() => lock.holder())
          continue
        }
        const isBlocked = cause instanceof LockTimeoutError || cause instanceof DeadlockError
        if (!isBlocked || attempt > lockRetries) throw error
        checkSignal(signal)
        const delay = Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE) * (0.5 + Math.random() / 2)
        onEvent({ kind: 'retry', id: this.#migration.id, attempt, delay })
        await pause(delay)
      }
    }
  }
}
