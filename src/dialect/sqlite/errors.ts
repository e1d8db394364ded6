import {
  CheckViolationError,
  ConnectionError,
  ConstraintError,
  DatabaseError,
  type DatabaseErrorFacts,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  UniqueViolationError,
} from '../../errors.js'
import { codeOf, messageOf } from '../../util/error-shape.js'
import { CREATE_TABLE } from '../missing-table.js'

/** Maps the codes of https://sqlite.org/rescode.html. SQLite names the columns of a violation only in its message. */
export function mapSqliteError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error
  const code = codeOf(error)
  const message = messageOf(error) || String(error)
  const facts: DatabaseErrorFacts = { cause: error, ...place(message) }
  switch (code) {
    case 'SQLITE_CONSTRAINT_UNIQUE':
    case 'SQLITE_CONSTRAINT_PRIMARYKEY':
    case 'SQLITE_CONSTRAINT_ROWID':
      return new UniqueViolationError(message, facts)
    case 'SQLITE_CONSTRAINT_FOREIGNKEY':
    case 'SQLITE_CONSTRAINT_TRIGGER': // a key that restricts is a trigger inside
      // SQLite does not say which key it is
      return new ForeignKeyViolationError(
        `${message}: a key points to no row, or other rows still point to this one.`,
        facts,
      )
    case 'SQLITE_CONSTRAINT_NOTNULL':
      return new NotNullViolationError(message, facts)
    case 'SQLITE_CONSTRAINT_CHECK':
      return new CheckViolationError(message, { cause: error, constraint: message.split(': ')[1] })
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_NOTADB':
    case 'SQLITE_IOERR':
      return new ConnectionError(message, facts)
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return new LockTimeoutError(message, facts)
  if (code.startsWith('SQLITE_CONSTRAINT')) return new ConstraintError(message, facts)
  return new DatabaseError(limitOf(message) ?? noTable(message) ?? message, facts)
}

/** SQLite's messages at its limits (https://sqlite.org/limits.html), with the remedy for each. */
const LIMITS: readonly (readonly [text: RegExp, remedy: string])[] = [
  [
    /^(?:at most \d+ tables in a join|too many FROM clause terms)/,
    'Load relations by with(), or ask in several queries.',
  ],
  [
    /^(?:Expression tree is too large|Recursion limit|parser stack overflow)/,
    'Nest fewer queries and conditions in each other: read the keys that an inner query finds first, and give them as a list.',
  ],
  [/^too many terms in compound SELECT/, 'Put fewer queries into one union.'],
  [/^integer overflow/, 'It computes integers of 64 bits. Compute with floats: fn.sum(c.total.cast("float")).'],
  [/^The bound string, buffer, or bigint is too big/, 'A bigint has 64 bits at most: bind a larger one as text.'],
]

const noTable = (message: string): string | null =>
  message.startsWith('no such table: ') ? `${message}. ${CREATE_TABLE}` : null

function limitOf(message: string): string | null {
  const remedy = LIMITS.find(([text]) => text.test(message))?.[1]
  return remedy === undefined ? null : `The statement is beyond a limit of SQLite (${message}). ${remedy}`
}

/** `UNIQUE constraint failed: users.email, users.tenant` → table and columns. */
function place(message: string): { table?: string; columns?: string[]; constraint?: string } {
  const index = /index '(.+)'$/s.exec(message)?.[1]
  if (index !== undefined) return { constraint: index }
  const list = /constraint failed: (.+)$/s.exec(message)?.[1]
  if (list === undefined || !list.includes('.')) return {}
  const columns = list.split(', ').map((path) => path.slice(path.indexOf('.') + 1))
  return { table: list.slice(0, list.indexOf('.')), columns }
}
