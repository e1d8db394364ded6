import { RAW } from '../../ast/bases.js'
import type { CallNode, DateFunction, DatePart, ExpressionNode, FunctionName } from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import type { SqlWriter } from '../../compiler/writer.js'
import type { DateUnit } from '../../types/expression.js'
import { numberIn } from '../../util/expect.js'
import { own } from '../../util/own.js'

// Date-times are texts of one form, `YYYY-MM-DD HH:MM:SS.fff`, so most functions are substrings. SQLite's own functions
// would round to milliseconds. https://sqlite.org/lang_datefunc.html

const DATE_FUNCTIONS: ReadonlySet<FunctionName> = new Set<DateFunction>([
  'datePart',
  'dateTruncate',
  'dateAdd',
  'secondsBetween',
  'daysBetween',
])

export const isDateFunction = (node: CallNode): node is CallNode<DateFunction> => DATE_FUNCTIONS.has(node.name)

export function writeDateFunction(node: CallNode<DateFunction>, out: SqlWriter): void {
  switch (node.name) {
    case 'datePart':
      return writePart(inZone(node, out), node.unit, out)
    case 'dateTruncate':
      if (node.zone !== undefined)
        return void out.callOwn('corm_truncate').write(`'${node.unit}', `).node(node.args[0]).write(`, '${node.zone}')`)
      return writeTruncated(node.args[0], node.unit, fractionOf(node), out)
    case 'dateAdd':
      return writeShifted(node, out)
    case 'secondsBetween':
      return writeSeconds(...node.args, out)
    case 'daysBetween':
      out.write('((unixepoch(').node(node.args[0]).write(') - unixepoch(').node(node.args[1]).write(')) / 86400)')
  }
}

/** What a clock in the zone of a part shows, in the same form. */
function inZone({ args: [operand], zone }: CallNode<'datePart'>, { ownFunctions }: SqlWriter): ExpressionNode {
  if (zone === undefined) return operand
  ownFunctions.add('corm_local')
  return { ...RAW, texts: ['corm_local(', `, '${zone}')`], nodes: [operand], dynamic: false, ours: true }
}

/** Computes with whole microseconds, so that no digit is lost. */
function writeSeconds(later: ExpressionNode, earlier: ExpressionNode, out: SqlWriter): void {
  const part = (before: string, node: ExpressionNode, after: string) => out.write(before).operand(node).write(after)
  part('(((unixepoch(substr(', later, ', 1, 19)) - ')
  part('unixepoch(substr(', earlier, ', 1, 19))) * 1000000')
  part(' + substr(', later, " || '000', 21, 6)")
  part(' - substr(', earlier, " || '000', 21, 6)) / 1000000.0)")
}

/** The digits of the fraction; null for a date. */
function fractionOf(node: ExpressionNode): number | null {
  const type = typeOf(node)?.dataType
  if (type?.name === 'date') return null
  const { precision = 3 } = type ?? {}
  return precision > 6 ? 9 : precision > 3 ? 6 : 3
}

/** The position of each part in a date-time. Subtract 11 for a time of day. */
const PLACES: Readonly<Partial<Record<DatePart, readonly [start: number, length: number]>>> = own({
  year: [1, 4],
  month: [6, 2],
  day: [9, 2],
  hour: [12, 2],
  minute: [15, 2],
  second: [18, 2],
})
const FORMATS: Readonly<Partial<Record<DatePart, string>>> = own({ week: '%V', dayOfYear: '%j', weekday: '%u' })

function writePart(operand: ExpressionNode, unit: DatePart, out: SqlWriter): void {
  const place = PLACES[unit]
  if (place !== undefined) {
    const start = typeOf(operand)?.dataType.name === 'time' ? place[0] - 11 : place[0]
    out.write('cast(substr(').node(operand).write(`, ${start}, ${place[1]}) as integer)`)
  } else if (unit === 'quarter') out.write('((substr(').node(operand).write(', 6, 2) + 2) / 3)')
  else out.write(`cast(strftime('${FORMATS[unit]}', substr(`).node(operand).write(', 1, 10)) as integer)')
}

const EMPTY = '0000-01-01 00:00:00.'
const KEPT: Readonly<Partial<Record<DateUnit, number>>> = own({
  year: 4,
  month: 7,
  day: 10,
  hour: 13,
  minute: 16,
  second: 19,
})

function writeTruncated(operand: ExpressionNode, unit: DateUnit, fraction: number | null, out: SqlWriter): void {
  const whole = fraction === null ? EMPTY.slice(0, 10) : EMPTY + '0'.repeat(fraction)
  const kept = KEPT[unit]
  if (kept !== undefined && kept >= whole.length) out.operand(operand)
  else if (kept !== undefined)
    out
      .write('(substr(')
      .node(operand)
      .write(`, 1, ${kept}) || '${whole.slice(kept)}')`)
  else if (unit === 'week')
    out
      .write(`(date(substr(`)
      .node(operand)
      .write(`, 1, 10), 'weekday 0', '-6 days') || '${whole.slice(10)}')`)
  else {
    out.write('(substr(').node(operand).write(", 1, 5) || substr('010101040404070707101010', substr(").node(operand)
    out.write(`, 6, 2) * 2 - 1, 2) || '${whole.slice(7)}')`)
  }
}

function writeShifted(node: CallNode<'dateAdd'>, out: SqlWriter): void {
  const [operand, months, rest] = node.args
  const fraction = fractionOf(node)
  if (fraction === null) out.write('date(').node(operand)
  else
    out
      .write(`${fraction > 3 ? '(' : ''}strftime('%Y-%m-%d %H:%M:%f', substr(`)
      .node(operand)
      .write(', 1, 23)')
  // a day beyond the end of the month becomes its last day
  out
    .write(', ')
    .bind(months, (value) => `${value} months`)
    .write(", 'floor', ")
  out.bind(rest, (value) => (fraction === null ? `${value} days` : secondsText(numberIn(value))))
  out.write(')')
  if (fraction !== null && fraction > 3) out.write(' || substr(').node(operand).write(', 24))')
}

function secondsText(milliseconds: number): string {
  const size = Math.abs(milliseconds)
  const rest = String(size % 1000).padStart(3, '0')
  return `${milliseconds < 0 ? '-' : ''}${Math.floor(size / 1000)}.${rest} seconds`
}
