import type { QueryResult } from '../../driver/driver.js'
import type { Executor } from '../../execution/executor.js'
import type { Query } from '../../query/builder/query-builder.js'
import { type LoadContext, loadRelations } from '../../relation/relation-loader.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import type { BoundPlan } from './plan.js'
import type { ReadRows } from './row-reader.js'
import { send } from './send.js'

/** A query that is about to be read. */
export interface QueryRead {
  readonly query: Query
  readonly executor: Executor
  /** N+1 detection counts the call that this read is part of, and not the read. */
  readonly isPart: boolean
}

/** How the related rows of a query are loaded: in its statement, sent with it, or by queries after it. */
export interface LoadStrategy {
  /** The query as it is sent. */
  readonly query: Query
  /** Runs its statement, and whatever else is sent with it. */
  send(planned: BoundPlan): MaybePromise<QueryResult>
  /** Loads the related rows that did not come with the query. */
  load(rows: ReadRows): MaybePromise<void>
}

/** For a query without relations to load. */
export class NoRelatedRows implements LoadStrategy, QueryRead {
  constructor(
    readonly query: Query,
    readonly executor: Executor,
    readonly isPart: boolean,
  ) {}

  send(planned: BoundPlan): MaybePromise<QueryResult> {
    return send(planned, this.query, this.executor, this.isPart)
  }

  load(_: ReadRows): MaybePromise<void> {}
}

/** One query for each relation, after the rows that they belong to. */
export class SeparateQueries extends NoRelatedRows {
  constructor(
    { query, executor, isPart }: QueryRead,
    protected readonly context: LoadContext,
  ) {
    super(query, executor, isPart)
  }

  override load({ instances }: ReadRows): MaybePromise<void> {
    return loadRelations(instances, this.query.preloads, this.context)
  }
}
