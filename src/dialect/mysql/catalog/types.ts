import type { DataType } from '../../../ast/data-type.js'
import { type CatalogColumn, type CatalogTable, leadsKey } from '../../catalog.js'

/** The type of corm that is stored so, or the text of the type where there is none. */
export function catalogTypeOf(column: CatalogColumn, table?: Pick<CatalogTable, 'primaryKey' | 'indexes'>): DataType {
  const { name, type, numbered, collation, extra } = column
  // other engines than InnoDB also number a later column of a key
  const isNumbered = numbered && (table === undefined || leadsKey(table, name))
  const plain = type.replace(/^(smallint|int|bigint|mediumint|tinyint)\((?!1\))\d+\)$/, '$1')
  // what MariaDB makes of the type JSON
  if (type === 'longtext' && collation === 'utf8mb4_bin' && isJson(extra)) return { name: 'json', sql: 'json' }
  const update = extra?.startsWith('on update') === true ? [extra] : []
  const found = (collation === null && update.length === 0 ? own(plain, extra) : null) ?? {
    name: familyOf(plain),
    sql: [type, ...(collation === null ? [] : [`collate ${collation}`]), ...update].join(' '),
  }
  return isNumbered ? { ...found, autoIncrement: true } : found
}

const PLAIN: Readonly<Record<string, DataType>> = {
  smallint: { name: 'smallInteger' },
  int: { name: 'integer' },
  bigint: { name: 'bigInteger' },
  double: { name: 'float' },
  'tinyint(1)': { name: 'boolean' },
  longtext: { name: 'text' },
  longblob: { name: 'binary' },
  date: { name: 'date' },
  'time(6)': { name: 'time' },
  'char(36)': { name: 'uuid' },
  'datetime(3)': { name: 'dateTime', precision: 3 },
  'datetime(6)': { name: 'dateTime', precision: 6 },
}

const isJson = (extra: string | null): boolean => extra?.startsWith('check (json_valid(') === true

function own(type: string, extra: string | null): DataType | null {
  if (type === 'longtext' && isJson(extra)) return { name: 'json' }
  if (Object.hasOwn(PLAIN, type)) return PLAIN[type] ?? null
  const [, name, first, second] = /^(varchar|decimal|vector)\((\d+)(?:,(\d+))?\)$/.exec(type) ?? []
  if (name === 'varchar') return { name: 'string', length: Number(first) }
  if (name === 'vector') return { name: 'vector', length: Number(first) }
  if (name === 'decimal') return { name: 'decimal', precision: Number(first), scale: Number(second ?? 0) }
  return null
}

const FAMILIES: readonly (readonly [pattern: RegExp, name: DataType['name']])[] = [
  [/^bigint/, 'bigInteger'],
  [/int|^year/, 'integer'],
  [/^(?:float|double|real)/, 'float'],
  [/^dec/, 'decimal'],
  [/^(?:datetime|timestamp)/, 'dateTime'],
  [/^date/, 'date'],
  [/^time/, 'time'],
  [/blob|binary|^bit|geometry|point|polygon|linestring/, 'binary'],
  [/^json/, 'json'],
  [/^uuid/, 'uuid'],
]

const familyOf = (type: string): DataType['name'] => FAMILIES.find(([pattern]) => pattern.test(type))?.[1] ?? 'text'
