import { isSame } from '../ast/canonical.js'
import type { AddCheckNode, AlterColumnNode, ChangeNode, DropIndexNode, RenameColumnNode } from '../ast/change.js'
import type {
  AddForeignKeyNode,
  ColumnDefinition,
  CommentNode,
  CreateIndexNode,
  DefinitionNode,
} from '../ast/definition.js'
import {
  type DialectSql,
  type IndexState,
  needsValue,
  type OperationName,
  type OperationOf,
  type SchemaOperation,
  type SchemaState,
  type TableState,
  viewOptionsOf,
} from '../ast/schema.js'
import type { Capabilities, Dialect } from '../dialect/dialect.js'
import { own } from '../util/own.js'
import {
  beforeIndexes,
  columnDefinition,
  columnNamed,
  fullTextIndex,
  indexDefinition,
  tableDefinition,
} from './definitions.js'
import { usesColumn } from './mentions.js'
import { createMirror, dropMirror } from './mirrors.js'
import { changed } from './operation/kind.js'
import { swapNodes } from './swaps.js'

// The statements of an operation, for databases that alter tables in place.

/** The state around an operation, and what the database can do. */
export interface Around {
  readonly before: SchemaState
  readonly after: SchemaState
  readonly dialect: Pick<Dialect, 'name' | 'capabilities' | 'compiler' | 'conversions'>
  /** Tables that earlier operations of the list have created: they have no rows. */
  readonly created?: ReadonlySet<string>
}

/** An operation with the states around it. */
export interface SchemaStatement {
  readonly operation: SchemaOperation
  readonly around: Around
}

/** The nodes that statements are compiled from. */
export type SchemaNode = DefinitionNode | ChangeNode

type OperationWriter<Name extends OperationName> = (
  operation: OperationOf<Name>,
  around: Around,
) => readonly SchemaNode[]

/** A table that the operation has checked to exist. */
function tableIn(state: SchemaState, name: string): TableState {
  const table = state.tables.get(name)
  if (table === undefined) throw new TypeError(`no table ${name}`)
  return table
}

function definitionIn(state: SchemaState, { dialect }: Pick<Around, 'dialect'>, table: string, column: string) {
  const owner = beforeIndexes(tableIn(state, table), dialect.capabilities.keysNeedIndexes)
  const found = columnNamed(owner, column)
  if (found === undefined) throw new TypeError(`no column ${table}.${column}`)
  return columnDefinition(owner, found)
}

const commentNode = (table: string, column: string | null, text: string | null): CommentNode => ({
  kind: 'comment',
  table,
  column,
  text,
})

function commentsOf(
  { name, comment, columns }: TableState,
  { commentStatements }: Capabilities,
): readonly CommentNode[] {
  if (!commentStatements) return []
  const all = [[null, comment] as const, ...columns.map((each) => [each.name, each.comment] as const)]
  return all.flatMap(([column, text]) => (text === null ? [] : [commentNode(name, column, text)]))
}

const alter = (table: string, around: Around, column: string): AlterColumnNode => ({
  kind: 'alterColumn',
  table,
  from: definitionIn(around.before, around, table, column),
  to: definitionIn(around.after, around, table, column),
  using: null,
})

/** The column that the database can only auto-increment together with this index. */
function numberedWith({ columns }: IndexState, table: string, around: Around): Pick<CreateIndexNode, 'numbers'> {
  const [column] = columns
  if (!around.dialect.capabilities.keysNeedIndexes || column === undefined) return {}
  const { from, to } = alter(table, around, column)
  return from.type.autoIncrement === to.type.autoIncrement ? {} : { numbers: to }
}

/** Adds a NOT NULL column as nullable first. MySQL would otherwise fill it with zeros and empty texts. */
const addColumn: OperationWriter<'addColumn'> = ({ table, column, fill }, around) => {
  const to = definitionIn(around.after, around, table, column.name)
  const comments =
    column.comment === null || !around.dialect.capabilities.commentStatements
      ? []
      : [commentNode(table, column.name, column.comment)]
  const filled =
    fill === undefined ? [] : [{ kind: 'fillColumn', table, column: to, value: fill, rows: 'all' } as const]
  if (!needsValue(column)) return [{ kind: 'addColumn', table, column: to, foreignKeys: [] }, ...filled, ...comments]
  const from = { ...to, nullable: true }
  return [
    { kind: 'addColumn', table, column: from, foreignKeys: [] },
    ...filled,
    { kind: 'alterColumn', table, from, to, using: null },
    ...comments,
  ]
}

