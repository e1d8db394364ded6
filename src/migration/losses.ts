import type { SchemaOperation, SchemaState } from '../ast/schema.js'
import type { Session } from '../database/session.js'
import { questionOnce } from '../execution/statement.js'
import { columnNamed } from '../schema/definitions.js'
import { lossOf } from '../schema/operation/index.js'
import type { Work } from './work.js'

/** The data that this work would lose, as phrases. Empty tables and columns lose nothing. `now`: the current schema. */
export async function lossesOf(work: readonly Work[], session: Session, now: SchemaState): Promise<readonly string[]> {
  const losses: string[] = []
  for (const each of work) {
    if (each.kind !== 'schema') continue
    const lost = lossOf(each.operation, each.before)
    if (lost !== null && (await isFilled(each.operation, session, now))) losses.push(`loses ${lost}`)
  }
  return losses
}

/** Whether there is data to lose. A table that is renamed in between is not checked. */
async function isFilled(operation: SchemaOperation, session: Session, now: SchemaState): Promise<boolean> {
  if (operation.op !== 'dropTable' && operation.op !== 'removeColumn') return true
  const table = now.tables.get(operation.table)
  if (table === undefined) return true
  const { quote } = session.dialect.compiler.syntax
  const from = `select 1 from ${quote(table.name)}`
  if (operation.op === 'dropTable') return hasRow(session, from)
  if (columnNamed(table, operation.column) === undefined) return true
  return hasRow(session, `${from} where ${quote(operation.column)} is not null`)
}

async function hasRow(session: Session, sql: string): Promise<boolean> {
  const { rows } = await session.run(questionOnce(`${sql} limit 1`))
  return rows.length > 0
}
