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
  /** It is part of a call that the search for N+1 queries counts as something else. */
  readonly isPart: boolean
}

/** How a query's rows get those of their relations: in one statement, side by side, or one query after the other. */
export interface LoadStrategy {
  /** The query as it is sent. */
  readonly query: Query
  /** Runs its statement, and whatever else is sent with it. */
  send(planned: BoundPlan): MaybePromise<QueryResult>
  /** Gives the instances their related rows. */
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
