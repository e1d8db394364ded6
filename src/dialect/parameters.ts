import type { SelectNode } from '../ast/statement.js'
import { UsageError } from '../errors.js'
import type { Dialect } from './dialect.js'

/** Refused before anything is sent: a database may count the parameters of a statement in 16 bits and lose its place. */
export function refuseTooMany(count: number, { name, capabilities: { maxParameters } }: Dialect): void {
  if (count > maxParameters)
    throw new UsageError(
      `The statement has ${count} values, and ${name} takes ${maxParameters} at most. Split it into several queries, or put the values in one list.`,
    )
}

/** Refused before anything is sent, too: the tables that one select joins, its own among them. */
export function refuseJoins({ joins = [] }: SelectNode, most: number, database: string): void {
  if (joins.length < most) return
  throw new UsageError(
    `The query joins ${joins.length + 1} tables, and ${database} takes ${most} at most. Load relations by with(), or ask in several queries.`,
  )
}
