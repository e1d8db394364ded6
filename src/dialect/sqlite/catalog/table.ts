import type { ReferenceAction } from '../../../ast/definition.js'
import type {
  CatalogCheck,
  CatalogColumn,
  CatalogForeignKey,
  CatalogIndex,
  CatalogTable,
  WritableColumn,
} from '../../catalog.js'
import { itemsIn, type SqlToken, TokenReader } from '../../sql-tokens.js'
import { textLiteral } from '../literal.js'
import { quote } from '../quote.js'
import { readTypeComment, typeComment } from '../type-comment.js'
import { tokensIn } from './text.js'

interface Foreign extends Omit<CatalogForeignKey, 'references'> {
  /** Null means the primary key of the other table. */
  readonly references: readonly string[] | null
}

/** A table by the text of its definition. */
export interface ParsedTable extends Omit<CatalogTable, 'foreignKeys'> {
  readonly foreignKeys: readonly Foreign[]
}

interface SqliteTableParts {
  readonly columns: CatalogColumn[]
  readonly primaryKey: string[]
  readonly indexes: CatalogIndex[]
  readonly foreignKeys: Foreign[]
  readonly checks: CatalogCheck[]
  keyText: string | null
  /** A column is declared as `primary key desc`, so that it is not the number of the row. */
  isDescending: boolean
}

/** Reads CREATE TABLE. https://sqlite.org/lang_createtable.html */
export function parseTable(sql: string): ParsedTable {
  const all = tokensIn(sql)
  const head = new TokenReader(sql, all)
  while (!head.done && !head.skip('table')) head.take()
  if (head.skip('if')) head.skip('not', 'exists')
  let name = head.name()
  if (head.skip('.')) name = head.name()
  const body = head.group().slice(1, -1)
  const [first, last] = [body[0], body.at(-1)]
  const inner = all.filter(({ start, end }) => start >= (first?.start ?? 0) && end <= (last?.end ?? 0))
  const parts: SqliteTableParts = {
    columns: [],
    primaryKey: [],
    indexes: [],
    foreignKeys: [],
    checks: [],
    keyText: null,
    isDescending: false,
  }
  const comments = all.filter(({ kind }) => kind === 'comment')
  const items = itemsIn(inner)
  for (const [i, item] of items.entries())
    readItem(sql, item, commentsAround([item, items[i + 1]], comments, sql), parts)
  const options = optionsOf(head)
  const before = comments.find(({ end }) => end <= (first?.start ?? 0))
  const { isDescending, ...rest } = inDeclaredCase(parts)
  const place: KeyPlace = {
    primaryKey: rest.primaryKey,
    isStrict: options.includes('strict') || options.includes('without rowid'),
    hasRowNumber: !isDescending && !options.includes('without rowid'),
  }
  return {
    name,
    ...rest,
    columns: parts.columns.map((column) => withKey(column, place)),
    comment: before === undefined ? null : descriptionOf(before),
    options,
  }
}

function optionsOf(reader: TokenReader): string[] {
  const options: string[] = []
  while (!reader.done) {
    if (reader.skip('strict')) options.push('strict')
    else if (reader.skip('without', 'rowid')) options.push('without rowid')
    else reader.take()
  }
  return options.sort()
}

/** SQLite takes names in any case: what names a column gets the name with which it is declared. */
function inDeclaredCase(parts: SqliteTableParts): SqliteTableParts {
  const declared = declaredNames(parts.columns)
  return {
    ...parts,
    primaryKey: parts.primaryKey.map(declared),
    indexes: parts.indexes.map((index) => ({ ...index, columns: index.columns.map((name) => name && declared(name)) })),
    foreignKeys: parts.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(declared) })),
  }
}

/** The declared name of a column, by the name in whatever case. */
export function declaredNames(columns: readonly { readonly name: string }[]): (name: string) => string {
  const byLower = new Map(columns.map(({ name }) => [name.toLowerCase(), name]))
  return (name) => byLower.get(name.toLowerCase()) ?? name
}

interface KeyPlace {
  readonly primaryKey: readonly string[]
  readonly isStrict: boolean
  /** Whether a key of one integer would be the number of the row. */
  readonly hasRowNumber: boolean
}

/** A key never holds NULL, except for one of a table that is neither strict nor without row numbers. */
function withKey(column: CatalogColumn, { primaryKey, isStrict, hasRowNumber }: KeyPlace): CatalogColumn {
  if (!primaryKey.includes(column.name)) return column
  const rowNumber = hasRowNumber && primaryKey.length === 1 && column.type.toLowerCase() === 'integer'
  if (rowNumber) return { ...column, nullable: false, rowNumber }
  return isStrict ? { ...column, nullable: false } : column
}

