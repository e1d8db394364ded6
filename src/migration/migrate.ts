import type { SessionLender } from '../database/session.js'
import { UsageError } from '../errors.js'
import { isSignal } from '../query/runner/limits.js'
import type { Signal } from '../types/database.js'
import type { MigrateOptions, MigrationEvent, MigrationRun } from '../types/migration.js'
import { callback, flag, object, optionReader, text, whole } from '../util/options.js'
import { up } from './migrator.js'
import { namedMigrations } from './modules.js'

interface MigrateInput extends Omit<MigrateOptions, 'migrations'> {
  readonly migrations: object
}

const read = optionReader<MigrateInput>('migrate()', {
  migrations: object,
  to: text,
  wait: whole(0, 'milliseconds'),
  contract: flag,
  allow: flag,
  migrationsTable: text,
  lockRetries: whole(0),
  signal: { wants: 'an AbortSignal', accepts: (value: unknown): value is Signal => isSignal(value) },
  onProgress: callback<(event: MigrationEvent) => void>(),
})

/** Runs the migrations of `db.migrate()`. */
export async function migrate(db: SessionLender, options: MigrateOptions): Promise<MigrationRun> {
  const { migrations, to, wait, contract, allow, migrationsTable, lockRetries, signal, onProgress } = read(options)
  if (migrations === undefined)
    throw new UsageError(
      'migrate() needs the migrations: migrate({ migrations: { "20261101T090000_initial": initial } }).',
    )
  return up(db, {
    migrations: namedMigrations(migrations),
    to,
    wait,
    contract,
    allow,
    table: migrationsTable,
    lockRetries,
    signal,
    onProgress,
    dryRun: false,
  })
}
