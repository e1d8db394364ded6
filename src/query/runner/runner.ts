import type { AssignmentNode } from '../../ast/statement.js'
import type { Executor, Using } from '../../execution/executor.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import type { Shape, ShapeRoot } from '../shape.js'
import type { QueryLimits } from './limits.js'
import { NO_PRELOADS, type PreloadTree } from './preload.js'

/** How a query runs. */
export interface RunOptions {
  /** What is loaded with its rows. */
  readonly preloads: PreloadTree
  /** Where it runs, as its own `using()` named it. */
  readonly executor: Using
  /** When it is cancelled; null: never. */
  readonly limits: QueryLimits | null
}

export const NO_OPTIONS: RunOptions = { preloads: NO_PRELOADS, executor: null, limits: null }

/** What the queries of a chain share, until a step changes how the query runs. */
export interface QueryContext<Q extends QueryState = QueryState> {
  readonly source: QuerySource<Q>
  readonly options: RunOptions
}

/** A query as data: a shape, its values, and how it runs. */
export interface QueryState extends RunOptions {
  readonly source: QuerySource
  readonly shape: Shape
  /** One value per parameter of the shape's steps. */
  bound(): unknown[]
}

/** Reads the pages of one query: all of its statements run on the same executor. */
export interface PageReader<Q extends QueryState = QueryState> {
  /** Whether statements may run side by side. */
  readonly parallel: boolean
  /** NULL sorts after all values, and before them when descending. */
  readonly nullsLargest: boolean
  readonly maxRows: number | undefined
  readonly cursorSecret: string | undefined
  /** Like `Runner.entities`, on the executor of this reader, even if another transaction has begun since. */
  entities(query: Q): MaybePromise<object[]>
  /** What the database holds in a field of an instance just read, in canonical form. */
  stored(instance: object, field: ModelField): unknown
  /** The values that were added by `carrying`, in canonical form. */
  marks(instance: object): readonly unknown[]
}

/** Rows by the names of their values. */
export interface Table {
  readonly names: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** How a plan is asked for. */
export interface ExplainHow {
  /** Runs the statement, and reports how long it took. */
  readonly analyze: boolean
  readonly format: 'text' | 'json'
}

/** A write to the rows of a query. */
export type QueryWrite = QueryUpdate | QueryDelete | QueryMark

/** Sets columns. */
export interface QueryUpdate {
  readonly kind: 'update'
  /** Some values need work before they can be stored, such as hashing a password. */
  readonly assignments: readonly AssignmentNode[]
  /** The same as values of fields, for writes by instances; null if there are none. */
  readonly values: Readonly<Record<string, unknown>> | null
}

/** Deletes the rows. */
export interface QueryDelete {
  readonly kind: 'delete'
}

/** Marks the rows as deleted at a time, or restores them (null). */
export interface QueryMark {
  readonly kind: 'mark'
  readonly at: Date | null
}

/** What runs queries; the model layer implements it. */
export interface Runner<Q extends QueryState = QueryState> {
  /** The source of queries over another model. */
  sourceOf(meta: ModelMetadata): QuerySource<Q>
  /** The query that a global scope receives. Its shapes are in the tree of this root. */
  draft(meta: ModelMetadata, root: ShapeRoot): Q
  /** The argument of using(). Throws if it is neither a database nor a transaction. */
  executor(given: unknown): Executor
  /** The reader for the pages of a query, on the executor that the query would use now. */
  pageReader(query: Q): MaybePromise<PageReader<Q>>
  /** Rows as instances, with the relations of `with`. */
  entities(query: Q): MaybePromise<object[]>
  /** Rows as lists of values, decoded by the query's selections. */
  rows(query: Q): MaybePromise<unknown[][]>
  /** The same rows as `entities`, without instances. */
  table(query: Q): MaybePromise<Table>
  /** The database's plan for `entities`, as text. */
  explain(query: Q, how: ExplainHow): MaybePromise<string>
  /**
   * Changes, deletes or marks the rows of a query; the number of rows matched. `hooks`: loads them, and runs the hooks of each;
   * undefined: warns where there are some that do not run.
   */
  write(query: Q, write: QueryWrite, hooks?: boolean): MaybePromise<number>
  /** The same; the rows are returned as instances. */
  writeReturning(query: Q, write: QueryWrite): MaybePromise<object[]>
  compile(query: Q, dialect: string | undefined): { readonly sql: string; readonly parameters: readonly unknown[] }
  compileInline(query: Q, dialect: string | undefined): string
}

/** Why corm made a query itself. */
export type QueryCause = RelationMetadata | 'own'

/** The model a query is over, with what runs it. */
export interface QuerySource<Q extends QueryState = QueryState> {
  readonly meta: ModelMetadata
  readonly root: ShapeRoot
  readonly runner: Runner<Q>
  /** The executor that `using()` of the model named, for queries that name none themselves. */
  readonly executor: Using
  /** The relation whose rows are read for one owner; 'own': it serves a call that is counted as something else, or not. */
  readonly cause: QueryCause | undefined
}
