import type { ValueType } from '../../ast/data-type.js'
import type {
  CallNode,
  CastNode,
  ColumnNode,
  ExpressionNode,
  IdentifierNode,
  ListNode,
  PatternMode,
  PatternNode,
} from '../../ast/expression.js'
import type { SelectNode } from '../../ast/statement.js'
import { withArguments } from '../../ast/transform.js'
import { comparesJson, typeOf } from '../../ast/type-of.js'
import { type Compiler, createCompiler, standardHandlers } from '../../compiler/compiler.js'
import { encoderOf, expressionHandlers, writeCall, writeCase } from '../../compiler/expression.js'
import {
  writeCount,
  writeInsertHead,
  writeReturning,
  writeRows,
  writeSelect,
  writeWhere,
} from '../../compiler/statement.js'
import type { Handlers, SqlSyntax, SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import { toBuffer, toHex } from '../../util/bytes.js'
import { formatDateTime } from '../../util/date-text.js'
import { listIn } from '../../util/expect.js'
import { refuseJoins } from '../parameters.js'
import { readsItself, writeAssignments, writeComputedFirst, writeConflict, writeForColumn } from './assignments.js'
import { madeDefault } from './defaults.js'
import { definitionOverrides } from './definition.js'
import { RANDOM, writeCast, writeGroupConcat } from './expression.js'
import { withRank, writeCreateFullText, writeDropFullText, writeMatch } from './full-text.js'
import { writeJson, writeJsonEquals, writeJsonRows, writeMember } from './json.js'
import { writeMirror } from './mirrors.js'
import { quote } from './quote.js'
import { writeScalar } from './scalars.js'
import {
  decimalFormOf,
  KEY,
  writeDecimalArithmetic,
  writeDecimalBetween,
  writeDecimalComparison,
  writeDecimalIn,
  writeIn,
  writeSortable,
} from './scaled.js'
import { storageHandlers } from './storage-handlers.js'
import { sqliteCodec } from './types.js'
import { writeExtensionDistance, writeOwnDistance } from './vectors.js'

/** Whether the node is a name, which may be that of a value in the result. */
function isNamedValue(node: ExpressionNode): node is (ColumnNode | IdentifierNode) & { readonly type: ValueType } {
  if (node.kind === 'identifier') return node.type != null
  return node.kind === 'column' && node.table === null && node.type !== null && node.type.column !== node.name
}

function literal(value: unknown): string {
  if (value === null) return 'null'
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return value > 0 ? '9e999' : '-9e999'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return `x'${toHex(value)}'`
  const text = String(value)
  // SQLite ends a statement at its first NUL
  if (text.includes('\0')) return `cast(x'${toHex(Buffer.from(text))}' as text)`
  return `'${text.replaceAll("'", "''")}'`
}

function encodeUntyped(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (value instanceof Date) return formatDateTime(value)
  if (value instanceof Uint8Array) return toBuffer(value)
  return value
}

/** Window functions that return a value of another row. */
const NEIGHBOURS: ReadonlySet<string> = new Set(['lag', 'lead', 'firstValue', 'lastValue', 'nthValue'])

function writeAggregate(node: CallNode, out: SqlWriter): void {
  const args: readonly ExpressionNode[] = node.args
  const [argument] = args
  const form = argument === undefined ? null : decimalFormOf(argument)
  if (argument === undefined || form === null || node.name === 'count' || NEIGHBOURS.has(node.name))
    writeCall(node, out)
  else if (node.name === 'avg') {
    const mean = decimalFormOf(node) ?? form
    out
      .callOwn(mean.long ? 'corm_long_divided' : 'corm_divided')
      .node({ ...node, name: 'sum' })
      .write(`, ${form.scale}, `)
      .node({ ...node, name: 'count' })
      .write(`, 0, ${mean.scale})`)
  } else if (!form.long) writeCall(node, out)
  else if (node.name === 'sum') {
    out.ownFunctions.add('corm_decimal_sum')
    writeCall(node, out, 'corm_decimal_sum')
  } else {
    // compares the key, which sorts as the number does
    const key: CastNode = { kind: 'cast', operand: argument, to: 'decimalKey', type: KEY }
    out.callOwn('corm_decimal_unkey')
    writeCall(
      withArguments(node, () => key),
      out,
    )
    out.write(`, ${form.scale})`)
  }
}

const isFraction = (node: ExpressionNode) => ['float', 'number'].includes(typeOf(node)?.dataType.name ?? '')

/** The most tables in a join: https://sqlite.org/limits.html, section 6 */
const MOST_JOINED = 64

const overrides: Partial<Handlers> = {
  list(node, out) {
    writeList(node, encoderOf(node, out), node.type?.dataType.name === 'binary', out)
  },
  comparison(node, out) {
    if (comparesJson(node)) {
      if (node.operator === '!=') out.write('not ')
      writeJsonEquals(node.left, node.right, out)
    } else if (!writeDecimalComparison(node, out)) expressionHandlers.comparison(node, out)
  },
  in(node, out) {
    const { operand, list, negated } = node
    if (list.kind === 'select' && writeDecimalIn(node, out, asStored(list))) return
    out.operand(operand).write(negated ? ' not in ' : ' in ')
    if (list.kind === 'list') out.node(list)
    else out.write('(').node(asStored(list)).write(')')
  },
  subquery(node, out) {
    out.write('(').node(asStored(node.query)).write(')')
  },
  between(node, out) {
    if (!writeDecimalBetween(node, out)) expressionHandlers.between(node, out)
  },
  order(node, out) {
    if (node.direction === null) return void out.node(node.expression)
    const { expression } = node
    if (expression.kind === 'distance') return expressionHandlers.order(node, out)
    // for sorting, any integer works as well as a fraction
    if (expression.kind === 'call' && expression.name === 'random') out.write('random()')
    // a selected value may be read as text, and its name would refer to that text
    else if (isNamedValue(expression) && sqliteCodec(expression.type).read !== undefined)
      out.write('cast(').node(expression).write(' as integer)')
    else writeSortable(expression, out)
    out.write(` ${node.direction}`)
    if (node.nulls !== null) out.write(` nulls ${node.nulls}`)
  },
  member: writeMember,
  // SQLite's LIKE folds ASCII case only; GLOB is exact and uses an index for a fixed beginning
  pattern(node, out) {
    const { pattern, mode, insensitive } = node
    if (pattern.kind !== 'parameter')
      throw new UnsupportedError('A pattern that is not a value', 'SQLite', 'Pass it as a string.')
    const encode = encoderOf(pattern, out)
    const fold = (value: unknown) => (insensitive ? String(value).toLowerCase() : String(value))
    if (mode === 'contains') {
      out.write('instr(')
      writeFolded(node, out)
      out.write(', ').bind(pattern, (value) => (value === null ? null : encode(fold(value))))
      out.write(node.negated ? ') = 0' : ') > 0')
      return
    }
    writeFolded(node, out)
    out.write(node.negated ? ' not glob ' : ' glob ')
    out.bind(pattern, (value) => (value === null ? null : encode(toGlob(fold(value), mode))))
  },
  regex(node, out) {
    out
      .callOwn(node.insensitive ? 'corm_iregexp' : 'corm_regexp')
      .node(node.pattern)
      .write(', ')
      .node(node.operand)
      .write(')')
  },
  arithmetic(node, out) {
    if (writeDecimalArithmetic(node, out)) return
    // the operator would cut both sides to integers
    if (node.operator === '%' && (isFraction(node.left) || isFraction(node.right)))
      out.write('mod(').nodes([node.left, node.right]).write(')')
    else if (node.operator === '/') out.operand(node.left).write(' * 1.0 / ').operand(node.right)
    else out.operand(node.left).write(` ${node.operator} `).operand(node.right)
  },
  call(node, out) {
    if (node.name === 'now') out.write("strftime('%Y-%m-%d %H:%M:%f', 'now')")
    else if (node.name === 'random') out.write(RANDOM)
    else if (node.name === 'groupConcat') writeGroupConcat(node, out)
    else if (!writeScalar(node, out)) writeAggregate(node, out)
  },
  json: writeJson,
  jsonRows: writeJsonRows,
  case(node, out) {
    const form = decimalFormOf(node)
    writeCase(node, out, (value) => (form === null ? void out.node(value) : writeIn(form, value, out)))
  },
  cast: writeCast,
  select(node, out) {
    refuseJoins(node, MOST_JOINED, 'SQLite')
    writeSelect(withRank(node, out), out)
    // OFFSET needs a LIMIT before it
    if (node.limit !== null) writeCount(node.limit, out.write(' limit '))
    else if (node.offset !== null) out.write(' limit -1')
    if (node.offset !== null) writeCount(node.offset, out.write(' offset '))
  },
  match: writeMatch,
  createFullText: writeCreateFullText,
  createMirror: writeMirror,
  dropFullText: writeDropFullText,
  insert(node, out) {
    writeInsertHead(node, out)
    writeRows(node, out)
    writeConflict(node, out)
    writeReturning(node.returning, out)
  },
  update(node, out) {
    out.write('update ').node(node.table).write(' set ')
    writeAssignments(node.assignments, out)
    if (readsItself(node)) writeComputedFirst(out)
    writeWhere(node.where, out)
    writeReturning(node.returning, out)
  },
  ...definitionOverrides,
}

/** Makes a query in an operand return stored values. The form for reading would turn big integers and decimals into text. */
function asStored(select: SelectNode): SelectNode {
  return { ...select, selections: select.selections.map((selection) => ({ ...selection, type: null })) }
}

function writeFolded(node: PatternNode, out: SqlWriter): void {
  if (node.insensitive) out.callOwn('corm_lower').node(node.operand).write(')')
  else out.operand(node.operand)
}

function toGlob(text: string, mode: PatternMode): string {
  const glob = text.replace(/[*?[]/g, '[$&]')
  if (mode === 'like') return glob.replaceAll('%', '*').replaceAll('_', '?')
  return mode === 'startsWith' ? `${glob}*` : `*${glob}`
}

/** JSON has no bytes, so they are written in hexadecimal. */
function writeList(node: ListNode, encode: (value: unknown) => unknown, isBytes: boolean, out: SqlWriter): void {
  // a definition allows no subquery
  if (out.inline !== null) {
    out.write('(').bindSpread(node, encode, node.values.length).write(')')
    return
  }
  out.write(isBytes ? '(select unhex(value) from json_each(' : '(select value from json_each(')
  out.bind(node, (values) => toJsonList(listIn(values).map(encode))).write('))')
}

/** Writes a list as JSON; bigints are written as digits, bytes as hexadecimal. */
function toJsonList(values: readonly unknown[]): string {
  const items = values.map((value) => {
    if (typeof value === 'bigint' || typeof value === 'number') return String(value)
    return JSON.stringify(value instanceof Uint8Array ? toHex(value) : value)
  })
  return `[${items.join(',')}]`
}

const syntax: SqlSyntax = {
  quote,
  placeholder: () => '?',
  codec: sqliteCodec,
  encodeUntyped,
  literal,
  madeDefault,
  truth: (value) => (value ? '1 = 1' : '1 = 0'),
}

/** `distance` writes how vectors are compared. */
const createSqliteCompiler = (distance: Handlers['distance']): Compiler =>
  createCompiler(syntax, {
    ...overrides,
    distance,
    ...storageHandlers({ ...standardHandlers, ...overrides, distance }, { list: writeList, value: writeForColumn }),
  })

export const sqliteCompiler = createSqliteCompiler(writeOwnDistance)

/** The compiler that uses the extension sqlite-vec. */
export const sqliteVecCompiler = createSqliteCompiler(writeExtensionDistance)
