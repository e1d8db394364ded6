import { holdsIntegers } from '../../ast/data-type.js'
import type { ArithmeticNode, CallNode, ExpressionNode, ParameterNode } from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import { encoderOf, writeCall, writeOver } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'

/** The digits after the point if the value is a decimal, else null. */
export function scaleOf(node: ExpressionNode): number | null {
  const type = typeOf(node)?.dataType
  return type?.name === 'decimal' && type.sql === undefined ? (type.compared ?? type.scale ?? 0) : null
}

/** Casts a parameter: the server would compute a text next to a decimal as doubles. */
export const asDecimal = (scale: number) => (sql: string) => `cast(${sql} as decimal(65,${scale}))`

/** A computation has the type of its first operand. */
function isInteger(node: ExpressionNode): boolean {
  if (node.kind === 'arithmetic') return isInteger(node.left)
  const type = typeOf(node)?.dataType
  return type !== undefined && holdsIntegers(type)
}

const isPlainNumber = (node: ExpressionNode): node is ParameterNode =>
  node.kind === 'parameter' && node.type?.dataType.name === 'number'

/** Writes a parameter, cast to a decimal if it is one. */
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

/** Writes one side of an operation; `other` is the other side. */
function writeTerm(node: ExpressionNode, other: ExpressionNode, out: SqlWriter, exact: boolean): void {
  if (node.kind === 'arithmetic') {
    out.write('(')
    writeArithmetic(node, out, exact)
    out.write(')')
  } else if (isPlainNumber(node) && exact && isInteger(other)) {
    const encode = encoderOf(node, out)
    out.bind(node, (value) => wholeOf(node, encode(value)))
  } else out.operand(node)
}

function wholeOf(node: ParameterNode, value: unknown): unknown {
  if (typeof value !== 'number') return value
  return node.type?.refuse('type', 'must be a whole number')
}

/** The most digits after the point that the servers compute with, and how many more than its dividend a quotient has. */
const MOST = 30
const OWN_DIGITS = 4

/** Zeros that give a quotient more digits than its type has; it is then rounded to the type. */
function zeros(from: number, to: number): string {
  const count = Math.min(to - from + OWN_DIGITS, MOST - from)
  return count > 0 ? ` * 1.${'0'.repeat(count)}` : ''
}

/** A float next to a decimal would make the result a float, so it is written as a decimal with this many digits. */
function writeExactTerm(node: ExpressionNode, other: ExpressionNode, out: SqlWriter, scale = MOST): void {
  if (isExact(node)) writeTerm(node, other, out, false)
  else writeDigits(node, scale, out, () => writeTerm(node, other, out, false))
}

/**
 * The servers silently cast a number that is too large to the largest decimal. Multiplying a double beyond its range is
 * an error instead, and multiplying by a power of two loses no digit.
 */
export function writeDigits(node: ExpressionNode, scale: number, out: SqlWriter, write?: () => void): void {
  out.write('cast(')
  if (write === undefined) out.operand(node)
  else write()
  out.write(`${isDouble(node) ? beyond(scale) : ''} as decimal(65,${scale}))`)
}

const beyond = (scale: number) => {
  const factor = 2 ** (1024 - Math.floor(Math.log2(10) * (65 - scale)))
  return ` * ${factor} / ${factor}`
}

function isDouble(node: ExpressionNode): boolean {
  const name = typeOf(node)?.dataType.name
  return (name === 'float' || name === 'number') && !isPlainNumber(node)
}

/** Smaller doubles have digits that a decimal can't hold, so dividing by one would give a wrong result. */
const SMALLEST = 1e-13

function writeDivisor(node: ExpressionNode, out: SqlWriter): void {
  out.write('cast(if(abs(').node(node).write(`) < ${SMALLEST} and `).operand(node).write(' <> 0, pow(10, 999 + ')
  out
    .operand(node)
    .write('), ')
    .operand(node)
    .write(`${beyond(MOST)}) as decimal(65,${MOST}))`)
}

function isExact(node: ExpressionNode): boolean {
  const type = typeOf(node)?.dataType
  return scaleOf(node) !== null || (type !== undefined && holdsIntegers(type))
}

function writeDecimal(node: ArithmeticNode, scale: number, out: SqlWriter): void {
  const { left, right, operator } = node
  const [a, b] = [scaleOf(left) ?? 0, scaleOf(right) ?? 0]
  const rounded = operator === '/' || !isExact(left) || !isExact(right) || (operator === '*' && a + b > scale)
  out.write(rounded ? 'round(' : '')
  const more = operator === '/' ? zeros(isExact(left) ? a : MOST, scale) : ''
  // for sums and differences, rounding the operands gives the same as rounding the result
  const digits = operator === '+' || operator === '-' ? scale : MOST
  out.write(more === '' ? '' : '(')
  writeExactTerm(left, right, out, digits)
  out.write(more === '' ? ` ${operator} ` : `${more}) ${operator} `)
  if (operator === '/' && isDouble(right)) writeDivisor(right, out)
  else writeExactTerm(right, left, out, digits)
  out.write(rounded ? `, ${scale})` : '')
}

/** `exact` means that the result is stored: the servers would silently round it to the column's type. */
export function writeArithmetic(node: ArithmeticNode, out: SqlWriter, exact: boolean): void {
  const { left, right, operator } = node
  const scale = scaleOf(node)
  if (scale !== null) {
    writeDecimal(node, scale, out)
    return
  }
  const whole = exact && operator !== '/' && operator !== '%'
  if (operator === '/') {
    // the servers give a quotient of integers only four digits after the point
    out.write('(')
    writeTerm(left, right, out, whole)
    out.write(' + 0e0)')
  } else writeTerm(left, right, out, whole)
  out.write(` ${operator} `)
  writeTerm(right, left, out, whole)
}

export function writeAggregate(node: CallNode, out: SqlWriter): void {
  if (node.name !== 'avg') {
    writeCall(node, out)
    return
  }
  const [argument] = node.args
  const from = scaleOf(argument)
  if (from !== null) {
    const scale = scaleOf(node) ?? from
    out.write('round((').node({ ...node, name: 'sum' })
    out.write(`${zeros(from, scale)}) / `).node({ ...node, name: 'count' })
    out.write(`, ${scale})`)
    return
  }
  // the servers give an average of integers only four digits after the point
  out
    .write(node.distinct ? 'avg(distinct ' : 'avg(')
    .operand(argument)
    .write(' + 0e0)')
  writeOver(node, out)
}
