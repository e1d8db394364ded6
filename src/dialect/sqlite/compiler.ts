import type { ValueType } from '../../ast/data-type.js'
import type { ColumnDefinition } from '../../ast/definition.js'
import type { CallNode, ExpressionNode, ListNode, PatternMode, PatternNode } from '../../ast/expression.js'
import type { AssignmentNode, SelectNode } from '../../ast/statement.js'
import { typeOf } from '../../ast/type-of.js'
import { createCompiler, standardHandlers } from '../../compiler/compiler.js'
import { columnTypeOf, definitionHandlers, writeColumn, writeTableBody } from '../../compiler/definition.js'
import { encoderOf, writeCall, writeCase } from '../../compiler/expression.js'
import { writeCount, writeReturning, writeSelect, writeWhere } from '../../compiler/statement.js'
import type { Handlers, SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import { toHex } from '../../util/bytes.js'
import { formatDateTime } from '../../util/date-text.js'
import { madeDefault } from './defaults.js'
import { RANDOM, writeCast, writeGroupConcat } from './expression.js'
import { writeJson, writeJsonRows } from './json.js'
import { refuseRowLock } from './lock.js'
import { writeScalar } from './scalars.js'
import { isLongDecimal, isScaled, scaleOf, writeAtScale, writePair, writeScaledArithmetic } from './scaled.js'
import { storageHandlers } from './storage/handlers.js'
import { sqliteCodec } from './types.js'

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

function literal(value: unknown): string {
  if (value === null) return 'null'
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return value > 0 ? '9e999' : '-9e999'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return `x'${toHex(value)}'`
  const text = String(value)
  // a statement ends at its first NUL
  if (text.includes('\0')) return `cast(x'${toHex(Buffer.from(text))}' as text)`
  return `'${text.replaceAll("'", "''")}'`
}

function encodeUntyped(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (value instanceof Date) return formatDateTime(value)
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return value
}

/** Decimals of more than 18 digits are text; a key made by a function sorts and compares as the number does. */
function writeSortable(node: ExpressionNode, long: boolean, out: SqlWriter): void {
  if (long) out.write('corm_decimal_key(').node(node).write(')')
  else out.operand(node)
}

/** A value takes the scale of the column it goes into. */
function writeAssignmentsAtScale(assignments: readonly AssignmentNode[], out: SqlWriter): void {
  assignments.forEach(({ column, value, type }, i) => {
    out
      .write(i === 0 ? '' : ', ')
      .identifier(column)
      .write(' = ')
    writeForColumn(value, type, out)
  })
}

function writeForColumn(value: ExpressionNode, type: ValueType | undefined, out: SqlWriter): void {
  const scale = isScaled(type?.dataType) ? (type?.dataType.scale ?? 0) : null
  if (type === undefined || value.kind === 'parameter' || typeOf(value) === null || scaleOf(value) === scale)
    out.node(value)
  else {
    // a fraction has no place in a column of integers
    const fits = scale === null || (scaleOf(value) ?? (isFraction(value) ? scale + 1 : 0)) <= scale
    out.write(fits ? '' : 'corm_round(')
    writeAtScale(value, scale, out)
    out.write(fits ? '' : ')')
  }
}

/** Window functions that give a value of another row. */
const NEIGHBOURS: ReadonlySet<string> = new Set(['lag', 'lead', 'firstValue', 'lastValue', 'nthValue'])

function writeAggregate(node: CallNode, out: SqlWriter): void {
  const type = node.args[0] === undefined ? undefined : typeOf(node.args[0])?.dataType
  const long = isLongDecimal(type)
  if (node.args.length === 0 || NEIGHBOURS.has(node.name)) writeCall(node, out)
  else if (node.name === 'avg' && isScaled(type)) {
    out
      .write('corm_mean(')
      .node({ ...node, name: 'sum' })
      .write(', ')
      .node({ ...node, name: 'count' })
      .write(')')
  } else if (long && node.name !== 'count') {
    if (node.name === 'avg') throw new UnsupportedError('avg of a decimal of more than 18 digits', 'SQLite')
    if (node.over !== undefined)
      throw new UnsupportedError(`${node.name} of a decimal of more than 18 digits over a window`, 'SQLite')
    writeCall({ ...node, name: `corm_decimal_${node.name}` as 'sum' }, out)
  } else writeCall(node, out)
}

const isFraction = (node: ExpressionNode) => ['float', 'number'].includes(typeOf(node)?.dataType.name ?? '')

const overrides: Partial<Handlers> = {
  list(node, out) {
    writeList(node, encoderOf(node, out), node.type?.dataType.name === 'binary', out)
  },
  comparison(node, out) {
    const operator = node.operator === '!=' ? ' <> ' : ` ${node.operator} `
    const type = (typeOf(node.left) ?? typeOf(node.right))?.dataType
    if (!isLongDecimal(type) || node.operator === '=' || node.operator === '!=')
      return writePair(node.left, operator, node.right, out)
    writeSortable(node.left, true, out)
    out.write(operator)
    writeSortable(node.right, true, out)
  },
  in(node, out) {
    out.operand(node.operand).write(node.negated ? ' not in ' : ' in ')
    if (node.list.kind === 'list') out.node(node.list)
    else out.write('(').node(asStored(node.list)).write(')')
  },
  subquery(node, out) {
    out.write('(').node(asStored(node.query)).write(')')
  },
  between(node, out) {
    const long = isLongDecimal(typeOf(node.operand)?.dataType)
    writeSortable(node.operand, long, out)
    out.write(node.negated ? ' not between ' : ' between ')
    writeSortable(node.low, long, out)
    out.write(' and ')
    writeSortable(node.high, long, out)
  },
  order(node, out) {
    if (node.direction === null) return void out.node(node.expression)
    const { expression } = node
    // any integer is as good as a fraction here
    if (expression.kind === 'call' && expression.name === 'random') out.write('random()')
    // a value that was selected goes out as text where a number could not hold it
    else if (
      expression.kind === 'identifier' &&
      expression.type != null &&
      sqliteCodec(expression.type).read !== undefined
    )
      out.write('cast(').node(expression).write(' as integer)')
    else writeSortable(expression, isLongDecimal(typeOf(expression)?.dataType), out)
    out.write(` ${node.direction}`)
    if (node.nulls !== null) out.write(` nulls ${node.nulls}`)
  },
  // SQLite's LIKE folds ASCII case only; GLOB is exact and uses an index for a fixed beginning
  pattern(node, out) {
    const { pattern, mode, insensitive } = node
    if (pattern.kind !== 'parameter') throw new UnsupportedError('A pattern that is not a value', 'SQLite')
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
      .write(node.insensitive ? 'corm_iregexp(' : 'corm_regexp(')
      .node(node.pattern)
      .write(', ')
      .node(node.operand)
      .write(')')
  },
  arithmetic(node, out) {
    const left = typeOf(node.left)?.dataType
    if (isLongDecimal(left) || isLongDecimal(typeOf(node.right)?.dataType))
      throw new UnsupportedError('Arithmetic on a decimal of more than 18 digits', 'SQLite', 'Compute it in code.')
    if (isScaled(left) || scaleOf(node.right) !== null) writeScaledArithmetic(node, out)
    // the operator cuts both sides to integers
    else if (node.operator === '%' && (isFraction(node.left) || isFraction(node.right)))
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
    const scale = scaleOf(node)
    writeCase(node, out, (value) => (scale === null ? void out.node(value) : writeAtScale(value, scale, out)))
  },
  cast: writeCast,
  select(node, out) {
    refuseRowLock(node)
    writeSelect(node, out)
    // OFFSET needs a LIMIT before it
    if (node.limit !== null) writeCount(node.limit, out.write(' limit '))
    else if (node.offset !== null) out.write(' limit -1')
    if (node.offset !== null) writeCount(node.offset, out.write(' offset '))
  },
  createTable(node, out) {
    out
      .write(node.ifNotExists ? 'create table if not exists ' : 'create table ')
      .identifier(node.table)
      .write(' (')
    writeComment(node.comment, '\n  ', out)
    const [key] = node.columns.filter((column) => column.type.autoIncrement === true)
    const column = (definition: ColumnDefinition) => {
      if (definition === key)
        out.identifier(key.name).write(` ${columnTypeOf(key.type, out)} primary key autoincrement not null`)
      else writeColumn(definition, out)
      writeComment(definition.comment, ' ', out)
    }
    writeTableBody(key === undefined ? node : { ...node, primaryKey: [] }, out, column)
    out.write(node.columns.some((c) => c.type.sql !== undefined) ? '\n)' : '\n) strict')
  },
  update(node, out) {
    out.write('update ').node(node.table).write(' set ')
    writeAssignmentsAtScale(node.assignments, out)
    writeWhere(node.where, out)
    writeReturning(node.returning, out)
  },
  createIndex(node, out) {
    if (node.method !== null && node.method.toLowerCase() !== 'btree')
      throw new UnsupportedError(
        `The index method "${node.method}"`,
        'SQLite',
        'Leave it out: every index is a B-tree.',
      )
    definitionHandlers.createIndex({ ...node, method: null }, out)
  },
}

/** SQLite has no comments of its own, but keeps the text of CREATE TABLE. */
function writeComment(text: string | null, before: string, out: SqlWriter): void {
  if (text !== null) out.write(`${before}/* ${text.replaceAll('*/', '* /')} */`)
}

/** A query as an operand gives its values as they are kept: as they are read, big integers and decimals would be texts. */
function asStored(select: SelectNode): SelectNode {
  return { ...select, selections: select.selections.map((selection) => ({ ...selection, type: null })) }
}

function writeFolded(node: PatternNode, out: SqlWriter): void {
  if (node.insensitive) out.write('corm_lower(').node(node.operand).write(')')
  else out.operand(node.operand)
}

function toGlob(text: string, mode: PatternMode): string {
  const glob = text.replace(/[*?[]/g, '[$&]')
  if (mode === 'like') return glob.replaceAll('%', '*').replaceAll('_', '?')
  return mode === 'startsWith' ? `${glob}*` : `*${glob}`
}

/** JSON has no bytes: they go as hexadecimal digits. */
function writeList(node: ListNode, encode: (value: unknown) => unknown, isBytes: boolean, out: SqlWriter): void {
  out.write(isBytes ? '(select unhex(value) from json_each(' : '(select value from json_each(')
  out.bind(node, (values) => toJsonList((values as unknown[]).map(encode))).write('))')
}

/** A list as JSON text; bigints stay digits, bytes go as hex. */
function toJsonList(values: readonly unknown[]): string {
  const items = values.map((value) => {
    if (typeof value === 'bigint' || typeof value === 'number') return String(value)
    return JSON.stringify(value instanceof Uint8Array ? toHex(value) : value)
  })
  return `[${items.join(',')}]`
}

export const sqliteCompiler = createCompiler(
  {
    quote,
    placeholder: () => '?',
    codec: sqliteCodec,
    encodeUntyped,
    literal,
    madeDefault,
    truth: (value) => (value ? '1 = 1' : '1 = 0'),
  },
  {
    ...overrides,
    ...storageHandlers({ ...standardHandlers, ...overrides }, { list: writeList, value: writeForColumn }),
  },
)
