import type { DataType, DataTypeName } from '../../ast/data-type.js'
import type { ColumnDefinition, CreateIndexNode, CreateTableNode, ForeignKeyDefinition } from '../../ast/definition.js'
import { columnTypeOf, writeDefault, writeForeignKey, writeTableBody } from '../../compiler/definition.js'
import type { Handlers, SqlWriter } from '../../compiler/writer.js'
import { DefinitionError, UnsupportedError } from '../../errors.js'
import { own } from '../../util/own.js'
import type { HiddenIndex } from '../dialect.js'
import { withWords, writeFullTextIndex } from './full-text.js'
import { isLongKey, KEY_CHARACTERS, prefixesOf, refuseLongKey } from './key-length.js'
import { writeMirror } from './mirrors.js'
import { collationOf, hasExpressionIndexes, type MysqlServer, serverName } from './server.js'
import { hiddenIndexOf } from './shown.js'
import { commentLiteral, INVOKER } from './syntax.js'

/** AUTO_INCREMENT columns are at least INT, because a SMALLINT would be full after 32,767 rows. */
function columnType(type: DataType): DataType {
  return type.autoIncrement === true && type.name === 'smallInteger' ? { ...type, name: 'integer' } : type
}

/** A key can't be a BLOB or a TEXT, so it has the length of a string without `max`. */
const KEY_TYPES: Partial<Record<DataTypeName, string>> = own({ binary: 'varbinary(255)', text: 'varchar(255)' })

const typeOfColumn = ({ type, isKey }: ColumnDefinition, out: SqlWriter): string =>
  (isKey && type.sql === undefined ? KEY_TYPES[type.name] : undefined) ?? columnTypeOf(columnType(type), out)

function writeColumn(column: ColumnDefinition, out: SqlWriter): void {
  const { name, type, generated, nullable, comment } = column
  out.identifier(name).write(` ${typeOfColumn(column, out)}`)
  if (generated !== null) {
    out.write(' generated always as (').node(generated.expression)
    out.write(generated.stored ? ') stored' : ') virtual')
    if (own(column).hidden === true) out.write(' invisible')
  } else {
    if (!nullable) out.write(' not null')
    writeDefault(column, out)
    if (type.autoIncrement === true) out.write(' auto_increment')
  }
  if (comment !== null) out.write(` comment ${commentOf(comment, COLUMN_COMMENT)}`)
  // a JSON column of MySQL would return another text than was stored
  if ((type.name === 'json' || type.name === 'array') && type.sql === undefined && generated === null)
    out.write(' check (json_valid(').identifier(name).write('))')
}

function refuseUnknown(key: ForeignKeyDefinition): void {
  if (key.deferrable)
    throw new UnsupportedError(
      `The deferrable foreign key "${key.name}"`,
      'InnoDB',
      'Foreign keys are checked row by row. Allow null, insert the row without the key, and update it afterwards.',
    )
  if (key.onDelete === 'setDefault' || key.onUpdate === 'setDefault')
    throw new UnsupportedError('A foreign key with "set default"', 'InnoDB', 'Use "set null", "cascade" or "restrict".')
}

/** Options of the table, in the words of the catalog: `engine InnoDB`. What is not among them is what corm chooses. */
function tableOptions(options: readonly string[], server: MysqlServer): string {
  const optionOf = (name: string) =>
    options.find((each) => /^\w+ \w+$/.test(each) && each.startsWith(`${name} `))?.slice(name.length + 1)
  const charset = optionOf('charset')
  const collation = optionOf('collate') ?? (charset === undefined ? collationOf(server) : undefined)
  return [
    `engine = ${optionOf('engine') ?? 'InnoDB'} default character set ${charset ?? 'utf8mb4'}`,
    ...(collation === undefined ? [] : [`collate ${collation}`]),
  ].join(' ')
}

function writeCreateTable(node: CreateTableNode, out: SqlWriter, server: MysqlServer): void {
  node.foreignKeys.forEach(refuseUnknown)
  refuseLongKey(node, serverName(server))
  out
    .write(node.ifNotExists ? 'create table if not exists ' : 'create table ')
    .identifier(node.table)
    .write(' (')
  writeTableBody(withWords(node), out, writeColumn)
  out.write(`\n) ${tableOptions(node.options ?? [], server)}`)
  if (node.comment !== null) out.write(` comment = ${commentOf(node.comment, TABLE_COMMENT)}`)
}

/** The longest comments, in characters. */
const COLUMN_COMMENT = 1024
const TABLE_COMMENT = 2048

function commentOf(text: string, longest: number): string {
  if ([...text].length > longest)
    throw new DefinitionError(
      `The comment "${text.slice(0, 40)}…" has more than the ${longest} characters that the database takes. Shorten it.`,
    )
  // the server would store a question mark instead
  if (/[\u{10000}-\u{10ffff}]/u.test(text))
    throw new DefinitionError(
      `The comment "${text.slice(0, 40)}" has a character beyond U+FFFF, like an emoji, which the database can't keep in comments. Leave it out.`,
    )
  return commentLiteral(text)
}

const METHODS = new Set(['btree', 'hash'])
/** Methods that are a kind of index. */
const KINDS = new Set(['fulltext', 'spatial'])

