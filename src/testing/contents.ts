import type { Database } from '../database/database.js'
import { UsageError } from '../errors.js'
import type { NamedMigration } from '../migration/graph.js'
import { namedMigrations } from '../migration/modules.js'
import { replay } from '../migration/replay.js'
import type { MigrationModules } from '../types/migration.js'
import { isRecord } from '../util/record.js'

/** What a test database has before its first test. */
export interface Contents {
  /** A text that differs when the contents do. */
  textFor(database: Database): string
  fill(database: Database): Promise<void>
}

/** The tables that the options ask for; null: none, and the database of the URL is copied. */
export async function contentsOf(
  models: readonly unknown[] | undefined,
  migrations: MigrationModules | string | undefined,
): Promise<Contents | null> {
  if (migrations === undefined) return models === undefined ? null : tablesOf(models)
  if (models === undefined) return migratedBy(await modulesOf(migrations))
  throw new UsageError(
    'useTestDatabase() takes models or migrations: tables are made in one of the two ways. Migrations make those of the application.',
  )
}

const tablesOf = (models: readonly unknown[]): Contents => ({
  textFor: (database) => database.toSQLCreateTables(models),
  fill: (database) => database.createTables(models),
})

const migratedBy = (migrations: MigrationModules): Contents => ({
  textFor: () =>
    JSON.stringify(
      replay(namedMigrations(migrations)).migrations.map(({ id, checksum, steps }) => [
        id,
        checksum,
        // a checksum says nothing of what functions do
        ...steps.map(({ operation }) => (operation.op === 'data' ? String(operation.up) : null)),
      ]),
    ),
  fill: async (database) => {
    // no program uses the database yet
    await database.migrate({ migrations, allow: true })
  },
})

async function modulesOf(migrations: MigrationModules | string): Promise<MigrationModules> {
  if (typeof migrations !== 'string') return migrations
  // TypeScript is compiled as it is for the command line
  const [{ FileLoader }, { findMigrations }, { resolve }] = await Promise.all([
    import('../cli/project/load-file.js'),
    import('../cli/project/migrations.js'),
    import('node:path'),
  ])
  const folder = resolve(migrations)
  const found: readonly NamedMigration[] = await findMigrations(folder, new FileLoader(folder))
  if (found.length === 0)
    throw new UsageError(
      `useTestDatabase() finds no migrations in the folder ${folder}. A path is relative to the current folder.`,
    )
  return Object.fromEntries(found.map(({ id, file }) => [id, file]))
}

/** Whether this is a folder, or an object of migrations. */
export const isMigrations = (value: unknown): value is MigrationModules | string =>
  typeof value === 'string' || (isRecord(value) && !Array.isArray(value))
