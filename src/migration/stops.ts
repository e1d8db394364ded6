import { quoted, RiskyMigrationError, type RiskyStep } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import { question } from '../execution/statement.js'
import type { MigrationRisk, RiskLevel } from '../types/migration.js'
import { own } from '../util/own.js'
import { LargeTables, type RowCounts } from './large-tables.js'
import type { ReplayedMigration } from './replay.js'
import { type RiskContext, risksOf } from './risks.js'

/** A database, or a session of it. */
type SessionExecutor = Pick<Executor, 'run' | 'dialect'>

/** A risk, and the migration that it belongs to. */
export interface FoundRisk extends MigrationRisk {
  readonly migration: string
}

/** The risks of these migrations in running order. A table that one of them creates counts as new for all. */
export function risksIn(migrations: readonly ReplayedMigration[], context: RiskContext): readonly FoundRisk[] {
  const large = new LargeTables(context.rows)
  return migrations.flatMap(({ id, steps }) =>
    risksOf(steps, context, large).map((risk) => ({ ...risk, migration: id })),
  )
}

/** The approximate number of rows in the tables that these migrations change. */
export async function sizesFor(
  executor: SessionExecutor,
  migrations: readonly ReplayedMigration[],
): Promise<RowCounts> {
  const there = new Set((await executor.run(question(executor.dialect.listTables))).rows.map(([name]) => String(name)))
  const known = new Set(
    migrations.flatMap(({ steps, after }) => [...(steps.at(0)?.before ?? after).tables.keys(), ...after.tables.keys()]),
  )
  const tables = [...known].filter((name) => there.has(name))
  const sizes = new Map<string, number>()
  if (tables.length > 0)
    for (const [name, rows] of (await executor.run(question(executor.dialect.tableSizes(tables)))).rows)
      sizes.set(String(name), Number(rows))
  return (table) => sizes.get(table)
}

/** Whether dangerous migrations need a reason. */
export const isProduction = (): boolean => own(process.env).NODE_ENV === 'production'

/** The risks that stop `up` in production. */
const STOPPED: readonly RiskLevel[] = ['loses', 'breaks-old-code', 'rewrites']

/**
 * Refuses migrations with steps that lose data, break running programs or rewrite large tables, unless they give a reason.
 * Throws RiskyMigrationError.
 */
export async function stopAtRisks(executor: SessionExecutor, migrations: readonly ReplayedMigration[]): Promise<void> {
  const context = { dialect: executor.dialect, rows: await sizesFor(executor, migrations) }
  const risks = risksIn(migrations, context).filter(({ level, safe }) => safe === null && STOPPED.includes(level))
  if (risks.length === 0) return
  const lines = risks.map(
    ({ migration, operation, why, instead }) =>
      `${quoted(operation)} of ${quoted(migration)}: ${why}.${instead === null ? '' : ` ${instead}`}`,
  )
  const steps = risks.map(
    ({ migration, operation, level, why, instead }): RiskyStep => ({ migration, operation, level, why, instead }),
  )
  throw new RiskyMigrationError(
    `Nothing was run: ${risks.length === 1 ? 'a step is' : `${risks.length} steps are`} dangerous in production. ${lines.join(' ')} Give the operation a reason in its file (safe: 'why'), or allow it for this run: --allow on the command line, { allow: true } in code.`,
    steps,
  )
}
