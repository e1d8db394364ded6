import type { SchemaOperation, SchemaState } from '../../ast/schema.js'
import type { Dialect } from '../../dialect/dialect.js'
import { dialectNamed } from '../../dialect/named.js'
import { UsageError } from '../../errors.js'
import { isSchema } from '../../migration/definition.js'
import { historyOf } from '../../migration/graph.js'
import { type OnlineOperations, onlineIn } from '../../migration/online.js'
import { MigrationRecords, RECORD_TABLE } from '../../migration/record.js'
import { type ReplayedMigration, replay } from '../../migration/replay.js'
import { stepsOf as runSteps } from '../../migration/step.js'
import { workOf } from '../../migration/work.js'
import { countingOf, obstaclesOfStep } from '../../schema/obstacles.js'
import { describeOperation } from '../../schema/operation/index.js'
import { schemaSteps } from '../../schema/steps.js'
import type { PlannedStep } from '../../types/migration.js'
import { suggestion } from '../../util/names.js'
import type { CommandCall } from '../call.js'
import { type ScriptStep, sqlText, stepText } from '../migrate/run.js'
import { dialectNameOf } from '../project/dialect.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Prints the SQL of migrations without connecting to a database. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const { options, output } = call
  const project = await Project.open(call)
  const name = options.text('dialect') ?? dialectNameOf(project.config.database?.url)
  if (name === null) throw new UsageError('Name the dialect: --dialect sqlite, postgres, mysql or mariadb.')
  const dialect = dialectNamed(name)
  const records = new MigrationRecords(project.config.migrationsTable ?? RECORD_TABLE)
  const { migrations } = replay(await project.migrations())
  const wanted = between(migrations, options.text('from'), options.text('to'))
  const sizes = () => undefined
  const online = onlineIn(wanted.flatMap(workOf), dialect, sizes)
  const empty = emptyIn(wanted)
  const planned = wanted.map((migration) => ({
    id: migration.id,
    isRecorded: !hasFunctions(migration),
    steps: [...stepsOf(migration, { dialect, online, empty }), recordOf(migration, records, dialect)],
  }))
  const start = { description: 'the table that records what was run', sql: [records.creation(dialect)] }
  output.write(planned.length === 0 ? '' : [stepText(start), ...planned.map(scriptOf)].join('\n'))
  output.result({ dialect: name, migrations: planned, record: start.sql })
  return EXIT.done
}

const hasFunctions = ({ steps }: ReplayedMigration) => steps.some(({ operation }) => operation.op === 'data')

/** Prints a migration that can't be recorded as a comment, because it must not be run by hand. */
const scriptOf = (migration: Parameters<typeof sqlText>[0] & { readonly isRecorded: boolean }): string =>
  migration.isRecorded ? sqlText(migration) : sqlText(migration).replace(/^(?!-- |$)/gm, '-- ')

/** A step that records the migration, so that "corm migrate up" does not run it again. Functions are not part of the script. */
function recordOf(migration: ReplayedMigration, records: MigrationRecords, dialect: Dialect): PlannedStep {
  const { id, checksum, file } = migration
  if (hasFunctions(migration))
    return {
      description: `a function of the file changes data, so these statements are comments: run "corm migrate up --to ${id}" instead`,
      sql: [],
    }
  const count = runSteps(workOf(migration), { dialect, transaction: file.transaction }).length
  return { description: 'record it', sql: [records.insertion({ id, checksum, steps: count }, dialect)] }
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

/** Tables that the script creates and that are still empty. Raw SQL may fill any table. */
function emptyIn(migrations: readonly ReplayedMigration[]): ReadonlySet<string> {
  const operations = migrations.flatMap(({ steps }) => steps.map(({ operation }) => operation))
  const names = operations.flatMap((each) => (each.op === 'createTable' ? [each.table.name] : []))
  return new Set(operations.every(isSchema) ? names : [])
}

interface ScriptContext {
  readonly dialect: Dialect
  readonly online: OnlineOperations
  readonly empty: ReadonlySet<string>
}

/** Queries for rows that would stop a step. `corm migrate up` runs them by itself. */
const checksOf = (
  operation: SchemaOperation,
  before: SchemaState,
  { dialect, empty }: ScriptContext,
): NonNullable<ScriptStep['checks']> =>
  schemaSteps([operation], before, dialect)
    .flatMap((step) => obstaclesOfStep(step, dialect))
    .filter(({ table }) => !empty.has(table))
    .map((obstacle) => countingOf(obstacle, dialect))

const stepsOf = ({ steps }: ReplayedMigration, context: ScriptContext): readonly ScriptStep[] =>
  steps.flatMap(({ operation, before, safe }): readonly ScriptStep[] => {
    if (operation.op === 'data') return [{ description: `data: ${operation.name} (a function of the file)`, sql: [] }]
    if (!isSchema(operation)) {
      const { up } = operation
      const { dialect } = context
      const sql = Object.hasOwn(up, dialect.name) ? up[dialect.name] : up.default
      return [{ description: 'sql', sql: sql == null ? [] : [sql] }]
    }
    const work = { kind: 'schema', operation, before, safe } as const
    const sql = runSteps([work], { ...context, transaction: true }).flatMap((step) => step.sql)
    const checks = checksOf(operation, before, context)
    return [{ description: describeOperation(operation), sql, ...(checks.length > 0 && { checks }) }]
  })
