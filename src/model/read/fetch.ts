import { settings } from '../../database/settings.js'
import type { Executor, Using } from '../../execution/executor.js'
import type { Query } from '../../query/builder/query-builder.js'
import type { PreloadTree } from '../../query/runner/preload.js'
import { type LoadContext, loadRelations } from '../../relation/relation-loader.js'
import { withVectors } from '../../util/embedded-text.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { relatedQuery } from '../runtime/related-query.js'
import { executorOf, usingOf } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import { withAfterLoad } from './after-load.js'
import { embeddedRows } from './embedded-rows.js'
import { NO_OWNERS } from './extra-values.js'
import { type LoadStrategy, NoRelatedRows, SeparateQueries } from './load-strategy.js'
import { runsInParallel } from './page-reader.js'
import { pipelinedQueries } from './pipelined-queries.js'
import type { Plan } from './plan.js'
import { checkRowCount, isUnlimitedBelow, limitRows } from './row-limit.js'
import type { ReadRows } from './row-reader.js'
import { plannedFor } from './send.js'

/** What a read has in addition to its query. */
interface FetchOptions {
  /** N+1 detection counts the call that this read is part of, and not the read. */
  readonly isPart: boolean
  /** Takes the key of each row's owner, where a join table has it. */
  readonly ownerKeys: unknown[] | null
}

const WHOLE: FetchOptions = { isPart: false, ownerKeys: null }
export const PART: FetchOptions = { isPart: true, ownerKeys: null }

/** Reads the rows of a query as instances, with those of its relations. */
export function fetch(query: Query, options = WHOLE): MaybePromise<object[]> {
  return withVectors(() => andThen(executorOf(query), (executor) => fetchOn(executor, query, options)))
}

/** The read path. */
export function fetchOn(executor: Executor, given: Query, { isPart, ownerKeys }: FetchOptions): MaybePromise<object[]> {
  const query = limitRows(given)
  return andThen(loadStrategyOf(query, executor, isPart), (related) => {
    const planned = plannedFor(related.query, executor.dialect)
    return andThen(related.send(planned), ({ rows }) => {
      checkRowCount(query, rows.length)
      const read = readRows(planned.plan, rows, usingOf(query), ownerKeys)
      return andThen(related.load(read), () => withAfterLoad(read.instances))
    })
  })
}

/** Chooses how related rows are loaded: in the query's statement (SQLite), sent with it (PostgreSQL), or after it. */
function loadStrategyOf(query: Query, executor: Executor, isPart: boolean): MaybePromise<LoadStrategy> {
  if (query.preloads.size === 0) return new NoRelatedRows(query, executor, isPart)
  const read = { query, executor, isPart }
  const context = loadContext(executor, 'own', isUnlimitedBelow(query))
  return pipelinedQueries(read, context) ?? embeddedRows(read, context) ?? new SeparateQueries(read, context)
}

/** Turns the rows of a plan into instances. They belong to the database of `using`, or if it is null to the model's own. */
export function readRows(plan: Plan, rows: unknown[][], using: Using, ownerKeys: unknown[] | null = null): ReadRows {
  const owners = ownerKeys === null ? NO_OWNERS : { owners: null, keys: ownerKeys }
  return plan.reader.read(rows, using === null ? null : using.database, owners)
}

/**
 * Loads relations of instances, on the executor that they were read on. `cause`: what N+1 detection counts the reads as. It is
 * 'relation' if they are loaded for one instance at a time.
 */
export function preload(
  instances: readonly object[],
  tree: PreloadTree,
  executor: Executor,
  cause: LoadCause = 'own',
): MaybePromise<void> {
  return loadRelations(instances, tree, loadContext(executor, cause, false))
}

export type LoadCause = 'relation' | 'own'

function loadContext(executor: Executor, cause: LoadCause, isUnlimited: boolean): LoadContext {
  const { capabilities } = executor.dialect
  const parallel = runsInParallel(executor)
  return {
    queryOf: (relation) =>
      runtimeOf(relation.target.model)
        .query(executor, cause === 'own' ? 'own' : relation)
        .over(relation),
    fetch: (query, ownerKeys) => fetch(isUnlimited ? query.all() : query, { isPart: false, ownerKeys }),
    related: relatedQuery,
    exact: settings.maxRows !== undefined,
    // in a transaction the reads may lock rows, and a range would also lock the gaps between its rows
    keyRange: parallel ? capabilities.keyRange : 0,
    limits: capabilities,
    parallel,
  }
}
