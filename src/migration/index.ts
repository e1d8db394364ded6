import type { Column, Expression } from '../types/expression.js'
import type { MigrationColumns } from '../types/migration.js'
import { column as columns } from './column.js'
import { translated as translatedExpression } from './expressions.js'

export { and, caseWhen, fn, not, oneOf, or, sql } from '../query/public.js'
export type {
  FinishedMigration,
  MigrateOptions,
  Migration,
  MigrationColumn,
  MigrationColumnOptions,
  MigrationColumns,
  MigrationData,
  MigrationDefinition,
  MigrationEvent,
  MigrationForeignKey,
  MigrationModules,
  MigrationOperation,
  MigrationRisk,
  MigrationRun,
  MigrationSql,
  MigrationTable,
  MigrationTableColumns,
  PlannedMigration,
  PlannedStep,
  RiskLevel,
} from '../types/migration.js'
export { migration } from './definition.js'

/** Makes the columns of a migration: `column.string({ max: 200 })`. */
export const column: MigrationColumns = columns

/** The first of these columns that holds a text, for the index and the check of a translated field. */
export const translated = translatedExpression as unknown as (
  ...columns: readonly Expression[]
) => Column<string | null>
