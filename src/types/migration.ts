import type { Signal } from './database.js'
import type { Column, Expression, Predicate, Sql } from './expression.js'

/** The columns of a table at this point of the migrations, with the methods that columns have in queries. */
export interface MigrationTableColumns {
  readonly [column: string]: Column<unknown, unknown>
}

/** SQL, for all databases or by the name of the dialect. `default` is for those that have no entry; null means nothing. */
export type MigrationSql =
  | string
  | Readonly<Partial<Record<'sqlite' | 'postgres' | 'mysql' | 'default', string | null>>>

type MigrationCondition = Sql | Predicate | ((columns: MigrationTableColumns) => Expression)
type Computed = Expression | ((columns: MigrationTableColumns) => Expression)

/** The options of every column. */
export interface MigrationColumnOptions<T> {
  /** Whether the column takes NULL. Default: false. */
  readonly nullable?: boolean
  /** The default of the database: a value, `'now'` or `'uuid'` where the type allows it, or SQL. */
  readonly default?: T | Expression
  /** The expression of a generated column. */
  readonly generated?: Computed
  /** Whether a generated column is stored in the row. Default: false. */
  readonly stored?: boolean
  readonly comment?: string
  /** Whether it is part of the primary key. Default: false, for `id` and `bigId` true. */
  readonly primaryKey?: boolean
  /** No model uses the column any more. */
  readonly retired?: boolean
  /** A column type that is used unchanged. */
  readonly sql?: string
  /** How another program stores the values in a SQLite file: the options `storage`, `zone`, `digits` … of a field. */
  readonly storage?: object
}

/** A column as a migration describes it, made by `column`. */
export interface MigrationColumn {
  readonly options: object
}

type ColumnMaker<T, More = unknown> = (options?: MigrationColumnOptions<T> & More) => MigrationColumn

/** The makers of columns. Their types are those of `Field`. */
export interface MigrationColumns {
  /** A 32-bit number that the database generates, as the primary key. */
  readonly id: ColumnMaker<never, { readonly reuse?: boolean }>
  /** A 64-bit number that the database generates, as the primary key. */
  readonly bigId: ColumnMaker<never, { readonly reuse?: boolean }>
  readonly smallInteger: ColumnMaker<number>
  readonly integer: ColumnMaker<number>
  readonly bigInteger: ColumnMaker<bigint | number | string>
  readonly float: ColumnMaker<number>
  readonly decimal: ColumnMaker<string | number, { readonly precision?: number; readonly scale?: number }>
  readonly boolean: ColumnMaker<boolean>
  readonly string: ColumnMaker<string, { readonly max?: number }>
  readonly text: ColumnMaker<string, { readonly max?: number }>
  readonly uuid: ColumnMaker<string>
  readonly json: ColumnMaker<unknown>
  readonly date: ColumnMaker<string>
  readonly time: ColumnMaker<string>
  readonly dateTime: ColumnMaker<Date | string, { readonly precision?: number }>
  readonly binary: ColumnMaker<Uint8Array | string>
  char(length: number, options?: MigrationColumnOptions<string>): MigrationColumn
  vector(dimensions: number, options?: MigrationColumnOptions<never>): MigrationColumn
  /** `of` is the column of one element. */
  array(of: MigrationColumn, options?: MigrationColumnOptions<readonly unknown[]>): MigrationColumn
  enum<const T extends string | number>(values: readonly T[], options?: MigrationColumnOptions<T>): MigrationColumn
}

type ForeignKeyAction = 'cascade' | 'restrict' | 'setNull' | 'setDefault' | 'noAction'

/** A foreign key of a migration. */
export interface MigrationForeignKey {
  readonly columns: readonly string[]
  readonly references: { readonly table: string; readonly columns: readonly string[] }
  /** Default: `restrict`. */
  readonly onDelete?: ForeignKeyAction
  /** Default: `restrict`. */
  readonly onUpdate?: ForeignKeyAction
  /** It is checked when the transaction commits. Default: false. */
  readonly deferrable?: boolean
}

interface InTable {
  readonly table: string
}
interface NamedInTable extends InTable {
  readonly name: string
}

/** What a migration can do with the data of a table: the methods of a model, without hooks, scopes and permissions. */
export interface MigrationData {
  /** The dialect of the database: `sqlite`, `postgres` or `mysql`. */
  readonly dialect: string
  /** Runs SQL, and returns the number of rows that it changed. */
  execute(statement: Sql): Promise<number>
  /** Runs a query, and returns its rows. */
  select<T = Record<string, unknown>>(statement: Sql): Promise<T[]>
  /** A table as it is at this point of the migrations. Its fields have the names of the columns. */
  table(name: string): MigrationTable
}

type MigrationRow = Record<string, unknown>

/** The rows of a table in a `data` operation. */
export interface MigrationTable {
  /** Rows in batches, by the primary key. */
  batches(size?: number): AsyncIterable<MigrationRow[]>
  /** All rows, or those with these values. */
  rows(where?: MigrationRow): Promise<MigrationRow[]>
  insert(rows: readonly MigrationRow[]): Promise<number>
  /** Sets values in the rows with these values, and returns their number. */
  update(where: MigrationRow, values: MigrationRow): Promise<number>
  /** Deletes the rows with these values, and returns their number. */
  delete(where: MigrationRow): Promise<number>
  count(where?: MigrationRow): Promise<number>
}

