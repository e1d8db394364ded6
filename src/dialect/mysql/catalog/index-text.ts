import type { CatalogIndex } from '../../catalog.js'
import { parseTable, readerOf } from './table.js'

/** Reads CREATE INDEX, as SHOW CREATE TABLE would return it. */
export function parseIndex(sql: string): CatalogIndex | undefined {
  const reader = readerOf(sql)
  reader.skip('create')
  const kind = reader.isNext('index') ? '' : reader.name()
  reader.skip('index')
  const name = reader.name()
  const using = reader.skip('using') ? reader.name() : null
  reader.skip('on')
  reader.take()
  const keys = reader.textOf(reader.group())
  const text = `${kind} key \`${name.replaceAll('`', '``')}\` ${keys}${using === null ? '' : ` using ${using}`}`
  return parseTable(`create table \`t\` (${text})`).indexes[0]
}
