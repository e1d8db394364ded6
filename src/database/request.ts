import { UsageError } from '../errors.js'
import { inFlow } from '../execution/n-plus-one.js'

/**
 * Marks one piece of work, such as the handling of a request or of a job: N+1 queries are counted within it, and not
 * together with what runs before, after or next to it.
 *
 *     await withRequest(() => handle(message))
 */
export async function withRequest<R>(work: () => Promise<R> | R): Promise<R> {
  if (typeof work !== 'function')
    throw new UsageError('withRequest() takes the function that does the work: withRequest(() => handle(request)).')
  return inFlow(async () => work())
}
