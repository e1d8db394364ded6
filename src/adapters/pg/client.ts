import { textParser } from '../../dialect/postgres/parsers.js'
import { type DriverRow, type QueryResult, resultOf, type Statement } from '../../driver/driver.js'

/** The part of pg (8.23 or newer) that corm uses. */
export interface PgResult {
  readonly command: string | null
  readonly rowCount: number | null
  readonly rows: DriverRow[]
  readonly fields: readonly { readonly name: string }[]
}

export type PgAnswer = (error: Error | null, result: PgResult) => void

export interface PgClient {
  readonly host: string
  readonly port: number
  /** Identifies the connection in a cancel request. */
  readonly processID: number
  readonly secretKey: number
  readonly connection: {
    readonly ssl: unknown
    connect(port: number | string, host?: string): void
    requestSsl(): void
    cancel(processID: number, secretKey: number): void
    on(event: 'connect' | 'sslconnect' | 'error' | 'end', listener: (error: Error) => void): unknown
    on(
      event: 'parameterStatus',
      listener: (message: { readonly parameterName: string; readonly parameterValue: string }) => void,
    ): unknown
    readonly stream: { cork(): void; uncork(): void; destroy(error?: Error): void }
    /** Names of statements that the server has prepared or has been sent. */
    readonly parsedStatements: Record<string, string>
    readonly submittedNamedStatements: Record<string, string>
  }
  /** Whether statements are sent before earlier ones are answered. */
  pipeline: boolean
  connect(): Promise<unknown>
  query(config: object, values: readonly unknown[] | undefined, callback: PgAnswer): void
  /** The status in the last answer: `I` is idle, `T` in a transaction, `E` in a failed one. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null
  on(event: 'error' | 'end', listener: (error: Error) => void): unknown
  end(): Promise<void>
  ref(): void
  unref(): void
}
export type PgClientClass = new (config: object) => PgClient

/**
 * One SQL text with the name it is prepared under. Shared members are on the prototype, because pg copies own properties
 * one by one.
 */
export class PgText {
  declare readonly rowMode: 'array'
  declare readonly types: object
  declare readonly queryMode: 'extended'
  #used = false
  /** Whether it was short the last time; null if it did not run here yet. */
  #short: boolean | null = null
  #strikes = 0
  constructor(
    readonly text: string,
    readonly name: string | undefined,
  ) {}

  /** It ran before, so the server keeps the parameter types from then. */
  get used(): boolean {
    return this.#used
  }

  markUsed(): void {
    this.#used = true
  }

  /**
   * Whether this run changes its pace. A short text becomes long only after two slow runs, because the process may have
   * been busy.
   */
  changesPace(isShort: boolean): boolean {
    if (isShort) this.#strikes = 0
    else if (this.#short === true && ++this.#strikes < 2) return false
    if (this.#short === isShort) return false
    this.#short = isShort
    return true
  }
}
// pg reads these members too, and must not find them on a prototype
const UNSET = { rows: undefined, binary: undefined, portal: undefined, callback: undefined }

Object.assign(PgText.prototype, {
  ...UNSET,
  rowMode: 'array',
  types: { getTypeParser: textParser },
  // never the simple protocol, because it accepts several statements in one text
  queryMode: 'extended',
})

/** A constant text of corm, sent by the simple protocol. */
export class PgCommand {
  declare readonly rowMode: 'array'
  constructor(readonly text: string) {}
}
Object.assign(PgCommand.prototype, {
  ...UNSET,
  rowMode: 'array',
  name: undefined,
  types: undefined,
  queryMode: undefined,
  values: undefined,
})

export function toResult(result: PgResult, statement: Statement, isOpen = false): QueryResult {
  const affected = result.rowCount ?? 0
  if (!statement.hasRawSql && !statement.namesColumns) return resultOf(result.rows, affected)
  const own = { ...resultOf(result.rows, affected), command: result.command ?? '', isOpen }
  return statement.namesColumns ? { ...own, columns: result.fields.map((field) => field.name) } : own
}
