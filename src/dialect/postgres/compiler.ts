import { type DataType, TEXT_TYPES } from '../../ast/data-type.js'
import type { ColumnDefinition, MadeDefault } from '../../ast/definition.js'
import type { ExpressionNode, ListNode, PatternNode } from '../../ast/expression.js'
import type { SelectionNode } from '../../ast/statement.js'
import { changeHandlers } from '../../compiler/change.js'
import { createCompiler } from '../../compiler/compiler.js'
import { columnTypeOf, definitionHandlers, writeColumn, writeCreateTable } from '../../compiler/definition.js'
import { ESCAPE, encoderOf, escapePattern, inGroups } from '../../compiler/expression.js'
import { quoter } from '../../compiler/identifier.js'
import {
  statementHandlers,
  writeConflict,
  writeInsertHead,
  writeReturning,
  writeRows,
  writeWhere,
} from '../../compiler/statement.js'
import type { Handlers, SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError, UsageError } from '../../errors.js'
import { toBuffer, toHex } from '../../util/bytes.js'
import { listIn } from '../../util/expect.js'
import { writeArithmetic, writeAssignments, writeCallOf, writeCast } from './arithmetic.js'
import { toArrayLiteral, toPaddedArrayLiteral, writeMember } from './array.js'
import { usingClause } from './conversions.js'
import { withWords, writeFullTextIndex, writeMatch } from './full-text.js'
import { writeJson, writeJsonMember } from './json.js'
import { writeLists, writeUpdateRows } from './lists.js'
import { refuseLock } from './lock.js'
import { writeDropMirror, writeMirror } from './mirrors.js'
import { turnsNumbered, writeTurnNumbered } from './numbered.js'
import { writeBare, writeBeside, writeParameter, writeText } from './operands.js'
import { formatTimestamp } from './timestamp.js'
import { castType, postgresCodec } from './types.js'
import { withIndexScan, writeDistance, writeOrder, writeVectorIndex } from './vectors.js'
import { VIEW_OPTIONS } from './views.js'

/** PostgreSQL would silently cut longer names. */
export const IDENTIFIERS = { longest: 63, unit: 'bytes' } as const

const quote = quoter('"', IDENTIFIERS)

/** Correct with standard_conforming_strings on, which is verified when connecting. */
function literal(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return `E'\\\\x${toHex(value)}'`
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint' || Number.isFinite(value)) return String(value)
  const text = String(value).replaceAll("'", "''")
  return text.includes('\\') ? `E'${text.replaceAll('\\', '\\\\')}'` : `'${text}'`
}

/** Binds every value but bytes as text, because pg would convert objects in ways that do not fit a scalar. */
function encodeUntyped(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) throw new UsageError(NUL)
      return value
    case 'number':
      return Object.is(value, -0) ? '-0' : value
    case 'bigint':
    case 'boolean':
      return value
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime()))
      throw new UsageError('An invalid Date was given as a value. Check it before: Number.isNaN(date.getTime()).')
    return formatTimestamp(value)
  }
  if (value instanceof Uint8Array) return toBuffer(value)
  throw new UsageError(
    'A list or an object was given where PostgreSQL takes one value. Pass its JSON text, or compare with a list through in.',
  )
}
const NUL = 'A text holds a NUL character (U+0000), which PostgreSQL cannot store. Remove it.'

function bindList(list: ListNode, toLiteral: (values: readonly unknown[]) => string, out: SqlWriter): void {
  const encode = encoderOf(list, out)
  out.bind(list, (values) => toLiteral(listIn(values).map(encode)))
}

function writeIn(operand: ExpressionNode, list: ListNode, negated: boolean, out: SqlWriter): void {
  out.operand(operand)
  if (out.inline) {
    out
      .write(negated ? ' not in (' : ' in (')
      .bindSpread(list, encoderOf(list, out), list.values.length)
      .write(')')
    return
  }
  out.write(negated ? ' <> all(' : ' = any(')
  bindList(list, toPaddedArrayLiteral, out)
  if (operand.kind !== 'column' && list.type !== null && list.type.dataType.sql === undefined)
    out.write(`::${castType(list.type.dataType)}[]`)
  out.write(')')
}

