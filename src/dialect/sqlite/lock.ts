// One transaction writes at a time, and holds the whole database: it meets no locked rows. Nothing is to be written for the
// options of a lock: none is skipped, and none is waited for.

/** Takes the lock that a deferred transaction has not taken yet: a statement that is there to write, and finds nothing. */
export const takeWriteLock = (quotedTable: string) => `delete from ${quotedTable} where 0`
