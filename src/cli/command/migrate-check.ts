import { makeMigration } from '../../migration/make.js'
import { renamesOfModels } from '../../migration/renamed-from.js'
import { replay } from '../../migration/replay.js'
import { stateOfModels } from '../../schema/from-models.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import { describeAll, migrated } from '../make/make.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Compares the models with the migrations. It needs no database. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { output } = call
  const project = await Project.open(call)
  const migrations = await project.migrations()
  const { state, heads } = replay(migrations)
  const models = migrated(await project.models(), project)
  const made = makeMigration({
    from: state,
    to: stateOfModels(models),
    parents: heads,
    renames: renamesOfModels(models, state),
    fills: new Map(),
    name: null,
    now: new Date(),
    dropRetired: false,
    dialect: null,
    safe: false,
  })
  if (made.kind === 'nothing') {
    output.say(`${count(migrations.length, 'migration')} and ${count(models.length, 'model')} agree.`, 'green')
    output.result({ status: 'same', migrations: migrations.length, models: models.length, heads })
    return EXIT.done
  }
  const differences =
    made.kind === 'migration'
      ? describeAll(state, made.operations).map(({ what }) => what)
      : [
          ...made.renames.map(
            ({ table, from }) => `${table === null ? from : `${table}.${from}`} is renamed or removed`,
          ),
          ...made.fills.map((name) => `add column ${name}`),
        ]
  output.note('The models differ from the migrations:', 'red')
  for (const difference of differences) output.note(`  ${difference}`)
  output.note('Run "corm migrate make".')
  output.result({ status: 'different', differences, heads })
  return EXIT.failed
}
