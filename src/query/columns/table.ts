import { TABLE } from '../../ast/bases.js'
import type { TableNode, TableScope } from '../../ast/expression.js'
import type { ModelMetadata } from '../../metadata/metadata.js'

// Creates the table nodes of models. Each node carries its model, which the gate needs.

/** For internal reads and writes of known rows, which no scope hides. */
const EVERY: TableScope = { lifted: 'all', trashed: 'with' }

/** The table of a model. */
export function tableOf(meta: ModelMetadata, alias: string | null = null, scope?: TableScope): TableNode {
  return tableNamed(meta.table, meta, alias, scope)
}

/** Another table that is read as if it were the model's. */
export function tableNamed(name: string, meta: ModelMetadata, alias: string | null, scope?: TableScope): TableNode {
  const table = { ...TABLE, name, alias, meta } as const
  return scope === undefined ? table : { ...table, scope }
}

/** The table with all of its rows. */
export const everyRowOf = (meta: ModelMetadata): TableNode => tableOf(meta, null, EVERY)

/** The same table, after the gate has added its conditions. */
export const passed = (table: TableNode): TableNode => ({ ...table, scope: EVERY })

/** Whether conditions of its model hold for a table. */
export const isRestricted = ({ meta, scope }: TableNode): boolean => meta?.isRestricted === true && scope !== EVERY
