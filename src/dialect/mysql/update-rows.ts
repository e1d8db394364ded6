import { type DataTypeName, holdsIntegers, type ValueType } from '../../ast/data-type.js'
import type { InsertColumn, UpdateRowsNode } from '../../ast/statement.js'
import { encoderFor } from '../../compiler/codec.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { toHex } from '../../util/bytes.js'
import { listIn } from '../../util/expect.js'
import { at } from '../../util/list.js'
import { collationOf, type MysqlServer } from './server.js'

const TEXTS: ReadonlySet<DataTypeName> = new Set<DataTypeName>(['string', 'char', 'uuid', 'text'])

/** Integer types that JSON_TABLE returns exactly. */
export const isIntegerType = (type: ValueType | null) =>
  type !== null &&
  holdsIntegers(type.dataType) &&
  (type.dataType.sql === undefined || type.dataType.autoIncrement === true)

/**
 * Whether a JSON text carries the type exactly. For a column type that the user wrote this is not known, and a key must
 * compare as its column does.
 */
export function carriesExactly({ dataType }: ValueType, isKey: boolean): boolean {
  if (dataType.sql !== undefined && dataType.autoIncrement !== true) return false
  if (dataType.name === 'vector') return false
  return !isKey || holdsIntegers(dataType) || TEXTS.has(dataType.name)
}

/**
 * The rows are one JSON document, so that the same SQL serves any number of rows. Each value is a text: the server
 * converts it to the column's type as it does a parameter, and refuses what does not fit. JSON_TABLE itself would
 * silently cut, round or zero such a value. A NULL is left out. STRAIGHT_JOIN makes the server look up the table by its
 * key for each row, never the other way round.
 */
export function writeUpdateRows(node: UpdateRowsNode, out: SqlWriter, server: MysqlServer): void {
  const text = `longtext character set utf8mb4 collate ${collationOf(server)}`
  const all = [...node.keys, ...node.columns]
  const encoders = all.map((column) => textEncoder(column, out))
  const last = node.keys.length - 1
  out.write('update json_table(')
  out.bind(node.rows, (rows) => toDocument(listIn(rows), encoders))
  out.write(", '$[*]' columns (")
  const typeOf = ({ type }: InsertColumn, i: number) => (i <= last && holdsIntegers(type.dataType) ? 'bigint' : text)
  out.write(all.map((column, i) => `c${i} ${typeOf(column, i)} path '$.c${i}'`).join(', '))
  out.write(')) as v straight_join ').identifier(node.table.name).write(' as t on ')
  node.keys.forEach(({ name }, i) => {
    out
      .write(i === 0 ? 't.' : ' and t.')
      .identifier(name)
      .write(` = v.c${i}`)
  })
  out.write(' set ')
  node.columns.forEach(({ name, type }, i) => {
    const value = `v.c${last + 1 + i}`
    out.write(i === 0 ? 't.' : ', t.').identifier(name)
    out.write(type.dataType.name === 'binary' ? ` = unhex(${value})` : ` = ${value}`)
  })
}

type TextEncoder = (value: unknown) => string | null

function textEncoder({ type }: InsertColumn, out: SqlWriter): TextEncoder {
  const encode = encoderFor(type, out.syntax.codec(type))
  return (value) => {
    const encoded = encode(value)
    if (encoded === null) return null
    return encoded instanceof Uint8Array ? toHex(encoded) : String(encoded)
  }
}

function toDocument(rows: readonly unknown[], encoders: readonly TextEncoder[]): string {
  const items = rows.map((given) => {
    const row = listIn(given)
    let item = ''
    for (let i = 0; i < encoders.length; i++) {
      const value = at(encoders, i)(row[i])
      if (value !== null) item += `${item === '' ? '' : ','}"c${i}":${JSON.stringify(value)}`
    }
    return `{${item}}`
  })
  return `[${items.join(',')}]`
}
