import { runHooks } from '../../database/hooks.js'
import type { CommitHook, CommitNote } from '../../execution/commit-log.js'
import type { OpenTransaction } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import type { CommittedAction } from '../../types/hooks.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { callHook } from '../runtime/call-hook.js'
import type { RowAction, RowWritten } from '../runtime/row-hooks.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Attributes } from './values.js'

// Runs afterCommit once for each instance, when the outermost transaction has committed, with all changes that this transaction
// made.

/**
 * Hooks of writes whose own transaction is the outermost one. They run when the write is over, because they may write the
 * instance again.
 */
const waiting = new WeakMap<UndoLog, CommitHook[]>()

/** Runs a write, and then the hooks that wait for its end. */
export async function beforeCommitHooks<R>(write: (later: CommitHook[]) => R | Promise<R>): Promise<R> {
  const later: CommitHook[] = []
  const result = await write(later)
  if (later.length > 0) await runHooks(later)
  return result
}

/** If the transaction is the outermost one, passes the hooks of its instances to the write that began it. */
export function deferHooks({ parent, undo }: OpenTransaction, later: CommitHook[]): void {
  if (parent === null) waiting.set(undo.root, later)
}

/** Notes that an instance was written in a transaction that may still be rolled back. */
export function noteWritten(
  runtime: ModelRuntime,
  { instance, action, previous }: RowWritten,
  trx: OpenTransaction,
): void {
  const written = { first: action, last: action, restored: action === 'restore', previous }
  trx.noteCommit(instance, new InstanceNote(runtime, instance, trx.undo.root, written))
}

/** One write, or several. */
interface CommittedWrite {
  readonly first: RowAction
  readonly last: RowAction
  readonly restored: boolean
  readonly previous: Readonly<Attributes>
}

class InstanceNote implements CommitNote {
  constructor(
    readonly runtime: ModelRuntime,
    readonly instance: object,
    readonly root: UndoLog,
    readonly written: CommittedWrite,
  ) {}

  followedBy(later: InstanceNote): CommitNote {
    const { first, restored, previous } = this.written
    return new InstanceNote(this.runtime, this.instance, this.root, {
      first,
      last: later.written.last,
      restored: restored || later.written.restored,
      // of several writes of a field, the first has the value from before the transaction
      previous: { ...later.written.previous, ...previous },
    })
  }

  run(): MaybePromise<unknown> {
    const action = actionOf(this.written)
    if (action === null) return
    const previous = action === 'insert' ? {} : this.written.previous
    const call = () => callHook(this.runtime, 'afterCommit', this.instance, { action, previous })
    const later = waiting.get(this.root)
    if (later === undefined) return call()
    later.push(call)
  }
}

/** The combined action of several writes, null if nothing is left of them. */
function actionOf({ first, last, restored }: CommittedWrite): CommittedAction | null {
  const gone = last === 'delete' || last === 'mark'
  if (first === 'insert') return gone ? null : 'insert'
  if (gone) return 'delete'
  return restored ? 'restore' : 'update'
}
