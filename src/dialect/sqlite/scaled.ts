import { VALUE_TYPE } from '../../ast/bases.js'
import { type DataType, holdsIntegers, type ValueType } from '../../ast/data-type.js'
import type {
  ArithmeticNode,
  BetweenNode,
  CastNode,
  Comparator,
  ComparisonNode,
  ExpressionNode,
  InNode,
  ParameterNode,
  SelectNode,
} from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import { CODEC, encoderFor } from '../../compiler/codec.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { textIn } from '../../util/expect.js'
import { at } from '../../util/list.js'
import { AS_TEXT, decimalKey } from './decimals.js'
import { SCALED_DIGITS, scaledAround } from './types.js'

// Decimals of up to 18 digits are stored as integers scaled by a power of ten, and longer ones as text. A result has the
// form that its digits need, and operands must be brought to one form.

/** How decimals of a type are stored. */
export interface DecimalForm {
  /** Digits after the point. */
  readonly scale: number
  /** Stored as text, because 64 bits may not hold the digits. */
  readonly long: boolean
}

export const decimalFormOfType = (type: DataType | undefined): DecimalForm | null =>
  type?.name === 'decimal' ? { scale: type.scale ?? 0, long: !fits(type) } : null

/** Two numbers of 18 digits have a sum that fits into 64 bits. */
const fits = ({ precision = SCALED_DIGITS, computed = false }: DataType) =>
  precision <= (computed ? SCALED_DIGITS + 1 : SCALED_DIGITS)

export const decimalFormOf = (node: ExpressionNode): DecimalForm | null => decimalFormOfType(typeOf(node)?.dataType)

const isLongDecimal = (node: ExpressionNode): boolean => decimalFormOf(node)?.long === true

/** The scale of a scaled decimal; null for any other node. */
export function scaleOf(node: ExpressionNode): number | null {
  const form = decimalFormOf(node)
  return form === null || form.long ? null : form.scale
}

/** The argument that gives functions the form of a number: its scale, or that it is text. */
export function givenScale(node: ExpressionNode): number {
  const form = decimalFormOf(node)
  return form?.long === true ? AS_TEXT : (form?.scale ?? 0)
}

const isWhole = (node: ExpressionNode): boolean => {
  const type = typeOf(node)?.dataType
  return type !== undefined && holdsIntegers(type)
}

const isExact = (node: ExpressionNode) => decimalFormOf(node) !== null || isWhole(node)

const isSame = (a: DecimalForm | null, b: DecimalForm | null) => a?.scale === b?.scale && a?.long === b?.long

/** Writes a number in a form, rounded if it has more digits after the point. */
export function writeIn(form: DecimalForm, node: ExpressionNode, out: SqlWriter): void {
  const own = decimalFormOf(node)
  const shift = form.scale - (own?.scale ?? 0)
  if (isSame(own, form) || (node.kind === 'parameter' && node.value === null)) out.operand(node)
  else if (form.long || own?.long === true || shift < 0 || (own === null && !isWhole(node)))
    out
      .callOwn(form.long ? 'corm_long' : 'corm_scaled')
      .node(node)
      .write(`, ${givenScale(node)}, ${form.scale})`)
  else if (shift === 0) out.operand(node)
  else
    out
      .write('(')
      .operand(node)
      .write(` * ${10 ** shift})`)
}

/** Writes a decimal as an ordinary number, for use next to floats. */
export function writeAsNumber(node: ExpressionNode, out: SqlWriter): void {
  const form = decimalFormOf(node)
  if (form?.long === true) out.write('cast(').node(node).write(' as real)')
  else if (form === null || form.scale === 0) out.operand(node)
  else
    out
      .write('(')
      .operand(node)
      .write(` / ${10 ** form.scale}.0)`)
}

/** Writes a text that sorts and compares as the number does, whatever its form. */
export function writeKey(node: ExpressionNode, out: SqlWriter): void {
  const value = comparedParameter(node)
  if (value !== null) bindKey(value, out)
  else
    out
      .callOwn('corm_decimal_key')
      .node(node)
      .write(`, ${givenScale(node)})`)
}

function bindKey(node: TypedParameter, out: SqlWriter): void {
  out.bind(node, (value) => (value === null ? null : decimalKey(textIn(node.type.check(value)))))
}

/** Writes a value for sorting: long decimals are texts, so they need a key. */
export function writeSortable(node: ExpressionNode, out: SqlWriter): void {
  if (isLongDecimal(node)) writeKey(node, out)
  else out.operand(node)
}

export type TypedParameter = ParameterNode & { readonly type: ValueType }

export const isTyped = (node: ExpressionNode): node is TypedParameter => node.kind === 'parameter' && node.type !== null

/** A parameter that a decimal is compared with, whatever the form of the column. */
function comparedParameter(given: ExpressionNode): TypedParameter | null {
  const node = given.kind === 'call' && given.name === 'ownForm' ? given.args[0] : given
  return node !== undefined && isTyped(node) && node.type.dataType.compared !== undefined ? node : null
}

/**
 * A compared value may have more digits than the column. This is the neighbouring decimal that replaces it, so that the
 * same rows match.
 */
const SIDES: Readonly<Record<Comparator, 'below' | 'above' | 'none'>> = {
  '=': 'none',
  '!=': 'none',
  '<': 'above',
  '>=': 'above',
  '>': 'below',
  '<=': 'below',
}

