import type { Cancellation } from '../../driver/cancellation.js'
import { codeOf } from '../../util/error-shape.js'

/** The longest pause between two attempts, in milliseconds. */
const LONGEST_PAUSE = 25

/**
 * Whether another process or connection holds the lock and waiting helps. Waiting does not help if the transaction has
 * read an outdated state (SQLITE_BUSY_SNAPSHOT), or if it holds a lock that the other one waits for.
 */
export const isBusy = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === 'SQLITE_BUSY' || code === 'SQLITE_BUSY_RECOVERY'
}

/**
 * Tries again until the lock is free. SQLite's own waiting would block the whole process, even the transaction in it that
 * may hold the lock.
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
