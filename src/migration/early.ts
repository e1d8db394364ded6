import type { Obstacle } from '../schema/obstacles.js'
import type { SchemaNode } from '../schema/statements.js'
import type { MigrationStep } from './step.js'

/** Rows in the way of a step, which are there before the first step is run. */
export interface EarlyObstacle {
  readonly step: MigrationStep
  readonly index: number
  readonly obstacle: Obstacle
}

/** What a statement changes of the rows and names that later obstacles are about: tables, columns as `table.column`. */
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
    default:
      return []
  }
}

/** The tables that an obstacle is about. */
const tablesOf = ({ table, where }: Obstacle): readonly string[] =>
  where.kind === 'lost' ? [table, where.foreignKey.table] : [table]

/**
 * The rows that a migration would stop at, as far as no step before changes them. A database that commits each step would be left
 * in the middle.
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
    // whatever it does
    if (step.action.kind !== 'schema') return found
    for (const node of step.nodes) {
      // what has to be tried is left to the step itself
      for (const obstacle of step.obstacles.get(node) ?? [])
        if (!isChanged(obstacle) && (obstacle.attempt ?? null) === null) found.push({ step, index, obstacle })
      for (const name of changedBy(node)) changed.add(name)
    }
    // a table that is made again
    if (step.nodes.length === 0) return found
  }
  return found
}
