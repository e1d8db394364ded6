import { unhandled } from '../util/unhandled.js'
import type { CompoundNode, ExpressionNode, SelectNode } from './expression.js'
import type { StatementNode, TableNode, TableSource } from './statement.js'
import { childrenOf, expressionsIn, selectsOf } from './walk.js'

type Visit = (table: TableNode) => void

/** Visits every table whose rows a statement reads or changes, including those in nested selects. */
export function eachTable(statement: StatementNode, visit: Visit): void {
  switch (statement.kind) {
    case 'select':
      return inSelect(statement, visit)
    case 'insert':
      for (const { value } of statement.conflict?.assignments ?? []) eachTableIn(value, visit)
      if (statement.source.kind === 'rows') for (const row of statement.source.rows) inNodes(row, visit)
      return inNodes(expressionsOf(statement.returning), visit)
    case 'update':
      for (const { value } of statement.assignments) eachTableIn(value, visit)
      return inChange(statement, visit)
    case 'delete':
      return inChange(statement, visit)
    case 'updateRows':
      return visit(statement.table)
    case 'rawStatement':
      return eachTableIn(statement.sql, visit)
    default:
      return unhandled(statement)
  }
}

/** The same for the selects in an expression. */
export function eachTableIn(node: ExpressionNode, visit: Visit): void {
  inNodes(childrenOf(node), visit)
  for (const select of selectsOf(node)) inSelect(select, visit)
}

function inChange(statement: Extract<StatementNode, { kind: 'update' | 'delete' }>, visit: Visit): void {
  visit(statement.table)
  if (statement.where !== null) eachTableIn(statement.where, visit)
  inNodes(expressionsOf(statement.returning), visit)
}

function inNodes(nodes: readonly ExpressionNode[], visit: Visit): void {
  for (const node of nodes) eachTableIn(node, visit)
}

const expressionsOf = (items: readonly { readonly expression: ExpressionNode }[]) =>
  items.map(({ expression }) => expression)

function inSelect(select: SelectNode, visit: Visit): void {
  for (const { query } of select.ctes ?? []) inRows(query, visit)
  inSource(select.from, visit)
  for (const { source } of select.joins ?? []) inSource(source, visit)
  inNodes(expressionsIn(select), visit)
}

function inSource(source: SelectNode['from'], visit: Visit): void {
  if (source?.kind === 'table') visit(source)
  else if (source !== null) inRows(source.query, visit)
}

function inRows(rows: SelectNode | CompoundNode, visit: Visit): void {
  if (rows.kind === 'select') inSelect(rows, visit)
  else for (const operand of rows.operands) inSelect(operand, visit)
}

/** What a source of rows is called in its statement. */
export const sourceName = (source: TableSource): string =>
  source.kind === 'table' ? (source.alias ?? source.name) : source.alias
