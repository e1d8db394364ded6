import { STATEMENT, type Statement } from '../../driver/driver.js'

/** The time limit of BEGIN, COMMIT and ROLLBACK in milliseconds, for databases without a `statementTimeout`. */
export const CONTROL_LIMIT = 60_000

export const LEFT_OPEN =
  'This statement left a transaction open, which statements of others would have joined. It was rolled back: use transaction(), or connection() for a connection of your own.'

export const CONTROL: Statement = { ...STATEMENT, sql: '', parameters: [], prepare: false, rows: true, intent: 'write' }

export const ENDED_BY_SERVER =
  'The database has ended the transaction: after a deadlock it rolls everything back, and a statement like CREATE TABLE ' +
  'or ALTER TABLE commits. Run the transaction again, or such a statement outside it.'

export const UNKNOWN =
  'The connection was lost while the transaction was committed: it may be stored or not. Check before you repeat it.'

export const tooLong = (limit: number) =>
  `The database gave no answer within ${Math.round(limit)} ms; the connection was cut. What the statement did is not known: check before you repeat it.`

export const LOST = 'The connection to the database was lost.'
