import type { DataType } from '../../ast/data-type.js'
import type { CallNode, ExpressionNode, ParameterNode } from '../../ast/expression.js'
import { typeOf } from '../../ast/type-of.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { castType } from './types.js'

/** The type family that PostgreSQL gives an expression; null if the tree does not show it. */
export type Family = 'integer' | 'float' | 'numeric' | 'text' | 'other'

export function familyOf(node: ExpressionNode): Family | null {
  switch (node.kind) {
    case 'call':
      return callFamily(node)
    case 'arithmetic':
      return decimalScale(node) !== undefined
        ? 'numeric'
        : arithmeticFamily(familyOf(node.left), familyOf(node.right), node.operator)
    case 'concat':
      return 'text'
    case 'raw':
      return null
    default: {
      const type = typeOf(node)
      return type === null || type.dataType.sql !== undefined ? null : dataFamily(type.dataType)
    }
  }
}

/** The digits after the point if the value is a decimal with a scale. */
export function decimalScale(node: ExpressionNode): number | undefined {
  const type = typeOf(node)?.dataType
  return type?.name === 'decimal' && type.sql === undefined ? type.scale : undefined
}

function dataFamily(type: DataType): Family {
  switch (castType(type)) {
    case 'int2':
    case 'int4':
    case 'int8':
      return 'integer'
    case 'float8':
      return 'float'
    case 'numeric':
      return 'numeric'
    case 'text':
      return 'text'
    default:
      return 'other'
  }
}

function callFamily(node: CallNode): Family | null {
  const args: readonly ExpressionNode[] = node.args
  const [first] = args
  const argument = first === undefined ? null : familyOf(first)
  switch (node.name) {
    case 'count':
    case 'length':
    case 'position':
    case 'sign':
    case 'datePart':
    case 'daysBetween':
    case 'rowNumber':
    case 'rank':
    case 'denseRank':
    case 'ntile':
      return 'integer'
    case 'percentRank':
    case 'cumeDist':
    case 'secondsBetween':
      return 'float'
    case 'avg':
      return argument === 'numeric' ? 'numeric' : 'float'
    case 'lower':
    case 'upper':
    case 'trim':
    case 'ltrim':
    case 'rtrim':
    case 'substring':
    case 'replace':
    case 'groupConcat':
      return 'text'
    case 'random':
      return 'float'
    case 'now':
    case 'jsonSet':
      return 'other'
    case 'coalesce':
    case 'nullIf':
    case 'greatest':
    case 'least':
      return args.map(familyOf).find((family) => family !== null) ?? null
    default:
      return argument
  }
}

function arithmeticFamily(left: Family | null, right: Family | null, operator: string): Family | null {
  if (left === 'float' || right === 'float') return 'float'
  if (left === 'numeric' || right === 'numeric') return 'numeric'
  if (left !== 'integer' || right !== 'integer') return left ?? right
  return operator === '/' ? 'float' : 'integer'
}

/** Writes a parameter without a cast: the server takes the type from the column next to it. */
export function writeBare(node: ParameterNode, out: SqlWriter): void {
  out.bind(node, encoderOf(node, out))
}

/** Writes a parameter with a cast, because nothing else gives its type. A column type that the user wrote is not known here. */
export function writeParameter(node: ParameterNode, out: SqlWriter): void {
  writeBare(node, out)
  if (node.type !== null && node.type.dataType.sql === undefined) out.write(`::${castType(node.type.dataType)}`)
}

/** Writes an operand of a comparison with `other`, or an item of a list next to it. */
export function writeBeside(node: ExpressionNode, other: ExpressionNode, out: SqlWriter): void {
  if (node.kind === 'parameter' && isOfColumn(node, other)) writeBare(node, out)
  else {
    out.operand(node)
    // keys may be stored as text, and the server does not compare text with uuid
    if (isUuid(node) && other.kind === 'column' && !isUuid(other)) out.write('::text')
  }
}

const isUuid = (node: ExpressionNode) =>
  node.kind === 'column' && node.type?.dataType.name === 'uuid' && node.type.dataType.sql === undefined

const isOfColumn = (node: ParameterNode, other: ExpressionNode) =>
  other.kind === 'incoming' ||
  (other.kind === 'column' &&
    (node.type === null || node.type === other.type || node.type.dataType.compared !== undefined))

/** Casts to text for functions and operators that only take text. */
export function writeText(node: ExpressionNode, out: SqlWriter): void {
  if (node.kind === 'parameter') {
    writeBare(node, out)
    out.write('::text')
    return
  }
  out.operand(node)
  if (familyOf(node) !== 'text' && !(node.kind === 'column' && isOwnType(node))) out.write('::text')
}

const isOwnType = (node: ExpressionNode) => typeOf(node)?.dataType.sql !== undefined
