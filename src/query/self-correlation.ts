import type { ExpressionNode, SelectNode } from '../ast/expression.js'
import { someNode } from '../ast/walk.js'
import { UsageError } from '../errors.js'
import type { ModelMetadata } from '../metadata/metadata.js'

/**
 * A subquery over the same table can't name the row outside: both tables have one name, and the database would take the
 * inner one without a word.
 */
export function refuseSelfCorrelation(meta: ModelMetadata, selects: readonly SelectNode[]): void {
  for (const select of selects) {
    if (select.from?.kind !== 'table' || select.from.name !== meta.table || select.from.alias !== null) continue
    const { where, having, selections, orderBy } = select
    const parts = [...(where ? [where] : []), ...(having ? [having] : []), ...selections.map((s) => s.expression)]
    const named = (node: ExpressionNode) => node.kind === 'column' && node.table === meta.table
    if ([...parts, ...orderBy.map((order) => order.expression)].some((part) => someNode(part, named)))
      throw new UsageError(
        `A subquery over "${meta.table}" names "${meta.table}" inside a query over the same table: it would mean the inner rows. Write it by hand with the sql tag and an alias.`,
      )
  }
}
