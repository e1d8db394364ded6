import type { ForeignKeyDefinition } from '../../ast/definition.js'
import type { SchemaState, TableState } from '../../ast/schema.js'
import { MigrationError, quoted } from '../../errors.js'
import { changed, type OperationKind, ORDER, tableIn, withoutTable, withTableState } from './kind.js'
import { refuseMirrored } from './mirrors.js'

/** The foreign keys of other tables that reference this one. */
const pointing = (state: SchemaState, name: string): ForeignKeyDefinition[] =>
  [...state.tables.values()].flatMap((table) =>
    table.name === name ? [] : table.foreignKeys.filter((key) => key.table === name),
  )

function refuseTaken(state: SchemaState, name: string): void {
  if (state.tables.has(name) || state.views.has(name))
    throw new MigrationError(
      `There is already a table or view ${quoted(name)} at this point of the migrations. Choose another name, or drop it before.`,
    )
}

/** Refuses definitions of the table that name a column it lacks. */
function checkTable({ name, columns, primaryKey, indexes, foreignKeys }: TableState): void {
  const known = new Set(columns.map((column) => column.name))
  if (known.size !== columns.length)
    throw new MigrationError(`The table ${quoted(name)} has two columns of one name. Rename one of them.`)
  const used = [
    ...primaryKey,
    ...indexes.flatMap((each) => each.columns),
    ...foreignKeys.flatMap((each) => each.columns),
  ]
  const missing = used.find((column) => !known.has(column))
  if (missing !== undefined)
    throw new MigrationError(
      `A key or an index of the table ${quoted(name)} names the column ${quoted(missing)}, which it lacks. Add the column, or correct the name.`,
    )
}

/** Updates foreign keys after the table that they reference was renamed. */
const pointingTo = (keys: readonly ForeignKeyDefinition[], from: string, to: string) =>
  keys.some(({ table }) => table === from)
    ? keys.map((key) => (key.table === from ? { ...key, table: to } : key))
    : keys

export const createTable: OperationKind<'createTable'> = {
  apply({ table }, state) {
    refuseTaken(state, table.name)
    checkTable(table)
    return withTableState(state, table)
  },
  reverse: ({ table }) => [{ op: 'dropTable', table: table.name }],
  loses: () => null,
  touches: ({ table }) => [table.name, ...table.foreignKeys.map((key) => key.table)],
  describe: ({ table }) => `create table ${table.name}`,
}

export const dropTable: OperationKind<'dropTable'> = {
  apply({ table: name }, state) {
    refuseMirrored(tableIn(state, name), null)
    const [key] = pointing(state, name)
    if (key !== undefined)
      throw new MigrationError(
        `The foreign key ${quoted(key.name)} points at the table ${quoted(name)}. Drop it first.`,
      )
    return withoutTable(state, name)
  },
  // a table is created without its indexes, as everywhere
  reverse({ table: name }, before) {
    const table = tableIn(before, name)
    return [
      { op: 'createTable', table: { ...table, indexes: [], retired: false } },
      ...table.indexes.map((index) => ({ op: 'createIndex', table: name, index, concurrently: false }) as const),
      ...(table.retired ? [{ op: 'retireTable', table: name } as const] : []),
    ]
  },
  loses: ({ table }) => `all rows of "${table}"`,
  touches: ({ table }) => [table],
  describe: ({ table }) => `drop table ${table}`,
}

type OfTable = { readonly table: string }

const retire = (retired: boolean) => ({
  apply: ({ table }: OfTable, state: SchemaState) => changed(state, table, () => ({ retired })),
  reverse: ({ table }: OfTable) => [{ op: retired ? ('restoreTable' as const) : ('retireTable' as const), table }],
  loses: () => null,
  touches: ({ table }: OfTable) => [table],
  describe: ({ table }: OfTable) => `${retired ? 'retire' : 'restore'} table ${table}`,
})

export const retireTable: OperationKind<'retireTable'> = retire(true)
export const restoreTable: OperationKind<'restoreTable'> = retire(false)

export const renameTable: OperationKind<'renameTable'> = {
  apply({ table: from, to }, state) {
    const table = tableIn(state, from)
    refuseTaken(state, to)
    refuseMirrored(table, null)
    const entries = [...state.tables.values()].map((each) => {
      const foreignKeys = pointingTo(each.foreignKeys, from, to)
      return each === table ? { ...each, name: to, foreignKeys } : { ...each, foreignKeys }
    })
    return { ...state, tables: new Map(entries.map((each) => [each.name, each])) }
  },
  reverse: ({ table, to }) => [{ op: 'renameTable', table: to, to: table }],
  loses: () => null,
  touches: ({ table, to }) => [table, to],
  describe: ({ table, to }) => `rename table ${table} to ${to}`,
}

export const alterComment: OperationKind<'alterComment'> = {
  apply({ table: name, column, comment }, state) {
    if (column === null) return changed(state, name, () => ({ comment }))
    return changed(state, name, (table) => ({
      columns: table.columns.map((each) => (each.name === column ? { ...each, comment } : each)),
    }))
  },
  reverse({ table: name, column }, before) {
    const table = tableIn(before, name)
    const owner = column === null ? table : table.columns.find((each) => each.name === column)
    return [{ op: 'alterComment', table: name, column, comment: owner?.comment ?? null }]
  },
  loses: () => null,
  touches: ({ table, column }) => [column === null ? `${table} (comment)` : `${table}.${column}`],
  describe: ({ table, column }) => `change the comment of ${column === null ? table : `${table}.${column}`}`,
}

export const createView: OperationKind<'createView'> = {
  apply({ view }, state) {
    refuseTaken(state, view.name)
    return { ...state, views: new Map(state.views).set(view.name, view) }
  },
  reverse: ({ view }) => [{ op: 'dropView', name: view.name }],
  loses: () => null,
  // its SQL may name any table
  touches: () => ['*'],
  describe: ({ view }) => `create view ${view.name}`,
}

export const dropView: OperationKind<'dropView'> = {
  apply({ name }, state) {
    if (!state.views.has(name))
      throw new MigrationError(`There is no view ${quoted(name)} at this point of the migrations.${ORDER}`)
    const views = new Map(state.views)
    views.delete(name)
    return { ...state, views }
  },
  reverse({ name }, before) {
    const view = before.views.get(name)
    return view === undefined ? [] : [{ op: 'createView', view }]
  },
  loses: () => null,
  touches: () => ['*'],
  describe: ({ name }) => `drop view ${name}`,
}
