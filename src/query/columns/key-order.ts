import type { OrderNode } from '../../ast/expression.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { columnOf } from './columns.js'

/** By the primary key: what first(), last() and pages fall back to. */
export function keyOrder(meta: ModelMetadata): OrderNode[] {
  return meta.primaryKey.map((field) => ({ kind: 'order', expression: columnOf(field), direction: 'asc', nulls: null }))
}
