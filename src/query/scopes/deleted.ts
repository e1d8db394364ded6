import type { ExpressionNode } from '../../ast/expression.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { columnOf } from '../columns/columns.js'
import type { TrashedRows } from '../shape.js'

/** What a model with soft deletes keeps of its rows; null: all of them. */
export function deletedCondition({ softDelete }: ModelMetadata, rows: TrashedRows): ExpressionNode | null {
  if (softDelete === null || rows === 'with') return null
  return { kind: 'nullTest', operand: columnOf(softDelete), negated: rows === 'only' }
}
