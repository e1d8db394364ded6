import type { ReferenceAction } from '../../../ast/definition.js'
import type { DriverRow } from '../../../driver/driver.js'
import {
  type Ask,
  type CatalogCheck,
  type CatalogColumn,
  type CatalogForeignKey,
  type CatalogIndex,
  type CatalogState,
  type CatalogSupport,
  type CatalogTable,
  type CatalogView,
  EXCLUSION,
  type TableTexts,
  type Unmanaged,
} from '../../catalog.js'
import { itemsIn, TokenReader, tokensOf } from '../../sql-tokens.js'
import { postgresCompiler } from '../compiler.js'
import { HERE } from '../here.js'
import { quotedText, sqlName } from '../quote.js'
import { VIEW_OPTIONS } from '../views.js'
import { inspect, viewColumns } from './inspect.js'
import { missingValues, prerequisites } from './prerequisites.js'
import { checkOption, columnsSql, constraintsSql, indexesSql, relationsSql, unmanagedSql } from './queries.js'
import { isSameText, words } from './texts.js'
import { catalogTypeOf, typeText } from './types.js'
import { counters, unusedIndexes } from './usage.js'

const TEMPORARY = 'pg_catalog.pg_my_temp_schema()'

const textOf = (value: unknown): string => String(value)
const textOrNull = (value: unknown): string | null => (value === null || value === undefined ? null : String(value))

const namesIn = (json: unknown): readonly string[] => (typeof json === 'string' ? JSON.parse(json) : [])

/** Rows by the table that their first value names. */
function byTable<T>(rows: readonly DriverRow[], read: (row: DriverRow) => T): ReadonlyMap<string, T[]> {
  const found = new Map<string, T[]>()
  for (const row of rows) {
    const table = textOf(row[0])
    const list = found.get(table)
    if (list === undefined) found.set(table, [read(row)])
    else list.push(read(row))
  }
  return found
}

function columnOf([
  ,
  name,
  type,
  notNull,
  identity,
  generated,
  expression,
  collation,
  comment,
  owns,
]: DriverRow): CatalogColumn {
  const text = textOrNull(expression)
  const numbered = identity !== '' || (owns === true && text?.startsWith('nextval(') === true)
  const isGenerated = generated !== ''
  return {
    name: textOf(name),
    type: textOf(type),
    nullable: notNull !== true,
    default: numbered || isGenerated ? null : text,
    generated: isGenerated && text !== null ? { expression: text, stored: generated === 's' } : null,
    numbered,
    collation: textOrNull(collation),
    comment: textOrNull(comment),
    noted: null,
    extra: null,
  }
}

const ACTIONS: Readonly<Record<string, ReferenceAction>> = {
  a: 'noAction',
  r: 'restrict',
  c: 'cascade',
  n: 'setNull',
  d: 'setDefault',
}

interface Constraint {
  readonly kind: string
  readonly columns: readonly string[]
  readonly key: CatalogForeignKey
  readonly check: CatalogCheck
  /** The definition of a primary key that says more than its columns. */
  readonly definition: string | null
}

function constraintOf([
  ,
  name,
  kind,
  columns,
  target,
  references,
  onDelete,
  onUpdate,
  deferred,
  valid,
  text,
  definition,
]: DriverRow): Constraint {
  return {
    kind: textOf(kind),
    columns: namesIn(columns),
    key: {
      name: textOf(name),
      columns: namesIn(columns),
      table: textOf(target),
      references: namesIn(references),
      onDelete: ACTIONS[textOf(onDelete)] ?? 'noAction',
      onUpdate: ACTIONS[textOf(onUpdate)] ?? 'noAction',
      deferrable: deferred === true,
      valid: valid === true,
    },
    check: { name: textOf(name), predicate: textOf(text), valid: valid === true },
    definition: textOrNull(definition),
  }
}

