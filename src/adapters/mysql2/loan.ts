import type { BeginOptions, Connection, QueryResult, Statement } from '../../driver/driver.js'
import { ConnectionError } from '../../errors.js'
import type { MysqlSession } from './session.js'

/** Dead connections that one loan may come across: a server that restarts kills all of them. */
const EXCHANGES = 100

/** A connection held by one borrower, until it is released. */
export class Loan implements Connection {
  readonly runMany = undefined
  /** The borrower had the driver's own object, and may have changed anything. */
  touched = false
  #session: MysqlSession | null
  /** Something was sent on this loan. */
  #used = false

  constructor(
    session: MysqlSession,
    /** Gives another connection in place of a dead one. */
    readonly exchange: () => Promise<MysqlSession>,
  ) {
    this.#session = session
  }

  run(statement: Statement): Promise<QueryResult> {
    const session = this.#session
    this.#used = true
    return session === null ? Promise.reject(released()) : session.run(statement)
  }

  /** A connection that died while it was idle shows it here, where nothing is lost yet. */
  async begin(options: BeginOptions): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const session = this.#held()
      try {
        await session.begin(options)
        this.#used = true
        return
      } catch (error) {
        if (this.#used || !session.dead || attempt > EXCHANGES) throw error
        this.#session = await this.exchange()
      }
    }
  }

  async commit(): Promise<void> {
    await this.#held().commit()
  }

  async rollback(): Promise<void> {
    await this.#held().rollback()
  }

  get inTransaction(): boolean {
    return this.#session?.inTransaction ?? false
  }

  get lost(): boolean {
    return this.#session?.dead ?? true
  }

  get raw(): unknown {
    this.touched = true
    this.#used = true
    const { client } = this.#held()
    // what its borrower waits for keeps the process running
    client.stream.ref()
    return client
  }

  endLeftOpen(): Promise<boolean> {
    return this.#held().endLeftOpen()
  }

  end(): MysqlSession {
    const session = this.#held()
    this.#session = null
    return session
  }

  #held(): MysqlSession {
    if (this.#session === null) throw released()
    return this.#session
  }
}

const released = () =>
  new ConnectionError('This connection was released. Use it only inside the function that received it.')
