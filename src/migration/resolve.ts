import type { ForeignKeyDefinition, VectorIndexDefinition } from '../ast/definition.js'
import type { ColumnState, FullTextState, IndexState, SchemaOperation, SchemaState, TableState } from '../ast/schema.js'
import { DefinitionError, quoted } from '../errors.js'
import { stateColumn } from '../schema/operation/columns.js'
import { tableIn } from '../schema/operation/kind.js'
import { swappedOut } from '../schema/operation/swaps.js'
import type { MigrationData, MigrationOperation } from '../types/migration.js'
import { suggestion } from '../util/names.js'
import {
  anything,
  callback,
  choiceOf,
  either,
  flag,
  nameList,
  names,
  type OptionType,
  object,
  optionReader,
  text,
  textOrNone,
} from '../util/options.js'
import { isPlainObject, own } from '../util/own.js'
import { columnEntries, columnStateFrom, isPrimaryKey } from './column.js'
import { requireValue } from './column-value.js'
import type { SqlStep } from './definition.js'
import { callbackColumns, expressionFrom, predicateOf } from './expressions.js'
import { operationReader, type ReadOperation } from './read-operation.js'

// Turns the operations of a migration file into complete operations. Callbacks receive the columns of the table at this point.

const NULL: OptionType<null> = { wants: 'null', accepts: (value): value is null => value === null }
const sqlText: OptionType<string | Readonly<Record<string, string | null>>> = {
  wants: "a text, or an object of texts by the name of the dialect, with 'default' for all others",
  accepts: (value): value is string =>
    text.accepts(value) ||
    (isPlainObject(value) && Object.values(value).every((each) => each === null || typeof each === 'string')),
}
const numbers: OptionType<readonly number[]> = {
  wants: 'a list of numbers',
  accepts: (value): value is number[] => Array.isArray(value) && value.every((each) => typeof each === 'number'),
}
const settingsOf: OptionType<Readonly<Record<string, number>>> = {
  wants: 'an object of numbers',
  accepts: (value): value is Record<string, number> =>
    isPlainObject(value) && Object.values(value).every((each) => typeof each === 'number'),
}
/** The columns of the primary key. The list is empty for a table without one. */
const keyNames = either(names, nameList)
const action = choiceOf('cascade', 'restrict', 'setNull', 'setDefault', 'noAction')
const ofKey = { columns: names, references: object }
const ofKeyOptional = { onDelete: action, onUpdate: action, deferrable: flag }

const columnsIn = (state: SchemaState, table: string): readonly ColumnState[] => tableIn(state, table).columns
const expressionsIn = (state: SchemaState, table: string) => callbackColumns(table, columnsIn(state, table))
const listOf = (given: string | readonly string[]): readonly string[] =>
  typeof given === 'string' ? [given] : [...given]

/** The value for existing rows, as the column stores it. */
function fillOf(table: string, { name, type, generated }: ColumnState, given: unknown): unknown {
  if (given === undefined) return undefined
  const what = `The fill of ${quoted(`${table}.${name}`)}`
  if (generated !== null || type.autoIncrement === true)
    throw new DefinitionError(`${what} is not possible: the database makes the values of the column. Leave it out.`)
  return requireValue(what, type, given)
}

interface GivenTable {
  readonly table: string
  readonly columns: object
  readonly primaryKey?: string | readonly string[] | undefined
  readonly foreignKeys?: object | undefined
  readonly checks?: object | undefined
  readonly comment?: string | undefined
  readonly options?: readonly string[] | undefined
}

