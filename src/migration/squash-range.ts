import type { SchemaState } from '../ast/schema.js'
import { MigrationError, quoted } from '../errors.js'
import { suggestion } from '../util/names.js'
import type { Operation } from './definition.js'
import { historyOf, inRunningOrder, type NamedMigration, withoutReplaced } from './graph.js'
import { type ReplayedMigration, replay, replayOne } from './replay.js'
import { squashed } from './squash.js'

/** What is squashed: the migrations from one to another, both included. */
export interface SquashRange {
  /** Null: from the first migration. */
  readonly from: string | null
  /** Null: to the last migration. */
  readonly to: string | null
}

/** One migration that replaces several others. */
export interface Squash {
  readonly parents: readonly string[]
  /** The ids of the migrations that it replaces, and of those that they have replaced. */
  readonly squashes: readonly string[]
  readonly operations: readonly Operation[]
  readonly before: SchemaState
  /** The last of the migrations that are replaced. */
  readonly last: string
}

/** Squashes the migrations of a range. Throws MigrationError if another migration begins in the middle of it. */
export function squashOf(given: readonly NamedMigration[], { from, to }: SquashRange): Squash {
  const migrations = withoutReplaced(given)
  const last = to === null ? onlyHead(migrations) : known(migrations, to)
  const history = historyOf(migrations, last)
  const earlier = new Set<string>()
  if (from !== null) for (const id of historyOf(migrations, known(migrations, from))) if (id !== from) earlier.add(id)
  if (from !== null && !history.has(from))
    throw new MigrationError(
      `The migration ${quoted(from)} does not come before ${quoted(last)}. Name an earlier one with --from, or a later one with --to.`,
    )
  const members = inRunningOrder(migrations).filter(({ id }) => history.has(id) && !earlier.has(id))
  const ids = new Set(members.map(({ id }) => id))
  refuseForks(migrations, ids, last)
  const parents = [...new Set(members.flatMap(({ file }) => file.parents))].filter((parent) => !ids.has(parent))
  const { state: before } = replay(
    migrations.filter(({ id }) => parents.some((each) => historyOf(migrations, each).has(id))),
  )
  const replayed: ReplayedMigration[] = []
  for (const member of members) replayed.push(replayOne(member, replayed.at(-1)?.after ?? before))
  const squashes = members.flatMap(({ id, file }) => [...file.squashes, id])
  return { parents: parents.sort(), squashes, operations: squashed(replayed), before, last }
}

function onlyHead(migrations: readonly NamedMigration[]): string {
  const { heads } = replay(migrations)
  const [head, ...more] = heads
  if (head !== undefined && more.length === 0) return head
  throw new MigrationError(
    head === undefined
      ? 'There are no migrations, so there is nothing to squash. "corm migrate make" writes one.'
      : `There are several last migrations: ${heads.join(', ')}. Name one with --to.`,
  )
}

function known(migrations: readonly NamedMigration[], id: string): string {
  const ids = migrations.map((migration) => migration.id)
  if (ids.includes(id)) return id
  throw new MigrationError(`There is no migration ${quoted(id)}.${suggestion(id, ids)}`)
}

/**
 * Refuses a range if a migration outside it depends on any but the last one in it. Such a migration would run on a schema that
 * no longer occurs.
 */
function refuseForks(migrations: readonly NamedMigration[], ids: ReadonlySet<string>, last: string): void {
  for (const { id, file } of migrations) {
    if (ids.has(id)) continue
    const parent = file.parents.find((each) => each !== last && ids.has(each))
    if (parent !== undefined)
      throw new MigrationError(
        `The migration ${quoted(id)} continues from ${quoted(parent)}, which is in the middle of what would be squashed. Squash to ${quoted(parent)}, or to a migration that comes after both.`,
      )
  }
}
