import type { Statement } from '../../driver/driver.js'
import { errnoOf } from '../../util/error-shape.js'

/** A savepoint by which a statement shows that it ended the transaction. */
const WATCH = 'corm_watch'
/** "SAVEPOINT does not exist" */
const NO_SAVEPOINT = 1305

/**
 * What neither commits nor touches the savepoint before it: by the grammar, nothing that begins with these words does. A
 * comment may be run by the server, and is none of them.
 */
const KEEPS =
  /^[\s(]*(?:select|insert|update|delete|replace|with|values|table|show|desc|describe|explain|do|savepoint|release)\b|^\s*rollback\s+(?:work\s+)?to\b/i

/** Whether SQL of the user's own may end the transaction it runs in. */
export const mayCommit = ({ names, sql }: Statement): boolean => typeof names === 'boolean' && !KEEPS.test(sql)

/**
 * Runs a statement in a transaction, and reports if it ended that. No status shows that one transaction was ended and another
 * one begun: a savepoint that is gone does. The three go out one after the other, whatever else is given meanwhile.
 */
export async function watched<T>(
  control: (sql: string) => Promise<unknown>,
  run: () => Promise<T>,
  ended: () => void,
): Promise<T> {
  const set = control(`savepoint ${WATCH}`)
  const work = run()
  const [, , still] = await Promise.allSettled([set, work, control(`release savepoint ${WATCH}`)])
  if (still.status === 'rejected' && errnoOf(still.reason) === NO_SAVEPOINT) ended()
  return work
}
