/** What went wrong with one field of an instance, a row or a condition. */
export interface Issue {
  /** Field name, or a dotted path below it for JSON. */
  readonly path: string
  /** Stable word for programs: `required`, `type`, `range`, `length`, `choice`, `pattern`, `custom` … */
  readonly code: string
  readonly message: string
}

export interface ErrorOptions {
  readonly cause?: unknown
}

/** What would break a line of a log, or show a text otherwise than it is. */
const UNREADABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu
/** Characters of a message; what is said of a name stands long before. */
const LONGEST_MESSAGE = 4000
const LONGEST_ISSUE = 1000

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A text as messages have it: on one line, and of bounded length, whatever a request has put into it. */
function readable(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return cut.replace(UNREADABLE, escaped)
}

/** The same for what should have been a name. */
export const quotedName = (name: unknown): string =>
  typeof name === 'string' ? quoted(name, 100) : `(${name === null ? 'null' : `of type ${typeof name}`})`

/** A name that came from outside, as messages show it: quoted, escaped and cut. */
export function quoted(name: string, longest = 60): string {
  const cut = name.length > longest ? `${name.slice(0, longest)}…` : name
  return JSON.stringify(cut).replace(UNREADABLE, escaped)
}

/** The top of the error tree: everything corm throws is a `CormError` with a stable `code`. */
export class CormError extends Error {
  readonly code: string = 'CORM'
  constructor(message: string, options: ErrorOptions = {}) {
    super(readable(message, LONGEST_MESSAGE), Object.hasOwn(options, 'cause') ? { cause: options.cause } : undefined)
    this.name = new.target.name
  }
}

/** A model, field or relation that can't be right: thrown at definition or first use. */
export class DefinitionError extends CormError {
  override readonly code: string = 'DEFINITION'
}

/** Settings that can't work: an unknown URL scheme, a database that was never connected. */
export class ConfigurationError extends CormError {
  override readonly code: string = 'CONFIGURATION'
}

/** The npm package of a database driver is not installed; the message has the command. */
export class MissingDriverError extends ConfigurationError {
  override readonly code = 'MISSING_DRIVER'
}

/** A call that is not valid as written. Nothing was sent to the database. */
export class UsageError extends CormError {
  override readonly code: string = 'USAGE'
}

/** A name that is not a field of the model. */
export class UnknownFieldError extends UsageError {
  override readonly code = 'UNKNOWN_FIELD'
}

/** A name that is not a relation of the model. */
export class UnknownRelationError extends UsageError {
  override readonly code = 'UNKNOWN_RELATION'
}

/** `undefined` where a condition or a key needs a value: it is never read as "no filter". */
export class UndefinedValueError extends UsageError {
  override readonly code = 'UNDEFINED_VALUE'
}

/** A feature the database or its version does not have; thrown when compiling. */
export class UnsupportedError extends UsageError {
  override readonly code = 'UNSUPPORTED'
  constructor(
    readonly feature: string,
    readonly dialect: string,
    advice = '',
  ) {
    super(`${feature} is not supported by ${dialect}.${advice && ` ${advice}`}`)
  }
}

/** A field that was left out by `select` or `omit`, or is `lazy`, was read. */
export class FieldNotLoadedError extends UsageError {
  override readonly code = 'FIELD_NOT_LOADED'
}

/** A relation was used like a loaded value before it was loaded or awaited. */
export class RelationNotLoadedError extends UsageError {
  override readonly code = 'RELATION_NOT_LOADED'
}

/** Similar reads in a loop, where `Database.configure({ detectNPlusOne: 'throw' })` refuses them; the message says how to fix it. */
export class NPlusOneError extends UsageError {
  override readonly code = 'N_PLUS_ONE'
  constructor(
    message: string,
    /** The model that is read; null where it is not known. */
    readonly model: string | null,
    /** The relation that is read, as in `Author.books`; null where there is none. */
    readonly relation: string | null,
    /** File and line of the call. */
    readonly at: string,
  ) {
    super(message)
  }
}

/** No row where one was asked for. */
export class NotFoundError extends CormError {
  override readonly code = 'NOT_FOUND'
  constructor(
    readonly model: string,
    /** Names of the fields that were searched by; values stay out. */
    readonly criteria: string,
  ) {
    super(`No "${model}" found${criteria && ` by ${criteria}`}.`)
  }
}

/** More than one row where exactly one was asked for. */
export class MultipleResultsError extends CormError {
  override readonly code = 'MULTIPLE_RESULTS'
  constructor(readonly model: string) {
    super(`More than one "${model}" matches where exactly one was expected. Narrow the conditions, or use first().`)
  }
}

/** Values that a field can't keep or a rule refuses; `issues` lists all problems of the instance. */
export class ValidationError extends CormError {
  override readonly code = 'VALIDATION'
  readonly issues: readonly Issue[]
  constructor(
    readonly model: string,
    given: readonly Issue[],
  ) {
    const issues = given.map((issue) => ({ ...issue, message: readable(issue.message, LONGEST_ISSUE) }))
    super(
      `"${model}" is not valid: ${issues.map(({ path, message }) => `${readable(path, 100)} ${message}`.trimStart()).join('; ')}.`,
    )
    this.issues = issues
  }
}

/** Where a stored value was read that could not be. */
export interface StoredPlace {
  readonly model: string
  readonly field: string
  /** The primary key of its row: a value, or an object of several; null: it was not read. */
  readonly key: unknown
}

/**
 * The database holds a value that the field can't hold, so that reading it would give another one. Only this field of this
 * row is concerned: a query that leaves the field out reads the row, and the row can be saved.
 */
