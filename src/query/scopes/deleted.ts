import type { ExpressionNode } from '../../ast/expression.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { columnOf } from '../columns/columns.js'
import type { TrashedRows } from '../shape.js'

/** The condition on deleted rows of a model with soft deletes, null if all rows are meant. */
export function deletedCondition({ softDelete }: ModelMetadata, rows: TrashedRows): ExpressionNode | null {
  if (softDelete === null || rows === 'with') return null
  return { kind: 'nullTest', operand: columnOf(softDelete), negated: rows === 'only' }
}
