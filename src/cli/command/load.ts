import { resolve } from 'node:path'
import { UsageError } from '../../errors.js'
import { loadData } from '../../fixtures/index.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import { interruptible } from '../interrupt.js'
import { requireMeant } from '../production.js'
import { ProgressBar } from '../progress.js'
import { hasFixtures } from '../project/chosen-models.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

const CONFLICTS = ['update', 'skip', 'error'] as const

/** Stores the rows of a fixture: all or none. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output, folder } = call
  const project = await Project.open(call)
  const [file = ''] = call.arguments
  const models = (await project.models()).filter(hasFixtures).map(({ model }) => model)
  if (models.length === 0) throw new UsageError('The configuration names no models, so no rows can be stored.')
  requireMeant(options, project.url('rows'), 'rows with the same keys are written over')
  await using database = await project.connect()
  const onConflict = CONFLICTS.find((each) => each === options.text('on-conflict')) ?? 'update'
  const ignoreUnknown = options.flag('ignore-unknown')
  const source = file === '-' ? process.stdin : resolve(folder, file)
  const bar = new ProgressBar()
  try {
    const { update: onProgress } = bar
    const counts = await interruptible(output, (signal) =>
      loadData(source, { models, database, onConflict, ignoreUnknown, onProgress, signal }),
    )
    bar.stop()
    output.say(`stored ${count(counts.rows, 'row')} in ${count(Object.keys(counts.models).length, 'table')}`, 'green')
    output.result(counts)
    return EXIT.done
  } finally {
    bar.stop()
  }
}
