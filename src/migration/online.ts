import type { SchemaOperation } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import { LargeTables, type RowCounts } from './large-tables.js'
import type { Work } from './work.js'

/**
 * Operations that the database must refuse if they would copy a large table or block programs, because corm expects neither of
 * them.
 */
export type OnlineOperations = ReadonlySet<SchemaOperation>

export const NONE: OnlineOperations = new Set()

/** Finds such operations in work that runs in this order. `rows`: null if blocking is allowed. */
export function onlineIn(work: readonly Work[], { migration }: Dialect, rows: RowCounts | null): OnlineOperations {
  if (rows === null || migration.online === null) return NONE
  const large = new LargeTables(rows)
  const found = new Set<SchemaOperation>()
  for (const each of work) {
    if (each.kind !== 'schema') continue
    const { operation, safe } = each
    if (safe === null && 'table' in operation && typeof operation.table === 'string' && large.isLarge(operation.table))
      found.add(operation)
    large.follow(operation)
  }
  return found
}
