import { bareSelect } from '../../ast/bare-select.js'
import { COLUMN, RAW, TABLE } from '../../ast/bases.js'
import type { CreateFullTextNode, DropFullTextNode } from '../../ast/definition.js'
import type {
  ColumnNode,
  ExpressionNode,
  JoinNode,
  MatchNode,
  SelectionNode,
  SelectNode,
} from '../../ast/expression.js'
import type { FullTextIndex, FullTextPart } from '../../ast/full-text.js'
import { transformSelect } from '../../ast/transform.js'
import { someNode } from '../../ast/walk.js'
import { columnTypeOf } from '../../compiler/definition.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { UsageError } from '../../errors.js'
import type { FullTextSupport } from '../dialect.js'

// https://sqlite.org/fts5.html
//
// The words of a table are in an FTS5 table over its rows, which triggers keep up to date. FTS5 knows rows by a number.
// Where the primary key is one integer, it is that number. Any other table gets a table of numbers (`_rows`): SQLite's own
// row numbers may change in VACUUM. FTS5 reads those rows through a view (`_view`).

const rowsName = ({ name }: FullTextIndex) => `${name}_rows`
const viewName = ({ name }: FullTextIndex) => `${name}_view`

const NUMBERED: readonly FullTextPart[] = ['words', 'weights', 'inserted', 'updated', 'deleted']

/** What the triggers follow. */
const EVENTS: Readonly<Partial<Record<FullTextPart, string>>> = {
  inserted: 'insert',
  updated: 'update',
  deleted: 'delete',
}
const TRIGGERS = ['inserted', 'updated', 'deleted'] as const
const WORDS_ONLY = ['words'] as const
const WITH_ROWS = ['words', 'view', 'rows'] as const

export const fullText: FullTextSupport = {
  created(index) {
    const parts: readonly FullTextPart[] = index.isNumbered ? NUMBERED : ['rows', 'view', ...NUMBERED]
    return index.weights === null ? parts.filter((part) => part !== 'weights') : parts
  },
  filled: ({ isNumbered }) => (isNumbered ? ['presentWords'] : ['presentRows', 'presentWords']),
  column: () => null,
  seesUncommitted: true,
  // the triggers first: a table that refers to itself deletes its rows by cascades when it is dropped
  dropped: ({ isNumbered }) => [...TRIGGERS, ...(isNumbered ? WORDS_ONLY : WITH_ROWS)],
}

/** The selectors that follow an emoji. They are marks, and would begin the next word. */
const SELECTORS = String.fromCodePoint(...Array.from({ length: 16 }, (_, i) => 0xfe00 + i))

/** Case and accents don't matter. Marks belong to words, as the vowels of many scripts are marks. */
const WORDS = `unicode61 remove_diacritics 2 categories 'L* Nd Nl Co Mn Mc' separators '${SELECTORS}'`

/** FTS5 knows the word forms of English only. */
const tokenizer = ({ language }: FullTextIndex) => (language === 'english' ? `porter ${WORDS}` : WORDS)

export function writeCreateFullText({ index, part }: CreateFullTextNode, out: SqlWriter): void {
  switch (part) {
    case 'rows':
      out.write('create table ').identifier(rowsName(index)).write(' (corm_row integer primary key, ')
      for (const [i, type] of index.keyTypes.entries())
        out.identifier(index.primaryKey[i] as string).write(` ${columnTypeOf(type, out)}, `)
      out.write('unique (').identifiers(index.primaryKey).write('))')
      return
    case 'view':
      out.write('create view ').identifier(viewName(index)).write(' as select r.corm_row, ')
      out.write(index.columns.map((column) => `t.${out.syntax.quote(column)}`).join(', '))
      out.write(' from ').identifier(rowsName(index)).write(' r join ').identifier(index.table)
      out.write(` t on ${sameKey(index, 'r', 't', out)}`)
      return
    case 'words': {
      const content = index.isNumbered ? index.table : viewName(index)
      const row = index.isNumbered ? (index.primaryKey[0] as string) : 'corm_row'
      out.write('create virtual table ').identifier(index.name).write(' using fts5(').identifiers(index.columns)
      out.write(`, content=${out.syntax.literal(content)}, content_rowid=${out.syntax.literal(row)}`)
      out.write(`, tokenize=${out.syntax.literal(tokenizer(index))})`)
      return
    }
    case 'weights':
      out.write('insert into ').identifier(index.name).write('(').identifier(index.name)
      out.write(`, rank) values ('rank', 'bm25(${(index.weights ?? []).join(', ')})')`)
      return
    case 'presentRows':
      out.write('insert into ').identifier(rowsName(index)).write(' (').identifiers(index.primaryKey)
      out.write(') select ').identifiers(index.primaryKey).write(' from ').identifier(index.table)
      return
    case 'presentWords':
      out.write('insert into ').identifier(index.name).write('(').identifier(index.name).write(") values ('rebuild')")
      return
    case 'inserted':
      writeTrigger(index, 'insert', out)
      writeEnter(index, out)
      break
    case 'updated':
      writeTrigger(index, 'update', out)
      writeLeave(index, out)
      writeEnter(index, out)
      break
    case 'deleted':
      writeTrigger(index, 'delete', out)
      writeLeave(index, out)
      break
    default:
      throw new TypeError(`no part of an index of FTS5: ${part}`)
  }
  out.write('\nend')
}