interface Reason {
  /** Why a step that blocks, rewrites or loses something is meant. `up` does not stop at it. */
  readonly safe?: string
}

interface AddedConcurrently {
  /**
   * The existing rows are read in another transaction, after the constraint holds for new ones, and can be written meanwhile
   * (PostgreSQL). Default: false.
   */
  readonly concurrently?: boolean
}

/** One operation of a migration. Names are those of the database, never those of models or fields. */
export type MigrationOperation = Reason &
  (
    | (InTable & {
        readonly op: 'createTable'
        readonly columns: Readonly<Record<string, MigrationColumn>>
        /** The columns of the primary key, if none of the columns says it; an empty list: the table has none. */
        readonly primaryKey?: readonly string[]
        readonly foreignKeys?: Readonly<Record<string, MigrationForeignKey>>
        readonly checks?: Readonly<Record<string, MigrationCondition>>
        readonly comment?: string
        /** What holds for the table as a whole, in the words of a database: `['strict']`. Other databases skip it. */
        readonly options?: readonly string[]
      })
    | (InTable & { readonly op: 'dropTable' | 'retireTable' | 'restoreTable' })
    | (InTable & { readonly op: 'renameTable'; readonly to: string })
    | (InTable & {
        readonly op: 'addColumn'
        readonly column: string
        readonly definition: MigrationColumn
        /** The value for the existing rows. */
        readonly fill?: unknown
      })
    | (InTable & { readonly op: 'removeColumn' | 'retireColumn'; readonly column: string })
    | (InTable & { readonly op: 'renameColumn'; readonly from: string; readonly to: string })
    /** Triggers copy what is written to one of two columns to the other, until `unmirrorColumn`. */
    | (InTable & {
        readonly op: 'mirrorColumn'
        readonly from: string
        readonly to: string
        /** Only what is written to `from` is copied, as a value of the type of `to`. Default: false. */
        readonly oneWay?: boolean
      })
    | (InTable & { readonly op: 'unmirrorColumn'; readonly from: string; readonly to: string })
    /** Two columns exchange their names at once. */
    | (InTable & {
        readonly op: 'swapColumns'
        readonly column: string
        /** The column that takes its name. */
        readonly with: string
        /** What `column` is then. */
        readonly to: MigrationColumn
      })
    | (InTable & {
        readonly op: 'alterColumn'
        readonly column: string
        readonly to: MigrationColumn
        /** How the present values become values of the new type. */
        readonly using?: MigrationSql
        /** The value for rows that have NULL. */
        readonly fill?: unknown
      })
    | (NamedInTable & {
        readonly op: 'createIndex'
        readonly columns: readonly string[]
        readonly unique?: boolean
        readonly where?: MigrationCondition
        readonly expression?: Computed
        /** What stands in the brackets, used unchanged: `'lower(name), price desc'`. */
        readonly sql?: string
        readonly method?: string
        readonly vector?: {
          readonly metric: 'cosine' | 'euclidean' | 'dot'
          readonly settings?: Record<string, number>
        }
        readonly fullText?: true | { readonly language?: string; readonly weights?: readonly number[] }
        /** Without blocking writes, outside a transaction (PostgreSQL). Default: false. */
        readonly concurrently?: boolean
      })
    | (NamedInTable & { readonly op: 'dropIndex'; readonly concurrently?: boolean })
    | (InTable & { readonly op: 'renameIndex'; readonly from: string; readonly to: string })
    | (NamedInTable & MigrationForeignKey & AddedConcurrently & { readonly op: 'addForeignKey' })
    | (NamedInTable & AddedConcurrently & { readonly op: 'addCheck'; readonly check: MigrationCondition })
    | (NamedInTable & { readonly op: 'dropForeignKey' | 'dropCheck' })
    | (InTable & { readonly op: 'alterComment'; readonly column?: string; readonly comment: string | null })
    | {
        readonly op: 'createView'
        readonly name: string
        readonly sql: MigrationSql
        /** `'security_barrier'` and `'security_invoker'` on PostgreSQL, `'sql security invoker'` on MySQL and MariaDB. */
        readonly options?: readonly string[]
      }
    | { readonly op: 'dropView'; readonly name: string }
    | {
        readonly op: 'sql'
        readonly up: MigrationSql
        /** Null: it can't be reversed. */
        readonly down: MigrationSql | null
        /** A query that returns a row if `up` was done: it says after an interruption where the migration stands. */
        readonly probe?: MigrationSql
      }
    | {
        readonly op: 'data'
        readonly name: string
        up(data: MigrationData): Promise<void> | void
        /** `'none'`: there is nothing to reverse. */
        readonly down?: 'none' | ((data: MigrationData) => Promise<void> | void)
        /** `squash` may leave it out. */
        readonly elidable?: boolean
      }
  )

