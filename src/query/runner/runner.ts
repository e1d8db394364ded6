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
  /** When it is given up; null: never. */
  readonly limits: QueryLimits | null
}

export const NO_OPTIONS: RunOptions = { preloads: NO_PRELOADS, executor: null, limits: null }

/** What all steps of a query share, until one says how it runs. */
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

/** Reads pages: the statements of one query, all of them in one place. */
export interface PageReader<Q extends QueryState = QueryState> {
  /** Whether statements may run side by side. */
  readonly parallel: boolean
  /** NULL sorts after all values, and before them when descending. */
  readonly nullsLargest: boolean
  readonly maxRows: number | undefined
  readonly cursorSecret: string | undefined
  /** As `Runner.entities`, here and nowhere else, whatever transaction runs by then. */
  entities(query: Q): MaybePromise<object[]>
  /** What the database holds in a field of an instance just read, in canonical form. */
  stored(instance: object, field: ModelField): unknown
  /** The values that a row carried out of sight, in canonical form. */
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

/** What becomes of the rows of a query. */
export type QueryWrite = QueryUpdate | QueryDelete | QueryMark

/** Columns are set. */
export interface QueryUpdate {
  readonly kind: 'update'
  /** Their values may take work before they can be stored. */
  readonly assignments: readonly AssignmentNode[]
  /** The same as values of fields, for instances to take; null where they are not asked for. */
  readonly values: Readonly<Record<string, unknown>> | null
}

/** They are removed. */
export interface QueryDelete {
  readonly kind: 'delete'
}

/** They are marked as deleted at a time, or brought back (null). */
export interface QueryMark {
  readonly kind: 'mark'
  readonly at: Date | null
}

/** What runs queries; the model layer implements it. */
export interface Runner<Q extends QueryState = QueryState> {
  /** What queries over another model start from. */
  sourceOf(meta: ModelMetadata): QuerySource<Q>
  /** The query that a global scope of a model goes on from, in a tree of its own. */
  draft(meta: ModelMetadata, root: ShapeRoot): Q
  /** What using() was given, if work can run on it. */
  executor(given: unknown): Executor
  /** What reads pages of a query where it would run now. */
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
  /** Where queries run that name nothing themselves, as `using()` of the model named it. */
  readonly executor: Using
  /** The relation whose rows are read for one owner; 'own': it serves a call that is counted as something else, or not. */
  readonly cause: QueryCause | undefined
}
