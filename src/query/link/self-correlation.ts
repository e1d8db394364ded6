import { isAggregate } from '../../ast/aggregate.js'
import type { ExpressionNode, SelectNode } from '../../ast/expression.js'
import { childrenOf, someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'

/**
 * `Book.columns` in a subquery over books means the rows inside, where somebody may well have meant the row outside. The
 * columns that a callback is given say which.
 */
export function refuseSelfCorrelation(meta: ModelMetadata, selects: readonly SelectNode[]): void {
  for (const select of selects) {
    if (select.from?.kind !== 'table' || select.from.name !== meta.table || select.from.alias !== null) continue
    const { where, having, selections, orderBy } = select
    const parts = [...(where ? [where] : []), ...(having ? [having] : []), ...selections.map((s) => s.expression)]
    if ([...parts, ...orderBy.map((order) => order.expression)].some((part) => names(part, meta.table)))
      throw new UsageError(
        `A subquery over "${meta.table}" names "${meta.table}" inside a query over the same table: it would mean the inner rows. Use the columns of the callback, which know their query: annotate({ n: c => … }), whereExists(c => …).`,
      )
  }
}

/** An aggregate that takes no other columns can only be over the rows inside. */
function names(node: ExpressionNode, table: string): boolean {
  if (node.kind === 'column') return node.table === table
  const isOwn = isAggregate(node) && !someNode(node, (inner) => inner.kind === 'column' && inner.table === null)
  return !isOwn && childrenOf(node).some((child) => names(child, table))
}
