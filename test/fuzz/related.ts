import type { Context, Scope, Tuple } from './evaluate.js'
import { keyOf } from './values.js'
import type { Related } from './world.js'

const indexes = new WeakMap<Context, Map<string, Map<string, Tuple[]>>>()

/** The rows of a relation: those whose column has the value of the row here; NULL has none. */
export function relatedTo({ tuple, context }: Pick<Scope, 'tuple' | 'context'>, relation: Related): readonly Tuple[] {
  const value = tuple.columns[relation.from] ?? null
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
