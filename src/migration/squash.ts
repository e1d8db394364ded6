import type { SchemaOperation, SchemaState } from '../ast/schema.js'
import { MigrationError } from '../errors.js'
import { diffStates } from '../schema/diff.js'
import { applied } from '../schema/operation/index.js'
import { isSchema, type Operation } from './definition.js'
import { isSameState, type ReplayedMigration } from './replay.js'

/** Operations between two that no reduction may move across. */
interface Stretch {
  readonly operations: readonly SchemaOperation[]
  /** What ends it: SQL or a change of data, which stays. */
  readonly end: Operation | null
}

/**
 * The operations of several migrations in a row as few: what was created and altered is created as it is now, and what was added
 * and removed is left out. SQL and changes of data stay where they are, unless they may be left out.
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

/** Operations that only make things, and change what they have made. */
function reduce(before: SchemaState, operations: readonly SchemaOperation[]): readonly SchemaOperation[] {
  const after = stateAfter(before, operations)
  const made = new Set([...after.tables.keys()].filter((name) => !before.tables.has(name)))
  // what happens to tables that were there before keeps its order: their rows went through each step
  const isOfMade = (operation: SchemaOperation) => tablesOf(operation).every((table) => made.has(table))
  const others = operations.filter((operation) => !isOfMade(operation))
  if (others.some((operation) => tablesOf(operation).some((table) => made.has(table)))) return operations
  const without = new Map([...after.tables].filter(([name]) => !made.has(name)))
  const created = diffStates({ ...after, tables: without }, after, { removal: 'hard', dropRetired: true })
  const result = [...others.filter((operation) => !isForgotten(operation, before, after)), ...created]
  const same = tryState(before, result)
  return same !== null && isSameState(same, after) ? result : operations
}

/** Tables that were created and dropped in between leave nothing. */
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
