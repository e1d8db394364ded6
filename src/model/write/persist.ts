import { UsageError } from '../../errors.js'
import type { OpenTransaction, Using } from '../../execution/executor.js'
import { originOf } from '../../hydrate/state.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Write } from './batch.js'
import { insertOne } from './insert.js'
import { markInstance } from './soft-delete.js'
import { Turns } from './turns.js'
import { prepareUpdate, removeOne, updateOne } from './update.js'

// The only way from an instance to its row. Each write goes through the same steps: its turn, where it runs, prepare and
// validate, undo (what a rollback puts back), send, originals.

const turns = new Turns()
/** Of calls that write several instances in a transaction of their own, and write each of them by way of `turns`. */
const calls = new Turns()

/** Writes one instance. Without a promise where the database needs none. */
export function persistOne(write: Write, using: Using): MaybePromise<void> {
  if (turns.busy) return turns.run([write.instance], transactionFor(write.runtime, using), () => writeOne(write, using))
  const done = writeOne(write, using)
  if (done instanceof Promise) turns.hold([write.instance], transactionFor(write.runtime, using), done)
  // two calls at once are the same everywhere, though this database was done before the second began
  else if (write.action === 'delete') turns.hold([write.instance], transactionFor(write.runtime, using), DONE)
  return done
}

const DONE = Promise.resolve()

/** Whether the row is being removed by another call: then there is nothing left to do for this one. */
export const isBeingRemoved = (instance: object) => originOf(instance)?.deleted === true && turns.has(instance)

/** Runs a write of many instances when none of them is being written. */
export function persistMany<T>(
  runtime: ModelRuntime,
  instances: readonly object[],
  using: Using,
  work: () => Promise<T>,
): Promise<T> {
  return turns.run(instances, transactionFor(runtime, using), work) as Promise<T>
}

/** Runs what reads or changes the row of a saved instance by a query, when it is not being written. */
export function persistOnRow<T>(runtime: ModelRuntime, instance: object, work: () => Promise<T>): Promise<T> {
  const trx = transactionFor(runtime, originOf(instance)?.executor ?? null)
  return turns.run([instance], trx, work) as Promise<T>
}

/** Runs a call that writes this instance in a transaction of its own, after calls of this kind that were there before. */
export function persistCall<T>(
  runtime: ModelRuntime,
  instance: object,
  using: Using,
  work: () => Promise<T>,
): Promise<T> {
  const trx = transactionFor(runtime, using)
  return calls.run([instance], trx, () => {
    if (!turns.busy) return work()
    // what is under way would be waited for inside of the transaction, where it may wait for that
    return turns.over([instance], trx).then(work)
  }) as Promise<T>
}

/** The transaction that a write will be a part of. */
function transactionFor({ meta }: ModelRuntime, using: Using): OpenTransaction | null {
  const executor = executorFor(meta, using)
  // before the first connection there is no transaction
  if (executor instanceof Promise) return null
  return executor.openTransaction
}

function writeOne(write: Write, using: Using): MaybePromise<void> {
  const { runtime, instance, action } = write
  if (action === 'save') return saveOne(write, using)
  // of two that remove it at once, the second finds nothing to do
  if (originOf(instance)?.deleted === true) return
  return andThen(executorFor(runtime.meta, using), (executor) => {
    if (action === 'delete') return removeOne(runtime, instance, executor)
    return markInstance(runtime, instance, action === 'mark' ? new Date() : null, executor)
  })
}

function saveOne({ runtime, instance, only }: Write, using: Using): MaybePromise<void> {
  const origin = originOf(instance)
  if (origin?.deleted === true)
    throw new UsageError(`This "${runtime.meta.name}" was deleted. Save a clone() of it instead.`)
  if (origin === null)
    return andThen(executorFor(runtime.meta, using), (executor) => insertOne(runtime, instance, executor, using))
  return andThen(prepareUpdate(runtime, instance, only ?? undefined), (change) => {
    if (change === null) return
    return andThen(executorFor(runtime.meta, using), (executor) => updateOne(runtime, instance, change, executor))
  })
}
