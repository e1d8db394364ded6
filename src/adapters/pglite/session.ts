import { forgetsNames, RESET_SESSION, verifySession } from '../../dialect/postgres/session.js'
import type { Cancellation } from '../../driver/cancellation.js'
import { type QueryResult, resultOf, STATEMENT, type Statement } from '../../driver/driver.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { MessageWriter, type PgliteMessage, rowsInMessages } from './protocol.js'

/** The part of PGlite (0.5) that corm uses. */
export interface Pglite {
  /** Sends messages and returns those of the answer, parsed and as bytes. */
  execProtocol(message: Uint8Array, options: object): Promise<{ messages: readonly PgliteMessage[]; data: Uint8Array }>
  /** Runs `work` while PGlite's own queries wait. */
  runExclusive<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

const STATEMENTS = 250
const UNKNOWN_NAME = '26000'
const OPTIONS = { throwOnError: false }
/** Commands after which parameters of prepared statements may have other types. */
const CHANGES_SCHEMA = new Set(['CREATE', 'ALTER', 'DROP', 'DO', 'CALL'])

interface Answer {
  readonly messages: readonly PgliteMessage[]
  readonly data: Uint8Array
  readonly columns: readonly string[]
  /** The command tag, such as `INSERT 0 5`. */
  readonly tag: string
  /** Whether the statement was prepared by this message. */
  readonly parsed: boolean
  readonly error: Extract<PgliteMessage, { name: 'error' }> | null
}

/**
 * The one session of a PGlite database. It speaks the protocol itself, because PGlite's `query` takes six round trips for
 * what needs one.
 */
export class PgliteSession {
  inTransaction = false
  #lastName = 0
  #schemaChanging = false
  readonly #names: BoundedMap<string, string>
  /** Names of prepared statements to deallocate on the server. */
  #dropped: string[] = []

  constructor(
    readonly database: Pglite,
    /** Sets the session up and returns the settings. */
    readonly sessionSql: string,
  ) {
    this.#names = new BoundedMap(STATEMENTS, (name) => this.#dropped.push(name))
  }

  /** Runs a statement. One that may be cancelled before it is sent is not prepared under a name. */
  run(statement: Statement): Promise<QueryResult> {
    return this.#run(statement, statement.prepare && statement.cancellation === undefined)
  }

  /** Runs a constant text of corm and returns the first word of the command tag. */
  async command(sql: string): Promise<string> {
    const { tag, error } = await this.#send(new MessageWriter().query(sql))
    if (error !== null) throw error
    const [command = ''] = tag.split(' ')
    if (this.#schemaChanging) this.#noteSchema(command)
    return command
  }

  async setUp(): Promise<void> {
    const { rows } = await this.#run(
      { ...STATEMENT, sql: this.sessionSql, parameters: [], prepare: false, rows: true, intent: 'write' },
      false,
    )
    verifySession(rows[0] ?? [])
  }

  /** Rolls back an open transaction and resets the session. */
  async reset(): Promise<void> {
    if (this.inTransaction) await this.command('rollback')
    await this.command(RESET_SESSION)
    await this.setUp()
  }

  async #run(statement: Statement, prepare: boolean): Promise<QueryResult> {
    const message = new MessageWriter()
    let name = prepare ? this.#names.get(statement.sql) : undefined
    if (name === undefined) {
      name = prepare ? this.#newName(statement.sql) : ''
      if (prepare) for (const dropped of this.#dropped.splice(0)) message.close(dropped)
      message.parse(name, statement.sql)
    }
    const before = this.inTransaction
    const answer = await this.#send(message.execute(name, statement.parameters).sync(), statement.cancellation)
    if (answer.error === null) return this.#toResult(answer, statement)
    if (name === '') throw answer.error
    const unknown = answer.error.code === UNKNOWN_NAME
    if ((unknown || !answer.parsed) && this.#names.get(statement.sql) === name) this.#names.delete(statement.sql)
    // another caller's first use of the name failed, so this statement was not executed
    if (unknown && !before) return this.#run(statement, false)
    throw answer.error
  }

  #newName(sql: string): string {
    const name = `c${++this.#lastName}`
    this.#names.set(sql, name)
    return name
  }

  #toResult({ messages, data, columns, tag }: Answer, statement: Statement): QueryResult {
    const [command = ''] = tag.split(' ')
    if (command !== 'SELECT') this.#noteSchema(command)
    if (forgetsNames(command)) this.#forget()
    const affected = Number(/\d+$/.exec(tag)?.[0] ?? 0)
    const rows = rowsInMessages(messages, data)
    if (!statement.hasRawSql && !statement.namesColumns) return resultOf(rows, affected)
    return { ...resultOf(rows, affected), columns: statement.namesColumns ? columns : undefined, command }
  }

  #forget(): void {
    this.#names.clear()
    this.#dropped = []
  }

  #noteSchema(command: string): void {
    const ends = command === 'COMMIT' || command === 'ROLLBACK'
    if (!(ends ? this.#schemaChanging : CHANGES_SCHEMA.has(command))) return
    this.#schemaChanging = this.inTransaction
    this.#names.clear()
  }

  async #send(message: MessageWriter, cancellation?: Cancellation): Promise<Answer> {
    const { database } = this
    const exchange = () => database.execProtocol(message.bytes, OPTIONS)
    const { messages, data } = await (cancellation === undefined
      ? database.runExclusive(exchange)
      : this.#unlessOver(cancellation, exchange))
    let [tag, parsed] = ['', false]
    let columns: string[] = []
    let error: Answer['error'] = null
    for (const part of messages) {
      if (part.name === 'commandComplete') tag = part.text
      else if (part.name === 'parseComplete') parsed = true
      else if (part.name === 'error') error ??= part
      else if (part.name === 'readyForQuery') this.inTransaction = part.status !== 'I'
      else if (part.name === 'rowDescription') columns = part.fields.map((field) => field.name)
    }
    return { messages, data, columns, tag, parsed, error }
  }

  /** A waiting statement can be cancelled. A running one ends by itself, because nothing in this process could stop it. */
  #unlessOver<T>(cancellation: Cancellation, exchange: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const forget = cancellation.watch(() => reject(cancellation.error()))
      const turn = this.database.runExclusive(async () => {
        forget()
        cancellation.check()
        return exchange()
      })
      turn.then(resolve, reject)
    })
  }
}