/** A migration, as its file exports it by default. */
export interface MigrationDefinition {
  /** The migrations that come before it, by the names of their files. */
  readonly parents: readonly string[]
  readonly operations: readonly MigrationOperation[]
  /** Whether it runs in one transaction where the database can. Default: true. */
  readonly transaction?: boolean
  /** The migrations that it replaces. */
  readonly squashes?: readonly string[]
  /** `'deploy'`: it runs only with `--contract`, when no program uses what it removes. */
  readonly after?: 'deploy'
}

/** The default export of a file of migrations, made by `migration()`. */
export interface Migration {
  readonly parents: readonly string[]
}

/** One step of a migration: an operation, or several that are one statement, or a part of one. */
export interface PlannedStep {
  /** What it does, in a few words: `add column books.slug`. */
  readonly description: string
  /** The statements that it sends, without those of functions. */
  readonly sql: readonly string[]
}

/** A migration that is about to be run. */
export interface PlannedMigration {
  readonly id: string
  readonly direction: 'up' | 'down'
  /** `recorded`: nothing is run. The database has what it makes, because the migrations that it replaces were run. */
  readonly how: 'run' | 'recorded'
  readonly steps: readonly PlannedStep[]
  /** How many of the steps were done earlier. */
  readonly done: number
  /** What reversing it does not bring back, as phrases. */
  readonly losses: readonly string[]
}

/** A migration that was run. */
export interface FinishedMigration {
  readonly id: string
  readonly direction: 'up' | 'down'
  readonly how: 'run' | 'recorded'
  /** Milliseconds. */
  readonly duration: number
}

/** What a run of migrations did. */
export interface MigrationRun {
  /** What was planned, in the order of running. */
  readonly planned: readonly PlannedMigration[]
  /** What was done. */
  readonly finished: readonly FinishedMigration[]
  /** The ids of those that wait for a deployment, and run with `contract: true`. */
  readonly waiting: readonly string[]
}

/** What happens while migrations run. */
export type MigrationEvent =
  /** Another migrator is at work. `holder` says what is known of it. */
  | { readonly kind: 'waiting'; readonly holder: string | null }
  | { readonly kind: 'planned'; readonly migrations: readonly PlannedMigration[] }
  | { readonly kind: 'started'; readonly id: string; readonly direction: 'up' | 'down' }
  /** `index` counts from 0. */
  | { readonly kind: 'step'; readonly id: string; readonly index: number; readonly step: PlannedStep }
  /** A lock of the application stood in the way. The migration was rolled back and is tried again. */
  | { readonly kind: 'retry'; readonly id: string; readonly attempt: number; readonly delay: number }
  | { readonly kind: 'finished'; readonly migration: FinishedMigration }

/**
 * How dangerous an operation is. `blocks`: programs wait while all rows are read. `rewrites`: they wait while all rows are written
 * again. `breaks-old-code`: programs that were deployed earlier fail. `loses`: data is lost.
 */
export type RiskLevel = 'blocks' | 'rewrites' | 'breaks-old-code' | 'loses'

/** What is dangerous about an operation of a migration. */
export interface MigrationRisk {
  /** The position of the operation in its migration, from 0. */
  readonly index: number
  /** What it does: `remove column books.slug`. */
  readonly operation: string
  readonly level: RiskLevel
  /** What happens, as the rest of a sentence that begins with the operation. */
  readonly why: string
  /** What to write instead; null if nothing is better. */
  readonly instead: string | null
  /** The lock, as the manual of the database calls it. */
  readonly lock: string | null
  readonly rewrites: boolean
  readonly blocksReads: boolean
  readonly blocksWrites: boolean
  /** The reason that the migration gives for it: `safe`. */
  readonly safe: string | null
}

/**
 * Migrations by their ids, the names of their files without the extension. A value is what the file exports by default, or the
 * module. A name may be a path with an extension, as `import.meta.glob('./migrations/*.ts', { eager: true })` gives them.
 */
export type MigrationModules = Readonly<Record<string, Migration | { readonly default: Migration }>>

/** Options of `db.migrate()`. */
export interface MigrateOptions {
  readonly migrations: MigrationModules
  /** The id of the last migration to run, with all that it needs. Default: all. */
  readonly to?: string
  /** How long to wait while another process migrates the database, in milliseconds. Default 60,000; 0: not at all. */
  readonly wait?: number
  /** Also runs migrations with `after: 'deploy'`. Default: false; an empty database gets all. */
  readonly contract?: boolean
  /**
   * Runs steps that lose data, break programs that run, or write large tables again, also where `NODE_ENV` is `production` and the
   * migration gives no reason. Also lets changes of large tables of MariaDB and MySQL keep programs waiting. Default: false; such a
   * run throws RiskyMigrationError before anything is run, or MigrationError at the step that would keep them waiting.
   */
  readonly allow?: boolean
  /** The table that records what was run. Default: `'corm_migrations'`. */
  readonly migrationsTable?: string
  /** How often a migration is tried again after it waited for a lock of the application in vain. Default 20. */
  readonly lockRetries?: number
  /** Stops after the step that is running. */
  readonly signal?: Signal
  /** Called with what happens. */
  readonly onProgress?: (event: MigrationEvent) => void
}
