import type {
  CallNode,
  CaseNode,
  ConcatNode,
  ExpressionNode,
  FrameEnd,
  FunctionName,
  ListNode,
  LogicNode,
  ParameterNode,
  PatternMode,
  PatternNode,
} from '../ast/expression.js'
import { UsageError } from '../errors.js'
import { at } from '../util/list.js'
import { own } from '../util/own.js'
import { encoderFor } from './codec.js'
import type { Handlers, SqlWriter } from './writer.js'

type ExpressionKinds =
  | 'column'
  | 'parameter'
  | 'list'
  | 'comparison'
  | 'logic'
  | 'not'
  | 'nullTest'
  | 'in'
  | 'member'
  | 'between'
  | 'pattern'
  | 'regex'
  | 'arithmetic'
  | 'concat'
  | 'tuple'
  | 'call'
  | 'case'
  | 'cast'
  | 'distance'
  | 'match'
  | 'json'
  | 'object'
  | 'subquery'
  | 'exists'
  | 'jsonRows'
  | 'raw'
  | 'identifier'
  | 'annotation'
  | 'incoming'
  | 'truth'
  | 'order'

/** The function that encodes a parameter or list item of this type. */
export function encoderOf(node: ParameterNode | ListNode, out: SqlWriter): (value: unknown) => unknown {
  if (node.type === null) return (value) => (value === null ? null : out.syntax.encodeUntyped(value))
  return encoderFor(node.type, out.syntax.codec(node.type))
}

/** The escape character in corm's patterns. A backslash would have different meanings in different databases. */
export const ESCAPE = '|'

export function escapePattern(text: string, mode: PatternMode): string {
  if (mode === 'like') return text
  const escaped = text.replace(/[|%_]/g, (c) => ESCAPE + c)
  return (mode === 'startsWith' ? '' : '%') + escaped + (mode === 'endsWith' ? '' : '%')
}

function writePattern(node: PatternNode, out: SqlWriter): void {
  const pattern = node.pattern
  if (pattern.kind !== 'parameter') {
    out.operand(pattern)
    return
  }
  const encode = encoderOf(pattern, out)
  out.bind(pattern, (value) => (value === null ? null : encode(escapePattern(String(value), node.mode))))
  // without ESCAPE, some databases would treat a backslash as the escape character
  out.write(node.mode === 'like' ? " escape ''" : ` escape '${ESCAPE}'`)
}

/** Functions whose SQL name differs. */
const SPELLED: Readonly<Partial<Record<FunctionName, string>>> = own({
  rowNumber: 'row_number',
  denseRank: 'dense_rank',
  percentRank: 'percent_rank',
  cumeDist: 'cume_dist',
  firstValue: 'first_value',
  lastValue: 'last_value',
  nthValue: 'nth_value',
  nullIf: 'nullif',
})

const COUNTED: ReadonlySet<FunctionName> = new Set<FunctionName>(['lag', 'lead', 'ntile', 'nthValue'])

/** `sqlName` is the name of the function in SQL. */
export function writeCall(node: CallNode, out: SqlWriter, sqlName = SPELLED[node.name] ?? node.name): void {
  const { name, count } = node
  if (name === 'translated') return writeFirstFilled(shownColumns(node, out), out)
  const args: readonly ExpressionNode[] = node.args
  out.write(`${sqlName}(`)
  if (name === 'count' && args.length === 0) out.write('*')
  if (node.distinct) out.write('distinct ')
  const [first, ...more] = args
  if (first !== undefined) out.node(first)
  if (count !== undefined && COUNTED.has(name)) out.write(`${first === undefined ? '' : ', '}${count}`)
  for (const each of more) out.write(', ').node(each)
  out.write(')')
  writeRowsOf(node, out)
}

/** The columns of a translated field, in the order of the current language. */
export function shownColumns({ args, type }: CallNode<'translated'>, out: SqlWriter): readonly ExpressionNode[] {
  const languages = type?.languages
  if (languages === undefined) return args
  out.languages.add(languages)
  return languages.order().map((place) => at(args, place))
}

/** Writes the first of these columns that is filled; `filled` writes a column, or null where that is empty. */
export function writeFirstFilled(
  columns: readonly ExpressionNode[],
  out: SqlWriter,
  filled: (column: ExpressionNode) => void = (column) => void out.write('nullif(').node(column).write(", '')"),
): void {
  if (columns.length > 1) out.write('coalesce(')
  for (const [i, column] of columns.entries()) {
    if (i > 0) out.write(', ')
    filled(column)
  }
  if (columns.length > 1) out.write(')')
}

/** Writes the order of an aggregate's values. */
export function writeOrderOf({ orderBy = [] }: CallNode, out: SqlWriter): void {
  if (orderBy.length > 0) out.write(' order by ').nodes(orderBy)
}

/** Writes the filter and the window of a call. */
export function writeRowsOf(node: CallNode, out: SqlWriter): void {
  if (node.filter !== undefined) out.write(' filter (where ').node(node.filter).write(')')
  writeOver(node, out)
}

export function writeOver({ over }: CallNode, out: SqlWriter): void {
  if (over === undefined) return
  const { partitionBy, orderBy, rows } = over
  out.write(' over (')
  if (partitionBy.length > 0) out.write('partition by ').nodes(partitionBy)
  if (orderBy.length > 0) out.write(partitionBy.length > 0 ? ' order by ' : 'order by ').nodes(orderBy)
  if (rows !== null) {
    const before = partitionBy.length > 0 || orderBy.length > 0 ? ' ' : ''
    out.write(`${before}rows between ${frameEnd(rows[0], 'preceding')} and ${frameEnd(rows[1], 'following')}`)
  }
  out.write(')')
}

