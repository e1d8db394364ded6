import { RAW } from '../../ast/bases.js'
import type { CheckDefinition, ForeignKeyDefinition } from '../../ast/definition.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { ColumnState, IndexState, TableState, ViewState } from '../../ast/schema.js'
import {
  type CatalogCheck,
  type CatalogColumn,
  type CatalogForeignKey,
  type CatalogIndex,
  type CatalogSupport,
  type CatalogTable,
  type CatalogView,
  EXCLUSION,
} from '../../dialect/catalog.js'
import { own } from '../../util/own.js'
import { constraintName } from '../names.js'

// Turns the catalog of a database into a schema state. Expressions are the SQL of the database.

const rawSql = (text: string): ExpressionNode => ({ ...RAW, texts: [text], nodes: [], dynamic: false })

export const columnStateIn = (column: CatalogColumn, table: CatalogTable, support: CatalogSupport): ColumnState => {
  const { name, nullable, generated, comment } = column
  return {
    name,
    type: support.typeOf(column, table),
    nullable,
    default: column.default === null ? null : rawSql(column.default),
    generated: generated === null ? null : { expression: rawSql(generated.expression), stored: generated.stored },
    comment,
    retired: false,
  }
}

/**
 * The state of an index. Null if migrations can't express it: a full-text index, an index over a hidden column, or an exclusion
 * constraint.
 */
function indexStateIn(index: CatalogIndex): IndexState | null {
  const { columns, expression, where, keys, method, unique, constraint, ofColumns } = index
  const named = columns.filter((column): column is string => column !== null)
  if ((method === 'fulltext' && !constraint) || method === EXCLUSION || own(index).hidden === true) return null
  return {
    name: index.unnamed ? '' : index.name,
    columns: named,
    unique,
    where: where === null ? null : rawSql(where),
    expression: expression === null ? null : rawSql(expression),
    sql: expression === null && !ofColumns ? keys : null,
    method: method === 'btree' ? null : method,
    vector: null,
    fullText: null,
  }
}

export const foreignKeyIn = (table: string, { valid: _, ...key }: CatalogForeignKey): ForeignKeyDefinition => ({
  ...key,
  name: key.name ?? constraintName(table, key.columns, 'fkey'),
})

/** The state of a check. `place` distinguishes checks without a name. */
export const checkIn = (table: string, { name, predicate }: CatalogCheck, place: number): CheckDefinition => ({
  name: name ?? constraintName(table, [String(place + 1)], 'check'),
  predicate: rawSql(predicate),
})

export const viewStateIn = ({ name, sql, options }: CatalogView, dialect: string): ViewState => ({
  name,
  sql: { [dialect]: sql, default: null },
  ...(options.length > 0 && { options }),
})

/** The state of a table in the database. Parts that migrations can't express are left out. */
export function tableStateIn(table: CatalogTable, support: CatalogSupport): TableState {
  const { name, columns, primaryKey, indexes, foreignKeys, checks, comment } = table
  return {
    name,
    columns: columns.map((column) => columnStateIn(column, table, support)),
    primaryKey,
    indexes: indexes.filter(isOwnIndex(table)).flatMap((index) => namedIndex(name, index) ?? []),
    foreignKeys: foreignKeys.map((key) => foreignKeyIn(name, key)),
    checks: checks.map((check, i) => checkIn(name, check, i)),
    comment,
    options: table.options,
    retired: false,
  }
}

/** Whether a table's index is its own. False for an index that the database created for a foreign key. */
export const isOwnIndex =
  ({ foreignKeys }: CatalogTable) =>
  ({ name, unnamed, constraint }: CatalogIndex): boolean =>
    !unnamed || constraint || !foreignKeys.some((key) => key.name === name)

/** The state of an index. If the database chose its name, it gets the name that corm would choose. */
export function namedIndex(table: string, index: CatalogIndex): IndexState | null {
  const state = indexStateIn(index)
  if (state === null || state.name !== '') return state
  return { ...state, name: constraintName(table, state.columns, index.unique ? 'unique' : 'index') }
}
