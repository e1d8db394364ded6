import { textLiteral } from './literal.js'
import { quote } from './quote.js'

/** The highest row number, which is found without a scan. Tables without row numbers are counted. */
export const tableSizes = (tables: readonly string[]): string =>
  tables
    .map((name) => `select ${textLiteral(name)}, coalesce((select max(_rowid_) from ${quote(name)}), 0)`)
    .join(' union all ')
