import { bareSelect } from '../../ast/bare-select.js'
import type { ExpressionNode, JoinNode, SelectNode, TableNode } from '../../ast/expression.js'
import type { Gated } from '../../ast/gated.js'
import type { SelectionNode, StatementNode, TableSource } from '../../ast/statement.js'
import { eachTable, sourceName } from '../../ast/tables.js'
import { type Rewrite, transformExpression, transformSelect } from '../../ast/transform.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { unhandled } from '../../util/unhandled.js'
import { isRestricted, passed } from '../columns/table.js'
import { selectionOf } from '../statement/selections.js'
import { refuseAbstract, refuseTarget } from './refused.js'

// Every statement passes the gate before it becomes SQL. The gate adds the conditions of a model to each of its tables, anywhere
// in the statement.

/**
 * Returns the condition that the rows of a table must meet, with the model's own columns; null for none. Tables in the
 * condition have passed the gate already.
 */
export type ConditionFor = (table: TableNode) => ExpressionNode | null

/** The statement with the conditions of all of its tables. */
export function gate<S extends StatementNode>(statement: S, conditionFor: ConditionFor): Gated<S> {
  refuseTarget(statement)
  let isOpen = true
  eachTable(statement, (table) => {
    refuseAbstract(table)
    isOpen &&= !isRestricted(table)
  })
  return (isOpen ? statement : new Gate(conditionFor).statement(statement)) as Gated<S>
}

/** The same for the parts of a statement. */
export const gateExpression = (node: ExpressionNode, conditionFor: ConditionFor): ExpressionNode =>
  new Gate(conditionFor).expression(node)

class Gate {
  readonly #conditionFor: ConditionFor
  readonly #rewrite: Rewrite

  constructor(conditionFor: ConditionFor) {
    this.#conditionFor = conditionFor
    // a plan finds its values by these objects
    const sameValues = (copy: ExpressionNode, original: ExpressionNode) =>
      original.kind === 'parameter' || original.kind === 'list' ? original : copy
    this.#rewrite = Object.assign(sameValues, { select: (select: SelectNode) => this.#select(select) })
  }

  statement(statement: StatementNode): StatementNode {
    switch (statement.kind) {
      case 'select':
        return transformSelect(statement, this.#rewrite)
      case 'update':
        return { ...this.#changed(statement), assignments: statement.assignments.map((each) => this.#valued(each)) }
      case 'delete':
        return this.#changed(statement)
      case 'insert':
        return this.#inserted(statement)
      case 'updateRows':
        // it finds its rows by key alone
        return statement
      case 'rawStatement':
        return { ...statement, sql: this.expression(statement.sql) }
      default:
        return unhandled(statement)
    }
  }

  expression(node: ExpressionNode): ExpressionNode {
    return transformExpression(node, this.#rewrite)
  }

  #valued<T extends { readonly value: ExpressionNode }>(each: T): T {
    return { ...each, value: this.expression(each.value) }
  }

  #selected = (each: SelectionNode): SelectionNode => ({ ...each, expression: this.expression(each.expression) })

  #changed<S extends Extract<StatementNode, { kind: 'update' | 'delete' }>>(statement: S): S {
    const { table, returning } = statement
    const where = statement.where && this.expression(statement.where)
    const condition = this.#condition(table)
    return {
      ...statement,
      table: this.#passed(table),
      where: condition === null ? where : both(where, condition),
      returning: returning.map(this.#selected),
    }
  }

  /** Leaves the inserted table as it is, because a new row can't be hidden yet. */
  #inserted(statement: Extract<StatementNode, { kind: 'insert' }>): StatementNode {
    const { source, conflict, returning } = statement
    const rows = (all: readonly (readonly ExpressionNode[])[]) =>
      all.map((row) => row.map((value) => this.expression(value)))
    return {
      ...statement,
      source: source.kind === 'rows' ? { ...source, rows: rows(source.rows) } : source,
      conflict: conflict && { ...conflict, assignments: conflict.assignments.map((each) => this.#valued(each)) },
      returning: returning.map(this.#selected),
    }
  }

  /** Adds conditions to a select whose inner selects have passed already. */
  #select(select: SelectNode): SelectNode {
    const { from, joins, where } = select
    const isOuter = joins?.some(({ type }) => type === 'right' || type === 'full') === true
    const condition = this.#condition(from)
    return {
      ...select,
      ...(joins && { joins: joins.map((join) => this.#joined(join, isOuter)) }),
      from: from && (isOuter ? this.#filtered(from) : this.#passed(from)),
      where: condition === null || isOuter ? where : both(where, condition),
    }
  }

  #joined(join: JoinNode, isOuter: boolean): JoinNode {
    const { source, on } = join
    if (isOuter) return { ...join, source: this.#filtered(source) }
    const condition = this.#condition(source)
    if (condition === null) return { ...join, source: this.#passed(source) }
    const name = sourceName(source)
    return { ...join, source: this.#passed(source), on: both(on, underName(condition, name)) }
  }

  #condition(source: SelectNode['from']): ExpressionNode | null {
    return source?.kind === 'table' && isRestricted(source) ? this.#conditionFor(source) : null
  }

  #passed<T extends TableSource>(source: T): T {
    return source.kind === 'table' && isRestricted(source) ? (passed(source) as T) : source
  }

  /** Filters a table inside an outer join, because a condition outside the join would also remove rows without a match. */
  #filtered(source: TableSource): TableSource {
    const where = this.#condition(source)
    if (source.kind !== 'table' || where === null) return this.#passed(source)
    const selections = (source.meta as ModelMetadata).fields.map((field) => ({ ...selectionOf(field), type: null }))
    const from = passed({ ...source, alias: null })
    return {
      kind: 'derivedTable',
      query: { ...bareSelect(selections), from, where },
      alias: source.alias ?? source.name,
    }
  }
}

function both(node: ExpressionNode | null, condition: ExpressionNode): ExpressionNode {
  if (node === null) return condition
  return { kind: 'logic', operator: 'and', items: [...itemsOf(node), ...itemsOf(condition)] }
}

const itemsOf = (node: ExpressionNode): readonly ExpressionNode[] =>
  node.kind === 'logic' && node.operator === 'and' ? node.items : [node]

/** Rewrites the model's own columns in a condition for the name that the table has here. */
function underName(node: ExpressionNode, table: string): ExpressionNode {
  return transformExpression(node, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    const isOwn = original.kind === 'column' && original.table === null && (original.level ?? 0) === depth
    return isOwn ? { ...original, table } : copy
  })
}
