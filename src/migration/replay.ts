import { canonicalText } from '../ast/canonical.js'
import { EMPTY, type SchemaState } from '../ast/schema.js'
import { CormError, MigrationConflictError, MigrationError } from '../errors.js'
import { applied, describeOperation, touchesOf } from '../schema/operation/index.js'
import { checksumOf } from './checksum.js'
import { isSchema, type Operation } from './definition.js'
import { headsOf, historyOf, inRunningOrder, type NamedMigration, withoutReplaced } from './graph.js'
import { resolveOperation } from './resolve.js'

export interface ReplayedStep {
  readonly operation: Operation
  readonly before: SchemaState
  /** The reason why the operation is intended, although it blocks or loses something. */
  readonly safe: string | null
}

/** A migration with the state of the schema before each of its operations. */
export interface ReplayedMigration extends NamedMigration {
  readonly steps: readonly ReplayedStep[]
  readonly after: SchemaState
  readonly checksum: string
}

/** Replays one migration on the state before it. */
export function replayOne(migration: NamedMigration, before: SchemaState): ReplayedMigration {
  const steps: ReplayedStep[] = []
  let state = before
  for (const [index, each] of migration.file.operations.entries()) {
    try {
      const operation = resolveOperation(each, state)
      steps.push({ operation, before: state, safe: each.safe ?? null })
      if (isSchema(operation)) state = applied(operation, state)
    } catch (error) {
      if (!(error instanceof CormError)) throw error
      throw new MigrationError(
        `Operation ${index + 1} ("${each.op}") of the migration "${migration.id}": ${error.message}`,
        {
          cause: error,
        },
      )
    }
  }
  const checksum = checksumOf(steps.map(({ operation }) => operation))
  return { ...migration, steps, after: state, checksum }
}

export interface Replay {
  readonly migrations: readonly ReplayedMigration[]
  readonly state: SchemaState
  readonly heads: readonly string[]
}

/** The migrations in order, with the schema after all of them. Replaced migrations are left out. Sends no statements. */
export function replay(migrations: readonly NamedMigration[]): Replay {
  const result = replayUnmerged(migrations)
  refuseConflicts(result)
  return result
}

/** Replays migrations that are about to be merged, without refusing conflicts between their heads. */
export function replayUnmerged(migrations: readonly NamedMigration[]): Replay {
  const replayed: ReplayedMigration[] = []
  let state = EMPTY
  const current = withoutReplaced(migrations)
  for (const migration of inRunningOrder(current)) {
    const next = replayOne(migration, state)
    state = next.after
    replayed.push(next)
  }
  return { migrations: replayed, state, heads: headsOf(current) }
}

/** Refuses two heads if the migrations after their fork touch the same things. */
function refuseConflicts({ migrations, heads }: Replay): void {
  for (const [i, a] of heads.entries())
    for (const b of heads.slice(i + 1)) {
      const [one, two] = [historyOf(migrations, a), historyOf(migrations, b)]
      const conflict = conflictBetween(
        migrations.filter(({ id }) => one.has(id) && !two.has(id)),
        migrations.filter(({ id }) => two.has(id) && !one.has(id)),
      )
      if (conflict !== null)
        throw new MigrationConflictError(
          `The migrations "${a}" and "${b}" were made at the same time and contradict each other: ${conflict}. Run "corm migrate merge".`,
        )
    }
}

/** Describes a conflict between two branches of migrations. Null if they can run in either order. */
function conflictBetween(one: readonly ReplayedMigration[], two: readonly ReplayedMigration[]): string | null {
  for (const a of one.flatMap(stepsOf))
    for (const b of two.flatMap(stepsOf)) {
      const shared = a.touched.find((thing) => b.touched.some((other) => overlaps(thing, other)))
      if (shared !== undefined) return `"${a.what}" of "${a.id}" and "${b.what}" of "${b.id}"`
    }
  return null
}

const stepsOf = ({ id, steps }: ReplayedMigration) =>
  steps.map(({ operation }) => ({
    id,
    what: isSchema(operation) ? describeOperation(operation) : operation.op,
    touched: isSchema(operation) ? touchesOf(operation) : ['*'],
  }))

/** Whether two names overlap. A table overlaps with everything in it. */
function overlaps(a: string, b: string): boolean {
  if (a === '*' || b === '*' || a === b) return true
  return isPartOf(a, b) || isPartOf(b, a)
}

const isPartOf = (part: string, whole: string) => part.startsWith(`${whole}.`) || part.startsWith(`${whole} (`)

/** Whether two states are the same schema. The order of columns and of definitions does not count. */
export function isSameState(a: SchemaState, b: SchemaState): boolean {
  return stateText(a) === stateText(b)
}

const sorted = <T extends { readonly name: string }>(items: Iterable<T>): readonly T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1))

const stateText = ({ tables, views }: SchemaState): string =>
  canonicalText({
    views: sorted(views.values()),
    tables: sorted(tables.values()).map((table) => ({
      ...table,
      columns: sorted(table.columns),
      indexes: sorted(table.indexes),
      foreignKeys: sorted(table.foreignKeys),
      checks: sorted(table.checks),
    })),
  })
