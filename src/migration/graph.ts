import { MigrationConflictError, quoted } from '../errors.js'
import type { MigrationFile } from './definition.js'

/** A migration with its id: the name of its file without the extension. */
export interface NamedMigration {
  readonly id: string
  readonly file: MigrationFile
}

/** The migrations that no other migration replaces. */
export function withoutReplaced(migrations: readonly NamedMigration[]): readonly NamedMigration[] {
  const replaced = new Set(migrations.flatMap(({ file }) => file.squashes))
  return migrations.filter(({ id }) => !replaced.has(id))
}

/** Returns the parents of a migration. A missing parent stands for the migration that replaces it. */
function parentsIn(migrations: readonly NamedMigration[]): (migration: NamedMigration) => readonly string[] {
  const there = new Set(migrations.map(({ id }) => id))
  const replacing = new Map(migrations.flatMap(({ id, file }) => file.squashes.map((each) => [each, id] as const)))
  return ({ id, file }) => {
    const parents = file.parents.map((parent) => (there.has(parent) ? parent : (replacing.get(parent) ?? parent)))
    return [...new Set(parents)].filter((parent) => parent !== id)
  }
}

/** Sorts migrations in running order: each after its parents, and otherwise by id. */
export function inRunningOrder(migrations: readonly NamedMigration[]): readonly NamedMigration[] {
  const byId = new Map<string, NamedMigration>()
  for (const migration of migrations) {
    if (byId.has(migration.id))
      throw new MigrationConflictError(`There are two migrations ${quoted(migration.id)}. Remove one of the files.`)
    byId.set(migration.id, migration)
  }
  refuseMissing(byId)
  const parentsOf = parentsIn(migrations)
  const sorted: NamedMigration[] = []
  const waiting = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const done = new Set<string>()
  while (waiting.length > 0) {
    const next = waiting.findIndex((each) => parentsOf(each).every((parent) => done.has(parent) || !byId.has(parent)))
    const [migration] = next === -1 ? [] : waiting.splice(next, 1)
    if (migration === undefined)
      throw new MigrationConflictError(
        `These migrations are each other's parents: ${waiting.map(({ id }) => id).join(', ')}. Correct the list "parents" of one of them.`,
      )
    done.add(migration.id)
    sorted.push(migration)
  }
  return sorted
}

/** Refuses missing parents, except those that an existing migration replaces. */
function refuseMissing(byId: ReadonlyMap<string, NamedMigration>): void {
  const replaced = new Set([...byId.values()].flatMap(({ file }) => file.squashes))
  const missing = [...byId.values()].flatMap(({ id, file }) =>
    file.parents
      .filter((parent) => !byId.has(parent) && !replaced.has(parent))
      .map((parent) => `${id} names ${parent}`),
  )
  if (missing.length > 0)
    throw new MigrationConflictError(
      `Parents of migrations are missing: ${missing.join('; ')}. Bring the files back, or correct the list "parents".`,
    )
}

/** The migrations that are no migration's parent. */
export function headsOf(migrations: readonly NamedMigration[]): readonly string[] {
  const parentsOf = parentsIn(migrations)
  const parents = new Set(migrations.flatMap((each) => [...parentsOf(each), ...each.file.squashes]))
  return migrations
    .map(({ id }) => id)
    .filter((id) => !parents.has(id))
    .sort()
}

/** The ids of a migration and all that come before it. */
export function historyOf(migrations: readonly NamedMigration[], id: string): ReadonlySet<string> {
  const byId = new Map(migrations.map((migration) => [migration.id, migration]))
  const parentsOf = parentsIn(migrations)
  const found = new Set<string>()
  const waiting = [id]
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    const migration = byId.get(each)
    if (!found.has(each) && migration !== undefined) waiting.push(...parentsOf(migration))
    found.add(each)
  }
  return found
}
