import type { ReferenceAction } from '../../../ast/definition.js'
import {
  type CatalogCheck,
  type CatalogColumn,
  type CatalogForeignKey,
  type CatalogIndex,
  type CatalogTable,
  plainColumn,
  type WritableColumn,
} from '../../catalog.js'
import { itemsIn, type SqlToken, TokenReader, tokensOf } from '../../sql-tokens.js'

const SYNTAX = { backslash: true }

export const readerOf = (sql: string): TokenReader => new TokenReader(sql, tokensOf(sql, SYNTAX))

interface MysqlTableParts {
  readonly columns: CatalogColumn[]
  primaryKey: string[]
  keyText: string | null
  readonly indexes: CatalogIndex[]
  readonly foreignKeys: CatalogForeignKey[]
  readonly checks: CatalogCheck[]
}

/** Reads what SHOW CREATE TABLE returns. */
export function parseTable(sql: string): CatalogTable {
  const reader = readerOf(sql)
  while (!reader.done && !reader.skip('table')) reader.take()
  const name = reader.name()
  const parts: MysqlTableParts = {
    columns: [],
    primaryKey: [],
    keyText: null,
    indexes: [],
    foreignKeys: [],
    checks: [],
  }
  for (const item of itemsIn(reader.group().slice(1, -1))) readItem(new TokenReader(sql, item), parts)
  const keys = new Set(parts.foreignKeys.map((key) => key.name))
  return withoutHidden({
    name,
    ...parts,
    // the server makes an index for a key that has none, and names it after the key
    indexes: parts.indexes.map((index) => (keys.has(index.name) ? { ...index, unnamed: true } : index)),
    ...optionsOf(reader),
  })
}

/** The index of a hidden column is one over the expression that the column is generated from. */
export function withoutHidden(table: CatalogTable): CatalogTable {
  const folded = new Set<string>()
  const indexes = table.indexes.map((index): CatalogIndex => {
    const column = index.columns.length === 1 ? table.columns.find(({ name }) => name === index.columns[0]) : undefined
    const { generated = null, extra = null } = column ?? {}
    if (column === undefined || generated === null || generated.stored || extra !== INVISIBLE) return index
    folded.add(column.name)
    const [expression, length] = [`(${generated.expression})`, index.lengths[0] ?? null]
    const keys = length === null ? expression : `${expression}(${length})`
    const text = `${index.method} ${keys}`
    return {
      ...index,
      columns: [null],
      lengths: [length],
      expression,
      keys,
      text,
      hidden: true,
      ofColumns: false,
      plain: false,
    }
  })
  return { ...table, indexes, columns: table.columns.filter(({ name }) => !folded.has(name)) }
}

const OPTIONS: ReadonlySet<string> = new Set(['engine', 'collate', 'charset'])

function optionsOf(reader: TokenReader): Pick<CatalogTable, 'comment' | 'options'> {
  const options: string[] = []
  let comment: string | null = null
  while (!reader.done) {
    const word = reader.name().toLowerCase()
    if (!reader.skip('=')) continue
    const value = reader.name()
    if (word === 'comment') comment = value
    else if (OPTIONS.has(word)) options.push(`${word} ${value}`)
  }
  return { comment, options: options.sort() }
}

function readItem(reader: TokenReader, parts: MysqlTableParts): void {
  if (reader.peek()?.kind === 'name') return void parts.columns.push(readColumn(reader, parts))
  if (reader.skip('primary', 'key')) {
    const items = itemsIn(reader.group().slice(1, -1))
    parts.primaryKey = items.flatMap(([first]) => first?.value ?? [])
    // it holds the beginning of a column, or is in descending order
    if (items.some((item) => item.length > 1)) parts.keyText = items.map(textOfKey).join(', ')
    return
  }
  const constraint = reader.skip('constraint') ? reader.name() : null
  if (reader.skip('foreign', 'key')) {
    const columns = reader.names()
    reader.skip('references')
    const first = reader.name()
    const table = reader.skip('.') ? `${first}.${reader.name()}` : first
    parts.foreignKeys.push({ name: constraint, columns, table, references: reader.names(), ...actionsOf(reader) })
    return
  }
  if (reader.skip('check')) {
    const predicate = reader.inBrackets()
    parts.checks.push({ name: constraint, predicate, valid: true })
    return
  }
  const kind = reader.name().toLowerCase()
  const isKey = kind === 'key' || kind === 'index'
  if (!isKey && !reader.skip('key') && !reader.skip('index')) return
  parts.indexes.push(readIndex(reader, isKey ? 'key' : kind))
}

const ACTIONS: readonly (readonly [words: readonly string[], action: ReferenceAction])[] = [
  [['set', 'null'], 'setNull'],
  [['set', 'default'], 'setDefault'],
  [['no', 'action'], 'restrict'],
  [['cascade'], 'cascade'],
  [['restrict'], 'restrict'],
]

/** For InnoDB, NO ACTION is RESTRICT, and what is left out is too. */
function actionsOf(reader: TokenReader): Pick<CatalogForeignKey, 'onDelete' | 'onUpdate' | 'deferrable' | 'valid'> {
  const read = (): ReferenceAction => ACTIONS.find(([words]) => reader.skip(...words))?.[1] ?? 'restrict'
  const onDelete = reader.skip('on', 'delete') ? read() : 'restrict'
  const onUpdate = reader.skip('on', 'update') ? read() : 'restrict'
  return { onDelete, onUpdate, deferrable: false, valid: true }
}

