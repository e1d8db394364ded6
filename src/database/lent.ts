import type { Connection } from '../driver/driver.js'
import { TransactionError } from '../errors.js'
import { requireFunction } from '../util/arguments.js'

/** Calls a function of the user with the driver's own object. `call` says where it was given. */
export async function withRaw<R>(
  connection: Connection,
  work: (raw: unknown) => Promise<R> | R,
  call: () => string | null,
): Promise<R> {
  requireFunction(work, 'connection()')
  const result = await work(connection.raw)
  if (await connection.endLeftOpen()) {
    const line = call()
    throw new TransactionError(
      `The function given to connection()${line === null ? '' : ` at ${line}`} left a transaction open. It was rolled back: commit it before the function returns, or use transaction().`,
    )
  }
  return result
}
