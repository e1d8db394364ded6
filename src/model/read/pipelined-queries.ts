import { settings } from '../../database/settings.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { QueryResult } from '../../driver/driver.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { queriedTie } from '../../query/link/tie.js'
import { comparesKeys, namesFew, standsForRows } from '../../query/runner/pipelined.js'
import type { Preload, PreloadTree } from '../../query/runner/preload.js'
import type { Shape } from '../../query/shape.js'
import { locksRows } from '../../query/statement/ending.js'
import { match, ownersOf } from '../../relation/matching.js'
import { constrainedQuery, isUnion, type LoadContext, loadRelations } from '../../relation/relation-loader.js'
import { at } from '../../util/list.js'
import { andThen, inTurn, type MaybePromise } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'
import { afterLoadOfEach } from './after-load.js'
import { type LoadStrategy, type QueryRead, SeparateQueries } from './load-strategy.js'
import { type BoundPlan, type Plan, planned } from './plan.js'
import type { ReadRows } from './row-reader.js'

// If a connection can pipeline, the queries of relations need not wait for the rows of their owners: each contains the query of its
// owners. All of them see the same state of the database.

/** Levels below the first: each query holds those of all levels above it. */
const DEPTH = 2
/** After so many failures in a row, the queries of a shape are no longer sent together. */
const FAILURES = 3

/** The index of the level that has the owners, and the relation that leads from them. */
interface OwnerLevel {
  readonly place: number
  readonly relation: RelationMetadata
}

/** One of the queries that are sent at once. */
interface PipelineLevel {
  readonly rows: Query
  /** Whether its values are those of the query itself. */
  readonly isOwn: boolean
  /** The level of the owners; null: the query itself. */
  readonly owners: OwnerLevel | null
  /** The relations that are loaded after the rows. */
  readonly rest: PreloadTree
}

/** Whether the levels can be used for all queries of the shape. Values that are not those of the query may differ each time. */
const isFixed = (levels: readonly PipelineLevel[]): boolean => levels.every(({ isOwn }) => isOwn)

/** Sends the queries of relations with that of their owners. Null: not possible, or not faster. */
export function pipelinedQueries(read: QueryRead, context: LoadContext): LoadStrategy | null {
  const { query, executor } = read
  if (executor.runTogether === undefined || query.via !== null) return null
  // the row limit and N+1 detection look at each query separately
  if (settings.maxRows !== undefined || settings.detectNPlusOne !== false || !query.shape.cached) return null
  const state = stateOf(query.shape, executor.dialect)
  if (state.failures >= FAILURES || !namesFew(query.bound())) return null
  const levels = levelsOf(state, query, context)
  if (levels === null) return null
  if (state.pace.isLong && hasSiblings(levels)) return new TimedQueries(read, context, state)
  return new PipelinedQueries(read, context, state, levels)
}

class PipelinedQueries extends SeparateQueries {
  readonly #state: PipelineState
  readonly #levels: readonly PipelineLevel[]
  /** The plans and results of the levels below the first; null: they could not be sent. */
  #below: readonly { readonly plan: Plan; readonly result: QueryResult }[] | null = null

  constructor(read: QueryRead, context: LoadContext, state: PipelineState, levels: readonly PipelineLevel[]) {
    super(read, context)
    this.#state = state
    this.#levels = levels
  }

  override send(own: BoundPlan): MaybePromise<QueryResult> {
    const { query, executor } = this
    const bound = query.bound()
    const below = this.#levels
      .slice(1)
      .map(({ rows, isOwn }) => planned(rows.source, rows.shape, executor.dialect, isOwn ? bound : rows.bound()))
    const sent = executor.runTogether?.([own, ...below].map(({ plan, values }) => plan.statement(values)))
    if (!sent) return super.send(own)
    const start = performance.now()
    return sent.then((results) => {
      this.#state.pace = paceOf(start)
      this.#state.failures = results === null ? this.#state.failures + 1 : 0
      if (results === null) return super.send(own)
      const [first, ...others] = results
      this.#below = below.map(({ plan }, i) => ({ plan, result: at(others, i) }))
      return first as QueryResult
    })
  }