/** The rest of `UNIQUE KEY` and `FULLTEXT KEY`, from the name on. */
function readIndex(reader: TokenReader, kind: string): CatalogIndex {
  const name = reader.name()
  // InnoDB makes B-trees of what is declared as a hash, and MariaDB says that a unique index of a long text is one
  const method = kind === 'key' || kind === 'unique' ? 'btree' : kind
  if (reader.skip('using')) reader.take()
  const group = reader.group().slice(1, -1)
  const items = itemsIn(group)
  const columns = items.map(columnOf)
  const [only] = items
  return {
    name,
    unnamed: false,
    constraint: false,
    unique: kind === 'unique',
    method,
    columns,
    lengths: items.map(lengthOf),
    expression: items.length === 1 && only !== undefined && columns[0] === null ? reader.textOf(only) : null,
    where: null,
    keys: reader.textOf(group),
    text: `${method} ${items.map(textOfKey).join(', ')}`,
    ofColumns: items.every((item, i) => columns[i] !== null && item.length === 1),
    // the beginning of a long text is what an index of it covers
    plain: method === 'btree' && items.every((item, i) => columns[i] !== null && !hasDirection(item)),
    valid: true,
  }
}

const hasDirection = (item: readonly SqlToken[]) => item.at(-1)?.value.toLowerCase() === 'desc'

/** The column; null for an expression, which stands in brackets. */
const columnOf = ([first]: readonly SqlToken[]): string | null =>
  first?.kind === 'name' || first?.kind === 'word' ? first.value : null

/** The 10 of `name`(10). */
const lengthOf = ([first, , length]: readonly SqlToken[]): number | null =>
  first?.kind === 'name' && length?.kind === 'number' ? Number(length.value) : null

const textOfKey = (item: readonly SqlToken[]): string =>
  item
    .map(({ kind, value }, i) =>
      kind === 'name' || (i === 0 && kind === 'word') ? `\`${value}\`` : value.toLowerCase(),
    )
    .join('')

const ENDS: readonly (readonly string[])[] = [
  ['not', 'null'],
  ['null'],
  ['default'],
  ['auto_increment'],
  ['comment'],
  ['generated'],
  ['as'],
  ['check'],
  ['character', 'set'],
  ['collate'],
  ['on', 'update'],
  ['invisible'],
]

function readColumn(reader: TokenReader, parts: MysqlTableParts): CatalogColumn {
  const name = reader.name()
  const column: WritableColumn = { ...plainColumn(name, lowerCased(readUntilEnd(reader))) }
  const extra: string[] = []
  while (!reader.done) {
    if (reader.skip('check')) readCheck(reader.inBrackets(), extra, parts)
    else readPart(reader, column, extra)
  }
  return { ...column, extra: extra.length === 0 ? null : extra.join(' ') }
}

/** That JSON is valid belongs to the type. Any other check says the same as one of the table. */
function readCheck(predicate: string, extra: string[], { checks }: MysqlTableParts): void {
  if (predicate.startsWith('json_valid(')) extra.push(`check (${predicate})`)
  else checks.push({ name: null, predicate, valid: true })
}

function readPart(reader: TokenReader, column: WritableColumn, extra: string[]): void {
  if (reader.skip('not', 'null')) column.nullable = false
  else if (reader.skip('null')) column.nullable = true
  else if (reader.skip('auto_increment')) column.numbered = true
  else if (reader.skip('comment')) column.comment = reader.name()
  else if (reader.skip('character', 'set')) reader.take()
  else if (reader.skip('collate')) column.collation = reader.name()
  else if (reader.skip('default')) {
    const text = readUntilEnd(reader)
    column.default = text.toLowerCase() === 'null' ? null : text
  } else if (reader.skip('generated', 'always', 'as') || reader.skip('as')) {
    const expression = reader.inBrackets()
    const stored = reader.skip('stored') || reader.skip('persistent')
    if (!stored) reader.skip('virtual')
    column.generated = { expression, stored }
  } else if (reader.skip('invisible')) extra.push(INVISIBLE)
  else extra.push(reader.name() === 'ON' && reader.skip('update') ? `on update ${readUntilEnd(reader)}` : 'other')
}

const INVISIBLE = 'invisible'

/** In lower case, but for the values of an enum. */
const lowerCased = (type: string): string =>
  type.replace(/'(?:[^'\\]|\\[\s\S]|'')*'|[^']+/g, (part) => (part.startsWith("'") ? part : part.toLowerCase()))

/** The text up to the next part of the definition. */
function readUntilEnd(reader: TokenReader): string {
  const tokens: SqlToken[] = []
  // a default may be the word NULL
  do {
    if (reader.isNext('(')) tokens.push(...reader.group())
    else {
      const token = reader.take()
      if (token !== undefined) tokens.push(token)
    }
  } while (!reader.done && !ENDS.some((words) => reader.isNext(...words)))
  return reader.textOf(tokens)
}
