import type { DataType, ValueType } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { AssignmentNode, InsertNode, UpdateNode } from '../../ast/statement.js'
import { eachTableIn } from '../../ast/tables.js'
import { typeOf } from '../../ast/type-of.js'
import { someNode } from '../../ast/walk.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { own } from '../../util/own.js'
import { decimalFormOfType, givenScale, writeAsNumber } from './scaled.js'

const INTEGERS: Readonly<Partial<Record<DataType['name'], readonly [bigint, bigint]>>> = own({
  smallInteger: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigInteger: [-(2n ** 63n), 2n ** 63n - 1n],
})

/**
 * SQLite would store any number in any column. So a computed value is converted to the form of its column, and refused if
 * it does not fit, as in other databases.
 */
export function writeAssignments(assignments: readonly AssignmentNode[], out: SqlWriter): void {
  assignments.forEach((assignment, i) => {
    const { column, value } = assignment
    const type = Object.hasOwn(assignment, 'type') ? assignment.type : undefined
    out
      .write(i === 0 ? '' : ', ')
      .identifier(column)
      .write(' = ')
    writeForColumn(value, type, out)
  })
}

export function writeForColumn(value: ExpressionNode, type: ValueType | undefined, out: SqlWriter): void {
  const dataType = type?.dataType
  if (dataType === undefined || dataType.sql !== undefined || holds(dataType, value)) out.node(value)
  else writeFitting(value, dataType, out)
}

/** Whether the column can store every possible result. */
function holds(type: DataType, value: ExpressionNode): boolean {
  if (value.kind === 'parameter') return true
  const own = typeOf(value)?.dataType
  if (value.kind !== 'column' && value.kind !== 'incoming') return false
  if (own === undefined || own.name !== type.name || own.computed === true) return false
  if (type.name === 'dateTime') return (own.precision ?? 3) === (type.precision ?? 3)
  if (type.name === 'decimal')
    return (
      own.scale === type.scale &&
      (own.precision ?? 0) <= (type.precision ?? 0) &&
      decimalFormOfType(own)?.long === decimalFormOfType(type)?.long
    )
  return (own.length ?? 0) <= (type.length ?? Number.POSITIVE_INFINITY)
}

function writeFitting(value: ExpressionNode, type: DataType, out: SqlWriter): void {
  const { name, precision = 18, scale = 0, length, autoIncrement } = type
  const range = INTEGERS[name === 'smallInteger' && autoIncrement === true ? 'integer' : name]
  const own = givenScale(value)
  if (range !== undefined) out.callOwn('corm_fit_integer').node(value).write(`, ${own}, ${range[0]}, ${range[1]})`)
  else if (name === 'decimal') {
    out.callOwn(decimalFormOfType(type)?.long === true ? 'corm_long_fit' : 'corm_fit').node(value)
    out.write(`, ${own}, ${precision}, ${scale})`)
  } else if ((name === 'string' || name === 'char') && length !== undefined)
    out.callOwn('corm_fit_text').node(value).write(`, ${length})`)
  else if (name === 'float') writeAsNumber(value, out)
  else if (name === 'dateTime') writeMoment(value, type, out)
  else out.node(value)
}

/** The digits after the point in the text of a moment. */
const momentDigits = ({ precision = 3 }: DataType) => (precision > 6 ? 9 : precision > 3 ? 6 : 3)

/** The text of a moment has as many digits after the point as its column: more are cut off, missing ones are zeros. */
function writeMoment(value: ExpressionNode, type: DataType, out: SqlWriter): void {
  const own = typeOf(value)?.dataType
  if (own?.name !== 'dateTime' || type.storage !== undefined) return void out.node(value)
  const [digits, given] = [momentDigits(type), momentDigits(own)]
  if (given > digits)
    out
      .write('substr(')
      .node(value)
      .write(`, 1, ${20 + digits})`)
  else if (given === digits) out.node(value)
  else
    out
      .write('(')
      .node(value)
      .write(` || '${'0'.repeat(digits - given)}')`)
}

/** Writes `on conflict … do update set`, whose values may use both rows. */
export function writeConflict({ conflict }: InsertNode, out: SqlWriter): void {
  if (conflict === null) return
  out.write(' on conflict (').identifiers(conflict.columns).write(') do ')
  if (conflict.assignments.length === 0) out.write('nothing')
  else {
    out.write('update set ')
    writeAssignments(conflict.assignments, out)
  }
}

/** Whether a value reads, or may read, rows of the table that the statement changes. */
export function readsItself({ table, assignments }: UpdateNode): boolean {
  const target = table.name.toLowerCase()
  let found = false
  for (const { value } of assignments) {
    // raw SQL may read any table
    found ||= someNode(value, (node) => node.kind === 'raw' && node.reads === true)
    eachTableIn({ kind: 'tuple', items: [value] }, ({ name }) => {
      found ||= name.toLowerCase() === target
    })
  }
  return found
}

/**
 * SQLite updates row by row, so a value read from the same table could come from a row that was already changed. With
 * FROM it computes all values before it writes the first.
 */
export function writeComputedFirst(out: SqlWriter): void {
  out.write(' from (select 1) as corm_once')
}
