import type { Database } from '../../database/database.js'
import { MigrationError } from '../../errors.js'
import { describeDifference } from '../../migration/drift.js'
import { baseline, type MigratorSettings, up } from '../../migration/migrator.js'
import type { CommandCall } from '../call.js'
import { driftAfter } from '../migrate/drift.js'
import { printRun, withMigrations } from '../migrate/run.js'
import type { Project } from '../project/project.js'
import type { ExitCode } from '../spec.js'

/** Records migrations as applied without running them. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output } = call
  const to = options.text('to') ?? undefined
  const done = await withMigrations(call, async (database, settings, project) => {
    if (!options.flag('force')) await refuseDifferences(database, { ...settings, to }, project)
    return baseline(database, { ...settings, to })
  })
  return printRun(done, options, output)
}

interface BaselineTarget extends MigratorSettings {
  readonly to: string | undefined
}

/** Throws MigrationError if the database differs from the result of the migrations. */
async function refuseDifferences(database: Database, settings: BaselineTarget, project: Project): Promise<void> {
  const { planned } = await up(database, { ...settings, contract: true, dryRun: true })
  if (planned.length === 0) return
  const { drift } = await driftAfter(database, settings, { project, also: planned.map(({ id }) => id) })
  // models can't describe views: "migrate drift --adopt" adds them to the migrations later
  const differences = drift.differences.filter(({ kind, change }) => kind !== 'view' || change !== 'unexpected')
  if (differences.length === 0) return
  throw new MigrationError(
    `The database differs from what the migrations make, so nothing was recorded: ${differences.map(describeDifference).join('; ')}. Change the migrations or the database, or leave tables out with "ignore" in corm.config.ts. --force records the migrations all the same.`,
  )
}
