import { MigrationError, quoted } from '../../errors.js'
import type { DataStep, Operation } from '../../migration/definition.js'
import type { NamedMigration } from '../../migration/graph.js'
import type { NewMigration } from '../../migration/make.js'
import { fileName } from '../../migration/make.js'
import { printMigration } from '../../migration/printer.js'
import { isSameState, replay } from '../../migration/replay.js'
import { squashOf } from '../../migration/squash-range.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import { replayWith, writeFiles } from '../make/write.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Writes one migration that replaces several others. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output } = call
  const project = await Project.open(call)
  const migrations = await project.migrations()
  const squash = squashOf(migrations, { from: options.text('from'), to: options.text('to') })
  const { parents, squashes, last } = squash
  const operations = squash.operations.filter(isPrinted)
  const text = printMigration({ parents, operations, comments: new Map(), squashes, after: null })
  // sorted by name, it takes the position of the migrations that it replaces
  const [time = last] = last.split('_')
  const id = `${time}_${fileName(call.arguments[0] ?? `squashed_${squashes.length}`)}`
  const made = { id, text }
  await verify(project, migrations, made)
  const [file] = await writeFiles(project, [made])
  output.say(`wrote ${file}`, 'green')
  output.say(`It replaces ${count(squashes.length, 'migration')}. Remove their files when every database has run them.`)
  output.result({ status: 'written', id, file, squashes, operations: operations.length })
  return EXIT.done
}

function isPrinted<T extends Operation>(operation: T): operation is Exclude<T, DataStep> {
  if (operation.op !== 'data') return true
  throw new MigrationError(
    `The migrations have the data operation ${quoted(operation.name)}, whose functions can't be moved to another file. Set elidable: true if new databases don't need it, or squash the migrations before and after it.`,
  )
}

/** Checks that the new file, read again, leads to the same schema as the original migrations. */
async function verify(project: Project, before: readonly NamedMigration[], made: NewMigration): Promise<void> {
  const { state } = await replayWith(project, [made])
  if (isSameState(replay(before).state, state)) return
  throw new MigrationError(
    'The squashed migration would lead to another schema. Nothing was written. Please report this, and squash a shorter range until then.',
  )
}