function writeLike(node: PatternNode, out: SqlWriter): void {
  const { pattern, mode, insensitive, negated } = node
  writeText(node.operand, out)
  out.write(negated ? ' not' : '').write(insensitive ? ' ilike ' : ' like ')
  if (pattern.kind !== 'parameter') {
    writeText(pattern, out)
    return
  }
  const encode = encoderOf(pattern, out)
  out.bind(pattern, (value) => (value === null ? null : encode(escapePattern(String(value), mode))))
  out.write(mode === 'like' ? "::text escape ''" : `::text escape '${ESCAPE}'`)
}

const RESCALED: ReadonlySet<string> = new Set([
  'round',
  'floor',
  'ceil',
  'abs',
  'greatest',
  'least',
  'nullIf',
  'lag',
  'lead',
  'coalesce',
])

/** A computed decimal has the digits of its operands, so it is cast to the digits that its type promises. */
function writeSelection({ expression, type, alias }: SelectionNode, out: SqlWriter): void {
  const scale = type?.dataType.name === 'decimal' ? type.dataType.scale : undefined
  const computed = expression.kind === 'case' || (expression.kind === 'call' && RESCALED.has(expression.name))
  if (scale !== undefined && computed) out.write('round((').node(expression).write(`)::numeric, ${scale})`)
  else out.node(expression)
  if (alias !== null) out.write(' as ').identifier(alias)
}

/** Before PostgreSQL 18 all generated columns are stored. */
function writeColumnOf(column: ColumnDefinition, out: SqlWriter): void {
  const { name, type, generated } = column
  if (type.autoIncrement === true && !/serial/i.test(type.sql ?? ''))
    out.identifier(name).write(` ${columnTypeOf(type, out)} generated by default as identity`)
  else writeColumn(generated === null ? column : { ...column, generated: { ...generated, stored: true } }, out)
}

