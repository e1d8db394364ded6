import type { Cancellation } from '../../driver/cancellation.js'
import { CLOSE_LIMIT, type Connection, type Driver, type QueryResult, type Statement } from '../../driver/driver.js'
import { AT_ONCE, onlyReads } from '../../driver/reads.js'
import { ConnectionError, PoolTimeoutError } from '../../errors.js'
import { Loan } from './loan.js'
import type { MysqlSession } from './session.js'

export interface PoolOptions {
  readonly min: number
  readonly max: number
  /** The longest time in milliseconds that a caller waits for a connection. */
  readonly acquireTimeout: number
  open(): Promise<MysqlSession>
}

interface PoolWaiter {
  readonly until: number
  start(session: MysqlSession): void
  fail(error: Error): void
}

/** How long an idle connection above the minimum stays open, in milliseconds. */
const IDLE_LIMIT = 60_000
/** How long the pool opens no further connection after the server refused one, in milliseconds. */
const BACK_OFF = 1000
/** How many dead connections one read replaces. */
const ATTEMPTS = 100

/** A pool of connections to one server. Callers that find none free wait in one queue. */
export class MysqlPool implements Driver {
  readonly runTogether = undefined
  readonly #options: PoolOptions
  readonly #sessions = new Set<MysqlSession>()
  /** The most recently used connection comes first. */
  readonly #idle: MysqlSession[] = []
  readonly #waiting: PoolWaiter[] = []
  readonly #loans = new Set<Loan>()
  #opening = 0
  #notBefore = 0
  #waitTimer: NodeJS.Timeout | null = null
  readonly #idleTimer: NodeJS.Timeout
  #closing: Promise<void> | null = null
  /** Set when the pool is closed: the error for every further call. */
  #refusal: Error | null = null

  constructor(options: PoolOptions, first: MysqlSession) {
    this.#options = options
    this.#idleTimer = setInterval(() => this.#trim(), IDLE_LIMIT / 2)
    this.#idleTimer.unref()
    this.#adopt(first)
    this.#fill()
  }

  run(statement: Statement): Promise<QueryResult> {
    return this.#run(statement, onlyReads(statement) ? ATTEMPTS : 0)
  }

