import { settings } from '../../database/settings.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { QueryResult } from '../../driver/driver.js'
import type { Executor } from '../../execution/executor.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { queriedTie } from '../../query/link/tie.js'
import type { Preload, PreloadTree } from '../../query/runner/preload.js'
import { comparesKeys, namesFew, standsForRows } from '../../query/runner/together.js'
import type { Shape } from '../../query/shape.js'
import { locks } from '../../query/statement/ending.js'
import { match, ownersOf } from '../../relation/matching.js'
import { isUnion, type LoadContext, loadRelations, relatedQuery } from '../../relation/relation-loader.js'
import { andThen, inTurn, type MaybePromise } from '../../util/maybe-promise.js'
import { usingOf } from '../runtime/run.js'
import { type Plan, planned } from './plan.js'
import { ALONE } from './row-reader.js'

// Where statements can be sent before those in front are answered, the queries of relations need not wait for the rows they
// belong to: each finds its rows by a query for the keys of those. All see one state of the database.

/** Levels below the first: each query holds those of all levels above it. */
const DEPTH = 2
/** Failures in a row after which a form is left alone: its queries can't stand in each other. */
const FAILURES = 3

/** One of the queries. */
interface Level {
  readonly rows: Query
  /** Whether its values are those of the query itself. */
  readonly isOwn: boolean
  /** The place of the level whose rows these belong to, and by which relation; null: the query itself. */
  readonly owners: { readonly place: number; readonly relation: RelationMetadata } | null
  /** What waits for the rows. */
  readonly rest: PreloadTree
}

type Tree = readonly Level[]

/** Whether a tree serves all queries of its form: values that are not the query's may be others the next time. */
const isFixed = (tree: Tree): boolean => tree.every(({ isOwn }) => isOwn)

/**
 * Reads a query's rows together with those of its relations. Null: nothing of it can be read so. `alone` reads them one
 * level after the other.
 */
export function readTogether(
  query: Query,
  executor: Executor,
  context: LoadContext,
  alone: () => MaybePromise<object[]>,
): Promise<object[]> | null {
  const { together } = executor
  // rows are counted query by query, and so is what looks like N+1
  if (together === undefined || settings.maxRows !== undefined || settings.detectNPlusOne !== false) return null
  const form = query.shape.cached ? formOf(query.shape, executor.dialect) : null
  const own = query.bound()
  if (form === null || form.failures >= FAILURES || !namesFew(own)) return null
  const tree = treeOf(form, query, context)
  if (tree === null) return null
  if (form.pace.isLong && hasSiblings(tree)) return timed(form, alone)
  const { dialect } = executor
  const all = tree.map(({ rows: { meta, shape }, rows, isOwn }) =>
    planned(meta, shape, dialect, isOwn ? own : rows.bound()),
  )
  const sent = together(all.map(({ plan, values }) => plan.statement(values)))
  if (sent === null) return null
  const start = performance.now()
  const plans = all.map(({ plan }) => plan)
  return sent.then((results) => {
    form.pace = paceOf(start)
    form.failures = results === null ? form.failures + 1 : 0
    return results === null ? alone() : give(tree, plans, query, results, executor, context)
  })
}

function give(
  tree: Tree,
  plans: readonly Plan[],
  query: Query,
  results: readonly QueryResult[],
  executor: Executor,
  context: LoadContext,
): MaybePromise<object[]> {
  const database = executor.database
  const isNamed = usingOf(query) !== null
  const read: object[][] = []
  tree.forEach(({ owners }, place) => {
    const { rows } = results[place] as QueryResult
    const keys: unknown[] = []
    const instances = (plans[place] as Plan).reader.read(rows, owners === null && !isNamed ? null : database, {
      ...ALONE,
      keys,
    })
    read.push(instances)
    if (owners === null) return
    const above = ownersOf(owners.relation, read[owners.place] as object[])
    match(above, { rows: instances, links: keys }, context.related)
  })
  const rest = inTurn([...tree.entries()], ([place, level]) =>
    loadRelations(read[place] as object[], level.rest, context),
  )
  return andThen(rest, () => read[0] as object[])
}

/** Milliseconds up to which it does not matter that queries wait for each other. */
const SHORT = 20

interface Pace {
  /** Nothing is known before it was read once. */
  readonly isLong: boolean
}

const paceOf = (start: number): Pace => ({ isLong: performance.now() - start > SHORT })

/** Reads level by level, siblings side by side, and looks whether that is worth it the next time. */
async function timed(form: Form, alone: () => MaybePromise<object[]>): Promise<object[]> {
  const start = performance.now()
  try {
    return await alone()
  } finally {
    form.pace = paceOf(start)
  }
}

/** Whether rows of several relations belong to the same rows: sent together, one is read after the other. */
function hasSiblings(tree: Tree): boolean {
  const places = tree.map(({ owners }) => owners?.place ?? -1)
  return new Set(places).size < places.length
}

/** What is known of one form of query in one database, which has a dialect of its own. */
interface Form {
  failures: number
  /** How long it took the last time. */
  pace: Pace
  /** By what is loaded; null: nothing of it can be read together. */
  readonly trees: Map<string, Tree | null>
}

const forms = new WeakMap<Dialect, WeakMap<Shape, Form>>()

function formOf(shape: Shape, dialect: Dialect): Form {
  let known = forms.get(dialect)
  if (known === undefined) forms.set(dialect, (known = new WeakMap()))
  let form = known.get(shape)
  if (form === undefined) known.set(shape, (form = { failures: 0, pace: { isLong: true }, trees: new Map() }))
  return form
}

/** Trees of one form that are kept: clients may say what is loaded. */
const TREES = 50

function treeOf({ trees }: Form, query: Query, context: LoadContext): Tree | null {
  const key = keyOf(query.preloads)
  const known = key === null ? undefined : trees.get(key)
  if (known !== undefined) return known
  const tree = growTree(query, context)
  if (key !== null && (tree === null || isFixed(tree))) {
    if (trees.size >= TREES) trees.clear()
    trees.set(key, tree)
  }
  return tree
}

/** Null: there are callbacks, which may do something else each time. */
function keyOf(preloads: PreloadTree): string | null {
  let key = ''
  for (const [name, { constrain, children, variants }] of preloads) {
    const below = keyOf(variants ?? children)
    if (constrain !== null || below === null) return null
    key += `${JSON.stringify(name)}(${below})`
  }
  return key
}

function growTree(query: Query, context: LoadContext): Tree | null {
  const levels: Level[] = []
  const own = query.bound()
  addLevel(query, standsForRows(query), null)
  return levels.length > 1 ? levels : null

  function addLevel(rows: Query, isSource: boolean, owners: Level['owners'], depth = 0): void {
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

/** The rows of a relation of all `owners`, and whether they can be owners themselves; null: that takes the owners' keys. */
function relatedRows(owners: Query, preload: Preload, context: LoadContext): { rows: Query; isSource: boolean } | null {
  const { relation, variants, children } = preload
  if (variants !== null || !comparesKeys(relation)) return null
  const wanted = relatedQuery(preload, context.queryOf(relation))
  // a lock is refused outside of transactions, by what sends one query
  if (locks(wanted.shape) || wanted.executor !== null) return null
  if (relation.through !== null && isUnion(wanted)) return null
  const tie = queriedTie(relation, owners.toKeys(relation.sourceKeys))
  return { rows: wanted.alsoKeep(tie).preloading(children), isSource: standsForRows(wanted) }
}
