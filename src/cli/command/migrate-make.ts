import { replay } from '../../migration/replay.js'
import type { CommandCall } from '../call.js'
import { makeFrom, type Start, writeMade } from '../make/make.js'
import { Project } from '../project/project.js'
import type { ExitCode } from '../spec.js'

/** Writes the migration that leads from the migrations to the models. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const project = await Project.open(call)
  const { state, heads } = replay(await project.migrations())
  const start: Start = { project, from: state, parents: heads }
  return writeMade(await makeFrom(start, call), start, call.output)
}
