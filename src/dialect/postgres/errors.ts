import {
  CheckViolationError,
  ConnectionError,
  ConstraintError,
  DatabaseError,
  type DatabaseErrorClass,
  type DatabaseErrorFacts,
  DeadlockError,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  SerializationError,
  TimeoutError,
  UniqueViolationError,
} from '../../errors.js'
import { codeOf, messageOf } from '../../util/error-shape.js'
import { own } from '../../util/own.js'
import { asRecord } from '../../util/record.js'
import { CREATE_TABLE } from '../missing-table.js'

/** The members of errors of pg and PGlite: the fields of the protocol, or a code of Node's. */
interface ServerError {
  stack?: string
  code?: string
  message?: string
  detail?: string
  constraint?: string
  table?: string
  column?: string
  routine?: string
}

/** The SQLSTATEs of https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CLASSES: Readonly<Record<string, DatabaseErrorClass>> = own({
  '23001': ForeignKeyViolationError,
  '23502': NotNullViolationError,
  '23503': ForeignKeyViolationError,
  '23505': UniqueViolationError,
  '23514': CheckViolationError,
  '23': ConstraintError,
  '40001': SerializationError,
  '40P01': DeadlockError,
  '55P03': LockTimeoutError,
  '57014': TimeoutError,
  '08': ConnectionError,
  '28': ConnectionError,
  '3D': ConnectionError,
  '25P03': ConnectionError,
  '53300': ConnectionError,
  '57P01': ConnectionError,
  '57P02': ConnectionError,
  '57P03': ConnectionError,
  '57P05': ConnectionError,
})

/** Codes of sockets, name lookup and TLS; a code of five capitals and digits is a SQLSTATE. */
const NETWORK =
  /^(E(?!RR_)[A-Z]{3,}|EAI_[A-Z]+|ERR_(TLS|SSL|SOCKET|STREAM)\w*|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)$/
/** Messages of pg, without a code, when the connection is lost. */
const GONE =
  /^(Connection terminated|Client (has encountered a connection error|was closed)|timeout expired|The server does not support SSL)/

export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof ConnectionError) return true
  const [code, message] = [codeOf(error), messageOf(error)]
  return code === '' ? GONE.test(message) : NETWORK.test(code) || classOf(code) === ConnectionError
}

/** Whether the plan of a prepared statement is outdated or its name is unknown. A new transaction prepares it again. */
const isOutdated = ({ code, message = '', routine }: ServerError): boolean =>
  code === '26000' ||
  (code === '0A000' && (routine === 'RevalidateCachedQuery' || message.startsWith('cached plan must not change')))

function classOf(code: string): DatabaseErrorClass {
  const exact = CLASSES[code]
  if (exact !== undefined) return exact
  return (code.length === 5 ? CLASSES[code.slice(0, 2)] : undefined) ?? DatabaseError
}

/** Messages if the server lacks pgvector, or the database has not loaded it. */
const NO_VECTORS =
  /^(extension "vector" is not available|could not open extension control file ".*vector\.control"|permission denied to create extension "vector"|type "vector(\[\])?" does not exist)/

export function mapPostgresError(error: unknown, vectorAdvice = ''): DatabaseError {
  if (error instanceof DatabaseError) return error
  const cause = error as ServerError
  const message = hideValues(cause)
  const facts = { cause: error, ...place(cause) }
  if (isConnectionLoss(error)) return new ConnectionError(message, facts)
  if (isOutdated(cause)) return new SerializationError(`${message}: run the transaction again (retries).`, facts)
  if (cause.code === TOO_COMPLEX)
    return new DatabaseError(
      `The statement is beyond a limit of the server (${message}). Nest fewer queries and conditions in each other: read the keys that an inner query finds first, and give them as a list.`,
      facts,
    )
  const remedy = NO_VECTORS.test(message) ? vectorAdvice : cause.code === NO_TABLE ? CREATE_TABLE : null
  const advice = remedy === null ? '' : `. ${remedy}`
  return new (classOf(cause.code ?? ''))(`${message}${advice}`, facts)
}

const TOO_COMPLEX = '54001'
const NO_TABLE = '42P01'

/** Fields of a driver's error that contain values of the statement: readable by code, but never printed. */
const SECRET = ['detail', 'where', 'internalQuery', 'query', 'params', 'queryOptions']

/** Hides the values in a driver's error from printing, and returns its message. */
function hideValues(error: ServerError): string {
  const message = String(error.message || error.code || error)
  if (!((error as unknown) instanceof Error)) return message
  for (const name of SECRET) {
    if (!Object.hasOwn(error, name)) continue
    const value = asRecord(error)[name]
    Object.defineProperty(error, name, { value, enumerable: false, configurable: true, writable: true })
  }
  // class 22 are data exceptions, whose messages quote values: `invalid input syntax for type integer: "…"`
  if (error.code?.startsWith('22') !== true) return message
  const safe = message.replace(/"[\s\S]*"/, '"…"')
  error.message = safe
  if (error.stack !== undefined) error.stack = error.stack.replace(message, () => safe)
  return safe
}

function place(error: ServerError): DatabaseErrorFacts {
  const { constraint, table, column, detail, code } = error
  const columns = column !== undefined ? [column] : KEYED.has(code ?? '') ? keyColumns(detail ?? '') : []
  return { constraint, table, columns }
}

const KEYED = new Set(['23505', '23503', '23P01'])

/**
 * Reads the column names in `Key (a, "B")=(1, 2) already exists.` Returns none if an expression is among them, or if the
 * key is that of the referenced table.
 */
export function keyColumns(detail: string): string[] {
  const start = detail.indexOf('(') + 1
  if (start === 0 || detail.includes('still referenced')) return []
  const columns: string[] = []
  const name = /(?:"((?:[^"]|"")+)"|([^\s"(),]+))(, |\)=\(|\) conflicts )/y
  name.lastIndex = start
  for (let match = name.exec(detail); match !== null; match = name.exec(detail)) {
    columns.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
    if (match[3] !== ', ') return columns
  }
  return []
}