const overrides: Partial<Handlers> = {
  alterColumn(node, out) {
    const { from, to, using } = node
    // an assignment refuses a text that is too long
    const isPlain = using !== null || (TEXT_TYPES.has(from.type.name) && TEXT_TYPES.has(to.type.name))
    const converted = isPlain ? using : usingClause(from.type, to.type, quote(to.name), columnTypeOf(to.type, out))
    const write = turnsNumbered(node) ? writeTurnNumbered : changeHandlers.alterColumn
    write({ ...node, using: converted }, out)
  },
  parameter: writeParameter,
  list(node, out) {
    bindList(node, toArrayLiteral, out)
    if (node.type !== null) out.write(`::${castType(node.type.dataType)}[]`)
  },
  comparison(node, out) {
    writeBeside(node.left, node.right, out)
    out.write(node.operator === '!=' ? ' <> ' : ` ${node.operator} `)
    writeBeside(node.right, node.left, out)
  },
  in(node, out) {
    if (node.list.kind === 'list') writeIn(node.operand, node.list, node.negated, out)
    else
      out
        .operand(node.operand)
        .write(node.negated ? ' not in (' : ' in (')
        .node(node.list)
        .write(')')
  },
  between(node, out) {
    out.operand(node.operand).write(node.negated ? ' not between ' : ' between ')
    writeBeside(node.low, node.operand, out)
    out.write(' and ')
    writeBeside(node.high, node.operand, out)
  },
  member(node, out) {
    const { operand, item } = node
    if (operand.kind === 'json') writeJsonMember(operand, item, out)
    else writeMember(node, item.type === null ? 'text' : castType(item.type.dataType), out)
  },
  pattern: writeLike,
  regex(node, out) {
    writeText(node.operand, out)
    out.write(node.insensitive ? ' ~* ' : ' ~ ')
    writeText(node.pattern, out)
  },
  arithmetic: writeArithmetic,
  concat(node, out) {
    inGroups(node).items.forEach((item, i) => {
      if (i > 0) out.write(' || ')
      writeText(item, out)
    })
  },
  call: writeCallOf,
  json: writeJson,
  cast: writeCast,
  // the user's SQL around a parameter decides its type
  raw(node, out) {
    node.texts.forEach((text, i) => {
      out.write(text)
      const inner = node.nodes[i]
      if (inner?.kind === 'parameter') writeBare(inner, out)
      else if (inner !== undefined) out.node(inner)
    })
  },
  insert(node, out) {
    writeInsertHead(node, out)
    if (node.source.kind === 'lists') writeLists(node, node.source, out)
    else if (node.columns.length === 0) writeRows(node, out)
    else writeValues(node.source.rows, out)
    if (node.conflict !== null && node.conflict.assignments.length > 0) {
      out.write(' on conflict (').identifiers(node.conflict.columns).write(') do update set ')
      writeAssignments(node.conflict.assignments, out)
    } else writeConflict(node, out)
    writeReturning(node.returning, out)
  },
  update(node, out) {
    out.write('update ').node(node.table).write(' set ')
    writeAssignments(node.assignments, out)
    writeWhere(node.where, out)
    writeReturning(node.returning, out)
  },
  updateRows: writeUpdateRows,
  select(node, out) {
    refuseLock(node)
    statementHandlers.select(withIndexScan(node, out), out)
  },
  selection: writeSelection,
  distance: writeDistance,
  match: writeMatch,
  order: writeOrder,
  createTable(node, out) {
    writeCreateTable(withWords(node), out, writeColumnOf)
  },
  addColumn({ table, column }, out) {
    out.write('alter table ').identifier(table).write(' add column ')
    writeColumnOf(column, out)
  },
  createView({ name, query, options }, out) {
    const own = options.filter((option) => VIEW_OPTIONS.includes(option))
    out.write('create view ').identifier(name)
    out.write(`${own.length > 0 ? ` with (${own.join(', ')})` : ''} as ${query}`)
  },
  createFullText: writeFullTextIndex,
  createMirror: writeMirror,
  dropMirror: writeDropMirror,
  createIndex(node, out) {
    if (node.vector !== null) return writeVectorIndex(node, out)
    const method = node.method?.toLowerCase() ?? null
    if (method !== null && !METHODS.has(method))
      throw new UnsupportedError(
        `The index method "${node.method}"`,
        'PostgreSQL',
        `Use one of ${[...METHODS].join(', ')}.`,
      )
    // conditions on arrays ask for what they contain
    const isArray = node.types?.length === 1 && node.types[0]?.name === 'array' && !node.unique
    definitionHandlers.createIndex({ ...node, method: method ?? (isArray ? 'gin' : null) }, out)
  },
}

/** Index methods of the server and of widely used extensions. */
const METHODS: ReadonlySet<string> = new Set([
  'btree',
  'hash',
  'gist',
  'spgist',
  'gin',
  'brin',
  'bloom',
  'hnsw',
  'ivfflat',
  'diskann',
  'rum',
])

function writeValues(rows: readonly (readonly ExpressionNode[])[], out: SqlWriter): void {
  out.write(' values ')
  rows.forEach((row, r) => {
    out.write(r > 0 ? ', (' : '(')
    row.forEach((value, i) => {
      if (i > 0) out.write(', ')
      if (value.kind === 'parameter') writeBare(value, out)
      else out.node(value)
    })
    out.write(')')
  })
}

/** Written so that the time zone of the inserting session does not matter. */
function madeDefault(made: MadeDefault, { name }: DataType): string {
  if (made === 'uuid') return 'gen_random_uuid()'
  return name === 'dateTime' ? 'now()' : `(now() at time zone 'UTC')::${name}`
}

export const postgresCompiler = createCompiler(
  {
    quote,
    placeholder: (index) => `$${index}`,
    codec: postgresCodec,
    encodeUntyped,
    literal,
    madeDefault,
    truth: String,
  },
  overrides,
)
