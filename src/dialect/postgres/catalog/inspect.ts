import type { DataType } from '../../../ast/data-type.js'
import {
  type Ask,
  type CatalogColumn,
  columnsByView,
  eachColumn,
  type InspectedTable,
  type InspectedType,
  plainColumn,
} from '../../catalog.js'
import { catalogTypeOf, typeText } from './types.js'

/** Enums with their values, and domains with what they are based on, by the name that columns have them by. */
const OWN_TYPES = `select pg_catalog.format_type(t.oid, null),
  case t.typtype when 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod) end,
  (select pg_catalog.json_agg(e.enumlabel order by e.enumsortorder)::text from pg_catalog.pg_enum e where e.enumtypid = t.oid)
from pg_catalog.pg_type t where t.typtype in ('e', 'd')
and t.typnamespace not in (select oid from pg_catalog.pg_namespace where nspname in ('pg_catalog', 'information_schema'))`

interface OwnType {
  readonly base: string | null
  readonly values: readonly string[] | null
}

export async function inspect(tables: readonly InspectedTable[], ask: Ask) {
  const own = new Map(
    (await ask(OWN_TYPES)).map(([name, base, values]): [string, OwnType] => [
      String(name),
      {
        base: typeof base === 'string' ? base : null,
        values: typeof values === 'string' ? (JSON.parse(values) as string[]) : null,
      },
    ]),
  )
  return eachColumn(tables, (column) => typeFor(column, own))
}

function typeFor(column: CatalogColumn, own: ReadonlyMap<string, OwnType>): InspectedType {
  const known = catalogTypeOf(column)
  if (known.name === 'decimal' && known.precision === undefined && known.sql === undefined)
    return { type: { name: 'decimal', precision: 65, scale: 30, sql: 'numeric' } }
  if (known.name === 'decimal' && known.sql === undefined && !isDecimal(known))
    return { type: { name: 'text', sql: column.type }, custom: true }
  if (known.sql === undefined || known.autoIncrement === true) return { type: known }
  const found = own.get(column.type)
  const sql = typeText(column)
  const numbered = column.numbered ? { autoIncrement: true } : {}
  if (found?.values != null && found.values.length > 0) return { type: { name: 'enum', values: found.values, sql } }
  const base = found?.base ?? column.type
  const type = byText(base)
  return type === null
    ? { type: { name: 'text', sql }, custom: true }
    : { type: { ...type, ...numbered, ...(isNative(type, base) && column.collation === null ? {} : { sql }) } }
}

/** Whether a decimal of corm has these digits. PostgreSQL has more of them, and all of them may be zeros after the point. */
const isDecimal = ({ precision = 0, scale = 0 }: DataType): boolean =>
  precision >= 1 && precision <= 65 && scale >= 0 && scale <= Math.min(30, precision)

/** An array is stored as corm stores it. */
const isNative = ({ name, element }: DataType, text: string) =>
  name === 'array' && element?.dataType.sql === undefined && !/\(/.test(text)

const precisionOf = (text: string): number => (Number(/\((\d)\)/.exec(text)?.[1] ?? 6) > 3 ? 6 : 3)

function byText(text: string): DataType | null {
  const element = /^(.*)\[\]$/.exec(text)?.[1]
  if (element !== undefined) return arrayOf(element)
  const plain = catalogTypeOf(plainColumn('', text))
  if (plain.sql === undefined) return plain
  const length = /^character(?: varying)?\((\d+)\)$/.exec(text)?.[1]
  if (length !== undefined) return { name: 'string', length: Number(length) }
  if (/^character varying$|^(?:name|citext|bpchar|character)$/.test(text)) return { name: 'text' }
  if (/^timestamp/.test(text)) return { name: 'dateTime', precision: precisionOf(text) }
  if (/^time(?:\(\d\))? without/.test(text)) return { name: 'time' }
  if (text === 'real') return { name: 'float' }
  if (text === 'json') return { name: 'json' }
  if (text === 'oid') return { name: 'bigInteger' }
  return null
}

function arrayOf(text: string): DataType | null {
  const dataType = byText(text)
  if (dataType === null || dataType.name === 'array' || dataType.name === 'json') return null
  if (dataType.name === 'decimal' && !isDecimal(dataType)) return null
  return { name: 'array', element: { dataType, nullable: false, check: (value) => value, load: null } }
}

const VIEW_COLUMNS = `select c.relname::text, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod)
from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind = 'v' and c.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = current_schema())
order by 1, a.attnum`

export const viewColumns = async (ask: Ask) => columnsByView(await ask(VIEW_COLUMNS))
