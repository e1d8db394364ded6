import type { CallNode, ExpressionNode } from '../../ast/expression.js'
import { typeNameOf } from '../../ast/type-of.js'
import { writeCall } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { own } from '../../util/own.js'
import { writeDateFunction } from './dates.js'
import { writeJsonSet } from './json.js'
import { familyOf, writeText } from './operands.js'

const TEXT_FUNCTIONS: Readonly<Record<string, string>> = own({
  lower: 'lower',
  upper: 'upper',
  length: 'char_length',
  trim: 'btrim',
  ltrim: 'ltrim',
  rtrim: 'rtrim',
  replace: 'replace',
  position: 'strpos',
})

/** Writes a scalar function. Returns false if the call is not one. */
export function writeScalar(node: CallNode, out: SqlWriter): boolean {
  if (node.name === 'length' && typeNameOf(node.args[0]) === 'array') {
    out.write('cardinality(').node(node.args[0]).write(')')
    return true
  }
  const textFunction = TEXT_FUNCTIONS[node.name]
  if (textFunction !== undefined) {
    out.write(`${textFunction}(`)
    const args: readonly ExpressionNode[] = node.args
    args.forEach((arg, i) => {
      if (i > 0) out.write(', ')
      writeText(arg, out)
    })
    out.write(')')
    return true
  }
  switch (node.name) {
    case 'substring':
      writeSubstring(node, out)
      return true
    case 'round':
    case 'floor':
    case 'ceil':
    case 'sign':
      writeNumber(node, out)
      return true
    case 'greatest':
    case 'least':
      writeExtremeOf(node, out)
      return true
    case 'jsonSet':
      writeJsonSet(node, out)
      return true
    case 'digest':
      out.write('encode(sha256(convert_to(')
      writeText(node.args[0], out)
      out.write(", 'UTF8')), 'hex')")
      return true
    default:
      return writeDateFunction(node, out)
  }
}

function writeSubstring({ args }: CallNode<'substring'>, out: SqlWriter): void {
  const [text, ...places] = args
  out.write('substr(')
  writeText(text, out)
  for (const each of places) {
    out.write(', ').operand(each)
    if (each.kind !== 'parameter') out.write('::int4')
  }
  out.write(')')
}

/** The server rounds a double's half to even. As a decimal it rounds away from zero, as in every other database. */
function writeNumber(node: CallNode<'round' | 'floor' | 'ceil' | 'sign'>, out: SqlWriter): void {
  const [number] = node.args
  const family = familyOf(number)
  if (node.name === 'sign') out.write('sign(').node(number).write(')::int4')
  else if (family === 'integer') out.operand(number)
  else if (node.name !== 'round') writeCall(node, out)
  else if (family === 'float') out.write('round(').operand(number).write(`::text::numeric, ${node.count})::float8`)
  else out.write('round(').operand(number).write(`::numeric, ${node.count})`)
}

/** PostgreSQL ignores NULL here, while the other databases return NULL. */
function writeExtremeOf(node: CallNode<'greatest' | 'least'>, out: SqlWriter): void {
  out.write('case when ')
  const open = node.args.filter((arg) => arg.kind !== 'parameter' || arg.value === null)
  open.forEach((arg, i) =>
    out
      .write(i > 0 ? ' and ' : '')
      .operand(arg)
      .write(' is not null'),
  )
  if (open.length === 0) out.write('true')
  out.write(` then ${node.name}(`).nodes(node.args).write(') end')
}
