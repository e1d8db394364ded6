// Options and results of calls that do not depend on the model.

/** Lets a write set guarded fields. */
export interface GuardedOption {
  guarded: true
}

/** Whether a write over a query runs hooks. */
export interface HooksOption {
  /** `true` loads the rows and runs the hooks of each; `false` says that none are meant to run. */
  hooks: boolean
}

/** A filter as JSON has it: what `filter` takes. */
export type FilterInput = readonly (string | number | boolean | null | FilterInput)[]

/** How a table is joined. */
export interface JoinOptions {
  /** Default `'inner'`. Rows of a right or full join may have no row of the model: read them with `values` or `aggregate`. */
  type?: 'inner' | 'left' | 'right' | 'full'
  /** Its name in callbacks and in SQL. Default: the table's own name. A query needs one. */
  alias?: string
}

/** A vector: numbers without NaN and the infinities, as many as the field has dimensions, and not all of them 0. */
export type VectorInput = Float32Array | readonly number[]

/** How far vectors are from each other; `dot` is their product with its sign changed. */
export type VectorMetric = 'cosine' | 'euclidean' | 'dot'

/** Options of `nearest`. */
export interface NearestOptions {
  /** Default: that of the field's index, or `'cosine'`. */
  metric?: VectorMetric
  /** The most rows. Default 10. */
  limit?: number
  /** Leaves out rows that are farther. */
  maxDistance?: number
  /** Compares all rows, and uses no index, which may miss some of the nearest. Default false. */
  exact?: boolean
}

/** A statement for the database: values stand apart from the text. */
export interface CompiledSQL {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** The dialects that `toSQL` speaks. */
export type DialectName = 'sqlite' | 'postgres' | 'mysql' | 'mariadb'

/** Options of `explain`. */
export interface ExplainOptions {
  /** Runs the query, and reports what it took. */
  analyze?: boolean
  /** Default `text`. */
  format?: 'text' | 'json'
}

/** Options of `print`. */
export interface PrintOptions {
  /** Cells of a line; longer values are cut with an ellipsis. Default 120. */
  width?: number
  /** Default: the process's output. */
  stream?: { write(text: string): unknown }
}

/** What `lock` does where another transaction holds a row; without an option it waits. */
export interface LockOptions {
  /** Leaves the row out. */
  skipLocked?: boolean
  /** Throws `LockTimeoutError` at once. */
  noWait?: boolean
}

/** Options of writes of many rows. */
export interface BatchOptions {
  /** The most rows of one statement, below what the database takes; all statements are one transaction. */
  batchSize?: number
}

/** What `upsertMany` did; together the number of rows that were given. */
export interface UpsertCounts {
  readonly inserted: number
  /** Rows that were there and were updated, whether or not their values changed. */
  readonly updated: number
  /** Rows that were there and stayed as they were (`update: false`), and rows given again later in the list. */
  readonly skipped: number
}

/** What `sync` changed. */
export interface SyncResult {
  readonly attached: number
  readonly detached: number
  readonly updated: number
}
