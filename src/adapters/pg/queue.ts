import type { Cancellation } from '../../driver/cancellation.js'
import { at } from '../../util/list.js'
import type { PgLine } from './line.js'

interface QueueWaiter {
  readonly until: number
  /** Takes the line that the waiter needs, if there is one now. */
  take(): PgLine | undefined
  start(line: PgLine): void
  fail(error: unknown): void
}

/**
 * The callers that wait for a connection, in order. All have the same time limit, so one timer is enough. It keeps the
 * process running.
 */
export class Queue {
  readonly #waiting: QueueWaiter[] = []
  #timer: NodeJS.Timeout | null = null

  constructor(
    /** The time limit of a waiter in milliseconds. */
    readonly limit: number,
    readonly tooLong: () => Error,
  ) {}

  get length(): number {
    return this.#waiting.length
  }

  wait(take: QueueWaiter['take'], cancellation?: Cancellation): Promise<PgLine> {
    return new Promise((resolve, reject) => {
      const forget = cancellation?.watch(() => {
        this.#leave(waiter)
        reject(cancellation.error())
      })
      const waiter: QueueWaiter = {
        until: performance.now() + this.limit,
        take,
        start: (line) => {
          forget?.()
          resolve(line)
        },
        fail: (error) => {
          forget?.()
          reject(error)
        },
      }
      this.#waiting.push(waiter)
      this.#timer ??= setTimeout(() => this.#expire(), this.limit)
    })
  }

  /** Serves the waiters in order, as far as there are lines for them. */
  serve(): void {
    for (let i = 0; i < this.#waiting.length; ) {
      const waiter = at(this.#waiting, i)
      const line = waiter.take()
      if (line === undefined) i++
      else {
        this.#waiting.splice(i, 1)
        waiter.start(line)
      }
    }
    this.#rest()
  }

  failAll(error: unknown): void {
    for (const waiter of this.#waiting.splice(0)) waiter.fail(error)
    this.#rest()
  }

  #leave(waiter: QueueWaiter): void {
    const at = this.#waiting.indexOf(waiter)
    if (at !== -1) this.#waiting.splice(at, 1)
    this.#rest()
  }

  #expire(): void {
    this.#timer = null
    const now = performance.now()
    for (let [waiter] = this.#waiting; waiter !== undefined && waiter.until <= now + 1; [waiter] = this.#waiting) {
      this.#waiting.shift()
      waiter.fail(this.tooLong())
    }
    const [first] = this.#waiting
    if (first !== undefined) this.#timer = setTimeout(() => this.#expire(), first.until - now)
  }

  #rest(): void {
    if (this.#waiting.length > 0 || this.#timer === null) return
    clearTimeout(this.#timer)
    this.#timer = null
  }
}
