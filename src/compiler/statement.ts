import type { CompoundOperator, ExpressionNode, JoinType } from '../ast/expression.js'
import type { CountNode, DerivedTableNode, InsertNode, SelectionNode, SelectNode, TableNode } from '../ast/statement.js'
import { sourceName } from '../ast/tables.js'
import { encoderOf } from './expression.js'
import type { Handlers, SqlWriter } from './writer.js'

type StatementKinds =
  | 'select'
  | 'insert'
  | 'update'
  | 'updateRows'
  | 'delete'
  | 'rawStatement'
  | 'selection'
  | 'table'
  | 'derivedTable'
  | 'join'
  | 'compound'
  | 'cte'

export function writeWhere(where: ExpressionNode | null, out: SqlWriter): void {
  if (where !== null) out.write(' where ').node(where)
}

export function writeReturning(returning: readonly SelectionNode[], out: SqlWriter): void {
  if (returning.length > 0) out.write(' returning ').nodes(returning)
}

/** Writes a number directly into the text: it was checked to be a non-negative integer when the query was built. */
export function writeCount(count: CountNode, out: SqlWriter): void {
  if (typeof count === 'number') out.write(String(count))
  else out.bind(count, encoderOf(count, out))
}

/** Writes `insert into t (a, b) values (?, ?), …` with one parameter node per row and column. */
export function writeInsertHead(node: InsertNode, out: SqlWriter): void {
  out.write('insert into ').node(node.table)
  if (node.columns.length === 0) return
  out
    .write(' (')
    .identifiers(node.columns.map((column) => column.name))
    .write(')')
}

export function writeConflict(node: InsertNode, out: SqlWriter): void {
  if (node.conflict === null) return
  out.write(' on conflict (').identifiers(node.conflict.columns).write(') do ')
  if (node.conflict.assignments.length === 0) {
    out.write('nothing')
    return
  }
  out.write('update set ')
  writeAssignments(node.conflict.assignments, out)
}

export function writeAssignments(
  assignments: readonly { readonly column: string; readonly value: ExpressionNode }[],
  out: SqlWriter,
): void {
  for (const [i, { column, value }] of assignments.entries()) {
    if (i > 0) out.write(', ')
    out.identifier(column).write(' = ').node(value)
  }
}

export function writeRows(node: InsertNode, out: SqlWriter): void {
  const source = node.source
  if (source.kind !== 'rows') throw new TypeError('only row sources are written as VALUES')
  if (node.columns.length === 0) {
    out.write(' default values')
    return
  }
  out.write(' values ')
  for (const [i, row] of source.rows.entries()) {
    if (i > 0) out.write(', ')
    out.write('(').nodes(row).write(')')
  }
}

export function writeCtes({ ctes }: SelectNode, out: SqlWriter): void {
  if (ctes === undefined || ctes.length === 0) return
  out.write(ctes.some((cte) => cte.recursive) ? 'with recursive ' : 'with ')
  out.nodes(ctes).write(' ')
}

/** Writes the alias of a table in FROM, which it also needs if its own name is taken. */
export function writeAlias(source: TableNode | DerivedTableNode, out: SqlWriter): void {
  const alias = out.frames.aliasOf(source)
  if (alias !== null) out.write(' as ').identifier(alias)
}

/** The name of a table in the SQL text. */
export const nameOf = (source: TableNode | DerivedTableNode, out: SqlWriter): string =>
  out.frames.aliasOf(source) ?? (source.kind === 'table' ? source.name : source.alias)

export function writeFrom({ from, joins }: SelectNode, out: SqlWriter): void {
  if (from === null) return
  out.write(' from ').node(from)
  if (joins !== undefined && joins.length > 0) out.write(' ').nodes(joins, ' ')
}

const JOINS: Record<JoinType, string> = { inner: 'join', left: 'left join', right: 'right join', full: 'full join' }

const OPERATORS: Record<CompoundOperator, string> = {
  union: ' union ',
  unionAll: ' union all ',
  intersect: ' intersect ',
  except: ' except ',
}

