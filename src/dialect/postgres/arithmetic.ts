import type { ArithmeticNode, CallNode, ExpressionNode } from '../../ast/expression.js'
import type { AssignmentNode } from '../../ast/statement.js'
import { typeOf } from '../../ast/type-of.js'
import { writeCall } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { type Family, familyOf, writeBare, writeText } from './operands.js'

/**
 * `exact`: the result is stored. A plain number beside an integer column is then bound as an integer, so that the server
 * refuses 1.5; as numeric it would be rounded without a word.
 */
export function writeArithmetic(node: ArithmeticNode, out: SqlWriter, exact: boolean): void {
  const { left, right, operator } = node
  const [l, r] = [familyOf(left), familyOf(right)]
  const stored = exact && operator !== '/' && operator !== '%'
  if (operator === '/' && isWhole(l) && isWhole(r)) {
    // integers would be divided without a rest
    writeTerm(left, r, out, exact)
    out.write('::float8 / ')
    writeTerm(right, l, out, exact)
  } else if (operator === '%' && (l === 'float' || r === 'float')) {
    out.write('(')
    writeTerm(left, r, out, exact)
    out.write('::numeric % ')
    writeTerm(right, l, out, exact)
    out.write('::numeric)::float8')
  } else {
    writeTerm(left, r, out, stored)
    out.write(` ${operator} `)
    writeTerm(right, l, out, stored)
  }
}

const isWhole = (family: Family | null) => family === 'integer'

function writeTerm(node: ExpressionNode, beside: Family | null, out: SqlWriter, exact: boolean): void {
  if (node.kind === 'arithmetic') {
    out.write('(')
    writeArithmetic(node, out, exact)
    out.write(')')
  } else if (node.kind === 'parameter' && isPlainNumber(node)) {
    writeBare(node, out)
    if (beside === 'float') out.write('::float8')
    else if (beside !== 'other' && !(exact && beside === 'integer')) out.write('::numeric')
  } else out.operand(node)
}

const isPlainNumber = (node: ExpressionNode) => {
  const type = typeOf(node)
  return type === null || type.dataType.name === 'number'
}

export function writeAssignments(assignments: readonly AssignmentNode[], out: SqlWriter): void {
  assignments.forEach(({ column, value }, i) => {
    if (i > 0) out.write(', ')
    out.identifier(column).write(' = ')
    if (value.kind === 'parameter') writeBare(value, out)
    else if (value.kind === 'arithmetic') writeArithmetic(value, out, true)
    else out.node(value)
  })
}

export function writeCallOf(node: CallNode, out: SqlWriter): void {
  switch (node.name) {
    case 'now':
      out.write('now()')
      return
    case 'lower':
    case 'upper':
      out.write(`${node.name}(`)
      writeText(node.args[0] as ExpressionNode, out)
      out.write(')')
      return
    case 'length':
      out.write('char_length(')
      writeText(node.args[0] as ExpressionNode, out)
      out.write(')')
      return
    case 'avg':
      writeCall(node, out)
      if (familyOf(node) === 'float') out.write('::float8')
      return
    case 'min':
    case 'max':
      writeExtreme(node, out)
      return
    default:
      writeCall(node, out)
  }
}

/** `min` and `max` are not there for booleans, nor before PostgreSQL 18 for UUIDs. */
function writeExtreme(node: CallNode, out: SqlWriter): void {
  const [argument] = node.args
  const name = argument === undefined ? undefined : typeOf(argument)?.dataType.name
  if (name === 'boolean')
    out
      .write(node.name === 'min' ? 'bool_and(' : 'bool_or(')
      .nodes(node.args)
      .write(')')
  else if (name === 'uuid') out.write(`${node.name}((`).nodes(node.args).write(')::text)::uuid')
  else writeCall(node, out)
}