function frameEnd(end: FrameEnd, unbounded: string): string {
  if (end === null) return `unbounded ${unbounded}`
  return end === 0 ? 'current row' : `${Math.abs(end)} ${end < 0 ? 'preceding' : 'following'}`
}

/** `write` writes the result of a branch, for dialects in which it must have the type of the whole. */
export function writeCase(
  node: CaseNode,
  out: SqlWriter,
  write: (value: ExpressionNode) => void = (value) => void out.node(value),
): void {
  out.write('case')
  for (const { when, value } of node.branches) {
    out.write(' when ').node(when).write(' then ')
    write(value)
  }
  if (node.otherwise !== null) {
    out.write(' else ')
    write(node.otherwise)
  }
  out.write(' end')
}

/** SQLite parses a chain of 1000 conditions as 1000 levels of nesting, and refuses more. */
const LONGEST = 500

/** Groups a long chain with brackets, which makes its nesting less deep. */
export function inGroups<N extends LogicNode | ConcatNode>(row: N): N {
  const { items } = row
  if (items.length <= LONGEST) return row
  const groups: N[] = []
  const size = Math.ceil(Math.sqrt(items.length))
  for (let i = 0; i < items.length; i += size) groups.push({ ...row, items: items.slice(i, i + size) })
  return { ...row, items: groups }
}

export const expressionHandlers: Pick<Handlers, ExpressionKinds> = {
  column(node, out) {
    const qualifier = out.qualifier(node)
    if (qualifier !== null) out.identifier(qualifier).write('.')
    out.identifier(node.name)
  },
  parameter(node, out) {
    out.bind(node, encoderOf(node, out))
  },
  list(node, out) {
    out.write('(').bindSpread(node, encoderOf(node, out), out.listSize(node)).write(')')
  },
  comparison(node, out) {
    out
      .operand(node.left)
      .write(node.operator === '!=' ? ' <> ' : ` ${node.operator} `)
      .operand(node.right)
  },
  logic(given, out) {
    const node = inGroups(given)
    for (const [i, item] of node.items.entries()) {
      if (i > 0) out.write(` ${node.operator} `)
      if (item.kind === 'logic' || item.kind === 'raw') out.write('(').node(item).write(')')
      else out.node(item)
    }
  },
  not(node, out) {
    out.write('not (').node(node.item).write(')')
  },
  nullTest(node, out) {
    out.operand(node.operand).write(node.negated ? ' is not null' : ' is null')
  },
  in(node, out) {
    out.operand(node.operand).write(node.negated ? ' not in ' : ' in ')
    if (node.list.kind === 'list') out.node(node.list)
    else out.write('(').node(node.list).write(')')
  },
  member(node, out) {
    out.node(node.item).write(' = any(').node(node.operand).write(')')
  },
  between(node, out) {
    out.operand(node.operand).write(node.negated ? ' not between ' : ' between ')
    out.operand(node.low).write(' and ').operand(node.high)
  },
  pattern(node, out) {
    if (node.insensitive) out.write('lower(').node(node.operand).write(')')
    else out.operand(node.operand)
    out.write(node.negated ? ' not like ' : ' like ')
    if (node.insensitive) out.write('lower(')
    writePattern(node, out)
    if (node.insensitive) out.write(')')
  },
  regex(node, out) {
    out.operand(node.operand).write(' regexp ').operand(node.pattern)
  },
  arithmetic(node, out) {
    out.operand(node.left).write(` ${node.operator} `).operand(node.right)
  },
  concat(given, out) {
    const node = inGroups(given)
    for (const [i, item] of node.items.entries()) {
      if (i > 0) out.write(' || ')
      out.operand(item)
    }
  },
  tuple(node, out) {
    out.write('(').nodes(node.items).write(')')
  },
  call(node, out) {
    if (node.name === 'now') out.write('current_timestamp')
    else writeCall(node, out)
  },
  case(node, out) {
    writeCase(node, out)
  },
  cast(node, out) {
    out
      .write('cast(')
      .node(node.operand)
      .write(` as ${out.syntax.codec(node.type).columnType})`)
  },
  distance() {
    throw new TypeError('each database has its own way to compare vectors')
  },
  match() {
    throw new TypeError('each database has its own full-text search')
  },
  json() {
    throw new TypeError('each database has its own way into JSON')
  },
  object() {
    throw new UsageError(
      'Conditions in an object stand in where() and having() only. Here, write them as c.name.eq(…).',
    )
  },
  subquery(node, out) {
    out.write('(').node(node.query).write(')')
  },
  exists(node, out) {
    out.write('exists (').node(node.query).write(')')
  },
  jsonRows() {
    throw new TypeError('this database reads related rows by statements of their own')
  },
  raw(node, out) {
    for (const [i, text] of node.texts.entries()) {
      out.write(text)
      const inner = node.nodes[i]
      if (inner !== undefined) out.node(inner)
    }
  },
  identifier(node, out) {
    out.write(node.path.map((name) => out.syntax.quote(name)).join('.'))
  },
  annotation(node) {
    throw new TypeError(`"${node.name}" was not put in its place when the statement was assembled`)
  },
  incoming(node, out) {
    out.write('excluded.').identifier(node.column)
  },
  truth(node, out) {
    out.write(out.syntax.truth(node.value))
  },
  order(node, out) {
    const { expression, direction } = node
    if (direction === null) return void out.node(expression)
    if (expression.kind === 'distance' && expression.alias !== null) out.identifier(expression.alias)
    else out.operand(expression)
    out.write(` ${direction}`)
    if (node.nulls !== null) out.write(` nulls ${node.nulls}`)
  },
}