/** Writes an operand with an ORDER BY or LIMIT as a derived table, because not all databases accept brackets around it. */
function writeOperand(node: SelectNode, at: number, out: SqlWriter): void {
  const bare = node.orderBy.length === 0 && node.limit === null && node.offset === null && node.ctes === undefined
  if (bare) out.node(node)
  else
    out
      .write('select * from (')
      .node(node)
      .write(') as ')
      .identifier(`corm_operand_${at + 1}`)
}

/** Writes a select up to ORDER BY. Dialects differ in what follows. */
export function writeSelect(node: SelectNode, out: SqlWriter): void {
  writeCtes(node, out)
  out.write(node.distinct ? 'select distinct ' : 'select ').nodes(node.selections)
  writeFrom(node, out)
  writeClauses(node, out)
}

/** Writes the clauses of a select between FROM and LIMIT. */
export function writeClauses(node: SelectNode, out: SqlWriter): void {
  writeWhere(node.where, out)
  if (node.groupBy.length > 0) out.write(' group by ').nodes(node.groupBy)
  if (node.having !== null) out.write(' having ').node(node.having)
  if (node.orderBy.length > 0) out.write(' order by ').nodes(node.orderBy)
}

/** Joined tables are only read, unless the lock names them: an outer join may have no row to lock. */
export function writeLocked({ lock, from, joins }: SelectNode, out: SqlWriter): void {
  if (joins === undefined || from === null) return
  const sources = (lock?.of ?? [null]).map((name) =>
    name === null ? from : joins.find(({ source }) => sourceName(source) === name)?.source,
  )
  out.write(' of ').identifiers(sources.map((source) => nameOf(source ?? from, out)))
}

/** Writes the row lock, which comes last. */
function writeLock(node: SelectNode, out: SqlWriter): void {
  const { lock } = node
  if (lock === undefined || lock === null) return
  out.write(lock.mode === 'owner' ? ' for no key update' : ` for ${lock.mode}`)
  writeLocked(node, out)
  if (lock.held !== 'wait') out.write(lock.held === 'skip' ? ' skip locked' : ' nowait')
}

export const statementHandlers: Pick<Handlers, StatementKinds> = {
  select(node, out) {
    writeSelect(node, out)
    if (node.limit !== null) writeCount(node.limit, out.write(' limit '))
    if (node.offset !== null) writeCount(node.offset, out.write(' offset '))
    writeLock(node, out)
  },
  insert(node, out) {
    writeInsertHead(node, out)
    writeRows(node, out)
    writeConflict(node, out)
    writeReturning(node.returning, out)
  },
  update(node, out) {
    out.write('update ').node(node.table).write(' set ')
    writeAssignments(node.assignments, out)
    writeWhere(node.where, out)
    writeReturning(node.returning, out)
  },
  updateRows() {
    throw new TypeError('this database updates row by row')
  },
  delete(node, out) {
    out.write('delete from ').node(node.table)
    writeWhere(node.where, out)
    writeReturning(node.returning, out)
  },
  rawStatement(node, out) {
    out.node(node.sql)
  },
  selection(node, out) {
    const read = node.type === null ? undefined : out.syntax.codec(node.type).read
    if (read === undefined) out.node(node.expression)
    else {
      const before = out.sql
      out.sql = ''
      out.node(node.expression)
      out.sql = before + read(out.sql)
    }
    if (node.alias !== null) out.write(' as ').identifier(node.alias)
  },
  table(node, out) {
    out.identifier(node.name)
    writeAlias(node, out)
  },
  derivedTable(node, out) {
    out.write('(').node(node.query).write(')')
    writeAlias(node, out)
  },
  join(node, out) {
    out.write(`${JOINS[node.type]} `).node(node.source).write(' on ').node(node.on)
  },
  compound(node, out) {
    node.operands.forEach((operand, i) => {
      if (i > 0) out.write(OPERATORS[node.operator])
      writeOperand(operand, i, out)
    })
  },
  cte(node, out) {
    out.identifier(node.name).write(' as (').node(node.query).write(')')
  },
}
