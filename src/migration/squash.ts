import type { SchemaOperation, SchemaState } from '../ast/schema.js'
import { MigrationError } from '../errors.js'
import { diffStates } from '../schema/diff.js'
import { applied } from '../schema/operation/index.js'
import { isSchema, type Operation } from './definition.js'
import { isSameState, type ReplayedMigration } from './replay.js'

/** Operations between two fixed ones. A reduction stays within them. */
interface Stretch {
  readonly operations: readonly SchemaOperation[]
  /** The fixed operation after them: SQL or a data change. */
  readonly end: Operation | null
}

/**
 * Reduces the operations of consecutive migrations: what was created and altered is created in its final form, and what was
 * added and removed is left out. SQL and data changes stay in place, unless they may be left out.
 */
export function squashed(migrations: readonly ReplayedMigration[]): readonly Operation[] {
  const steps = migrations.flatMap(({ steps }) => steps)
  const [first] = steps
  if (first === undefined) return []
  let before = first.before
  const result: Operation[] = []
  for (const { operations, end } of stretchesOf(steps.map(({ operation }) => operation))) {
    const reduced = reduce(before, operations)
    result.push(...reduced, ...(end === null ? [] : [end]))
    before = stateAfter(before, operations)
  }
  return result
}

const isElidable = (operation: Operation) => operation.op === 'data' && operation.elidable

function stretchesOf(operations: readonly Operation[]): readonly Stretch[] {
  const stretches: Stretch[] = []
  let open: SchemaOperation[] = []
  for (const operation of operations) {
    if (isSchema(operation)) open.push(operation)
    else if (!isElidable(operation)) {
      stretches.push({ operations: open, end: operation })
      open = []
    }
  }
  return [...stretches, { operations: open, end: null }]
}

const stateAfter = (state: SchemaState, operations: readonly SchemaOperation[]): SchemaState =>
  operations.reduce((current, operation) => applied(operation, current), state)

/**
 * Creates new tables in their final form, and leaves out tables that were created and dropped. Returns the operations unchanged
 * if the result would differ.
 */
function reduce(before: SchemaState, operations: readonly SchemaOperation[]): readonly SchemaOperation[] {
  const after = stateAfter(before, operations)
  const made = new Set([...after.tables.keys()].filter((name) => !before.tables.has(name)))
  // changes of existing tables keep their order, because their rows went through each step
  const isOfMade = (operation: SchemaOperation) => tablesOf(operation).every((table) => made.has(table))
  const others = operations.filter((operation) => !isOfMade(operation))
  if (others.some((operation) => tablesOf(operation).some((table) => made.has(table)))) return operations
  const without = new Map([...after.tables].filter(([name]) => !made.has(name)))
  const created = diffStates({ ...after, tables: without }, after, { removal: 'hard', dropRetired: true })
  const result = [...others.filter((operation) => !isForgotten(operation, before, after)), ...created]
  const same = tryState(before, result)
  return same !== null && isSameState(same, after) ? result : operations
}

/** Whether an operation only concerns tables that were created and dropped in between. */
function isForgotten(operation: SchemaOperation, before: SchemaState, after: SchemaState): boolean {
  const tables = tablesOf(operation)
  return tables.length > 0 && tables.every((table) => !before.tables.has(table) && !after.tables.has(table))
}

function tryState(before: SchemaState, operations: readonly SchemaOperation[]): SchemaState | null {
  try {
    return stateAfter(before, operations)
  } catch (error) {
    if (error instanceof MigrationError) return null
    throw error
  }
}

/** The tables that an operation is about. */
function tablesOf(operation: SchemaOperation): readonly string[] {
  switch (operation.op) {
    case 'createTable':
      return [operation.table.name]
    case 'renameTable':
      return [operation.table, operation.to]
    case 'createView':
    case 'dropView':
      return []
    default:
      return [operation.table]
  }
}
