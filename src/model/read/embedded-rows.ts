import { settings } from '../../database/settings.js'
import type { Dialect, JsonRows } from '../../dialect/dialect.js'
import type { Executor } from '../../execution/executor.js'
import { explainStatement, statementWith } from '../../execution/statement.js'
import { embedRelations, type Remaining } from '../../query/builder/embed.js'
import type { Query } from '../../query/builder/query-builder.js'
import type { Shape } from '../../query/shape.js'
import { type LoadContext, loadRelations } from '../../relation/relation-loader.js'
import { at } from '../../util/list.js'
import { andThen, inTurn, type MaybePromise } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'
import { afterLoad } from './after-load.js'
import { readByKeys } from './embedded-keys.js'
import { type LoadStrategy, NoRelatedRows, type QueryRead, SeparateQueries } from './load-strategy.js'
import type { ReadEmbedded, ReadKeys, ReadRows } from './row-reader.js'
import { plannedFor } from './send.js'

/**
 * Relations whose rows come inside those of the query, as JSON, where the database is faster at that. Null: there are none.
 * Of rows that belong to many owners only the keys come so.
 */
export function embeddedRows(read: QueryRead, context: LoadContext): MaybePromise<LoadStrategy> | null {
  const { query, executor } = read
  const { jsonRows } = executor.dialect.capabilities
  // the number of rows is limited for each relation by itself
  if (jsonRows === null || settings.maxRows !== undefined) return null
  const split = embedRelations(query, jsonRows)
  if (split === null) return null
  return andThen(isFast(split.query, executor, jsonRows), (fast) =>
    fast ? new EmbeddedStrategy(read, split.query, split.remaining, context) : new SeparateQueries(read, context),
  )
}

/** The query with its embedded relations, where no database is asked whether that is fast. */
export const embeddedIn = (query: Query, { capabilities: { jsonRows } }: Dialect): Query =>
  (jsonRows === null ? null : embedRelations(query, jsonRows)?.query) ?? query

class EmbeddedStrategy extends NoRelatedRows {
  readonly #remaining: Remaining
  readonly #context: LoadContext

  constructor(read: QueryRead, query: Query, remaining: Remaining, context: LoadContext) {
    super(query, read.executor, read.isPart)
    this.#remaining = remaining
    this.#context = context
  }

  override load(rows: ReadRows): MaybePromise<void> {
    return this.#load(rows, this.#remaining)
  }

  /** Loads what did not come with the rows, and then what did not come with those that are inside them. */
  #load(read: ReadRows, remaining: Remaining): MaybePromise<void> {
    return andThen(loadRelations(read.instances, remaining.own, this.#context), () =>
      inTurn([...remaining.embedded.entries()], ([i, each]) => this.#loadBelow(at(read.embedded, i), each)),
    )
  }

  #loadBelow(read: ReadEmbedded, remaining: Remaining): MaybePromise<void> {
    if (isKeys(read)) return andThen(readByKeys(read, this.executor), (rows) => this.#loadBelow(rows, remaining))
    return andThen(this.#load(read, remaining), () => afterLoad(read.instances))
  }
}

const isKeys = (read: ReadEmbedded): read is ReadKeys => Object.hasOwn(read, 'lists')

const verdicts = new WeakMap<Executor, WeakMap<Shape, boolean>>()

/** Asks the database for its plan: without an index, each row of the query would read a whole table. */
function isFast(query: Query, executor: Executor, jsonRows: JsonRows): MaybePromise<boolean> {
  const { database } = executor
  const known = memo(verdicts, database, () => new WeakMap<Shape, boolean>())
  const verdict = known.get(query.shape)
  if (verdict !== undefined) return verdict
  const remember = (isFast: boolean) => {
    known.set(query.shape, isFast)
    return isFast
  }
  const { plan, values } = plannedFor(query, executor.dialect)
  const { prefix } = executor.dialect.explainer
  const statement = explainStatement(plan.statement(values), prefix({ analyze: false, format: 'text' }))
  // if the query is wrong, it reports that when it runs
  try {
    const result = executor.run(statementWith(statement, { unheard: true }))
    if (!(result instanceof Promise)) return remember(jsonRows.areFound(result.rows))
    return result.then(
      ({ rows }) => remember(jsonRows.areFound(rows)),
      () => false,
    )
  } catch {
    return false
  }
}