function indexOf([
  ,
  name,
  given,
  unique,
  valid,
  constraint,
  definition,
  keys,
  expression,
  where,
  exclusion,
  deferrable,
]: DriverRow): CatalogIndex {
  // its index is of no use for keys, and an index without the constraint is not the same
  const method = exclusion === null ? textOf(given) : EXCLUSION
  const columns = namesIn(keys) as readonly (string | null)[]
  const all = textOf(definition)
  // the first word that is no name in quotes
  const using = tokensOf(all, { backslash: false }).find(({ kind, value }) => kind === 'word' && value === 'USING')
  const { text, inBrackets, items, includes } = withoutIncluded(all.slice(using?.start ?? 0))
  const quoted = columns.map((column) => (column === null ? null : quoteName(column)))
  return {
    name: textOf(name),
    unnamed: false,
    constraint: constraint === true,
    unique: unique === true,
    method,
    columns,
    lengths: [],
    expression: columns.length === 1 && columns[0] === null ? textOrNull(expression) : null,
    where: textOrNull(where),
    keys: inBrackets,
    text: textOrNull(exclusion) ?? `${text}${textOrNull(deferrable) ?? ''}`,
    ofColumns:
      items.length === columns.length && items.every((item, i) => item.length === 1 && item[0]?.value === columns[i]),
    plain: text === `USING ${method} (${quoted.join(', ')})` && method === 'btree',
    ...(includes !== null && { includes }),
    valid: valid === true,
  }
}

/** The definition of an index or a key without the columns that it only includes, which come after its first brackets. */
function withoutIncluded(sql: string) {
  const reader = new TokenReader(sql, tokensOf(sql, { backslash: false }))
  while (!reader.done && !reader.isNext('(')) reader.take()
  const group = reader.group()
  const keys = group.slice(1, -1)
  const parts = { inBrackets: reader.textOf(keys), items: itemsIn(keys) }
  const end = group.at(-1)?.end ?? sql.length
  if (!reader.skip('include')) return { ...parts, text: sql, includes: null }
  const last = reader.group().at(-1)?.end ?? sql.length
  return { ...parts, text: sql.slice(0, end) + sql.slice(last), includes: sql.slice(end, last).trim() }
}

/** What a primary key says, if that is more than its columns. */
function keyParts(definition: string | null): Pick<CatalogTable, 'keyText' | 'keyIncludes'> {
  if (definition === null) return { keyText: null }
  const { text, includes } = withoutIncluded(definition)
  if (includes === null) return { keyText: text }
  return { keyText: text.endsWith(')') ? null : text, keyIncludes: includes }
}

/** What indexes include besides their keys: corm knows of it, and never changes it. */
const includedIn = ({ name: table, indexes, keyIncludes }: CatalogTable): readonly Unmanaged[] => [
  ...(keyIncludes === undefined ? [] : [{ kind: 'included columns', name: `${table} (primary key)`, table }]),
  ...indexes.flatMap(({ name, includes }) =>
    includes === undefined ? [] : [{ kind: 'included columns', name, table }],
  ),
]

/** As the server quotes it, but for words that are keywords. */
const quoteName = (name: string) => (/^[a-z_][a-z0-9_$]*$/.test(name) ? name : sqlName(name))

async function tablesIn(
  namespace: string,
  ask: Ask,
): Promise<{ tables: Map<string, CatalogTable>; relations: readonly DriverRow[] }> {
  const relations = await ask(relationsSql(namespace))
  const columns = byTable(await ask(columnsSql(namespace)), columnOf)
  const constraints = byTable(await ask(constraintsSql(namespace)), constraintOf)
  const indexes = byTable(await ask(indexesSql(namespace)), indexOf)
  const tables = new Map<string, CatalogTable>()
  for (const [given, kind, isPartition, comment, persistence] of relations) {
    if ((kind !== 'r' && kind !== 'p') || isPartition === true) continue
    const name = textOf(given)
    const own = constraints.get(name) ?? []
    const key = own.find((each) => each.kind === 'p')
    tables.set(name, {
      name,
      columns: columns.get(name) ?? [],
      primaryKey: key?.columns ?? [],
      ...keyParts(key?.definition ?? null),
      indexes: indexes.get(name) ?? [],
      foreignKeys: own.filter((each) => each.kind === 'f').map(({ key }) => key),
      checks: own.filter((each) => each.kind === 'c').map(({ check }) => check),
      comment: textOrNull(comment),
      options: [...(kind === 'p' ? ['partitioned'] : []), ...(persistence === 'u' ? ['unlogged'] : [])],
    })
  }
  return { tables, relations }
}

