import type { ParameterNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { keyOrder } from '../columns/key-order.js'
import { fieldOrder, parseOrder } from '../condition/order.js'
import { commentText } from '../statement/ending.js'
import type { QueryData } from './query-data.js'

// The steps for orders, limits and comments. Their key in the tree of shapes is a text.

/** Adds one or several orders: a key and a direction, or keys. */
export function orderedByAll<Q extends QueryData<Q>>(query: QueryData<Q>, keys: readonly unknown[]): Q {
  const [key, second] = keys
  if (keys.length < 2 || (keys.length === 2 && (second === undefined || isDirection(query, second))))
    return orderedBy(query, key, second)
  if (keys.some((each) => each === 'asc' || each === 'desc'))
    throw new UsageError(
      "orderBy() takes one order and a direction, or several orders without: orderBy('name', '-age'). Write - before a field to sort it in descending order.",
    )
  return keys.reduce<QueryData<Q>>((ordered, each) => orderedBy(ordered, each), query) as Q
}

/** In whatever case, so that `'DESC'` is refused as a direction, and not as a field. */
const isDirection = <Q extends QueryData<Q>>(query: QueryData<Q>, text: unknown): boolean =>
  typeof text === 'string' && /^(?:asc|desc)$/i.test(text) && (/^[ad]/.test(text) || !query.meta.hasField(text))

/** Adds an order. */
function orderedBy<Q extends QueryData<Q>>(query: QueryData<Q>, key: unknown, direction: unknown = 'asc'): Q {
  if (typeof key !== 'string' || !query.meta.hasField(key) || (direction !== 'asc' && direction !== 'desc'))
    return query.ordered(parseOrder(query, key, direction))
  const token = `o:${direction}:${key}`
  const known = query.shape.find(token)
  if (known !== undefined) return query.withShape(known, undefined)
  return query.step(token, { kind: 'order', items: [fieldOrder(query, key, direction)] })
}

/** Orders by a time: `createdAt`, or the key if the model has none. */
export function orderedByTime<Q extends QueryData<Q>>(query: QueryData<Q>, key: unknown, direction: 'asc' | 'desc'): Q {
  const name = key ?? (query.meta.hasField('createdAt') ? 'createdAt' : undefined)
  if (name !== undefined) return orderedBy(query, name, direction)
  return query.ordered(keyOrder(query.meta).map((order) => ({ ...order, direction })))
}

/** Sets a limit or an offset. */
export function withRowCount<Q extends QueryData<Q>>(query: QueryData<Q>, kind: 'limit' | 'offset', count: number): Q {
  if (!Number.isSafeInteger(count) || count < 0) throw new UsageError(`${kind}() takes a whole number, 0 or more.`)
  const literal = query.shape.find(`${kind}:${count}`)
  if (literal !== undefined) return query.withShape(literal, undefined)
  if (query.shape.takesLiteralCount()) return query.step(`${kind}:${count}`, { kind, count })
  const parameter: ParameterNode = { kind: 'parameter', type: null, value: count }
  const step = { part: { kind, count: parameter }, parameters: [parameter] }
  return query.withShape(query.shape.find(kind) ?? query.shape.add(kind, step), count)
}

/** Limits the rows. A smaller limit of the query is kept. */
export function cut<Q extends QueryData<Q>>(query: Q, count: number): Q {
  const own = query.ownCount('limit')
  return own !== null && own <= count ? query : withRowCount(query, 'limit', count)
}

/** Removes a limit that the user did not set, because pages have their own. */
export function withoutPreset<Q extends QueryData<Q>>(query: Q): Q {
  const isPreset = query.shape.last('limit')?.preset === true && query.ownCount('limit') !== null
  return isPreset ? query.step('unlimited', { kind: 'unlimited' }) : query
}

/** Adds a comment to the SQL. */
export function commented<Q extends QueryData<Q>>(query: Q, given: string): Q {
  const text = commentText(given)
  if (text === '') return query
  const token = `comment:${text}`
  const step = { part: { kind: 'comment', text } as const, parameters: [] }
  const known = query.shape.find(token)
  if (known !== undefined) return query.withShape(known, undefined)
  return query.withShape(
    query.shape.takesComment() ? query.shape.add(token, step) : query.shape.detached(step),
    undefined,
  )
}
