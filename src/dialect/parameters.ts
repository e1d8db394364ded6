import type { SelectNode } from '../ast/statement.js'
import { UsageError } from '../errors.js'
import type { Dialect } from './dialect.js'

/**
 * Refuses a statement with too many parameters before it is sent: a database may count them in 16 bits and lose its
 * position in the protocol.
 */
export function refuseTooMany(count: number, { name, capabilities: { maxParameters } }: Dialect): void {
  if (count > maxParameters)
    throw new UsageError(
      `The statement has ${count} values, and ${name} takes ${maxParameters} at most. Split it into several queries, or put the values in one list.`,
    )
}

/** Refuses a select that joins too many tables, its own included, before it is sent. */
export function refuseJoins({ joins = [] }: SelectNode, most: number, database: string): void {
  if (joins.length < most) return
  throw new UsageError(
    `The query joins ${joins.length + 1} tables, and ${database} takes ${most} at most. Load relations by with(), or ask in several queries.`,
  )
}
