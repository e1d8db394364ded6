import type { ForeignKeyDefinition, ReferenceAction, VectorIndexDefinition } from '../ast/definition.js'
import type { ColumnState, FullTextState, IndexState, SchemaOperation, SchemaState, TableState } from '../ast/schema.js'
import { DefinitionError, quoted } from '../errors.js'
import type { MigrationOperation } from '../types/migration.js'
import { suggestion } from '../util/names.js'
import {
  anything,
  callback,
  either,
  flag,
  names,
  type OptionType,
  object,
  oneOf,
  optionReader,
  text,
  textOrNone,
} from '../util/options.js'
import { isPlainObject, own } from '../util/own.js'
import { columnEntries, columnStateFrom, isPrimaryKey } from './column.js'
import type { DataStep, Operation, SqlStep } from './definition.js'
import { expressionFrom, expressionsOf, predicateOf } from './expressions.js'
import { tableIn } from './operation/kind.js'

// What a file of migrations says, into operations that are complete in themselves. The columns that callbacks receive are those
// of the table at this point.

type Given = Readonly<Record<string, unknown>>
type Resolve = (given: Given, state: SchemaState) => Operation

const nullOr = <T>(type: OptionType<T>): OptionType<T | null> => ({
  wants: `${type.wants}, or null`,
  accepts: (value): value is T | null => value === null || type.accepts(value),
})

const ACTIONS = ['cascade', 'restrict', 'setNull', 'setDefault', 'noAction'] as const
const sqlText = either(text, object)
const foreignKeyOptions = {
  columns: names,
  references: object,
  onDelete: oneOf(...ACTIONS),
  onUpdate: oneOf(...ACTIONS),
  deferrable: flag,
}

/** The options of each operation. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, OptionType<never>>>>> = own({
  createTable: {
    table: text,
    columns: object,
    primaryKey: names,
    foreignKeys: object,
    checks: object,
    comment: textOrNone,
  },
  dropTable: { table: text },
  retireTable: { table: text },
  restoreTable: { table: text },
  renameTable: { table: text, to: text },
  addColumn: { table: text, column: text, definition: object, fill: anything },
  removeColumn: { table: text, column: text },
  retireColumn: { table: text, column: text },
  renameColumn: { table: text, from: text, to: text },
  alterColumn: { table: text, column: text, to: object, using: sqlText },
  createIndex: {
    table: text,
    name: text,
    columns: names,
    unique: flag,
    where: anything,
    expression: anything,
    method: text,
    vector: object,
    fullText: either(flag, object),
    concurrently: flag,
  },
  dropIndex: { table: text, name: text, concurrently: flag },
  renameIndex: { table: text, from: text, to: text },
  addForeignKey: { table: text, name: text, ...foreignKeyOptions },
  dropForeignKey: { table: text, name: text },
  addCheck: { table: text, name: text, check: anything },
  dropCheck: { table: text, name: text },
  alterComment: { table: text, column: text, comment: nullOr(textOrNone) },
  createView: { name: text, sql: sqlText },
  dropView: { name: text },
  sql: { up: sqlText, down: nullOr(sqlText), probe: sqlText },
  data: { name: text, up: callback(), down: either(callback(), oneOf('none')), elidable: flag },
}) as never

/** Options that an operation can't do without. */
const OPTIONAL: ReadonlySet<string> = new Set([
  ...['primaryKey', 'foreignKeys', 'checks', 'comment', 'fill', 'using', 'unique', 'where', 'expression', 'method'],
  ...['vector', 'fullText', 'concurrently', 'onDelete', 'onUpdate', 'deferrable', 'probe', 'down', 'elidable', 'safe'],
])

