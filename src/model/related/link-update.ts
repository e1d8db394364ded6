import type { Attributes } from '../write/values.js'
import type { Versions } from '../write/versions.js'

/** What a write has set, and in how many rows. */
export interface LinkUpdate {
  readonly count: number
  readonly values: Attributes
  /** The versions of the rows before it; null: their model has none. */
  readonly versions: Versions | null
}

export type Written = Omit<LinkUpdate, 'count'>

/** Which of the known rows a write has reached, and which of them the owner has no more. */
export interface Detached {
  isWritten(row: object): boolean
  isGone(row: object): boolean
  /** Rows that are not loaded, and null for a row that was given by its key. */
  readonly given: readonly (object | null)[]
}

export const NOTHING: Written = { values: {}, versions: null }

export interface Difference {
  readonly attached: number
  readonly detached: number
  readonly updated: number
}

/** What is no list is refused by what writes the rows. */
export const isList = (rows: unknown): boolean => Array.isArray(rows) && rows.length > 0
