import type { Issue } from '../types/schema.js'

export type { Issue } from '../types/schema.js'

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

/** The base class of all errors of corm. */
export class CormError extends Error {
  /** A stable code for programs. Each error class has its own. */
  readonly code: string = 'CORM'
  constructor(message: string, options: ErrorOptions = {}) {
    super(readable(message, LONGEST_MESSAGE), Object.hasOwn(options, 'cause') ? { cause: options.cause } : undefined)
    this.name = new.target.name
  }
}

/** The definition of a model, field or relation is wrong. corm throws it at definition or at first use. */
export class DefinitionError extends CormError {
  override readonly code: string = 'DEFINITION'
}

/** The configuration is wrong: for example an unknown URL scheme, or a database that is not connected. */
export class ConfigurationError extends CormError {
  override readonly code: string = 'CONFIGURATION'
}

/** The npm package of a database driver is not installed. The message has the command that installs it. */
export class MissingDriverError extends ConfigurationError {
  override readonly code = 'MISSING_DRIVER'
}

/** A call has wrong arguments or is not allowed here. */
export class UsageError extends CormError {
  override readonly code: string = 'USAGE'
}

/** A question of the command line was not answered. Nothing was written. */
export class UnansweredError extends UsageError {
  override readonly code = 'UNANSWERED'
}

/** The model has no field of this name. */
export class UnknownFieldError extends UsageError {
  override readonly code = 'UNKNOWN_FIELD'
}

/** The model has no relation of this name. */
export class UnknownRelationError extends UsageError {
  override readonly code = 'UNKNOWN_RELATION'
}

/** A condition or a key is `undefined`. It never means "no filter". */
export class UndefinedValueError extends UsageError {
  override readonly code = 'UNDEFINED_VALUE'
}

/** The database, or its version, does not support a feature. */
export class UnsupportedError extends UsageError {
  override readonly code = 'UNSUPPORTED'
  constructor(
    /** The feature that is missing. */
    readonly feature: string,
    /** The name of the dialect. */
    readonly dialect: string,
    advice = '',
  ) {
    super(`${feature} is not supported by ${dialect}.${advice && ` ${advice}`}`)
  }
}

/** The code read a field that is not loaded: it is `lazy`, or `select` or `omit` left it out. */
export class FieldNotLoadedError extends UsageError {
  override readonly code = 'FIELD_NOT_LOADED'
}

/** The code used a relation that is not loaded. Load it with `with` or `load`, or await it. */
export class RelationNotLoadedError extends UsageError {
  override readonly code = 'RELATION_NOT_LOADED'
}

/** The code ran similar queries in a loop, with `detectNPlusOne: 'throw'` configured. The message says how to fix it. */
export class NPlusOneError extends UsageError {
  override readonly code = 'N_PLUS_ONE'
  constructor(
    message: string,
    /** The model that the queries read, or null if unknown. */
    readonly model: string | null,
    /** The relation that the queries load, such as `Author.books`, or null if there is none. */
    readonly relation: string | null,
    /** The file and line of the call. */
    readonly at: string,
  ) {
    super(message)
  }
}

/** A call that needs a row found none. */
export class NotFoundError extends CormError {
  override readonly code = 'NOT_FOUND'
  constructor(
    /** The name of the model. */
    readonly model: string,
    /** The names of the fields in the condition, without values. */
    readonly criteria: string,
  ) {
    super(`No "${model}" found${criteria && ` by ${criteria}`}.`)
  }
}

/** A call that needs exactly one row found several. */
export class MultipleResultsError extends CormError {
  override readonly code = 'MULTIPLE_RESULTS'
  constructor(readonly model: string) {
    super(`More than one "${model}" matches where exactly one was expected. Narrow the conditions, or use first().`)
  }
}

export type TranslateIssue = (issue: Issue & { readonly model: string }) => string | undefined
// `translate` is set by Database.configure(), `given` are the issues of errors as they were before; what it throws hides nothing
export const issueWords = { translate: undefined as TranslateIssue | undefined, given: new WeakMap<object, unknown>() }
function wordsFor(model: string, issue: Issue): string {
  try {
    const words: unknown = issueWords.translate?.({ ...issue, model })
    return typeof words === 'string' && words !== '' ? words : issue.message
  } catch {
    return issue.message
  }
}