export function bindAround(
  node: TypedParameter,
  scale: number,
  side: 'below' | 'above' | 'none',
  out: SqlWriter,
): void {
  const check = encoderFor(node.type, { ...CODEC, columnType: '', encode: null, decode: null })
  out.bind(node, (value) => {
    const digits = check(value)
    return digits === null ? null : scaledAround(textIn(digits), scale, side)
  })
}

/** The digits before the point of an exact number. */
function wholeOf(node: ExpressionNode): number {
  const type = typeOf(node)?.dataType
  if (type?.name === 'decimal') return (type.precision ?? SCALED_DIGITS) - (type.scale ?? 0)
  return type?.name === 'bigInteger' ? 19 : type?.name === 'smallInteger' ? 5 : 16
}

/** One form in which exact numbers can be compared directly; null if they need keys. */
function commonForm(nodes: readonly ExpressionNode[]): DecimalForm | null {
  const forms = nodes.map(decimalFormOf)
  const [first = null] = forms
  // texts of one scale are equal if their numbers are, but do not sort by value
  if (nodes.some(isLongDecimal)) return null
  if (forms.every((form) => isSame(form, first))) return first
  const scale = Math.max(...forms.map((form) => form?.scale ?? 0))
  const whole = Math.max(...nodes.map(wholeOf))
  return whole + scale <= SCALED_DIGITS ? { scale, long: false } : null
}

/** Writes a comparison with a decimal on one side. Returns false if neither side is one. */
export function writeDecimalComparison(node: ComparisonNode, out: SqlWriter): boolean {
  const { left, right, operator } = node
  const [a, b] = [decimalFormOf(left), decimalFormOf(right)]
  if (a === null && b === null) return false
  const sign = operator === '!=' ? ' <> ' : ` ${operator} `
  const value = comparedParameter(right)
  const isEquality = operator === '=' || operator === '!='
  if (value !== null && a !== null && !a.long) {
    out.operand(left).write(sign)
    bindAround(value, a.scale, SIDES[operator], out)
  } else if (a?.long === true && isSame(a, b) && isEquality) out.operand(left).write(sign).operand(right)
  else writeAlike([left, right], [sign], out)
  return true
}

/** Writes numbers in one form, with the given texts between them. */
function writeAlike(nodes: readonly ExpressionNode[], between: readonly string[], out: SqlWriter): void {
  const exact = nodes.every(isExact)
  const form = exact ? commonForm(nodes) : null
  nodes.forEach((node, i) => {
    if (i > 0) out.write(at(between, i - 1))
    if (!exact) writeAsNumber(node, out)
    else if (form === null) writeKey(node, out)
    else writeIn(form, node, out)
  })
}

export function writeDecimalBetween(node: BetweenNode, out: SqlWriter): boolean {
  const { operand, low, high, negated } = node
  if (![operand, low, high].some((each) => decimalFormOf(each) !== null)) return false
  const form = decimalFormOf(operand)
  const [before, between] = [negated ? ' not between ' : ' between ', ' and ']
  const [from, to] = [comparedParameter(low), comparedParameter(high)]
  if (form !== null && !form.long && from !== null && to !== null) {
    out.operand(operand).write(before)
    bindAround(from, form.scale, 'above', out)
    out.write(between)
    bindAround(to, form.scale, 'below', out)
  } else writeAlike([operand, low, high], [before, between], out)
  return true
}

/** Writes `decimal in (select …)`, where the decimals of the query may have another form. */
export function writeDecimalIn({ operand, list, negated }: InNode, out: SqlWriter, select: SelectNode): boolean {
  const [selection] = select.selections
  if (list.kind === 'list' || selection === undefined || operand.kind === 'tuple') return false
  const { expression } = selection
  const [a, b] = [decimalFormOf(operand), decimalFormOf(expression)]
  if (isSame(a, b) || !isExact(operand) || !isExact(expression)) return false
  writeKey(operand, out)
  out.write(negated ? ' not in (' : ' in (')
  const key: CastNode = { kind: 'cast', operand: expression, to: 'decimalKey', type: KEY }
  out.node({ ...select, selections: [{ ...selection, expression: key }] }).write(')')
  return true
}

/** The type of a key. */
export const KEY: ValueType = {
  ...VALUE_TYPE,
  dataType: { name: 'text' },
  check: (value) => value,
  refuse(_, message) {
    throw new TypeError(message)
  },
}

const OPERATIONS = { '*': 'times', '/': 'divided', '%': 'rest', '+': 'plus', '-': 'minus' } as const

/** Writes arithmetic with a decimal result, in plain SQL if 64 bits hold every possible value. */
export function writeDecimalArithmetic(node: ArithmeticNode, out: SqlWriter): boolean {
  const { left, right, operator } = node
  const form = decimalFormOf(node)
  if (form === null) return false
  const { scale, long } = form
  const [a, b] = [decimalFormOf(left), decimalFormOf(right)]
  const isPlain = !long && operator !== '/' && [left, right].every((side) => isExact(side) && !isLongDecimal(side))
  if (isPlain && operator !== '*') {
    writeIn(form, left, out)
    out.write(` ${operator} `)
    writeIn(form, right, out)
  } else if (isPlain && (a?.scale ?? 0) + (b?.scale ?? 0) === scale) out.operand(left).write(' * ').operand(right)
  else {
    out.callOwn(`corm_${long ? 'long_' : ''}${OPERATIONS[operator]}`).node(left)
    out
      .write(`, ${givenScale(left)}, `)
      .node(right)
      .write(`, ${givenScale(right)}, ${scale})`)
  }
  return true
}
