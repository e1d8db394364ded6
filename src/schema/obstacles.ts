import { isSame } from '../ast/canonical.js'
import type { AlterColumnNode, CreateMirrorNode } from '../ast/change.js'
import type { CreateIndexNode, ForeignKeyDefinition } from '../ast/definition.js'
import type { RowCondition } from '../ast/rows.js'
import type { SchemaState, TableState } from '../ast/schema.js'
import type { TemporaryFunction } from '../dialect/conversions.js'
import type { Dialect } from '../dialect/dialect.js'
import type { DriverRow } from '../driver/driver.js'
import { MigrationError, quoted } from '../errors.js'
import { own } from '../util/own.js'
import { indexDefinition } from './definitions.js'
import { usesColumn } from './mentions.js'
import type { SchemaNode } from './statements.js'
import type { RebuildStep, SchemaStep } from './step.js'

// Finds rows that a statement can't accept: values that the new type can't hold, NULL in a column that becomes NOT NULL,
// duplicate values, rows that violate a check, or references to missing rows. Databases refuse some of these without naming the
// rows, and silently convert others.

/** Describes rows that stand in the way of a statement. */
export interface Obstacle {
  readonly table: string
  /** The columns that must have their current names in the database when the rows are searched. */
  readonly columns: readonly string[]
  readonly key: readonly string[]
  readonly where: RowCondition
  /** The database would silently change the values, so the rows must be searched before the statement runs. */
  readonly isSilent: boolean
  /** From then on the database refuses such rows, so nobody waits while they are looked for. */
  readonly isRefused?: true
  /** A temporary function that the condition calls, if it needs one. */
  readonly attempt?: TemporaryFunction | null
  refusal(rows: ObstacleRows): MigrationError
}

/** The rows that stand in the way. */
export interface ObstacleRows {
  readonly count: number
  /** The number of rows and the keys of the first ones, for messages. */
  readonly text: string
}

/** The connection that the search uses. */
export interface ObstacleSession {
  readonly dialect: Pick<Dialect, 'compiler'>
  run(sql: string, rows?: boolean): Promise<readonly DriverRow[]>
}

/** How many keys of rows a message shows. */
const SHOWN = 3

async function rowsOf(
  { table, key, where }: Obstacle,
  { dialect: { compiler }, run }: ObstacleSession,
): Promise<ObstacleRows | null> {
  const find = (read: { columns: readonly string[]; limit: number } | null) =>
    run(compiler.compileInline({ kind: 'findRows', table, where, read }), true)
  const [[found] = []] = await find(null)
  const count = Number(found)
  if (count === 0) return null
  const rows = `${count} ${count === 1 ? 'row' : 'rows'}`
  if (key.length === 0) return { count, text: rows }
  const keys = (await find({ columns: key, limit: SHOWN })).map((row) => row.map(String).join(', '))
  return { count, text: `${rows} (${key.join(', ')}: ${keys.join('; ')}${count > SHOWN ? '; …' : ''})` }
}

/** The statements that count such rows, for scripts that a person runs. */
export const countingOf = (
  { table, where, attempt = null }: Obstacle,
  { compiler }: Pick<Dialect, 'compiler'>,
): readonly string[] => [
  ...(attempt === null ? [] : [attempt.create]),
  compiler.compileInline({ kind: 'findRows', table, where, read: null }),
  ...(attempt === null ? [] : [attempt.drop]),
]

/** Throws MigrationError if there are such rows. */
export async function refuseRows(obstacles: readonly Obstacle[], session: ObstacleSession): Promise<void> {
  for (const obstacle of obstacles) {
    const { attempt = null } = obstacle
    if (attempt !== null) await session.run(attempt.create)
    const rows = await rowsOf(obstacle, session)
    if (attempt !== null) await session.run(attempt.drop)
    if (rows !== null) throw obstacle.refusal(rows)
  }
}

/** Chooses the form of a verb for this number of rows. */
const verb = ({ count }: ObstacleRows, one: string, several: string) => (count === 1 ? one : several)

/** A change of a column, either as a statement or as part of rebuilding a table. */
export interface ColumnAlteration extends Pick<AlterColumnNode, 'table' | 'from' | 'to' | 'using' | 'isConverted'> {
  readonly key: readonly string[]
  /** Rows with NULL get another value before the change. */
  readonly isFilled: boolean
}

