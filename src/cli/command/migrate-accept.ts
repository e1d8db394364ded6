import { accept } from '../../migration/migrator.js'
import type { CommandCall } from '../call.js'
import { withMigrations } from '../migrate/run.js'
import { shown } from '../output.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Records that an edited file is intended. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { output } = call
  const [id = ''] = call.arguments
  await withMigrations(call, (database, settings) => accept(database, { ...settings, id }))
  output.say(`The database has ${shown(id)} as its file is now.`, 'green')
  output.result({ status: 'accepted', id })
  return EXIT.done
}