/** MySQL has indexes over expressions, but not over long texts. MariaDB has none. */
function refuseExpression({ types = [] }: CreateIndexNode, server: MysqlServer): void {
  if (server.mariadb)
    throw new UnsupportedError('An index over an expression', 'MariaDB', 'Add a generated column, and index that.')
  if (hasExpressionIndexes(server) && !types.some(isLongKey)) return
  throw new UnsupportedError(
    hasExpressionIndexes(server) ? 'The index of a translated long text' : 'The index of a translated field',
    serverName(server),
    "Leave out index: 'shown', and index the columns that you ask for most.",
  )
}

/** One statement, so that there is never one without the other. */
function writeWithColumn({ column, index }: HiddenIndex, out: SqlWriter): void {
  out.write('alter table ').identifier(index.table).write(' add column ')
  writeColumn(column, out)
  out.write(', add index ').identifier(index.name).write(' (')
  writeKeys(index, prefixesOf([column.type]), out)
}

function writeKeys({ columns }: CreateIndexNode, prefixes: readonly (number | undefined)[], out: SqlWriter): void {
  for (const [i, column] of columns.entries()) {
    out.write(i === 0 ? '' : ', ').identifier(column)
    if (typeof prefixes[i] === 'number') out.write(`(${prefixes[i]})`)
  }
  out.write(')')
}

function writeCreateIndex(node: CreateIndexNode, out: SqlWriter, server: MysqlServer): void {
  const { unique, types = [] } = node
  const method = node.method?.toLowerCase() ?? null
  const dialect = serverName(server)
  const hidden = server.mariadb ? hiddenIndexOf(node) : null
  if (hidden !== null) return writeWithColumn(hidden, out)
  if (node.expression !== null) refuseExpression(node, server)
  if (node.where !== null) throw new UnsupportedError('A partial index', dialect, 'Leave out its condition.')
  if (method !== null && !KINDS.has(method) && !METHODS.has(method))
    throw new UnsupportedError(
      `The index method "${node.method}"`,
      dialect,
      'Use "btree", "hash", "fulltext" or "spatial".',
    )
  // MariaDB enforces it with a hash of the whole value
  if (unique && !server.mariadb && node.sql === null && types.some(isLongKey))
    throw new UnsupportedError(
      'A unique index on a long text',
      dialect,
      `Use Field.string() of at most ${KEY_CHARACTERS} characters.`,
    )
  const kind = unique ? 'unique ' : method !== null && KINDS.has(method) ? `${method} ` : ''
  const using = method !== null && METHODS.has(method) ? ` using ${method}` : ''
  const { numbers } = own(node)
  if (numbers === undefined) {
    out.write(`create ${kind}index `).identifier(node.name)
    out.write(`${using} on `).identifier(node.table).write(' (')
  } else {
    // one statement: the server takes neither the number without the index, nor the index of a key later on
    out.write('alter table ').identifier(node.table).write(' modify ')
    writeColumn(numbers, out)
    out.write(`, add ${kind}index `).identifier(node.name).write(`${using} (`)
  }
  if (node.sql !== null) return void out.write(`${node.sql})`)
  if (node.expression !== null) return void out.write('(').node(node.expression).write('))')
  const prefixes = (method !== null && KINDS.has(method)) || unique ? [] : prefixesOf(types)
  writeKeys(node, prefixes, out)
}

/** The handlers of definitions that differ from standard SQL. */
export function definitionOverrides(server: MysqlServer): Partial<Handlers> {
  return {
    createTable: (node, out) => writeCreateTable(node, out, server),
    createIndex: (node, out) => writeCreateIndex(node, out, server),
    createFullText: writeFullTextIndex,
    createMirror: writeMirror,
    addColumn({ table, column }, out) {
      out.write('alter table ').identifier(table).write(' add column ')
      writeColumn(column, out)
    },
    createView({ name, query, options }, out) {
      out
        .write(`create ${options.includes(INVOKER) ? `${INVOKER} ` : ''}view `)
        .identifier(name)
        .write(` as ${query}`)
    },
    // what is not said again is dropped: default, comment, NOT NULL
    alterColumn({ table, to }, out) {
      out.write('alter table ').identifier(table).write(' modify ')
      writeColumn(to, out)
    },
    swapColumns({ table, column, other }, out) {
      out.write('alter table ').identifier(table).write(' change column ').identifier(other.name).write(' ')
      writeColumn(column, out)
      out.write(', change column ').identifier(column.name).write(' ')
      writeColumn(other, out)
    },
    // MariaDB knows no conditions of DROP INDEX
    dropIndex(node, out) {
      const { table, name, numbers, column } = own(node)
      out.write('alter table ').identifier(table)
      if (numbers !== undefined) {
        out.write(' modify ')
        writeColumn(numbers, out)
      }
      out.write(`${numbers === undefined ? '' : ','} drop index `).identifier(name)
      if (column !== undefined) out.write(', drop column ').identifier(column)
    },
    renameIndex({ table, from, to }, out) {
      out.write('alter table ').identifier(table).write(' rename index ').identifier(from).write(' to ').identifier(to)
    },
    comment({ table, text }, out) {
      out
        .write('alter table ')
        .identifier(table)
        .write(` comment = ${commentOf(text ?? '', TABLE_COMMENT)}`)
    },
    addForeignKey(node, out) {
      refuseUnknown(node.foreignKey)
      out.write('alter table ').identifier(node.table).write(' add ')
      writeForeignKey(node.foreignKey, out)
    },
    dropForeignKey(node, out) {
      out.write('alter table ').identifier(node.table).write(' drop foreign key ').identifier(node.name)
    },
  }
}
