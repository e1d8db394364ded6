import type { Connection } from '../driver/driver.js'
import { DeadlockError, LockTimeoutError, SerializationError } from '../errors.js'
import type { CommitHook } from './hooks.js'
import { warnsHere } from './settings.js'

/** One run of an outermost transaction. */
export interface Attempt {
  readonly connection: Connection
  /** Takes the hooks for after the commit: they run when the connection is free again. */
  readonly hooks: CommitHook[]
  /** Where it may be one of several. */
  readonly attempts: Attempts | null
}

/** Instances that were written by the attempts of one transaction. */
export class Attempts {
  #earlier = new WeakSet<object>()
  #now = new WeakSet<object>()
  #warned = false

  next(): void {
    this.#earlier = this.#now
    this.#now = new WeakSet()
  }

  /** One that an earlier attempt has written was not loaded by this one: what the code assigned to it then is still there. */
  wrote(instance: object, model: string): void {
    this.#now.add(instance)
    if (this.#warned || !this.#earlier.has(instance)) return
    this.#warned = true
    process.emitWarning(
      `A transaction is run again and writes a "${model}" that was loaded before it. Values that the callback assigned to it are still there, so a step such as "row.balance -= 10" is taken twice. Load the row inside the callback.`,
      { type: 'CormWarning', code: 'CORM_RETRIED_INSTANCE' },
    )
  }
}

/** What a transaction needs to warn of that, outside production. */
export const attemptsOf = (retries: number): Attempts | null => (retries > 0 && warnsHere() ? new Attempts() : null)

/** Errors of transactions that may succeed when they are run again. */
export const passes = (error: unknown) =>
  error instanceof SerializationError || error instanceof DeadlockError || error instanceof LockTimeoutError

/** Runs the whole transaction again, with growing pauses, while it fails for reasons that pass. */
export async function withRetries<R>(
  retries: number,
  attempt: () => Promise<R>,
  isPassing: (error: unknown) => boolean = passes,
): Promise<R> {
  for (let round = 0; ; round++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isPassing(error) || round >= retries) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** Math.min(round, 6)))
    }
  }
}
