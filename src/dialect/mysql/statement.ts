import type { ConflictNode, CountNode, DeleteNode, InsertNode, SelectNode } from '../../ast/statement.js'
import { encoderOf } from '../../compiler/expression.js'
import { writeClauses, writeCtes, writeFrom, writeReturning, writeWhere } from '../../compiler/statement.js'
import type { Handlers, SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import { integerIn } from '../../util/expect.js'
import { refuseJoins } from '../parameters.js'
import { inReadingOrder } from './assignments.js'
import { OTHER_KEY } from './errors.js'
import { writeAssigned } from './expression.js'
import { havingOf } from './having.js'
import { writeRowLock } from './lock.js'
import { orderOfGroups } from './order-of-groups.js'
import { hasRowAlias, type MysqlServer, serverName } from './server.js'
import { targetOf, withTarget } from './syntax.js'
import { writeUpdateRows } from './update-rows.js'

/** The documented way to write an offset without a limit. */
const NO_LIMIT = '18446744073709551615'

/** MySQL accepts no double here, and the driver sends a number as one, so the count is bound as a bigint. */
function writeCount(count: CountNode, out: SqlWriter): void {
  if (typeof count === 'number') {
    out.write(String(count))
    return
  }
  const encode = encoderOf(count, out)
  out.bind(count, (value) => integerIn(encode(value)))
}

function refuseReturning(feature: string, server: MysqlServer): never {
  throw new UnsupportedError(feature, serverName(server), 'Read the rows with a separate query.')
}

/** The most tables in a join: https://dev.mysql.com/doc/refman/8.4/en/join.html. MariaDB has the same limit. */
const MOST_JOINED = 61

function writeSelect(node: SelectNode, out: SqlWriter, server: MysqlServer): void {
  refuseJoins(node, MOST_JOINED, serverName(server))
  const hidden = isHidden(node, out)
  writeCtes(node, out)
  out.write(node.distinct ? 'select distinct ' : 'select ')
  // if it were merged into the statement, the server would see the changed table itself again
  if (hidden !== null) out.write('/*+ no_merge(').identifier(hidden).write(') */ ')
  out.nodes(node.selections)
  writeFrom(node, out)
  if (node.from === null && node.where !== null) out.write(' from dual')
  const having = havingOf(node)
  const orderBy = server.mariadb ? orderOfGroups(node) : node.orderBy
  writeClauses(having === node.having && orderBy === node.orderBy ? node : { ...node, having, orderBy }, out)
  if (node.limit !== null) writeCount(node.limit, out.write(' limit '))
  else if (node.offset !== null) out.write(` limit ${NO_LIMIT}`)
  if (node.offset !== null) writeCount(node.offset, out.write(' offset '))
  writeRowLock(node, out, server)
}

/** The alias under which a sub-select reads the table that the statement changes. */
function isHidden(node: SelectNode, out: SqlWriter): string | null {
  const target = targetOf(out)
  if (target?.hide !== true || node.from?.kind !== 'table' || node.from.name !== target.table) return null
  return out.frames.aliasOf(node.from) ?? node.from.name
}

function writeRows(node: InsertNode, out: SqlWriter): void {
  if (node.source.kind !== 'rows') throw new TypeError('this database takes rows')
  out.write('insert into ').identifier(node.table.name).write(' (')
  out.identifiers(node.columns.map((column) => column.name)).write(') values ')
  const { rows } = node.source
  // `() values ()` inserts a row of defaults
  for (const [i, row] of rows.entries()) {
    out.write(i === 0 ? '(' : ', (')
    for (const [j, value] of row.entries()) {
      if (j > 0) out.write(', ')
      writeAssigned(value, out)
    }
    out.write(')')
  }
}

/**
 * The servers treat a duplicate of any unique key as the conflict, and the statement can't name one. If another key may
 * be violated, the assignments check the existing row.
 */
function writeConflict(conflict: ConflictNode, insert: InsertNode, out: SqlWriter, server: MysqlServer): void {
  const { assignments, columns, others } = conflict
  const [key] = columns
  if (key === undefined)
    throw new UnsupportedError('A conflict without columns', serverName(server), 'Name the unique columns.')
  const given = new Set(insert.columns.map(({ name }) => name))
  const isDoubtful = others.some((other) => other.every((column) => given.has(column)))
  if (hasRowAlias(server) && (assignments.length > 0 || isDoubtful)) out.write(' as ').identifier('incoming')
  out.write(' on duplicate key update ')
  const name = insert.table.alias ?? insert.table.name
  // an assignment sees the new values of those before it, and of two for one column only one is applied
  const place = isDoubtful ? assignments.findIndex(({ column }) => columns.includes(column)) : -1
  if (isDoubtful && place < 0) {
    writeKey({ key, columns, table: name }, out, () => writeThere(name, key, out))
    if (assignments.length > 0) out.write(', ')
  }
  // changes nothing; INSERT IGNORE would also hide other errors
  else if (assignments.length === 0) out.identifier(key).write(' = ').identifier(key)
  const guard = assignments[place]
  if (guard === undefined) return writeAssignments(assignments, out)
  writeAssignments(assignments.slice(0, place), out)
  if (place > 0) out.write(', ')
  writeKey({ key: guard.column, columns, table: name }, out, () => writeAssigned(guard.value, out))
  if (place < assignments.length - 1) out.write(', ')
  writeAssignments(assignments.slice(place + 1), out)
}

const writeThere = (table: string, column: string, out: SqlWriter) =>
  out.identifier(table).write('.').identifier(column)

interface UniqueKey {
  readonly key: string
  readonly columns: readonly string[]
  readonly table: string
}

/** Sets a column of the key, and fails if the existing row conflicts by another key. */
function writeKey({ key, columns, table }: UniqueKey, out: SqlWriter, writeValue: () => void): void {
  out.identifier(key).write(' = if(')
  for (const [i, column] of columns.entries()) {
    if (i > 0) out.write(' and ')
    writeThere(table, column, out).write(' <=> ').node({ kind: 'incoming', column, type: null })
  }
  out.write(` or ${OTHER_KEY}, `)
  writeValue()
  out.write(', ')
  writeThere(table, key, out).write(')')
}

function writeAssignments(assignments: ConflictNode['assignments'], out: SqlWriter): void {
  for (const [i, { column, value }] of assignments.entries()) {
    if (i > 0) out.write(', ')
    out.identifier(column).write(' = ')
    writeAssigned(value, out)
  }
}

/** MariaDB accepts an alias only in the multi-table form, which allows no sub-select over the same table. */
function writeDelete(node: DeleteNode, out: SqlWriter, server: MysqlServer): void {
  const { name, alias } = node.table
  out.write('delete ')
  if (alias !== null && server.mariadb) out.identifier(alias).write(' ')
  out.write('from ').identifier(name)
  if (alias !== null) out.write(' as ').identifier(alias)
  writeWhere(node.where, out)
}

/** The handlers of statements that differ from standard SQL. */
export function statementOverrides(server: MysqlServer, returning: boolean): Partial<Handlers> {
  const hide = !server.mariadb
  return {
    select: (node, out) => writeSelect(node, out, server),
    insert(node, out) {
      if (node.returning.length > 0 && !returning) refuseReturning('INSERT … RETURNING', server)
      writeRows(node, out)
      const { name, alias } = node.table
      withTarget(out, { table: name, alias: alias ?? name, qualify: true, hide: false }, () => {
        if (node.conflict !== null) writeConflict(node.conflict, node, out, server)
        writeReturning(node.returning, out)
      })
    },
    update(node, out) {
      if (node.returning.length > 0) refuseReturning('UPDATE … RETURNING', server)
      const { name, alias } = node.table
      out.write('update ').node(node.table).write(' set ')
      withTarget(out, { table: name, alias, qualify: false, hide }, () => {
        writeAssignments(server.mariadb ? node.assignments : inReadingOrder(node.assignments), out)
        writeWhere(node.where, out)
      })
    },
    updateRows(node, out) {
      writeUpdateRows(node, out, server)
    },
    delete(node, out) {
      const { name, alias } = node.table
      // MariaDB supports RETURNING only in the single-table form
      if (node.returning.length > 0 && (!server.mariadb || alias !== null))
        refuseReturning('DELETE … RETURNING', server)
      withTarget(out, { table: name, alias, qualify: false, hide }, () => {
        writeDelete(node, out, server)
        writeReturning(node.returning, out)
      })
    },
  }
}
