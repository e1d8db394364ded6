import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { ConfigurationError, UnansweredError } from '../../errors.js'
import { type Inspection, inspectDatabase, type ModelFile } from '../../inspect/index.js'
import { describeDifference } from '../../migration/drift.js'
import { isIgnored, matches } from '../../migration/ignored.js'
import { canAsk, confirm } from '../ask.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import { prerequisitesMigration, writePrerequisites } from '../make/prerequisites.js'
import { type CommandOutput, shown } from '../output.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Writes models for the tables and views of the database. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output, folder: from } = call
  const project = await Project.open(call)
  const given = options.text('output')
  const folder = given === null ? modelsFolder(project) : resolve(from, given)
  const { inspection, dialect } = await inspect(project, call.arguments)
  const needed = await prerequisitesMigration(project, inspection.prerequisites, dialect)
  const files = inspection.files.filter(({ path, text }) => textOf(join(folder, path)) !== text)
  await refuseOverwriting(files, folder, call)
  mkdirSync(folder, { recursive: true })
  for (const { path, text } of files) writeFileSync(join(folder, path), text)
  const place = (path: string) => relative(from, join(folder, path)) || path
  const written = files.map(({ path }) => place(path))
  print(inspection, written, output)
  const migration = await writePrerequisites(project, needed)
  if (migration !== null)
    output.say(`wrote ${shown(migration)}, which creates what the tables need before them`, 'green')
  const differences = inspection.differences.map(describeDifference)
  output.result({
    status: differences.length === 0 ? 'written' : 'different',
    written,
    models: inspection.models.map((model) => ({ ...model, file: place(model.file) })),
    differences,
    migration,
  })
  return differences.length === 0 ? EXIT.done : EXIT.failed
}

async function inspect(project: Project, patterns: readonly string[]) {
  const { ignore, migrationsTable = 'corm_migrations' } = project.config
  const ignored = isIgnored(ignore, [migrationsTable])
  const isNamed = (name: string) => patterns.length === 0 || patterns.some((pattern) => matches(pattern, name))
  await using database = await project.connect('migrations')
  const isWanted = (name: string) => !ignored(name, null) && isNamed(name)
  const found = await inspectDatabase(database, isWanted, { onlyNeeded: patterns.length > 0 })
  const inspection: Inspection = {
    ...found,
    prerequisites: found.prerequisites.filter(({ name }) => !ignored(name, null)),
  }
  const missing = patterns.find((pattern) => !inspection.models.some(({ table }) => matches(pattern, table)))
  if (missing !== undefined)
    throw new ConfigurationError(
      `The database has no table or view ${JSON.stringify(missing)} that a model can have. Check its name and schema.`,
    )
  return { inspection, dialect: database.dialect }
}

/** The folder that "models" of the configuration begins with. */
function modelsFolder({ config, folder, file }: Project): string {
  const [base] = config.models.flatMap((pattern) =>
    typeof pattern === 'string' ? (/^([^*?{}[\]!()]+)\/[^/]*\*/.exec(pattern)?.[1] ?? []) : [],
  )
  if (base !== undefined) return resolve(folder, base)
  throw new ConfigurationError(`"models" of ${file} names no folder. Name one with --output.`)
}

const textOf = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null)

/** Refuses to overwrite files of the user without asking. */
async function refuseOverwriting(
  files: readonly ModelFile[],
  folder: string,
  { options, output, folder: from }: CommandCall,
): Promise<void> {
  const there = files
    .map(({ path }) => join(folder, path))
    .filter(existsSync)
    .map((path) => relative(from, path))
  if (there.length === 0 || options.flag('overwrite')) return
  const question = `Write over ${count(there.length, 'file')}: ${there.map(shown).join(', ')}?`
  if (canAsk(output) && (await confirm(question))) return
  throw new UnansweredError(
    `These files are there already, and differ: ${there.join(', ')}. Nothing was written. To replace them, add --overwrite.`,
  )
}

function print(
  { models, differences, files, prerequisites }: Inspection,
  written: readonly string[],
  output: CommandOutput,
): void {
  for (const path of written) output.say(`wrote ${shown(path)}`, 'green')
  if (written.length < files.length) output.say(`${count(files.length - written.length, 'file')} as before`)
  for (const { table, notes } of models)
    for (const note of notes) output.note(`${shown(table)}: ${shown(note)}`, 'yellow')
  for (const each of differences) output.note(`left: ${shown(describeDifference(each))}`, 'yellow')
  for (const { kind, name, up } of prerequisites)
    if (up === null)
      output.note(`left: the ${kind} ${shown(name)}, which an sql operation of your migrations has to create`, 'yellow')
}