/** The rows that a change of a column can't accept. Values that the user converts are not checked. */
function alterationObstacles(
  { table, from, to, using, key, isFilled, isConverted = false }: ColumnAlteration,
  { compiler, conversions }: Pick<Dialect, 'compiler' | 'conversions'>,
): readonly Obstacle[] {
  if (to.generated !== null) return []
  const name = quoted(`${table}.${to.name}`)
  const shared = { table, key, columns: [from.name] }
  const isUsers = using !== null || isConverted
  const keeps =
    isUsers || isSame(from.type, to.type)
      ? null
      : conversions.keeps(from.type, to.type, compiler.syntax.quote(from.name))
  const obstacles: Obstacle[] = []
  const attempt = conversions.attempt(from.type, to.type)
  if (keeps !== null)
    obstacles.push({
      ...shared,
      where: { kind: 'unless', sql: keeps },
      isSilent: attempt === null,
      attempt,
      refusal: (rows) =>
        new MigrationError(
          `The column ${name} can't become ${to.type.name}: ${rows.text} ${verb(rows, 'has', 'have')} values that would change. Change them first, or say in "using" how to convert them.`,
        ),
    })
  if (using === null && from.nullable && !to.nullable && !isFilled)
    obstacles.push({
      ...shared,
      where: { kind: 'null', column: from.name },
      // MySQL stores 0 in a number that it makes
      isSilent: to.type.autoIncrement === true,
      refusal: (rows) =>
        new MigrationError(
          `The column ${name} can't become NOT NULL: ${rows.text} ${verb(rows, 'has', 'have')} no value in it. Fill them first, for example: update ${table} set ${to.name} = … where ${to.name} is null.`,
        ),
    })
  return obstacles
}

/** Values that a column of another type can't hold, to which they are copied. */
function conversionObstacle(
  { table, part, mirror: { from, converts } }: CreateMirrorNode,
  key: readonly string[],
  { compiler, conversions }: Dialect,
): readonly Obstacle[] {
  // the first of its parts
  if (converts === null || part === 'write' || part === 'update') return []
  const keeps = conversions.keeps(converts.from, converts.to, compiler.syntax.quote(from))
  if (keeps === null || conversions.attempt(converts.from, converts.to) !== null) return []
  return [
    {
      table,
      key,
      columns: [from],
      where: { kind: 'unless', sql: keeps },
      isSilent: true,
      isRefused: true,
      refusal: (rows) =>
        new MigrationError(
          `The column ${quoted(`${table}.${from}`)} can't become ${converts.to.name}: ${rows.text} ${verb(rows, 'has', 'have')} values that would change. Change them first.`,
        ),
    },
  ]
}

/** A new NOT NULL column without a value, in a table that has rows. */
const emptyColumn = (table: string, column: string, key: readonly string[]): Obstacle => ({
  table,
  key,
  columns: [],
  where: { kind: 'all' },
  isSilent: true,
  refusal: (rows) =>
    new MigrationError(
      `The column ${quoted(`${table}.${column}`)} is NOT NULL and has no default, and there ${verb(rows, 'is', 'are')} ${rows.text}. Give it a "fill".`,
    ),
})

/** Rows with 0 in a column that becomes auto-incremented. */
const unnumbered = (table: string, column: string, key: readonly string[], { compiler }: Dialect): Obstacle => ({
  table,
  key,
  columns: [column],
  where: { kind: 'unless', sql: `${compiler.syntax.quote(column)} <> 0` },
  isSilent: true,
  refusal: (rows) =>
    new MigrationError(
      `The column ${quoted(`${table}.${column}`)} can't number its rows yet: ${rows.text} ${verb(rows, 'has', 'have')} 0 in it. Give each row another number, and run the migration again.`,
    ),
})

function indexObstacle({ name, table, columns, expression, where, sql }: CreateIndexNode, key: readonly string[]) {
  if (sql !== null || (columns.length === 0 && expression === null)) return []
  const of = columns.length === 0 ? '' : ` of ${quoted(columns.map((column) => `${table}.${column}`).join(', '))}`
  return [
    {
      table,
      key,
      columns,
      where: { kind: 'repeated', columns, expression, where } as const,
      isSilent: false,
      refusal: (rows: ObstacleRows) =>
        new MigrationError(
          `The unique index ${quoted(name)} can't be created: ${rows.text} ${verb(rows, 'has', 'have')} the same value${of} as another row. Change or delete them first.`,
        ),
    },
  ]
}

const keyObstacle = (table: string, foreignKey: ForeignKeyDefinition, key: readonly string[]): Obstacle => ({
  table,
  key,
  columns: foreignKey.columns,
  where: { kind: 'lost', foreignKey },
  isSilent: false,
  refusal: (rows) =>
    new MigrationError(
      `The foreign key ${quoted(foreignKey.name)} can't be added: ${rows.text} of ${quoted(table)} ${verb(rows, 'points', 'point')} to rows of ${quoted(foreignKey.table)} that are not there. Change or delete them first.`,
    ),
})

