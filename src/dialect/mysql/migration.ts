import type { MigrationSupport, SchemaObject } from '../migration.js'
import { onlineOf } from './online.js'
import type { MysqlServer } from './server.js'
import { literal, quote } from './syntax.js'

/** Locks belong to the server, not to a database, and have names of at most 64 characters. */
const lockName = (name: string) => `concat('corm:', sha1(concat(database(), ${literal(`.${name}`)})))`

const CONSTRAINTS = { foreignKey: 'FOREIGN KEY', check: 'CHECK' } as const

function find({ kind, table, name, before }: SchemaObject): string {
  const inTable = `table_schema = database() and table_name = ${literal(table)}`
  switch (kind) {
    case 'table':
      return `select 1 from information_schema.tables where ${inTable} and table_type <> 'VIEW'`
    case 'view':
      return `select 1 from information_schema.views where ${inTable}`
    case 'column':
      return `select 1 from information_schema.columns where ${inTable} and column_name = ${literal(name)}`
    case 'order':
      return (
        `select 1 from information_schema.columns where ${inTable} and column_name = ${literal(name)} and ordinal_position < ` +
        `(select ordinal_position from information_schema.columns where ${inTable} and column_name = ${literal(before ?? '')})`
      )
    case 'trigger':
      return `select 1 from information_schema.triggers where trigger_schema = database() and trigger_name = ${literal(name)}`
    case 'index':
      return `select 1 from information_schema.statistics where ${inTable} and index_name = ${literal(name)} limit 1`
    default:
      return (
        `select 1 from information_schema.table_constraints where ${inTable} ` +
        `and constraint_type = '${CONSTRAINTS[kind]}' and constraint_name = ${literal(name)}`
      )
  }
}

/** Statements that change the schema commit, so the lock is that of the session that sends them. */
export const migrationSupport = (server: MysqlServer): MigrationSupport => ({
  sessionLock: {
    take: (name) => `select get_lock(${lockName(name)}, 0)`,
    release: (name) => `select release_lock(${lockName(name)})`,
    holder: (name) =>
      "select concat('connection ', id, ' of ', user, ' at ', host) from information_schema.processlist " +
      `where id = is_used_lock(${lockName(name)})`,
  },
  transactionLock: null,
  serverProcess: null,
  // every SELECT of the table waits behind an ALTER TABLE that waits
  session: ['set session lock_wait_timeout = 2'],
  transaction: [],
  find,
  online: onlineOf(server),
  isolation: null,
  lockTable: { inTransaction: false, take: (table) => `lock tables ${quote(table)} write`, release: 'unlock tables' },
})
