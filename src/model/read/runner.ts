import type { Dialect } from '../../dialect/dialect.js'
import { dialectNamed } from '../../dialect/named.js'
import { UsageError } from '../../errors.js'
import type { Query } from '../../query/builder/query-builder.js'
import type { Runner, Table } from '../../query/runner/runner.js'
import { withVectors } from '../../util/embedded-text.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { executorFor, executorOf, limited, requireExecutor, usingOf } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import { embeddedIn } from './embedded-rows.js'
import { explain } from './explain.js'
import { shownNames } from './extras.js'
import { fetch, fetchOn, PART } from './fetch.js'
import { pageReaderOn } from './page-reader.js'
import { inlineSql } from './plan.js'
import { checkRowCount, limitRows } from './row-limit.js'
import { plannedFor, send } from './send.js'

/** Rows without instances: decoded values, by position. */
function fetchRows(query: Query): MaybePromise<unknown[][]> {
  return andThen(executorOf(query), (executor) => {
    const planned = plannedFor(query, executor.dialect)
    return andThen(send(planned, query, executor), ({ rows }) => rows.map(planned.plan.decode))
  })
}

/** Rows as `get` reads them, with the names of their values; hidden fields stay out. */
function fetchTable(given: Query): MaybePromise<Table> {
  const query = limitRows(given)
  return andThen(executorOf(query), (executor) => {
    const planned = plannedFor(query, executor.dialect)
    const { plan } = planned
    const fields = plan.fields ?? []
    const shown = [...fields.keys()].filter((place) => fields[place]?.hidden !== true)
    const added = shownNames(plan.assembled.names)
    const places = [...shown, ...added.map(({ place }) => fields.length + place)]
    const names = [...shown.map((place) => fields[place]?.name ?? ''), ...added.map(({ name }) => name)]
    return andThen(send(planned, query, executor), ({ rows }) => {
      checkRowCount(query, rows.length)
      return { names, rows: rows.map((row) => plan.decode(row)).map((row) => places.map((place) => row[place])) }
    })
  })
}

/** The reading half of what runs queries. */
export const runner: Omit<Runner<Query>, 'write' | 'writeReturning'> = {
  sourceOf: (meta) => runtimeOf(meta.model).source,
  draft: (meta, root) => runtimeOf(meta.model).draft(root),
  executor: requireExecutor,
  pageReader: (query) =>
    andThen(executorFor(query.source.meta, usingOf(query)), (executor) =>
      pageReaderOn(executor, (part, on) => withVectors(() => fetchOn(limited(on, part.limits), part, PART))),
    ),
  entities: (query) => fetch(query),
  rows: (query) => withVectors(() => fetchRows(query)),
  table: (query) => withVectors(() => fetchTable(query)),
  explain: (query, how) => withVectors(() => explain(query, how)),
  compile(given, name) {
    const dialect = dialectOf(given, name)
    const { plan, values } = plannedFor(embeddedIn(given, dialect), dialect)
    return { sql: plan.sql, parameters: plan.bind(values) }
  },
  compileInline(given, name) {
    const dialect = dialectOf(given, name)
    return inlineSql(embeddedIn(given, dialect), dialect)
  },
}

function dialectOf(query: Query, name: string | undefined): Dialect {
  if (name !== undefined) return dialectNamed(name)
  const executor = executorFor(query.source.meta, usingOf(query))
  if (executor instanceof Promise) {
    executor.catch(() => undefined)
    throw new UsageError("toSQL() needs a connected database, or the dialect's name: toSQL({ dialect: 'sqlite' }).")
  }
  return executor.dialect
}
