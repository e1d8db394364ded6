import type { CatalogIndex } from '../../catalog.js'
import { itemsIn } from '../../sql-tokens.js'
import { canonicalSql, readerOf } from './text.js'

/** Reads CREATE VIRTUAL TABLE … USING fts5. Null for another module. */
export function parseFullText(sql: string): CatalogIndex | null {
  const reader = readerOf(sql)
  if (!reader.skip('create', 'virtual', 'table')) return null
  if (reader.skip('if')) reader.skip('not', 'exists')
  const name = reader.name()
  if (!reader.skip('using', 'fts5')) return null
  const items = itemsIn(reader.group().slice(1, -1))
  const columns = items.flatMap(([first, second]) => (second === undefined && first !== undefined ? [first.value] : []))
  const options = items.filter((item) => item.length > 1).map((item) => canonicalSql(reader.textOf(item)))
  return {
    name,
    unnamed: false,
    constraint: false,
    unique: false,
    method: 'fulltext',
    columns,
    lengths: [],
    expression: null,
    where: null,
    keys: columns.join(', '),
    text: [...columns, ...options.sort()].join(', '),
    ofColumns: true,
    plain: false,
    valid: true,
  }
}

/** What corm names after a full-text index, and FTS5 after its tables. */
export const PARTS: readonly string[] = [
  'rows',
  'view',
  'data',
  'idx',
  'content',
  'docsize',
  'config',
  'insert',
  'update',
  'delete',
]
