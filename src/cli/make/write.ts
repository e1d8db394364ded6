import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { CormError, MigrationError } from '../../errors.js'
import type { NewMigration } from '../../migration/make.js'
import { type Replay, replay } from '../../migration/replay.js'
import type { Project } from '../project/project.js'

/**
 * Replays the migrations of the project together with these new ones. The texts are read like files, because a file that can't
 * be read would stop every later command.
 */
export async function replayWith(project: Project, made: readonly NewMigration[]): Promise<Replay> {
  const before = await project.migrations()
  try {
    const read = await Promise.all(made.map(({ id, text }) => project.migrationIn(text, id)))
    return replay([...before, ...read])
  } catch (cause) {
    if (!(cause instanceof CormError)) throw cause
    throw new MigrationError(
      `corm can't read the migration that it would write: ${cause.message} Nothing was written. Please report this.`,
      { cause },
    )
  }
}

/** Writes migration files and never overwrites an existing one. Returns their paths relative to the folder of the project. */
export async function writeFiles(project: Project, made: readonly NewMigration[]): Promise<readonly string[]> {
  const paths = made.map(({ id }) => project.migrationPath(id))
  const there = paths.find(existsSync)
  if (there !== undefined)
    throw new MigrationError(`There is already a migration ${relative(project.folder, there)}. Nothing was written.`)
  await replayWith(project, made)
  mkdirSync(project.migrationsFolder, { recursive: true })
  for (const [i, { text }] of made.entries()) writeFileSync(paths[i] ?? '', text, { flag: 'wx' })
  return paths.map((path) => relative(project.folder, path))
}