export function writeDropFullText({ index, part }: DropFullTextNode, out: SqlWriter): void {
  const event = EVENTS[part]
  if (event !== undefined) out.write('drop trigger if exists ').identifier(`${index.name}_${event}`)
  else if (part === 'view') out.write('drop view if exists ').identifier(viewName(index))
  else out.write('drop table if exists ').identifier(part === 'rows' ? rowsName(index) : index.name)
}

/** `r."id" = t."id"`, for all columns of the key. */
const sameKey = ({ primaryKey }: FullTextIndex, left: string, right: string, out: SqlWriter): string =>
  primaryKey.map((column) => `${left}.${out.syntax.quote(column)} = ${right}.${out.syntax.quote(column)}`).join(' and ')

function writeTrigger(index: FullTextIndex, event: 'insert' | 'update' | 'delete', out: SqlWriter): void {
  out.write('create trigger ').identifier(`${index.name}_${event}`).write(` after ${event}`)
  if (event === 'update') out.write(' of ').identifiers([...new Set([...index.columns, ...index.primaryKey])])
  out.write(' on ').identifier(index.table).write(' begin')
}

/** Enters the words of the new row. */
function writeEnter(index: FullTextIndex, out: SqlWriter): void {
  const { name, columns, primaryKey, isNumbered } = index
  const values = (of: readonly string[]) => of.map((column) => `new.${out.syntax.quote(column)}`).join(', ')
  if (!isNumbered) {
    out.write('\n  insert into ').identifier(rowsName(index)).write(' (').identifiers(primaryKey)
    out.write(`) values (${values(primaryKey)});`)
  }
  out.write('\n  insert into ').identifier(name).write('(rowid, ').identifiers(columns).write(')')
  if (isNumbered) out.write(` values (${values([...primaryKey, ...columns])});`)
  else {
    out.write(` select r.corm_row, ${values(columns)} from `).identifier(rowsName(index))
    out.write(` r where ${sameKey(index, 'r', 'new', out)};`)
  }
}

/** Removes the words of the old row, which FTS5 must be given again. */
function writeLeave(index: FullTextIndex, out: SqlWriter): void {
  const { name, columns, primaryKey, isNumbered } = index
  const values = (of: readonly string[]) => of.map((column) => `old.${out.syntax.quote(column)}`).join(', ')
  out.write('\n  insert into ').identifier(name).write('(').identifier(name).write(', rowid, ').identifiers(columns)
  if (isNumbered) out.write(`) values ('delete', ${values([...primaryKey, ...columns])});`)
  else {
    out.write(`) select 'delete', r.corm_row, ${values(columns)} from `).identifier(rowsName(index))
    out.write(` r where ${sameKey(index, 'r', 'old', out)};`)
    out
      .write('\n  delete from ')
      .identifier(rowsName(index))
      .write(' as r where ')
      .write(`${sameKey(index, 'r', 'old', out)};`)
  }
}

/** `"red" "win"*`: in quotes there are no operators. */
function searchOf(search: string): string {
  if (search === '') return '""'
  return search.replace(/[^ *]+/g, '"$&"')
}

const JOINED = 'corm_rank'

/** `"id" in (select rowid from "documents_title_fulltext" where "documents_title_fulltext" match ?)` */
export function writeMatch(node: MatchNode, out: SqlWriter): void {
  const { of, index, key, search } = node
  if (of === 'rank')
    throw new UsageError(
      'The rank of matches() can only be read by the query that has the step, and by queries around it.',
    )
  if (key.length > 0) {
    if (key.length === 1) out.nodes(key)
    else out.write('(').nodes(key).write(')')
    out.write(` in (select ${rowsOf(index, out)} where `)
  }
  const encode = encoderOf(search, out)
  out.identifier(index.name).write(' match ')
  out.bind(search, (text) => searchOf(String(encode(text))))
  if (key.length > 0) out.write(')')
}

