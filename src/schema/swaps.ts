import { IDENTIFIER } from '../ast/bases.js'
import type { ChangeNode } from '../ast/change.js'
import type { CheckDefinition, ColumnDefinition, DefinitionNode } from '../ast/definition.js'
import { mirrorsOf, type OperationOf, type SchemaState, type TableState } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import { columnDefinition, columnNamed } from './definitions.js'
import { createMirror } from './mirrors.js'
import { constraintName } from './names.js'

// A column takes the name of another one, whose place it takes for programs.

/** With such a check, the rows are not read again when the column becomes NOT NULL. */
const notNull = (table: string, column: string): CheckDefinition => ({
  name: constraintName(table, [column], 'filled'),
  predicate: { kind: 'nullTest', operand: { ...IDENTIFIER, path: [column] }, negated: true },
})

type SwapNode = DefinitionNode | ChangeNode

interface AroundSwap {
  readonly before: SchemaState
  readonly after: SchemaState
  readonly dialect: Pick<Dialect, 'capabilities'>
}

/** A name that no column has between two statements of a transaction. */
const ASIDE = 'corm_aside'

function definitionOf(table: TableState, name: string): ColumnDefinition {
  const column = columnNamed(table, name)
  if (column === undefined) throw new TypeError(`no column ${table.name}.${name}`)
  return columnDefinition(table, column)
}

function tablesOf({ before, after }: AroundSwap, table: string): readonly [TableState, TableState] {
  const [old, made] = [before.tables.get(table), after.tables.get(table)]
  if (old === undefined || made === undefined) throw new TypeError(`no table ${table}`)
  return [old, made]
}

/**
 * The statements of a swap. Triggers go on by the names of the columns: those of a server that commits each statement are the same
 * as before, so that no program ever finds one of the columns missing.
 */
export function swapNodes(
  { table, column: { name }, other: { name: otherName } }: Omit<OperationOf<'swapColumns'>, 'op'>,
  around: AroundSwap,
): readonly SwapNode[] {
  const { capabilities } = around.dialect
  const [old, made] = tablesOf(around, table)
  const [column, other] = [definitionOf(made, name), definitionOf(made, otherName)]
  const first = made.columns.find((each) => each.name === name || each.name === otherName)?.name ?? name
  if (!capabilities.transactionalDdl) return [{ kind: 'swapColumns', table, column, other, first }]
  const become = (from: string, after: ColumnDefinition): readonly SwapNode[] => {
    const before = definitionOf(old, from)
    const to = { ...after, name: from }
    const isSame = before.nullable === to.nullable && before.default === null && to.default === null
    return isSame ? [] : [{ kind: 'alterColumn', table, from: before, to, using: null }]
  }
  const comment = (after: ColumnDefinition, from: string): readonly SwapNode[] =>
    capabilities.commentStatements && after.comment !== definitionOf(old, from).comment
      ? [{ kind: 'comment', table, column: after.name, text: after.comment }]
      : []
  const filled = old.columns.some((each) => each.name === otherName && each.nullable) && !column.nullable
  const check = filled && capabilities.validatesLater ? notNull(table, otherName) : null
  const added = check === null ? null : ({ kind: 'addCheck', table, check, notValid: true } as const)
  return [
    ...(added === null ? [] : [added, { kind: 'validateConstraint', table, added } as const]),
    ...become(otherName, column),
    ...(check === null ? [] : [{ kind: 'dropCheck', table, name: check.name } as const]),
    ...become(name, other),
    { kind: 'renameColumn', table, from: name, to: ASIDE },
    { kind: 'renameColumn', table, from: otherName, to: name },
    { kind: 'renameColumn', table, from: ASIDE, to: otherName },
    ...comment(column, otherName),
    ...comment(other, name),
    // it converts to the other type now
    ...mirrorsOf(made)
      .filter(({ from, to }) => from === name && to === otherName)
      .flatMap((mirror) => createMirror(made, mirror, around.dialect))
      .filter(({ part }) => part === 'function'),
  ]
}
