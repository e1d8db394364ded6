import type { ReferenceAction } from '../../../ast/definition.js'
import type {
  Ask,
  CatalogState,
  CatalogSupport,
  CatalogTable,
  CatalogView,
  Prerequisite,
  TableTexts,
  Unmanaged,
} from '../../catalog.js'
import { catalogWords } from '../../catalog-words.js'
import { INVOKER, literal, quote } from '../syntax.js'
import { parseIndex } from './index-text.js'
import { inspect, typeText, viewColumns } from './inspect.js'
import { parseTable, withoutHidden } from './table.js'
import { catalogTypeOf } from './types.js'
import { withoutDatabase } from './unqualified.js'
import { counters, unusedIndexes } from './usage.js'

const TABLES = `select table_name, table_type from information_schema.tables
where table_schema = database() order by table_name`
const VIEWS = `select table_name, view_definition, check_option, security_type from information_schema.views
where table_schema = database() order by table_name`
const UNMANAGED = `select 'trigger', trigger_name, event_object_table from information_schema.triggers
where trigger_schema = database()
union all select lower(routine_type), routine_name, null from information_schema.routines
where routine_schema = database()
union all select 'event', event_name, null from information_schema.events where event_schema = database()
order by 1, 2`

const words = catalogWords({ syntax: { backslash: true } })

const MANAGED: ReadonlySet<string> = new Set(['BASE TABLE', 'SYSTEM VERSIONED'])

async function read(ask: Ask): Promise<CatalogState> {
  const [[database] = []] = await ask('select database()')
  const listed = await ask(TABLES)
  const tables = new Map<string, CatalogTable>()
  for (const [name, type] of listed.map((row) => row.map(String)))
    if (name !== undefined && MANAGED.has(type ?? '')) tables.set(name, await readTable(name, String(database), ask))
  const views = await ask(VIEWS)
  const others = await ask(UNMANAGED)
  return {
    tables,
    views: new Map(
      views.map(([name, sql, option, security]): [string, CatalogView] => [
        String(name),
        {
          name: String(name),
          sql: `${withoutDatabase(String(sql), String(database))}${checkOption(option)}`,
          options: security === 'INVOKER' ? [INVOKER] : [],
        },
      ]),
    ),
    unmanaged: [
      ...others.map(
        ([kind, name, table]): Unmanaged => ({
          kind: String(kind),
          name: String(name),
          table: table === null ? null : String(table),
        }),
      ),
      ...listed
        .filter(([, type]) => type === 'SEQUENCE')
        .map(([name]) => ({ kind: 'sequence', name: String(name), table: null })),
    ],
  }
}

/** What a view does with rows that it would not show: its query does not say it. */
const checkOption = (option: unknown): string =>
  option === 'LOCAL' || option === 'CASCADED' ? ` WITH ${option} CHECK OPTION` : ''

/** Sequences of MariaDB, which defaults may read. */
async function prerequisites(ask: Ask, tables: ReadonlySet<string> | null): Promise<readonly Prerequisite[]> {
  const names = (await ask(TABLES)).filter(([, type]) => type === 'SEQUENCE').map(([name]) => String(name))
  const read = tables === null || names.length === 0 ? null : await namesInDefaults(tables, ask)
  const found: Prerequisite[] = []
  for (const name of names) {
    if (read !== null && !read.has(name.toLowerCase())) continue
    const [row] = await ask(`show create sequence ${quote(name)}`)
    const probe = `select 1 from information_schema.tables where table_schema = database() and table_name = ${literal(name)}`
    found.push({ kind: 'sequence', name, up: String(row?.[1]), down: `drop sequence ${quote(name)}`, probe })
  }
  return found
}

async function namesInDefaults(tables: ReadonlySet<string>, ask: Ask): Promise<ReadonlySet<string>> {
  const list = [...tables].map(literal).join(', ')
  const defaults = await ask(`select column_default from information_schema.columns
where table_schema = database() and column_default is not null and table_name in (${list})`)
  return new Set(defaults.flatMap(([text]) => [...words.namesIn(String(text))]))
}

async function readTable(name: string, database: string, ask: Ask): Promise<CatalogTable> {
  const [row] = await ask(`show create table ${quote(name)}`)
  return parseTable(withoutDatabase(String(row?.[1]), database))
}

/** A temporary table hides the one of its name, takes no index of full text, and ends no transaction. */
async function describe({ name, table, more }: TableTexts, database: string, ask: Ask): Promise<CatalogTable> {
  await ask.change(table.replace(/^create table /, 'create temporary table '))
  try {
    const described = await readTable(name, database, ask)
    const indexes = more.flatMap((sql) => (/^create (?:\w+ )?index /.test(sql) ? (parseIndex(sql) ?? []) : []))
    return withoutHidden({ ...described, indexes: [...described.indexes, ...indexes] })
  } finally {
    await ask.change(`drop temporary table ${quote(name)}`)
  }
}

export const catalog: CatalogSupport = {
  unusedIndexes,
  counters,
  servesKeys: (method) => method === 'btree',
  // no index is left half-built
  rebuildIndex: () => null,
  read,
  async describe(tables, ask) {
    const [[database] = []] = await ask('select database()')
    const described: CatalogTable[] = []
    for (const table of tables) described.push(await describe(table, String(database), ask))
    return described
  },
  viewOptions: new Set([INVOKER]),
  // there are no temporary views
  describeView: async () => null,
  isSameText: (a, b) => a === b,
  // for InnoDB, NO ACTION is RESTRICT
  keyOf: (key) => ({ ...key, onDelete: checked(key.onDelete), onUpdate: checked(key.onUpdate), valid: true }),
  typeOf: catalogTypeOf,
  typeText,
  words,
  inspect,
  viewColumns,
  prerequisites,
}

const checked = (action: ReferenceAction): ReferenceAction => (action === 'noAction' ? 'restrict' : action)
