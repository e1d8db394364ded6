import type { CallNode, DatePart, ExpressionNode } from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { numberIn } from '../../util/expect.js'
import { own } from '../../util/own.js'

const FIELDS: Readonly<Partial<Record<DatePart, string>>> = own({ weekday: 'isodow', dayOfYear: 'doy' })

/** Writes a date function, in UTC whatever the time zone of the session. Returns false if the call is not one. */
export function writeDateFunction(node: CallNode, out: SqlWriter): boolean {
  switch (node.name) {
    case 'datePart':
      writePart(node.args[0], node.unit, out)
      return true
    case 'dateTruncate':
      out.write(`date_trunc('${node.unit}', `).operand(node.args[0])
      out.write(isMoment(node.args[0]) ? ", 'UTC')" : '::timestamp)::date')
      return true
    case 'dateAdd':
      writeShifted(node, out)
      return true
    case 'secondsBetween':
      out.write('extract(epoch from ').operand(node.args[0]).write(' - ').operand(node.args[1]).write(')::float8')
      return true
    case 'daysBetween':
      out.write('(').operand(node.args[0]).write(' - ').operand(node.args[1]).write(')')
      return true
    default:
      return false
  }
}

const isMoment = (node: ExpressionNode) => typeOf(node)?.dataType.name === 'dateTime'

function writePart(operand: ExpressionNode, unit: DatePart, out: SqlWriter): void {
  // seconds have a fraction, which a cast would round
  out.write(`${unit === 'second' ? 'trunc(' : ''}extract(${FIELDS[unit] ?? unit} from `).operand(operand)
  if (isMoment(operand)) out.write(" at time zone 'UTC'")
  out.write(unit === 'second' ? '))::int4' : ')::int4')
}

const DAY = 86_400_000

function writeShifted({ args }: CallNode<'dateAdd'>, out: SqlWriter): void {
  const [operand, months, rest] = args
  const moment = isMoment(operand)
  out.write(moment ? '(((' : '(').operand(operand)
  if (moment) out.write(" at time zone 'UTC')")
  out.write(' + make_interval(months => ').bind(months, Number).write('::int4, days => ')
  if (!moment) {
    out.bind(rest, Number).write('::int4))::date')
    return
  }
  out.bind(rest, (value) => Math.trunc(numberIn(value) / DAY)).write('::int4, secs => ')
  out.bind(rest, (value) => (numberIn(value) % DAY) / 1000).write("::float8)) at time zone 'UTC')")
}
