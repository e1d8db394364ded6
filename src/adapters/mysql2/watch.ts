import type { Statement } from '../../driver/driver.js'
import { errnoOf } from '../../util/error-shape.js'

/** A savepoint that is lost when a statement ends the transaction. */
const WATCH = 'corm_watch'
/** "SAVEPOINT does not exist" */
const NO_SAVEPOINT = 1305

/**
 * Statements that neither commit nor release the savepoint: the grammar has none that begin with these words and do. A
 * leading comment is not allowed, because the server may execute it.
 */
const STAYS =
  /^[\s(]*(?:select|insert|update|delete|replace|with|values|table|show|desc|describe|explain|do|savepoint|release)\b|^\s*rollback\s+(?:work\s+)?to\b/i

/** Whether raw SQL may end the transaction it runs in. */
export const mayCommit = ({ hasRawSql, sql }: Statement): boolean => hasRawSql && !STAYS.test(sql)

/**
 * Runs a statement in a transaction, and reports if the statement ended it. The server's status does not change when a
 * statement ends one transaction and begins another, but the savepoint is gone. The three statements are sent in a row,
 * with no other statement between them.
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
