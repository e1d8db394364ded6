import type { Context, Scope, Tuple } from './evaluate.js'
import { keyOf, type Value, whole } from './values.js'
import { type PairName, type Related, tablesOfPairs, type Via } from './world.js'

const indexes = new WeakMap<Context, Map<string, Map<string, Tuple[]>>>()

/** The rows of a relation: those whose column has the value of the row here; NULL has none. */
export function relatedTo({ tuple, context }: Pick<Scope, 'tuple' | 'context'>, relation: Related): readonly Tuple[] {
  const value = tuple.columns[relation.from] ?? null
  const values = relation.via === undefined ? [value] : farValues(context, relation.via, value)
  return values.flatMap((each) => rowsWith(context, relation, each))
}

/** What the rows of a join table lead to. */
function farValues(context: Context, { table, near, far }: Via, value: Value): readonly Value[] {
  if (value === null) return []
  const rows =
    table === 'likes' || table === 'friends' ? pairRows(table) : context.tuples[table].map(({ columns }) => columns)
  return rows.filter((row) => keyOf(row[near] ?? null) === keyOf(value)).map((row) => row[far] ?? null)
}

const pairs = new Map<PairName, readonly Readonly<Record<string, Value>>[]>()

/** A friend is one from both sides. */
function pairRows(table: PairName): readonly Readonly<Record<string, Value>>[] {
  let rows = pairs.get(table)
  if (rows === undefined) {
    const given = tablesOfPairs()[table]
    const turned = table === 'likes' ? [] : given.map((row) => ({ personId: row.friendId, friendId: row.personId }))
    rows = [...given, ...turned].map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, key]) => [name, whole(key ?? 0)])),
    )
    pairs.set(table, rows)
  }
  return rows
}

function rowsWith(context: Context, relation: Related, value: Value): readonly Tuple[] {
  if (value === null) return []
  let known = indexes.get(context)
  if (known === undefined) indexes.set(context, (known = new Map()))
  const name = `${relation.target}.${relation.to}`
  let index = known.get(name)
  if (index === undefined) {
    index = new Map()
    for (const other of context.tuples[relation.target]) {
      const key = keyOf(other.columns[relation.to] ?? null)
      index.set(key, [...(index.get(key) ?? []), other])
    }
    known.set(name, index)
  }
  return index.get(keyOf(value)) ?? []
}
