import type { SelectNode } from '../../ast/statement.js'
import { someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'

/** The server locks rows of tables, and refuses results whose rows are not rows of a table. */
export function refuseLock(node: SelectNode): void {
  if (node.lock === undefined || node.lock === null) return
  const what = madeRows(node)
  if (what === null) return
  throw new UsageError(
    `lock() can't be combined with ${what}: PostgreSQL locks rows of a table, and this query computes its rows from them. Lock the rows with a separate query, then run this one.`,
  )
}

function madeRows({ distinct, groupBy, having, selections, orderBy, from, ctes = [] }: SelectNode): string | null {
  if (from?.kind === 'table' && ctes.some((cte) => cte.name === from.name)) return 'from() of a common table expression'
  if (distinct) return 'distinct()'
  if (groupBy.length > 0 || having !== null) return 'groupBy() or aggregates'
  const windowed = [...selections, ...orderBy].some(({ expression }) =>
    someNode(expression, (inner) => inner.kind === 'call' && inner.over !== undefined),
  )
  return windowed ? 'a window function, nor with a limit for each parent' : null
}
