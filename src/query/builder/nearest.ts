import { ANNOTATION } from '../../ast/bases.js'
import type { AnnotationNode, DistanceNode, ExpressionNode, OrderNode } from '../../ast/expression.js'
import { numberOf } from '../../ast/structure.js'
import { UsageError } from '../../errors.js'
import type { VectorKind } from '../../field/kind.js'
import { plainTypes } from '../../field/plain-type.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { EmbeddedText } from '../../util/embedded-text.js'
import { columnOf } from '../columns/columns.js'
import { keyOrder } from '../columns/key-order.js'
import { fieldOf } from '../condition/where.js'
import { type NearestOptions, nearestOptions, searchOptions } from '../options.js'
import { refuseName } from './annotate.js'
import { embeddedText, searchedField } from './embedding.js'
import { known } from './known.js'
import { withRowCount } from './ordering.js'
import type { QueryData } from './query-data.js'

/** The name of the value that `nearest` adds. */
const DISTANCE = 'distance'

/** The default number of rows of `nearest`. */
export const NEAREST = 10

/** The query over the rows that are nearest to a vector, nearest first. */
export function nearestTo<Q extends QueryData<Q>>(given: Q, key: unknown, vector: unknown, how: unknown): Q {
  const call = 'nearest()'
  const options = nearestOptions(how)
  const { limit, maxDistance } = options
  refuseName(given, DISTANCE, call)
  const search = searchOf(given.meta, key, vector, { call, options })
  const found = furthest(among(given, search), maxDistance)
  const query = known(found.step('reorder', { kind: 'reorder' }), 'nearest:order', undefined, () => {
    const by: OrderNode = { kind: 'order', expression: BY_DISTANCE, direction: 'asc', nulls: null }
    return { part: { kind: 'order', items: [by, ...keyOrder(given.meta)] }, parameters: [] }
  })
  if (limit !== undefined) return withRowCount(query, 'limit', limit)
  // a limit that was not asked for
  return given.ownCount('limit') === null
    ? query.step(`preset:${NEAREST}`, { kind: 'limit', count: NEAREST, preset: true })
    : query
}

const BY_DISTANCE: AnnotationNode = { ...ANNOTATION, name: DISTANCE, type: plainTypes.float }

/** A field, the vector that rows are compared with, and how. */
interface NearestSearch {
  readonly field: ModelField
  readonly value: unknown
  readonly how: Pick<DistanceNode, 'metric' | 'index'>
}

/** The rows that have a vector, with their distances. */
function among<Q extends QueryData<Q>>(query: Q, search: NearestSearch): Q {
  const { field, value, how } = search
  const token = `nearest:${numberOf(field)}:${how.metric}:${how.index !== null}`
  const measured = known(query, token, value, () => {
    const expression = distanceNode(search)
    return { part: { kind: 'annotate', items: [{ node: BY_DISTANCE, expression }] }, parameters: [expression.vector] }
  })
  return presence(field).reduce(
    (rows, node) =>
      known(rows, `${token}:presence`, undefined, () => ({ part: { kind: 'around', node }, parameters: [] })),
    measured,
  )
}

/** The rows up to a distance. */
function furthest<Q extends QueryData<Q>>(query: Q, distance: number | undefined): Q {
  if (distance === undefined) return query
  return known(query, 'nearest:within', distance, () => {
    const right = { kind: 'parameter', type: plainTypes.float, value: distance } as const
    const node: ExpressionNode = { kind: 'comparison', operator: '<=', left: BY_DISTANCE, right }
    return { part: { kind: 'around', node }, parameters: [right] }
  })
}

/** The query over the rows whose vectors are nearest to that of a text. */
export function nearestText<Q extends QueryData<Q>>(query: Q, text: unknown, given: unknown): Q {
  const { field, limit } = searchOptions(given)
  const call = 'search()'
  const searched = searchedField(query.meta, field, call)
  const embedded = embeddedText(query.meta, { text, field: searched, call })
  return nearestTo(query, searched, embedded, limit === undefined ? {} : { limit })
}

/** The distance of a vector field to a vector, and the condition that there is one. */
export function distanceTo(
  meta: ModelMetadata,
  key: unknown,
  vector: unknown,
  how: NearestCall,
): { readonly distance: DistanceNode; readonly presence: readonly ExpressionNode[] } {
  const search = searchOf(meta, key, vector, how)
  return { distance: distanceNode(search), presence: presence(search.field) }
}

interface NearestCall {
  readonly call: string
  readonly options: NearestOptions
}

function searchOf(meta: ModelMetadata, key: unknown, vector: unknown, { call, options }: NearestCall): NearestSearch {
  const field = fieldOf(meta, key)
  const { vector: kind } = field.kind
  if (kind === undefined)
    throw new UsageError(`${call} needs a vector, and ${field} is none. Make it by Field.vector(dimensions).`)
  // a copy, because the caller may change the vector later
  const value = vector instanceof EmbeddedText ? vector : field.kind.load?.(field.check(vector))
  return { field, value, how: howOf(field, kind, options) }
}

/** Vectors are compared by the metric of their index, which serves no other one. */
function howOf(
  field: ModelField,
  { index }: VectorKind,
  { metric: given, exact = false }: NearestOptions,
): Pick<DistanceNode, 'metric' | 'index'> {
  const metric = given ?? index?.metric ?? 'cosine'
  if (index !== null && metric !== index.metric && !exact)
    throw new UsageError(
      `The index of ${field} is for the metric "${index.metric}", and nearest() asks for "${metric}". Leave the metric out, or search without the index: { metric: '${metric}', exact: true }.`,
    )
  return { metric, index: exact || index === null ? null : index.use }
}

function distanceNode({ field, value, how }: NearestSearch): DistanceNode {
  const parameter = { kind: 'parameter', type: field, value } as const
  const operand = columnOf(field)
  return { kind: 'distance', ...how, operand, vector: parameter, alias: null, type: plainTypes.float }
}

/** Rows without a vector are left out, because some databases would put them first. */
const presence = (field: ModelField): ExpressionNode[] =>
  field.nullable ? [{ kind: 'nullTest', operand: columnOf(field), negated: true }] : []
