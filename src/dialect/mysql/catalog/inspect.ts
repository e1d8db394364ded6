import { type Ask, type CatalogColumn, columnsByView, type InspectedTable, type InspectedType } from '../../catalog.js'
import { tokensOf } from '../../sql-tokens.js'
import { quote } from '../syntax.js'
import { catalogTypeOf } from './types.js'

export function typeText(column: CatalogColumn): string {
  const { type, collation, extra } = column
  const known = catalogTypeOf(column)
  if (known.name === 'json' && known.sql !== undefined) return known.sql
  return [
    type,
    ...(collation === null ? [] : [`collate ${collation}`]),
    ...(extra === null || /other|^check/.test(extra) ? [] : [extra]),
  ].join(' ')
}

export async function inspect(tables: readonly InspectedTable[], ask: Ask) {
  const types = new Map<string, ReadonlyMap<string, InspectedType>>()
  for (const table of tables) {
    const columns = new Map<string, InspectedType>()
    for (const column of table.columns) columns.set(column.name, await typeFor(column, table, ask))
    types.set(table.name, columns)
  }
  return types
}

async function typeFor(column: CatalogColumn, table: InspectedTable, ask: Ask): Promise<InspectedType> {
  const known = catalogTypeOf(column, table)
  if (column.numbered && known.autoIncrement !== true) return { ...byText(column, table), note: NUMBERED_ELSEWHERE }
  if (known.name === 'uuid' && (await holdsOthers(table.name, column.name, ask)))
    return { type: { name: 'string', length: 36, sql: typeText(column) } }
  if (known.sql === undefined || known.name === 'json') return { type: known }
  const { type, ...more } = byText(column, table)
  const numbered = column.numbered ? { autoIncrement: true } : {}
  return { ...more, type: { ...type, ...numbered, sql: typeText(column) } }
}

const NUMBERED_ELSEWHERE =
  'the server numbers it, but no key begins with it. Models have no words for that: give it values, or insert with sql.'

/** Rows that are looked at. */
const SAMPLE = 2000

/** Whether a CHAR(36) holds something other than UUIDs. */
async function holdsOthers(table: string, column: string, ask: Ask): Promise<boolean> {
  const name = quote(column)
  const rows = await ask(
    `select 1 from (select ${name} from ${quote(table)} limit ${SAMPLE}) s where ${name} not regexp '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' limit 1`,
  )
  return rows.length > 0
}

function byText({ type: text, name }: CatalogColumn, { primaryKey }: InspectedTable): InspectedType {
  const digits = /\((\d+)(?:,\s*(\d+))?\)/.exec(text)
  const length = Number(digits?.[1] ?? 0)
  if (/^enum/.test(text)) return { type: { name: 'enum', values: textsIn(text) } }
  if (/^(?:var)?char\(/.test(text)) return { type: { name: 'string', length } }
  if (/^(?:tinyint|smallint)/.test(text)) return { type: { name: /unsigned/.test(text) ? 'integer' : 'smallInteger' } }
  if (/^int.*unsigned/.test(text) && !primaryKey.includes(name)) return { type: { name: 'bigInteger' }, as: 'number' }
  if (/^bigint/.test(text)) return { type: { name: 'bigInteger' } }
  if (/^(?:int|mediumint|year)/.test(text)) return { type: { name: 'integer' } }
  if (/^dec/.test(text)) return { type: { name: 'decimal', precision: length, scale: Number(digits?.[2] ?? 0) } }
  if (/^(?:float|double)/.test(text)) return { type: { name: 'float' } }
  if (/^(?:datetime|timestamp)/.test(text)) return { type: { name: 'dateTime', precision: length > 3 ? 6 : 3 } }
  if (/^time/.test(text)) return { type: { name: 'time' } }
  if (/^json/.test(text)) return { type: { name: 'json' } }
  if (/^uuid/.test(text)) return { type: { name: 'uuid' } }
  if (/(?:blob|binary)/.test(text)) return { type: { name: 'binary' } }
  if (/text|char/.test(text)) return { type: { name: 'text' } }
  if (/^(?:date)$/.test(text)) return { type: { name: 'date' } }
  if (/^bit/.test(text)) return { type: { name: 'binary' } }
  if (GEOMETRY.test(text)) return { type: { name: 'binary' }, note: WKB }
  return { type: { name: 'text' }, custom: !/^set/.test(text) }
}

const GEOMETRY = /geometry|^(?:multi)?(?:point|linestring|polygon)$|^geomcollection$/
const WKB =
  'its values are bytes, as the server stores them: four of the SRID, and the geometry as WKB. For texts, select st_astext() of it with sql.'

const textsIn = (type: string): readonly string[] =>
  tokensOf(type, { backslash: true }).flatMap(({ kind, value }) => (kind === 'text' ? [value] : []))

const VIEW_COLUMNS = `select c.table_name, c.column_name, lower(c.column_type) from information_schema.columns c
join information_schema.views v on v.table_schema = c.table_schema and v.table_name = c.table_name
where c.table_schema = database() order by c.table_name, c.ordinal_position`

export const viewColumns = async (ask: Ask) => columnsByView(await ask(VIEW_COLUMNS))
