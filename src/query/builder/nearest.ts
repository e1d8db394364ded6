import { ANNOTATION } from '../../ast/bases.js'
import type { AnnotationNode, DistanceNode, ExpressionNode, OrderNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import type { VectorKind } from '../../field/kind.js'
import { plainTypes } from '../../field/plain-type.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { EmbeddedText } from '../../util/embedded-text.js'
import { columnOf } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import { keyOrder } from '../columns/key-order.js'
import { fieldOf } from '../condition/where.js'
import { type NearestOptions, nearestOptions, searchOptions } from '../options.js'
import type { Annotation } from '../shape.js'
import { refuseName } from './annotate.js'
import { embeddedText, vectorField } from './embedding.js'
import { limited } from './ordering.js'
import type { QueryData } from './query-data.js'

/** The name of the value that `nearest` adds. */
const DISTANCE = 'distance'

/** Rows of `nearest` where nothing else is said. */
export const NEAREST = 10

/** What `nearest` says, in the terms of other steps. */
interface Nearest {
  readonly distance: Annotation
  readonly conditions: readonly ExpressionNode[]
  readonly order: readonly OrderNode[]
  /** Undefined: it was not given. */
  readonly limit: number | undefined
}

/** The query over the rows that are nearest to a vector, nearest first. */
export function nearestTo<Q extends QueryData<Q>>(given: Q, key: unknown, vector: unknown, options: unknown): Q {
  const { distance, conditions, order, limit } = nearestOf(given, key, vector, options)
  const near = conditions.reduce((query, node) => query.restrictFurther(node), given.annotated([distance]))
  const query = near.step('reorder', { kind: 'reorder' }).ordered(order)
  if (limit !== undefined) return limited(query, 'limit', limit)
  // a limit that was not asked for
  return given.ownCount('limit') === null
    ? query.step(`preset:${NEAREST}`, { kind: 'limit', count: NEAREST, preset: true })
    : query
}

/** The query over the rows whose vectors are nearest to that of a text. */
export function nearestText<Q extends QueryData<Q>>(query: Q, text: unknown, given: unknown): Q {
  const { field, limit } = searchOptions(given)
  const call = 'search()'
  const searched = vectorField(query.meta, field, call)
  const embedded = embeddedText(query.meta, { text, field: searched, call })
  return nearestTo(query, searched, embedded, limit === undefined ? {} : { limit })
}

/** The distance of a vector field to a vector, and the condition that there is one. */
export function distanceTo(
  meta: ModelMetadata,
  key: unknown,
  vector: unknown,
  { call, options }: { readonly call: string; readonly options: NearestOptions },
): { readonly distance: DistanceNode; readonly presence: readonly ExpressionNode[] } {
  const field = fieldOf(meta, key)
  const { vector: kind } = field.kind
  if (kind === undefined)
    throw new UsageError(`${call} needs a vector, and ${field} is none. Make it by Field.vector(dimensions).`)
  return { distance: distanceNode(field, vector, howOf(field, kind, options)), presence: presence(field) }
}

function nearestOf(context: Context, key: unknown, vector: unknown, given: unknown): Nearest {
  const options = nearestOptions(given)
  refuseName(context, DISTANCE, 'nearest()')
  const { distance, presence: isThere } = distanceTo(context.meta, key, vector, { call: 'nearest()', options })
  const node: AnnotationNode = { ...ANNOTATION, name: DISTANCE, type: plainTypes.float }
  const by: OrderNode = { kind: 'order', expression: node, direction: 'asc', nulls: null }
  return {
    distance: { node, expression: distance },
    conditions: [...isThere, ...within(node, options.maxDistance)],
    order: [by, ...keyOrder(context.meta)],
    limit: options.limit,
  }
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

function distanceNode(field: ModelField, vector: unknown, how: Pick<DistanceNode, 'metric' | 'index'>): DistanceNode {
  // what the caller does to it afterwards is not the query's
  const value = vector instanceof EmbeddedText ? vector : field.kind.load?.(field.check(vector))
  const parameter = { kind: 'parameter', type: field, value } as const
  const operand = columnOf(field)
  return { kind: 'distance', ...how, operand, vector: parameter, alias: null, type: plainTypes.float }
}

/** A row without a vector is near to nothing; some databases would put it first. */
const presence = (field: ModelField): ExpressionNode[] =>
  field.nullable ? [{ kind: 'nullTest', operand: columnOf(field), negated: true }] : []

function within(left: AnnotationNode, distance: number | undefined): ExpressionNode[] {
  if (distance === undefined) return []
  const right = { kind: 'parameter', type: plainTypes.float, value: distance } as const
  return [{ kind: 'comparison', operator: '<=', left, right }]
}
