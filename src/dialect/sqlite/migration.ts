import type { MigrationSupport } from '../migration.js'

/** A transaction that begins as a writer has the whole database. */
export const migration: MigrationSupport = {
  sessionLock: null,
  transactionLock: null,
  serverProcess: null,
  session: [],
  transaction: [],
  find: null,
  isolation: null,
  online: null,
  lockTable: null,
}
