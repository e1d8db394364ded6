import { isSame } from '../ast/canonical.js'
import type { ChangeNode } from '../ast/change.js'
import type { ColumnDefinition } from '../ast/definition.js'
import { columnTypeOf, typeOnly, writeColumn, writeDefaultValue } from './definition.js'
import { writeFindRows } from './rows.js'
import type { Handlers, SqlWriter } from './writer.js'

const alterTable = (table: string, out: SqlWriter): SqlWriter => out.write('alter table ').identifier(table)

/** `a, b, c` of what each of them writes. */
function writeActions(actions: readonly ((out: SqlWriter) => void)[], out: SqlWriter): void {
  for (const [i, action] of actions.entries()) {
    out.write(i === 0 ? ' ' : ', ')
    action(out)
  }
}

/** The actions that turn one column into another, in standard SQL. */
function alterActions(from: ColumnDefinition, to: ColumnDefinition, using: string | null) {
  const actions: ((out: SqlWriter) => void)[] = []
  const alter = (write: (out: SqlWriter) => void) =>
    actions.push((out) => {
      out.write('alter column ').identifier(to.name)
      write(out)
    })
  const isRetyped = !isSame(from.type, to.type)
  // a default of the old type may not be one of the new type, and keeps a cast to the old one
  if (from.default !== null && (isRetyped || !isSame(from.default, to.default)))
    alter((out) => out.write(' drop default'))
  if (isRetyped)
    alter((out) => {
      const type = columnTypeOf(to.type, out)
      out.write(` type ${type}`)
      if (using !== null) out.write(` using ${using}`)
    })
  if (to.default !== null && (isRetyped || !isSame(from.default, to.default)))
    alter((out) => {
      out.write(' set default ')
      writeDefaultValue(to, out)
    })
  if (from.nullable !== to.nullable) alter((out) => out.write(to.nullable ? ' drop not null' : ' set not null'))
  return actions
}

export const changeHandlers: Pick<Handlers, ChangeNode['kind']> = {
  addColumn({ table, column }, out) {
    alterTable(table, out).write(' add column ')
    writeColumn(column, out)
  },
  dropColumn({ table, column }, out) {
    alterTable(table, out).write(' drop column ').identifier(column)
  },
  alterColumn({ table, from, to, using }, out) {
    alterTable(table, out)
    writeActions(alterActions(from, to, using), out)
  },
  fillColumn({ table, column, value, rows }, out) {
    out.write('update ').identifier(table).write(' set ').identifier(column.name).write(' = ')
    out.node({ kind: 'parameter', type: typeOnly(column.type), value })
    if (rows === 'null') out.write(' where ').identifier(column.name).write(' is null')
  },
  convertColumn({ table, column, sql }, out) {
    out.write('update ').identifier(table).write(' set ').identifier(column).write(` = ${sql}`)
  },
  findRows: writeFindRows,
  renameColumn({ table, from, to }, out) {
    alterTable(table, out).write(' rename column ').identifier(from).write(' to ').identifier(to)
  },
  renameTable({ table, to }, out) {
    alterTable(table, out).write(' rename to ').identifier(to)
  },
  dropIndex({ name, concurrently }, out) {
    out.write(concurrently ? 'drop index concurrently ' : 'drop index ').identifier(name)
  },
  renameIndex({ from, to }, out) {
    out.write('alter index ').identifier(from).write(' rename to ').identifier(to)
  },
  addCheck({ table, check, notValid }, out) {
    alterTable(table, out).write(' add constraint ').identifier(check.name).write(' check (').node(check.predicate)
    out.write(notValid === true ? ') not valid' : ')')
  },
  validateConstraint({ table, added }, out) {
    const { name } = added.kind === 'addCheck' ? added.check : added.foreignKey
    alterTable(table, out).write(' validate constraint ').identifier(name)
  },
  copyRows() {
    throw new TypeError('only databases that make tables again copy their rows')
  },
  createMirror() {
    throw new TypeError('each database has triggers of its own')
  },
  swapColumns() {
    throw new TypeError('databases that change the schema in transactions rename columns one by one')
  },
  dropMirror({ name }, out) {
    out.write('drop trigger ').identifier(name)
  },
  createView({ name, query }, out) {
    out.write('create view ').identifier(name).write(` as ${query}`)
  },
  dropView({ name }, out) {
    out.write('drop view ').identifier(name)
  },
  dropCheck({ table, name }, out) {
    alterTable(table, out).write(' drop constraint ').identifier(name)
  },
}
