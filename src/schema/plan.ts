import type { SchemaOperation, SchemaState, TableState } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import { tableDefinition } from './definitions.js'
import { nodesInPlace, wayOfAll } from './in-place.js'
import { applied } from './operation/index.js'
import { rebuildOf } from './rebuild.js'
import { type SchemaStatement, statementsOf } from './statements.js'
import { type SchemaStep, statementsStep } from './step.js'

// Plans the steps of a database that rebuilds a table for some changes. All changes of a table are made together, so that its
// rows are copied once.

/**
 * Operations that keep their position: triggers, renames that other tables, views and triggers may depend on, and views, which
 * may use any name.
 */
const IN_ORDER: ReadonlySet<SchemaOperation['op']> = new Set([
  'renameTable',
  'renameColumn',
  'mirrorColumn',
  'unmirrorColumn',
  'swapColumns',
  'createView',
  'dropView',
])
const INDEXES: ReadonlySet<SchemaOperation['op']> = new Set(['createIndex', 'dropIndex', 'renameIndex'])

const tableOf = (operation: SchemaOperation): string => {
  if (operation.op === 'createView' || operation.op === 'dropView') return ''
  return typeof operation.table === 'string' ? operation.table : operation.table.name
}

/** Operations on one table that become one step. */
interface Unit {
  readonly table: string
  readonly statements: SchemaStatement[]
  /** Whether the step runs at the position of its first operation. If not, it runs at the position of the last one. */
  readonly first: boolean
}

/** Groups the changes by table. A group ends where the table is dropped, or where a value would be converted twice. */
function unitsOf(statements: readonly SchemaStatement[]): Unit[] {
  const units: Unit[] = []
  const open = new Map<string, Unit>()
  for (const statement of statements) {
    const { operation } = statement
    const table = tableOf(operation)
    const unit = open.get(table)
    if (unit === undefined || isConvertedTwice(unit, operation)) {
      const made = { table, statements: [statement], first: operation.op === 'createTable' }
      open.set(table, made)
      units.push(made)
    } else unit.statements.push(statement)
    if (operation.op === 'dropTable') open.delete(table)
  }
  return units
}

const isConvertedTwice = ({ statements }: Unit, operation: SchemaOperation): boolean =>
  operation.op === 'alterColumn' &&
  statements.some(
    ({ operation: each }) =>
      each.op === 'alterColumn' &&
      each.column.name === operation.column.name &&
      (each.using !== null || operation.using !== null),
  )

/** A step at the index of the operation that determines its position. */
interface PlacedOperations {
  readonly at: number
  readonly operations: readonly SchemaOperation[]
  /**
   * The table after the step. The state is undefined if the table is dropped. Null: the operation is applied to the current
   * state.
   */
  readonly table: readonly [name: string, state: TableState | undefined] | null
  make(before: SchemaState, after: SchemaState): SchemaStep
}

/** Arranges operations for a database that can't alter everything in place. */
export function stepsByTable(
  statements: readonly SchemaStatement[],
  before: SchemaState,
  dialect: Dialect,
): SchemaStep[] {
  const steps: SchemaStep[] = []
  let state = before
  const flush = (segment: readonly SchemaStatement[]): void => {
    const places = new Map(segment.map((statement, i) => [statement, i]))
    const placed = unitsOf(segment).flatMap((unit) => stepsOfUnit(unit, places, dialect))
    for (const { operations, table, make } of placed.sort((a, b) => a.at - b.at)) {
      const after =
        table === null ? operations.reduce((s, each) => applied(each, s), state) : withTable(state, ...table)
      steps.push(make(state, after))
      state = after
    }
  }
  let segment: SchemaStatement[] = []
  for (const statement of statements) {
    if (!IN_ORDER.has(statement.operation.op)) {
      segment.push(statement)
      continue
    }
    flush(segment)
    segment = []
    const { operation, around } = statement
    steps.push(
      operation.op === 'swapColumns'
        ? swapStep(statement, operation.table, dialect)
        : statementsStep([operation], around, statementsOf(operation, around)),
    )
    state = around.after
  }
  flush(segment)
  return steps
}

/** One transaction, in which no program sees the table without one of the columns. */
function swapStep(statement: SchemaStatement, table: string, dialect: Dialect): SchemaStep {
  const { operation, around } = statement
  const { before: from, after: to } = around
  const [before, after] = [from.tables.get(table), to.tables.get(table)]
  if (before === undefined || after === undefined) throw new TypeError(`no table ${table}`)
  const rebuild = rebuildOf(before, after, [statement], dialect)
  return { kind: 'rebuild', operations: [operation], before: from, after: to, table, inPlace: null, rebuild }
}

