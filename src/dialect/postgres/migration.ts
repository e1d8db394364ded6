import type { MigrationSupport } from '../migration.js'
import { postgresCompiler } from './compiler.js'
import { HERE } from './here.js'

/** "corm" in ASCII: the first half of the lock's key. The other half is made of the schema and the name. */
const KEY = 0x636f726d
const { literal, quote } = postgresCompiler.syntax
const keyOf = (name: string) => `${KEY}, hashtext(current_schema() || ${literal(`.${name}`)})`

/**
 * The lock is asked for, and never waited for: a session that waits for it holds a snapshot, for which CREATE INDEX CONCURRENTLY
 * waits in turn.
 */
export const migration: MigrationSupport = {
  sessionLock: {
    take: (name) => `select pg_try_advisory_lock(${keyOf(name)})::int`,
    release: (name) => `select pg_advisory_unlock(${keyOf(name)})`,
    holder: (name) =>
      "select 'process ' || a.pid || coalesce(' of ' || host(a.client_addr), '') || ', connected since ' || date_trunc('second', a.backend_start) " +
      'from pg_locks l join pg_stat_activity a on a.pid = l.pid ' +
      `where l.locktype = 'advisory' and l.granted and l.classid = ${KEY}::oid ` +
      `and l.objid = (hashtext(current_schema() || ${literal(`.${name}`)})::bigint & 4294967295)::oid limit 1`,
  },
  transactionLock: (name) => `select pg_try_advisory_xact_lock(${keyOf(name)})::int`,
  serverProcess: 'select pg_backend_pid()',
  // outside a transaction only what waits for others by design: an index that was cancelled would stay behind as invalid
  session: ['set lock_timeout = 0', 'set statement_timeout = 0'],
  // everything that comes after a waiting ALTER TABLE waits for it too
  transaction: ["set local lock_timeout = '200ms'", 'set local statement_timeout = 0'],
  find: ({ name }) =>
    'select case when i.indisvalid then 1 else 0 end from pg_index i join pg_class c on c.oid = i.indexrelid ' +
    `where c.relnamespace = ${HERE} and c.relname = ${literal(name)}`,
  isolation: 'read committed',
  online: null,
  // the lock of the ALTER TABLE that follows: a weaker one would have to become it, which may deadlock
  lockTable: {
    inTransaction: true,
    take: (table) => `lock table ${quote(table)} in access exclusive mode`,
    release: null,
  },
}
