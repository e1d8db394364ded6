import { UsageError } from '../errors.js'
import type { Dialect } from './dialect.js'

/** Told before anything is sent: a database may count the parameters of a statement in 16 bits and lose its place. */
export function refuseTooMany(count: number, { name, capabilities: { maxParameters } }: Dialect): void {
  if (count > maxParameters)
    throw new UsageError(
      `The statement has ${count} values, and ${name} takes ${maxParameters} at most. Ask in parts, or put the values in one list.`,
    )
}
