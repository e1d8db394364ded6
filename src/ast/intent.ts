import { own } from '../util/own.js'
import type { ChangeNode } from './change.js'
import type { DefinitionNode } from './definition.js'
import type { SelectNode } from './expression.js'
import type { StatementNode } from './statement.js'

/** The purpose of a statement. It decides where the statement may run, and whether corm may send it again. */
export type Intent = 'read' | 'write' | 'lock' | 'schema'

type SentNode = StatementNode | DefinitionNode | ChangeNode

/** Raw SQL may do anything, so it counts as a write. */
const INTENTS: Readonly<Record<SentNode['kind'], Intent>> = own({
  select: 'read',
  insert: 'write',
  update: 'write',
  updateRows: 'write',
  delete: 'write',
  rawStatement: 'write',
  createExtension: 'schema',
  createTable: 'schema',
  createIndex: 'schema',
  createFullText: 'schema',
  dropFullText: 'schema',
  comment: 'schema',
  addForeignKey: 'schema',
  dropForeignKey: 'schema',
  dropTable: 'schema',
  addColumn: 'schema',
  dropColumn: 'schema',
  alterColumn: 'schema',
  fillColumn: 'write',
  convertColumn: 'write',
  findRows: 'read',
  renameColumn: 'schema',
  renameTable: 'schema',
  dropIndex: 'schema',
  renameIndex: 'schema',
  addCheck: 'schema',
  validateConstraint: 'schema',
  dropCheck: 'schema',
  createView: 'schema',
  copyRows: 'schema',
  dropView: 'schema',
  createMirror: 'schema',
  dropMirror: 'schema',
  swapColumns: 'schema',
} as const)

export function intentOf(statement: SentNode): Intent {
  return statement.kind === 'select' && locks(statement) ? 'lock' : INTENTS[statement.kind]
}

/** Whether a select locks rows. The lock is in the select that reads the table, which may be nested. */
function locks({ lock, from }: SelectNode): boolean {
  if (lock !== null && lock !== undefined) return true
  return from?.kind === 'derivedTable' && from.query.kind === 'select' && locks(from.query)
}