  #run(statement: Statement, attempts: number): Promise<QueryResult> {
    const session = this.#take()
    if (session !== undefined) return attempts > 0 ? this.#read(session, statement, attempts) : session.run(statement)
    return new Promise((resolve, reject) => {
      this.#wait((free) => resolve(free.run(statement)), reject, statement.cancellation)
    })
  }

  /** Sends a read again if it fails at once because its connection had died while idle. */
  async #read(session: MysqlSession, statement: Statement, attempts: number): Promise<QueryResult> {
    const start = performance.now()
    try {
      return await session.run(statement)
    } catch (error) {
      const isOver = statement.cancellation?.isOver === true || performance.now() - start > AT_ONCE
      if (!session.dead || isOver || this.#refusal !== null) throw error
      return this.#run(statement, attempts - 1)
    }
  }

  async acquire(): Promise<Connection> {
    const loan: Loan = new Loan(this.#lent(await this.#nextFree()), () => this.#exchange())
    this.#loans.add(loan)
    return loan
  }

  #nextFree(): MysqlSession | Promise<MysqlSession> {
    return this.#take() ?? new Promise((resolve, reject) => this.#wait(resolve, reject))
  }

  async #exchange(): Promise<MysqlSession> {
    return this.#lent(await this.#nextFree())
  }

  release(loan: Loan, broken: boolean): void {
    if (!this.#loans.delete(loan)) return
    const { touched } = loan
    const session = loan.end()
    session.lent = false
    session.onIdle = () => this.#free(session)
    if (broken || touched || session.dead || session.dirty || this.#closing !== null) this.#drop(session)
    else if (!session.leave(() => this.#drop(session))) this.#free(session)
  }

  refuse(error: Error): void {
    this.#refusal = error
    this.#failAll(error)
    this.#restWatch()
  }

  close(limit = CLOSE_LIMIT): Promise<void> {
    if (this.#refusal === null)
      this.refuse(new ConnectionError('The database is closed. Close it after all work, or connect again.'))
    this.#closing ??= this.#close(limit)
    return this.#closing
  }

  async #close(limit: number): Promise<void> {
    clearInterval(this.#idleTimer)
    const deadline = Date.now() + limit
    while ([...this.#sessions].some((session) => session.busy) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 10))
    const all = [...this.#sessions]
    this.#sessions.clear()
    await Promise.all(all.map((session) => (session.busy || session.inTransaction ? session.destroy() : session.end())))
  }

  #take(): MysqlSession | undefined {
    if (this.#waiting.length > 0 || this.#refusal !== null) return undefined
    let session = this.#idle.pop()
    while (session?.dead === true) session = this.#idle.pop()
    return session
  }

  #lent(session: MysqlSession): MysqlSession {
    session.lent = true
    session.onIdle = () => {
      if (session.dead) this.#drop(session)
    }
    return session
  }

  /** All callers have the same time limit, so they give up in the order of their arrival and one timer is enough. */
  #wait(start: PoolWaiter['start'], fail: PoolWaiter['fail'], cancellation?: Cancellation): void {
    if (this.#refusal !== null) {
      fail(this.#refusal)
      return
    }
    const until = Date.now() + this.#options.acquireTimeout
    const waiter = { until, start, fail }
    this.#waiting.push(cancellation === undefined ? waiter : this.#mayLeave(waiter, cancellation))
    if (this.#waitTimer === null) this.#watch(this.#options.acquireTimeout)
    this.#grow()
  }

  /** The same waiter, which leaves the queue when it is cancelled. */
  #mayLeave({ until, start, fail }: PoolWaiter, cancellation: Cancellation): PoolWaiter {
    const forget = cancellation.watch(() => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
      this.#restWatch()
      fail(cancellation.error())
    })
    const waiter: PoolWaiter = {
      until,
      start: (session) => {
        forget()
        start(session)
      },
      fail: (error) => {
        forget()
        fail(error)
      },
    }
    return waiter
  }

  /** Stops the timer when nobody waits any more. */
  #restWatch(): void {
    if (this.#waiting.length > 0 || this.#waitTimer === null) return
    clearTimeout(this.#waitTimer)
    this.#waitTimer = null
  }

  #watch(ms: number): void {
    this.#waitTimer = setTimeout(() => this.#expire(), ms)
  }

  #expire(): void {
    this.#waitTimer = null
    const now = Date.now()
    for (let [waiter] = this.#waiting; waiter !== undefined && waiter.until <= now; [waiter] = this.#waiting) {
      this.#waiting.shift()
      waiter.fail(
        new PoolTimeoutError(
          `None of the ${this.#options.max} connections was free within ${this.#options.acquireTimeout} ms. ` +
            'Transactions may take too long, or one waits for another connection while it holds its own.',
        ),
      )
    }
    const [first] = this.#waiting
    if (first === undefined) return
    this.#watch(first.until - now)
    this.#grow()
  }

  /** Gives an idle connection to the next waiter in the queue. */
  #free(session: MysqlSession): void {
    if (session.dead || session.dirty) {
      this.#drop(session)
      return
    }
    if (this.#closing !== null || session.busy) return
    const waiter = this.#waiting.shift()
    if (waiter === undefined) this.#idle.push(session)
    else {
      this.#restWatch()
      waiter.start(session)
    }
  }

  #adopt(session: MysqlSession): void {
    this.#sessions.add(session)
    session.onIdle = () => this.#free(session)
    this.#free(session)
  }

  #drop(session: MysqlSession): void {
    if (!this.#sessions.delete(session)) return
    const at = this.#idle.indexOf(session)
    if (at !== -1) this.#idle.splice(at, 1)
    session.onIdle = null
    session.destroy()
    this.#fill()
    this.#grow()
  }

  /** Opens connections for the waiters. */
  #grow(): void {
    while (this.#opening < this.#waiting.length && this.#mayOpen()) this.#open()
  }

  /** Opens connections up to the minimum. */
  #fill(): void {
    while (this.#sessions.size + this.#opening < this.#options.min && this.#mayOpen()) this.#open()
  }

  #mayOpen(): boolean {
    const count = this.#sessions.size + this.#opening
    if (this.#closing !== null || count >= this.#options.max) return false
    // without any connection, waiters have nothing to wait for but a new attempt
    return count === 0 || Date.now() >= this.#notBefore
  }

  #open(): void {
    this.#opening++
    this.#options.open().then(
      (session) => {
        this.#opening--
        if (this.#closing === null) this.#adopt(session)
        else session.destroy()
      },
      (error: Error) => {
        this.#opening--
        this.#notBefore = Date.now() + BACK_OFF
        // if there are other connections, callers go on waiting for those
        if (this.#sessions.size + this.#opening === 0) this.#failAll(error)
      },
    )
  }

  #failAll(error: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.fail(error)
  }

  #trim(): void {
    const before = Date.now() - IDLE_LIMIT
    while (this.#sessions.size > this.#options.min) {
      const [session] = this.#idle
      if (session === undefined || session.since >= before) return
      this.#idle.shift()
      this.#sessions.delete(session)
      session.onIdle = null
      void session.end()
    }
  }
}
