import type { DefinitionNode } from './definition.js'
import type { SelectNode } from './expression.js'
import type { StatementNode } from './statement.js'

/** What a statement is sent for. It decides where it may run, and whether it may be sent once more. */
export type Intent = 'read' | 'write' | 'lock' | 'schema'

/** SQL of the user's own may do anything: it writes. */
export function intentOf(statement: StatementNode | DefinitionNode): Intent {
  switch (statement.kind) {
    case 'select':
      return locks(statement) ? 'lock' : 'read'
    case 'insert':
    case 'update':
    case 'updateRows':
    case 'delete':
    case 'rawStatement':
      return 'write'
    default:
      return 'schema'
  }
}

/** The lock stands in the select that reads the table, which may be inside of others. */
function locks({ lock, from }: SelectNode): boolean {
  if (lock !== null && lock !== undefined) return true
  return from?.kind === 'derivedTable' && from.query.kind === 'select' && locks(from.query)
}
