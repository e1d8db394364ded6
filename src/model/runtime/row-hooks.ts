import type { OpenTransaction } from '../../execution/executor.js'
import type { MaybePromise } from '../../util/maybe-promise.js'

/** What becomes of a row. `mark` deletes it softly. */
export type RowAction = 'insert' | 'update' | 'delete' | 'mark' | 'restore'

/** A row that is about to be written. */
export interface RowWrite {
  readonly instance: object
  readonly action: RowAction
}

/** The same, as its call has asked for it. */
export interface RowCall extends RowWrite {
  /** The fields of an update whose call names them; null: all that have changed. */
  readonly only: ReadonlySet<string> | null
}

/** A row that was written. */
export interface RowWritten extends RowWrite {
  /** What an update has changed, as it was. */
  readonly previous: Readonly<Record<string, unknown>>
}

/** The hooks of one write. */
export interface RunningHooks {
  readonly trx: OpenTransaction
  /** The one that runs, as in `Post.afterSave`. */
  name: string
}

/** What runs with writes of the instances of a model, in their transaction. What it throws undoes the write. */
export interface RowHook {
  readonly actions: ReadonlySet<RowAction>
  /** Before the instance is checked: what it sets is written with the rest. */
  readonly before: ((write: RowCall, running: RunningHooks) => MaybePromise<unknown>) | null
  /** Once the row is written. An update that found nothing to change is none. */
  readonly after: ((written: RowWritten, running: RunningHooks) => MaybePromise<unknown>) | null
  /** Runs after the hooks of the class. */
  readonly isLast?: boolean
  /** Hears of each row once all are written, before `after` runs for any. */
  readonly written?: (written: RowWritten, trx: OpenTransaction) => void
}
