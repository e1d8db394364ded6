import { UsageError } from '../../errors.js'
import type { Signal } from '../../types/database.js'

/** When a query is given up. */
export class QueryLimits {
  constructor(
    /** Milliseconds, from when the query is awaited. */
    readonly timeout: number | null,
    readonly signal: Signal | null,
    /** When the work that this query is part of must be done, on the clock of `performance.now()`. */
    readonly deadline: number | null,
  ) {}

  withTimeout(ms: unknown): QueryLimits {
    if (typeof ms !== 'number' || !Number.isFinite(ms) || ms <= 0)
      throw new UsageError('timeout() takes a number of milliseconds above 0.')
    return new QueryLimits(ms, this.signal, null)
  }

  withSignal(signal: unknown): QueryLimits {
    if (!isSignal(signal)) throw new UsageError('signal() takes an AbortSignal: new AbortController().signal.')
    return new QueryLimits(this.timeout, signal, this.deadline)
  }

  /** The same with the time running: for work of several statements. */
  started(): QueryLimits {
    if (this.timeout === null || this.deadline !== null) return this
    return new QueryLimits(this.timeout, this.signal, performance.now() + this.timeout)
  }
}

export const NO_LIMITS = new QueryLimits(null, null, null)

/** By its tag: in a test runner, or from a package, it may be another class than the global one. */
export function isSignal(value: unknown): value is Signal {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.prototype.toString.call(value) === '[object AbortSignal]' &&
    typeof (value as Signal).addEventListener === 'function'
  )
}
