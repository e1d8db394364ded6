import { settings } from '../../database/settings.js'
import type { Dialect } from '../../dialect/dialect.js'
import { dialectNamed } from '../../dialect/named.js'
import { UsageError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import type { Remaining } from '../../query/builder/embed.js'
import type { Query } from '../../query/builder/query-builder.js'
import type { PreloadTree } from '../../query/runner/preload.js'
import type { QueryState, Runner, Table } from '../../query/runner/runner.js'
import { type LoadContext, loadRelations } from '../../relation/relation-loader.js'
import { andThen, inTurn, type MaybePromise } from '../../util/maybe-promise.js'
import { relatedQuery } from '../runtime/related-query.js'
import { executorFor, executorOf, limited, requireExecutor, usingOf } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import { withRelations, withRelationsIn } from './embedding.js'
import { explain } from './explain.js'
import { shownNames } from './link.js'
import { readPairs } from './pairs.js'
import { placeOf, runsSideBySide } from './place.js'
import { inlineSql, type Plan } from './plan.js'
import { ALONE, type Brought, type BroughtPairs, type Company } from './row-reader.js'
import { plannedFor, send } from './send.js'
import { readTogether } from './together.js'

/** The read path: compile, run, hydrate, load relations. `keys` takes those of the rows' owners in a table between. */
export function fetch(query: QueryState, keys: unknown[] | null = null): MaybePromise<object[]> {
  return andThen(executorOf(query), (executor) => fetchOn(query, executor, false, keys))
}

export function fetchOn(
  given: QueryState,
  executor: Executor,
  isOwn = false,
  keys: unknown[] | null = null,
): MaybePromise<object[]> {
  const whole = given as Query
  const query = settings.maxRows === undefined ? whole : bounded(whole, settings.maxRows)
  if (query.preloads.size === 0) return readRows(query, executor, isOwn, { ...ALONE, keys })
  const alone = () => readInTurn(query, executor, isOwn, keys)
  if (executor.together === undefined || query.via !== null) return alone()
  return readTogether(query, executor, loadContext(executor, false), alone) ?? alone()
}

/** Reads rows, and then those of their relations that did not come with them. */
function readInTurn(query: Query, executor: Executor, isOwn: boolean, keys: unknown[] | null): MaybePromise<object[]> {
  return andThen(withRelations(query, executor), ({ query: sent, remaining }) => {
    const below: Brought[] = []
    return andThen(readRows(sent, executor, isOwn, { ...ALONE, below, keys }), (instances) =>
      andThen(loadRemaining({ instances, below }, remaining, executor, isLifted(query)), () => instances),
    )
  })
}

function readRows(query: Query, executor: Executor, isOwn: boolean, company: Company): MaybePromise<object[]> {
  const planned = plannedFor(query, executor.dialect)
  return andThen(send(planned, query, executor, isOwn), ({ rows }) => {
    checkRowCount(query, rows.length)
    return hydrate(planned.plan, rows, usingOf(query), company)
  })
}

const isPairs = (brought: Brought): brought is BroughtPairs => Object.hasOwn(brought, 'pairs')

/** Loads what did not come with the rows. */
function loadRemaining(
  brought: Brought,
  remaining: Remaining,
  executor: Executor,
  lifted: boolean,
): MaybePromise<void> {
  if (isPairs(brought))
    return andThen(readPairs(brought, executor), (rows) => loadRemaining(rows, remaining, executor, lifted))
  const context = loadContext(executor, false, lifted)
  return andThen(loadRelations(brought.instances, remaining.own, context), () =>
    inTurn([...remaining.embedded.entries()], ([i, each]) =>
      loadRemaining(brought.below[i] as Brought, each, executor, lifted),
    ),
  )
}

/** Who wants every row wants those of its relations too. */
const isLifted = ({ shape }: QueryState): boolean =>
  settings.maxRows !== undefined && shape.steps().some(({ part }) => part.kind === 'all' && part.below)

/** Rows without instances: decoded values, by position. */
function fetchRows(query: QueryState): MaybePromise<unknown[][]> {
  return andThen(executorOf(query), (executor) => {
    const planned = plannedFor(query, executor.dialect)
    return andThen(send(planned, query, executor), ({ rows }) => rows.map(planned.plan.decode))
  })
}

/** Rows as `get` reads them, with the names of their values; hidden fields stay out. */
function fetchTable(given: QueryState): MaybePromise<Table> {
  const query = settings.maxRows === undefined ? given : bounded(given as Query, settings.maxRows)
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

function write(query: QueryState): MaybePromise<number> {
  return andThen(executorOf(query), (executor) =>
    andThen(send(plannedFor(query, executor.dialect), query, executor), ({ affected }) => affected),
  )
}

/** The reading half of what runs queries. */
export const runner: Omit<Runner, 'changeReturning' | 'markRows' | 'markRowsReturning'> = {
  sourceOf: (meta) => runtimeOf(meta.model).source,
  executor: requireExecutor,
  place: (query) =>
    andThen(executorFor(query.source.meta, usingOf(query)), (executor) =>
      placeOf(executor, (part, at) => fetchOn(part, limited(at, part.limits), true)),
    ),
  entities: fetch,
  rows: fetchRows,
  table: fetchTable,
  explain,
  write,
  compile(given, name) {
    const dialect = dialectOf(given, name)
    const { plan, values } = plannedFor(withRelationsIn(given as Query, dialect), dialect)
    return { sql: plan.sql, parameters: plan.bind(values) }
  },
  compileInline(given, name) {
    const dialect = dialectOf(given, name)
    const query = withRelationsIn(given as Query, dialect)
    return inlineSql(query.source.meta, query.shape, dialect, query.bound())
  },
}

function dialectOf(query: QueryState, name: string | undefined): Dialect {
  if (name !== undefined) return dialectNamed(name)
  const executor = executorFor(query.source.meta, usingOf(query))
  if (executor instanceof Promise) {
    executor.catch(() => undefined)
    throw new UsageError("toSQL() needs a connected database, or the dialect's name: toSQL({ dialect: 'sqlite' }).")
  }
  return executor.dialect
}

/** Rows of a plan as instances of its model, which belong to `executor`, or to the model's own database. */
export function hydrate(plan: Plan, rows: unknown[][], executor: Using, company = ALONE): object[] {
  return plan.reader.read(rows, executor?.database ?? null, company)
}

/** Loads relations onto instances, in the database or transaction they are read in. `alone`: for one instance at a time. */
export function preload(
  instances: readonly object[],
  tree: PreloadTree,
  executor: Executor,
  alone = false,
): MaybePromise<void> {
  return loadRelations(instances, tree, loadContext(executor, alone))
}

function loadContext(executor: Executor, alone: boolean, lifted = false): LoadContext {
  const { capabilities } = executor.dialect
  const parallel = runsSideBySide(executor)
  return {
    queryOf: (relation) =>
      runtimeOf(relation.target.model)
        .query(executor, alone ? relation : 'own')
        .over(relation),
    fetch: (query, links) => fetch(lifted ? query.all() : query, links),
    related: relatedQuery,
    exact: settings.maxRows !== undefined,
    // reads that lock are those of transactions, and a range would lock what is between its rows too
    keyRange: parallel ? capabilities.keyRange : 0,
    limits: capabilities,
    parallel,
  }
}

/** One row more than is allowed tells that there are too many: the others need not be read. */
function bounded(query: Query, maxRows: number): Query {
  const own = query.ownCount('limit')
  if (own !== null && own <= maxRows) return query
  const unbound = query.shape.steps().some(({ part }) => part.kind === 'all' || part.kind === 'perParent')
  return unbound ? query : query.limit(maxRows + 1)
}

function checkRowCount(query: QueryState, rows: number): void {
  const { maxRows } = settings
  if (maxRows === undefined || rows <= maxRows) return
  if (query.shape.steps().some(({ part }) => part.kind === 'all')) return
  throw new UsageError(
    `The query answered more than ${maxRows} rows (maxRows). Use limit() or page(), or say all() when every row is meant.`,
  )
}
