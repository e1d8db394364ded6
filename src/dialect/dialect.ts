import type { ColumnSource, CreateMirrorNode, DropMirrorNode, MirrorPart } from '../ast/change.js'
import type { ValueType } from '../ast/data-type.js'
import type {
  ColumnDefinition,
  CreateFullTextNode,
  CreateIndexNode,
  CreateTableNode,
  DropFullTextNode,
} from '../ast/definition.js'
import type { FullTextIndex, FullTextPart } from '../ast/full-text.js'
import type { Codec } from '../compiler/codec.js'
import type { Compiler } from '../compiler/compiler.js'
import type { DriverRow } from '../driver/driver.js'
import type { DatabaseError } from '../errors.js'
import type { IdentifierLimit } from '../util/identifier.js'
import type { CatalogSupport } from './catalog.js'
import type { ValueConversions } from './conversions.js'
import type { LockTable } from './locks.js'
import type { MigrationSupport } from './migration.js'

/** What a database can do. Flags name what is supported, so that `if (capabilities.returning)` reads well. */
export interface Capabilities {
  readonly returning: boolean
  readonly updateReturning: boolean
  readonly deleteReturning: boolean
  /**
   * The driver reports the generated number of an inserted row. For several rows it reports the first number, and the
   * others follow it.
   */
  readonly insertId: boolean
  /** The step between the numbers of inserted rows; 1 if it is left out. */
  readonly insertIdStep: number | undefined
  /**
   * How bulk inserts are written: as one list per column (`insertLists`), as one statement run many times (`repeat`), or
   * as VALUES.
   */
  readonly bulkInsert: 'lists' | 'repeat' | 'rows'
  /** Whether one UPDATE for many rows can carry the values of such a column or key exactly. */
  readonly updatesRows: (type: ValueType, isKey: boolean) => boolean
  /** A list in IN is one parameter. Otherwise it is one placeholder per value, padded so that there are few SQL texts. */
  readonly listParameter: boolean
  /** Up to this many consecutive integer keys are found faster as a range than as a list; 0 if a range is never faster. */
  readonly keyRange: number
  /** The most parameters of one statement. */
  readonly maxParameters: number
  /** The most conditions in one OR: with more of them it takes longer than several statements. */
  readonly maxAlternatives: number
  /** How long a name may be; null means no limit. */
  readonly identifiers: IdentifierLimit | null
  /**
   * What ALTER TABLE can do: `everything`; add, drop and rename columns (`columns`); also NOT NULL and CHECK
   * (`conditions`). For the rest a table is made again, by `Dialect.rebuilding`.
   */
  readonly alters: 'everything' | 'conditions' | 'columns'
  /** Foreign keys can be added to an existing table. */
  readonly addForeignKey: boolean
  /** Foreign keys, and columns that the database numbers, need an index that begins with them, which can't be dropped before. */
  readonly keysNeedIndexes: boolean
  /** Foreign keys can be checked when a transaction commits. */
  readonly deferrableKeys: boolean
  readonly partialIndexes: boolean
  /** Where indexes are over columns only: what stands for an index over an expression; null: it stands for itself. */
  readonly hiddenIndex?: ((index: CreateIndexNode) => HiddenIndex | null) | undefined
  /** Comments on tables and columns are separate statements, not part of CREATE TABLE. */
  readonly commentStatements: boolean
  /** NULL sorts as the largest value; otherwise as the smallest. */
  readonly nullsLargest: boolean
  readonly transactionalDdl: boolean
  /** Indexes can be built while rows are written, outside a transaction. */
  readonly concurrentIndexes: boolean
  /** The parts of a mirrored column, in the order in which they are created. */
  readonly mirrorParts: readonly MirrorPart[]
  /** A foreign key or a check can be added first, and the existing rows looked at later, while they are written. */
  readonly validatesLater: boolean
  /**
   * When a lock wait times out, the database undoes only the statement and keeps the transaction open, so that a commit
   * would keep half of the work.
   */
  readonly lockTimeoutKeepsWork: boolean
  /** A serialization failure has rolled the whole transaction back at the server. */
  readonly serializationEnds: boolean
  /** After a statement that fails, a transaction takes no more statements until it goes back to a savepoint. */
  readonly failureEndsTransaction: boolean
  /** The row count of an INSERT excludes the rows that a conflict skipped. */
  readonly insertsCounted: boolean
  /** Related rows can be embedded in the row of their owner as JSON; null if they need a query of their own. */
  readonly jsonRows: JsonRows | null
  /**
   * In a transaction a plain read may miss what others have committed since the first read, though a write or a lock sees
   * it.
   */
  readonly staleReads: boolean
  /** Queries of sibling relations can be pipelined inside a transaction. */
  readonly pipelining: boolean
  readonly fullText: FullTextSupport
  /** Null if vectors are not supported. */
  readonly vectors: VectorSupport | null
}

