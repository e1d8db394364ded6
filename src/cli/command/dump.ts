import { resolve } from 'node:path'
import { dumpData } from '../../fixtures/index.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import { interruptible } from '../interrupt.js'
import { ProgressBar } from '../progress.js'
import { chosenModels } from '../project/chosen-models.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Writes rows as JSON, to a file or to stdout. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output, folder } = call
  const project = await Project.open(call)
  const all = await project.models()
  const models = chosenModels(all, call.arguments)
  if (call.arguments.length === 0)
    for (const { name, keyless } of all)
      if (keyless) output.note(`left out ${name}: its table has no primary key, by which rows are found again`)
  const path = options.text('output')
  await using database = await project.connect()
  const bar = new ProgressBar()
  try {
    const target = path === null ? process.stdout : resolve(folder, path)
    const counts = await interruptible(output, (signal) =>
      dumpData(models, { database, output: target, onProgress: bar.update, signal }),
    )
    bar.stop()
    if (path !== null) {
      output.say(
        `wrote ${count(counts.rows, 'row')} of ${count(Object.keys(counts.models).length, 'table')} to ${path}`,
        'green',
      )
      output.result(counts)
    }
    return EXIT.done
  } finally {
    bar.stop()
  }
}
