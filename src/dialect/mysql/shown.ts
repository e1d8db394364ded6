import type { DataType } from '../../ast/data-type.js'
import type { CreateIndexNode } from '../../ast/definition.js'
import type { CallNode, ColumnNode, ExpressionNode } from '../../ast/expression.js'
import { shownColumns, writeFirstFilled } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { nameForList } from '../../util/short-name.js'
import type { HiddenIndex } from '../dialect.js'
import { DEFAULT_LENGTH } from './key-length.js'
import type { MysqlServer } from './server.js'

// MariaDB has no indexes over expressions, and does not know an expression again that an indexed column is generated from
// (https://mariadb.com/kb/en/generated-columns/). So what is shown of a translated field is a hidden column there, which selects
// name. Its name says which columns it is made of, in which order: selects never read one that shows something else.

const columnsOf = (nodes: readonly ExpressionNode[]): readonly ColumnNode[] | null => {
  const columns = nodes.filter((node): node is ColumnNode => node.kind === 'column')
  return columns.length === nodes.length ? columns : null
}

const nameFor = (columns: readonly ColumnNode[]): string =>
  nameForList(
    columns.map(({ name }) => name),
    'shown',
  )

/** The hidden column of an index over what is shown, and the index over it; null: it is another index. */
export function hiddenIndexOf(node: CreateIndexNode): HiddenIndex | null {
  const { expression, types = [] } = node
  const columns = expression?.kind === 'call' && expression.name === 'translated' ? columnsOf(expression.args) : null
  if (expression === null || columns === null) return null
  const [name, type] = [nameFor(columns), widest(types)]
  return {
    column: {
      ...{ name, type, nullable: true, isKey: false, default: null, comment: null, hidden: true },
      generated: { expression, stored: false },
    },
    index: { ...node, columns: [name], types: [type], expression: null },
  }
}

export function writeTranslated(node: CallNode<'translated'>, out: SqlWriter, server: MysqlServer): void {
  const nodes = shownColumns(node, out)
  const columns = server.mariadb && node.type?.languages?.indexed === true ? columnsOf(nodes) : null
  const first = columns?.[0]
  if (columns !== null && first !== undefined && columns.every((column) => out.frames.isStored(column)))
    return void out.node({ ...first, name: nameFor(columns) })
  // under a collation that pads, nullif(x, '') is null for blanks as well
  writeFirstFilled(nodes, out, (column) => {
    out.write('if(char_length(').node(column).write(') > 0, ').node(column).write(', null)')
  })
}

const LONG_TEXT: DataType = { name: 'text' }

/** A type that takes the values of each of these. */
const widest = (types: readonly DataType[]): DataType => {
  const longest = Math.max(...types.map(lengthOf))
  return types.find((type) => lengthOf(type) === longest) ?? LONG_TEXT
}

/** That of a column whose type was written is not known. */
const lengthOf = ({ name, sql, length = DEFAULT_LENGTH }: DataType): number =>
  sql === undefined && name !== 'text' ? length : Infinity
