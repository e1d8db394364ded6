import { settings } from '../../database/settings.js'
import type { Dialect, JsonRows } from '../../dialect/dialect.js'
import type { Executor } from '../../execution/executor.js'
import { embedRelations, type Remaining } from '../../query/builder/embed.js'
import type { Query } from '../../query/builder/query-builder.js'
import type { Shape } from '../../query/shape.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { plannedFor } from './send.js'

/** A query as it is sent, and what has to be loaded once its rows are there. */
export interface Sent {
  readonly query: Query
  readonly remaining: Remaining
}

export const alone = (query: Query): Sent => ({ query, remaining: { own: query.preloads, embedded: [] } })

/** The query with those relations in it whose rows come better with it than by queries of their own. */
export function withRelations(query: Query, executor: Executor): MaybePromise<Sent> {
  const { jsonRows } = executor.dialect.capabilities
  // the number of rows is limited for each relation by itself
  if (jsonRows === null || settings.maxRows !== undefined) return alone(query)
  const sent = embedRelations(query, jsonRows)
  if (sent === null) return alone(query)
  const verdict = verdictOn(sent.query, executor, jsonRows)
  if (verdict instanceof Promise) return verdict.then((isFast) => (isFast ? sent : alone(query)))
  return verdict ? sent : alone(query)
}

/** The same, where no database is asked. */
export const withRelationsIn = (query: Query, { capabilities: { jsonRows } }: Dialect): Query =>
  (jsonRows === null ? null : embedRelations(query, jsonRows)?.query) ?? query

const verdicts = new WeakMap<Executor, WeakMap<Shape, boolean>>()

/** Tables that were made elsewhere may lack an index: each row of the query would read a whole table. The database knows. */
function verdictOn(query: Query, executor: Executor, jsonRows: JsonRows): MaybePromise<boolean> {
  const { database } = executor
  let known = verdicts.get(database)
  if (known === undefined) verdicts.set(database, (known = new WeakMap()))
  const verdict = known.get(query.shape)
  if (verdict !== undefined) return verdict
  const settle = (isFast: boolean) => {
    known.set(query.shape, isFast)
    return isFast
  }
  const { plan, values } = plannedFor(query, executor.dialect)
  const { prefix } = executor.dialect.explainer
  const sql = prefix({ analyze: false, format: 'text' }) + plan.sql
  // what is wrong with the query, it says itself
  try {
    const result = executor.run({ ...plan.statement(values), sql, prepare: false, unheard: true })
    if (!(result instanceof Promise)) return settle(jsonRows.areFound(result.rows))
    return result.then(
      ({ rows }) => settle(jsonRows.areFound(rows)),
      () => false,
    )
  } catch {
    return false
  }
}
