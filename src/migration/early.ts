import type { Obstacle } from '../schema/obstacles.js'
import type { SchemaNode } from '../schema/statements.js'
import type { MigrationStep } from './step.js'

/** Rows that would stop a step and exist before the first step runs. */
export interface EarlyObstacle {
  readonly step: MigrationStep
  readonly index: number
  readonly obstacle: Obstacle
}

/** The tables and columns (as `table.column`) that a statement changes, which later obstacles may depend on. */
function changedBy(node: SchemaNode): readonly string[] {
  switch (node.kind) {
    case 'createTable':
    case 'dropTable':
    case 'renameColumn':
    case 'fillColumn':
    case 'convertColumn':
      return [node.table]
    case 'renameTable':
      return [node.table, node.to]
    case 'addColumn':
      return [`${node.table}.${node.column.name}`]
    case 'dropColumn':
      return [`${node.table}.${node.column}`]
    case 'alterColumn':
      return [`${node.table}.${node.to.name}`]
    case 'swapColumns':
      return [node.table]
    default:
      return []
  }
}

/** The tables that an obstacle is about. */
const tablesOf = ({ table, where }: Obstacle): readonly string[] =>
  where.kind === 'lost' ? [table, where.foreignKey.table] : [table]

/**
 * The rows that would stop a migration, as far as no earlier step changes them. They are searched first, because a database
 * that commits each step would otherwise stop in the middle.
 */
export function earlyObstacles(steps: readonly MigrationStep[]): readonly EarlyObstacle[] {
  const found: EarlyObstacle[] = []
  const changed = new Set<string>()
  const isChanged = (obstacle: Obstacle) =>
    tablesOf(obstacle).some((table) => {
      if (changed.has(table)) return true
      return obstacle.columns.some((column) => changed.has(`${table}.${column}`))
    })
  for (const [index, step] of steps.entries()) {
    // this step may change anything, so later obstacles can't be searched now
    if (step.action.kind !== 'schema') return found
    for (const node of step.nodes) {
      // obstacles that need an attempt are left to the step itself
      for (const obstacle of step.obstacles.get(node) ?? [])
        if (!isChanged(obstacle) && (obstacle.attempt ?? null) === null) found.push({ step, index, obstacle })
      for (const name of changedBy(node)) changed.add(name)
    }
    // the step rebuilds a table
    if (step.nodes.length === 0) return found
  }
  return found
}
