import { ARITHMETIC, COLUMN, RAW } from '../../ast/bases.js'
import type { ColumnNode, ExpressionNode } from '../../ast/expression.js'
import type { CountNode, SelectionNode, SelectNode } from '../../ast/statement.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { keyOrder } from '../columns/key-order.js'
import { rowNumber } from '../expression/window.js'
import { asColumns, selectionInPlace } from './named.js'
import type { QueryParts } from './parts.js'
import { fromRows, select } from './select.js'
import { unread } from './selections.js'

// Limits that apply to the rows of each owner.

const RANK = 'corm_rank'

/**
 * Selects the first rows of each owner: an inner select numbers the rows of each owner, and the outer one applies limit and
 * offset.
 */
export function limitPerOwner(
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
  keys: readonly ColumnNode[],
): SelectNode {
  const orderBy = parts.order.length > 0 ? parts.order : keyOrder(meta)
  const rank: SelectionNode = {
    kind: 'selection',
    expression: rowNumber(keys, orderBy),
    alias: RANK,
    type: null,
  }
  const inner = select(meta, { ...parts, order: [], limit: null, offset: null }, [...selections.map(unread), rank])
  const rankColumn: ExpressionNode = { ...COLUMN, table: null, name: RANK, type: null }
  const named = asColumns(parts.named)
  return fromRows(inner, 'corm_ranked', {
    selections: selections.map((selection) => selectionInPlace(selection, named)),
    where: rankLimits(rankColumn, parts),
    orderBy: [{ kind: 'order', expression: rankColumn, direction: 'asc', nulls: null }],
  })
}

function rankLimits(rank: ExpressionNode, { limit, offset }: QueryParts): ExpressionNode {
  const bound = (count: CountNode): ExpressionNode =>
    typeof count === 'number' ? { ...RAW, texts: [String(count)], nodes: [], dynamic: false, ours: true } : count
  const from: ExpressionNode = offset === null ? bound(0) : bound(offset)
  const items: ExpressionNode[] = [{ kind: 'comparison', operator: '>', left: rank, right: from }]
  if (limit !== null) {
    const to: ExpressionNode =
      offset === null ? bound(limit) : { ...ARITHMETIC, operator: '+', left: bound(limit), right: from }
    items.push({ kind: 'comparison', operator: '<=', left: rank, right: to })
  }
  return { kind: 'logic', operator: 'and', items }
}