/** Fills rows without a value after the column has its new type and while it still accepts NULL. */
const alterColumn: OperationWriter<'alterColumn'> = (operation, around) => {
  const { table, column, fill } = operation
  if (fill === undefined) return altered(operation, around)
  const { before, after } = around
  const old = columnNamed(tableIn(before, table), column.name)
  const open = { ...column, nullable: true }
  const between = changed(after, table, ({ columns }) => ({
    columns: columns.map((each) => (each.name === column.name ? open : each)),
  }))
  const value = {
    kind: 'fillColumn',
    table,
    column: definitionIn(between, around, table, column.name),
    value: fill,
  } as const
  return [
    ...(isSame(old, open) ? [] : altered({ ...operation, column: open }, { ...around, after: between })),
    { ...value, rows: 'null' },
    ...altered({ ...operation, using: null }, { ...around, before: between }),
  ]
}

/**
 * Converts values through a second column while the type changes. ALTER TABLE would convert the present values, and fail if the
 * new type can't hold them. Each statement can run twice, or is part of a transaction.
 */
function throughColumn(
  { table, from, to }: AlterColumnNode,
  using: string,
  quote: (name: string) => string,
): SchemaNode[] {
  const waiting = { ...to, name: `corm_new_${to.name}`, nullable: true, default: null, comment: null }
  const [old, made] = [
    { ...from, nullable: true, default: null },
    { ...to, nullable: true, default: null },
  ]
  const convert = (column: string, sql: string) => ({ kind: 'convertColumn', table, column, sql }) as const
  const become = (before: ColumnDefinition, after: ColumnDefinition): AlterColumnNode => ({
    kind: 'alterColumn',
    table,
    from: before,
    to: after,
    using: null,
    isConverted: true,
  })
  return [
    { kind: 'addColumn', table, column: waiting, foreignKeys: [] },
    convert(waiting.name, using),
    become(from, old),
    convert(to.name, 'null'),
    become(old, made),
    convert(to.name, quote(waiting.name)),
    become(made, to),
    { kind: 'dropColumn', table, column: waiting.name },
  ]
}

/**
 * Changes a column. Its checks and the indexes whose expressions use it are created again, because they contain casts to the
 * old type.
 */
const altered: OperationWriter<'alterColumn'> = ({ table, column, using }, around) => {
  const node = { ...alter(table, around, column.name), using: textFor(using, around) }
  const { commentStatements } = around.dialect.capabilities
  const comments =
    commentStatements && node.from.comment !== column.comment ? [commentNode(table, column.name, column.comment)] : []
  if (isSame({ ...node.from, comment: null }, { ...node.to, comment: null }) && using === null)
    return commentStatements || node.from.comment === column.comment ? comments : [node]
  if (isSame(node.from.type, node.to.type) && node.using === null) return [node, ...comments]
  const owner = tableIn(around.before, table)
  const checks = owner.checks.filter(({ predicate }) => usesColumn(predicate, column.name))
  const indexes = owner.indexes.filter(
    ({ where, expression, fullText }) =>
      fullText === null && (usesColumn(where, column.name) || usesColumn(expression, column.name)),
  )
  const { conversions, compiler } = around.dialect
  const converted =
    node.using === null || conversions.using ? null : throughColumn(node, node.using, compiler.syntax.quote)
  const name = compiler.syntax.quote(column.name)
  const stored = (sql: string | null) =>
    sql === null || node.using !== null ? [] : [{ kind: 'convertColumn', table, column: column.name, sql } as const]
  return [
    ...checks.map(({ name }) => ({ kind: 'dropCheck', table, name }) as const),
    ...indexes.map((index) => indexDropped(table, index, around)),
    ...stored(conversions.before(node.from.type, node.to.type, name)),
    ...(converted ?? [node]),
    ...stored(conversions.after(node.from.type, node.to.type, name)),
    ...checks.map((check) => ({ kind: 'addCheck', table, check }) as const),
    ...indexes.map((index) => indexDefinition(tableIn(around.after, table), index)),
    ...comments,
  ]
}

