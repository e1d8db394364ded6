import { isSame } from '../../ast/canonical.js'
import type { DataType } from '../../ast/data-type.js'
import {
  type ColumnState,
  type IndexState,
  needsValue,
  type SchemaOperation,
  type SchemaState,
  type TableState,
} from '../../ast/schema.js'
import { MigrationError, quoted } from '../../errors.js'
import { renamedIn, usersOf } from '../mentions.js'
import { changed, named, type OperationKind, refuseTwice, tableIn, without } from './kind.js'
import { refuseMirrored } from './mirrors.js'

/** A column of a table. Throws MigrationError if there is none. */
export const stateColumn = (state: SchemaState, table: string, column: string): ColumnState =>
  named(tableIn(state, table).columns, column, `column of "${table}" called`)

const replaced = (state: SchemaState, name: string, column: ColumnState): SchemaState =>
  changed(state, name, ({ columns }) => ({
    columns: columns.map((each) => (each.name === column.name ? column : each)),
  }))

/**
 * Refuses to remove a column that other definitions use. Databases would drop or shrink those definitions, each in its own way.
 */
function refuseUsed(state: SchemaState, table: TableState, column: string): void {
  const { indexes, foreignKeys, checks, generated } = usersOf(table, column)
  const pointing = [...state.tables.values()].flatMap(({ foreignKeys: keys }) =>
    keys.filter((key) => key.table === table.name && key.references.includes(column)).map(({ name }) => name),
  )
  const [user] = [...indexes, ...foreignKeys, ...checks, ...generated, ...pointing]
  if (user !== undefined)
    throw new MigrationError(`${quoted(user)} uses the column ${quoted(`${table.name}.${column}`)}. Drop it first.`)
  if (table.primaryKey.includes(column))
    throw new MigrationError(
      `The column ${quoted(`${table.name}.${column}`)} is part of the primary key, which a migration can't remove it from. Create a new table instead.`,
    )
}

export const addColumn: OperationKind<'addColumn'> = {
  apply: ({ table: name, column }, state) =>
    changed(state, name, ({ columns }) => {
      refuseTwice(columns, column.name, `a column of "${name}" called`)
      return { columns: [...columns, column] }
    }),
  reverse: ({ table, column }) => [{ op: 'removeColumn', table, column: column.name }],
  loses: () => null,
  touches: ({ table, column }) => [`${table}.${column.name}`],
  describe: ({ table, column }) => `add column ${table}.${column.name}`,
}

export const removeColumn: OperationKind<'removeColumn'> = {
  apply: ({ table: name, column }, state) =>
    changed(state, name, (table) => {
      named(table.columns, column, `column of "${name}" called`)
      refuseUsed(state, table, column)
      refuseMirrored(table, column)
      return { columns: without(table.columns, column) }
    }),
  reverse({ table, column: name }, before) {
    const column = stateColumn(before, table, name)
    // it comes back empty
    return [
      { op: 'addColumn', table, column: needsValue(column) ? { ...column, nullable: true } : column, fill: undefined },
    ]
  },
  loses: ({ table, column }) => `the values of "${table}.${column}"`,
  touches: ({ table, column }) => [`${table}.${column}`],
  describe: ({ table, column }) => `remove column ${table}.${column}`,
}

export const retireColumn: OperationKind<'retireColumn'> = {
  apply({ table, column: name }, state) {
    const column = stateColumn(state, table, name)
    if (tableIn(state, table).primaryKey.includes(name))
      throw new MigrationError(
        `The column ${quoted(`${table}.${name}`)} is part of the primary key, and can't be retired.`,
      )
    return replaced(state, table, { ...column, nullable: needsValue(column) || column.nullable, retired: true })
  },
  reverse: ({ table, column }, before) => alterTo(table, stateColumn(before, table, column)),
  loses: () => null,
  touches: ({ table, column }) => [`${table}.${column}`],
  describe: ({ table, column }) => `retire column ${table}.${column}`,
}

