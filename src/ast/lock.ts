/** The lock on the rows that a select reads, held until its transaction ends. */
export interface LockNode {
  readonly kind: 'lock'
  /** `owner` is like `update`, but other transactions may still insert rows that reference the row. */
  readonly mode: 'update' | 'share' | 'owner'
  /** What to do if another transaction has locked a row: wait for it, skip the row, or fail at once. */
  readonly held: 'wait' | 'skip' | 'fail'
  /** The tables whose rows are locked, by name or alias; null is the table of the select. Undefined: only that one. */
  readonly of: readonly (string | null)[] | undefined
}
