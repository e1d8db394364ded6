import { UsageError } from '../../errors.js'
import { status } from '../../migration/migrator.js'
import { type Replay, type ReplayedMigration, replay } from '../../migration/replay.js'
import type { RiskContext } from '../../migration/risks.js'
import { type FoundRisk, risksIn, sizesFor } from '../../migration/stops.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import { type CommandOutput, shown } from '../output.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Lists the risks in migrations. Fails if one of them has no reason in its file. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { output } = call
  const project = await Project.open(call)
  const replayed = replay(await project.migrations())
  const { migrations, risks } = call.options.flag('all')
    ? ofEach(replayed.migrations, offline(project))
    : await pending(project, replayed)
  const open = risks.filter(({ safe }) => safe === null)
  if (risks.length === 0) output.say(`${count(migrations.length, 'migration')}: nothing dangerous.`, 'green')
  for (const risk of risks) printRisk(risk, output)
  output.result({ status: open.length === 0 ? 'safe' : 'dangerous', migrations: migrations.length, risks })
  return open.length === 0 ? EXIT.done : EXIT.failed
}

/** All tables count as large. */
function offline({ dialect }: Project): RiskContext {
  if (dialect === null)
    throw new UsageError(
      'The configuration names no database, so the locks are not known. Set "database" in corm.config.ts.',
    )
  return { dialect, rows: () => undefined }
}

interface LintResult {
  readonly migrations: readonly ReplayedMigration[]
  readonly risks: readonly FoundRisk[]
}

/** Each migration by itself, as if the tables of earlier ones were in use. */
const ofEach = (migrations: readonly ReplayedMigration[], context: RiskContext): LintResult => ({
  migrations,
  risks: migrations.flatMap((each) => risksIn([each], context)),
})

/** The migrations that the database lacks, with the sizes of its tables. */
async function pending(project: Project, replayed: Replay): Promise<LintResult> {
  const db = await project.connect('migrations')
  try {
    const states = await status(db, { migrations: replayed.migrations, table: project.config.migrationsTable })
    const open = new Set(states.filter(({ state }) => state === 'pending' || state === 'waiting').map(({ id }) => id))
    const migrations = replayed.migrations.filter(({ id }) => open.has(id))
    const rows = await sizesFor(db, migrations)
    return { migrations, risks: risksIn(migrations, { dialect: db.dialect, rows }) }
  } finally {
    await db.close()
  }
}

function printRisk({ migration, operation, level, why, instead, lock, safe }: FoundRisk, output: CommandOutput): void {
  output.say(`${shown(migration)}: ${shown(operation)}`, 'bold')
  output.say(`  ${level}: ${shown(why)}${lock === null ? '' : ` (lock: ${lock})`}`, safe === null ? 'red' : 'dim')
  if (safe !== null) output.say(`  safe: ${shown(safe)}`)
  else if (instead !== null) output.say(`  ${instead}`)
}
