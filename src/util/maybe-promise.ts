import { UsageError } from '../errors.js'
import { at } from './list.js'

/** A value that is available now (SQLite) or later (servers). A synchronous database does not pay for promises. */
export type MaybePromise<T> = T | Promise<T>

/** Continues with the value: at once if it is available, else when the promise resolves. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** Whether it can be awaited: a promise, or a query. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** Returns a promise for a computation that may be synchronous and may throw. */
export function promised<T>(work: () => MaybePromise<T>): Promise<T> {
  try {
    return Promise.resolve(work())
  } catch (error) {
    return Promise.reject(calledFrom(readableError(error), promised))
  }
}

/** The same for work on an object with two arguments. It makes no functions, which would take longer than a small write. */
export function promisedCall<S, A, B, R>(
  self: S,
  first: A,
  second: B,
  work: (self: S, first: A, second: B) => MaybePromise<R>,
): Promise<R> {
  try {
    return Promise.resolve(work(self, first, second))
  } catch (error) {
    return Promise.reject(calledFrom(readableError(error), promisedCall))
  }
}

/**
 * The error to report instead of an unreadable one. Any access to a revoked proxy throws such an error, wherever it
 * happens.
 */
export function readableError(error: unknown): unknown {
  if (!(error instanceof TypeError) || !error.message.includes('a proxy that has been revoked')) return error
  return new UsageError('An argument holds a revoked proxy, which can not be read.', { cause: error })
}

/** Makes the stack of an error begin at the user's call instead of deep inside corm. It costs nothing until something fails. */
function calledFrom(error: unknown, below?: (...args: never[]) => unknown): unknown {
  if (error instanceof Error && Object.hasOwn(error, 'code')) Error.captureStackTrace(error, below)
  return error
}

/** The same for an awaited object that failed at once: the engine finds the awaiting function only from a promise reaction. */
export function rejectedAwait(error: unknown): Promise<never> {
  return Promise.resolve().then(() => {
    throw calledFrom(error)
  })
}

/** Runs the steps in order, without promises as long as they are synchronous. */
export function inTurn<T>(items: readonly T[], step: (item: T) => MaybePromise<unknown>): MaybePromise<void> {
  for (let i = 0; i < items.length; i++) {
    const done = step(at(items, i))
    if (done instanceof Promise) return done.then(() => inTurn(items.slice(i + 1), step))
  }
}

const NOTHING = Promise.resolve(undefined)

/**
 * What the `then` of an awaitable returns if its value is already available. `await` passes functions that return
 * nothing, so no promise is made for their result.
 */
export function callBack<T>(callback: (value: T) => unknown, value: T): Promise<unknown> {
  try {
    const result = callback(value)
    return result === undefined ? NOTHING : Promise.resolve(result)
  } catch (error) {
    return Promise.reject(error)
  }
}
