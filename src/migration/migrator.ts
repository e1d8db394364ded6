import type { Database } from '../database/database.js'
import { MigrationError } from '../errors.js'
import type { MigrationEvent, MigrationRun, PlannedMigration } from '../types/migration.js'
import type { NamedMigration } from './graph.js'

// What `db.migrate()` and the command line do with the migrations of a database.

/** What all of these functions take. */
export interface MigratorSettings {
  readonly migrations: readonly NamedMigration[]
  /** The table that records what was run. Default: `corm_migrations`. */
  readonly table?: string | undefined
  /** Milliseconds to wait while another migrator is at work; 0: not at all. Default: 60,000. */
  readonly wait?: number | undefined
  /** How often a migration is tried again because a lock of the application stood in its way. Default: 20. */
  readonly lockRetries?: number | undefined
  /** Stops after the step that is running. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((event: MigrationEvent) => void) | undefined
}

/** Called with what will be run, before anything is. It may throw. */
export type Stops = (plan: readonly PlannedMigration[]) => void | Promise<void>

export interface UpSettings extends MigratorSettings {
  /** The last migration to run, with all that it needs; undefined: all. */
  readonly to?: string | undefined
  /** Also runs the migrations that wait for a deployment: `after: 'deploy'`. Default: false. */
  readonly contract?: boolean | undefined
  /** Plans only, and runs nothing. Default: false. */
  readonly dryRun?: boolean | undefined
  readonly stops?: Stops | undefined
}

export interface DownSettings extends MigratorSettings {
  /** The migration that becomes the last one; everything after it is reversed. */
  readonly to?: string | undefined
  /** How many migrations are reversed. Default, without `to`: 1. */
  readonly steps?: number | undefined
  /** Also reverses what loses data. Default: false. */
  readonly allowLoss?: boolean | undefined
  readonly dryRun?: boolean | undefined
  readonly stops?: Stops | undefined
}

export interface BaselineSettings extends MigratorSettings {
  /** The last migration that the database has, with all before it; undefined: all. */
  readonly to?: string | undefined
  /** Called with the migrations that are to be recorded without running. It may throw: the database differs. */
  readonly verify?: Stops | undefined
}

/** Where a migration stands in a database. */
export interface MigrationStatus {
  readonly id: string
  /**
   * `changed`: its file is not what was applied. `unknown`: recorded, but there is no file. `interrupted`: a step was started and
   * may be done. `failed`: a step failed, and those before it are done. `waiting`: it runs after a deployment only.
   */
  readonly state: 'applied' | 'pending' | 'waiting' | 'changed' | 'unknown' | 'interrupted' | 'failed'
  /** The step that it stands at, counted from 1, and how many there are, if it was begun and not finished. */
  readonly step: number | null
  readonly steps: number | null
  readonly appliedAt: Date | null
  /** Milliseconds. */
  readonly duration: number | null
  /** The error of the step that failed. */
  readonly message: string | null
}

const later = (): never => {
  throw new MigrationError('This is being built.')
}

/** Runs the migrations that the database lacks. */
export const up = async (_db: Database, _settings: UpSettings): Promise<MigrationRun> => later()

/** Reverses migrations, the last one first. */
export const down = async (_db: Database, _settings: DownSettings): Promise<MigrationRun> => later()

/** Every migration that is known or recorded, in the order of running. Changes nothing. */
export const status = async (_db: Database, _settings: MigratorSettings): Promise<readonly MigrationStatus[]> => later()

/** Records migrations as applied without running them: the database has what they make. */
export const baseline = async (_db: Database, _settings: BaselineSettings): Promise<MigrationRun> => later()

/** Records that an applied migration is meant as its file is now. */
export const accept = async (_db: Database, _settings: MigratorSettings & { readonly id: string }): Promise<void> =>
  later()

/**
 * Says of the step at which a migration was interrupted that it is `done`, or that it has to be run again: `redo`. Then it goes on
 * as `up` does.
 */
export const resume = async (
  _db: Database,
  _settings: UpSettings & { readonly step: 'done' | 'redo' },
): Promise<MigrationRun> => later()