  override load(rows: ReadRows): MaybePromise<void> {
    if (this.#below === null) return super.load(rows)
    const { context } = this
    const read: object[][] = [rows.instances]
    this.#below.forEach(({ plan, result }, i) => {
      const { place, relation } = at(this.#levels, i + 1).owners as OwnerLevel
      const keys: unknown[] = []
      const { instances } = plan.reader.read(result.rows, this.executor.database, { owners: null, keys })
      read.push(instances)
      match(ownersOf(relation, at(read, place)), { rows: instances, links: keys }, context.related)
    })
    return andThen(
      inTurn([...this.#levels.entries()], ([place, { rest }]) => loadRelations(at(read, place), rest, context)),
      () => afterLoadOfEach(read.slice(1).reverse()),
    )
  }
}

/** Milliseconds up to which it does not matter that queries wait for each other. */
const SHORT = 20

interface LevelPace {
  /** True until the query was sent once. */
  readonly isLong: boolean
}

const paceOf = (start: number): LevelPace => ({ isLong: performance.now() - start > SHORT })

/** Loads level by level, siblings in parallel, and measures the time to decide how the next query of the shape is sent. */
class TimedQueries extends SeparateQueries {
  readonly #state: PipelineState
  #start = 0

  constructor(read: QueryRead, context: LoadContext, state: PipelineState) {
    super(read, context)
    this.#state = state
  }

  override send(planned: BoundPlan): MaybePromise<QueryResult> {
    this.#start = performance.now()
    return super.send(planned)
  }

  override load(rows: ReadRows): MaybePromise<void> {
    return andThen(super.load(rows), () => {
      this.#state.pace = paceOf(this.#start)
    })
  }
}

/** Whether several relations have the same owners. In a pipeline the server runs their queries one after the other. */
function hasSiblings(levels: readonly PipelineLevel[]): boolean {
  const places = levels.map(({ owners }) => owners?.place ?? -1)
  return new Set(places).size < places.length
}

/** What is known about one shape of query in one database. Each database has its own dialect object. */
interface PipelineState {
  failures: number
  /** How long the queries took the last time. */
  pace: LevelPace
  /** The levels, by the relations to load; null: these relations can't be pipelined. */
  readonly byRelations: Map<string, readonly PipelineLevel[] | null>
}

const states = new WeakMap<Dialect, WeakMap<Shape, PipelineState>>()

function stateOf(shape: Shape, dialect: Dialect): PipelineState {
  const known = memo(states, dialect, () => new WeakMap<Shape, PipelineState>())
  return memo(known, shape, () => ({ failures: 0, pace: { isLong: true }, byRelations: new Map() }))
}

/** The most lists of levels that are kept for one shape, because clients may choose the relations. */
const MOST = 50

function levelsOf({ byRelations }: PipelineState, query: Query, context: LoadContext): readonly PipelineLevel[] | null {
  const key = keyOf(query.preloads)
  const known = key === null ? undefined : byRelations.get(key)
  if (known !== undefined) return known
  const levels = findLevels(query, context)
  if (key !== null && (levels === null || isFixed(levels))) {
    if (byRelations.size >= MOST) byRelations.clear()
    byRelations.set(key, levels)
  }
  return levels
}

/** Null if there are callbacks, which may return something else each time. */
function keyOf(preloads: PreloadTree): string | null {
  let key = ''
  for (const [name, { constrain, children, variants }] of preloads) {
    const below = keyOf(variants ?? children)
    if (constrain !== null || below === null) return null
    key += `${JSON.stringify(name)}(${below})`
  }
  return key
}

function findLevels(query: Query, context: LoadContext): readonly PipelineLevel[] | null {
  const levels: PipelineLevel[] = []
  const own = query.bound()
  addLevel(query, standsForRows(query), null)
  return levels.length > 1 ? levels : null

  function addLevel(rows: Query, isSource: boolean, owners: PipelineLevel['owners'], depth = 0): void {
    const rest = new Map<string, Preload>()
    const values = rows.bound()
    const isOwn = values.length < 2 && values.every((value, i) => value === own[i]) && values.length === own.length
    const place = levels.push({ rows, isOwn, owners, rest }) - 1
    for (const [name, preload] of rows.preloads) {
      const below = isSource && depth < DEPTH ? relatedRows(rows, preload, context) : null
      if (below === null) rest.set(name, preload)
      else addLevel(below.rows, below.isSource, { place, relation: preload.relation }, depth + 1)
    }
  }
}

/**
 * The query for the related rows of all `owners`, and whether these rows can be owners too. Null if it needs the keys of loaded
 * owners.
 */
function relatedRows(owners: Query, preload: Preload, context: LoadContext): { rows: Query; isSource: boolean } | null {
  const { relation, variants, children } = preload
  if (variants !== null || !comparesKeys(relation)) return null
  const wanted = constrainedQuery(preload, context.queryOf(relation))
  // SeparateQueries refuses a lock outside transactions
  if (locksRows(wanted.shape) || wanted.executor !== null || wanted.limits !== null) return null
  if (relation.through !== null && isUnion(wanted)) return null
  const tie = queriedTie(relation, owners.toKeys(relation.sourceKeys))
  return { rows: wanted.restrictFurther(tie).preloading(children), isSource: standsForRows(wanted) }
}