function withTable(state: SchemaState, name: string, table: TableState | undefined): SchemaState {
  const tables = new Map(state.tables)
  if (table === undefined) tables.delete(name)
  else tables.set(name, table)
  return { ...state, tables }
}

/** A step with a single operation. */
const single = (statement: SchemaStatement, at: number): PlacedOperations => {
  const { operation, around } = statement
  const table = tableOf(operation)
  return {
    at,
    operations: [operation],
    table: [table, around.after.tables.get(table)],
    make: (before, after) => statementsStep([operation], { before, after }, statementsOf(operation, around)),
  }
}

function stepsOfUnit(unit: Unit, places: ReadonlyMap<SchemaStatement, number>, dialect: Dialect): PlacedOperations[] {
  const { statements, table } = unit
  const placeOf = (statement: SchemaStatement | undefined) => (statement && places.get(statement)) ?? 0
  const last = statements.at(-1)
  const lone = () => statements.map((each) => single(each, placeOf(each)))
  const [first, ...more] = statements
  if (first === undefined || last === undefined || more.length === 0) {
    const isAltered = wayOfAll(statements, altersOf(dialect)) !== 'sure'
    if (!isAltered) return lone()
  } else if (last.operation.op === 'dropTable') return [dropping(unit, placeOf(last))]
  else if (first.operation.op === 'createTable') return creating(unit, placeOf)
  const way = wayOfAll(statements, altersOf(dialect))
  const keys = statements.some(({ operation: { op } }) => op === 'addForeignKey')
  if (way === 'sure' && !keys) return lone()
  const before = first?.around.before.tables.get(table)
  const after = last?.around.after.tables.get(table)
  if (before === undefined || after === undefined) throw new TypeError(`no table ${table}`)
  const operations = statements.map(({ operation }) => operation)
  const inPlace = way === 'rebuilt' ? null : nodesInPlace(statements)
  const make = (from: SchemaState, to: SchemaState): SchemaStep => {
    if (way === 'sure') return statementsStep(operations, { before: from, after: to }, inPlace ?? [])
    const rebuild = rebuildOf(before, after, statements, dialect)
    return { kind: 'rebuild', operations, before: from, after: to, table, inPlace, rebuild }
  }
  return [{ at: placeOf(last), operations, table: [table, after], make }]
}

function altersOf({ capabilities: { alters } }: Dialect): 'conditions' | 'columns' {
  return alters === 'everything' ? 'conditions' : alters
}

/** A table that is dropped does not need the changes before that. */
function dropping({ table, statements }: Unit, at: number): PlacedOperations {
  const [first] = statements
  const last = statements.at(-1)
  const operations = statements.map(({ operation }) => operation)
  const isNew = first?.operation.op === 'createTable'
  const nodes =
    isNew || first === undefined || last === undefined
      ? []
      : statementsOf(last.operation, { ...last.around, before: first.around.before })
  // tables that reference each other can't be dropped one by one while foreign keys are checked
  const hadKeys = operations.some(({ op }) => op === 'dropForeignKey')
  return {
    at,
    operations,
    table: [table, undefined],
    make: (before, after) => statementsStep(operations, { before, after }, nodes, hadKeys && !isNew),
  }
}

/** Creates a new table in its final form, because it has no rows. Its indexes keep their positions. */
function creating({ table, statements }: Unit, placeOf: (statement: SchemaStatement) => number): PlacedOperations[] {
  const indexes = statements.filter(({ operation }) => INDEXES.has(operation.op))
  const changes = statements.filter(({ operation }) => !INDEXES.has(operation.op))
  const [first] = changes
  const made = statements.at(-1)?.around.after.tables.get(table)
  if (first === undefined || made === undefined) throw new TypeError(`no table ${table}`)
  const operations = changes.map(({ operation }) => operation)
  const state = { ...made, indexes: [] }
  const creation: PlacedOperations = {
    at: placeOf(first),
    operations,
    table: [table, state],
    make: (before, after) => statementsStep(operations, { before, after }, [tableDefinition(state)]),
  }
  const later = indexes.map((each): PlacedOperations => ({ ...single(each, placeOf(each)), table: null }))
  return [creation, ...later]
}
