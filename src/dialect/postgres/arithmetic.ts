import type { ArithmeticNode, CallNode, CastNode, ExpressionNode } from '../../ast/expression.js'
import type { AssignmentNode } from '../../ast/statement.js'
import { typeNameOf, typeOf } from '../../ast/type-of.js'
import { writeCall, writeOrderOf, writeRowsOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { decimalScale, type Family, familyOf, writeBare, writeText } from './operands.js'
import { writeScalar } from './scalars.js'
import { castType } from './types.js'

/** How many more digits than its type a quotient has before it is rounded. */
const SPARE = 4

const isExact = (family: Family | null) => family === 'integer' || family === 'numeric'

/** A plain number can have any type, so it does not count. */
const exactFamily = (node: ExpressionNode) => (node.kind === 'parameter' && isPlainNumber(node) ? null : familyOf(node))

/**
 * Zeros that give a quotient its digits: the server computes 16 in all, but at least as many after the point as the
 * dividend has.
 */
const zeros = (scale: number) => ` * 1.${'0'.repeat(scale + SPARE)}`

export function writeArithmetic(node: ArithmeticNode, out: SqlWriter, whole = false): void {
  const scale = decimalScale(node)
  if (whole || scale === undefined) return writeOperation(node, out, whole)
  const { left, right, operator } = node
  const [l, r] = [exactFamily(left), exactFamily(right)]
  const digits = (decimalScale(left) ?? 0) + (decimalScale(right) ?? 0)
  const rounded = operator === '/' || !isExact(l) || !isExact(r) || (operator === '*' && digits > scale)
  out.write(rounded ? 'round(' : '')
  if (operator === '/') {
    out.write('(')
    writeExact(left, l, out)
    out.write(`${zeros(scale)})`)
  } else writeExact(left, l, out)
  out.write(` ${operator} `)
  writeExact(right, r, out)
  out.write(rounded ? `, ${scale})` : '')
}

/** A float next to a decimal would make the result a float, so it is converted to a decimal. */
function writeExact(node: ExpressionNode, family: Family | null, out: SqlWriter): void {
  if (isExact(family)) out.operand(node)
  else if (node.kind === 'parameter' && isPlainNumber(node)) writeTerm(node, 'numeric', out)
  else out.operand(node).write(family === 'float' ? '::text::numeric' : '::numeric')
}

/** With `whole`, plain numbers are bound as integers, so that the server refuses fractions. */
function writeOperation(node: ArithmeticNode, out: SqlWriter, whole: boolean): void {
  const { left, right, operator } = node
  const [l, r] = [familyOf(left), familyOf(right)]
  if (operator === '/' && l === 'integer' && r === 'integer') {
    // the server would cut the quotient of integers
    writeTerm(left, r, out)
    out.write('::float8 / ')
    writeTerm(right, l, out)
  } else if (operator === '%' && (l === 'float' || r === 'float')) {
    out.write('(')
    writeTerm(left, r, out)
    out.write('::numeric % ')
    writeTerm(right, l, out)
    out.write('::numeric)::float8')
  } else {
    writeTerm(left, r, out, whole)
    out.write(` ${operator} `)
    writeTerm(right, l, out, whole)
  }
}

function writeTerm(node: ExpressionNode, family: Family | null, out: SqlWriter, whole = false): void {
  if (whole && node.kind === 'arithmetic') {
    out.write('(')
    writeArithmetic(node, out, true)
    out.write(')')
    return
  }
  if (node.kind !== 'parameter' || !isPlainNumber(node)) {
    out.operand(node)
    return
  }
  writeBare(node, out)
  if (whole) return
  if (family === 'float') out.write('::float8')
  else if (family !== 'other') out.write('::numeric')
}

const isPlainNumber = (node: ExpressionNode) => {
  const type = typeOf(node)
  return type === null || type.dataType.name === 'number'
}

export function writeAssignments(assignments: readonly AssignmentNode[], out: SqlWriter): void {
  assignments.forEach((assignment, i) => {
    if (i > 0) out.write(', ')
    out.identifier(assignment.column).write(' = ')
    writeAssigned(assignment, out)
  })
}

/**
 * PostgreSQL would round a number for an integer column. The text of a whole number casts to an integer, any other text
 * is an error.
 */
function writeAssigned({ value, type }: AssignmentNode, out: SqlWriter): void {
  const target = type?.dataType === undefined ? null : castType(type.dataType)
  if (value.kind === 'parameter') writeBare(value, out)
  else if (target === null || !INTEGERS.has(target) || !FRACTIONAL.has(familyOf(value))) out.node(value)
  else if (value.kind === 'arithmetic' && isWhole(value)) writeArithmetic(value, out, true)
  else out.write('trim_scale((').node(value).write(`)::numeric)::text::${target}`)
}

/** Whether it is a sum or product of an integer column and plain numbers, which is whole if the numbers are. */
function isWhole(node: ArithmeticNode): boolean {
  const { left, right, operator } = node
  if (operator === '/' || operator === '%' || (left.kind === 'parameter' && right.kind === 'parameter')) return false
  return [left, right].every((side) => {
    if (side.kind === 'arithmetic') return isWhole(side)
    return side.kind === 'parameter' ? isPlainNumber(side) : familyOf(side) === 'integer'
  })
}

const FRACTIONAL: ReadonlySet<Family | null> = new Set<Family | null>(['numeric', 'float'])
const INTEGERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8'])

export function writeCallOf(node: CallNode, out: SqlWriter): void {
  switch (node.name) {
    case 'now':
      out.write('now()')
      return
    case 'random':
      out.write('random()')
      return
    case 'groupConcat':
      writeGroupConcat(node, out)
      return
    case 'avg':
      writeAverage(node, out)
      return
    case 'min':
    case 'max':
      writeExtreme(node, out)
      return
    default:
      if (!writeScalar(node, out)) writeCall(node, out)
  }
}

function writeAverage(node: CallNode<'avg'>, out: SqlWriter): void {
  const scale = decimalScale(node)
  if (scale === undefined) {
    writeCall(node, out)
    if (familyOf(node) === 'float') out.write('::float8')
    return
  }
  out.write('round((').node({ ...node, name: 'sum' })
  out.write(`${zeros(scale)}) / nullif(`).node({ ...node, name: 'count' })
  out.write(`, 0), ${scale})`)
}

function writeGroupConcat(node: CallNode<'groupConcat'>, out: SqlWriter): void {
  out.write(node.distinct ? 'string_agg(distinct ' : 'string_agg(')
  writeText(node.args[0], out)
  out.write(', ').bind({ kind: 'parameter', type: null, value: node.separator ?? ',' }, String)
  out.write('::text')
  writeOrderOf(node, out)
  out.write(')')
  writeRowsOf(node, out)
}

/** Writes a float as a decimal with this many digits after the point. */
function writeRounded(node: ExpressionNode, scale: number, out: SqlWriter): void {
  out
    .write('round(')
    .operand(node)
    .write(`${familyOf(node) === 'float' ? '::text' : ''}::numeric, ${scale})`)
}

/** PostgreSQL rounds here, where the other databases truncate. */
export function writeCast(node: CastNode, out: SqlWriter): void {
  const { operand, to, type } = node
  const target = castType(type.dataType)
  const family = familyOf(operand)
  const from = typeNameOf(operand)
  if (to === 'decimal') writeRounded(operand, decimalScale(node) ?? 0, out)
  else if (to === 'date' && from === 'dateTime') out.write('(').operand(operand).write(" at time zone 'UTC')::date")
  else if (target.startsWith('int') && (family === 'float' || family === 'numeric'))
    out.write('trunc(').node(operand).write(`)::${target}`)
  else if (from === 'boolean' && target !== 'text') out.operand(operand).write(`::int4::${target}`)
  else out.operand(operand).write(`::${target}`)
}

/**
 * PostgreSQL has no `min` and `max` for booleans, and before version 18 none for UUIDs and bytes. Their texts sort the
 * same way.
 */
function writeExtreme(node: CallNode<'min' | 'max'>, out: SqlWriter): void {
  const [argument] = node.args
  const name = typeNameOf(argument)
  if (name === 'boolean') {
    out
      .write(node.name === 'min' ? 'bool_and(' : 'bool_or(')
      .nodes(node.args)
      .write(')')
    writeRowsOf(node, out)
  } else if (name === 'uuid') {
    out.write(`${node.name}((`).nodes(node.args).write(')::text)')
    writeRowsOf(node, out)
    out.write('::uuid')
  } else if (name === 'binary') {
    out.write(`decode(${node.name}(encode(`).nodes(node.args).write(", 'hex'))")
    writeRowsOf(node, out)
    out.write(", 'hex')")
  } else writeCall(node, out)
}
