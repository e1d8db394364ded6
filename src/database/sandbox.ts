// a test may replace the global ones
import { clearTimeout, setTimeout } from 'node:timers'
import type { Dialect } from '../dialect/dialect.js'
import { type Connection, type Driver, type QueryResult, STATEMENT, type Statement } from '../driver/driver.js'
import { Lane } from '../driver/lane.js'
import { TransactionError } from '../errors.js'
import { andThen, type MaybePromise } from '../util/maybe-promise.js'
import { own } from '../util/own.js'

// A database in a test: all of its work is in one transaction on one connection, which ends in a rollback. Transactions of the
// application are savepoints in it. Everything above the driver works as it does without.

const OVER =
  'The test that began this transaction has ended, and its rows are rolled back. Await all work of a test before it ends.'
const SPOILED =
  "A statement of the test ended the transaction that is around all tests. Some databases do that for CREATE, ALTER, DROP and TRUNCATE. corm makes the test's database again after this test: give such statements to the option setup, or run this test without useTestDatabase()."

// the names of savepoints
const part = (number: number) => `corm_part_${number}`
const WORK = 'corm_work'
const STATEMENT_ALONE = 'corm_statement'

/** Milliseconds that work which a test did not await has to end by itself. */
const GRACE = 1000

/** A driver that runs everything on one connection of another one, in a transaction that is rolled back. */
export class Sandbox implements Driver {
  readonly runTogether = undefined
  #lane: Lane
  #loan: SandboxLoan | null = null
  /** The parts that `enter` has begun. */
  #parts = 0
  readonly #connection: Connection
  /** The work of the database without it. */
  readonly driver: Driver
  readonly #dialect: Dialect
  readonly #limit: number

  private constructor(driver: Driver, connection: Connection, dialect: Dialect, limit: number) {
    this.driver = driver
    this.#connection = connection
    this.#dialect = dialect
    this.#limit = limit
    this.#lane = new Lane(limit)
  }

  /** `limit` is how many milliseconds work waits for its turn. */
  static async open(driver: Driver, dialect: Dialect, limit: number): Promise<Sandbox> {
    const connection = await driver.acquire()
    await connection.begin(own({}))
    return new Sandbox(driver, connection, dialect, limit)
  }

  /** Begins a part that `leave` rolls back. */
  async enter(): Promise<void> {
    await this.#lane.pass(() => this.#begin(part(++this.#parts)))
  }

