import { CormError, MigrationConflictError } from '../../errors.js'
import type { NamedMigration } from '../../migration/graph.js'
import { migrationId } from '../../migration/make.js'
import { printMigration } from '../../migration/printer.js'
import { type Replay, replayUnmerged } from '../../migration/replay.js'
import type { CommandCall } from '../call.js'
import { type MakeOutcome, makeFrom, type Start, writeMade } from '../make/make.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Writes a migration that has all heads as parents, with the operations from their combined schema to the models. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { output } = call
  const project = await Project.open(call)
  const { state, heads } = replayed(await project.migrations())
  if (heads.length < 2) {
    output.say('There is nothing to merge: no two migrations were made at the same time.')
    output.result({ status: 'nothing' })
    return EXIT.done
  }
  const start: Start = { project, from: state, parents: heads }
  const named = { ...call, arguments: [call.arguments[0] ?? 'merge'] }
  const made = await makeFrom(start, named)
  return writeMade(made.kind === 'nothing' ? empty(start, named) : made, start, output)
}

/** The result if no operations are needed: the migration only merges the heads. */
function empty({ parents }: Start, { arguments: [name = ''] }: Pick<CommandCall, 'arguments'>): MakeOutcome {
  const text = printMigration({ parents, operations: [], comments: new Map(), squashes: [], after: null })
  return { kind: 'migration', id: migrationId(new Date(), parents, name), text, operations: [], contract: null }
}

function replayed(migrations: readonly NamedMigration[]): Replay {
  try {
    return replayUnmerged(migrations)
  } catch (cause) {
    if (!(cause instanceof CormError)) throw cause
    throw new MigrationConflictError(
      `The migrations can't run one after the other: ${cause.message} Take the operation out of the file that no database has run yet, and merge again.`,
      { cause },
    )
  }
}
