import type { QueryStep } from '../shape.js'
import type { QueryData } from './query-data.js'

/** The query with one more step, which is found by its token. Its nodes are only made for a shape of query that is new. */
export function known<Q extends QueryData<Q>>(query: Q, token: string, value: unknown, make: () => QueryStep): Q {
  return query.withShape(query.shape.find(token) ?? query.shape.add(token, make()), value)
}