function readOperation({ op, ...given }: Given & { readonly op: string }): Given {
  const types = Object.hasOwn(OPTIONS, op) ? OPTIONS[op] : undefined
  if (types === undefined)
    throw new DefinitionError(
      `There is no operation ${quoted(op)} in migrations.${suggestion(op, Object.keys(OPTIONS))}`,
    )
  const options = optionReader<Record<string, unknown>>(
    `The operation ${quoted(op)}`,
    own({ ...types, safe: text }) as never,
    DefinitionError,
  )
  const read = options(given)
  const missing = Object.keys(types).find(
    (name) => !OPTIONAL.has(name) && read[name] === undefined && !(op === 'alterComment' && name === 'column'),
  )
  if (missing !== undefined) throw new DefinitionError(`The operation ${quoted(op)} needs ${quoted(missing)}.`)
  if (op === 'alterComment' && read.comment === undefined)
    throw new DefinitionError('The operation "alterComment" needs "comment": a text, or null for none.')
  return read
}

const columnsIn = (state: SchemaState, table: unknown): readonly ColumnState[] =>
  tableIn(state, table as string).columns
const namesOf = (given: unknown): readonly string[] => (typeof given === 'string' ? [given] : [...(given as string[])])

function tableFrom(given: Given): TableState {
  const name = given.table as string
  const entries = columnEntries(name, given.columns)
  const plain = entries.map(([column, each]) => columnStateFrom({ name }, column, each, null))
  const readable = expressionsOf(name, plain)
  const columns = entries.map(([column, each]) => columnStateFrom({ name }, column, each, readable))
  const keys = entries.filter(([, each]) => isPrimaryKey(each)).map(([column]) => column)
  return {
    name,
    columns,
    primaryKey: given.primaryKey === undefined ? keys : namesOf(given.primaryKey),
    indexes: [],
    foreignKeys: entriesOf(given.foreignKeys, 'foreignKeys').map(([key, each]) => foreignKeyFrom(key, each)),
    checks: entriesOf(given.checks, 'checks').map(([check, each]) => ({
      name: check,
      predicate: predicateOf(each, readable, `The check ${quoted(check)}`),
    })),
    comment: (given.comment as string | undefined) ?? null,
    retired: false,
  }
}

const entriesOf = (given: unknown, what: string): readonly (readonly [string, unknown])[] => {
  if (given === undefined) return []
  if (isPlainObject(given)) return Object.entries(given)
  throw new DefinitionError(`${quoted(what)} of a table is an object by names.`)
}

const keyOptions = optionReader<Given>('A foreign key', own(foreignKeyOptions) as never, DefinitionError)
const referenceOptions = optionReader<{ readonly table: string; readonly columns: string | readonly string[] }>(
  'The option "references"',
  { table: text, columns: names },
  DefinitionError,
)

function foreignKeyFrom(name: string, given: unknown): ForeignKeyDefinition {
  const { columns, references, onDelete, onUpdate, deferrable = false } = keyOptions(given)
  const { table, columns: to } = referenceOptions(references)
  if (columns === undefined || table === undefined || to === undefined)
    throw new DefinitionError(
      `The foreign key ${quoted(name)} needs "columns" and "references": { columns: ['author_id'], references: { table: 'authors', columns: ['id'] } }.`,
    )
  const atOnce = deferrable === true ? 'noAction' : 'restrict'
  return {
    name,
    columns: namesOf(columns),
    table,
    references: namesOf(to),
    onDelete: (onDelete as ReferenceAction | undefined) ?? atOnce,
    onUpdate: (onUpdate as ReferenceAction | undefined) ?? atOnce,
    deferrable: deferrable === true,
  }
}

function indexFrom(given: Given, state: SchemaState): IndexState {
  const { table, name, columns, unique, where, expression, method, vector, fullText } = given
  const readable = expressionsOf(table as string, columnsIn(state, table))
  const what = `The index ${quoted(name as string)}`
  return {
    name: name as string,
    columns: namesOf(columns),
    unique: unique === true,
    where: where === undefined ? null : predicateOf(where, readable, what),
    expression: expression === undefined ? null : expressionFrom(expression, readable, what),
    method: (method as string | undefined) ?? null,
    vector: vector === undefined ? null : vectorFrom(vector),
    fullText: fullText === undefined || fullText === false ? null : fullTextFrom(fullText),
  }
}

