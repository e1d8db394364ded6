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

/** The result has the scale of the left side, or of the right where the left has none. */
export function writeScaledArithmetic(node: ArithmeticNode, out: SqlWriter): void {
  const [left, right] = [scaleOf(node.left), scaleOf(node.right)]
  const scale = left ?? right ?? 0
  const write = (...parts: (string | ExpressionNode)[]) => {
    for (const part of parts) typeof part === 'string' ? out.write(part) : out.operand(part)
  }
  if (node.operator === '*') {
    // a product of two scaled integers carries both scales
    const divisor = left !== null && right !== null ? ` / ${10 ** right}.0` : ''
    write('corm_round(', node.left, ' * ', node.right, divisor, ')')
  } else if (node.operator === '/') {
    const power = right === null ? '1.0' : `${10 ** (left === null ? 2 * right : right)}.0`
    write('corm_round(', node.left, ` * ${power} / `, node.right, ')')
  } else {
    writeAtScale(node.left, scale, out)
    out.write(` ${node.operator} `)
    writeAtScale(node.right, scale, out)
  }
}
