import type { StatementNode } from '../../ast/statement.js'
import type { TableModel, TableNode } from '../../ast/table.js'
import { UsageError } from '../../errors.js'

// Models whose rows can't be written, or that have no rows. The gate refuses each statement about them; writes of instances ask
// before their hooks run.

/** Refuses a write of rows of a read-only model. */
export function refuseReadOnly({ name, readOnly }: TableModel): void {
  if (!readOnly) return
  throw new UsageError(
    `"${name}" is read-only: its rows can't be inserted, updated or deleted. Remove { readOnly: true } from the model, or write with another model of the table.`,
  )
}

/** Refuses the table of an abstract model, which does not exist. */
export function refuseAbstract({ meta }: TableNode): void {
  if (meta?.isAbstract !== true) return
  throw new UsageError(`"${meta.name}" is abstract: it has no table. Use the models that extend it.`)
}

/** Refuses a statement that writes to such a table. */
export function refuseTarget(statement: StatementNode): void {
  if (statement.kind === 'select' || statement.kind === 'rawStatement') return
  const { table } = statement
  refuseAbstract(table)
  if (table.meta !== undefined) refuseReadOnly(table.meta)
}