function tableFrom(table: GivenTable): TableState {
  const { table: name, columns: given, primaryKey, foreignKeys, checks, comment, options = null } = table
  const entries = columnEntries(name, given)
  // the expressions of generated columns are read once all columns are known
  const plain = entries.map(([column, each]) => columnStateFrom({ name }, column, each, null))
  const readable = callbackColumns(name, plain)
  const columns = entries.map(([column, each]) => columnStateFrom({ name }, column, each, readable))
  const keys = entries.filter(([, each]) => isPrimaryKey(each)).map(([column]) => column)
  return {
    name,
    columns,
    primaryKey: primaryKey === undefined ? keys : listOf(primaryKey),
    indexes: [],
    foreignKeys: entriesOf(foreignKeys, 'foreignKeys').map(([key, each]) => foreignKeyFrom(key, keyOptions(each))),
    checks: entriesOf(checks, 'checks').map(([check, each]) => ({
      name: check,
      predicate: predicateOf(each, readable, `The check ${quoted(check)}`),
    })),
    comment: comment ?? null,
    options,
    retired: false,
  }
}

const entriesOf = (given: unknown, what: string): readonly (readonly [string, unknown])[] => {
  if (given === undefined) return []
  if (isPlainObject(given)) return Object.entries(given)
  throw new DefinitionError(`${quoted(what)} of a table must be an object by names: { ${what}: { name: … } }.`)
}

interface GivenKey {
  readonly columns: string | readonly string[]
  readonly references: object
  readonly onDelete: ForeignKeyDefinition['onDelete']
  readonly onUpdate: ForeignKeyDefinition['onUpdate']
  readonly deferrable: boolean
}
const keyOptions = optionReader<GivenKey>('A foreign key', { ...ofKey, ...ofKeyOptional }, DefinitionError)
const referenceOptions = optionReader<{ readonly table: string; readonly columns: string | readonly string[] }>(
  'The option "references"',
  { table: text, columns: names },
  DefinitionError,
)

function foreignKeyFrom(
  name: string,
  {
    columns,
    references,
    onDelete,
    onUpdate,
    deferrable = false,
  }: { readonly [K in keyof GivenKey]?: GivenKey[K] | undefined },
): ForeignKeyDefinition {
  const { table, columns: to } = referenceOptions(references)
  if (columns === undefined || table === undefined || to === undefined)
    throw new DefinitionError(
      `The foreign key ${quoted(name)} needs "columns" and "references": { columns: ['author_id'], references: { table: 'authors', columns: ['id'] } }.`,
    )
  // RESTRICT is checked immediately, even for a deferrable key
  const atOnce = deferrable ? 'noAction' : 'restrict'
  return {
    name,
    columns: listOf(columns),
    table,
    references: listOf(to),
    onDelete: onDelete ?? atOnce,
    onUpdate: onUpdate ?? atOnce,
    deferrable,
  }
}

const vectorOptions = optionReader<{ metric: VectorIndexDefinition['metric']; settings: Record<string, number> }>(
  'The option "vector"',
  { metric: choiceOf('cosine', 'euclidean', 'dot'), settings: settingsOf },
  DefinitionError,
)
function vectorFrom(given: object): VectorIndexDefinition {
  const { metric = 'cosine', settings = {} } = vectorOptions(given)
  return { metric, settings: Object.entries(settings) }
}

const fullTextOptions = optionReader<{ language: string; weights: readonly number[] }>(
  'The option "fullText"',
  { language: text, weights: numbers },
  DefinitionError,
)
function fullTextFrom(given: boolean | object | undefined): FullTextState | null {
  if (given === undefined || given === false) return null
  const { language, weights } = fullTextOptions(given === true ? {} : given)
  return { language: language ?? null, weights: weights ?? null }
}

const dialectSql = (given: string | Readonly<Record<string, string | null>>): SqlStep['up'] =>
  own(typeof given === 'string' ? { default: given } : given)

const inTable = { table: text }
const namedInTable = { table: text, name: text }

