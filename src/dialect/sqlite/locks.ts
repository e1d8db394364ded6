import { needsValue } from '../../ast/schema.js'
import { columnChange, type LockTable, NO_LOCK, type TableLock } from '../locks.js'

// SQLite has one lock for writing, which a migration holds until it commits. Reads go on in WAL mode.

const write = (lasts: TableLock['lasts']): TableLock => ({
  name: 'the write lock of the file',
  blocksReads: false,
  blocksWrites: true,
  lasts,
})
const MOMENT = write('moment')
const SCAN = write('scan')
const REWRITE = write('rewrite')

export const locks: LockTable = {
  createTable: NO_LOCK,
  dropTable: MOMENT,
  retireTable: NO_LOCK,
  restoreTable: NO_LOCK,
  renameTable: MOMENT,
  addColumn: ({ column }) => (needsValue(column) || column.generated?.stored === true ? REWRITE : MOMENT),
  removeColumn: REWRITE,
  retireColumn: MOMENT,
  mirrorColumn: MOMENT,
  unmirrorColumn: MOMENT,
  swapColumns: REWRITE,
  renameColumn: MOMENT,
  alterColumn(operation, before) {
    const change = columnChange(operation, before)
    if (change === null) return MOMENT
    if (change.isRetyped || change.isRedefaulted) return REWRITE
    return change.isTightened ? SCAN : MOMENT
  },
  createIndex: SCAN,
  dropIndex: MOMENT,
  renameIndex: SCAN,
  addForeignKey: REWRITE,
  dropForeignKey: REWRITE,
  addCheck: SCAN,
  dropCheck: MOMENT,
  // the text is in the definition of the column
  alterComment: REWRITE,
  createView: NO_LOCK,
  dropView: NO_LOCK,
}
