import { PoolTimeoutError } from '../errors.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import type { Cancellation } from './cancellation.js'

interface LaneWaiter {
  start(): void
  fail(error: Error): void
  timer: NodeJS.Timeout
}

/**
 * The queue in front of a single connection: one holder at a time, first come, first served. Single statements pass
 * at once while nobody holds it.
 */
export class Lane {
  #holder: object | null = null
  readonly #waiting: LaneWaiter[] = []

  constructor(
    /** Milliseconds a caller waits at most. */
    readonly limit: number,
  ) {}

  /** The error of a caller who has waited for too long, where the caller has none of its own. */
  static tooLong = (limit: number): Error =>
    new PoolTimeoutError(
      `The database's only connection was not free within ${limit} ms: a transaction holds it. ` +
        'A statement meant to run inside that transaction may have lost its async context; pass the handle with using(trx).',
    )

  get free(): boolean {
    return this.#holder === null && this.#waiting.length === 0
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Runs `work` when nobody holds the lane. */
  async pass<T>(work: () => MaybePromise<T>, cancellation?: Cancellation, tooLong = Lane.tooLong): Promise<T> {
    const token = {}
    await this.take(token, cancellation, tooLong)
    try {
      cancellation?.check()
      return await work()
    } finally {
      this.leave(token)
    }
  }

  /** Resolves when `token` holds the lane; returns nothing if it does at once. */
  take(token: object, cancellation?: Cancellation, tooLong = Lane.tooLong): MaybePromise<void> {
    if (this.free) {
      this.#holder = token
      return
    }
    return new Promise((resolve, reject) => {
      const forget = cancellation?.watch(() => this.#giveUp(waiter, cancellation.error()))
      const waiter: LaneWaiter = {
        start: () => {
          forget?.()
          this.#holder = token
          resolve()
        },
        fail: (error) => {
          forget?.()
          reject(error)
        },
        // it keeps the process running: a program must not end while it waits
        timer: setTimeout(() => this.#giveUp(waiter, tooLong(this.limit)), this.limit),
      }
      this.#waiting.push(waiter)
    })
  }

  /** Lets the next one in; nothing happens when `token` does not hold the lane. */
  leave(token: object): void {
    if (this.#holder !== token) return
    this.#holder = null
    const next = this.#waiting.shift()
    if (next === undefined) return
    clearTimeout(next.timer)
    next.start()
  }

  /** Turns away everyone who waits. */
  close(error: Error): void {
    for (const waiter of this.#waiting.splice(0)) {
      clearTimeout(waiter.timer)
      waiter.fail(error)
    }
  }

  #giveUp(waiter: LaneWaiter, error: Error): void {
    const at = this.#waiting.indexOf(waiter)
    if (at === -1) return
    this.#waiting.splice(at, 1)
    clearTimeout(waiter.timer)
    waiter.fail(error)
  }
}
