import type { ExpressionNode } from '../../ast/expression.js'
import type { RelationMetadata } from '../../metadata/resolve-relation.js'
import { columnOf } from '../columns/columns.js'

/** Ties a row of a relation's target, in a select of its own, to the row of a select around it, so many levels up. */
export const tieOf = ({ sourceKey, targetKey }: RelationMetadata, level = 1): ExpressionNode => ({
  kind: 'comparison',
  operator: '=',
  left: columnOf(targetKey),
  right: { ...columnOf(sourceKey), level },
})
