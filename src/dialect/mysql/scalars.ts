import { holdsIntegers } from '../../ast/data-type.js'
import type { CallNode, FunctionName } from '../../ast/expression.js'
import { typeNameOf, typeOf } from '../../ast/type-of.js'
import { writeCall, writeOver } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { scaleOf } from './arithmetic.js'
import { writeDateFunction } from './dates.js'
import { writeJsonSet } from './json.js'
import type { MysqlServer } from './server.js'
import { writeTranslated } from './shown.js'

const PLAIN: ReadonlySet<FunctionName> = new Set<FunctionName>([
  'lower',
  'upper',
  'trim',
  'ltrim',
  'rtrim',
  'substring',
  'replace',
  'coalesce',
  'nullIf',
  'greatest',
  'least',
  'abs',
  'sign',
])

/** Writes a scalar function. Returns false if the call is not one. */
export function writeScalar(node: CallNode, out: SqlWriter, server: MysqlServer): boolean {
  if (PLAIN.has(node.name)) {
    writeCall(node, out)
    return true
  }
  switch (node.name) {
    case 'translated':
      writeTranslated(node, out, server)
      return true
    case 'length':
      out
        .write(typeNameOf(node.args[0]) === 'array' ? 'json_length(' : 'char_length(')
        .node(node.args[0])
        .write(')')
      return true
    case 'digest':
      out.write('sha2(convert(').node(node.args[0]).write(' using utf8mb4), 256)')
      return true
    case 'position':
      out.write('locate(').node(node.args[1]).write(', ').node(node.args[0]).write(')')
      return true
    case 'round':
    case 'floor':
    case 'ceil':
      writeNumber(node, out)
      return true
    case 'percentRank':
    case 'cumeDist':
      // MariaDB returns only ten digits here
      out.write('(')
      writeCall(node, out)
      out.write(' + 0e0)')
      return true
    case 'lag':
    case 'lead':
      writeNeighbour(node, out)
      return true
    case 'jsonSet':
      writeJsonSet(node, out, server)
      return true
    default:
      return writeDateFunction(node, out)
  }
}

/** Doubles of this size or larger have no fraction. */
const WHOLE = 2 ** 53

/** The servers round a double's half to even. As a decimal it rounds away from zero, as in every other database. */
function writeNumber(node: CallNode<'round' | 'floor' | 'ceil'>, out: SqlWriter): void {
  const { name, count } = node
  const [number] = node.args
  const scale = scaleOf(number)
  const digits = name === 'round' ? `, ${count})` : ')'
  const type = typeOf(number)?.dataType
  if (type !== undefined && holdsIntegers(type)) out.operand(number)
  else if (scale !== null) out.write(`cast(${name}(`).node(number).write(`${digits} as decimal(65,${scale}))`)
  else if (name !== 'round') writeCall(node, out)
  else {
    out.write('case when abs(').node(number).write(`) < ${WHOLE} then round(cast(`).node(number)
    out.write(` as decimal(65,30))${digits} + 0e0 else `).node(number).write(' end')
  }
}

/** MariaDB takes no default for rows without such a neighbour. The neighbour of a constant is NULL for exactly these rows. */
function writeNeighbour(node: CallNode<'lag' | 'lead'>, out: SqlWriter): void {
  if (node.args.length === 1) {
    writeCall(node, out)
    return
  }
  const [value, otherwise] = node.args
  out.write(`case when ${node.name}(1, ${node.count})`)
  writeOver(node, out)
  out.write(' is null then ').node(otherwise).write(' else ')
  writeCall({ ...node, args: [value] }, out)
  out.write(' end')
}