/** The keys of the rows that FTS5 has found: `rowid from "…"`. */
function rowsOf(index: FullTextIndex, out: SqlWriter): string {
  const { name, primaryKey, isNumbered } = index
  const quote = (text: string) => out.syntax.quote(text)
  if (isNumbered) return `rowid from ${quote(name)}`
  const keys = primaryKey.map((column) => `r.${quote(column)}`).join(', ')
  return `${keys} from ${quote(name)} join ${quote(rowsName(index))} r on r.corm_row = ${quote(name)}.rowid`
}

const isRank = (node: ExpressionNode): node is MatchNode => node.kind === 'match' && node.of === 'rank'

/**
 * Joins the FTS5 table where a select reads the rank, because a rank can only be read together with its search. The join then
 * stands for the condition, which every select with a rank has.
 */
export function withRank(node: SelectNode, out: SqlWriter): SelectNode {
  const rank = rankIn(node)
  if (rank === undefined) return node
  const { index } = rank
  const join: JoinNode = {
    kind: 'join',
    type: 'inner',
    source: { kind: 'derivedTable', query: foundRows(rank, out), alias: index.name },
    on: allOf(rank.key.map((column, i) => sameColumn(column, index.name, i))),
  }
  const items = node.where === null ? [] : conditionsOf(node.where)
  const rest = items.filter((item) => item.kind !== 'match' || item.index !== index)
  const read: ColumnNode = { ...COLUMN, table: index.name, name: JOINED, type: rank.type }
  const rewrite = (copy: ExpressionNode, original: ExpressionNode, depth: number): ExpressionNode => {
    // plans find parameters by their identity
    if (original.kind === 'parameter' || original.kind === 'list') return original
    return depth === 0 && isRank(original) ? read : copy
  }
  const made = transformSelect({ ...node, where: rest.length === 0 ? null : allOf(rest) }, rewrite)
  // the frame of the select knows its tables by their nodes
  const { ctes, from, joins = [], limit, offset } = node
  return { ...made, ctes, from, joins: [join, ...joins], limit, offset }
}

const allOf = (items: readonly ExpressionNode[]): ExpressionNode =>
  items.length === 1 ? (items[0] as ExpressionNode) : { kind: 'logic', operator: 'and', items }

function rankIn({ selections, orderBy, where, having, groupBy }: SelectNode): MatchNode | undefined {
  let found: MatchNode | undefined
  const look = (node: ExpressionNode | null) =>
    node !== null &&
    someNode(node, (each) => {
      if (isRank(each)) found = each
      return found !== undefined
    })
  for (const { expression } of selections) look(expression)
  for (const { expression } of orderBy) look(expression)
  for (const node of [where, having, ...groupBy]) look(node)
  return found
}

/** The conditions that all must hold. */
const conditionsOf = (node: ExpressionNode): readonly ExpressionNode[] =>
  node.kind === 'logic' && node.operator === 'and' ? node.items.flatMap(conditionsOf) : [node]

/** `select rowid as corm_key_0, -rank as corm_rank from "…" where "…" match ?`. FTS5 has the best rows at the lowest ranks. */
function foundRows(rank: MatchNode, out: SqlWriter): SelectNode {
  const { index } = rank
  const raw = (text: string): ExpressionNode => ({ ...RAW, texts: [text], nodes: [], dynamic: false, ours: true })
  const selection = (text: string, alias: string): SelectionNode => ({
    kind: 'selection',
    expression: raw(text),
    alias,
    type: null,
  })
  const name = out.syntax.quote(index.name)
  const keys = index.primaryKey.map((column, i) =>
    selection(index.isNumbered ? `${name}.rowid` : `r.${out.syntax.quote(column)}`, keyName(i)),
  )
  const rows: JoinNode = {
    kind: 'join',
    type: 'inner',
    source: { ...TABLE, name: rowsName(index), alias: 'r' },
    on: raw(`r.corm_row = ${name}.rowid`),
  }
  return {
    ...bareSelect([...keys, selection(`-${name}.rank`, JOINED)]),
    from: { ...TABLE, name: index.name, alias: null },
    ...(!index.isNumbered && { joins: [rows] }),
    where: { ...rank, of: 'condition', key: [] },
  }
}

const keyName = (place: number) => `corm_key_${place}`

const sameColumn = (column: ColumnNode, table: string, place: number): ExpressionNode => ({
  kind: 'comparison',
  operator: '=',
  left: { ...COLUMN, table, name: keyName(place), type: null },
  // as it is stored: a decimal would be converted
  right: { ...column, type: null },
})
