import { UsageError } from '../../errors.js'
import type { TimeLimits } from '../../execution/limited.js'
import type { Signal } from '../../types/database.js'

/** The limits that the steps of a query have set. */
export class QueryLimits implements TimeLimits {
  constructor(
    readonly timeout: number | null,
    readonly signal: Signal | null,
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

  /** The same limits, with the timeout counted from now: for work of several statements. */
  started(): QueryLimits {
    if (this.timeout === null || this.deadline !== null) return this
    return new QueryLimits(this.timeout, this.signal, performance.now() + this.timeout)
  }
}

export const NO_LIMITS = new QueryLimits(null, null, null)

/** Checks the tag and not the class: test runners and packages may have an AbortSignal of their own. */
export function isSignal(value: unknown): value is Signal {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.prototype.toString.call(value) === '[object AbortSignal]' &&
    typeof (value as Signal).addEventListener === 'function'
  )
}
