import type { Connectable, Signal } from './database.js'

// Options and results of calls that do not depend on the model.

/** The option that lets a write set guarded fields. */
export interface GuardedOption {
  /** Allows data for fields that are declared `guarded`. */
  guarded: true
}

/** The option that checks a version which a client sent. The model needs a `Field.version()`. */
export interface ExpectVersionOption {
  /**
   * The version that the row must have. Default: the version that the instance has loaded. Another version throws
   * `StaleModelError`.
   */
  expectVersion?: number
}

/** Options of `save`. */
export interface SaveOptions<Name extends string = string> extends ExpectVersionOption {
  /** Limits an update to these fields. Default: all changed fields. */
  only?: readonly Name[]
  /** The database or transaction that saves the instance. */
  using?: Connectable
}

/** The option that lets a bulk write run hooks. */
export interface HooksOption {
  /** `true` loads the rows and runs the hooks of each. `false` runs no hooks, and states that this is intended. */
  hooks: boolean
}

/** A filter as JSON, for `filter`: `[field, operator, value]`, or nested lists with 'and', 'or' and 'not'. */
export type FilterInput = readonly (string | number | boolean | null | FilterInput)[]

/** Options of `join`. */
export interface JoinOptions {
  /** The kind of join. Default `'inner'`. A right or full join can lack a row of the model: use `values` or `aggregate`. */
  type?: 'inner' | 'left' | 'right' | 'full'
  /** The name of the joined table in callbacks and in SQL. Default: the name of the table. Required for a query. */
  alias?: string
}

/** A vector: one finite number for each dimension of the field, and not all of them 0. */
export type VectorInput = Float32Array | readonly number[]

/** The distance between vectors. `dot` is the negative dot product, so that the nearest come first. */
export type VectorMetric = 'cosine' | 'euclidean' | 'dot'

/** Options of `nearest`. */
export interface NearestOptions {
  /** The distance. Default: that of the field's index, or `'cosine'`. */
  metric?: VectorMetric
  /** The maximum number of rows. Default 10. */
  limit?: number
  /** Leaves out rows with a greater distance. */
  maxDistance?: number
  /** Compares all rows instead of using the index, which can miss some of the nearest rows. Default false. */
  exact?: boolean
}

/** Options of `search`. */
export interface SearchOptions<Field extends string = string> {
  /** The vector field. Default: the only one of the model. */
  field?: Field
  /** The maximum number of rows. Default 10. */
  limit?: number
}

/** Options of `hybrid`. */
export interface HybridOptions<Field extends string = string, Text extends string = string>
  extends SearchOptions<Field> {
  /** The fields of a full-text index. */
  fields: Text | readonly Text[]
  /** The constant of reciprocal rank fusion: the higher, the less the first places count. Default 60. */
  k?: number
}

/** Options of `matches`. */
export interface MatchesOptions {
  /** Also finds words that begin with the last word of the text, for search as you type. Default false. */
  prefix?: boolean
}

/** An SQL statement, with its values separate from its text. */
export interface CompiledSQL {
  /** The text, with placeholders. */
  readonly sql: string
  /** The values of the placeholders. */
  readonly parameters: readonly unknown[]
}

/** The dialects of `toSQL`. */
export type DialectName = 'sqlite' | 'postgres' | 'mysql' | 'mariadb'

/** Options of `explain`. */
export interface ExplainOptions {
  /** Runs the query and reports the time and the rows of each step. Default false. */
  analyze?: boolean
  /** The format of the plan. Default `text`. */
  format?: 'text' | 'json'
}

/** Options of `print`. */
export interface PrintOptions {
  /** The width of the table in characters. Longer values are cut with an ellipsis. Default 120. */
  width?: number
  /** Where to print. Default: the standard output of the process. */
  stream?: { write(text: string): unknown }
}

/** What `lock` does if another transaction has locked a row. Without an option it waits. */
export interface LockOptions {
  /** Leaves out locked rows. Default false. */
  skipLocked?: boolean
  /** Throws `LockTimeoutError` immediately. Default false. */
  noWait?: boolean
  /**
   * The tables whose rows are locked: the model of the query, and joined tables by alias or model. Default: only the model of the
   * query. MariaDB always locks the rows of all tables.
   */
  of?: LockedTable | readonly LockedTable[]
}
/** A table for the option `of` of `lock`: an alias or a model. */
type LockedTable = string | (abstract new (...args: never[]) => unknown)

/** Options of writes of many rows. */
export interface BatchOptions {
  /** The maximum number of rows of one statement. All statements run in one transaction. Default: what the database allows. */
  batchSize?: number
}

/** The result of `upsertMany`. The sum of its numbers is the number of given rows. */
export interface UpsertCounts {
  /** The number of new rows. */
  readonly inserted: number
  /** The number of existing rows that were updated, even if no value changed. */
  readonly updated: number
  /** The number of existing rows left unchanged (`update: false`), and of given rows that appear again later in the list. */
  readonly skipped: number
}

/** The result of `sync`. */
export interface SyncResult {
  /** The number of rows that were attached. */
  readonly attached: number
  /** The number of rows that were detached. */
  readonly detached: number
  /** The number of links with changed pivot values. */
  readonly updated: number
}

/** Options of `reencrypt`. */
export interface ReencryptOptions {
  /** The number of rows of one transaction. Default 500. */
  batch?: number
}

/** Options of `embedAll`. */
export interface EmbedAllOptions {
  /** The number of rows of a batch: one call of `embed`. Default 100. */
  batchSize?: number
  /** How many batches are embedded at the same time. Default 1. */
  concurrency?: number
  /** Stops the run, also while `embed` is running. `embedAll` then rejects with an `AbortedError`. */
  signal?: Signal
  /** Called after each batch. */
  onProgress?: (progress: EmbedProgress) => void
}
/** How far `embedAll` is. */
export interface EmbedProgress {
  /** The number of stale rows when it began. A row counts once for each of its embeddings. */
  readonly total: number
  /** The rows that are embedded now. A row whose text changed meanwhile is not one of them. */
  readonly embedded: number
  /** The rows whose `embed` failed: only with `onFailure: 'stale'`, otherwise `embedAll` rejects. */
  readonly failed: number
}

/** The option of `toJSON` and `toObject`. */
export interface LocalesOption {
  /** `'all'`: every language of translated fields, not only the text in the current one. */
  locales?: 'all'
}