/** The SQL for this dialect; null if there is none. */
export const textFor = (sql: DialectSql | null, { dialect }: Pick<Around, 'dialect'>): string | null => {
  if (sql === null) return null
  const text = Object.hasOwn(sql, dialect.name) ? sql[dialect.name] : sql.default
  return text ?? null
}

/** The foreign keys that have no other index than this one. */
function keysBehind({ name, columns }: IndexState, { foreignKeys, indexes, primaryKey }: TableState) {
  const leads = (index: readonly string[], key: readonly string[]) => key.every((column, i) => index[i] === column)
  const others = [primaryKey, ...indexes.filter((each) => each.name !== name).map((each) => each.columns)]
  return foreignKeys.filter((key) => leads(columns, key.columns) && !others.some((other) => leads(other, key.columns)))
}

/** Drops an index and the hidden column that it covers. */
function indexDropped(table: string, index: IndexState, around: Around): DropIndexNode {
  const column = hiddenColumn(index, tableIn(around.before, table), around)
  const node: DropIndexNode = { kind: 'dropIndex', table, name: index.name, concurrently: false }
  return column === null ? node : { ...node, column }
}

const hiddenColumn = (index: IndexState, owner: TableState, { dialect }: Around): string | null =>
  own(dialect.capabilities).hiddenIndex?.(indexDefinition(owner, index))?.column.name ?? null

/** Renames a column and the hidden columns named after it. */
function columnRenamed(
  { table, from, to }: Pick<RenameColumnNode, 'table' | 'from' | 'to'>,
  around: Around,
): readonly SchemaNode[] {
  const [owner, later] = [tableIn(around.before, table), tableIn(around.after, table)]
  const renamed = owner.indexes.flatMap((index): RenameColumnNode[] => {
    const same = later.indexes.find(({ name }) => name === index.name)
    if (same === undefined) return []
    const [old, now] = [hiddenColumn(index, owner, around), hiddenColumn(same, later, around)]
    return old === null || now === null || old === now ? [] : [{ kind: 'renameColumn', table, from: old, to: now }]
  })
  return [{ kind: 'renameColumn', table, from, to }, ...renamed]
}

/** Adds a constraint in two statements. The first holds its lock only briefly, and the second allows writes. */
function constraintAdded(
  node: AddForeignKeyNode | AddCheckNode,
  { created, dialect: { capabilities } }: Around,
  concurrently = false,
): readonly SchemaNode[] {
  if (!concurrently || !capabilities.validatesLater || created?.has(node.table) === true) return [node]
  const added = { ...node, notValid: true }
  return [added, { kind: 'validateConstraint', table: node.table, added }]
}

