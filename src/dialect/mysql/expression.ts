import { callsAggregate } from '../../ast/aggregate.js'
import type {
  CallNode,
  ColumnNode,
  ExpressionNode,
  ListNode,
  PatternMode,
  PatternNode,
  RegexNode,
  SelectNode,
} from '../../ast/expression.js'
import { comparesJson } from '../../ast/type-of.js'
import { someNode } from '../../ast/walk.js'
import { ESCAPE, encoderOf, escapePattern, expressionHandlers } from '../../compiler/expression.js'
import type { Handlers, SqlWriter } from '../../compiler/writer.js'
import { UsageError } from '../../errors.js'
import { paddedLength } from '../../util/chunk.js'
import { listIn } from '../../util/expect.js'
import { asDecimal, scaleOf, writeAggregate, writeArithmetic, writeParameter } from './arithmetic.js'
import { withoutFilter, writeCast, writeGroupConcat } from './calls.js'
import { writeJson, writeJsonEquals, writeMember } from './json.js'
import { writeScalar } from './scalars.js'
import { hasJsonTable, hasRowAlias, type MysqlServer } from './server.js'
import { isInTarget, quote, targetOf } from './syntax.js'
import { isIntegerType } from './update-rows.js'

/** A column's value in INSERT and UPDATE. It needs no cast, because the server converts it to the column's type. */
export function writeAssigned(node: ExpressionNode, out: SqlWriter): void {
  if (node.kind === 'parameter' && node.type?.dataType.name !== 'vector') out.bind(node, encoderOf(node, out))
  else if (node.kind === 'arithmetic') writeArithmetic(node, out, true)
  else out.node(node)
}

/** The most parameters of one statement. */
const PARAMETERS = 65_535

/** Pads the list with its last value, so that lists of any length share few SQL texts. */
function writeList(node: ListNode, out: SqlWriter, server: MysqlServer): void {
  const count = out.listSize(node)
  if (count === 0) {
    out.write('(select 1 from dual where 1 = 0)')
    return
  }
  const length = paddedLength(count)
  if (length > PARAMETERS) {
    writeLongList(node, out, server)
    return
  }
  const scale = scaleOf(node)
  const wrap = scale === null ? undefined : asDecimal(scale)
  out.write('(').bindSpread(node, encoderOf(node, out), length, wrap).write(')')
}

/**
 * Integers are bound as one JSON document, which is exact and can use the index. Texts would be compared one by one. In an
 * UPDATE or DELETE, MariaDB would read the document again for every row: a derived table of values that are not NULL has an index.
 */
function writeLongList(node: ListNode, out: SqlWriter, server: MysqlServer): void {
  if (!hasJsonTable(server) || !isIntegerType(node.type))
    throw new UsageError(
      'A list has too many values for one statement, which takes 65,535 at most. Split the list into several queries.',
    )
  const encode = encoderOf(node, out)
  const changes = targetOf(out) !== undefined
  out.write(
    changes ? '(select v from (select distinct coalesce(v, 0) as v from json_table(' : '(select v from json_table(',
  )
  out.bind(node, (values) => JSON.stringify(listIn(values).map((value) => String(encode(value)))))
  out.write(", '$[*]' columns (v bigint path '$')) as list)")
  if (changes) out.write(' as numbers)')
}

/** Writes one side of a LIKE, in lower case if the search ignores case. */
function writeFolded(node: PatternNode, out: SqlWriter, write: () => void): void {
  if (node.insensitive) out.write('lower(')
  write()
  if (node.insensitive) out.write(')')
}

/** A pattern from another expression can't be escaped, so its text is searched for with LOCATE and the like. */
function writeTextSearch(node: PatternNode, out: SqlWriter): void {
  const operand = () => writeFolded(node, out, () => out.node(node.operand))
  const text = () => writeFolded(node, out, () => out.node(node.pattern))
  if (node.negated) out.write('not ')
  if (node.mode === 'contains') {
    out.write('(locate(')
    text()
    out.write(', ')
    operand()
    out.write(') > 0)')
    return
  }
  out.write(node.mode === 'startsWith' ? '(left(' : '(right(')
  operand()
  out.write(', char_length(')
  text()
  out.write(')) = ')
  text()
  out.write(')')
}

function writeLike(node: PatternNode, out: SqlWriter): void {
  const { pattern, mode } = node
  writeFolded(node, out, () => out.operand(node.operand))
  out.write(node.negated ? ' not like ' : ' like ')
  writeFolded(node, out, () => {
    if (pattern.kind !== 'parameter') {
      out.write(`replace(`).node(pattern).write(`, '${ESCAPE}', '${ESCAPE}${ESCAPE}')`)
      return
    }
    const encode = encoderOf(pattern, out)
    out.bind(pattern, (value) => (value === null ? null : encode(escaped(String(value), mode))))
  })
  out.write(` escape '${ESCAPE}'`)
}

