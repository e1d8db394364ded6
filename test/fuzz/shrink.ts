import type { Chain, Ex } from './chain.js'

/** Finds a small chain that still fails: takes every smaller one that does, until none does. */
export async function shrink(chain: Chain, fails: (smaller: Chain) => Promise<boolean>, most = 2000): Promise<Chain> {
  let smallest = chain
  let tried = 0
  for (let again = true; again; ) {
    again = false
    for (const smaller of smallerChains(smallest)) {
      if (++tried > most) return smallest
      if (!(await fails(smaller))) continue
      smallest = smaller
      again = true
      break
    }
  }
  return smallest
}

/** Chains with one thing less: a call, a part of a list, or an expression in place of the one around it. */
export function* smallerChains(chain: Chain): Generator<Chain> {
  for (let at = chain.calls.length - 1; at >= 0; at--)
    yield { ...chain, calls: chain.calls.filter((_, other) => other !== at) }
  if (chain.end.e !== 'get') yield { ...chain, end: { e: 'get' } }
  for (const smaller of smallerValues(chain)) yield smaller as Chain
}

type Tree = Readonly<Record<string, unknown>>

function* smallerValues(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    if (value.length > 1) for (let at = 0; at < value.length; at++) yield value.filter((_, other) => other !== at)
    for (const [at, item] of value.entries())
      for (const smaller of smallerValues(item)) yield value.map((other, place) => (place === at ? smaller : other))
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (isEx(value)) for (const part of partsOf(value)) if (part.t === value.t) yield part
  const tree = value as Tree
  for (const name of ['calls', 'inner', 'filter', 'else'])
    if (tree[name] !== undefined && tree[name] !== null && !('end' in tree)) yield { ...tree, [name]: null }
  for (const [name, inner] of Object.entries(tree))
    for (const smaller of smallerValues(inner)) yield { ...tree, [name]: smaller }
}

const isEx = (value: object): value is Ex => 'k' in value && 't' in value

/** The expressions right inside one. */
function partsOf(x: Ex): Ex[] {
  const inside = Object.values(x).flatMap((part) => (Array.isArray(part) ? part : [part]))
  return inside.filter((part): part is Ex => typeof part === 'object' && part !== null && isEx(part))
}
