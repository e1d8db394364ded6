import type { InsertColumn, InsertNode, ListsSource, UpdateRowsNode } from '../../ast/statement.js'
import { encoderFor } from '../../compiler/codec.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { listIn } from '../../util/expect.js'
import { at } from '../../util/list.js'
import { toArrayLiteral } from './array.js'
import { castType } from './types.js'

// Rows are bound as one array per column, so that the same SQL serves any number of rows. Values of a column type that
// the user wrote are bound as text and cast one by one, because an array of the type may not exist. So are arrays, because
// an array of arrays would be flattened.

const ownType = ({ type: { dataType } }: InsertColumn) => {
  if (dataType.autoIncrement === true) return undefined
  return dataType.sql ?? (dataType.name === 'array' ? castType(dataType) : undefined)
}

const arrayType = (column: InsertColumn) =>
  ownType(column) === undefined ? `::${castType(column.type.dataType)}[]` : '::text[]'

/** Writes a value of the lists, cast to the type of its column. */
function written(column: InsertColumn, name: string): string {
  const own = ownType(column)
  return own === undefined ? name : `${name}::${own}`
}

export function writeLists(node: InsertNode, source: ListsSource, out: SqlWriter): void {
  const casts = node.columns.some((column) => ownType(column) !== undefined)
  out.write(' select ')
  out.write(casts ? node.columns.map((column, i) => written(column, `c${i}`)).join(', ') : '*')
  out.write(' from unnest(')
  source.lists.forEach((list, i) => {
    const encode = encoderOf(list, out)
    if (i > 0) out.write(', ')
    out.bind(list, (values) => toArrayLiteral(listIn(values).map(encode)))
    out.write(arrayType(at(node.columns, i)))
  })
  out.write(casts ? `) as lists(${node.columns.map((_, i) => `c${i}`).join(', ')})` : ')')
}

export function writeUpdateRows(node: UpdateRowsNode, out: SqlWriter): void {
  const all = [...node.keys, ...node.columns]
  const first = node.keys.length
  out.write('update ').identifier(node.table.name).write(' as t set ')
  node.columns.forEach((column, i) => {
    if (i > 0) out.write(', ')
    out.identifier(column.name).write(` = ${written(column, `v.c${first + i}`)}`)
  })
  out.write(' from unnest(')
  all.forEach((column, i) => {
    const encode = encoderFor(column.type, out.syntax.codec(column.type))
    if (i > 0) out.write(', ')
    out.bind(node.rows, (rows) => toArrayLiteral(listIn(rows).map((row) => encode(listIn(row)[i]))))
    out.write(arrayType(column))
  })
  out.write(`) as v(${all.map((_, i) => `c${i}`).join(', ')}) where `)
  node.keys.forEach((column, i) => {
    out
      .write(i === 0 ? 't.' : ' and t.')
      .identifier(column.name)
      .write(` = ${written(column, `v.c${i}`)}`)
  })
}
