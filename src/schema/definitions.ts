import { holdsIntegers } from '../ast/data-type.js'
import type { ColumnDefinition, CreateIndexNode, CreateTableNode } from '../ast/definition.js'
import type { FullTextIndex } from '../ast/full-text.js'
import type { ColumnState, IndexState, TableState } from '../ast/schema.js'

// Builds the nodes that statements are compiled from, from the state of a table.

const isKey = ({ primaryKey, foreignKeys }: TableState, column: string): boolean =>
  primaryKey.includes(column) || foreignKeys.some(({ columns }) => columns.includes(column))

/** Whether the primary key or an index begins with the whole column, so that it finds the greatest number in it. */
export const leadsIndex = ({ primaryKey, indexes }: TableState, column: string): boolean =>
  primaryKey[0] === column ||
  indexes.some(
    ({ columns, sql, expression, fullText, vector }) =>
      columns[0] === column && sql === null && expression === null && fullText === null && vector === null,
  )

/** The table as it can be created before its indexes. MySQL only numbers a column that an index begins with. */
export const beforeIndexes = (table: TableState, keysNeedIndexes: boolean): TableState =>
  keysNeedIndexes
    ? {
        ...table,
        columns: table.columns.map((column) => (leadsIndex(table, column.name) ? column : unnumbered(column))),
      }
    : table

function unnumbered(column: ColumnState): ColumnState {
  const { autoIncrement = false, ...type } = column.type
  return autoIncrement ? { ...column, type } : column
}

export const columnDefinition = (table: TableState, column: ColumnState): ColumnDefinition => {
  const { retired: _, ...definition } = column
  return { ...definition, isKey: isKey(table, column.name) }
}

export const tableDefinition = (table: TableState): CreateTableNode => ({
  kind: 'createTable',
  table: table.name,
  columns: table.columns.map((column) => columnDefinition(table, column)),
  primaryKey: table.primaryKey,
  foreignKeys: table.foreignKeys,
  checks: table.checks,
  ifNotExists: false,
  comment: table.comment,
  options: table.options,
  fullText: table.indexes.flatMap((index) => fullTextIndex(table, index) ?? []),
})

export function indexDefinition(table: TableState, index: IndexState): CreateIndexNode {
  const { name, columns, unique, where, expression, sql, method, vector } = index
  const types = columns.flatMap((column) => columnNamed(table, column)?.type ?? [])
  return {
    kind: 'createIndex',
    name,
    table: table.name,
    columns,
    types,
    expression,
    sql,
    unique,
    where,
    method,
    vector,
    concurrently: false,
  }
}

/** The full-text index, if it is one. */
export function fullTextIndex(table: TableState, { name, columns, fullText }: IndexState): FullTextIndex | null {
  if (fullText === null) return null
  const keyTypes = table.primaryKey.flatMap((column) => columnNamed(table, column)?.type ?? [])
  const [only, ...more] = keyTypes
  return {
    name,
    table: table.name,
    columns,
    primaryKey: table.primaryKey,
    keyTypes,
    isNumbered: only !== undefined && more.length === 0 && only.sql === undefined && holdsIntegers(only),
    language: fullText.language,
    weights: fullText.weights,
  }
}

export const columnNamed = ({ columns }: TableState, name: string): ColumnState | undefined =>
  columns.find((column) => column.name === name)
