import { isSame } from '../../ast/canonical.js'
import type { DataType } from '../../ast/data-type.js'
import { needsValue } from '../../ast/schema.js'
import { columnChange, growsText, type LockTable, NO_LOCK, type TableLock } from '../locks.js'

// Measured, and as https://www.postgresql.org/docs/current/explicit-locking.html and sql-altertable.html say.

const exclusive = (lasts: TableLock['lasts']): TableLock => ({
  name: 'ACCESS EXCLUSIVE',
  blocksReads: true,
  blocksWrites: true,
  lasts,
})
const MOMENT = exclusive('moment')
const SCAN = exclusive('scan')
const REWRITE = exclusive('rewrite')
const WRITES_STOP: TableLock = { name: 'SHARE', blocksReads: false, blocksWrites: true, lasts: 'scan' }
const BOTH_TABLES: TableLock = { ...WRITES_STOP, name: 'SHARE ROW EXCLUSIVE on both tables' }
/** While the rows are read, after the constraint is there. */
const THEN = ', then SHARE UPDATE EXCLUSIVE'
const UNNOTICED: TableLock = { ...NO_LOCK, name: 'SHARE UPDATE EXCLUSIVE' }

function unnumbered({ autoIncrement, ...type }: DataType): DataType {
  return type
}

/** Types whose values PostgreSQL keeps as they are. */
function keepsRows(from: DataType, to: DataType): boolean {
  // numbers come from a sequence, which is no part of the column's type
  if (growsText(from, to) || isSame(unnumbered(from), unnumbered(to))) return true
  if (from.name !== to.name) return false
  const { precision = 0, scale = 0 } = from
  if (to.name === 'decimal') return scale === (to.scale ?? 0) && (to.precision ?? Infinity) >= precision
  // an enum is a text with a check
  if (to.name === 'enum') return true
  return (to.name === 'dateTime' || to.name === 'time') && (to.precision ?? 3) >= (from.precision ?? 3)
}

export const locks: LockTable = {
  createTable: NO_LOCK,
  dropTable: MOMENT,
  retireTable: NO_LOCK,
  restoreTable: NO_LOCK,
  renameTable: MOMENT,
  addColumn({ column }) {
    // a default that differs from row to row, and what is computed, is written to all rows
    const isWritten = column.default === 'uuid' || column.type.autoIncrement === true || column.generated !== null
    if (isWritten) return REWRITE
    return needsValue(column) ? { ...REWRITE, name: 'ACCESS EXCLUSIVE, with an update of all rows' } : MOMENT
  },
  removeColumn: MOMENT,
  retireColumn: MOMENT,
  mirrorColumn: { ...WRITES_STOP, name: 'SHARE ROW EXCLUSIVE', lasts: 'moment' },
  unmirrorColumn: MOMENT,
  swapColumns({ table, column }, { tables }) {
    const taken = tables.get(table)?.columns.some(({ nullable, type }) => nullable && isSame(type, column.type))
    return column.nullable || taken !== true ? MOMENT : { ...MOMENT, name: `${MOMENT.name}${THEN}` }
  },
  renameColumn: MOMENT,
  alterColumn(operation, before) {
    const change = columnChange(operation, before)
    if (change === null) return MOMENT
    if (change.isRetyped && (operation.using !== null || !keepsRows(change.from.type, change.to.type))) return REWRITE
    // the first number comes after the highest one
    const isNumbered = change.to.type.autoIncrement === true && change.from.type.autoIncrement !== true
    return change.isTightened || isNumbered ? SCAN : MOMENT
  },
  createIndex: ({ concurrently }) => (concurrently ? UNNOTICED : WRITES_STOP),
  dropIndex: ({ concurrently }) => (concurrently ? UNNOTICED : MOMENT),
  renameIndex: UNNOTICED,
  addForeignKey: ({ concurrently }) =>
    concurrently === true ? { ...BOTH_TABLES, name: `${BOTH_TABLES.name}${THEN}`, lasts: 'moment' } : BOTH_TABLES,
  dropForeignKey: { ...MOMENT, name: 'ACCESS EXCLUSIVE on both tables' },
  addCheck: ({ concurrently }) => (concurrently === true ? { ...MOMENT, name: `${MOMENT.name}${THEN}` } : SCAN),
  dropCheck: MOMENT,
  alterComment: UNNOTICED,
  createView: NO_LOCK,
  dropView: MOMENT,
}