export class StoredValueError extends CormError {
  override readonly code = 'STORED_VALUE'
  readonly model: string | null
  readonly field: string | null
  readonly key: unknown
  constructor(
    /** What the column holds instead of what; never the value itself. */
    readonly problem: string,
    /** What to do about it. */
    readonly remedy: string,
    place: StoredPlace | null = null,
    options: ErrorOptions = {},
  ) {
    super(`${subjectOf(place)} ${problem}. ${remedy}`, options)
    this.model = place?.model ?? null
    this.field = place?.field ?? null
    this.key = place?.key ?? null
  }
}

function subjectOf(place: StoredPlace | null): string {
  if (place === null) return 'A value of the result'
  const { model, field, key } = place
  return `"${model}.${field}"${key === null ? '' : ` of the row with the key ${keyText(key)}`}`
}

const LONGEST_KEY = 80

/** A key as text for a message: in one line, and not too long. */
function keyText(key: unknown): string {
  const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
  const text = typeof key === 'bigint' ? String(key) : (JSON.stringify(key, plain) ?? String(key))
  return text.length > LONGEST_KEY ? `${text.slice(0, LONGEST_KEY)}…` : text
}

/** The row changed or vanished since the instance was loaded. */
export class StaleModelError extends CormError {
  override readonly code = 'STALE_MODEL'
  constructor(readonly model: string) {
    super(`This "${model}" is no longer in the database: it was deleted since it was loaded.`)
  }
}

/** A write that is not allowed: it would leave a row outside of a locked global scope. */
export class PermissionError extends CormError {
  override readonly code = 'PERMISSION'
  constructor(
    readonly model: string,
    readonly action: 'create' | 'update',
    message: string,
  ) {
    super(message)
  }
}

/** A transaction was used wrongly or did not end as asked. */
export class TransactionError extends CormError {
  override readonly code: string = 'TRANSACTION'
}

/** The connection was lost between COMMIT and its answer: the work may or may not be stored. */
export class OutcomeUnknownError extends TransactionError {
  override readonly code = 'OUTCOME_UNKNOWN'
}

export interface DatabaseErrorFacts extends ErrorOptions {
  readonly sql?: string | undefined
  readonly parameters?: readonly unknown[] | undefined
  readonly constraint?: string | undefined
  readonly table?: string | undefined
  readonly columns?: readonly string[] | undefined
}

/** The database refused a statement. `sql` and `parameters` are there to read but never printed. */
export class DatabaseError extends CormError {
  override readonly code: string = 'DATABASE'
  /** Name of the violated constraint, where the database reports it. */
  readonly constraint: string | undefined
  readonly table: string | undefined
  /** Columns as the database names them. */
  readonly columns: readonly string[]
  /** The same as field names of the model, where they are known. */
  fields: readonly string[] = []
  declare readonly sql: string | undefined
  declare readonly parameters: readonly unknown[] | undefined
  constructor(message: string, facts: DatabaseErrorFacts = {}) {
    super(message, Object.hasOwn(facts, 'cause') ? { cause: facts.cause } : {})
    const { constraint, table, columns, sql, parameters } = Object.assign(
      Object.create(null) as DatabaseErrorFacts,
      facts,
    )
    this.constraint = constraint
    this.table = table
    this.columns = columns ?? []
    this.withStatement(sql, parameters)
  }

  /** @internal */
  withStatement(sql: string | undefined, parameters: readonly unknown[] | undefined): this {
    Object.defineProperty(this, 'sql', { value: sql, enumerable: false, configurable: true })
    Object.defineProperty(this, 'parameters', { value: parameters, enumerable: false, configurable: true })
    return this
  }
}

/** The database could not be reached, or the connection broke. */
export class ConnectionError extends DatabaseError {
  override readonly code = 'CONNECTION'
}

/** No connection became free in time. */
export class PoolTimeoutError extends DatabaseError {
  override readonly code = 'POOL_TIMEOUT'
}

/** A statement ran longer than its limit and was stopped. */
export class TimeoutError extends DatabaseError {
  override readonly code = 'TIMEOUT'
}

/** The signal of a query was aborted; `cause` is the signal's reason. */
export class AbortedError extends DatabaseError {
  override readonly code = 'ABORTED'
  constructor(reason: unknown) {
    super('The query was stopped, because its signal was aborted.', { cause: reason })
  }
}

/** A constraint of the database was violated. */
export class ConstraintError extends DatabaseError {
  override readonly code: string = 'CONSTRAINT'
}

/** A value that must be unique is there already. */
export class UniqueViolationError extends ConstraintError {
  override readonly code = 'UNIQUE_VIOLATION'
}

/** A foreign key points at no row, or a row is still pointed at. */
export class ForeignKeyViolationError extends ConstraintError {
  override readonly code = 'FOREIGN_KEY_VIOLATION'
}

/** NULL in a column that refuses it. */
export class NotNullViolationError extends ConstraintError {
  override readonly code = 'NOT_NULL_VIOLATION'
}

/** A CHECK constraint refused the row. */
export class CheckViolationError extends ConstraintError {
  override readonly code = 'CHECK_VIOLATION'
}

/** The transaction conflicts with another one; run it again. */
export class SerializationError extends DatabaseError {
  override readonly code = 'SERIALIZATION'
}

/** The transaction was chosen as a deadlock's victim; run it again. */
export class DeadlockError extends DatabaseError {
  override readonly code = 'DEADLOCK'
}

/** A lock was not granted in time. */
export class LockTimeoutError extends DatabaseError {
  override readonly code = 'LOCK_TIMEOUT'
}
