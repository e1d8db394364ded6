import type { ModelField } from '../../metadata/model-field.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { CanonicalRow } from './prepare.js'

// What goes along the write path, from what was asked for to what is sent.

/**
 * What was asked for. Whether a save inserts or updates is known when its turn comes; `update` is one of instances that have to
 * be there. `mark` deletes softly.
 */
export type Action = 'save' | 'update' | 'delete' | 'mark' | 'restore'

/** One instance, and what becomes of its row. */
export interface Write {
  readonly runtime: ModelRuntime
  readonly instance: object
  readonly action: Action
  /** The fields that a save writes; null: all that changed. */
  readonly only: ReadonlySet<string> | null
}

/** Instances of one model, each of them once, and what becomes of their rows. */
export interface Batch {
  readonly runtime: ModelRuntime
  readonly instances: readonly object[]
  readonly action: Action
  readonly only: ReadonlySet<string> | null
  /** Whether the hooks of the model run. */
  readonly hooks: boolean
  /** The most rows of a statement. */
  readonly most: number | undefined
  /** Where the instances stand in nested data, for the problems that are found in them; null: each tells its own. */
  readonly places: Places | null
}

/** The places of instances in nested data. */
export interface Places {
  /** The model at the top of the data. */
  readonly model: string
  readonly pathOf: (instance: object) => string
}

/** What a batch writes, checked: from here on the instances are not read again. */
export interface Ready {
  readonly fresh: Fresh
  readonly changes: readonly Changed[]
  /** Instances whose rows are deleted, marked or restored. */
  readonly others: readonly object[]
}

/** New instances: the row of each, and the fields that had no value. */
export interface Fresh {
  readonly instances: readonly object[]
  readonly rows: readonly CanonicalRow[]
  readonly blank: readonly (readonly ModelField[])[]
}

/** A saved instance and what of it is written. */
export interface Changed {
  readonly instance: object
  readonly change: RowChange
}

/** What a save of a persisted instance will write. */
export interface RowChange {
  readonly fields: readonly ModelField[]
  /** Canonical values, by the fields' order, that nobody changes in place. */
  readonly values: readonly unknown[]
  /** Fields that the save sets by itself. */
  readonly touched: readonly ModelField[]
  /** The key as it is in the database. */
  readonly key: readonly unknown[]
  /** Scopes may hide the row. */
  readonly scoped: ScopedBy
}

/** What holds for the row of an instance: everything, or the locked scopes alone; null: it is written by its key. */
export type ScopedBy = 'all' | 'locked' | null
