import type { Cancellation } from '../../driver/cancellation.js'
import { codeOf } from '../../util/error-shape.js'

/** Milliseconds between two attempts at most. */
const LONGEST_PAUSE = 25

/**
 * Another process (or another connection of this one) holds the lock, and waiting helps: not where the transaction has
 * read what is no longer so (SQLITE_BUSY_SNAPSHOT), and not where it holds itself what the other one waits for.
 */
export const isBusy = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === 'SQLITE_BUSY' || code === 'SQLITE_BUSY_RECOVERY'
}

/**
 * Tries again until the lock is free. SQLite's own way of waiting holds up the whole process; here everything else goes on,
 * the transaction of this process that may have the lock too.
 */
export async function whenFree<T>(
  work: () => T,
  first: unknown,
  limit: number,
  cancellation?: Cancellation,
): Promise<T> {
  const deadline = performance.now() + limit
  let error = first
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const left = deadline - performance.now()
    if (left <= 0) throw error
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, pause * (0.5 + Math.random()))))
    cancellation?.check()
    try {
      return work()
    } catch (thrown) {
      if (!isBusy(thrown)) throw thrown
      error = thrown
    }
  }
}
