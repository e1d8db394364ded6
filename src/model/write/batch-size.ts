import { UsageError } from '../../errors.js'

export interface BatchOptions {
  /** The most rows of one statement; all statements are one transaction. */
  readonly batchSize?: number
}

/** The asked size, if one was. */
export function sizeOf(options: BatchOptions | undefined): number | undefined {
  const size = options?.batchSize
  if (size === undefined || (Number.isSafeInteger(size) && size > 0)) return size
  throw new UsageError('The option "batchSize" must be a whole number above 0: the most rows of one statement.')
}