/** An index over an expression, as one over a hidden column that is generated from it. */
export interface HiddenIndex {
  readonly column: ColumnDefinition
  readonly index: CreateIndexNode
}

/** How full-text indexes are made. */
export interface FullTextSupport {
  /** A search finds what the running transaction has written. Otherwise only what was committed. */
  readonly seesUncommitted: boolean
  /** The statements that create an index, in order. */
  created(index: FullTextIndex): readonly FullTextPart[]
  /** The statements that fill a new index with the words of existing rows, if creating it does not. */
  filled(index: FullTextIndex): readonly FullTextPart[]
  /** The column of the table that holds the words; null if they are elsewhere. */
  column(index: FullTextIndex): ColumnDefinition | null
  /** The statements that drop what remains when its table is dropped. */
  dropped(index: FullTextIndex): readonly FullTextPart[]
}

export interface VectorSupport {
  /** The extension that tables with vectors need; null if none. */
  readonly extension: string | null
  /** Vector indexes are supported; otherwise rows are compared one by one. */
  readonly indexes: boolean
}

/** Related rows embedded in the row of their owner. */
export interface JsonRows {
  /** The most values of one embedded row. */
  readonly maxValues: number
  /** Whether values of the type can be embedded: they must be exact in JSON, and no slower to read than as a column. */
  carries(type: ValueType): boolean
  /** Whether the plan of a statement finds the embedded rows by an index instead of scanning a table for each owner. */
  areFound(plan: readonly DriverRow[]): boolean
}

/** How to request and read the plan of a select. */
export interface Explainer {
  /** The text before the statement. `analyze` also runs the statement and reports how long it took. */
  prefix(how: { readonly analyze: boolean; readonly format: 'text' | 'json' }): string
  /** The plan as one text. */
  text(rows: readonly DriverRow[], columns: readonly string[]): string
}

/** How to empty a table. */
export interface Emptying {
  /** Lists the tables with a foreign key to the table that is its one parameter. */
  readonly referencing: string
  /**
   * Lists the nullable columns of a table that reference the same table. Needed if foreign keys are checked row by row,
   * because then no order of deletion may work; null if they are checked at the end of the statement.
   */
  readonly ownReferences: string | null
  /** A query that returns a row if the database has counters to reset; null if it always has. */
  readonly hasCounters: string | null
  /** The statements that delete all rows, run inside a transaction. */
  statements(tables: EmptiedTables): readonly string[]
  /**
   * Resets the counter of a table, after the rows are gone, in databases where that ends a transaction; null if
   * `statements` resets it.
   */
  readonly restart: ((table: string) => string) | null
}

export interface EmptiedTables {
  readonly table: string
  /** The tables that reference it directly or indirectly, each before those that it references. */
  readonly others: readonly string[]
  /** Whether the others are emptied too. */
  readonly cascade: boolean
  readonly restartIds: boolean
}

/** Foreign keys are checked later: those that can be, when the transaction commits. */
export interface Deferral {
  readonly begin: string
  /** Checks them before that. One of these returns rows, or fails, if one of the tables refers to a row that is not there. */
  end(tables: readonly string[]): readonly string[]
}

/** How the databases of a server are created and dropped. */
export interface ServerDatabases {
  /** Lists their names, as one text column. */
  readonly list: string
  create(name: string): string
  drop(name: string): string
  /** For servers that can create a database as a copy of another one, to which nobody is connected. */
  readonly copying: { create(name: string, original: string): string; rename(name: string, to: string): string } | null
}

