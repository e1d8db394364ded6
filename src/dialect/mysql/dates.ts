import type { CallNode, DatePart, ExpressionNode } from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import type { SqlWriter } from '../../compiler/writer.js'
import type { DateUnit } from '../../types/expression.js'
import { integerIn } from '../../util/expect.js'
import { own } from '../../util/own.js'
import { earlier, localTime, offsetAt, offsetAtLocal } from './zones.js'

/** Writes a date function; returns false if the call is not one. Date-times are stored in UTC. */
export function writeDateFunction(node: CallNode, out: SqlWriter): boolean {
  switch (node.name) {
    case 'datePart':
      writePart(inZone(node), node.unit, out)
      return true
    case 'dateTruncate':
      writeTruncated(node, out)
      return true
    case 'dateAdd':
      writeShifted(node, out)
      return true
    case 'secondsBetween':
      out.write('(timestampdiff(microsecond, ').node(node.args[1]).write(', ').node(node.args[0]).write(') / 1e6)')
      return true
    case 'daysBetween':
      out.write('datediff(').nodes(node.args).write(')')
      return true
    default:
      return false
  }
}

function writePart(operand: ExpressionNode, unit: DatePart, out: SqlWriter): void {
  if (unit === 'weekday') out.write('(weekday(').node(operand).write(') + 1)')
  // mode 3 counts weeks as ISO 8601 does
  else if (unit === 'week') out.write('week(').node(operand).write(', 3)')
  else out.write(`${unit.toLowerCase()}(`).node(operand).write(')')
}

function typeName(node: ExpressionNode): string {
  const type = typeOf(node)?.dataType
  if (type?.name === 'date') return 'date'
  return (type?.precision ?? 3) > 3 ? 'datetime(6)' : 'datetime(3)'
}

const FORMATS: Readonly<Partial<Record<DateUnit, string>>> = own({
  year: '%Y-01-01',
  month: '%Y-%m-01',
  day: '%Y-%m-%d',
  hour: '%Y-%m-%d %H:00:00',
  minute: '%Y-%m-%d %H:%i:00',
  second: '%Y-%m-%d %H:%i:%s',
})

function writeTruncated(node: CallNode<'dateTruncate'>, out: SqlWriter): void {
  const { args, unit, zone } = node
  if (zone === undefined) return writeStart(args[0], node, out)
  const start = { ...node, args: [localTime(args[0], zone)] as const, zone: undefined }
  const offset = OF_ONE_OFFSET.has(unit) ? offsetAt(args[0], zone) : offsetAtLocal(start, zone)
  out
    .write('cast(')
    .node(earlier(start, offset))
    .write(` as ${typeName(node)})`)
}

const OF_ONE_OFFSET: ReadonlySet<DateUnit> = new Set<DateUnit>(['hour', 'minute', 'second'])

/** What a part is read from. */
const inZone = ({ args: [operand], zone }: CallNode<'datePart'>): ExpressionNode =>
  zone === undefined ? operand : localTime(operand, zone)

function writeStart(operand: ExpressionNode, node: CallNode<'dateTruncate'>, out: SqlWriter): void {
  const { unit } = node
  out.write('cast(')
  if (unit === 'week')
    out.write('date_sub(date(').node(operand).write('), interval weekday(').node(operand).write(') day)')
  else if (unit === 'quarter')
    out
      .write('date_add(makedate(year(')
      .node(operand)
      .write('), 1), interval (quarter(')
      .node(operand)
      .write(') - 1) * 3 month)')
  else out.write('date_format(').node(operand).write(`, '${FORMATS[unit]}')`)
  out.write(` as ${typeName(node)})`)
}

function writeShifted(node: CallNode<'dateAdd'>, out: SqlWriter): void {
  const [operand, months, rest] = node.args
  const date = typeName(node) === 'date'
  out.write('cast(date_add(date_add(').node(operand).write(', interval ').bind(months, integerIn)
  out.write(' month), interval ')
  out.bind(rest, (value) => integerIn(value) * (date ? 1n : 1000n))
  out.write(`${date ? ' day' : ' microsecond'}) as ${typeName(node)})`)
}
