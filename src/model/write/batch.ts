import type { Issue } from '../../errors.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { CanonicalRow } from './prepare.js'

// The data of the write path: what a call asks for, what it changes, and what is sent.

/**
 * What a call asks for. Whether a save inserts or updates is known when its turn comes. `update` only accepts saved instances,
 * and `mark` is a soft delete.
 */
export type WriteAction = 'save' | 'update' | 'delete' | 'mark' | 'restore'

/** One instance, and what to do with its row. */
export interface InstanceWrite {
  readonly runtime: ModelRuntime
  readonly instance: object
  readonly action: WriteAction
  /** The fields that a save writes; null: all that changed. */
  readonly only: ReadonlySet<string> | null
  /** The version that the caller expects the row to have; null: the one that the instance has loaded. */
  readonly expectVersion: number | null
}

/** Different instances of one model, and what to do with their rows. */
export interface Batch {
  readonly runtime: ModelRuntime
  readonly instances: readonly object[]
  readonly action: WriteAction
  readonly only: ReadonlySet<string> | null
  readonly expectVersion: number | null
  /** Whether the hooks of the model run. */
  readonly hooks: boolean
  /** The maximum number of rows per statement. */
  readonly most: number | undefined
  /** The paths of the instances in nested data, for validation problems. Null: each instance knows its own. */
  readonly places: Places | null
  /** The list of the call, so that an error says which of its rows is refused. Null: there is none. */
  readonly list: readonly unknown[] | null
  /** The problems that hooks have found, null if there are none. */
  readonly issues: ReadonlyMap<object, readonly Issue[]> | null
}

/** The defaults of a batch. Batches are built as `{ ...BATCH, runtime, instances, action, … }`. */
export const BATCH: Readonly<Omit<Batch, 'runtime' | 'instances' | 'action'>> = Object.freeze({
  only: null,
  expectVersion: null,
  hooks: true,
  most: undefined,
  places: null,
  list: null,
  issues: null,
})

/** The places of instances in nested data. */
export interface Places {
  /** The model at the top of the data. */
  readonly model: string
  readonly pathOf: (instance: object) => string
}

/** The checked values of a batch. From here on the instances are not read again. */
export interface Ready {
  readonly fresh: Fresh
  readonly changes: readonly ChangedInstance[]
  /** Instances whose rows are deleted, marked or restored. */
  readonly others: readonly object[]
}

/** New instances: the row of each, and the fields that had no value. */
export interface Fresh {
  readonly instances: readonly object[]
  readonly rows: readonly CanonicalRow[]
  readonly blank: readonly (readonly ModelField[])[]
}

/** A saved instance and its changes. */
export interface ChangedInstance {
  readonly instance: object
  readonly change: RowChange
}

/** What a save of a persisted instance will write. */
export interface RowChange {
  readonly fields: readonly ModelField[]
  /** Canonical values in the order of the fields. They are copies, so no other code can change them in place. */
  readonly values: readonly unknown[]
  /** Fields that the save sets by itself. */
  readonly touched: readonly ModelField[]
  /** The key as it is in the database. */
  readonly key: readonly unknown[]
  /** The version that the row must have. */
  readonly expected: ExpectedVersion
  /** Scopes may hide the row. */
  readonly scoped: ScopedBy
  /** The values of the generated columns after the write; null: the database did not return them. */
  generated: readonly unknown[] | null
}

/**
 * The version that a row must have before a write. 'any': it was never read, so it is not checked; null: the model has no
 * version.
 */
export type ExpectedVersion = number | 'any' | null

/** Which scopes apply to the row of an instance: all, or the locked ones; null: none, it is found by its key. */
export type ScopedBy = 'all' | 'locked' | null
