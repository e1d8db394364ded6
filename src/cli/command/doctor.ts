import { resolve } from 'node:path'
import { type Examination, examine, type Finding, findInLog } from '../../doctor/index.js'
import { UsageError } from '../../errors.js'
import { isIgnored } from '../../migration/ignored.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import type { OptionValues } from '../option-values.js'
import { shown } from '../output.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Checks the database of the project, or a log of its queries. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output, folder } = call
  const log = options.text('log')
  const { findings, unknown } =
    log === null
      ? await examined(await Project.open(call), rowsOf(options))
      : { findings: await findInLog(resolve(folder, log)), unknown: [] }
  for (const each of findings) {
    output.say(`${shown(placeOf(each))}: ${shown(each.problem)}`, 'yellow')
    output.say(`  ${shown(each.remedy)}`)
  }
  for (const each of unknown) output.note(`This database does not report ${each}.`)
  output.say(findings.length === 0 ? 'found nothing' : `\n${count(findings.length, 'finding')}`)
  output.result({ status: findings.length === 0 ? 'healthy' : 'findings', findings, unknown })
  return findings.length === 0 ? EXIT.done : EXIT.failed
}

async function examined(project: Project, rows: number): Promise<Examination> {
  const { ignore, migrationsTable = 'corm_migrations' } = project.config
  const ignored = isIgnored(ignore, [migrationsTable])
  const models = project.own(await project.models())
  await using database = await project.connect()
  return await examine(database, { models, rows, isIgnored: (table) => ignored(table, null) })
}

function rowsOf(options: OptionValues): number {
  const given = options.text('rows') ?? '1000'
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given)
  throw new UsageError('The option --rows takes a number of rows from 1 on.')
}

const placeOf = ({ kind, table, at }: Finding): string => {
  if (table === null || kind === 'stored-value') return at
  return kind === 'counter' || kind === 'unindexed-foreign-key' ? `${table}.${at}` : `${table}, index ${at}`
}