/** Rows in the way of one statement, given its table. */
function obstaclesOfNode(node: SchemaNode, table: TableState | undefined, dialect: Dialect): readonly Obstacle[] {
  const key = keyOf(table)
  switch (node.kind) {
    case 'alterColumn':
      return alterationObstacles({ ...node, key, isFilled: false }, dialect)
    case 'createMirror':
      return conversionObstacle(node, key, dialect)
    case 'createIndex': {
      const { numbers } = own(node)
      return [
        ...(numbers === undefined ? [] : [unnumbered(node.table, numbers.name, key, dialect)]),
        ...(node.unique ? indexObstacle(node, key) : []),
      ]
    }
    case 'validateConstraint':
      return obstaclesOfNode({ ...node.added, notValid: false }, table, dialect)
    case 'addForeignKey':
      if (node.notValid === true) return []
      return [keyObstacle(node.table, node.foreignKey, key)]
    case 'addCheck':
      if (node.notValid === true) return []
      return [
        {
          table: node.table,
          key,
          columns: (table?.columns ?? [])
            .map(({ name }) => name)
            .filter((name) => usesColumn(node.check.predicate, name)),
          where: { kind: 'violating', predicate: node.check.predicate },
          isSilent: false,
          refusal: (rows) =>
            new MigrationError(
              `The check ${quoted(node.check.name)} can't be added: ${rows.text} of ${quoted(node.table)} ${verb(rows, 'violates', 'violate')} it. Change or delete them first.`,
            ),
        },
      ]
    default:
      return []
  }
}

const keyOf = (table: TableState | undefined): readonly string[] => table?.primaryKey ?? []

/** The rows in the way of each statement of a list, given the state before all of them. */
export function obstaclesOf(
  nodes: readonly SchemaNode[],
  before: SchemaState,
  dialect: Dialect,
): ReadonlyMap<SchemaNode, readonly Obstacle[]> {
  const found = new Map<SchemaNode, readonly Obstacle[]>()
  const isFor = (table: string, column: string) => (each: SchemaNode) =>
    each.kind === 'alterColumn' && each.table === table && each.to.name === column
  const handled = new Set<SchemaNode>()
  for (const [i, node] of nodes.entries()) {
    if (handled.has(node)) continue
    const later = nodes.slice(i + 1)
    if (node.kind === 'addColumn') {
      const { table, column } = node
      const filled = later.some((each) => each.kind === 'fillColumn' && each.column.name === column.name)
      const tightened = later.find(isFor(table, column.name))
      const isNeeded = tightened?.kind === 'alterColumn' && !tightened.to.nullable
      if (isNeeded && !filled) {
        handled.add(tightened)
        found.set(node, [emptyColumn(table, column.name, keyOf(before.tables.get(table)))])
      }
    } else if (node.kind === 'convertColumn') {
      // the values are converted before the type changes
      const altered = later.find(isFor(node.table, node.column))
      if (altered?.kind !== 'alterColumn' || altered.isConverted === true) continue
      handled.add(altered)
      found.set(node, obstaclesOfNode(altered, before.tables.get(node.table), dialect))
    } else if ('table' in node) found.set(node, obstaclesOfNode(node, before.tables.get(node.table), dialect))
  }
  return found
}

/** The rows in the way of a step. */
export const obstaclesOfStep = (step: SchemaStep, dialect: Dialect): readonly Obstacle[] =>
  step.kind === 'rebuild'
    ? [...obstaclesOfRebuild(step, dialect), ...obstaclesOfOperations(step, dialect)]
    : [...obstaclesOf(step.nodes, step.before, dialect).values()].flat()

/** The rows whose values the rebuilt table can't hold. */
export const obstaclesOfRebuild = ({ rebuild }: RebuildStep, dialect: Dialect): readonly Obstacle[] =>
  rebuild.sources.flatMap(({ column, from, using, fill }): readonly Obstacle[] => {
    const { table, primaryKey: key } = rebuild.before
    if (from !== null)
      return alterationObstacles({ table, from, to: column, using, key, isFilled: fill !== undefined }, dialect).map(
        (each) => ({ ...each, isSilent: true }),
      )
    const isEmpty = using === null && column.default === null && column.generated === null && fill === undefined
    return isEmpty && !column.nullable && column.type.autoIncrement !== true
      ? [emptyColumn(table, column.name, key)]
      : []
  })

/** The rows in the way of checks and unique indexes that are added by rebuilding a table. */
export const obstaclesOfOperations = (
  { operations, rebuild, before }: RebuildStep,
  dialect: Dialect,
): readonly Obstacle[] =>
  operations.flatMap((operation): readonly Obstacle[] => {
    const table = before.tables.get(rebuild.before.table)
    if (operation.op === 'addCheck')
      return obstaclesOfNode({ kind: 'addCheck', table: operation.table, check: operation.check }, table, dialect)
    if (operation.op !== 'createIndex' || table === undefined || operation.index.fullText !== null) return []
    return obstaclesOfNode(indexDefinition(table, operation.index), table, dialect)
  })
