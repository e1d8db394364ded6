import { type CormError, PoolTimeoutError } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import { ambient, type RunningTransaction } from '../util/ambient.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import { rememberCall } from '../util/user-line.js'

/** The transaction of this database around the work of this async context: it holds a connection meanwhile. */
export function holderAround(database: Executor): RunningTransaction | undefined {
  const record = ambient()
  if (record === undefined) return undefined
  const holder = record.transactions.get(database) ?? record.around?.get(database)
  return holder === undefined || holder.hasEnded ? undefined : holder
}

/** Work outside the transaction around it. If it waits too long for a connection, the error says what it waits for. */
export function explainSelfWait<T>(work: () => MaybePromise<T>): MaybePromise<T> {
  const call = rememberCall()
  const explain = (error: unknown): never => {
    throw error instanceof PoolTimeoutError ? waitsForItself(error.message, call, error) : error
  }
  const result = work()
  return result instanceof Promise ? result.catch(explain) : result
}

/** Says of a wait for a connection that the transaction around it may be what it waits for. */
function waitsForItself(text: string, call: () => string | null, cause: Error): CormError {
  return new PoolTimeoutError(
    `${text} The transaction waits for itself: the call${at(call)} is made inside it, needs another connection, and the transaction holds its own until this returns. ` +
      'Run it in the transaction, or after it (afterCommit), or give the pool more connections.',
    { cause },
  )
}

/** For a statement of an outer transaction that waits until a nested one is done. */
export function waitForNested(): (limit: number) => Error {
  const call = rememberCall()
  return (limit) =>
    new PoolTimeoutError(
      `Work of a transaction${at(call)} waited ${limit} ms for the nested transaction that runs meanwhile. ` +
        'Where the nested one awaits that work, the transaction waits for itself: begin the work inside the nested one, or await it outside.',
    )
}

function at(call: () => string | null): string {
  const line = call()
  return line === null ? '' : ` at ${line}`
}
