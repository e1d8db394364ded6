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
      writePart(node.args[0], node, out)
      return true
    case 'dateTruncate':
      if (node.zone !== undefined) {
        writeTruncated(node, node.zone, out)
        return true
      }
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

function writePart(operand: ExpressionNode, { unit, zone = 'UTC' }: CallNode<'datePart'>, out: SqlWriter): void {
  // seconds have a fraction, which a cast would round
  out.write(`${unit === 'second' ? 'trunc(' : ''}extract(${FIELDS[unit] ?? unit} from `).operand(operand)
  if (isMoment(operand)) out.write(` at time zone '${zone}'`)
  out.write(unit === 'second' ? '))::int4' : ')::int4')
}

const OF_ONE_OFFSET: ReadonlySet<string> = new Set(['hour', 'minute', 'second'])

/**
 * Of a local time that clocks show twice, the server takes the later one, which may be after the operand. A day, month and so on
 * begins at the earlier one: that is `start` moved back by the offset of the day before, if clocks then show the same.
 */
function writeTruncated({ args, unit }: CallNode<'dateTruncate'>, zone: string, out: SqlWriter): void {
  const start = () => out.write(`date_trunc('${unit}', `).operand(args[0]).write(`, '${zone}')`)
  if (OF_ONE_OFFSET.has(unit)) return void start()
  const earlier = () => {
    start().write(' + (')
    start().write(` at time zone '${zone}' - (`)
    start().write(` - interval '24 hours') at time zone '${zone}' - interval '24 hours')`)
  }
  out.write('(case when (')
  earlier()
  out.write(`) at time zone '${zone}' = `)
  start().write(` at time zone '${zone}' then `)
  earlier()
  out.write(' else ')
  start().write(' end)')
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
