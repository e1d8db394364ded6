import type { ColumnDefinition } from '../../ast/definition.js'
import type { SchemaState, TableState } from '../../ast/schema.js'
import type { Ask, CatalogTable, TableTexts } from '../../dialect/catalog.js'
import type { Dialect } from '../../dialect/dialect.js'
import { own } from '../../util/own.js'
import { beforeIndexes, tableDefinition } from '../definitions.js'
import { statementsOf } from '../statements.js'

/** Creates the tables of a state to read how the database describes them, inside a transaction that is rolled back. */
export async function expectedTables(
  state: SchemaState,
  names: ReadonlySet<string>,
  dialect: Dialect,
  ask: Ask,
): Promise<ReadonlyMap<string, CatalogTable>> {
  const tables = [...state.tables.values()].filter(({ name }) => names.has(name))
  const texts = tables.map((table) => textsOf(table, dialect))
  const { keysNeedIndexes } = dialect.capabilities
  const described = await dialect.catalog.describe(texts, ask)
  return new Map(
    described.map((table) => {
      const { foreignKeys = [], columns = [] } = state.tables.get(table.name) ?? {}
      const numbered = new Set(
        columns.flatMap(({ name, type }) => (keysNeedIndexes && type.autoIncrement === true ? [name] : [])),
      )
      return [
        table.name,
        {
          ...table,
          // the described table had no index yet
          columns: table.columns.map((column) => (numbered.has(column.name) ? { ...column, numbered: true } : column)),
          foreignKeys: foreignKeys.map((key) => dialect.catalog.keyOf(key)),
        },
      ]
    }),
  )
}

/** The statements that create a table, without its foreign keys. */
function textsOf(table: TableState, dialect: Dialect): TableTexts {
  const { compiler, capabilities } = dialect
  const state: SchemaState = { tables: new Map([[table.name, table]]), views: new Map() }
  const around = { before: state, after: state, dialect, created: new Set([table.name]) }
  const [create, ...comments] = statementsOf({ op: 'createTable', table: { ...table, foreignKeys: [] } }, around)
  const bare = beforeIndexes({ ...table, indexes: [] }, capabilities.keysNeedIndexes)
  const node = tableDefinition({ ...table, columns: bare.columns })
  const hidden: ColumnDefinition[] = []
  const indexes = table.indexes
    .flatMap((index) => statementsOf({ op: 'createIndex', table: table.name, index, concurrently: false }, around))
    .filter((each) => each.kind !== 'addColumn')
    .map((each) => {
      const made = each.kind === 'createIndex' ? (own(capabilities).hiddenIndex?.(each) ?? null) : null
      if (made === null) return each
      hidden.push(made.column)
      return made.index
    })
  const columns = [...node.columns, ...hidden]
  const made = create?.kind === 'createTable' ? { ...create, columns, fullText: node.fullText } : { ...node, columns }
  const compiled = [...indexes, ...comments].map((each) => compiler.compileInline(each))
  return { name: table.name, table: compiler.compileInline(made), more: compiled }
}
