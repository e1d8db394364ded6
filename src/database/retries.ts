import { DeadlockError, LockTimeoutError, SerializationError } from '../errors.js'

/** Runs the whole transaction again, with growing pauses, while it fails for reasons that pass. */
export async function withRetries<R>(retries: number, attempt: () => Promise<R>): Promise<R> {
  for (let round = 0; ; round++) {
    try {
      return await attempt()
    } catch (error) {
      const passes =
        error instanceof SerializationError || error instanceof DeadlockError || error instanceof LockTimeoutError
      if (!passes || round >= retries) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** Math.min(round, 6)))
    }
  }
}
