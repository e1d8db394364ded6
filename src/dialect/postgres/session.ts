import type { BeginOptions } from '../../driver/driver.js'
import { ConfigurationError, UsageError } from '../../errors.js'

/** The settings that corm's SQL relies on. With `array_nulls`, NULL in an array literal is null and not the word. */
const REQUIRED: readonly (readonly [name: string, value: string, reads: RegExp])[] = [
  ['client_encoding', 'UTF8', /^utf-?8$/i],
  ['TimeZone', 'UTC', /^utc$/i],
  ['DateStyle', 'ISO, MDY', /^iso\b/i],
  ['standard_conforming_strings', 'on', /^on$/],
  ['bytea_output', 'hex', /^hex$/],
  ['extra_float_digits', '3', /^[123]$/],
  ['array_nulls', 'on', /^on$/],
]

/** The server ends a transaction that was abandoned, which frees its locks. */
const IDLE_IN_TRANSACTION = 10 * 60_000

export interface SessionLimits {
  /** How long to wait for a lock, in milliseconds; 0 means no limit. */
  readonly lockTimeout: number
  /** How long a statement may run, in milliseconds; 0 means no limit. */
  readonly statementTimeout: number
}

/** One statement that sets the session up and returns the settings. */
export function sessionSql({ lockTimeout, statementTimeout }: SessionLimits): string {
  const settings = [
    ...REQUIRED.map(([name, value]) => [name, value]),
    ['lock_timeout', milliseconds(lockTimeout)],
    ['statement_timeout', milliseconds(statementTimeout)],
    ['idle_in_transaction_session_timeout', milliseconds(IDLE_IN_TRANSACTION)],
  ]
  return `select ${settings.map(([name, value]) => `set_config('${name}', '${value}', false)`).join(', ')}`
}

const milliseconds = (value: number) => String(Math.max(0, Math.ceil(value)))

/** Refuses a session that ignored the settings, because a proxy may drop them. */
export function verifySession(row: readonly unknown[]): void {
  REQUIRED.forEach(([name, wanted, reads], i) => {
    if (reads.test(String(row[i]))) return
    throw new ConfigurationError(
      `The PostgreSQL session has ${name} "${String(row[i])}" where corm needs "${wanted}". A proxy between corm and the server may drop SET statements: let it pass them, or connect to the server itself.`,
    )
  })
}

/** Resets a session to its state after connecting, except for prepared statements. `sessionSql` has to follow. */
export const RESET_SESSION = [
  'close all',
  'set session authorization default',
  'reset all',
  'unlisten *',
  'select pg_advisory_unlock_all()',
  'discard temp',
  'discard sequences',
].join('; ')

const LEVELS: readonly unknown[] = [undefined, 'read committed', 'repeatable read', 'serializable']

export function beginSql({ isolation, readOnly, deferrable }: BeginOptions): string {
  if (!LEVELS.includes(isolation)) throw new UsageError(`"isolation" must be one of: ${LEVELS.slice(1).join(', ')}.`)
  const level = isolation === undefined ? '' : ` isolation level ${isolation}`
  const access = readOnly === undefined ? '' : readOnly ? ' read only' : ' read write'
  return `begin${level}${access}${deferrable === true ? ' deferrable' : ''}`
}

/** Removes comments, which may be nested. Only for statements without string literals, of which the first words matter. */
function withoutComments(sql: string): string {
  let depth = 0
  return sql.replace(/\/\*|\*\/|--[^\n]*|[\s\S]/g, (part) => {
    if (part === '/*') depth++
    else if (part === '*/' && depth > 0) {
      depth--
      return ' '
    }
    return depth > 0 || part.startsWith('--') ? ' ' : part
  })
}

const TRANSACTION =
  /^[\s;]*(?:begin|start\s+transaction|commit|abort|end|rollback(?!(?:\s+work|\s+transaction)?\s+to\b)|prepare\s+transaction)\b/i
const TO_SAVEPOINT = /^[\s;]*rollback(?:\s+work|\s+transaction)?\s+to\b/i
/** Comments are only removed from SQL that may begin with one of these words. */
const MAY_BE = /^[\s;]*(?:--|\/\*|begin|start|commit|abort|end|rollback|prepare)/i

/** Whether raw SQL begins or ends a transaction. Such SQL is refused before it is sent. */
export function endsTransaction(sql: string): boolean {
  return MAY_BE.test(sql) && TRANSACTION.test(withoutComments(sql))
}

/** Whether a statement ended the transaction, by the command tag of its answer. COMMIT AND CHAIN begins another one at once. */
export function hasEnded(command: string | undefined, sql: string): boolean {
  return command === 'COMMIT' || (command === 'ROLLBACK' && !TO_SAVEPOINT.test(withoutComments(sql)))
}

/** Whether the statement dropped the session's prepared statements, by its command tag. */
export const forgetsNames = (command: string | undefined | null): boolean =>
  command === 'DISCARD' || command === 'DEALLOCATE'

export const NO_TRANSACTION =
  "Raw SQL can't begin or end a transaction here. Use transaction(), or connection() for one connection."

export const LEFT_OPEN =
  'This statement left a transaction open, which statements of others would have joined. It was rolled back: use transaction(), or connection() for a connection of your own.'
