import type { DataType } from '../../../ast/data-type.js'
import type { CatalogColumn } from '../../catalog.js'
import { sqlName } from '../quote.js'

const PLAIN: Readonly<Record<string, DataType>> = {
  smallint: { name: 'smallInteger' },
  integer: { name: 'integer' },
  bigint: { name: 'bigInteger' },
  'double precision': { name: 'float' },
  numeric: { name: 'decimal' },
  boolean: { name: 'boolean' },
  text: { name: 'text' },
  uuid: { name: 'uuid' },
  jsonb: { name: 'json' },
  date: { name: 'date' },
  bytea: { name: 'binary' },
  'time(6) without time zone': { name: 'time' },
  'timestamp(3) with time zone': { name: 'dateTime', precision: 3 },
  'timestamp(6) with time zone': { name: 'dateTime', precision: 6 },
}

/** The type as it stands in a definition. */
export const typeText = ({ type, collation }: Pick<CatalogColumn, 'type' | 'collation'>): string =>
  collation === null ? type : `${type} collate ${sqlName(collation)}`

/** The type of corm that is stored so, or the text of the type where there is none. */
export function catalogTypeOf({ type, numbered, collation }: CatalogColumn): DataType {
  // corm numbers 32 bits or more
  if (numbered && type === 'smallint') return { name: 'integer', sql: type, autoIncrement: true }
  const found = (collation === null ? own(type) : null) ?? {
    name: familyOf(type),
    sql: typeText({ type, collation }),
  }
  return numbered ? { ...found, autoIncrement: true } : found
}

function own(type: string): DataType | null {
  if (Object.hasOwn(PLAIN, type)) return PLAIN[type] ?? null
  const [, name, first, second] = /^(character varying|numeric|vector)\((\d+)(?:,(\d+))?\)$/.exec(type) ?? []
  if (name === 'character varying') return { name: 'string', length: Number(first) }
  if (name === 'vector') return { name: 'vector', length: Number(first) }
  if (name === 'numeric' && second !== undefined)
    return { name: 'decimal', precision: Number(first), scale: Number(second) }
  return null
}

const FAMILIES: readonly (readonly [pattern: RegExp, name: DataType['name']])[] = [
  [/\[\]$/, 'text'],
  [/^(?:real|double)/, 'float'],
  [/^numeric/, 'decimal'],
  [/^timestamp/, 'dateTime'],
  [/^date$/, 'date'],
  [/^time/, 'time'],
  [/^json/, 'json'],
]

const familyOf = (type: string): DataType['name'] => FAMILIES.find(([pattern]) => pattern.test(type))?.[1] ?? 'text'
