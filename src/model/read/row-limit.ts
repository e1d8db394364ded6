import { settings } from '../../database/settings.js'
import { UsageError } from '../../errors.js'
import type { Query } from '../../query/builder/query-builder.js'
import type { QueryState } from '../../query/runner/runner.js'

// The setting `maxRows`: a query that returns more rows is refused, unless it calls all().

/** Adds a limit to the query: one row more than allowed, which shows that there are too many without reading all of them. */
export function limitRows(query: Query): Query {
  const { maxRows } = settings
  if (maxRows === undefined) return query
  const own = query.ownCount('limit')
  if (own !== null && own <= maxRows) return query
  const isUnlimited = query.shape.has('all') || query.shape.has('perOwner')
  return isUnlimited ? query : query.limit(maxRows + 1)
}

export function checkRowCount(query: QueryState, rows: number): void {
  const { maxRows } = settings
  if (maxRows === undefined || rows <= maxRows) return
  if (query.shape.has('all')) return
  throw new UsageError(
    `The query returned more than ${maxRows} rows (maxRows). Use limit() or page(), or call all() if you need every row.`,
  )
}

/** Whether the rows of its relations are unlimited too. */
export const isUnlimitedBelow = ({ shape }: QueryState): boolean =>
  settings.maxRows !== undefined && shape.each('all').some(({ below }) => below)
