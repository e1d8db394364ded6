import type { ArithmeticNode, CallNode, CastNode, ExpressionNode } from '../../ast/expression.js'
import type { AssignmentNode } from '../../ast/statement.js'
import { typeNameOf, typeOf } from '../../ast/type-of.js'
import { writeCall, writeRowsOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { decimalScale, type Family, familyOf, writeBare, writeText } from './operands.js'
import { writeScalar } from './scalars.js'
import { castType } from './types.js'

/** A fraction that has no end, or more digits than its type, means the same number wherever it stands. */
function isRounded({ left, right, operator }: ArithmeticNode): boolean {
  const exact = (family: Family | null) => family === 'integer' || family === 'numeric'
  const [l, r] = [exactFamily(left), exactFamily(right)]
  if (operator === '/') return true
  if (operator === '*') return l !== 'integer' && r !== 'integer'
  return !exact(l) || !exact(r)
}

/** That of a plain number may be anything: it is bound as it comes. */
const exactFamily = (node: ExpressionNode) => (node.kind === 'parameter' && isPlainNumber(node) ? null : familyOf(node))

export function writeArithmetic(node: ArithmeticNode, out: SqlWriter, whole = false): void {
  const scale = decimalScale(node)
  if (whole || scale === undefined || !isRounded(node)) return writeOperation(node, out, whole)
  out.write('round((')
  writeOperation(node, out, whole)
  out.write(`)::numeric, ${scale})`)
}

/** `whole`: plain numbers are bound as integers, so that the server refuses others. */
function writeOperation(node: ArithmeticNode, out: SqlWriter, whole: boolean): void {
  const { left, right, operator } = node
  const [l, r] = [familyOf(left), familyOf(right)]
  if (operator === '/' && l === 'integer' && r === 'integer') {
    // integers would be divided without a rest
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

function writeTerm(node: ExpressionNode, beside: Family | null, out: SqlWriter, whole = false): void {
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
  if (beside === 'float') out.write('::float8')
  else if (beside !== 'other') out.write('::numeric')
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

/** PostgreSQL would round what it stores in an integer column; the text of a whole number is an integer, no other is. */
function writeAssigned({ value, type }: AssignmentNode, out: SqlWriter): void {
  const target = type?.dataType === undefined ? null : castType(type.dataType)
  if (value.kind === 'parameter') writeBare(value, out)
  else if (target === null || !INTEGERS.has(target) || !FRACTIONAL.has(familyOf(value))) out.node(value)
  else if (value.kind === 'arithmetic' && isWhole(value)) writeArithmetic(value, out, true)
  else out.write('trim_scale((').node(value).write(`)::numeric)::text::${target}`)
}

/** Sums and products of an integer column and plain numbers: whole if the numbers are. */
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

function writeAverage(node: CallNode, out: SqlWriter): void {
  const scale = decimalScale(node)
  if (scale !== undefined) out.write('round(')
  writeCall(node, out)
  if (scale !== undefined) out.write(`, ${scale})`)
  else if (familyOf(node) === 'float') out.write('::float8')
}

function writeGroupConcat(node: CallNode, out: SqlWriter): void {
  out.write(node.distinct ? 'string_agg(distinct ' : 'string_agg(')
  writeText(node.args[0] as ExpressionNode, out)
  out.write(', ').bind({ kind: 'parameter', type: null, value: node.separator ?? ',' }, String)
  out.write('::text)')
  writeRowsOf(node, out)
}

/** The server rounds where others cut. */
export function writeCast({ operand, to, type }: CastNode, out: SqlWriter): void {
  const target = castType(type.dataType)
  const family = familyOf(operand)
  const from = typeNameOf(operand)
  if (to === 'date' && from === 'dateTime') out.write('(').operand(operand).write(" at time zone 'UTC')::date")
  else if (target.startsWith('int') && (family === 'float' || family === 'numeric'))
    out.write('trunc(').node(operand).write(`)::${target}`)
  else if (from === 'boolean' && target !== 'text') out.operand(operand).write(`::int4::${target}`)
  else out.operand(operand).write(`::${target}`)
}

/** `min` and `max` are not there for booleans, nor before PostgreSQL 18 for UUIDs. */
function writeExtreme(node: CallNode, out: SqlWriter): void {
  const [argument] = node.args
  const name = argument && typeNameOf(argument)
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
  } else writeCall(node, out)
}
