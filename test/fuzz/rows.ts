import { type Chain, type Ex, Invalid, type OrderItem } from './chain.js'
import { type Context, type Scope, type Tuple, valueOfEx } from './evaluate.js'
import { type Gathered, gather, keeps, typeIn } from './gather.js'
import { compareValues, keyOf, type Value } from './values.js'

// The rows of a query: kept, grouped, ordered and cut.

export interface Found {
  readonly items: readonly Tuple[]
  readonly runs: readonly number[]
}

export const scopeOf = (all: Gathered, context: Context, tuple: Tuple, outer: Scope | null = null): Scope => ({
  model: all.model,
  tuple,
  outer,
  context,
})

export function holdsAggregate(x: Ex): boolean {
  if (x.k === 'agg') return true
  return Object.values(x).some((part) =>
    Array.isArray(part) ? part.some((item) => isEx(item) && holdsAggregate(item)) : isEx(part) && holdsAggregate(part),
  )
}

const isEx = (value: unknown): value is Ex => typeof value === 'object' && value !== null && 'k' in value

/** The rows of the table, or of two queries: whole rows, so that those with equal keys are equal. */
function rowsIn({ model, source }: Gathered, context: Context): readonly Tuple[] {
  if (source === null) return context.tuples[model]
  const key = (tuple: Tuple) => keyOf(tuple.columns.id ?? null)
  const distinct = (tuples: readonly Tuple[]) => [...new Map(tuples.map((tuple) => [key(tuple), tuple])).values()]
  const [first, second] = [rowsOf(source.first, context).items, rowsOf(source.second, context).items]
  const keys = new Set(second.map(key))
  switch (source.op) {
    case 'unionAll':
      return [...first, ...second]
    case 'union':
      return distinct([...first, ...second])
    case 'intersect':
      return distinct(first.filter((tuple) => keys.has(key(tuple))))
    case 'except':
      return distinct(first.filter((tuple) => !keys.has(key(tuple))))
  }
}

/** The rows that meet the conditions, with the values named on them, neither ordered nor cut. */
export function filtered(all: Gathered, context: Context, outer: Scope | null): Tuple[] {
  const plain = all.names.filter(({ x }) => !holdsAggregate(x))
  return rowsIn(all, context).flatMap((base) => {
    const tuple: Tuple = plain.length === 0 ? base : { ...base, names: {} }
    const scope = scopeOf(all, context, tuple, outer)
    for (const { name, x } of plain) tuple.names[name] = valueOfEx(x, scope)
    return keeps(all.where, scope) === true ? [tuple] : []
  })
}

/** Groups of rows, as rows that have the keys and the aggregates. */
function grouped(all: Gathered, context: Context, tuples: readonly Tuple[]): Tuple[] {
  const groups = new Map<string, Tuple[]>()
  for (const tuple of tuples) {
    const scope = scopeOf(all, context, tuple)
    const key = all.groupBy.map((name) => keyOf(valueOfEx({ k: 'col', name, t: 'int' }, scope))).join('|')
    groups.set(key, [...(groups.get(key) ?? []), tuple])
  }
  return [...groups.values()].flatMap((group) => {
    const tuple: Tuple = { ...(group[0] as Tuple), names: { ...group[0]?.names }, group }
    const scope = scopeOf(all, context, tuple)
    for (const { name, x } of all.names) if (holdsAggregate(x)) tuple.names[name] = valueOfEx(x, scope)
    return keeps(all.having, scope) === true ? [tuple] : []
  })
}

/** `loose`: only the number of rows matters, so a cut between rows that tie is no matter. */
export function rowsOf(all: Gathered, context: Context, loose = false, outer: Scope | null = null): Found {
  const found = filtered(all, context, outer)
  const tuples = all.groupBy.length > 0 ? grouped(all, context, found) : found
  const every = sorted(all, context, tuples, outer)
  const ordered = all.distinct && all.groupBy.length === 0 ? onceEach(every) : every
  const limit = all.limit ?? Number.POSITIVE_INFINITY
  return cutRows(ordered, all.offset, limit, () => loose)
}