/** Values are not valid. `issues` lists all problems of the instance or the filter. */
export class ValidationError extends CormError {
  override readonly code = 'VALIDATION'
  /** All problems, one for each field or rule. */
  readonly issues: readonly Issue[]
  constructor(
    readonly model: string,
    given: readonly Issue[],
    /** The position of the refused row in the list that `createMany`, `insertMany`, `saveMany` … were given, from 0. Null without a list. */
    readonly index: number | null = null,
  ) {
    const issues = given.map((issue) => ({ ...issue, message: readable(wordsFor(model, issue), LONGEST_ISSUE) }))
    const problems = issues.map(({ path, message }) => `${readable(path, 100)} ${message}`.trimStart()).join('; ')
    const row = index === null ? '' : ` It is row ${index} of the list, counted from 0.`
    super(`"${model}" is not valid: ${problems}.${row}`)
    this.issues = issues
    if (issueWords.translate !== undefined) issueWords.given.set(this, given)
  }
}

/** The position of a stored value that corm could not read. */
export interface StoredPlace {
  readonly model: string
  readonly field: string
  /** The primary key of the row: one value, or an object if it is composite. Null if the query did not read it. */
  readonly key: unknown
}

/**
 * The database holds a value that does not fit the field. corm throws it instead of returning a different value. It concerns
 * only this field of this row: a query without the field can read the row, and you can save the row.
 */
export class StoredValueError extends CormError {
  override readonly code = 'STORED_VALUE'
  /** The name of the model, or null if unknown. */
  readonly model: string | null
  /** The name of the field, or null if unknown. */
  readonly field: string | null
  /** The primary key of the row, or null if the query did not read it. */
  readonly key: unknown
  /** The part of the remedy that corrects the value or the field, without how to read the other fields. */
  readonly correction: string
  constructor(
    /** What is wrong, without the value itself. */
    readonly problem: string,
    /** What to do about it. */
    readonly remedy: string,
    place: StoredPlace | null = null,
    options: ErrorOptions & { readonly correction?: string } = {},
  ) {
    super(`${subjectOf(place)} ${problem}. ${remedy}`, options)
    this.model = place?.model ?? null
    this.field = place?.field ?? null
    this.key = place?.key ?? null
    this.correction = options.correction ?? remedy
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

/** A row that a write did not find as it was loaded. */
export interface StaleRow {
  /** The primary key: one value, or an object if the key is composite. */
  readonly key: unknown
  /** Whether another write changed the row, or it is gone: deleted, or hidden by a locked global scope. */
  readonly reason: 'changed' | 'gone'
  /** The version that the write expected. Null if the model has no `Field.version()`. */
  readonly expected: number | null
  /** The version that the row has now. Null if the row is gone. */
  readonly current: number | null
}

/** The row of an instance was changed or deleted since it was loaded. Load it again, then decide what to write. */
export class StaleModelError extends CormError {
  override readonly code = 'STALE_MODEL'
  /** The facts of the first row in `stale`. */
  readonly key: unknown
  readonly reason: StaleRow['reason']
  readonly expected: number | null
  readonly current: number | null
  /** All stale rows of a batch. A write of one instance has one. */
  readonly stale: readonly StaleRow[]
  constructor(
    readonly model: string,
    stale: readonly [StaleRow, ...StaleRow[]],
  ) {
    super(staleMessage(model, stale))
    const [{ key, reason, expected, current }] = stale
    this.key = key
    this.reason = reason
    this.expected = expected
    this.current = current
    this.stale = stale
  }
}

function staleMessage(model: string, stale: readonly [StaleRow, ...StaleRow[]]): string {
  const [{ reason }, second] = stale
  if (second !== undefined)
    return `${stale.length} of these "${model}" were changed or deleted since they were loaded. Load them again, and repeat the changes.`
  return reason === 'gone'
    ? `This "${model}" is no longer in the database: it was deleted since it was loaded.`
    : `This "${model}" was changed by another write since it was loaded. Call refresh() and repeat the changes, or run the work with retryOnStale().`
}

/** A write is not allowed: it would put a row outside a locked global scope. */
export class PermissionError extends CormError {
  override readonly code = 'PERMISSION'
  constructor(
    /** The name of the model. */
    readonly model: string,
    /** The write that was refused. */
    readonly action: 'create' | 'update',
    message: string,
  ) {
    super(message)
  }
}

/** A transaction was used in a wrong way, or could not be committed. */
export class TransactionError extends CormError {
  override readonly code: string = 'TRANSACTION'
}

/** The connection broke during COMMIT. corm cannot know whether the database stored the transaction. */
export class OutcomeUnknownError extends TransactionError {
  override readonly code = 'OUTCOME_UNKNOWN'
}
