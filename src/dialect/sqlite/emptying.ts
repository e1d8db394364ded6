import type { Emptying } from '../dialect.js'
import { sqliteCompiler } from './compiler.js'
import { textLiteral } from './literal.js'

const { quote } = sqliteCompiler.syntax

export const emptying: Emptying = {
  referencing:
    'select distinct m.name from sqlite_schema m, pragma_foreign_key_list(m.name) k ' +
    'where m.type = \'table\' and lower(k."table") = lower(?)',
  ownReferences:
    'select distinct k."from" from (select ? as name) t, pragma_foreign_key_list(t.name) k, pragma_table_info(t.name) c ' +
    'where c.name = k."from" and c."notnull" = 0 and lower(k."table") = lower(t.name)',
  // without any AUTOINCREMENT table, the table of counters does not exist
  hasCounters: "select 1 from sqlite_schema where name = 'sqlite_sequence'",
  statements({ table, others, cascade, restartIds }) {
    const tables = cascade ? [...others, table] : [table]
    const deletes = tables.map((name) => `delete from ${quote(name)}`)
    const restart = restartIds
      ? [`delete from sqlite_sequence where name in (${tables.map(textLiteral).join(', ')})`]
      : []
    // with deferred checks, tables that reference each other can be emptied in any order
    if (!cascade) return [...deletes, ...restart]
    return ['pragma defer_foreign_keys = on', ...deletes, 'pragma defer_foreign_keys = off', ...restart]
  },
  restart: null,
}
