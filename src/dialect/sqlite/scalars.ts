import type { CallNode, ExpressionNode, FunctionName } from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import { writeCall } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import { own } from '../../util/own.js'
import { DATE_FUNCTIONS, writeDateFunction } from './dates.js'
import { writeJsonEquals, writeJsonSet } from './json.js'
import { isLongDecimal, scaleOf, writeAtScale } from './scaled.js'

const NAMES: Readonly<Partial<Record<FunctionName, string>>> = own({
  lower: 'corm_lower',
  upper: 'corm_upper',
  substring: 'substr',
  position: 'instr',
  greatest: 'max',
  least: 'min',
})

const EXTREMES: ReadonlySet<string> = new Set(['greatest', 'least'])

const INTEGERS = ['smallInteger', 'integer', 'bigInteger']

/** Functions of one row's values; false: it is none. */
export function writeScalar(node: CallNode, out: SqlWriter): boolean {
  if (DATE_FUNCTIONS.has(node.name)) {
    writeDateFunction(node, out)
    return true
  }
  switch (node.name) {
    case 'lower':
    case 'upper':
    case 'length':
    case 'trim':
    case 'ltrim':
    case 'rtrim':
    case 'substring':
    case 'replace':
    case 'position':
      out
        .write(`${NAMES[node.name] ?? node.name}(`)
        .nodes(node.args)
        .write(')')
      return true
    case 'coalesce':
    case 'nullIf':
    case 'greatest':
    case 'least':
      writeAtOneScale(node, out)
      return true
    case 'abs':
    case 'round':
    case 'floor':
    case 'ceil':
    case 'sign':
      writeNumber(node, out)
      return true
    case 'jsonSet':
      writeJsonSet(node, out)
      return true
    case 'jsonEquals':
      writeJsonEquals(node, out)
      return true
    default:
      return false
  }
}

function refuseLong(node: ExpressionNode, name: string): void {
  if (isLongDecimal(typeOf(node)?.dataType))
    throw new UnsupportedError(`${name}() of a decimal of more than 18 digits`, 'SQLite', 'Compute it in code.')
}

function writeAtOneScale(node: CallNode, out: SqlWriter): void {
  const scale = scaleOf(node)
  out.write(`${NAMES[node.name] ?? node.name.toLowerCase()}(`)
  node.args.forEach((arg, i) => {
    if (EXTREMES.has(node.name)) refuseLong(arg, node.name)
    if (i > 0) out.write(', ')
    if (scale === null) out.node(arg)
    else writeAtScale(arg, scale, out)
  })
  out.write(')')
}

function writeNumber(node: CallNode, out: SqlWriter): void {
  const { name, count = 0 } = node
  const [number] = node.args as [ExpressionNode]
  refuseLong(number, name)
  const scale = scaleOf(number)
  const isInteger = INTEGERS.includes(typeOf(number)?.dataType.name ?? '')
  if (name === 'abs' || name === 'sign') writeCall(node, out)
  else if (isInteger || (scale !== null && scale <= count)) out.operand(number)
  else if (scale !== null)
    out
      .write(`corm_${name}_scaled(`)
      .node(number)
      .write(`, ${10 ** (scale - count)})`)
  else if (name === 'round') out.write('corm_round_digits(').node(number).write(`, ${count})`)
  else writeCall(node, out)
}
