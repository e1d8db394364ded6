import { commentLiteral } from './syntax.js'

/** The estimate of InnoDB. */
export const tableSizes = (tables: readonly string[]): string =>
  `select table_name, table_rows from information_schema.tables where table_schema = database() and table_name in (${tables.map(commentLiteral).join(', ')})`