/** The comments in a definition, and those between it and the end of its line, or the next definition on that line. */
function commentsAround(
  [item, next]: readonly [item: readonly SqlToken[], next: readonly SqlToken[] | undefined],
  comments: readonly SqlToken[],
  sql: string,
): readonly SqlToken[] {
  const [first, last] = [item[0], item.at(-1)]
  if (first === undefined || last === undefined) return []
  const line = sql.indexOf('\n', last.end)
  const end = Math.min(line === -1 ? sql.length : line, next?.[0]?.start ?? Infinity)
  return comments.filter((each) => each.start >= first.start && each.end <= Math.max(last.end, end))
}

/** What corm has written about a table or a column, or what anybody else has. */
function descriptionOf({ value }: SqlToken): string | null {
  const own = readTypeComment(`/*${value}*/`)
  return own === null ? value.trim() : own.text
}

/** The type in a comment of corm, as corm writes it. */
function notedIn({ value }: SqlToken): readonly string[] {
  const type = readTypeComment(`/*${value}*/`)?.type ?? null
  return type === null ? [] : [typeComment(type, null)]
}

function readItem(
  sql: string,
  item: readonly SqlToken[],
  comments: readonly SqlToken[],
  parts: SqliteTableParts,
): void {
  const reader = new TokenReader(sql, item)
  if (reader.done) return
  const constraint = readConstraintName(reader)
  if (reader.isNext('primary', 'key') && reader.peek(2)?.value === '(') {
    reader.skip('primary', 'key')
    const key = readKey(reader, parts)
    parts.primaryKey.push(...key.columns)
    parts.keyText = key.isPlain ? null : key.text
  } else if (reader.isNext('unique') && reader.peek(1)?.value === '(') {
    reader.skip('unique')
    parts.indexes.push(uniqueIndex(constraint, readKey(reader, parts)))
  } else if (reader.isNext('foreign', 'key')) {
    reader.skip('foreign', 'key')
    parts.foreignKeys.push(readReference(constraint, reader.names(), reader))
  } else if (reader.isNext('check') && reader.peek(1)?.value === '(') {
    reader.skip('check')
    parts.checks.push({ name: constraint, predicate: reader.inBrackets(), valid: true })
  } else parts.columns.push(readColumn(reader, comments, parts))
}

const readConstraintName = (reader: TokenReader): string | null => (reader.skip('constraint') ? reader.name() : null)

interface IndexKey {
  readonly columns: readonly string[]
  /** What stands in its brackets. */
  readonly keys: string
  readonly text: string
  /** Whether it is columns and nothing else. */
  readonly isPlain: boolean
}

/** The columns of PRIMARY KEY or UNIQUE, with collations, directions, and what is done with rows that conflict. */
function readKey(reader: TokenReader, { columns: known }: SqliteTableParts): IndexKey {
  const group = reader.group().slice(1, -1)
  const items = itemsIn(group).map((item) => itemOf(reader.textOf(item), known))
  const conflict = readConflict(reader)
  return {
    columns: items.map(({ column }) => column),
    keys: reader.textOf(group),
    text: `${items.map(({ text }) => text).join(', ')}${conflict}`,
    isPlain: conflict === '' && items.every(({ isPlain }) => isPlain),
  }
}

/** A column of a key. A collation that the column has already says nothing. */
function itemOf(sql: string, known: readonly CatalogColumn[]): { column: string; text: string; isPlain: boolean } {
  const reader = new TokenReader(sql, tokensIn(sql))
  const column = reader.name()
  const own = known.find(({ name }) => name.toLowerCase() === column.toLowerCase())?.collation ?? 'binary'
  const collation = reader.skip('collate') ? reader.name().toLowerCase() : own
  if (!reader.skip('asc') && reader.skip('desc'))
    return { column, text: `${collated(column, collation, own)} desc`, isPlain: false }
  return { column, text: collated(column, collation, own), isPlain: collation === own }
}

const collated = (column: string, collation: string, own: string): string =>
  collation === own ? column.toLowerCase() : `${column.toLowerCase()} collate ${collation}`

/** `on conflict ignore`, after a space. ABORT is what happens anyhow. */
function readConflict(reader: TokenReader): string {
  const action = reader.skip('on', 'conflict') ? reader.name().toLowerCase() : 'abort'
  return action === 'abort' ? '' : ` on conflict ${action}`
}

const keyOfColumn = (column: string, conflict: string): IndexKey => ({
  columns: [column],
  keys: quote(column),
  text: `${column.toLowerCase()}${conflict}`,
  isPlain: conflict === '',
})

const uniqueIndex = (name: string | null, { columns, keys, text, isPlain }: IndexKey): CatalogIndex => ({
  name: name ?? '',
  unnamed: true,
  constraint: true,
  unique: true,
  method: 'btree',
  columns,
  lengths: [],
  expression: null,
  where: null,
  keys,
  text,
  ofColumns: isPlain,
  plain: isPlain,
  valid: true,
})

