import { down } from '../../migration/migrator.js'
import type { Call } from '../call.js'
import { printRun, wholeOf, withMigrations } from '../migrate/run.js'
import { requireMeant } from '../production.js'
import type { ExitCode } from '../spec.js'

/** Reverses migrations, the last one first. */
export async function run(call: Call): Promise<ExitCode> {
  const { options, output } = call
  const steps = options.text('steps')
  const done = await withMigrations(call, (database, settings, project) => {
    const dryRun = options.flag('dry-run')
    if (!dryRun) requireMeant(options, project.url('migrations'), 'migrations are reversed')
    return down(database, {
      ...settings,
      to: options.text('to') ?? undefined,
      steps: steps === null ? undefined : wholeOf(steps, '--steps', 'a number of migrations'),
      allowLoss: options.flag('allow-loss'),
      dryRun,
    })
  })
  return printRun(done, options, output)
}
