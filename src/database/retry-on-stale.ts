import { StaleModelError, UsageError } from '../errors.js'
import { requireFunction } from '../util/arguments.js'
import { type OptionType, optionReader, whole } from '../util/options.js'
import { Database } from './database.js'
import { beginTypes, type TransactionOptions } from './options.js'
import { passes, withRetries } from './retries.js'
import type { Transaction } from './transaction.js'

/** Options of `retryOnStale`. */
export interface RetryOnStaleOptions extends Omit<TransactionOptions, 'retries'> {
  /** The maximum number of times that corm runs the work. Default 3. */
  readonly times?: number
  /** The database of the transactions. Default: the default database. */
  readonly using?: Database
}

const database: OptionType<Database> = {
  wants: 'a database',
  accepts: (value): value is Database => value instanceof Database,
}

const retryOptions = optionReader<RetryOnStaleOptions>('retryOnStale()', {
  ...beginTypes,
  times: whole(1),
  using: database,
})

const TIMES = 3

/**
 * Runs `work` in a transaction, and again in a new one if it throws `StaleModelError` or conflicts with another transaction, with
 * growing pauses. Load the rows inside `work`. Throws the last error after `times` runs.
 *
 *     await retryOnStale(async () => {
 *       const seat = await Seat.findOrFail(id)
 *       await seat.update({ takenBy: user.name })
 *     })
 */
export async function retryOnStale<R>(
  work: (trx: Transaction) => Promise<R>,
  options?: RetryOnStaleOptions,
): Promise<R> {
  const { times = TIMES, using, ...begin } = retryOptions(options)
  requireFunction(work, 'retryOnStale()')
  const place = using ?? (await Database.resolve(undefined))
  // inside a transaction, work that is run again may see the same rows again
  if (place.current.openTransaction !== null)
    throw new UsageError(
      'retryOnStale() was called inside a transaction, which it could not run again. Call it around the outermost transaction.',
    )
  return withRetries(times - 1, () => place.transaction(work, begin), isPassing)
}

const isPassing = (error: unknown) => error instanceof StaleModelError || passes(error)
