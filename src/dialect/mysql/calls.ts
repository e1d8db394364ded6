import type { AggregateName, CallNode, CaseNode, CastNode, ExpressionNode } from '../../ast/expression.js'
import { typeNameOf, typeOf } from '../../ast/type-of.js'
import { writeOrderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import { toHex } from '../../util/bytes.js'
import { scaleOf, writeDigits } from './arithmetic.js'
import { type MysqlServer, serverName } from './server.js'

/** The servers have no FILTER. A CASE gives NULL for the rows to leave out, and aggregates ignore NULL. */
export function withoutFilter(node: CallNode<AggregateName>, filter: ExpressionNode): CallNode {
  const { args } = node
  const argument: ExpressionNode = args.length === 0 ? { kind: 'truth', value: true } : args[0]
  const only: CaseNode = {
    kind: 'case',
    branches: [{ when: filter, value: argument }],
    otherwise: null,
    type: typeOf(argument),
  }
  return { ...node, filter: undefined, args: [only] }
}

/** SEPARATOR takes only a literal, in which a backslash has different meanings by SQL mode. */
export function writeGroupConcat(node: CallNode, out: SqlWriter, server: MysqlServer): void {
  if (node.over !== undefined)
    throw new UnsupportedError(
      'groupConcat over a window',
      serverName(server),
      'Use it with groupBy(), in a query of its own.',
    )
  const { separator = ',' } = node
  const literal = /^[ -[\]-~]*$/.test(separator)
    ? `'${separator.replaceAll("'", "''")}'`
    : `x'${toHex(Buffer.from(separator))}'`
  out.write(node.distinct ? 'group_concat(distinct ' : 'group_concat(').nodes(node.args)
  writeOrderOf(node, out)
  out.write(` separator ${literal})`)
}

const FRACTIONAL = new Set(['decimal', 'float', 'number'])

/** Characters of a text that grows. The servers make it a MEDIUMTEXT. */
const LONG_TEXT = 1_000_000

export function writeCast(node: CastNode, out: SqlWriter): void {
  const { operand, to } = node
  const from = typeNameOf(operand)
  if (to === 'decimal') writeDigits(operand, scaleOf(node) ?? 0, out)
  else if (to === 'longText') out.write('cast(').node(operand).write(` as char(${LONG_TEXT}))`)
  else if (to === 'date') out.write('cast(').node(operand).write(' as date)')
  else if (to === 'float') out.write('(').operand(operand).write(' + 0e0)')
  else if (to === 'text' && from === 'boolean')
    out.write('(case ').operand(operand).write(" when 1 then 'true' when 0 then 'false' end)")
  else if (to === 'text') out.write('cast(').node(operand).write(' as char)')
  // MySQL and MariaDB round here, where the other databases truncate
  else if (from !== undefined && FRACTIONAL.has(from))
    out.write('cast(truncate(').node(operand).write(', 0) as signed)')
  else out.write('cast(').node(operand).write(' as signed)')
}