const vectorOptions = optionReader<{ readonly metric: 'cosine'; readonly settings: object }>(
  'The option "vector"',
  { metric: oneOf('cosine', 'euclidean', 'dot') as OptionType<'cosine'>, settings: object },
  DefinitionError,
)
function vectorFrom(given: unknown): VectorIndexDefinition {
  const { metric = 'cosine', settings = {} } = vectorOptions(given)
  return { metric, settings: Object.entries(settings) }
}

const fullTextOptions = optionReader<{ readonly language: string; readonly weights: readonly unknown[] }>(
  'The option "fullText"',
  {
    language: text,
    weights: { wants: 'a list of numbers', accepts: (value): value is number[] => Array.isArray(value) },
  },
  DefinitionError,
)
function fullTextFrom(given: unknown): FullTextState {
  const { language, weights } = fullTextOptions(given === true ? {} : given)
  return { language: language ?? null, weights: (weights as readonly number[] | undefined) ?? null }
}

const dialectSql = (given: unknown): SqlStep['up'] =>
  typeof given === 'string' ? own({ default: given }) : own(given as Record<string, string | null>)

/** Operations whose members are those that the file says. */
const asWritten =
  (op: string): Resolve =>
  (given) =>
    ({ op, ...given }) as unknown as SchemaOperation

const definitionOf = (given: unknown, { table, column }: Given, state: SchemaState) =>
  columnStateFrom(
    { name: table as string },
    column as string,
    given,
    expressionsOf(table as string, columnsIn(state, table)),
  )

const RESOLVE: Readonly<Record<string, Resolve>> = own({
  createTable: (given) => ({ op: 'createTable', table: tableFrom(given) }),
  addColumn: (given, state) => ({
    op: 'addColumn',
    table: given.table as string,
    column: definitionOf(given.definition, given, state),
    fill: given.fill,
  }),
  alterColumn: (given, state) => ({
    op: 'alterColumn',
    table: given.table as string,
    column: definitionOf(given.to, given, state),
    using: given.using === undefined ? null : dialectSql(given.using),
  }),
  createIndex: (given, state) => ({
    op: 'createIndex',
    table: given.table as string,
    index: indexFrom(given, state),
    concurrently: given.concurrently === true,
  }),
  dropIndex: ({ table, name, concurrently }) => ({
    op: 'dropIndex',
    table: table as string,
    name: name as string,
    concurrently: concurrently === true,
  }),
  addForeignKey: ({ table, name, ...given }) => ({
    op: 'addForeignKey',
    table: table as string,
    foreignKey: foreignKeyFrom(name as string, given),
  }),
  addCheck: ({ table, name, check }, state) => ({
    op: 'addCheck',
    table: table as string,
    check: {
      name: name as string,
      predicate: predicateOf(
        check,
        expressionsOf(table as string, columnsIn(state, table)),
        `The check ${quoted(name as string)}`,
      ),
    },
  }),
  alterComment: ({ table, column, comment }) => ({
    op: 'alterComment',
    table: table as string,
    column: (column as string | undefined) ?? null,
    comment: comment as string | null,
  }),
  createView: ({ name, sql }) => ({ op: 'createView', view: { name: name as string, sql: dialectSql(sql) } }),
  sql: ({ up, down, probe }): SqlStep => ({
    op: 'sql',
    up: dialectSql(up),
    down: down === null || down === undefined ? null : dialectSql(down),
    probe: probe === undefined ? null : dialectSql(probe),
  }),
  data: ({ name, up, down = null, elidable }): DataStep => ({
    op: 'data',
    name: name as string,
    up: up as DataStep['up'],
    down: down as DataStep['down'],
    elidable: elidable === true,
  }),
})

/** The operation that a file of migrations describes, at this point of the schema. */
export function resolveOperation(operation: MigrationOperation, state: SchemaState): Operation {
  const { safe: _, ...given } = readOperation(operation as unknown as Given & { readonly op: string })
  return (RESOLVE[operation.op] ?? asWritten(operation.op))(given, state)
}
