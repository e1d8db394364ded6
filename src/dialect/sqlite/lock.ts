import type { SelectNode } from '../../ast/statement.js'
import { UnsupportedError } from '../../errors.js'

/** One transaction writes at a time, and it holds the whole database: there are no rows to skip. */
export function refuseRowLock({ lock }: SelectNode): void {
  if (lock === undefined || lock === null || lock.held === 'wait') return
  throw new UnsupportedError(
    lock.held === 'skip' ? 'lock() with skipLocked' : 'lock() with noWait',
    'SQLite',
    'Its lock is on the whole database: a transaction that has it meets no locked rows.',
  )
}

/** Takes the lock that a deferred transaction has not taken yet: a statement that is there to write, and finds nothing. */
export const takeWriteLock = (quotedTable: string) => `delete from ${quotedTable} where 0`
