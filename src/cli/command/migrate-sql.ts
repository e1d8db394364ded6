import type { Dialect } from '../../dialect/dialect.js'
import { dialectNamed } from '../../dialect/named.js'
import { UsageError } from '../../errors.js'
import { isSchema } from '../../migration/definition.js'
import { historyOf } from '../../migration/graph.js'
import { type ReplayedMigration, replay } from '../../migration/replay.js'
import { describeOperation } from '../../schema/operation/index.js'
import { schemaSteps, textsOf } from '../../schema/steps.js'
import type { PlannedStep } from '../../types/migration.js'
import { suggestion } from '../../util/names.js'
import type { Call } from '../call.js'
import { sqlText } from '../migrate/run.js'
import { dialectNameOf } from '../project/dialect.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Prints the SQL of migrations for a database that is not connected. */
export async function run(call: Call): Promise<ExitCode> {
  const { options, output } = call
  const project = await Project.open(call)
  const name = options.text('dialect') ?? dialectNameOf(project.config.database?.url)
  if (name === null) throw new UsageError('Name the dialect: --dialect sqlite, postgres, mysql or mariadb.')
  const dialect = dialectNamed(name)
  const { migrations } = replay(await project.migrations())
  const planned = between(migrations, options.text('from'), options.text('to')).map((migration) => ({
    id: migration.id,
    steps: stepsOf(migration, dialect),
  }))
  output.write(planned.map(sqlText).join('\n'))
  output.result({ dialect: name, migrations: planned })
  return EXIT.done
}

/** The migrations after `from` and up to `to`. */
function between(
  migrations: readonly ReplayedMigration[],
  from: string | null,
  to: string | null,
): readonly ReplayedMigration[] {
  const ids = migrations.map(({ id }) => id)
  const unknown = [from, to].find((id) => id !== null && !ids.includes(id))
  if (unknown != null)
    throw new UsageError(`There is no migration ${JSON.stringify(unknown)}.${suggestion(unknown, ids)}`)
  const earlier = from === null ? new Set<string>() : historyOf(migrations, from)
  const wanted = to === null ? new Set(ids) : historyOf(migrations, to)
  return migrations.filter(({ id }) => wanted.has(id) && !earlier.has(id))
}

const stepsOf = ({ steps }: ReplayedMigration, dialect: Dialect): readonly PlannedStep[] =>
  steps.flatMap(({ operation, before }): readonly PlannedStep[] => {
    if (operation.op === 'data') return [{ description: `data: ${operation.name} (a function of the file)`, sql: [] }]
    if (!isSchema(operation)) {
      const { up } = operation
      const sql = Object.hasOwn(up, dialect.name) ? up[dialect.name] : up.default
      return [{ description: 'sql', sql: sql == null ? [] : [sql] }]
    }
    const sql = schemaSteps([operation], before, dialect).flatMap((step) => textsOf(step, dialect))
    return [{ description: describeOperation(operation), sql }]
  })
