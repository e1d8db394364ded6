import type { ColumnSource, CopyRowsNode } from '../../ast/change.js'
import type { ColumnDefinition, CreateTableNode, ForeignKeyDefinition } from '../../ast/definition.js'
import type { ExpressionNode } from '../../ast/expression.js'
import { someNode } from '../../ast/walk.js'
import { changeHandlers } from '../../compiler/change.js'
import {
  columnTypeOf,
  definitionHandlers,
  typeOnly,
  writeDefault,
  writeDefaultValue,
  writeReferences,
  writeTableBody,
} from '../../compiler/definition.js'
import type { Handlers, SqlWriter } from '../../compiler/writer.js'
import { DefinitionError, UnsupportedError } from '../../errors.js'
import type { SqlToken } from '../sql-tokens.js'
import { tokensIn } from './catalog/text.js'
import { conversionOf } from './conversions.js'
import { typeComment } from './type-comment.js'

/** A key that is written with its column, which SQLite can add and drop with the column. */
const isInline = ({ columns }: ForeignKeyDefinition) => columns.length === 1

/** `isNumber` says that the database counts it up. */
function writeColumn(
  column: ColumnDefinition,
  keys: readonly ForeignKeyDefinition[],
  isNumber: boolean,
  out: SqlWriter,
): void {
  const { name, type, generated, nullable, comment } = column
  out.identifier(name).write(` ${typeComment(type, comment)} ${columnTypeOf(type, out)}`)
  if (isNumber) out.write(` primary key${type.reuse === true ? '' : ' autoincrement'} not null`)
  else if (generated !== null) {
    out.write(' generated always as (').node(generated.expression)
    out.write(generated.stored ? ') stored' : ') virtual')
  } else {
    if (!nullable) out.write(' not null')
    writeDefault(column, out)
  }
  for (const key of keys) writeReferences(key, out.write(' constraint ').identifier(key.name).write(' '))
}

function writeCreateTable(node: CreateTableNode, out: SqlWriter): void {
  const { table, columns, checks, foreignKeys, comment } = node
  for (const { name, predicate } of checks) refuseForeign(predicate, `The check "${name}" of "${table}"`, out)
  for (const column of columns) refuseForeignColumn(table, column, out)
  out
    .write(node.ifNotExists ? 'create table if not exists ' : 'create table ')
    .identifier(table)
    .write(' (')
  if (comment !== null) out.write(`\n  ${typeComment(null, comment)}`)
  const number = columns.find(({ type }) => type.autoIncrement === true)
  if (number !== undefined && !node.primaryKey.includes(number.name))
    throw new UnsupportedError(
      `The number "${table}.${number.name}", which is not the primary key,`,
      'SQLite',
      'Make it the primary key with Field.id(), or leave out "autoIncrement" and give it values.',
    )
  const apart = foreignKeys.filter((key) => !isInline(key))
  const body = { ...node, foreignKeys: apart, primaryKey: number === undefined ? node.primaryKey : [] }
  writeTableBody(body, out, (column) => {
    const keys = foreignKeys.filter((key) => isInline(key) && key.columns[0] === column.name)
    writeColumn(column, keys, column === number, out)
  })
  out.write(['\n)', optionsOf(node).join(', ')].join(' ').trimEnd())
}

/** A column type that was written may be none of those that a STRICT table has. */
const optionsOf = ({ options, columns }: CreateTableNode): readonly string[] =>
  options === null
    ? columns.some(({ type }) => type.sql !== undefined)
      ? []
      : ['strict']
    : options.filter((option) => option === 'strict' || option === 'without rowid')

/**
 * Refuses what a definition of SQLite can't have: queries, and corm's own functions, without which other programs and tools
 * could not use the table. Only the SQL of the user is read; what corm writes, the nodes and the writer know.
 */
function refuseForeign(expression: ExpressionNode, what: string, out: SqlWriter): void {
  if (someNode(expression, ({ kind }) => kind === 'member'))
    throw new DefinitionError(
      `${what} uses contains() of an array or a JSON value, for which SQLite needs a subquery, and a definition has none. Check the elements with the option "validate" of the field, or in validate() of the model.`,
    )
  const name = ownFunctionIn(expression, out)
  if (name !== undefined)
    throw new DefinitionError(
      `${what} needs ${name}(), which SQLite has only while corm is connected: no other program could use the table. Write it in SQLite's own functions, with sql\`…\`.`,
    )
  if (someNode(expression, isQuery))
    throw new DefinitionError(
      `${what} needs a query, which SQLite does not allow in definitions. Compare columns and values, or check it with "validate" of the model.`,
    )
}