const alterTo = (table: string, column: ColumnState): readonly SchemaOperation[] => [
  { op: 'alterColumn', table, column, using: null },
]

const renamedAll = (names: readonly string[], from: string, to: string) =>
  names.map((name) => (name === from ? to : name))

const renamedIndex = (index: IndexState, from: string, to: string): IndexState => ({
  ...index,
  columns: renamedAll(index.columns, from, to),
  where: index.where && renamedIn(index.where, from, to),
  expression: index.expression && renamedIn(index.expression, from, to),
})

/** A table whose column has another name, also where its definitions name it. */
export function renamedColumn(table: TableState, from: string, to: string): TableState {
  const columns = table.columns.map((column): ColumnState => {
    const { generated } = column
    const expression = generated && renamedIn(generated.expression, from, to)
    const name = column.name === from ? to : column.name
    return { ...column, name, generated: generated && expression && { ...generated, expression } }
  })
  return {
    ...table,
    columns,
    primaryKey: renamedAll(table.primaryKey, from, to),
    indexes: table.indexes.map((index) => renamedIndex(index, from, to)),
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, columns: renamedAll(key.columns, from, to) })),
    checks: table.checks.map((check) => ({ ...check, predicate: renamedIn(check.predicate, from, to) })),
  }
}

export const renameColumn: OperationKind<'renameColumn'> = {
  apply({ table: name, from, to }, state) {
    const table = tableIn(state, name)
    named(table.columns, from, `column of "${name}" called`)
    refuseTwice(table.columns, to, `a column of "${name}" called`)
    refuseMirrored(table, from)
    const entries = [...state.tables.values()].map((each) => {
      const own = each.name === name ? renamedColumn(each, from, to) : each
      const foreignKeys = own.foreignKeys.map((key) =>
        key.table === name ? { ...key, references: renamedAll(key.references, from, to) } : key,
      )
      return [each.name, { ...own, foreignKeys }] as const
    })
    return { ...state, tables: new Map(entries) }
  },
  reverse: ({ table, from, to }) => [{ op: 'renameColumn', table, from: to, to: from }],
  loses: () => null,
  touches: ({ table, from, to }) => [`${table}.${from}`, `${table}.${to}`],
  describe: ({ table, from, to }) => `rename column ${table}.${from} to ${to}`,
}

/** For each type, the wider types that hold all of its values. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  smallInteger: ['integer', 'bigInteger', 'decimal', 'text', 'string'],
  integer: ['bigInteger', 'decimal', 'text', 'string'],
  bigInteger: ['text'],
  string: ['text'],
  char: ['string', 'text'],
  enum: ['string', 'text'],
  uuid: ['string', 'text'],
}

function narrows(from: DataType, to: DataType): boolean {
  if (isSame(from, to)) return false
  if (from.name !== to.name) return WIDER[from.name]?.includes(to.name) !== true
  const shrinks = (a = Infinity, b = Infinity) => b < a
  if (shrinks(from.length, to.length) || shrinks(from.scale, to.scale)) return true
  const whole = ({ precision = Infinity, scale = 0 }: DataType) => precision - scale
  if (shrinks(whole(from), whole(to))) return true
  return (from.values ?? []).some((value) => to.values?.includes(value) === false)
}

export const alterColumn: OperationKind<'alterColumn'> = {
  apply({ table, column }, state) {
    stateColumn(state, table, column.name)
    return replaced(state, table, column)
  },
  reverse: ({ table, column }, before) => alterTo(table, stateColumn(before, table, column.name)),
  loses({ table, column }, before) {
    const { type } = stateColumn(before, table, column.name)
    return narrows(type, column.type) ? `values of "${table}.${column.name}" that the new type can't hold` : null
  },
  touches: ({ table, column }) => [`${table}.${column.name}`],
  describe: ({ table, column }) => `alter column ${table}.${column.name}`,
}