const CONSTRAINTS: readonly (readonly string[])[] = [
  ['constraint'],
  ['primary', 'key'],
  ['not', 'null'],
  ['null'],
  ['unique'],
  ['check'],
  ['default'],
  ['collate'],
  ['references'],
  ['generated'],
  ['as'],
  ['not', 'deferrable'],
  ['deferrable'],
]

function readColumn(reader: TokenReader, comments: readonly SqlToken[], parts: SqliteTableParts): CatalogColumn {
  const name = reader.name()
  const column: WritableColumn = {
    name,
    type: readType(reader),
    nullable: true,
    default: null,
    generated: null,
    numbered: false,
    collation: null,
    comment: comments.map(descriptionOf).find((text) => text !== null) ?? null,
    noted: comments.flatMap(notedIn)[0] ?? null,
    extra: null,
  }
  while (!reader.done) readColumnConstraint(reader, column, parts)
  return column
}

function readType(reader: TokenReader): string {
  const words: string[] = []
  while (!reader.done && !CONSTRAINTS.some((words) => reader.isNext(...words))) {
    if (reader.isNext('(')) words.push(`(${reader.inBrackets().replace(/\s+/g, '')})`)
    else words.push(reader.name())
  }
  return words.join(' ').replace(/ \(/g, '(')
}

function readColumnConstraint(reader: TokenReader, column: WritableColumn, parts: SqliteTableParts): void {
  const name = readConstraintName(reader)
  if (reader.skip('primary', 'key')) {
    parts.primaryKey.push(column.name)
    // only there: PRIMARY KEY (id DESC) of a table is the number of the row
    parts.isDescending = !reader.skip('asc') && reader.skip('desc')
    const key = keyOfColumn(column.name, `${parts.isDescending ? ' desc' : ''}${readConflict(reader)}`)
    parts.keyText = key.isPlain ? null : key.text
    if (reader.skip('autoincrement')) column.numbered = true
  } else if (reader.skip('not', 'null')) {
    column.nullable = false
    const conflict = readConflict(reader)
    if (conflict !== '') column.extra = `not null${conflict}`
  } else if (reader.skip('unique')) {
    parts.indexes.push(uniqueIndex(name, keyOfColumn(column.name, readConflict(reader))))
  } else if (reader.skip('check')) parts.checks.push({ name, predicate: reader.inBrackets(), valid: true })
  else if (reader.skip('default')) column.default = readDefault(reader)
  else if (reader.skip('collate')) column.collation = reader.name().toLowerCase()
  else if (reader.isNext('references')) parts.foreignKeys.push(readReference(name, [column.name], reader))
  else if (reader.skip('generated', 'always', 'as') || reader.skip('as')) {
    const expression = reader.inBrackets()
    const stored = reader.skip('stored')
    if (!stored) reader.skip('virtual')
    column.generated = { expression, stored }
  } else reader.take()
}

const CONSTANTS: ReadonlySet<string> = new Set([
  'null',
  'true',
  'false',
  'current_time',
  'current_date',
  'current_timestamp',
])

/** Without brackets, a name is a text, quoted or not. */
function readDefault(reader: TokenReader): string {
  if (reader.isNext('(')) return reader.inBrackets()
  const token = reader.take()
  if (token === undefined) return ''
  if (token.kind === 'name' || (token.kind === 'word' && isText(token.value))) return textLiteral(token.value)
  const isSign = token.kind === 'symbol'
  const next = isSign ? reader.take() : token
  return reader.textOf(next === undefined ? [token] : [token, next])
}

/** Bytes, as in `x'00'`, begin with a word. */
const isText = (word: string): boolean => !CONSTANTS.has(word.toLowerCase()) && word.toLowerCase() !== 'x'

const ACTIONS: readonly (readonly [words: readonly string[], action: ReferenceAction])[] = [
  [['set', 'null'], 'setNull'],
  [['set', 'default'], 'setDefault'],
  [['no', 'action'], 'noAction'],
  [['cascade'], 'cascade'],
  [['restrict'], 'restrict'],
]

function readReference(name: string | null, columns: readonly string[], reader: TokenReader): Foreign {
  reader.skip('references')
  const table = reader.name()
  const references = reader.isNext('(') ? reader.names() : null
  let onDelete: ReferenceAction = 'noAction'
  let onUpdate: ReferenceAction = 'noAction'
  let deferrable = false
  for (;;) {
    if (reader.skip('on', 'delete')) onDelete = readAction(reader)
    else if (reader.skip('on', 'update')) onUpdate = readAction(reader)
    else if (reader.skip('match')) reader.take()
    else if (reader.skip('not', 'deferrable')) reader.skip('initially', 'deferred')
    else if (reader.skip('deferrable')) deferrable = reader.skip('initially', 'deferred')
    else if (!reader.skip('initially', 'immediate')) break
  }
  return { name, columns, table, references, onDelete, onUpdate, deferrable, valid: true }
}

function readAction(reader: TokenReader): ReferenceAction {
  for (const [words, action] of ACTIONS) if (reader.skip(...words)) return action
  return 'noAction'
}
