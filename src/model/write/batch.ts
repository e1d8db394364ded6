import type { ModelRuntime } from '../runtime/runtime.js'

/** `mark` deletes softly. Whether a save inserts or updates is known when its turn comes. */
export type Action = 'save' | 'delete' | 'mark' | 'restore'

/** One instance, and what becomes of its row. */
export interface Write {
  readonly runtime: ModelRuntime
  readonly instance: object
  readonly action: Action
  /** The fields that a save writes; null: all that changed. */
  readonly only: ReadonlySet<string> | null
}
