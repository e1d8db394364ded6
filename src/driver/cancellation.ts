import { AbortedError, type DatabaseError, TimeoutError } from '../errors.js'
import type { Signal } from '../types/database.js'
import { memo } from '../util/memo.js'

/** Milliseconds beyond which a timer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Milliseconds that a database has to stop a statement; then its connection is cut. */
export const STOP_LIMIT = 5000

/** When a query is to be given up: a moment, signals, or both. */
export class Cancellation {
  constructor(
    /** On the clock of `performance.now()`; Infinity: never. */
    readonly deadline: number,
    /** What was asked for, in milliseconds; for the message. */
    readonly timeout: number | null,
    readonly signals: readonly Signal[],
  ) {}

  /** Whichever of the two comes first. */
  and(other: Cancellation): Cancellation {
    const first = this.deadline <= other.deadline ? this : other
    return new Cancellation(first.deadline, first.timeout, [...new Set([...this.signals, ...other.signals])])
  }

  get isOver(): boolean {
    return this.#aborted !== undefined || performance.now() >= this.deadline
  }

  /** Throws when it is over. */
  check(): void {
    if (this.isOver) throw this.error()
  }

  /** What the query is rejected with. `cause` is what the database said; an aborted signal has a reason of its own. */
  error(cause?: unknown): DatabaseError {
    const signal = this.#aborted
    if (signal !== undefined) return new AbortedError(signal.reason)
    const message = `The query took longer than its timeout of ${this.timeout} ms and was stopped. Make it faster, for example with an index, or raise the timeout.`
    return new TimeoutError(message, cause === undefined ? {} : { cause })
  }

  /** Calls `stop` once, when it is over; the result ends the watch. */
  watch(stop: () => void): () => void {
    let timer: NodeJS.Timeout | undefined
    const ends: (() => void)[] = []
    const end = () => {
      clearTimeout(timer)
      for (const forget of ends) forget()
    }
    const fire = () => {
      end()
      stop()
    }
    const wait = () => {
      const left = this.deadline - performance.now()
      // timers may fire a fraction early
      timer = setTimeout(() => (performance.now() < this.deadline ? wait() : fire()), Math.min(left, LONGEST_TIMER))
    }
    if (this.deadline !== Number.POSITIVE_INFINITY) wait()
    for (const signal of this.signals) ends.push(listen(signal, fire))
    return end
  }

  /** What `work` gives, or the error as soon as it is over: `work` goes on without anyone who waits. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const forget = this.watch(() => reject(this.error()))
      work.then(resolve, reject).finally(forget)
    })
  }

  get #aborted(): Signal | undefined {
    return this.signals.find((signal) => signal.aborted)
  }
}

/**
 * Asks a server to stop a statement until that is answered: a request goes another way and may be there before the statement
 * is, and then it stops nothing.
 */
export async function askUntil(answered: Promise<unknown>, ask: () => Promise<void>): Promise<void> {
  let done = false
  const end = answered.then(() => {
    done = true
  })
  for (let pause = 20; !done; pause *= 2) {
    await ask()
    let timer: NodeJS.Timeout | undefined
    await Promise.race([end, new Promise((resolve) => (timer = setTimeout(resolve, pause)))])
    clearTimeout(timer)
  }
}

/** Who waits for a signal: one listener, whatever their number, as many would be taken for a leak. */
class Listeners {
  readonly #callbacks = new Set<() => void>()
  constructor(readonly signal: Signal) {}

  add(callback: () => void): () => void {
    if (this.#callbacks.size === 0) this.signal.addEventListener('abort', this.#notify)
    this.#callbacks.add(callback)
    return () => this.#remove(callback)
  }

  #remove(callback: () => void): void {
    if (this.#callbacks.delete(callback) && this.#callbacks.size === 0)
      this.signal.removeEventListener('abort', this.#notify)
  }

  readonly #notify = () => {
    for (const callback of [...this.#callbacks]) callback()
  }
}

const known = new WeakMap<Signal, Listeners>()

function listen(signal: Signal, callback: () => void): () => void {
  return memo(known, signal, () => new Listeners(signal)).add(callback)
}