/** Instances are told apart by their keys. */
function onceEach({ items, runs }: Found): Found {
  const seen = new Set<string>()
  const first = items.map(({ columns: { id = null } }) => seen.size < seen.add(keyOf(id)).size)
  return { items: items.filter((_, at) => first[at]), runs: runs.filter((_, at) => first[at]) }
}

export function cutRows(found: Found, from: number, count: number, mayTie: () => boolean): Found {
  for (const at of [from, from + count])
    if (at > 0 && at < found.items.length && found.runs[at] === found.runs[at - 1] && !mayTie())
      throw new Invalid('A cut between rows that tie.')
  return { items: found.items.slice(from, from + count), runs: found.runs.slice(from, from + count) }
}

function sorted(all: Gathered, context: Context, tuples: readonly Tuple[], outer: Scope | null): Found {
  const keyed = tuples.map((tuple) => {
    const scope = scopeOf(all, context, tuple, outer)
    return { tuple, keys: all.order.map(({ x }) => valueOfEx(x, scope)) }
  })
  const compare = (a: { keys: Value[] }, b: { keys: Value[] }): number => {
    for (const [at, item] of all.order.entries()) {
      const difference = compareKeys(a.keys[at] ?? null, b.keys[at] ?? null, item, context.nullsLargest)
      if (difference !== 0) return difference
    }
    return 0
  }
  keyed.sort(compare)
  let run = 0
  const runs = keyed.map((item, at) => (at > 0 && compare(keyed[at - 1] as typeof item, item) !== 0 ? ++run : run))
  return { items: keyed.map(({ tuple }) => tuple), runs }
}

function compareKeys(a: Value, b: Value, item: OrderItem, nullsLargest: boolean): number {
  if (a !== null && b !== null) return compareValues(a, b) * (item.desc ? -1 : 1)
  if (a === b) return 0
  const first = item.nulls === null ? nullsLargest === item.desc : item.nulls === 'first'
  return (a === null) === first ? -1 : 1
}

export function groupScope(
  all: Gathered,
  context: Context,
  group: readonly Tuple[],
  outer: Scope | null = null,
): Scope {
  return scopeOf(all, context, { columns: {}, names: {}, group }, outer)
}

const known = new WeakMap<Context, WeakMap<Chain, Value[]>>()

/** The values that a query gives inside another one: the same for each row outside, unless it names that row. */
export function valuesOf(query: Chain, outer: Scope | null, context: Context): Value[] {
  if (namesOuter(query)) return queryValues(query, outer, context)
  let ofContext = known.get(context)
  if (ofContext === undefined) known.set(context, (ofContext = new WeakMap()))
  let values = ofContext.get(query)
  if (values === undefined) ofContext.set(query, (values = queryValues(query, outer, context)))
  return values
}

const correlated = new WeakMap<object, boolean>()

function namesOuter(part: object): boolean {
  let names = correlated.get(part)
  if (names !== undefined) return names
  names =
    (part as { k?: unknown }).k === 'outer' ||
    Object.values(part).some((inner) => typeof inner === 'object' && inner !== null && namesOuter(inner))
  correlated.set(part, names)
  return names
}

function queryValues(query: Chain, outer: Scope | null, context: Context): Value[] {
  const all = gather(query.model, query.calls)
  if (query.end.e !== 'value') throw new Invalid('A subquery that gives no value.')
  const { key } = query.end
  const x = all.names.find(({ name }) => name === key)?.x
  if (x !== undefined && holdsAggregate(x))
    return [valueOfEx(x, groupScope(all, context, filtered(all, context, outer), outer))]
  return rowsOf(all, context, false, outer).items.map((tuple) =>
    valueOfEx({ k: 'col', name: key, t: typeIn(all, key) }, scopeOf(all, context, tuple, outer)),
  )
}
