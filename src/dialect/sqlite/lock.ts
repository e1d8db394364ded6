// In SQLite one transaction writes at a time and locks the whole database. It never meets a locked row, so there is no
// SQL for skipping or waiting for one.

/** Takes the write lock that a deferred transaction does not have yet: a write that finds no row. */
export const takeWriteLock = (quotedTable: string) => `delete from ${quotedTable} where 0`