const WRITERS: { readonly [Name in OperationName]: OperationWriter<Name> } = {
  createTable: ({ table }, { dialect: { capabilities } }) => [
    tableDefinition(beforeIndexes(table, capabilities.keysNeedIndexes)),
    ...commentsOf(table, capabilities),
  ],
  dropTable({ table }, { before, dialect: { capabilities } }) {
    const owner = tableIn(before, table)
    const words = owner.indexes.flatMap((index) => fullTextIndex(owner, index) ?? [])
    return [
      ...words.flatMap((index) =>
        capabilities.fullText.dropped(index).map((part) => ({ kind: 'dropFullText', index, part }) as const),
      ),
      { kind: 'dropTable', table },
    ]
  },
  retireTable: () => [],
  restoreTable: () => [],
  renameTable: ({ table, to }) => [{ kind: 'renameTable', table, to }],
  addColumn,
  removeColumn: ({ table, column }) => [{ kind: 'dropColumn', table, column }],
  retireColumn({ table, column }, around) {
    const node = alter(table, around, column)
    return node.from.nullable === node.to.nullable ? [] : [node]
  },
  renameColumn: columnRenamed,
  mirrorColumn: ({ table, ...mirror }, { after, dialect }) => createMirror(tableIn(after, table), mirror, dialect),
  unmirrorColumn: ({ table, from, to }, { dialect }) => dropMirror(table, { from, to }, dialect),
  swapColumns: ({ table, column, other }, around) => swapNodes({ table, column, other }, around),
  alterColumn,
  createIndex({ table, index, concurrently }, around) {
    const { after, created: newTables } = around
    const { capabilities } = around.dialect
    const owner = tableIn(after, table)
    const words = fullTextIndex(owner, index)
    if (words !== null) {
      const { column, created, filled } = capabilities.fullText
      const made = column(words)
      return [
        ...(made === null ? [] : [{ kind: 'addColumn', table, column: made, foreignKeys: [] } as const]),
        ...[...created(words), ...(newTables?.has(table) === true ? [] : filled(words))].map(
          (part) => ({ kind: 'createFullText', index: words, part }) as const,
        ),
      ]
    }
    if (index.vector !== null && capabilities.vectors?.indexes !== true) return []
    const node = { ...indexDefinition(owner, index), ...numberedWith(index, table, around) }
    return [{ ...node, concurrently: concurrently && capabilities.concurrentIndexes }]
  },
  dropIndex({ table, name, ...wanted }, around) {
    const { before, dialect } = around
    const { capabilities } = dialect
    const concurrently = wanted.concurrently && capabilities.concurrentIndexes
    const owner = tableIn(before, table)
    const index = owner.indexes.find((each) => each.name === name)
    const words = index === undefined ? null : fullTextIndex(owner, index)
    if (index?.vector != null && capabilities.vectors?.indexes !== true) return []
    if (words === null) {
      const keys = capabilities.keysNeedIndexes && index !== undefined ? keysBehind(index, owner) : []
      return [
        ...keys.map((key) => ({ kind: 'dropForeignKey', table, name: key.name }) as const),
        index === undefined
          ? { kind: 'dropIndex', table, name, concurrently }
          : { ...indexDropped(table, index, around), ...numberedWith(index, table, around), concurrently },
        ...keys.map((foreignKey) => ({ kind: 'addForeignKey', table, foreignKey }) as const),
      ]
    }
    const { column, dropped } = capabilities.fullText
    const made = column(words)
    return [
      ...dropped(words).map((part) => ({ kind: 'dropFullText', index: words, part }) as const),
      ...(made === null
        ? []
        : [
            { kind: 'dropIndex', table, name, concurrently } as const,
            { kind: 'dropColumn', table, column: made.name } as const,
          ]),
    ]
  },
  renameIndex({ table, from, to }, { after, dialect: { capabilities } }) {
    if (capabilities.alters === 'everything') return [{ kind: 'renameIndex', table, from, to }]
    const owner = tableIn(after, table)
    const index = owner.indexes.find(({ name }) => name === to)
    const made = index === undefined ? [] : [indexDefinition(owner, index)]
    return [{ kind: 'dropIndex', table, name: from, concurrently: false }, ...made]
  },
  addForeignKey: ({ table, foreignKey, concurrently }, around) =>
    constraintAdded({ kind: 'addForeignKey', table, foreignKey }, around, concurrently),
  dropForeignKey: ({ table, name }) => [{ kind: 'dropForeignKey', table, name }],
  addCheck: ({ table, check, concurrently }, around) =>
    constraintAdded({ kind: 'addCheck', table, check }, around, concurrently),
  dropCheck: ({ table, name }) => [{ kind: 'dropCheck', table, name }],
  alterComment({ table, column, comment }, around) {
    if (column === null || around.dialect.capabilities.commentStatements) return [commentNode(table, column, comment)]
    return [alter(table, around, column)]
  },
  createView({ view }, around) {
    const query = textFor(view.sql, around)
    return query === null ? [] : [{ kind: 'createView', name: view.name, query, options: viewOptionsOf(view) }]
  },
  dropView({ name }, around) {
    const view = around.before.views.get(name)
    return view === undefined || textFor(view.sql, around) === null ? [] : [{ kind: 'dropView', name }]
  },
}

/** The statements of one operation. */
export const statementsOf = (operation: SchemaOperation, around: Around): readonly SchemaNode[] =>
  (WRITERS[operation.op] as OperationWriter<OperationName>)(operation, around)
