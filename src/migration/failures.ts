import { AbortedError, MigrationError, MigrationInterruptedError, quoted, WouldBlockError } from '../errors.js'
import type { PlannedStep } from '../types/migration.js'
import { messageOf } from '../util/error-shape.js'
import { Busy } from './lock.js'
import type { Direction } from './record.js'
import type { MigrationStep } from './step.js'

/** A migration as its errors name it. */
interface RunningMigration {
  readonly id: string
  readonly direction: Direction
  readonly steps: readonly unknown[]
}

const place = ({ steps }: RunningMigration, { description }: PlannedStep, index: number) =>
  `step ${index + 1} of ${steps.length} (${description})`

/** The error of a failed step, with the position in the migration. */
export function stepFailed(
  migration: RunningMigration,
  step: Pick<MigrationStep, 'description' | 'sql' | 'action'>,
  { index, error, isBefore = false }: { readonly index: number; readonly error: unknown; readonly isBefore?: boolean },
): unknown {
  if (error instanceof AbortedError || error instanceof Busy) return error
  const what = migration.direction === 'up' ? 'The migration' : 'Reversing the migration'
  const message = messageOf(error) || 'no message'
  if (isBefore)
    return new MigrationError(
      `${what} ${quoted(migration.id)} would fail at ${place(migration, step, index)}, so nothing of it was run: ${message}`,
      { cause: error },
    )
  if (error instanceof WouldBlockError && step.action.kind === 'schema')
    return wouldBlock(`${what} ${quoted(migration.id)} stopped at ${place(migration, step, index)}`, error)
  return new MigrationError(`${what} ${quoted(migration.id)} failed at ${place(migration, step, index)}: ${message}`, {
    cause: error,
  })
}

/** The table is large, and the server could not make the change as quickly as corm expected. */
const wouldBlock = (place: string, error: WouldBlockError): MigrationError =>
  new MigrationError(
    `${place}, and nothing of this step was done: the table is large, and the server would copy it or keep programs waiting. It says: "${error.message}". If that is meant, give the operation a reason in its file (safe: 'why'), or allow it for this run of "up": --allow on the command line, { allow: true } in code.`,
    { cause: error },
  )

/** Refuses a step outside a transaction behind a pooler, because only transactions keep other migrators away there. */
export function refuseAlone(
  migrations: readonly (Pick<RunningMigration, 'id'> & {
    readonly steps: readonly (PlannedStep & { readonly outsideTransaction: boolean })[]
  })[],
): void {
  for (const { id, steps } of migrations) {
    const step = steps.find(({ outsideTransaction }) => outsideTransaction)
    if (step !== undefined)
      throw new MigrationError(
        `The migration ${quoted(id)} has a step that can't be part of a transaction (${step.description}), and the connection goes through a pooler, which may run each statement in another session. Nothing was run. Give migrations the URL of the server itself: migrationUrl in corm.config.ts.`,
      )
  }
}

/** A step found that the object it creates already exists. */
export const alreadyThere = (migration: RunningMigration, step: PlannedStep, index: number): MigrationError =>
  new MigrationError(
    `The migration ${quoted(migration.id)} stopped before ${place(migration, step, index)}: the database has its result already. Undo that by hand, or record a migration that another program has run with "corm migrate baseline".`,
  )

/** It is not known whether an interrupted step is done. */
export function interrupted(migration: RunningMigration, step: PlannedStep, index: number): MigrationInterruptedError {
  return new MigrationInterruptedError(
    `The migration ${quoted(migration.id)} was interrupted at ${place(migration, step, index)}, and the database does not show whether that is done. Look, and run "corm migrate resume --step done" if it is, or "corm migrate resume --step redo" if it is not.`,
    {
      migration: migration.id,
      step: index + 1,
      steps: migration.steps.length,
      description: step.description,
      sql: step.sql[0] ?? null,
    },
  )
}
