import { VALUE_TYPE } from '../ast/bases.js'
import type { DataType, ValueType } from '../ast/data-type.js'
import type {
  ColumnDefinition,
  CreateTableNode,
  DefinitionNode,
  ForeignKeyDefinition,
  ReferenceAction,
} from '../ast/definition.js'
import type { Handlers, SqlWriter } from './writer.js'

type DefinitionKinds = DefinitionNode['kind']

const ACTIONS: Record<ReferenceAction, string> = {
  cascade: 'cascade',
  restrict: 'restrict',
  setNull: 'set null',
  setDefault: 'set default',
  noAction: 'no action',
}

/** A value type for a data type without a field: DDL needs only the column type. */
export const typeOnly = (dataType: DataType): ValueType => ({
  ...VALUE_TYPE,
  dataType,
  check: (value) => value,
  refuse: (_, message) => {
    throw new TypeError(message)
  },
})

export function columnTypeOf(type: DataType, out: SqlWriter): string {
  return type.sql ?? out.syntax.codec(typeOnly(type)).columnType
}

export function writeColumn(column: ColumnDefinition, out: SqlWriter): void {
  out.identifier(column.name).write(` ${columnTypeOf(column.type, out)}`)
  if (column.generated !== null) {
    out.write(' generated always as (').node(column.generated.expression)
    out.write(column.generated.stored ? ') stored' : ') virtual')
  }
  if (!column.nullable && column.generated === null) out.write(' not null')
  writeDefault(column, out)
}

/** Writes a default, in the form in which the column stores values. */
export function writeDefault(column: ColumnDefinition, out: SqlWriter): void {
  if (column.default === null) return
  out.write(' default ')
  writeDefaultValue(column, out)
}

export function writeDefaultValue({ default: given, type }: ColumnDefinition, out: SqlWriter): void {
  out.write('(')
  if (typeof given === 'string') out.write(out.syntax.madeDefault(given, type))
  else if (given !== null) out.node(given)
  out.write(')')
}

export function writeForeignKey(key: ForeignKeyDefinition, out: SqlWriter): void {
  out.write('constraint ').identifier(key.name).write(' foreign key (').identifiers(key.columns)
  writeReferences(key, out.write(') '))
}

export function writeReferences(key: ForeignKeyDefinition, out: SqlWriter): void {
  out.write('references ').identifier(key.table).write(' (').identifiers(key.references)
  out.write(`) on delete ${ACTIONS[key.onDelete]} on update ${ACTIONS[key.onUpdate]}`)
  if (key.deferrable) out.write(' deferrable initially deferred')
}

/** Writes the lines between the brackets. `column` writes one column, because dialects differ most there. */
export function writeTableBody(
  node: CreateTableNode,
  out: SqlWriter,
  column: (column: ColumnDefinition, out: SqlWriter) => void,
): void {
  const lines: (() => void)[] = node.columns.map((definition) => () => column(definition, out))
  if (node.primaryKey.length > 0) lines.push(() => out.write('primary key (').identifiers(node.primaryKey).write(')'))
  for (const check of node.checks)
    lines.push(() => out.write('constraint ').identifier(check.name).write(' check (').node(check.predicate).write(')'))
  for (const key of node.foreignKeys) lines.push(() => writeForeignKey(key, out))
  for (const [i, write] of lines.entries()) {
    out.write(i === 0 ? '\n  ' : ',\n  ')
    write()
  }
}

export function writeCreateTable(node: CreateTableNode, out: SqlWriter, column = writeColumn): void {
  out
    .write(node.ifNotExists ? 'create table if not exists ' : 'create table ')
    .identifier(node.table)
    .write(' (')
  writeTableBody(node, out, column)
  out.write('\n)')
}

export const definitionHandlers: Pick<Handlers, DefinitionKinds> = {
  createExtension(node, out) {
    out.write('create extension if not exists ').identifier(node.name)
  },
  createTable(node, out) {
    writeCreateTable(node, out)
  },
  createIndex(node, out) {
    out.write(node.unique ? 'create unique index ' : 'create index ')
    if (node.concurrently) out.write('concurrently ')
    out.identifier(node.name)
    out.write(' on ').identifier(node.table)
    if (node.method !== null) out.write(' using ').identifier(node.method)
    if (node.sql !== null) out.write(` (${node.sql})`)
    else if (node.expression === null) out.write(' (').identifiers(node.columns).write(')')
    else out.write(' ((').node(node.expression).write('))')
    if (node.where !== null) out.write(' where ').node(node.where)
  },
  createFullText() {
    throw new TypeError('each database has its own full-text indexes')
  },
  dropFullText() {
    throw new TypeError('each database has its own full-text indexes')
  },
  comment({ table, column, text }, out) {
    if (column === null) out.write('comment on table ').identifier(table)
    else out.write('comment on column ').identifier(table).write('.').identifier(column)
    out.write(` is ${text === null ? 'null' : out.syntax.literal(text)}`)
  },
  addForeignKey(node, out) {
    out.write('alter table ').identifier(node.table).write(' add ')
    writeForeignKey(node.foreignKey, out)
    if (node.notValid === true) out.write(' not valid')
  },
  dropForeignKey(node, out) {
    out.write('alter table ').identifier(node.table).write(' drop constraint ').identifier(node.name)
  },
  dropTable(node, out) {
    out.write('drop table if exists ').identifier(node.table)
  },
}
