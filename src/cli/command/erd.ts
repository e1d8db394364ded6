import { writeFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import type { SchemaState } from '../../ast/schema.js'
import { metadataOf } from '../../metadata/metadata.js'
import { stateOfModels } from '../../schema/from-models.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import { mermaid } from '../erd/mermaid.js'
import { svg } from '../erd/svg.js'
import { chosenModels } from '../project/chosen-models.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Draws the tables of the models. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output, folder } = call
  const project = await Project.open(call)
  const state = stateOfModels(chosenModels(await project.models(), call.arguments).map(metadataOf))
  const path = options.text('output')
  const text = textOf(state, options.text('format'), path ?? '')
  if (path === null) {
    output.write(text)
    output.result({ diagram: text })
    return EXIT.done
  }
  writeFileSync(resolve(folder, path), text)
  output.say(`wrote ${count(state.tables.size, 'table')} to ${path}`, 'green')
  output.result({ tables: state.tables.size, file: path })
  return EXIT.done
}

/** By the format, or else by the extension of the file. */
function textOf(state: SchemaState, format: string | null, path: string): string {
  const extension = extname(path).toLowerCase()
  if (format === 'svg' || (format === null && extension === '.svg')) return svg(state)
  const text = mermaid(state)
  return extension === '.md' ? `\`\`\`mermaid\n${text}\`\`\`\n` : text
}