const KINDS: Readonly<Record<string, string>> = {
  m: 'materialized view',
  f: 'foreign table',
  r: 'partition',
  p: 'partition',
}

async function read(ask: Ask): Promise<CatalogState> {
  const { tables, relations } = await tablesIn(HERE, ask)
  const views = relations.filter(([, kind]) => kind === 'v')
  const others = relations.filter(([name, kind]) => kind !== 'v' && !tables.has(textOf(name)))
  const unmanaged = await ask(unmanagedSql(HERE))
  return {
    tables,
    views: new Map(
      views.map(([name, , , , , sql, option, options]): [string, CatalogView] => [
        textOf(name),
        { name: textOf(name), sql: queryOf(sql, option), options: namesIn(options) },
      ]),
    ),
    unmanaged: [
      ...others.map(
        ([name, kind]): Unmanaged => ({ kind: KINDS[textOf(kind)] ?? 'table', name: textOf(name), table: null }),
      ),
      ...[...tables.values()].flatMap(includedIn),
      ...unmanaged.map(
        ([kind, name, table]): Unmanaged => ({ kind: textOf(kind), name: textOf(name), table: textOrNull(table) }),
      ),
    ],
  }
}

const queryOf = (sql: unknown, option: unknown): string =>
  `${textOf(sql).trim().replace(/;$/, '')}${typeof option === 'string' ? ` WITH ${option.toUpperCase()} CHECK OPTION` : ''}`

/** Temporary tables come first in the search path, so that what follows is made on them. */
async function describe(tables: readonly TableTexts[], ask: Ask): Promise<readonly CatalogTable[]> {
  if (tables.length === 0) return []
  for (const { table, more } of tables) {
    await ask.change(table.replace(/^create table /, 'create temporary table '))
    for (const sql of more) await ask.change(sql.replace(/^(create (?:unique )?index )concurrently /, '$1'))
  }
  const described = await tablesIn(TEMPORARY, ask)
  return tables.flatMap(({ name }) => {
    const table = described.tables.get(name)
    return table === undefined ? [] : [{ ...table, options: [] }]
  })
}

/** What REINDEX CONCURRENTLY leaves behind when it fails: the new index, or the old one. */
const LEFTOVER = /_cc(?:new|old)\d*$/

export const catalog: CatalogSupport = {
  unusedIndexes,
  counters,
  servesKeys: (method) => method === 'btree' || method === 'hash',
  rebuildIndex: (name) =>
    `${LEFTOVER.test(name) ? 'drop' : 'reindex'} index concurrently ${postgresCompiler.syntax.quote(name)}`,
  read,
  describe,
  viewOptions: new Set(VIEW_OPTIONS),
  async describeView(name, query, ask) {
    const quoted = sqlName(name)
    await ask.change(`create temporary view ${quoted} as ${query}`)
    const [row = []] = await ask(
      `select pg_catalog.pg_get_viewdef(c.oid), ${checkOption('c')} from pg_catalog.pg_class c where c.oid = ${quotedText(`pg_temp.${quoted}`)}::regclass`,
    )
    return queryOf(row[0], row[1])
  },
  isSameText,
  keyOf: (key) => ({ ...key, valid: true }),
  typeOf: catalogTypeOf,
  typeText,
  words,
  inspect,
  viewColumns,
  prerequisites,
  missingValues,
}
