import type { Database } from '../../database/database.js'
import { type Drift, type DriftOptions, driftOf } from '../../migration/drift.js'
import { type MigrationStatus, type MigratorSettings, status } from '../../migration/migrator.js'
import { RECORD_TABLE } from '../../migration/record.js'
import { type Replay, replay } from '../../migration/replay.js'
import type { Project } from '../project/project.js'

/** The source of the comparison with the database. */
export interface DriftSource {
  readonly drift: Drift
  readonly applied: Replay
  readonly options: DriftOptions
  /** The migration that was begun and not finished: its steps show as differences. Null: there is none. */
  readonly begun: MigrationStatus | null
}

/** Compares the database with the applied migrations plus the given ones. */
export async function driftAfter(
  database: Database,
  settings: MigratorSettings,
  { project, also }: { readonly project: Project; readonly also: readonly string[] },
): Promise<DriftSource> {
  const states = await status(database, settings)
  const done = new Set(states.filter(({ state }) => state === 'applied' || state === 'changed').map(({ id }) => id))
  for (const id of also) done.add(id)
  const applied = replay(settings.migrations.filter(({ id }) => done.has(id)))
  const options = { ignore: project.config.ignore, own: [settings.table ?? RECORD_TABLE] }
  const begun = states.find(({ step }) => step !== null) ?? null
  return { drift: await driftOf(database, applied.state, options), applied, options, begun }
}
