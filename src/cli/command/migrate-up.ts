import { MigrationLockedError } from '../../errors.js'
import { up } from '../../migration/migrator.js'
import type { CommandCall } from '../call.js'
import { printRun, withMigrations } from '../migrate/run.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Runs the migrations that the database lacks. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output } = call
  try {
    const done = await withMigrations(call, (database, settings) =>
      up(database, {
        ...settings,
        to: options.text('to') ?? undefined,
        contract: options.flag('contract'),
        dryRun: options.flag('dry-run'),
        allow: options.flag('allow'),
      }),
    )
    return printRun(done, options, output)
  } catch (error) {
    // --no-wait: the other one does the work
    if (!(error instanceof MigrationLockedError) || !options.isOff('wait') || options.flag('fail-if-locked'))
      throw error
    output.say('Another migrator is at work. Nothing was run.', 'yellow')
    output.result({ status: 'locked', finished: [] })
    return EXIT.done
  }
}
