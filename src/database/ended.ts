import type { Capabilities } from '../dialect/dialect.js'
import { ConnectionError, DeadlockError, LockTimeoutError, SerializationError } from '../errors.js'

// The errors of a transaction that has ended, or can only be rolled back.

export const ENDED = 'The transaction has ended. Await all of its work inside the callback, or leave its async context.'
export const BROKEN =
  'The database has rolled the transaction back after an error. Let the error out of the callback and start again.'
export const CAUGHT =
  'The database had rolled the transaction back after an error that was caught; nothing was stored. Let such an error leave the callback.'
export const ENDED_BY_STATEMENT =
  'A statement ended the transaction inside the database. Unless it was a ROLLBACK, what had been done before it is stored and ' +
  "can't be rolled back: COMMIT commits, and in some databases BEGIN, CREATE, ALTER, ANALYZE, LOCK TABLES and their like do. " +
  'Leave COMMIT and ROLLBACK to transaction(), and run such statements outside it.'

/** Whether an error of a statement has ended the whole transaction at the server. */
export const isEndedBy = (error: unknown, capabilities: Capabilities, asksOnly: boolean): boolean =>
  error instanceof DeadlockError ||
  error instanceof ConnectionError ||
  (error instanceof SerializationError && capabilities.serializationEnds) ||
  (error instanceof LockTimeoutError && capabilities.lockTimeoutKeepsWork && !asksOnly)
