import type { DataType } from '../../ast/data-type.js'
import { needsValue, type SchemaState } from '../../ast/schema.js'
import { columnChange, growsText, indexIn, type LockTable, NO_LOCK, type TableLock } from '../locks.js'
import { isLongKey } from './key-length.js'

// Measured on MariaDB 10.11 with utf8mb4, and as https://mariadb.com/kb/en/innodb-online-ddl-overview/ says.

const INSTANT: TableLock = { name: 'metadata lock (INSTANT)', blocksReads: true, blocksWrites: true, lasts: 'moment' }
const INPLACE: TableLock = { name: 'INPLACE, LOCK=NONE', blocksReads: false, blocksWrites: false, lasts: 'rewrite' }
const NOCOPY: TableLock = { name: 'NOCOPY, LOCK=NONE', blocksReads: false, blocksWrites: false, lasts: 'scan' }
const SHARED: TableLock = { name: 'INPLACE, LOCK=SHARED', blocksReads: false, blocksWrites: true, lasts: 'scan' }
/** A table with words has a hidden column with the numbers of its rows. */
const WORDS: TableLock = { ...SHARED, lasts: 'rewrite' }
const COPY: TableLock = { name: 'COPY, LOCK=SHARED', blocksReads: false, blocksWrites: true, lasts: 'rewrite' }

/** A length of a text up to here takes one byte, above it two. */
const ONE_BYTE = 255
const BYTES = 4

/** Growth that keeps the bytes of the length. */
export function keepsRows(from: DataType, to: DataType): boolean {
  if (from.name !== 'string' || to.name !== 'string' || !growsText(from, to)) return false
  const isLong = ({ length = Infinity }: DataType) => length * BYTES > ONE_BYTE
  return isLong(from) === isLong(to)
}

/** A check comes with it, which each MODIFY adds again. */
export const isChecked = ({ name, sql }: DataType) => (name === 'json' || name === 'array') && sql === undefined

const hasWords = (table: string, { tables }: SchemaState) =>
  tables.get(table)?.indexes.some(({ fullText }) => fullText !== null) === true

/** MariaDB adds a column with a hash of the whole text. */
const hasLongKey = (table: string, columns: readonly string[], { tables }: SchemaState) =>
  tables.get(table)?.columns.some(({ name, type }) => columns.includes(name) && isLongKey(type)) === true

const isCheckedColumn = (table: string, column: string | null, { tables }: SchemaState) =>
  tables.get(table)?.columns.some(({ name, type }) => name === column && isChecked(type)) === true

export const locks: LockTable = {
  createTable: NO_LOCK,
  dropTable: INSTANT,
  retireTable: NO_LOCK,
  restoreTable: NO_LOCK,
  renameTable: INSTANT,
  addColumn({ table, column }, before) {
    if (column.default === 'uuid' || column.generated?.stored === true || column.type.autoIncrement === true)
      return COPY
    return needsValue(column)
      ? { ...INPLACE, name: 'INPLACE, with an update of all rows', blocksWrites: true }
      : hasWords(table, before)
        ? WORDS
        : INSTANT
  },
  removeColumn: ({ table }, before) => (hasWords(table, before) ? WORDS : INSTANT),
  retireColumn: ({ table, column }, before) =>
    isCheckedColumn(table, column, before) ? COPY : hasWords(table, before) ? WORDS : INPLACE,
  mirrorColumn: { ...INSTANT, name: 'metadata lock' },
  unmirrorColumn: { ...INSTANT, name: 'metadata lock' },
  swapColumns: ({ table }, before) => (hasWords(table, before) ? COPY : INPLACE),
  renameColumn: INSTANT,
  alterColumn(operation, before) {
    const change = columnChange(operation, before)
    if (change === null) return INSTANT
    if (change.isRetyped && (operation.using !== null || !keepsRows(change.from.type, change.to.type))) return COPY
    if (isChecked(change.to.type)) return COPY
    if (!change.isTightened && !change.isLoosened) return INSTANT
    if (!hasWords(operation.table, before)) return INPLACE
    return change.isTightened ? COPY : WORDS
  },
  createIndex({ table, index }, before) {
    if (index.fullText !== null || index.vector !== null || index.expression !== null) return SHARED
    return index.unique && hasLongKey(table, index.columns, before) ? COPY : NOCOPY
  },
  dropIndex({ table, name }, before) {
    const index = indexIn(before.tables.get(table), name)
    if (index !== undefined && index.expression !== null) return { ...SHARED, lasts: 'moment' }
    return index?.fullText == null ? INSTANT : { ...NOCOPY, lasts: 'moment' }
  },
  renameIndex: INSTANT,
  addForeignKey: COPY,
  dropForeignKey: INSTANT,
  addCheck: COPY,
  dropCheck: INSTANT,
  alterComment: ({ table, column }, before) => (isCheckedColumn(table, column, before) ? COPY : INSTANT),
  createView: NO_LOCK,
  dropView: NO_LOCK,
}
