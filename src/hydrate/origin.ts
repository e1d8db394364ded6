import type { Using } from '../execution/executor.js'
import type { ModelMetadata } from '../metadata/metadata.js'

const NO_NAMES: readonly string[] = []

/** What the instances of one result have in common. */
export class Origin {
  constructor(
    readonly meta: ModelMetadata,
    /** Where each field of the model is in the row; -1: not loaded. */
    readonly positions: readonly number[],
    /** The database they were loaded from, where one was named; null: the model's own. */
    readonly executor: Using,
    /** Rows that load their relations together. */
    public siblings: readonly object[],
    readonly deleted = false,
    /** Names of values that the query has added to each. */
    readonly named: readonly string[] = NO_NAMES,
  ) {}
}