/**
 * A pattern of the user has no escape character. Without ESCAPE, or with an empty one, the servers would use the
 * backslash, so corm's own escape character is doubled.
 */
const escaped = (text: string, mode: PatternMode) =>
  mode === 'like' ? text.replaceAll(ESCAPE, ESCAPE + ESCAPE) : escapePattern(text, mode)

/** PCRE follows the collation's case rules unless the pattern sets its own. */
function writePcre(node: RegexNode, out: SqlWriter): void {
  const { pattern } = node
  const flag = node.insensitive ? '(?i)' : '(?-i)'
  out.operand(node.operand).write(' regexp ')
  if (pattern.kind === 'parameter') {
    const encode = encoderOf(pattern, out)
    out.bind(pattern, (value) => (value === null ? null : flag + String(encode(value))))
  } else out.write(`concat('${flag}', `).node(pattern).write(')')
}

function writeCallOf(node: CallNode, out: SqlWriter, server: MysqlServer): void {
  if (node.name === 'now') out.write('utc_timestamp(3)')
  else if (node.name === 'random') out.write('rand()')
  else if (node.filter !== undefined && callsAggregate(node)) out.node(withoutFilter(node, node.filter))
  else if (node.name === 'groupConcat') writeGroupConcat(node, out, server)
  else if (!writeScalar(node, out, server)) writeAggregate(node, out)
}

/**
 * MariaDB rewrites an EXISTS with several equalities as IN over rows, and then refuses a sub-select among them. A HAVING
 * prevents the rewrite.
 */
const TRUE: ExpressionNode = { kind: 'truth', value: true }

function writeExists(query: SelectNode, out: SqlWriter, server: MysqlServer): void {
  const apart = server.mariadb && query.where !== null && someNode(query.where, comparesSubquery)
  out
    .write('exists (')
    .node(apart && query.having === null ? { ...query, having: TRUE } : query)
    .write(')')
}

const comparesSubquery = (node: ExpressionNode) =>
  node.kind === 'comparison' && (node.left.kind === 'subquery' || node.right.kind === 'subquery')

/** The table of the statement, if the column needs its name. */
function ownTable(node: ColumnNode, out: SqlWriter): string | null {
  const target = targetOf(out)
  if (target?.qualify !== true || node.level !== undefined) return null
  const isOwn = node.table === null ? isInTarget(out) : node.table === target.alias
  return isOwn ? target.table : null
}

/** The handlers of expressions that differ from standard SQL. */
export function expressionOverrides(server: MysqlServer): Partial<Handlers> {
  return {
    column(node, out) {
      const table = ownTable(node, out) ?? out.qualifier(node)
      if (table !== null) out.identifier(table).write('.')
      out.identifier(node.name)
    },
    parameter: writeParameter,
    list: (node, out) => writeList(node, out, server),
    member: (node, out) => writeMember(node, out, server),
    comparison(node, out) {
      if (!comparesJson(node)) return void expressionHandlers.comparison(node, out)
      if (node.operator === '!=') out.write('not ')
      writeJsonEquals([node.left, node.right], out, server)
    },
    exists: (node, out) => writeExists(node.query, out, server),
    in(node, out) {
      const { list } = node
      out.operand(node.operand).write(node.negated ? ' not in ' : ' in ')
      if (list.kind === 'list') out.node(list)
      // the servers refuse LIMIT directly in a sub-select of IN, so it is wrapped in a derived table
      else if (list.limit !== null || list.offset !== null)
        out
          .write('(select * from (')
          .node(list)
          .write(`) as ${quote('limited')})`)
      else out.write('(').node(list).write(')')
    },
    pattern(node, out) {
      if (node.pattern.kind !== 'parameter' && node.mode !== 'like') writeTextSearch(node, out)
      else writeLike(node, out)
    },
    regex(node, out) {
      if (server.mariadb) {
        writePcre(node, out)
        return
      }
      out.write('regexp_like(').node(node.operand).write(', ').node(node.pattern)
      out.write(node.insensitive ? ", 'i')" : ", 'c')")
    },
    arithmetic(node, out) {
      writeArithmetic(node, out, false)
    },
    concat: (node, out) => void out.write('concat(').nodes(node.items).write(')'),
    call: (node, out) => writeCallOf(node, out, server),
    json: (node, out) => writeJson(node, out, server),
    cast: writeCast,
    incoming(node, out) {
      if (!hasRowAlias(server)) out.write('values(').identifier(node.column).write(')')
      else out.identifier('incoming').write('.').identifier(node.column)
    },
    // the servers sort NULL as the smallest value
    order(node, out) {
      if (node.direction === null) return void out.node(node.expression)
      const byDefault = node.direction === 'asc' ? 'first' : 'last'
      if (node.nulls !== null && node.nulls !== byDefault)
        out.operand(node.expression).write(node.nulls === 'first' ? ' is null desc, ' : ' is null, ')
      out.operand(node.expression).write(` ${node.direction}`)
    },
  }
}
