import type { Database } from '../../database/database.js'
import { UnansweredError } from '../../errors.js'
import { type DownSettings, down, lossLines } from '../../migration/migrator.js'
import { canAsk, confirm } from '../ask.js'
import type { CommandCall } from '../call.js'
import { printRun, wholeOf, withMigrations } from '../migrate/run.js'
import { type CommandOutput, shown } from '../output.js'
import { requireMeant } from '../production.js'
import type { ExitCode } from '../spec.js'

/** Reverses migrations, the last one first. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output } = call
  const steps = options.text('steps')
  const done = await withMigrations(call, async (database, settings, project) => {
    const dryRun = options.flag('dry-run')
    if (!dryRun) requireMeant(options, project.url('migrations'), 'migrations are reversed')
    const allowLoss = options.flag('allow-loss')
    const wanted: DownSettings = {
      ...settings,
      to: options.text('to') ?? undefined,
      steps: steps === null ? undefined : wholeOf(steps, '--steps', 'a number of migrations'),
      allowLoss,
      dryRun,
    }
    if (dryRun || allowLoss || !canAsk(output)) return down(database, wanted)
    return down(database, { ...wanted, agreed: await agreedLosses(database, wanted, output) })
  })
  return printRun(done, options, output)
}

/** Shows the losses and asks for confirmation. Throws UnansweredError without it. */
async function agreedLosses(
  database: Database,
  settings: DownSettings,
  output: CommandOutput,
): Promise<readonly string[]> {
  const losses = lossLines((await down(database, { ...settings, dryRun: true })).planned)
  if (losses.length === 0) return []
  output.note('Reversing loses data:', 'yellow')
  for (const line of losses) output.note(`  ${shown(line)}`, 'yellow')
  if (await confirm('Reverse all the same?')) return losses
  throw new UnansweredError('Nothing was reversed.')
}
