import type { OperationName, OperationOf, SchemaOperation, SchemaState, TableState } from '../../ast/schema.js'
import { MigrationError, quoted } from '../../errors.js'

/** Describes one kind of operation on the state of a schema. */
export interface OperationKind<Name extends OperationName> {
  /** Returns the state after the operation. Throws MigrationError if the operation does not fit the state. */
  apply(operation: OperationOf<Name>, state: SchemaState): SchemaState
  /** Returns the operations that undo it, given the state before it. */
  reverse(operation: OperationOf<Name>, before: SchemaState): readonly SchemaOperation[]
  /** Returns the data that it loses, as a phrase. Null if none. */
  loses(operation: OperationOf<Name>, before: SchemaState): string | null
  /** Returns the names that it changes or relies on. Two migrations that touch different names can run in either order. */
  touches(operation: OperationOf<Name>): readonly string[]
  /** What it does, in a few words: `add column books.slug`. */
  describe(operation: OperationOf<Name>): string
}

/** Advice for messages about a name that the schema lacks. */
export const ORDER = ' Correct the name, or run the migration that creates it first: see "parents".'

export function tableIn(state: SchemaState, name: string): TableState {
  const table = state.tables.get(name)
  if (table === undefined)
    throw new MigrationError(`There is no table ${quoted(name)} at this point of the migrations.${ORDER}`)
  return table
}

export function withTableState(state: SchemaState, table: TableState): SchemaState {
  return { ...state, tables: new Map(state.tables).set(table.name, table) }
}

export function withoutTable(state: SchemaState, name: string): SchemaState {
  const tables = new Map(state.tables)
  tables.delete(name)
  return { ...state, tables }
}

/** Changes a table of the state. */
export const changed = (state: SchemaState, name: string, change: (table: TableState) => Partial<TableState>) => {
  const table = tableIn(state, name)
  return withTableState(state, { ...table, ...change(table) })
}

export function refuseTwice(items: readonly { readonly name: string }[], name: string, what: string): void {
  if (items.some((item) => item.name === name))
    throw new MigrationError(`There is already ${what} ${quoted(name)}. Choose another name, or drop it before.`)
}

/** The item with this name. Throws MigrationError if there is none. */
export function named<T extends { readonly name: string }>(items: readonly T[], name: string, what: string): T {
  const found = items.find((item) => item.name === name)
  if (found === undefined)
    throw new MigrationError(`There is no ${what} ${quoted(name)} at this point of the migrations.${ORDER}`)
  return found
}

export const without = <T extends { readonly name: string }>(items: readonly T[], name: string): readonly T[] =>
  items.filter((item) => item.name !== name)