  /**
   * Rolls the innermost part back. False: the transaction is not there any more, so its rows may be stored. Work that still
   * runs is cut off, and reported.
   */
  async leave(): Promise<{ readonly isIntact: boolean; readonly wasCut: boolean }> {
    const wasCut = await this.#cutOff()
    try {
      await this.#rollback(part(this.#parts--))
    } catch {
      return { isIntact: false, wasCut }
    }
    return { isIntact: this.#connection.inTransaction !== false, wasCut }
  }

  /** Rolls everything back, and gives the connection back. */
  async end(): Promise<void> {
    await this.#cutOff()
    let isBroken = false
    try {
      await this.#connection.rollback()
    } catch {
      isBroken = true
    }
    this.driver.release(this.#connection, isBroken || this.#connection.lost === true)
  }

  run(statement: Statement): MaybePromise<QueryResult> {
    if (this.#lane.free && !this.#dialect.capabilities.failureEndsTransaction) return this.#checked(statement)
    return this.#lane.pass(() => this.#alone(statement), statement.cancellation)
  }

  acquire(): MaybePromise<Connection> {
    const lane = this.#lane
    const loan = new SandboxLoan(this, this.#connection, lane)
    return andThen(lane.take(loan), () => {
      this.#loan = loan
      return loan
    })
  }

  release(connection: SandboxLoan): void {
    if (this.#loan === connection) this.#loan = null
    connection.isOver = true
    connection.lane.leave(connection)
  }

  refuse(error: Error): void {
    this.#lane.close(error)
  }

  async close(): Promise<void> {
    await this.end()
  }

  /** A transaction of the application. There is one at a time. */
  beginWork(): MaybePromise<void> {
    return this.#begin(WORK)
  }

  endWork(isCommit: boolean): MaybePromise<void> {
    return isCommit ? this.#send(this.#dialect.savepoint.release(WORK)) : this.#rollback(WORK)
  }

  #checked(statement: Statement): MaybePromise<QueryResult> {
    return andThen(this.#connection.run(statement), (result) => {
      if (this.#connection.inTransaction === false) throw new TransactionError(SPOILED)
      return result
    })
  }

  /** Where a failure ends the transaction, the statement gets a savepoint of its own: in production it is one by itself. */
  #alone(statement: Statement): MaybePromise<QueryResult> {
    return this.#dialect.capabilities.failureEndsTransaction ? this.#guarded(statement) : this.#checked(statement)
  }

  async #guarded(statement: Statement): Promise<QueryResult> {
    const lane = this.#lane
    await this.#begin(STATEMENT_ALONE)
    let result: QueryResult
    try {
      result = await this.#checked(statement)
    } catch (error) {
      if (this.#lane === lane) await this.#rollback(STATEMENT_ALONE)
      throw error
    }
    // its test has ended meanwhile, and its savepoint is gone
    if (this.#lane !== lane) throw new TransactionError(OVER)
    await this.#send(this.#dialect.savepoint.release(STATEMENT_ALONE))
    return result
  }

  #begin(name: string): MaybePromise<void> {
    return this.#send(this.#dialect.savepoint.begin(name))
  }

  #rollback(name: string): MaybePromise<void> {
    const { savepoint } = this.#dialect
    const lane = this.#lane
    return andThen(this.#send(savepoint.rollback(name)), () =>
      this.#lane === lane ? this.#send(savepoint.release(name)) : undefined,
    )
  }

  #send(sql: string): MaybePromise<void> {
    const statement: Statement = { ...STATEMENT, sql, parameters: [], prepare: false, rows: false, intent: 'write' }
    return andThen(this.#connection.run(statement), () => undefined)
  }

  /** Waits for what is under way, for a while, and shuts out the rest. Whether there was any. */
  async #cutOff(): Promise<boolean> {
    const lane = this.#lane
    const token = {}
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), GRACE)
    })
    const wasCut = await Promise.race([Promise.resolve(lane.take(token)).then(() => false), late])
    clearTimeout(timer)
    this.#lane = new Lane(this.#limit)
    lane.close(new TransactionError(OVER))
    if (this.#loan !== null) this.#loan.isOver = true
    this.#loan = null
    return wasCut
  }
}

/** The connection of a transaction of the application. */
export class SandboxLoan implements Connection {
  /** It was given back, or its test has ended. */
  isOver = false
  #hasBegun = false
  readonly #sandbox: Sandbox
  readonly #connection: Connection
  readonly lane: Lane
  readonly runMany: Connection['runMany']

  constructor(sandbox: Sandbox, connection: Connection, lane: Lane) {
    this.#sandbox = sandbox
    this.#connection = connection
    this.lane = lane
    const { runMany } = connection
    this.runMany =
      runMany &&
      ((statement, count, parametersOf) => {
        this.#refuse()
        return runMany.call(connection, statement, count, parametersOf)
      })
  }

  get raw(): unknown {
    return this.#connection.raw
  }

  get inTransaction(): boolean | undefined {
    return this.#connection.inTransaction
  }

  get lost(): boolean | undefined {
    return this.#connection.lost
  }

  run(statement: Statement): MaybePromise<QueryResult> {
    this.#refuse()
    return this.#connection.run(statement)
  }

  begin(): MaybePromise<void> {
    this.#refuse()
    return andThen(this.#sandbox.beginWork(), () => {
      this.#hasBegun = true
    })
  }

  commit(): MaybePromise<void> {
    this.#refuse()
    return this.#end(true)
  }

  rollback(): MaybePromise<void> {
    return this.isOver ? undefined : this.#end(false)
  }

  /** The transaction around the test is always open. */
  endLeftOpen(): boolean {
    return false
  }

  #end(isCommit: boolean): MaybePromise<void> {
    if (!this.#hasBegun) return undefined
    this.#hasBegun = false
    return this.#sandbox.endWork(isCommit)
  }

  #refuse(): void {
    if (this.isOver) throw new TransactionError(OVER)
  }
}
