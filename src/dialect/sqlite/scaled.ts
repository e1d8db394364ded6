import type { DataType } from '../../ast/data-type.js'
import type { ArithmeticNode, ExpressionNode } from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { SCALED_DIGITS } from './types.js'

// Decimals of up to 18 digits are integers, scaled by a power of ten: what meets them must have the same scale.

export const isScaled = (type: DataType | undefined): boolean =>
  type?.name === 'decimal' && (type.precision ?? SCALED_DIGITS) <= SCALED_DIGITS

export const isLongDecimal = (type: DataType | undefined): boolean =>
  type?.name === 'decimal' && (type.precision ?? SCALED_DIGITS) > SCALED_DIGITS

/** Digits after the point that a node's integer stands for; null for anything but a scaled decimal. */
export function scaleOf(node: ExpressionNode): number | null {
  const type = typeOf(node)?.dataType
  return isScaled(type) ? (type?.scale ?? 0) : null
}

/** Writes a number so that its integer has `scale` digits after the point; null: as an ordinary number. */
export function writeAtScale(node: ExpressionNode, scale: number | null, out: SqlWriter): void {
  const own = scaleOf(node)
  const shift = (scale ?? 0) - (own ?? 0)
  if (own === scale || shift === 0) out.operand(node)
  else if (shift > 0) out.operand(node).write(` * ${10 ** shift}`)
  else out.operand(node).write(` / ${10 ** -shift}.0`)
}

/** Two sides of a comparison or sum, at the larger of their scales. */
export function writePair(left: ExpressionNode, between: string, right: ExpressionNode, out: SqlWriter): void {
  const [a, b] = [scaleOf(left), scaleOf(right)]
  const scale = a === null && b === null ? null : Math.max(a ?? 0, b ?? 0)
  writeAtScale(left, scale, out)
  out.write(between)
  writeAtScale(right, scale, out)
}

const OPERATIONS = {
  '*': 'corm_times',
  '/': 'corm_divided',
  '%': 'corm_rest',
  '+': 'corm_plus',
  '-': 'corm_minus',
} as const

const isWhole = (node: ExpressionNode) =>
  ['smallInteger', 'integer', 'bigInteger'].includes(typeOf(node)?.dataType.name ?? '')

/** Sums, rests and products with integers are exact; a fraction is rounded to the digits of the result. */
export function writeScaledArithmetic(node: ArithmeticNode, out: SqlWriter): void {
  const { left, right, operator } = node
  const scale = scaleOf(node)
  if (scale === null) writeAsNumbers(node, out)
  else if (operator === '*' ? isWhole(left) || isWhole(right) : operator !== '/' && isExact(left) && isExact(right)) {
    if (operator === '*') out.operand(left).write(' * ').operand(right)
    else writeTerms(node, scale, out)
  } else {
    out
      .write(`${OPERATIONS[operator]}(`)
      .node(left)
      .write(`, ${scaleOf(left) ?? 0}, `)
    out.node(right).write(`, ${scaleOf(right) ?? 0}, ${scale})`)
  }
}

const isExact = (node: ExpressionNode) => scaleOf(node) !== null || isWhole(node)

function writeTerms({ left, right, operator }: ArithmeticNode, scale: number | null, out: SqlWriter): void {
  writeTerm(left, scale, out)
  out.write(` ${operator} `)
  writeTerm(right, scale, out)
}

function writeTerm(node: ExpressionNode, scale: number | null, out: SqlWriter): void {
  if ((scaleOf(node) ?? 0) === (scale ?? 0)) return void out.operand(node)
  out.write('(')
  writeAtScale(node, scale, out)
  out.write(')')
}

/** A float beside a decimal makes a float. */
function writeAsNumbers(node: ArithmeticNode, out: SqlWriter): void {
  if (node.operator !== '%') return writeTerms(node, null, out)
  out.write('mod(')
  writeAtScale(node.left, null, out)
  out.write(', ')
  writeAtScale(node.right, null, out)
  out.write(')')
}
