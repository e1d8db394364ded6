import type { MaybePromise } from '../util/maybe-promise.js'
import type { Cancellation } from './cancellation.js'

/** The columns of a model's table that a statement names. */
export interface DeclaredUse {
  readonly model: DeclaredTable
  readonly columns: ReadonlySet<string>
}

/** A table as a model declares it, for databases that take any value in any column. */
export interface DeclaredTable {
  readonly table: string
  readonly fields: readonly DeclaredField[]
}

export interface DeclaredField {
  readonly modelName: string
  readonly name: string
  readonly column: string
  readonly dataType: {
    readonly name: string
    readonly precision?: number
    readonly sql?: string
    readonly storage?: object
  }
}

/** What a statement is sent for. It decides where it may run, and whether it may be sent once more. */
export type Intent = 'read' | 'write' | 'lock' | 'schema'

export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** False for text made at run time: it is not kept as a prepared statement. */
  readonly prepare: boolean
  /** Whether rows come back. */
  readonly rows: boolean
  /** SQL of the user's own writes, whatever it says. */
  readonly intent: Intent
  /** It inserts rows: some drivers count them in their own way. */
  readonly inserts: boolean | undefined
  /** It contains raw SQL of the user, which may change the session. */
  readonly hasRawSql: boolean
  /** Its result must name the columns. */
  readonly namesColumns: boolean
  /** The columns of models that it names. Undefined if there are none, or the statement is the user's. */
  readonly uses: readonly DeclaredUse[] | undefined
  /** At most one row comes back: some drivers fetch it faster. */
  readonly single: boolean | undefined
  /**
   * When to give it up: while it waits at once, and while it runs by stopping the server's work, where there is a server.
   * It is rejected only when nothing of that can meet the next statement on its connection.
   */
  readonly cancellation: Cancellation | undefined
}

/** Statements are made as `{ ...STATEMENT, sql, … }`: each has all members, so that none is read from Object.prototype. */
export const STATEMENT: Readonly<Omit<Statement, 'sql' | 'parameters' | 'prepare' | 'rows' | 'intent'>> = Object.freeze(
  {
    inserts: undefined,
    hasRawSql: false,
    namesColumns: false,
    uses: undefined,
    single: undefined,
    cancellation: undefined,
  },
)

/** Values by position, as the driver gives them. */
export type DriverRow = unknown[]

export interface QueryResult {
  readonly rows: DriverRow[]
  /** Names of the result's columns, where the statement asked for them. */
  readonly columns: readonly string[] | undefined
  /** What the server says that SQL of the user's own was, where it does: `COMMIT`. */
  readonly command: string | undefined
  /** Whether a transaction is open after it, where the server reports that of the user's SQL. */
  readonly isOpen: boolean | undefined
  /** Rows inserted, matched by an update, or deleted. */
  readonly affected: number
  /** The number the database gave the (first) inserted row, where the driver reports it. */
  readonly insertId: number | bigint | undefined
  /** The numbers of the rows inserted by `runMany`. */
  readonly insertIds: readonly (number | bigint)[] | undefined
}

/** A result with all members, so that none is read from Object.prototype. */
export const resultOf = (rows: DriverRow[], affected: number, insertId?: number | bigint): QueryResult => ({
  rows,
  affected,
  insertId,
  insertIds: undefined,
  columns: undefined,
  command: undefined,
  isOpen: undefined,
})

/** A connection held by one borrower: statements run on it in the order they are given. */
export interface Connection {
  /** May answer at once (SQLite). Rejects with the driver's own error. */
  run(statement: Statement): MaybePromise<QueryResult>
  /**
   * Runs one text for many parameter lists as fast as the driver can, inside the transaction that is open on this
   * connection. Drivers that send several rows in one statement have none.
   */
  readonly runMany:
    | ((
        statement: Statement,
        count: number,
        parametersOf: (i: number) => readonly unknown[],
      ) => MaybePromise<QueryResult>)
    | undefined
  begin(options: BeginOptions): MaybePromise<void>
  /** Commits and makes sure that it was a commit; throws otherwise. */
  commit(): MaybePromise<void>
  rollback(): MaybePromise<void>
  /** Whether the database still has a transaction open here; undefined where the driver can't know without asking. */
  readonly inTransaction: boolean | undefined
  /** The connection is gone. */
  readonly lost: boolean | undefined
  /**
   * Asked when the user has had the driver's own object: whether a transaction was left open. If so it is rolled back. What
   * else was done to the session is undone by `release`.
   */
  endLeftOpen(): MaybePromise<boolean>
  /**
   * The process of the server that the connection belongs to, as it was told when it began, where a server has such. Behind a pooler
   * it is not the one that runs the statements.
   */
  readonly serverProcess?: number | undefined
  /** The driver's own connection object. */
  readonly raw: unknown
}

export interface BeginOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable' | undefined
  readonly readOnly?: boolean | undefined
  readonly deferrable?: boolean | undefined
  readonly mode?: 'deferred' | 'immediate' | 'exclusive' | undefined
  /** Milliseconds to wait for the lock of the whole database, where it has one. Default: as long as a statement waits. */
  readonly lockWait?: number | undefined
}

/** What can be asked of a database through one npm package. One driver is one pool of connections to one server. */
export interface Driver {
  /** Runs one statement by itself, on whichever connection is free; it is its own transaction. */
  run(statement: Statement): MaybePromise<QueryResult>
  /**
   * Runs queries in one transaction that sees one state of the database, all of them sent at once. Null: there is no
   * connection that takes them now. Rejects when one of them fails. Drivers that can't send several at once have none.
   */
  readonly runTogether: ((statements: readonly Statement[]) => Promise<readonly QueryResult[]> | null) | undefined
  /** A connection for the caller alone until `release`. Waits at most the configured time, then throws PoolTimeoutError. */
  acquire(): MaybePromise<Connection>
  /** Gives a connection back; `broken` ones are thrown away. A second call for the same loan does nothing. */
  release(connection: Connection, broken: boolean): void
  /** Turns away everyone who waits, and everyone who comes from now on. What is under way goes on. */
  refuse(error: Error): void
  /** Ends all connections; statements under way get so many milliseconds (5,000). */
  close(limit?: number): Promise<void>
}

/** Milliseconds that statements under way have when connections are closed, where nothing else is said. */
export const CLOSE_LIMIT = 5000
