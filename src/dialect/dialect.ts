import type { ValueType } from '../ast/data-type.js'
import type { Codec } from '../compiler/codec.js'
import type { Compiler } from '../compiler/compiler.js'
import type { Row } from '../driver/driver.js'
import type { DatabaseError } from '../errors.js'
import type { IdentifierLimit } from '../util/identifier.js'

/** What a database can do; named for what is there, so that `if (capabilities.returning)` reads well. */
export interface Capabilities {
  /** INSERT … RETURNING. */
  readonly returning: boolean
  /** UPDATE … RETURNING. */
  readonly updateReturning: boolean
  /** DELETE … RETURNING. */
  readonly deleteReturning: boolean
  /** The driver reports the number of an inserted row, and with several rows that of the first, the rest following. */
  readonly insertId: boolean
  /** What is added to the number of one inserted row for that of the next; 1 when it is left out. */
  readonly insertIdStep: number | undefined
  /** Many rows go in as one list per column (`insertLists`), as one statement run many times (`repeat`), or as VALUES. */
  readonly bulkInsert: 'lists' | 'repeat' | 'rows'
  /** Whether one UPDATE for many rows can carry the values of such a column, or of such a key, exactly. */
  readonly updatesRows: (type: ValueType, isKey: boolean) => boolean
  /** A list in IN is one parameter, or one placeholder per value (padded, so that there are few texts). */
  readonly listParameter: boolean
  /** Integer keys without a gap are found faster as a range than as a list, up to so many; 0: they are not. */
  readonly keyRange: number
  /** Most parameters of one statement. */
  readonly maxParameters: number
  /** Conditions that one OR may join: with more of them it takes longer than several statements do. */
  readonly maxAlternatives: number
  /** How long a name may be; null: as long as it likes. */
  readonly identifiers: IdentifierLimit | null
  /** Foreign keys can be added to a table that is there. */
  readonly addForeignKey: boolean
  readonly partialIndexes: boolean
  /** Comments on tables and columns are statements of their own, not part of CREATE TABLE. */
  readonly commentStatements: boolean
  /** NULL sorts after all values, and before them when descending; else the other way round. */
  readonly nullsLargest: boolean
  readonly transactionalDdl: boolean
  /** After a lock wait timed out the transaction goes on without the statement, so that a commit would keep half. */
  readonly lockTimeoutKeepsWork: boolean
  /** The number of rows of an INSERT leaves out those that a conflict lets be. */
  readonly insertsCounted: boolean
  /** Rows of relations can come with the row they belong to, as JSON; null: they are read by themselves. */
  readonly jsonRows: JsonRows | null
  /** In a transaction a plain read may miss what others have committed since its first one, though a write or a lock sees it. */
  readonly staleReads: boolean
  /** Queries of siblings can run side by side inside a transaction. */
  readonly pipelining: boolean
  /** Null: there are no vectors. */
  readonly vectors: VectorSupport | null
}

export interface VectorSupport {
  /** The extension that tables with vectors need; null: none. */
  readonly extension: string | null
  /** There are indexes for them; elsewhere rows are compared one by one. */
  readonly indexes: boolean
}

/** Rows inside of rows. */
export interface JsonRows {
  /** Most values of one row. */
  readonly maxValues: number
  /** Which values can come so: those that are exact there, and no slower than in a row of their own. */
  carries(type: ValueType): boolean
  /** Whether, by the plan of a statement, the rows inside are found by an index, and not by reading a table for each row. */
  areFound(plan: readonly Row[]): boolean
}

/** How the plan of a select is asked for, and read. */
export interface Explainer {
  /** What goes before the statement. `analyze` runs it, and reports how long that took. */
  prefix(how: { readonly analyze: boolean; readonly format: 'text' | 'json' }): string
  /** The answer as one text. */
  text(rows: readonly Row[], columns: readonly string[]): string
}

/** How a table is emptied. */
export interface Emptying {
  /** Lists the tables that have a foreign key to a table, by its name as the one parameter. */
  readonly referencing: string
  /**
   * Lists the columns of a table that point at the table itself and may be NULL, where rows are checked one by one so that no order
   * of deletion suits them; null: they are checked together.
   */
  readonly ownReferences: string | null
  /** A query that has a row where the database keeps numbers to start again; null: it always does. */
  readonly keepsNumbers: string | null
  /** The statements that delete all rows, inside of a transaction. */
  statements(tables: EmptiedTables): readonly string[]
  /** Starts the numbers of a table again where that ends a transaction, after the rows are gone; null: `statements` did. */
  readonly restart: ((table: string) => string) | null
}

export interface EmptiedTables {
  readonly table: string
  /** With foreign keys to it, straight or by way of others: each before those that it points at. */
  readonly others: readonly string[]
  /** The others are emptied too. */
  readonly cascade: boolean
  readonly restartIds: boolean
}

export interface Dialect {
  /** The name used by `toSQL({ dialect })` and in messages. */
  readonly name: string
  readonly capabilities: Capabilities
  readonly compiler: Compiler
  codec(type: ValueType): Codec
  /** Turns an error of the driver into corm's tree; what is not known stays a plain DatabaseError. */
  mapError(error: unknown, sql?: string): DatabaseError
  readonly explainer: Explainer
  /** Lists the tables of the connection's schema, as one text column. */
  readonly listTables: string
  /** SQL that is 1 in a row returned by an upsert that inserted it, else 0; null where rows can't show it. */
  readonly wasInserted: string | null
  /** Where rows can't be locked: a statement that takes the lock to write, and changes nothing; null elsewhere. */
  readonly takeWriteLock: ((table: string) => string) | null
  /**
   * A statement to run after rows were inserted with numbers of the caller's own: automatic numbers go on after the highest of
   * them. Null where they do so by themselves.
   */
  readonly raiseNumber: ((table: string, column: string, highest: bigint) => string) | null
  readonly emptying: Emptying
  /** A statement to run before tables that point at each other are dropped, where one is needed. */
  readonly beforeDrop: string | null
  /** Statements that start a savepoint, release it, and go back to it. */
  readonly savepoint: { begin(name: string): string; release(name: string): string; rollback(name: string): string }
}
