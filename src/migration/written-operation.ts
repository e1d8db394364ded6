import type { DataType } from '../ast/data-type.js'
import type { SchemaOperation } from '../ast/schema.js'

// What files of the safe form are written from.

/** Gives the rows of a table without a value in a column one, in batches of which each is a transaction. */
export interface FillInBatches {
  readonly op: 'fillInBatches'
  readonly table: string
  readonly column: string
  /** The columns of the primary key. */
  readonly key: readonly string[]
  readonly type: DataType
  /** In canonical form. */
  readonly value: unknown
}

/**
 * Copies the values of one column to another one, in batches of which each is a transaction: to rows without a value when the migration
 * runs, or to all rows when it is reversed.
 */
export interface CopyInBatches {
  readonly op: 'copyInBatches'
  readonly table: string
  readonly from: string
  readonly to: string
  /** The columns of the primary key. */
  readonly key: readonly string[]
  readonly when: 'up' | 'down'
  /** A trigger converts the value when the row is written. */
  readonly isMirrored: boolean
}

export type WrittenOperation = SchemaOperation | FillInBatches | CopyInBatches

export const isSchemaOperation = (operation: WrittenOperation): operation is SchemaOperation =>
  operation.op !== 'fillInBatches' && operation.op !== 'copyInBatches'

/** The parts of one operation. */
export interface SafeParts {
  readonly expand?: readonly WrittenOperation[]
  readonly contract?: readonly WrittenOperation[]
  /** What to say of an operation: of the first one if none is named. */
  readonly note?: string
  readonly notes?: WrittenOperation
}
