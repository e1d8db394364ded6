import { type MigrationStatus, status } from '../../migration/migrator.js'
import type { CommandCall } from '../call.js'
import { noteWaiting, withMigrations } from '../migrate/run.js'
import { EXIT, type ExitCode } from '../spec.js'
import { tableText } from '../table.js'

/** States that stop `up` until a person has fixed them. */
const BROKEN: ReadonlySet<MigrationStatus['state']> = new Set(['changed', 'unknown', 'interrupted', 'failed'])

/** Lists the migrations with their status in the database. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { output } = call
  const migrations = await withMigrations(call, status)
  output.result({ migrations })
  if (migrations.length === 0) output.say('There are no migrations. Run "corm migrate make".')
  else output.say(tableText(['migration', 'state', 'when', 'took'], migrations.map(rowOf)))
  noteWaiting(
    migrations.flatMap(({ id, state }) => (state === 'waiting' ? [id] : [])),
    output,
  )
  for (const { id, message } of migrations) if (message !== null) output.note(`${id}: ${message}`, 'red')
  return migrations.some(({ state }) => BROKEN.has(state)) ? EXIT.failed : EXIT.done
}

const rowOf = ({ id, state, step, steps, appliedAt, duration }: MigrationStatus): readonly string[] => [
  id,
  step === null ? state : `${state} at step ${step} of ${steps}`,
  appliedAt === null ? '' : appliedAt.toISOString().slice(0, 19).replace('T', ' '),
  duration === null ? '' : `${Math.round(duration)} ms`,
]