/** A table that is replaced by a new one, because the database can't change it in place. */
export interface TableRebuild {
  readonly before: CreateTableNode
  readonly after: CreateTableNode
  readonly sources: readonly ColumnSource[]
  /** Removes the parts of full-text indexes that the change drops, and triggers that it makes again. */
  readonly removed: readonly (DropFullTextNode | DropMirrorNode)[]
  /** The indexes of the new table, and full-text indexes and triggers that are not there yet. */
  readonly indexes: readonly (CreateIndexNode | CreateFullTextNode | CreateMirrorNode)[]
  /** The names of the indexes that corm knows of the old table. Others are made again as they were. */
  readonly known: ReadonlySet<string>
}

/** The connection that a table is made again on. */
export interface RebuildSession {
  readonly compiler: Compiler
  run(sql: string, rows?: boolean): Promise<readonly DriverRow[]>
}

/** How tables are made again. */
export interface Rebuilding {
  /** Turns the checks of foreign keys off and on, outside a transaction. They must be off while a table is replaced. */
  readonly foreignKeys: { readonly off: string; readonly on: string; readonly areOn: string }
  /** Throws MigrationError if a view or a trigger of the database does not work: then no name can be changed. */
  refuseBroken(session: RebuildSession): Promise<void>
  /** Throws MigrationError if keys of rows point to rows that are not there. */
  refuseLostKeys(session: RebuildSession): Promise<void>
  /** The statements as a script, without what is read while they run: triggers, and indexes that corm doesn't know. */
  texts(table: TableRebuild, compiler: Compiler): readonly string[]
  /** Makes a table again, inside a transaction. */
  rebuild(table: TableRebuild, session: RebuildSession): Promise<void>
}

export interface Dialect {
  /** The name used by `toSQL({ dialect })` and in messages. */
  readonly name: string
  readonly capabilities: Capabilities
  readonly compiler: Compiler
  codec(type: ValueType): Codec
  /** Turns an error of the driver into one of corm's classes; an unknown one becomes a plain DatabaseError. */
  mapError(error: unknown, sql?: string): DatabaseError
  readonly explainer: Explainer
  /** Lists the tables of the connection's schema, as one text column. */
  readonly listTables: string
  /** Reads the definitions of tables from the database. */
  readonly catalog: CatalogSupport
  /** SQL that is 1 in a row that an upsert inserted, else 0; null if the returned rows can't show it. */
  readonly wasInserted: string | null
  /** For databases that can't lock rows: a statement that takes the write lock and changes nothing. Null elsewhere. */
  readonly takeWriteLock: ((table: string) => string) | null
  /**
   * A statement to run after rows were inserted with explicit ids, so that generated ids continue after the highest of
   * them. Null if the database does so itself.
   */
  readonly raiseNumber: ((table: string, column: string, highest: bigint) => string) | null
  readonly emptying: Emptying
  /** SQL behind a text that compares it by its bytes; null if the texts of corm's tables always compare so. */
  readonly textByBytes: string | null
  /** The isolation level of a transaction in which all reads see the same state of the database. */
  readonly snapshot: 'repeatable read' | 'serializable'
  /** How to put off the checks of foreign keys in a transaction; null if that can't be done. */
  readonly deferral: Deferral | null
  /** Null where a database is a file or in memory. */
  readonly databases: ServerDatabases | null
  readonly migration: MigrationSupport
  readonly conversions: ValueConversions
  /** A statement to run before dropping tables that reference each other; null if none is needed. */
  readonly beforeDrop: string | null
  /** Null in databases that change all tables in place. */
  readonly rebuilding: Rebuilding | null
  /** A query for about how many rows each of these tables has: rows of name and number. */
  tableSizes(tables: readonly string[]): string
  /** What the operations of migrations lock, and for how long. */
  readonly locks: LockTable
  /** The statements that create a savepoint, release it, and roll back to it. */
  readonly savepoint: { begin(name: string): string; release(name: string): string; rollback(name: string): string }
}
