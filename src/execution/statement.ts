import type { Cancellation } from '../driver/cancellation.js'
import type { DeclaredTable, Intent, Statement } from '../driver/driver.js'
import type { DatabaseError } from '../errors.js'
import type { UserRead } from './n-plus-one.js'

/** Adds field names to an error of the database. */
export interface Explain {
  (error: DatabaseError): void
  readonly table: DeclaredTable | undefined
}

/** What all statements of one plan have in common. */
export interface StatementForm {
  readonly sql: string
  readonly intent: Intent
  readonly inserts: boolean | undefined
  readonly prepare: boolean
  readonly rows: boolean
  readonly single: boolean | undefined
  readonly names: boolean | undefined
  /** Adds field names to an error of the statement. */
  readonly explain: Explain | undefined
}

/** Forms are made as `{ ...FORM, sql, intent, … }`: each has all members, so that none is read from Object.prototype. */
export const FORM: Readonly<Omit<StatementForm, 'sql' | 'intent'>> = Object.freeze({
  inserts: undefined,
  prepare: true,
  rows: false,
  single: undefined,
  names: undefined,
  explain: undefined,
})

/** Text made at run time, which is sent once. */
export const ONCE: Readonly<Omit<StatementForm, 'sql' | 'intent'>> = Object.freeze({ ...FORM, prepare: false })

/** A statement with the names for its errors. A constructor makes one in a fifth of the time that a spread takes. */
export class NamedStatement implements Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly intent: Intent
  readonly inserts: boolean | undefined
  readonly prepare: boolean
  readonly rows: boolean
  readonly names: boolean | undefined
  readonly explain: Explain | undefined
  readonly single: boolean | undefined
  readonly cancellation: Cancellation | undefined = undefined
  /** It asks for a lock without waiting: that it is refused leaves nothing half done. */
  readonly asksOnly: boolean | undefined = undefined
  /** A question of corm's about a statement: listeners are not called. */
  readonly unheard: boolean | undefined = undefined
  /** The user's call, while N+1 queries are looked for. A statement without is not counted. */
  readonly userRead: UserRead | undefined = undefined

  constructor(form: StatementForm, parameters: readonly unknown[]) {
    this.sql = form.sql
    this.parameters = parameters
    this.intent = form.intent
    this.inserts = form.inserts
    this.prepare = form.prepare
    this.rows = form.rows
    this.names = form.names
    this.explain = form.explain
    this.single = form.single
  }
}

/** A text without values, which is sent once. */
export const plain = (sql: string, intent: Intent) => new NamedStatement({ ...ONCE, sql, intent }, [])

/** Asks the database something of itself. */
export const question = (sql: string, ...parameters: unknown[]) =>
  new NamedStatement({ ...FORM, sql, intent: 'read', rows: true }, parameters)
