import { MigrationConflictError, quoted } from '../errors.js'
import type { NamedMigration } from './graph.js'

/** The migrations that apply to a database: a squash or the migrations that it replaces, never both. */
export interface ChosenMigrations {
  readonly migrations: readonly NamedMigration[]
  /** Squashes whose original migrations have all run, or will have. They are recorded without being run. */
  readonly recorded: readonly NamedMigration[]
}

/**
 * Chooses between squashes and the migrations that they replace. `isRecorded` returns whether a migration has begun on the
 * database.
 */
export function chosenFrom(all: readonly NamedMigration[], isRecorded: (id: string) => boolean): ChosenMigrations {
  const known = new Set(all.map(({ id }) => id))
  const left = new Set<string>()
  const recorded: NamedMigration[] = []
  /** The replacements of parents, by id. */
  const instead = new Map<string, readonly string[]>()
  const squashes = all.filter(({ file }) => file.squashes.length > 0)
  for (const squash of [...squashes].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { squashes: originals } = squash.file
    const there = originals.filter((id) => isRecorded(id))
    const usesOriginals = !isRecorded(squash.id) && there.length > 0 && there.length < originals.length
    if (!isRecorded(squash.id) && there.length > 0) recorded.push(squash)
    if (usesOriginals) {
      const missing = originals.filter((id) => !isRecorded(id) && !known.has(id))
      if (missing.length > 0)
        throw new MigrationConflictError(
          `The database has run a part of what the migration ${quoted(squash.id)} replaces, and the others have no files any more: ${missing.join(', ')}. Bring these files back, run the migrations, and remove the files then.`,
        )
      left.add(squash.id)
      instead.set(squash.id, originals)
    } else
      for (const id of originals) {
        left.add(id)
        instead.set(id, [squash.id])
      }
  }
  const parentsOf = (id: string): readonly string[] =>
    (instead.get(id) ?? [id]).flatMap((each) => (each === id ? [id] : parentsOf(each)))
  const migrations = all
    .filter(({ id }) => !left.has(id))
    .map((migration): NamedMigration => {
      const { file } = migration
      if (!file.parents.some((id) => instead.has(id))) return migration
      const parents = [...new Set(file.parents.flatMap(parentsOf))].filter((id) => id !== migration.id)
      return { id: migration.id, file: { ...file, parents } }
    })
  return { migrations, recorded }
}
