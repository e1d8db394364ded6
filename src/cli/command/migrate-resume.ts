import { UsageError } from '../../errors.js'
import { resume } from '../../migration/migrator.js'
import type { CommandCall } from '../call.js'
import { printRun, withMigrations } from '../migrate/run.js'
import type { ExitCode } from '../spec.js'

/** Records whether the step at which a migration was interrupted is done, and continues. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output } = call
  const step = (['done', 'redo'] as const).find((each) => each === options.text('step'))
  if (step === undefined)
    throw new UsageError(
      'Say of the step that was interrupted whether the database has it: --step done, or --step redo to run it again. "corm migrate status" names the step.',
    )
  return printRun(
    await withMigrations(call, (database, settings) =>
      resume(database, {
        ...settings,
        step,
        // applies to later migrations: this one was allowed when it began
        contract: options.flag('contract'),
        allow: options.flag('allow'),
      }),
    ),
    options,
    output,
  )
}
