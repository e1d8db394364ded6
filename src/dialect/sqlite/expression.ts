import type { CallNode, CastNode } from '../../ast/expression.js'
import { typeNameOf } from '../../ast/type-of.js'
import { writeOrderOf, writeRowsOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import { type DecimalForm, decimalFormOf, writeIn, writeKey } from './scaled.js'

/** `random()` is any 64-bit integer; 53 bits of it make a number below 1. */
export const RANDOM = '(abs(random() % 9007199254740992) / 9007199254740992.0)'

function decimalForm(node: CastNode): DecimalForm {
  const form = decimalFormOf(node)
  if (form === null) throw new TypeError('a cast to a decimal has no decimal type')
  return form
}

export function writeCast(node: CastNode, out: SqlWriter): void {
  const { operand, to } = node
  const form = decimalFormOf(operand)
  if (to === 'decimalKey') writeKey(operand, out)
  else if (to === 'decimal') writeIn(decimalForm(node), operand, out)
  else if (to === 'longText') out.node(operand)
  else if (to === 'date') out.write('date(').node(operand).write(')')
  else if (to === 'text' && form !== null && !form.long)
    out.callOwn('corm_digits').node(operand).write(`, ${form.scale})`)
  else if (to === 'text' && typeNameOf(operand) === 'boolean')
    out.write('(case ').operand(operand).write(" when 1 then 'true' when 0 then 'false' end)")
  else if (form?.long === true && (to === 'integer' || to === 'bigInteger'))
    out.callOwn('corm_long_cut').node(operand).write(')')
  else if (form !== null && !form.long && form.scale > 0)
    out
      .write('(')
      .operand(operand)
      .write(` / ${10 ** form.scale}${to === 'float' ? '.0' : ''})`)
  else out.write('cast(').node(operand).write(` as ${TYPES[to]})`)
}

const TYPES = { integer: 'integer', bigInteger: 'integer', float: 'real', text: 'text' } as const

export function writeGroupConcat(node: CallNode, out: SqlWriter): void {
  const { separator = ',' } = node
  if (node.distinct && separator !== ',')
    throw new UnsupportedError(
      'groupConcat of distinct values with a custom separator',
      'SQLite',
      'Leave the separator out: it is a comma then.',
    )
  out.write(node.distinct ? 'group_concat(distinct ' : 'group_concat(').nodes(node.args)
  if (!node.distinct) out.write(', ').bind({ kind: 'parameter', type: null, value: separator }, String)
  writeOrderOf(node, out)
  out.write(')')
  writeRowsOf(node, out)
}
