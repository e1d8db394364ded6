import { textParser } from '../dialect/postgres/parsers.js'
import type { QueryResult, Row, Statement } from '../driver/driver.js'

/** The part of pg (8.23 or newer) that is used here. */
export interface PgResult {
  readonly command: string | null
  readonly rowCount: number | null
  readonly rows: Row[]
  readonly fields: readonly { readonly name: string }[]
}

export interface PgClient {
  readonly connection: {
    readonly stream: { cork(): void; uncork(): void; destroy(error?: Error): void }
    readonly parsedStatements: Record<string, string>
  }
  connect(): Promise<unknown>
  query(
    config: object,
    values: readonly unknown[] | undefined,
    callback: (error: Error | null, result: PgResult) => void,
  ): void
  query(text: string, callback: (error: Error | null, result: PgResult) => void): void
  /** `I` idle, `T` in a transaction, `E` in a failed one. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null
  on(event: 'error' | 'end', listener: (error: Error) => void): unknown
  end(): Promise<void>
  ref(): void
  unref(): void
}
export type PgClientClass = new (config: object) => PgClient

/** What every statement shares sits on the prototype: pg copies the own properties of a config, one by one. */
export class PgText {
  declare readonly rowMode: 'array'
  declare readonly types: object
  declare readonly queryMode: 'extended'
  constructor(
    readonly text: string,
    readonly name: string | undefined,
  ) {}
}
Object.assign(PgText.prototype, {
  rowMode: 'array',
  types: { getTypeParser: textParser },
  // never the simple protocol, which takes several statements in one text
  queryMode: 'extended',
})

export function toResult(result: PgResult, statement: Statement): QueryResult {
  const affected = result.rowCount ?? 0
  if (statement.names !== true) return { rows: result.rows, affected }
  return { rows: result.rows, affected, columns: result.fields.map((field) => field.name) }
}
