import { isSame } from '../../ast/canonical.js'
import type { ColumnState, OperationOf, SchemaState, TableState } from '../../ast/schema.js'
import { MigrationError, quoted } from '../../errors.js'
import { columnNamed } from '../definitions.js'
import { usersOf } from '../mentions.js'
import { renamedColumn } from './columns.js'
import { named, type OperationKind, tableIn, withTableState } from './kind.js'

/** A column as it is when another one has taken its name: no program writes it. */
export const swappedOut = (column: ColumnState, name: string): ColumnState => ({
  ...column,
  name,
  nullable: true,
  default: null,
  comment: null,
})

/** Why a column can't exchange its name with another one, as the rest of a sentence that begins with it; null: it can. */
export function whyNoSwap({ tables }: SchemaState, table: TableState, name: string): string | null {
  const column = columnNamed(table, name)
  if (table.primaryKey.includes(name)) return 'is part of the primary key'
  if (column?.generated != null || column?.type.autoIncrement === true) return 'gets its values from the database'
  const users = usersOf(table, name)
  if (users.generated.length > 0) return 'is read by a generated column'
  if (users.foreignKeys.length > 0) return 'is part of a foreign key'
  if (users.checks.length > 0) return 'is part of a check'
  const special = table.indexes.find(
    (index) =>
      (index.sql !== null && indexText(index.sql, name)) ||
      (users.indexes.includes(index.name) &&
        (index.fullText !== null || index.vector !== null || index.expression !== null)),
  )
  if (special !== undefined) return 'is part of an index of more than plain columns'
  const isReferred = [...tables.values()].some(({ foreignKeys }) =>
    foreignKeys.some((key) => key.table === table.name && key.references.includes(name)),
  )
  return isReferred ? 'is what a foreign key points to' : null
}

const indexText = (sql: string, name: string) => sql.toLowerCase().includes(name.toLowerCase())

function refuseSwap(state: SchemaState, table: TableState, { column, other }: OperationOf<'swapColumns'>): void {
  for (const [after, before] of [
    [column, other],
    [other, column],
  ] as const) {
    const place = quoted(`${table.name}.${before.name}`)
    const { type } = named(table.columns, before.name, `column of "${table.name}" called`)
    const why = whyNoSwap(state, table, before.name)
    if (why !== null) throw new MigrationError(`The column ${place} ${why}, so it can't be swapped.`)
    if (!isSame(type, after.type))
      throw new MigrationError(
        `After the swap, ${quoted(`${table.name}.${after.name}`)} has the type of ${place}. Write the same type in "to".`,
      )
  }
  if (column.name === other.name)
    throw new MigrationError(
      `The column ${quoted(`${table.name}.${column.name}`)} can't be swapped with itself. Name two columns.`,
    )
}

/** No column has this name. */
const ASIDE = '\0'

export const swapColumns: OperationKind<'swapColumns'> = {
  apply(operation, state) {
    const { table: name, column, other } = operation
    const table = tableIn(state, name)
    refuseSwap(state, table, operation)
    const aside = renamedColumn(table, column.name, ASIDE)
    const swapped = renamedColumn(renamedColumn(aside, other.name, column.name), ASIDE, other.name)
    const columns = swapped.columns.map((each) =>
      each.name === column.name ? column : each.name === other.name ? other : each,
    )
    return withTableState(state, { ...swapped, columns })
  },
  reverse({ table: name, column, other }, before) {
    const { columns } = tableIn(before, name)
    const was = (each: ColumnState) => columns.find((old) => old.name === each.name) ?? each
    return [{ op: 'swapColumns', table: name, column: was(column), other: was(other) }]
  },
  loses: () => null,
  touches: ({ table, column, other }) => [`${table}.${column.name}`, `${table}.${other.name}`],
  describe: ({ table, column, other }) => `swap columns ${table}.${column.name} and ${other.name}`,
}
