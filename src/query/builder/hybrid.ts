import { ANNOTATION, COLUMN } from '../../ast/bases.js'
import type { AnnotationNode, OrderNode } from '../../ast/expression.js'
import { plainTypes } from '../../field/plain-type.js'
import { keyOrder } from '../columns/key-order.js'
import { hybridOptions, nearestOptions } from '../options.js'
import type { PartOf } from '../shape.js'
import { FUSED } from '../statement/fused.js'
import { SCORE } from '../statement/hybrid.js'
import { refuseName } from './annotate.js'
import { embeddedText, searchedField } from './embedding.js'
import { matchesOf, refuseOtherRows } from './matches.js'
import { distanceTo, NEAREST } from './nearest.js'
import { withRowCount } from './ordering.js'
import type { QueryData } from './query-data.js'

/** How many rows of each search are ranked, at least. */
const CANDIDATES = 50

/** The constant of reciprocal rank fusion: the higher, the less the first places count. */
const K = 60

/** The query over the rows that a search by words or by meaning finds, those first that are high in both. */
export function hybridSearch<Q extends QueryData<Q>>(query: Q, text: unknown, given: unknown): Q {
  const call = 'hybrid()'
  const { fields, field, limit, k = K } = hybridOptions(given)
  refuseOtherRows(query.shape, call)
  refuseName(query, SCORE, call)
  const searched = searchedField(query.meta, field, call)
  const embedded = embeddedText(query.meta, { text, field: searched, call })
  const { distance, presence } = distanceTo(query.meta, searched, embedded, {
    call,
    options: nearestOptions(undefined),
  })
  const { rank, condition } = matchesOf(query.meta, fields, text, { call, prefix: false })
  const part: PartOf<'hybrid'> = {
    kind: 'hybrid',
    distance,
    presence,
    rank,
    condition,
    candidates: Math.max(CANDIDATES, 2 * (limit ?? 0)),
    k,
  }
  const node: AnnotationNode = { ...ANNOTATION, name: SCORE, type: plainTypes.float }
  const by: OrderNode = { kind: 'order', expression: node, direction: 'desc', nulls: null }
  const score = { node, expression: { ...COLUMN, table: FUSED, name: SCORE, type: plainTypes.float } }
  const found = query
    .annotated([score])
    .built('hybrid', part, [distance, ...presence, rank, condition], `${part.candidates}:${k}`)
    .step('reorder', { kind: 'reorder' })
    .ordered([by, ...keyOrder(query.meta)])
  if (limit !== undefined) return withRowCount(found, 'limit', limit)
  return query.ownCount('limit') === null
    ? found.step(`preset:${NEAREST}`, { kind: 'limit', count: NEAREST, preset: true })
    : found
}
