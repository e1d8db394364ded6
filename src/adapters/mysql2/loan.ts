import type { BeginOptions, Connection, QueryResult, Statement } from '../../driver/driver.js'
import { released } from '../adapter.js'
import type { MysqlSession } from './session.js'

/** How many dead connections one loan replaces: a server that restarts kills all connections of the pool. */
const EXCHANGES = 100

/** A connection held by one borrower, until it is released. */
export class Loan implements Connection {
  readonly runMany = undefined
  /** The borrower used the driver's own object and may have changed any setting of the session. */
  touched = false
  #session: MysqlSession | null
  /** Whether a statement was sent on this loan. */
  #used = false

  constructor(
    session: MysqlSession,
    /** Replaces a dead connection. */
    readonly exchange: () => Promise<MysqlSession>,
  ) {
    this.#session = session
  }

  run(statement: Statement): Promise<QueryResult> {
    const session = this.#session
    this.#used = true
    return session === null ? Promise.reject(released()) : session.run(statement)
  }

  /** A connection that died while idle fails here. Nothing is lost yet, so another one takes its place. */
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
    // the process must keep running while the borrower waits for the connection
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
