import type { Emptying } from '../dialect.js'
import { createMysqlCompiler } from './compiler.js'
import type { MysqlServer } from './server.js'

export function emptyingOf(server: MysqlServer): Emptying {
  const { quote } = createMysqlCompiler(server, false).syntax
  // with foreign key checks off, tables that reference each other can be emptied in any order
  const unchecked = (table: string) =>
    server.mariadb
      ? `set statement foreign_key_checks = 0 for delete from ${quote(table)}`
      : `delete /*+ set_var(foreign_key_checks = off) */ from ${quote(table)}`
  return {
    referencing:
      'select distinct table_name from information_schema.key_column_usage ' +
      'where table_schema = database() and referenced_table_schema = database() and referenced_table_name = ?',
    ownReferences:
      'select distinct k.column_name from information_schema.key_column_usage k join information_schema.columns c ' +
      'on c.table_schema = k.table_schema and c.table_name = k.table_name and c.column_name = k.column_name ' +
      "where k.table_schema = database() and k.table_name = ? and k.referenced_table_name = k.table_name and c.is_nullable = 'YES'",
    hasCounters: null,
    // TRUNCATE commits the transaction, and refuses a table that a foreign key references, even an empty one
    statements: ({ table, others, cascade }) =>
      cascade ? [...others, table].map(unchecked) : [`delete from ${quote(table)}`],
    restart: (table) => `alter table ${quote(table)} auto_increment = 1`,
  }
}
