import { isSame } from '../ast/canonical.js'
import type { DataType } from '../ast/data-type.js'
import type {
  ColumnState,
  OperationName,
  OperationOf,
  SchemaOperation,
  SchemaState,
  TableState,
} from '../ast/schema.js'

// What an operation of a migration does to the programs that use the table meanwhile.

/** The lock that an operation takes on its tables, and for how long. */
export interface TableLock {
  /** As the manual of the database calls it; null if it takes none that others notice. */
  readonly name: string | null
  readonly blocksReads: boolean
  readonly blocksWrites: boolean
  /** `moment`: independent of the number of rows. `scan`: the rows are read. `rewrite`: the rows are written again. */
  readonly lasts: 'moment' | 'scan' | 'rewrite'
}

/** The locks of each operation in one database. */
export type LockTable = {
  readonly [Name in OperationName]: TableLock | ((operation: OperationOf<Name>, before: SchemaState) => TableLock)
}

/** The lock of an operation, given the state before it. */
export function lockIn(locks: LockTable, operation: SchemaOperation, before: SchemaState): TableLock {
  const lock = locks[operation.op] as TableLock | ((each: SchemaOperation, state: SchemaState) => TableLock)
  return typeof lock === 'function' ? lock(operation, before) : lock
}

export const NO_LOCK: TableLock = Object.freeze({
  name: null,
  blocksReads: false,
  blocksWrites: false,
  lasts: 'moment',
})

/** How a column differs from the one that it replaces. */
export interface ColumnChange {
  readonly from: ColumnState
  readonly to: ColumnState
  readonly isRetyped: boolean
  /** NULL was allowed and is not any more. */
  readonly isTightened: boolean
  readonly isLoosened: boolean
  readonly isRedefaulted: boolean
}

/** Null where the state has no such column: the operation will fail for that reason. */
export function columnChange(
  { table, column: to }: OperationOf<'alterColumn'>,
  before: SchemaState,
): ColumnChange | null {
  const from = before.tables.get(table)?.columns.find(({ name }) => name === to.name)
  if (from === undefined) return null
  return {
    from,
    to,
    isRetyped: !isSame(from.type, to.type),
    isTightened: from.nullable && !to.nullable,
    isLoosened: !from.nullable && to.nullable,
    isRedefaulted: !isSame(from.default, to.default),
  }
}

/** A text column that takes all texts of the other. */
export function growsText(from: DataType, to: DataType): boolean {
  if (from.sql !== undefined || to.sql !== undefined || from.name !== 'string') return false
  if (to.name === 'text') return to.length === undefined || to.length >= (from.length ?? Infinity)
  return to.name === 'string' && (to.length ?? Infinity) >= (from.length ?? Infinity)
}

export const indexIn = (table: TableState | undefined, name: string) =>
  table?.indexes.find((index) => index.name === name)
