import { CormError } from './base.js'

/** A migration could not be made, planned or run. */
export class MigrationError extends CormError {
  override readonly code: string = 'MIGRATION'
}

/** Migrations contradict each other: heads in conflict, an edited file, or a recorded migration without a file. */
export class MigrationConflictError extends MigrationError {
  override readonly code = 'MIGRATION_CONFLICT'
}

/** Another migrator is at work on the database, and did not finish in time. */
export class MigrationLockedError extends MigrationError {
  override readonly code = 'MIGRATION_LOCKED'
}

/** Where an interrupted migration stands. */
export interface InterruptedStep {
  readonly migration: string
  /** Counted from 1. */
  readonly step: number
  readonly steps: number
  /** What the step does. */
  readonly description: string
  readonly sql: string | null
}

/** A migration was interrupted, and the database does not show whether its step is done. */
export class MigrationInterruptedError extends MigrationError {
  override readonly code = 'MIGRATION_INTERRUPTED'
  constructor(
    message: string,
    /** The step that was under way. */
    readonly at: InterruptedStep,
  ) {
    super(message)
  }
}

/** A migration can't be reversed. Nothing was run. */
export class IrreversibleMigrationError extends MigrationError {
  override readonly code = 'IRREVERSIBLE_MIGRATION'
}

/** A migration has steps that are dangerous in production, and gives no reason for them. Nothing was run. */
export class RiskyMigrationError extends MigrationError {
  override readonly code = 'MIGRATION_RISKY'
  constructor(
    message: string,
    /** The steps, and what is dangerous about each of them. */
    readonly risks: readonly RiskyStep[],
  ) {
    super(message)
  }
}

/** A dangerous step of a migration. */
export interface RiskyStep {
  readonly migration: string
  /** What the step does. */
  readonly operation: string
  readonly level: string
  readonly why: string
  readonly instead: string | null
}
