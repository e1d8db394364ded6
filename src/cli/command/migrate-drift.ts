import { askOf } from '../../database/catalog.js'
import type { Database } from '../../database/database.js'
import { MigrationError, quoted } from '../../errors.js'
import { adopt, type Drift, describeDifference, revert, revertScript } from '../../migration/drift.js'
import type { NamedMigration } from '../../migration/graph.js'
import { isIgnored } from '../../migration/ignored.js'
import { migrationId } from '../../migration/make.js'
import { baseline, type MigrationStatus, type MigratorSettings } from '../../migration/migrator.js'
import { printMigration } from '../../migration/printer.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import { prerequisiteSteps } from '../make/prerequisites.js'
import { writeFiles } from '../make/write.js'
import { type DriftSource, driftAfter } from '../migrate/drift.js'
import { withMigrations } from '../migrate/run.js'
import { type CommandOutput, shown } from '../output.js'
import type { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Compares the migrations that were run with the database. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output } = call
  return withMigrations(call, async (database, settings, project) => {
    const compared = await driftAfter(database, settings, { project, also: [] })
    const { drift, applied, begun } = compared
    const differences = drift.differences.map(describeDifference)
    if (begun !== null && (options.flag('revert') || options.flag('adopt'))) throw new MigrationError(unfinished(begun))
    if (options.flag('revert')) {
      const script = revertScript(revert(applied.state, drift, database.dialect))
      output.write(script)
      output.result({ status: stateOf(drift), differences, script })
      return EXIT.done
    }
    if (drift.differences.length > 0 && options.flag('adopt'))
      return adoptInto({ database, settings, project }, compared, output)
    printDrift(drift, begun, output)
    output.result({ status: stateOf(drift), differences, unmanaged: drift.unmanaged, begun })
    return drift.differences.length === 0 ? EXIT.done : EXIT.failed
  })
}

const stateOf = ({ differences }: Drift) => (differences.length === 0 ? 'same' : 'different')

const unfinished = ({ id, step, steps }: MigrationStatus): string =>
  `The migration ${quoted(id)} was begun and stands at step ${step} of ${steps}, so what it has done so far is not in the comparison. Finish it with "corm migrate up", then compare again.`

function printDrift({ differences, unmanaged }: Drift, begun: MigrationStatus | null, output: CommandOutput): void {
  if (differences.length === 0) output.say('The database is what the migrations say.', 'green')
  else output.say('The database differs from the migrations that were run:', 'red')
  for (const each of differences) output.say(`  ${shown(describeDifference(each))}`)
  if (unmanaged.length > 0)
    output.note(`${count(unmanaged.length, 'object')} that corm does not manage: they are never changed.`)
  if (begun !== null) output.note(unfinished(begun), 'yellow')
  if (differences.length === 0 || begun !== null) return
  output.note('corm migrate drift --adopt   writes a migration that says the same as the database')
  output.note('corm migrate drift --revert  prints SQL that makes the database what the migrations say')
  output.note('To ignore a table or column, add it to "ignore" in corm.config.ts.')
}

interface MigratorContext {
  readonly database: Database
  readonly settings: MigratorSettings
  readonly project: Project
}

/** Writes a migration that makes the schema match the database, and records it as applied. */
async function adoptInto(
  { database, settings, project }: MigratorContext,
  { drift, applied, options }: DriftSource,
  output: CommandOutput,
): Promise<ExitCode> {
  const { operations: changes, left } = await adopt(database, applied.state, drift, options)
  for (const each of left) output.note(`left: ${shown(describeDifference(each))}`, 'yellow')
  const tables = new Set(drift.differences.map(({ table }) => table))
  const needed = changes.length === 0 ? [] : await database.dialect.catalog.prerequisites(askOf(database), tables)
  const ignored = isIgnored(options.ignore, options.own)
  const wanted = needed.filter(({ name }) => !ignored(name, null))
  const operations = [...prerequisiteSteps(wanted, settings.migrations, database.dialect), ...changes]
  if (operations.length === 0) {
    output.result({ status: 'nothing', left: left.map(describeDifference) })
    return EXIT.failed
  }
  const text = printMigration({ parents: applied.heads, operations, comments: new Map(), squashes: [], after: null })
  const id = migrationId(new Date(), applied.heads, 'adopted')
  const [file] = await writeFiles(project, [{ id, text }])
  const migrations: readonly NamedMigration[] = await project.migrations()
  await baseline(database, { ...settings, migrations, to: id })
  output.say(`wrote ${file}, and recorded it as run`, 'green')
  output.result({ status: 'adopted', id, file, left: left.map(describeDifference) })
  return left.length === 0 ? EXIT.done : EXIT.failed
}
