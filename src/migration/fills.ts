import { needsValue, type OperationOf, type SchemaOperation, type SchemaState } from '../ast/schema.js'
import { MigrationError, quoted } from '../errors.js'
import { columnNamed } from '../schema/definitions.js'
import { requireValue } from './column-value.js'
import type { MirroredColumns } from './mirrored-renames.js'

// Adds values for existing rows to the operations of a new migration.

export interface Fills {
  /** The schema before the operations, after renames. */
  readonly from: SchemaState
  readonly to: SchemaState
  /** By `table.column`. */
  readonly fills: ReadonlyMap<string, unknown>
  /** New columns that copy their values from another one. */
  readonly mirrored: MirroredColumns
}

/** Adds the values to the operations. `missing` lists new columns that need a value and have none. */
export function filled(operations: readonly SchemaOperation[], given: Fills) {
  const { from, fills, mirrored } = given
  const missing: string[] = []
  const used = new Set<string>()
  const all = operations.map((operation): SchemaOperation => {
    if ((operation.op !== 'addColumn' && operation.op !== 'alterColumn') || !takesFill(operation, from))
      return operation
    const { column } = operation
    const name = `${operation.table}.${column.name}`
    if (mirrored.has(name)) return operation
    if (fills.has(name)) {
      used.add(name)
      refuseSame(given, name)
      return { ...operation, fill: requireValue(`The fill of ${quoted(name)}`, column.type, fills.get(name)) }
    }
    if (operation.op === 'addColumn' && needsValue(column)) missing.push(name)
    return operation
  })
  const unknown = [...fills.keys()].find((name) => !used.has(name))
  if (unknown !== undefined)
    throw new MigrationError(
      `A value was given for ${quoted(unknown)}, which is no new column, and none that becomes NOT NULL. ${from.tables.size === 0 ? 'No table has rows yet.' : 'Name it as table.column.'}`,
    )
  return { operations: all, missing }
}

/** Whether existing rows may lack a value in the column, and the migration can provide one. */
function takesFill({ op, table: name, column }: OperationOf<'addColumn' | 'alterColumn'>, from: SchemaState): boolean {
  if (column.generated !== null || column.type.autoIncrement === true) return false
  if (op === 'addColumn') return true
  const table = from.tables.get(name)
  return !column.nullable && table !== undefined && columnNamed(table, column.name)?.nullable === true
}

/** Why one value for all rows is impossible, for example for a unique column. Null if it is possible. */
export function whyNoFill(to: SchemaState, name: string): string | null {
  const dot = name.indexOf('.')
  const column = name.slice(dot + 1)
  const isOnly = (columns: readonly string[]) => columns.length === 1 && columns[0] === column
  const table = to.tables.get(name.slice(0, dot))
  const isUnique =
    table !== undefined &&
    (isOnly(table.primaryKey) ||
      table.indexes.some(
        ({ unique, columns, where, expression }) => unique && where === null && expression === null && isOnly(columns),
      ))
  return isUnique
    ? `The column ${quoted(name)} is unique, so the existing rows can't all have one value. Make the field nullable in this migration, give each row a value of its own in a "data" operation, and make it NOT NULL in the next one.`
    : null
}

function refuseSame({ to }: Fills, name: string): void {
  const why = whyNoFill(to, name)
  if (why !== null) throw new MigrationError(why)
}
