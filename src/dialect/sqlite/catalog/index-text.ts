import type { CatalogIndex } from '../../catalog.js'
import { itemsIn, type SqlToken, TokenReader } from '../../sql-tokens.js'
import { canonicalSql, readerOf } from './text.js'

/** Reads CREATE INDEX. https://sqlite.org/lang_createindex.html */
export function parseIndex(sql: string): { readonly table: string; readonly index: CatalogIndex } {
  const reader = readerOf(sql)
  reader.skip('create')
  const unique = reader.skip('unique')
  reader.skip('index')
  if (reader.skip('if')) reader.skip('not', 'exists')
  let name = reader.name()
  if (reader.skip('.')) name = reader.name()
  reader.skip('on')
  const table = reader.name()
  const group = reader.group().slice(1, -1)
  const items = itemsIn(group)
  reader.skip('where')
  const rest: SqlToken[] = []
  while (!reader.done) rest.push(reader.take() as SqlToken)
  const where = rest.length === 0 ? null : reader.textOf(rest)
  const columns = items.map(columnOf)
  const texts = items.map((item) => canonicalSql(reader.textOf(item)))
  const [only] = items
  const isOfColumns = items.every((item, i) => columns[i] !== null && item.length === 1)
  return {
    table,
    index: {
      name,
      unnamed: false,
      constraint: false,
      unique,
      method: 'btree',
      columns,
      lengths: [],
      expression: items.length === 1 && columns[0] === null && only !== undefined ? reader.textOf(only) : null,
      where,
      keys: reader.textOf(group),
      text: `${texts.join(', ')}${where === null ? '' : ` where ${canonicalSql(where)}`}`,
      ofColumns: isOfColumns,
      plain: where === null && isOfColumns,
      valid: true,
    },
  }
}

/** The column, if it is one: with a collation and a direction, perhaps. */
function columnOf(item: readonly SqlToken[]): string | null {
  const reader = new TokenReader('', item)
  const first = reader.take()
  if (first === undefined || (first.kind !== 'name' && first.kind !== 'word')) return null
  if (reader.skip('collate')) reader.take()
  if (!reader.skip('asc')) reader.skip('desc')
  return reader.done ? first.value : null
}
