import { outsideTransaction } from '../../database/outside.js'
import { settings } from '../../database/settings.js'
import type { Executor } from '../../execution/executor.js'
import { marksOf } from '../../hydrate/marks.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import type { PageReader } from '../../query/runner/runner.js'
import type { MaybePromise } from '../../util/maybe-promise.js'

type FetchOn = (query: Query, executor: Executor) => MaybePromise<object[]>

/** What reads the pages of a query on this executor. */
export function pageReaderOn(executor: Executor, fetchOn: FetchOn): PageReader<Query> {
  const { cursorSecret, maxRows } = settings
  return {
    parallel: runsInParallel(executor),
    nullsLargest: executor.dialect.capabilities.nullsLargest,
    maxRows,
    cursorSecret,
    // relations are loaded by queries of their own, which would join a transaction that runs by then
    entities: (query) =>
      executor.openTransaction !== null
        ? fetchOn(query, executor)
        : outsideTransaction(async () => fetchOn(query, executor)),
    stored,
    marks: marksOf,
  }
}

/** Whether several statements may be under way at a time. */
export function runsInParallel(executor: Executor): boolean {
  return executor.dialect.capabilities.pipelining || executor.openTransaction === null
}

/** From the originals, not the instance: its values may be rounded for JavaScript, or changed by the user. */
function stored(instance: object, field: ModelField): unknown {
  const snapshot = rowOf(instance)?.[originOf(instance)?.positions[field.index] as number] ?? null
  if (snapshot === null || field.kind.snapshot === 'canonical') return snapshot
  return field.check(field.kind.snapshot === 'date' ? new Date(snapshot as number) : snapshot)
}
