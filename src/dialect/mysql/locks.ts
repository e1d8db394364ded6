import type { DataType } from '../../ast/data-type.js'
import { needsValue } from '../../ast/schema.js'
import { columnChange, growsText, indexIn, type LockTable, NO_LOCK, type TableLock } from '../locks.js'

// Measured on MariaDB 10.11 with utf8mb4, and as https://mariadb.com/kb/en/innodb-online-ddl-overview/ says.

const INSTANT: TableLock = { name: 'metadata lock (INSTANT)', blocksReads: true, blocksWrites: true, lasts: 'moment' }
const INPLACE: TableLock = { name: 'INPLACE, LOCK=NONE', blocksReads: false, blocksWrites: false, lasts: 'rewrite' }
const NOCOPY: TableLock = { name: 'NOCOPY, LOCK=NONE', blocksReads: false, blocksWrites: false, lasts: 'scan' }
const SHARED: TableLock = { name: 'INPLACE, LOCK=SHARED', blocksReads: false, blocksWrites: true, lasts: 'scan' }
const COPY: TableLock = { name: 'COPY, LOCK=SHARED', blocksReads: false, blocksWrites: true, lasts: 'rewrite' }

/** A length of a text up to here takes one byte, above it two. */
const ONE_BYTE = 255
const BYTES = 4

/** Growth that keeps the bytes of the length. */
function keepsRows(from: DataType, to: DataType): boolean {
  if (from.name !== 'string' || to.name !== 'string' || !growsText(from, to)) return false
  const isLong = ({ length = Infinity }: DataType) => length * BYTES > ONE_BYTE
  return isLong(from) === isLong(to)
}

export const locks: LockTable = {
  createTable: NO_LOCK,
  dropTable: INSTANT,
  retireTable: NO_LOCK,
  restoreTable: NO_LOCK,
  renameTable: INSTANT,
  addColumn({ column }) {
    if (column.default === 'uuid' || column.generated?.stored === true || column.type.autoIncrement === true)
      return COPY
    return needsValue(column)
      ? { ...INPLACE, name: 'INPLACE, with an update of all rows', blocksWrites: true }
      : INSTANT
  },
  removeColumn: INSTANT,
  retireColumn: INPLACE,
  renameColumn: INSTANT,
  alterColumn(operation, before) {
    const change = columnChange(operation, before)
    if (change === null) return INSTANT
    if (change.isRetyped && (operation.using !== null || !keepsRows(change.from.type, change.to.type))) return COPY
    return change.isTightened || change.isLoosened ? INPLACE : INSTANT
  },
  createIndex: ({ index }) => (index.fullText === null && index.vector === null ? NOCOPY : SHARED),
  dropIndex: ({ table, name }, before) =>
    indexIn(before.tables.get(table), name)?.fullText == null ? INSTANT : { ...NOCOPY, lasts: 'moment' },
  renameIndex: INSTANT,
  addForeignKey: COPY,
  dropForeignKey: INSTANT,
  addCheck: COPY,
  dropCheck: INSTANT,
  alterComment: INSTANT,
  createView: NO_LOCK,
  dropView: NO_LOCK,
}