/** The first function of corm's own that this would call. */
function ownFunctionIn(expression: ExpressionNode, out: SqlWriter): string | undefined {
  const before = out.sql
  out.ownFunctions.clear()
  out.node(expression)
  out.sql = before
  const [called] = out.ownFunctions
  if (called !== undefined) return called
  let written: string | undefined
  someNode(expression, (node) => {
    written ??= callsIn(node).find((word) => /^corm_\w/i.test(word))
    return written !== undefined
  })
  return written
}

function isQuery(node: ExpressionNode): boolean {
  if (node.kind === 'in') return node.list.kind === 'select'
  return node.kind === 'subquery' || node.kind === 'exists' || queriesIn(node)
}

/** The words before a bracket in SQL of the user. */
const callsIn = (node: ExpressionNode): readonly string[] =>
  pairsIn(node).flatMap(([word, next]) => (word.kind === 'word' && next?.value === '(' ? word.value : []))

const queriesIn = (node: ExpressionNode): boolean =>
  pairsIn(node).some(
    ([bracket, next]) => bracket.value === '(' && next?.kind === 'word' && next.value.toLowerCase() === 'select',
  )

/** Each word and sign in SQL of the user, with the next one. */
function pairsIn(node: ExpressionNode): readonly (readonly [SqlToken, SqlToken | undefined])[] {
  if (node.kind !== 'raw' || node.ours === true) return []
  return node.texts.flatMap((text) => {
    const tokens = tokensIn(text).filter(({ kind }) => kind !== 'comment')
    return tokens.map((token, i) => [token, tokens[i + 1]] as const)
  })
}

function refuseForeignColumn(table: string, { name, generated, default: value }: ColumnDefinition, out: SqlWriter) {
  if (generated !== null) refuseForeign(generated.expression, `The generated column "${table}.${name}"`, out)
  if (value !== null && typeof value === 'object') refuseForeign(value, `The default of "${table}.${name}"`, out)
}

function writeCopyRows({ table, to, sources, inOrder }: CopyRowsNode, out: SqlWriter): void {
  const copied = sources.filter(({ column }) => column.generated === null)
  out
    .write('insert into ')
    .identifier(to)
    .write(' (')
    .identifiers(copied.map(({ column }) => column.name))
    .write(') select ')
  for (const [i, source] of copied.entries()) {
    if (i > 0) out.write(', ')
    writeColumnSource(source, out)
  }
  out.write(' from ').identifier(table)
  if (inOrder) out.write(' order by rowid')
}

/** Writes the value of a row for a column of the new table. */
export function writeColumnSource({ column, from, using, fill }: ColumnSource, out: SqlWriter): void {
  const writeFill = () => out.node({ kind: 'parameter', type: typeOnly(column.type), value: fill })
  if (using !== null || from !== null) {
    const kept = from && conversionOf(from.type, column.type, out.syntax.quote(from.name))?.sql
    const present = using === null ? (kept ?? unknownValue(from, column, out)) : `(${using})`
    if (fill === undefined) return void out.write(present)
    out.write(`coalesce(${present}, `)
    writeFill()
    out.write(')')
  } else if (fill !== undefined) writeFill()
  else if (column.default !== null) writeDefaultValue(column, out)
  else out.write('null')
}

/** NULL, and an error for any value: nobody has said what it becomes. */
function unknownValue(from: ColumnDefinition | null, { name, type }: ColumnDefinition, { syntax }: SqlWriter): string {
  if (from === null) return 'null'
  const path = `say in "using" how ${name} becomes ${type.name}`.replaceAll("'", "''")
  return `case when ${syntax.quote(from.name)} is not null then json_extract('{}', '${path}') end`
}

/** The handlers of definitions that differ from standard SQL. */
export const definitionOverrides: Partial<Handlers> = {
  createTable: writeCreateTable,
  addColumn({ table, column, foreignKeys }, out) {
    refuseForeignColumn(table, column, out)
    out.write('alter table ').identifier(table).write(' add column ')
    writeColumn(column, foreignKeys, false, out)
  },
  addCheck(node, out) {
    refuseForeign(node.check.predicate, `The check "${node.check.name}" of "${node.table}"`, out)
    changeHandlers.addCheck(node, out)
  },
  copyRows: writeCopyRows,
  createIndex(node, out) {
    const { name, where, expression, method } = node
    if (where !== null) refuseForeign(where, `The condition of the index "${name}"`, out)
    if (expression !== null) refuseForeign(expression, `The index "${name}"`, out)
    if (method !== null && method.toLowerCase() !== 'btree')
      throw new UnsupportedError(`The index method "${method}"`, 'SQLite', 'Leave it out: every index is a B-tree.')
    definitionHandlers.createIndex({ ...node, method: null }, out)
  },
}
