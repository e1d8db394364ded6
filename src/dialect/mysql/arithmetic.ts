import { holdsIntegers } from '../../ast/data-type.js'
import type { ArithmeticNode, CallNode, ExpressionNode, ParameterNode } from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import { encoderOf, writeCall, writeOver } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'

/** Digits after the point, where the value is a decimal. */
export function scaleOf(node: ExpressionNode): number | null {
  const type = typeOf(node)?.dataType
  return type?.name === 'decimal' && type.sql === undefined ? (type.scale ?? 0) : null
}

/** A text beside a decimal expression would make both a double. */
export const asDecimal = (scale: number) => (sql: string) => `cast(${sql} as decimal(65,${scale}))`

/** Digits after the point of a number that is made a decimal. */
const NUMBER_SCALE = 30

/** A computation is stored in a column like that of its first operand. */
function isInteger(node: ExpressionNode): boolean {
  if (node.kind === 'arithmetic') return isInteger(node.left)
  const type = typeOf(node)?.dataType
  return type !== undefined && holdsIntegers(type)
}

const isPlainNumber = (node: ExpressionNode): node is ParameterNode =>
  node.kind === 'parameter' && node.type?.dataType.name === 'number'

/** A parameter of the statement, as a decimal where it is one. */
export function writeParameter(node: ParameterNode, out: SqlWriter): void {
  writeCast(node, out, scaleOf(node), encoderOf(node, out))
}

function writeCast(
  node: ParameterNode,
  out: SqlWriter,
  scale: number | null,
  encode: (value: unknown) => unknown,
): void {
  if (scale === null) {
    out.bind(node, encode)
    return
  }
  const before = out.sql
  out.sql = ''
  out.bind(node, encode)
  out.sql = before + asDecimal(scale)(out.sql)
}

/** One side of an operation; `beside` is the other. */
function writeTerm(node: ExpressionNode, beside: ExpressionNode, out: SqlWriter, exact: boolean): void {
  if (node.kind === 'arithmetic') {
    out.write('(')
    writeArithmetic(node, out, exact)
    out.write(')')
  } else if (isPlainNumber(node) && scaleOf(beside) !== null) {
    const encode = encoderOf(node, out)
    writeCast(node, out, NUMBER_SCALE, (value) => (value === null ? null : String(encode(value))))
  } else if (isPlainNumber(node) && exact && isInteger(beside)) {
    const encode = encoderOf(node, out)
    out.bind(node, (value) => wholeOf(node, encode(value)))
  } else out.operand(node)
}

function wholeOf(node: ParameterNode, value: unknown): unknown {
  if (typeof value !== 'number') return value
  return node.type?.refuse('type', 'must be a whole number, for the column keeps integers')
}

/** A quotient has four digits more than its dividend, and is rounded to them before it is rounded to its own. */
const QUOTIENT_DIGITS = '1.000000000000'

/** How a result that may have more digits than its type gets them: `round` goes to the even half where a double takes part. */
function rounding({ left, right, operator }: ArithmeticNode): 'round' | 'cast' | null {
  const kinds = [left, right].map((node) =>
    scaleOf(node) !== null ? 'decimal' : isInteger(node) ? 'integer' : isPlainNumber(node) ? 'plain' : 'float',
  )
  if (kinds.includes('float')) return 'cast'
  if (operator === '/') return 'round'
  if (operator === '*') return kinds.includes('integer') ? null : 'round'
  return kinds.includes('plain') ? 'round' : null
}

/** `exact`: the result is stored. The servers round it to the column's type without a word. */
export function writeArithmetic(node: ArithmeticNode, out: SqlWriter, exact: boolean): void {
  const { left, right, operator } = node
  const [l, r] = [scaleOf(left), scaleOf(right)]
  const scale = node.type === null || node.type === undefined ? (l ?? r) : scaleOf(node)
  const how = scale === null ? null : rounding(node)
  const whole = exact && operator !== '/' && operator !== '%'
  if (how !== null) out.write(how === 'round' ? 'round(' : 'cast(')
  if (operator === '/' && scale === null) {
    // the quotient of integers would have four digits after the point
    out.write('(')
    writeTerm(left, right, out, whole)
    out.write(' + 0e0)')
  } else if (operator === '/' && how === 'round') {
    out.write('(')
    writeTerm(left, right, out, whole)
    out.write(` * ${QUOTIENT_DIGITS})`)
  } else writeTerm(left, right, out, whole)
  out.write(` ${operator} `)
  writeTerm(right, left, out, whole)
  if (how !== null) out.write(how === 'round' ? `, ${scale})` : ` as decimal(65,${scale}))`)
}

export function writeAggregate(node: CallNode, out: SqlWriter): void {
  const [argument] = node.args
  if (node.name !== 'avg' || argument === undefined) {
    writeCall(node, out)
    return
  }
  const scale = scaleOf(argument)
  if (scale !== null) {
    out.write('round(')
    writeCall(node, out)
    out.write(`, ${scale})`)
    return
  }
  // the average of integers would have four digits after the point
  out
    .write(node.distinct ? 'avg(distinct ' : 'avg(')
    .operand(argument)
    .write(' + 0e0)')
  writeOver(node, out)
}
