import { baseline } from '../../migration/migrator.js'
import type { Call } from '../call.js'
import { printRun, withMigrations } from '../migrate/run.js'
import type { ExitCode } from '../spec.js'

/** Records migrations as applied without running them. */
export async function run(call: Call): Promise<ExitCode> {
  const { options, output } = call
  const to = options.text('to') ?? undefined
  return printRun(
    await withMigrations(call, (database, settings) => baseline(database, { ...settings, to })),
    options,
    output,
  )
}
