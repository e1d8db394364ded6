import type { CallNode, ExpressionNode, FunctionName, NumberFunction } from '../../ast/expression.js'
import { typeNameOf, typeOf } from '../../ast/type-of.js'
import { writeCall } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { own } from '../../util/own.js'
import { isDateFunction, writeDateFunction } from './dates.js'
import { writeJsonSet } from './json.js'
import {
  bindAround,
  type DecimalForm,
  decimalFormOf,
  isTyped,
  type TypedParameter,
  writeIn,
  writeKey,
} from './scaled.js'

const NAMES: Readonly<Partial<Record<FunctionName, string>>> = own({
  substring: 'substr',
  position: 'instr',
  greatest: 'max',
  least: 'min',
})

/** Those that SQLite lacks, or that know ASCII only. */
const OWN_NAMES: Readonly<Partial<Record<FunctionName, string>>> = own({
  lower: 'corm_lower',
  upper: 'corm_upper',
  digest: 'corm_sha256',
})

const EXTREMES: ReadonlySet<string> = new Set(['greatest', 'least'])

const INTEGERS = ['smallInteger', 'integer', 'bigInteger']

/** Writes a scalar function. Returns false if the call is not one. */
export function writeScalar(node: CallNode, out: SqlWriter): boolean {
  if (isDateFunction(node)) {
    writeDateFunction(node, out)
    return true
  }
  if (node.name === 'length' && typeNameOf(node.args[0]) === 'array') {
    out.write('json_array_length(').node(node.args[0]).write(')')
    return true
  }
  const ownName = OWN_NAMES[node.name]
  if (ownName !== undefined) {
    out.callOwn(ownName).nodes(node.args).write(')')
    return true
  }
  switch (node.name) {
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
    case 'translated':
      writeCall(node, out)
      return true
    case 'jsonSet':
      writeJsonSet(node, out)
      return true
    default:
      return false
  }
}

function writeAtOneScale(node: CallNode<'coalesce' | 'nullIf' | 'greatest' | 'least'>, out: SqlWriter): void {
  const form = decimalFormOf(node)
  // decimals stored as text do not sort by value
  const byKey = form?.long === true && EXTREMES.has(node.name)
  if (byKey) out.callOwn('corm_decimal_unkey')
  out.write(`${NAMES[node.name] ?? node.name.toLowerCase()}(`)
  const args: readonly ExpressionNode[] = node.args
  args.forEach((arg, i) => {
    if (i > 0) out.write(', ')
    if (form === null) out.node(arg)
    else if (byKey) writeKey(arg, out)
    else if (isTyped(arg) && arg.type.dataType.compared !== undefined) writeEqual(arg, form, out)
    else writeIn(form, arg, out)
  })
  out.write(')')
  if (byKey) out.write(`, ${form.scale})`)
}

/** The operand of NULLIF may have more digits than the value, and then equals none. */
function writeEqual(node: TypedParameter, form: DecimalForm, out: SqlWriter): void {
  if (form.long) out.node(node)
  else bindAround(node, form.scale, 'none', out)
}

function writeNumber(node: CallNode<NumberFunction>, out: SqlWriter): void {
  const { name, count = 0 } = node
  const [number] = node.args
  const form = decimalFormOf(number)
  const isInteger = INTEGERS.includes(typeOf(number)?.dataType.name ?? '')
  if (name === 'abs' || name === 'sign') {
    if (form?.long === true) out.callOwn(`corm_long_${name}`).node(number).write(')')
    else writeCall(node, out)
  } else if (isInteger || (form !== null && form.scale <= count)) out.operand(number)
  else if (form?.long === true) out.callOwn(`corm_long_${name}`).node(number).write(`, ${count}, ${form.scale})`)
  else if (form !== null)
    out
      .callOwn(`corm_${name}_scaled`)
      .node(number)
      .write(`, ${10 ** (form.scale - count)})`)
  else if (name === 'round') out.callOwn('corm_round_digits').node(number).write(`, ${count})`)
  else writeCall(node, out)
}
