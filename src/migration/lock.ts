import type { Session } from '../database/session.js'
import type { Transaction } from '../database/transaction.js'
import type { SessionLock } from '../dialect/migration.js'
import type { BeginOptions } from '../driver/driver.js'
import { AbortedError, LockTimeoutError, MigrationLockedError } from '../errors.js'
import { namedLock, questionOnce } from '../execution/statement.js'
import type { Signal } from '../types/database.js'

/** The pause between two attempts in milliseconds, plus a random time of up to the same length. */
const PAUSE = 30

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Throws AbortedError if the signal was aborted. */
export function checkSignal(signal: Signal | undefined): void {
  if (signal?.aborted === true) throw new AbortedError(signal.reason)
}

/** Thrown to end a transaction when another migrator has the lock. Callers never see it. */
export class Busy {}

/** How long a migrator waits for another one. */
export class Patience {
  readonly #deadline: number
  #told = false

  constructor(
    /** Milliseconds. */
    readonly limit: number,
    readonly onWait: (holder: string | null) => void,
    readonly signal: Signal | undefined,
  ) {
    this.#deadline = performance.now() + limit
  }

  /** Waits for one pause. Throws MigrationLockedError after the limit, and AbortedError after an abort. */
  async wait(holder: () => Promise<string | null>): Promise<void> {
    checkSignal(this.signal)
    const isOver = performance.now() >= this.#deadline
    if (!this.#told || isOver) {
      const found = await holder()
      if (!this.#told) this.onWait(found)
      this.#told = true
      if (isOver) throw locked(found, this.limit)
    }
    await pause(PAUSE * (1 + Math.random()))
  }
}

const locked = (holder: string | null, limit: number) =>
  new MigrationLockedError(
    `Another migrator is at work on the database${holder === null ? '' : ` (${holder})`}${limit === 0 ? '' : `, and did not finish within ${limit} ms`}. Nothing was run. Try again when it is done.`,
  )

/** Keeps other migrators away from a database while this one works. */
export class MigratorLock {
  readonly #session: Session
  readonly #name: string

  private constructor(
    session: Session,
    name: string,
    readonly patience: Patience,
    /** A lock of the session has no effect here; only locks of transactions do. */
    readonly isPooled: boolean,
  ) {
    this.#session = session
    this.#name = name
  }

  get #sessionLock(): SessionLock | null {
    return this.isPooled ? null : this.#session.dialect.migration.sessionLock
  }

  /** If the lock covers the whole database, the migrator retries by itself, so that it can report that it is waiting. */
  get transactionOptions(): BeginOptions {
    const { isolation } = this.#session.dialect.migration
    return { lockWait: 0, ...(isolation !== null && { isolation }) }
  }

  /**
   * Takes the lock of the session, if the database has one. Throws MigrationLockedError if another migrator holds it too long.
   */
  static async take(
    session: Session,
    name: string,
    { patience, isPooled }: { readonly patience: Patience; readonly isPooled: boolean },
  ): Promise<MigratorLock> {
    const lock = new MigratorLock(session, name, patience, isPooled)
    const sessionLock = lock.#sessionLock
    if (sessionLock === null) return lock
    while (!(await asks(session, sessionLock.take(name)))) await patience.wait(() => lock.holder())
    return lock
  }

  /** Describes the session that holds the lock, null if it is not known. */
  async holder(): Promise<string | null> {
    const { sessionLock } = this.#session.dialect.migration
    if (sessionLock === null) return null
    const { rows } = await this.#session.run(questionOnce(sessionLock.holder(this.#name)))
    const text = rows[0]?.[0]
    return typeof text === 'string' ? text : null
  }

  /** Takes a lock that lasts until the transaction ends. Throws Busy if another migrator holds it. */
  async enter(trx: Transaction): Promise<void> {
    const { transactionLock } = this.#session.dialect.migration
    if (transactionLock !== null && !(await asks(trx, transactionLock(this.#name)))) throw new Busy()
  }

  /** Runs work in a transaction that holds the lock, after waiting for other migrators. */
  async inTransaction<R>(work: (trx: Transaction) => Promise<R>): Promise<R> {
    const { sessionLock } = this.#session.dialect.migration
    for (;;) {
      try {
        return await this.#session.transaction(async (trx) => {
          await this.enter(trx)
          return work(trx)
        }, this.transactionOptions)
      } catch (error) {
        if (!(error instanceof Busy) && !(sessionLock === null && error instanceof LockTimeoutError)) throw error
        await this.patience.wait(() => this.holder())
      }
    }
  }

  async release(): Promise<void> {
    const sessionLock = this.#sessionLock
    if (sessionLock === null) return
    try {
      await this.#session.run(namedLock(sessionLock.release(this.#name)))
    } catch {
      // a closed session has no locks
    }
  }
}

async function asks(on: Pick<Session, 'run'>, sql: string): Promise<boolean> {
  const { rows } = await on.run(namedLock(sql))
  return Number(rows[0]?.[0]) === 1
}