const READERS: Readonly<Record<string, ReadOperation>> = own({
  createTable: operationReader(
    'createTable',
    {
      required: { table: text, columns: object },
      optional: { primaryKey: keyNames, foreignKeys: object, checks: object, comment: textOrNone, options: nameList },
    },
    (given) => ({ op: 'createTable', table: tableFrom(given) }),
  ),
  dropTable: operationReader('dropTable', { required: inTable, optional: {} }, (given) => ({
    op: 'dropTable',
    table: given.table,
  })),
  retireTable: operationReader('retireTable', { required: inTable, optional: {} }, ({ table }) => ({
    op: 'retireTable',
    table,
  })),
  restoreTable: operationReader('restoreTable', { required: inTable, optional: {} }, ({ table }) => ({
    op: 'restoreTable',
    table,
  })),
  renameTable: operationReader(
    'renameTable',
    { required: { table: text, to: text }, optional: {} },
    ({ table, to }) => ({
      op: 'renameTable',
      table,
      to,
    }),
  ),
  addColumn: operationReader(
    'addColumn',
    { required: { table: text, column: text, definition: object }, optional: { fill: anything } },
    ({ table, column: name, definition, fill }, state) => {
      const column = columnStateFrom({ name: table }, name, definition, expressionsIn(state, table))
      return { op: 'addColumn', table, column, fill: fillOf(table, column, fill) }
    },
  ),
  removeColumn: operationReader(
    'removeColumn',
    { required: { table: text, column: text }, optional: {} },
    ({ table, column }) => ({
      op: 'removeColumn',
      table,
      column,
    }),
  ),
  retireColumn: operationReader(
    'retireColumn',
    { required: { table: text, column: text }, optional: {} },
    ({ table, column }) => ({
      op: 'retireColumn',
      table,
      column,
    }),
  ),
  renameColumn: operationReader(
    'renameColumn',
    { required: { table: text, from: text, to: text }, optional: {} },
    ({ table, from, to }) => ({ op: 'renameColumn', table, from, to }),
  ),
  mirrorColumn: operationReader(
    'mirrorColumn',
    { required: { table: text, from: text, to: text }, optional: { oneWay: flag } },
    ({ table, from, to, oneWay }) => ({
      op: 'mirrorColumn',
      table,
      from,
      to,
      ...(oneWay === true && { oneWay }),
    }),
  ),
  unmirrorColumn: operationReader(
    'unmirrorColumn',
    { required: { table: text, from: text, to: text }, optional: {} },
    ({ table, from, to }) => ({ op: 'unmirrorColumn', table, from, to }),
  ),
  swapColumns: operationReader(
    'swapColumns',
    { required: { table: text, column: text, with: text, to: object }, optional: {} },
    ({ table, column: name, with: other, to }, state) => ({
      op: 'swapColumns',
      table,
      column: columnStateFrom({ name: table }, name, to, expressionsIn(state, table)),
      other: swappedOut(stateColumn(state, table, name), other),
    }),
  ),
  alterColumn: operationReader(
    'alterColumn',
    { required: { table: text, column: text, to: object }, optional: { using: sqlText, fill: anything } },
    ({ table, column: name, to, using, fill }, state) => {
      const column = columnStateFrom({ name: table }, name, to, expressionsIn(state, table))
      return {
        op: 'alterColumn',
        table,
        column,
        using: using === undefined ? null : dialectSql(using),
        fill: fillOf(table, column, fill),
      }
    },
  ),
  createIndex: operationReader(
    'createIndex',
    {
      required: { ...namedInTable, columns: names },
      optional: {
        unique: flag,
        where: anything,
        expression: anything,
        sql: text,
        method: text,
        vector: object,
        fullText: either(flag, object),
        concurrently: flag,
      },
    },
    ({ table, name, columns, unique, where, expression, sql, method, vector, fullText, concurrently }, state) => {
      const readable = expressionsIn(state, table)
      const what = `The index ${quoted(name)}`
      const index: IndexState = {
        name,
        columns: listOf(columns),
        unique: unique === true,
        where: where === undefined ? null : predicateOf(where, readable, what),
        expression: expression === undefined ? null : expressionFrom(expression, readable, what),
        sql: sql ?? null,
        method: method ?? null,
        vector: vector === undefined ? null : vectorFrom(vector),
        fullText: fullTextFrom(fullText),
      }
      return { op: 'createIndex', table, index, concurrently: concurrently === true }
    },
  ),
  dropIndex: operationReader(
    'dropIndex',
    { required: namedInTable, optional: { concurrently: flag } },
    ({ table, name, concurrently }) => ({ op: 'dropIndex', table, name, concurrently: concurrently === true }),
  ),
  renameIndex: operationReader(
    'renameIndex',
    { required: { table: text, from: text, to: text }, optional: {} },
    ({ table, from, to }) => ({ op: 'renameIndex', table, from, to }),
  ),
  addForeignKey: operationReader(
    'addForeignKey',
    { required: { ...namedInTable, ...ofKey }, optional: { ...ofKeyOptional, concurrently: flag } },
    ({ table, name, concurrently, ...given }) => ({
      op: 'addForeignKey',
      table,
      foreignKey: foreignKeyFrom(name, own(given)),
      ...(concurrently === true && { concurrently }),
    }),
  ),
  dropForeignKey: operationReader('dropForeignKey', { required: namedInTable, optional: {} }, ({ table, name }) => ({
    op: 'dropForeignKey',
    table,
    name,
  })),
  addCheck: operationReader(
    'addCheck',
    { required: { ...namedInTable, check: anything }, optional: { concurrently: flag } },
    ({ table, name, check, concurrently }, state) => {
      const predicate = predicateOf(check, expressionsIn(state, table), `The check ${quoted(name)}`)
      return { op: 'addCheck', table, check: { name, predicate }, ...(concurrently === true && { concurrently }) }
    },
  ),
  dropCheck: operationReader('dropCheck', { required: namedInTable, optional: {} }, ({ table, name }) => ({
    op: 'dropCheck',
    table,
    name,
  })),
  alterComment: operationReader(
    'alterComment',
    { required: { table: text, comment: either(NULL, textOrNone) }, optional: { column: text } },
    ({ table, column, comment }) => ({ op: 'alterComment', table, column: column ?? null, comment }),
  ),
  createView: operationReader(
    'createView',
    { required: { name: text, sql: sqlText }, optional: { options: nameList } },
    ({ name, sql, options = [] }) => ({
      op: 'createView',
      view: { name, sql: dialectSql(sql), ...(options.length > 0 && { options }) },
    }),
  ),
  dropView: operationReader('dropView', { required: { name: text }, optional: {} }, ({ name }) => ({
    op: 'dropView',
    name,
  })),
  sql: operationReader(
    'sql',
    { required: { up: sqlText }, optional: { down: either(NULL, sqlText), probe: sqlText } },
    ({ up, down, probe }) => ({
      op: 'sql',
      up: dialectSql(up),
      down: down === null || down === undefined ? null : dialectSql(down),
      probe: probe === undefined ? null : dialectSql(probe),
    }),
  ),
  data: operationReader(
    'data',
    {
      required: { name: text, up: callback<(data: MigrationData) => Promise<void> | void>() },
      optional: {
        down: either(callback<(data: MigrationData) => Promise<void> | void>(), choiceOf('none')),
        elidable: flag,
      },
    },
    ({ name, up, down, elidable }) => ({ op: 'data', name, up, down: down ?? null, elidable: elidable === true }),
  ),
} satisfies Readonly<Record<SchemaOperation['op'] | 'sql' | 'data', ReadOperation>>)

/** The operation that a file of migrations describes, at this point of the schema. */
export function resolveOperation({ op, ...given }: MigrationOperation, state: SchemaState) {
  const read = Object.hasOwn(READERS, op) ? READERS[op] : undefined
  if (read === undefined)
    throw new DefinitionError(
      `There is no operation ${quoted(op)} in migrations.${suggestion(op, Object.keys(READERS))}`,
    )
  return read(given, state)
}
