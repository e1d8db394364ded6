import type {
  CatalogForeignKey,
  CatalogIndex,
  CatalogState,
  CatalogSupport,
  CatalogTable,
  CatalogView,
  TableTexts,
  Unmanaged,
} from '../../catalog.js'
import { catalogWords } from '../../catalog-words.js'
import { PARTS, parseFullText } from './full-text.js'
import { parseIndex } from './index-text.js'
import { inspect, typeText, viewColumns } from './inspect.js'
import { declaredNames, type ParsedTable, parseTable } from './table.js'
import { canonicalSql, readerOf } from './text.js'
import { catalogTypeOf } from './types.js'
import { counters, unusedIndexes } from './usage.js'

const SCHEMA = `select type, name, tbl_name, sql from main.sqlite_schema
where name not like 'sqlite\\_%' escape '\\' and sql is not null order by rowid`

interface CatalogEntry {
  readonly type: string
  readonly name: string
  readonly table: string
  readonly sql: string
}

export const catalog: CatalogSupport = {
  unusedIndexes,
  counters,
  servesKeys: (method) => method === 'btree',
  // no index is left half-built
  rebuildIndex: () => null,
  async read(ask) {
    const rows = await ask(SCHEMA)
    const entries = rows.map((row): CatalogEntry => {
      const [type, name, table, sql] = row.map(String)
      return { type: type ?? '', name: name ?? '', table: table ?? '', sql: sql ?? '' }
    })
    return stateOf(entries)
  },
  // SQLite keeps the text of definitions: it is read as it is, without running it
  describe: async (tables) => tables.map(described),
  viewOptions: new Set(),
  describeView: async (_, query) => query,
  isSameText: (a, b) => a === b || canonicalSql(a) === canonicalSql(b),
  keyOf: (key) => ({ ...key, valid: true }),
  typeOf: catalogTypeOf,
  typeText,
  words: catalogWords({ syntax: { backslash: false } }),
  inspect,
  viewColumns,
  prerequisites: async () => [],
}

function described({ table, more }: TableTexts): CatalogTable {
  const parsed = parseTable(table)
  const indexes = more.flatMap((sql) => {
    const fullText = parseFullText(sql)
    if (fullText !== null) return [fullText]
    return /^create (?:unique )?index /i.test(sql) ? [parseIndex(sql).index] : []
  })
  return { ...parsed, indexes: [...parsed.indexes, ...indexes], foreignKeys: [] }
}

function stateOf(entries: readonly CatalogEntry[]): CatalogState {
  const virtual = entries.filter(({ type, sql }) => type === 'table' && /^create virtual table/i.test(sql))
  const fullText = new Map(virtual.map((each) => [each.name, parseFullText(each.sql)]))
  // tables of modules, and what corm makes for a full-text index
  const parts = new Map(virtual.flatMap(({ name }) => PARTS.map((part): [string, string] => [`${name}_${part}`, name])))
  const owners = ownersOf(entries, parts)
  const indexes = entries.filter(({ type }) => type === 'index').map(({ sql }) => parseIndex(sql))
  const parsed = entries
    .filter(({ type, name }) => type === 'table' && !fullText.has(name) && !parts.has(name))
    .map(({ sql }) => parseTable(sql))
  const tables = new Map(
    parsed.map((table): [string, CatalogTable] => [
      table.name,
      {
        ...table,
        indexes: [
          ...table.indexes,
          ...indexes
            .filter((each) => each.table.toLowerCase() === table.name.toLowerCase())
            .map(({ index }) => inCaseOf(table, index)),
          ...[...fullText.values()].filter(
            (index): index is CatalogIndex => index !== null && owners.get(index.name) === table.name,
          ),
        ],
        foreignKeys: table.foreignKeys.map((key) => keyOf(key, parsed)),
      },
    ]),
  )
  const views = entries
    .filter(({ type, name }) => type === 'view' && !parts.has(name))
    .map(({ name, sql }): [string, CatalogView] => [name, { name, sql: queryOf(sql), options: [] }])
  return { tables, views: new Map(views), unmanaged: unmanagedIn(entries, { virtual, owners, parts }) }
}

function inCaseOf({ columns }: ParsedTable, index: CatalogIndex): CatalogIndex {
  const declared = declaredNames(columns)
  return { ...index, columns: index.columns.map((name) => name && declared(name)) }
}

/** The table of each full-text index, by the triggers that keep it up to date. */
function ownersOf(entries: readonly CatalogEntry[], parts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap(({ type, name, table }) => {
      const words = type === 'trigger' ? parts.get(name) : undefined
      return words === undefined ? [] : [[words, table] as const]
    }),
  )
}

interface CatalogContext {
  readonly virtual: readonly CatalogEntry[]
  readonly owners: ReadonlyMap<string, string>
  readonly parts: ReadonlyMap<string, string>
}

function unmanagedIn(
  entries: readonly CatalogEntry[],
  { virtual, owners, parts }: CatalogContext,
): readonly Unmanaged[] {
  const triggers = entries.filter(({ type, name }) => type === 'trigger' && !parts.has(name))
  return [
    ...triggers.map(({ name, table }) => ({ kind: 'trigger', name, table })),
    ...virtual
      .filter(({ name }) => !owners.has(name))
      .map(({ name }) => ({ kind: 'virtual table', name, table: null })),
  ]
}

/** A key that names no columns refers to the primary key of the other table. */
function keyOf(key: ParsedTable['foreignKeys'][number], tables: readonly ParsedTable[]): CatalogForeignKey {
  const target = tables.find(({ name }) => name.toLowerCase() === key.table.toLowerCase())
  const references = key.references ?? target?.primaryKey ?? []
  return { ...key, table: target?.name ?? key.table, references: references.map(declaredNames(target?.columns ?? [])) }
}

/** The query of CREATE VIEW. */
function queryOf(sql: string): string {
  const reader = readerOf(sql)
  while (!reader.done && !reader.skip('as')) reader.take()
  const start = reader.peek()?.start
  return start === undefined ? sql : sql.slice(start)
}
