import { UsageError } from '../errors.js'
import { inFlow } from '../execution/n-plus-one.js'

/**
 * Marks one unit of work, such as a request or a job, for the detection of N+1 queries. corm counts similar queries within
 * the unit, separately from other work. Returns the result of `work`.
 *
 *     await withRequest(() => handle(message))
 */
export async function withRequest<R>(work: () => Promise<R> | R): Promise<R> {
  if (typeof work !== 'function')
    throw new UsageError('withRequest() takes the function that does the work: withRequest(() => handle(request)).')
  return inFlow(async () => work())
}
