import type { ForeignKeyDefinition } from '../ast/definition.js'
import type { TableState } from '../ast/schema.js'

export interface OrderedTables {
  /** Each table comes after the tables that it references. */
  readonly sorted: readonly TableState[]
  /** The foreign keys that close a cycle, by the name of their table. They can be added once all tables exist. */
  readonly late: ReadonlyMap<string, readonly ForeignKeyDefinition[]>
}

/** Tables in the order in which their foreign keys let them be created. */
export function inOrder(tables: readonly TableState[]): OrderedTables {
  const wanted = new Map(tables.map((table) => [table.name, table]))
  const sorted: TableState[] = []
  const states = new Map<TableState, 'open' | 'done'>()
  const late = new Map<string, ForeignKeyDefinition[]>()
  const visit = (table: TableState): void => {
    states.set(table, 'open')
    for (const key of table.foreignKeys) {
      const target = wanted.get(key.table)
      if (target === undefined || target === table) continue
      if (states.get(target) === 'open') late.set(table.name, [...(late.get(table.name) ?? []), key])
      else if (states.get(target) === undefined) visit(target)
    }
    states.set(table, 'done')
    sorted.push(table)
  }
  for (const table of tables) if (states.get(table) === undefined) visit(table)
  return { sorted, late }
}
