import type { CallNode, DatePart, ExpressionNode, ParameterNode } from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { own } from '../../util/own.js'

const FIELDS: Readonly<Partial<Record<DatePart, string>>> = own({ weekday: 'isodow', dayOfYear: 'doy' })

/** Moments are taken apart in UTC, whatever the time zone of the session. False: it is no function of dates. */
export function writeDateFunction(node: CallNode, out: SqlWriter): boolean {
  const [first, second] = node.args as [ExpressionNode, ExpressionNode]
  switch (node.name) {
    case 'datePart':
      writePart(first, node.unit as DatePart, out)
      return true
    case 'dateTruncate':
      out.write(`date_trunc('${node.unit}', `).operand(first)
      out.write(isMoment(first) ? ", 'UTC')" : '::timestamp)::date')
      return true
    case 'dateAdd':
      writeShifted(node, out)
      return true
    case 'secondsBetween':
      out.write('extract(epoch from ').operand(first).write(' - ').operand(second).write(')::float8')
      return true
    case 'daysBetween':
      out.write('(').operand(first).write(' - ').operand(second).write(')')
      return true
    default:
      return false
  }
}

const isMoment = (node: ExpressionNode) => typeOf(node)?.dataType.name === 'dateTime'

function writePart(operand: ExpressionNode, unit: DatePart, out: SqlWriter): void {
  // seconds have a fraction, and a cast would round it
  out.write(`${unit === 'second' ? 'trunc(' : ''}extract(${FIELDS[unit] ?? unit} from `).operand(operand)
  if (isMoment(operand)) out.write(" at time zone 'UTC'")
  out.write(unit === 'second' ? '))::int4' : ')::int4')
}

const DAY = 86_400_000

function writeShifted(node: CallNode, out: SqlWriter): void {
  const [operand, months, rest] = node.args as [ExpressionNode, ParameterNode, ParameterNode]
  const moment = isMoment(operand)
  out.write(moment ? '(((' : '(').operand(operand)
  if (moment) out.write(" at time zone 'UTC')")
  out.write(' + make_interval(months => ').bind(months, Number).write('::int4, days => ')
  if (!moment) {
    out.bind(rest, Number).write('::int4))::date')
    return
  }
  out.bind(rest, (value) => Math.trunc((value as number) / DAY)).write('::int4, secs => ')
  out.bind(rest, (value) => ((value as number) % DAY) / 1000).write("::float8)) at time zone 'UTC')")
}
