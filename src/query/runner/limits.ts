import { UsageError } from '../../errors.js'
import type { Signal } from '../../types/database.js'

/** Where a query runs, and when it is given up: stands where a query has its database. */
export class Limits {
  constructor(
    /** The database or transaction given by using(); null: the model's own. */
    readonly executor: object | null,
    /** Milliseconds, from when the query is awaited. */
    readonly timeout: number | null,
    readonly signal: Signal | null,
    /** When the work that this query is part of must be done, on the clock of `performance.now()`. */
    readonly deadline: number | null,
  ) {}

  /** The limits that are there, to go on from. */
  static of(executor: object | null): Limits {
    return executor instanceof Limits ? executor : new Limits(executor, null, null, null)
  }

  /** A query's `using`, which keeps its limits. */
  static moved(before: object | null, executor: object): object {
    if (!(before instanceof Limits)) return executor
    return new Limits(executor, before.timeout, before.signal, before.deadline)
  }

  withTimeout(ms: unknown): Limits {
    if (typeof ms !== 'number' || !Number.isFinite(ms) || ms <= 0)
      throw new UsageError('timeout() takes a number of milliseconds above 0.')
    return new Limits(this.executor, ms, this.signal, null)
  }

  withSignal(signal: unknown): Limits {
    if (!isSignal(signal)) throw new UsageError('signal() takes an AbortSignal: new AbortController().signal.')
    return new Limits(this.executor, this.timeout, signal, this.deadline)
  }

  /** The same with the time running: for work of several statements. */
  started(): Limits {
    if (this.timeout === null || this.deadline !== null) return this
    return new Limits(this.executor, this.timeout, this.signal, performance.now() + this.timeout)
  }
}

/** The signal of a query that has one. */
export function signalOf(executor: object | null): Signal | null {
  return executor instanceof Limits ? executor.signal : null
}

/** By its tag: in a test runner, or from a package, it may be another class than the global one. */
function isSignal(value: unknown): value is Signal {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.prototype.toString.call(value) === '[object AbortSignal]' &&
    typeof (value as Signal).addEventListener === 'function'
  )
}
