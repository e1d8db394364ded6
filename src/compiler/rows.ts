import type { FindRowsNode, RowCondition } from '../ast/rows.js'
import type { SqlWriter } from './writer.js'

// Only a key to another table needs the rows under another name: it may be a key to the same table.
const ROW = 'corm_row'
const TARGET = 'corm_target'

function writeColumns(columns: readonly string[], join: string, end: string, out: SqlWriter): void {
  for (const [i, column] of columns.entries()) {
    out.write(i === 0 ? '' : join)
    out.identifier(column).write(end)
  }
}

function writeRepeated(
  { columns, expression, where }: RowCondition & { kind: 'repeated' },
  table: string,
  out: SqlWriter,
): void {
  const values = () => {
    if (expression !== null) out.node(expression)
    else out.identifiers(columns)
  }
  const hasValues = () => {
    if (where !== null) out.write('(').node(where).write(') and ')
    if (expression !== null) out.write('(').node(expression).write(') is not null')
    else writeColumns(columns, ' and ', ' is not null', out)
  }
  hasValues()
  out.write(' and (')
  values()
  out.write(') in (select ')
  values()
  out.write(' from ').identifier(table).write(' where ')
  hasValues()
  out.write(' group by ')
  values()
  out.write(' having count(*) > 1)')
}

function writeLost(
  { foreignKey: { columns, table, references } }: RowCondition & { kind: 'lost' },
  out: SqlWriter,
): void {
  for (const column of columns) out.identifier(ROW).write('.').identifier(column).write(' is not null and ')
  out.write('not exists (select 1 from ').identifier(table).write(' as ').identifier(TARGET)
  for (const [i, column] of columns.entries()) {
    out
      .write(i === 0 ? ' where ' : ' and ')
      .identifier(TARGET)
      .write('.')
      .identifier(references[i] ?? column)
    out.write(' = ').identifier(ROW).write('.').identifier(column)
  }
  out.write(')')
}

function writeCondition(where: RowCondition, table: string, out: SqlWriter): void {
  switch (where.kind) {
    case 'all':
      return void out.write(out.syntax.truth(true))
    case 'null':
      return void out.identifier(where.column).write(' is null')
    case 'unless':
      return void out.write(`not (${where.sql})`)
    case 'violating':
      return void out.write('not (').node(where.predicate).write(')')
    case 'repeated':
      return writeRepeated(where, table, out)
    case 'lost':
      return writeLost(where, out)
  }
}

export function writeFindRows({ table, where, read }: FindRowsNode, out: SqlWriter): void {
  out.write('select ')
  if (read === null) out.write('count(*)')
  else out.identifiers(read.columns)
  out.write(' from ').identifier(table)
  if (where.kind === 'lost') out.write(' as ').identifier(ROW)
  out.write(' where ')
  writeCondition(where, table, out)
  if (read === null) return
  out.write(' order by ').identifiers(read.columns).write(` limit ${read.limit}`)
}
