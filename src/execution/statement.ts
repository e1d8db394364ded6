import type { Cancellation } from '../driver/cancellation.js'
import type { DeclaredTable, Intent, Statement } from '../driver/driver.js'
import type { DatabaseError } from '../errors.js'
import type { UserRead } from './n-plus-one.js'

/** Adds the names of fields to an error of the database. */
export interface Explain {
  (error: DatabaseError): void
  readonly table: DeclaredTable | undefined
}

/** What all executions of one plan share. */
export interface StatementTemplate {
  readonly sql: string
  readonly intent: Intent
  readonly inserts: boolean | undefined
  readonly prepare: boolean
  readonly rows: boolean
  readonly single: boolean | undefined
  readonly hasRawSql: boolean
  readonly namesColumns: boolean
  readonly explain: Explain | undefined
}

/**
 * Templates are made as `{ ...TEMPLATE, sql, intent, … }`. All members are own properties, so that reading one never looks at
 * Object.prototype.
 */
export const TEMPLATE: Readonly<Omit<StatementTemplate, 'sql' | 'intent'>> = Object.freeze({
  inserts: undefined,
  prepare: true,
  rows: false,
  single: undefined,
  hasRawSql: false,
  namesColumns: false,
  explain: undefined,
})

/** For SQL that is made at run time and sent once, so preparing it would not pay. */
export const ONCE: Readonly<Omit<StatementTemplate, 'sql' | 'intent'>> = Object.freeze({ ...TEMPLATE, prepare: false })

/** A statement with the names for its errors. It is a class because a constructor takes a fifth of the time of a spread. */
export class NamedStatement implements Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly intent: Intent
  readonly inserts: boolean | undefined
  readonly prepare: boolean
  readonly rows: boolean
  readonly hasRawSql: boolean
  readonly namesColumns: boolean
  readonly explain: Explain | undefined
  readonly single: boolean | undefined
  readonly cancellation: Cancellation | undefined = undefined
  /** It requests a lock without waiting, so a refusal leaves nothing half done. */
  readonly asksOnly: boolean | undefined = undefined
  /** A query that corm runs for its own use: listeners are not called for it. */
  readonly unheard: boolean | undefined = undefined
  /** The user's call, while N+1 detection is on. A statement without one is not counted. */
  readonly userRead: UserRead | undefined = undefined

  constructor(template: StatementTemplate, parameters: readonly unknown[]) {
    this.sql = template.sql
    this.parameters = parameters
    this.intent = template.intent
    this.inserts = template.inserts
    this.prepare = template.prepare
    this.rows = template.rows
    this.hasRawSql = template.hasRawSql
    this.namesColumns = template.namesColumns
    this.explain = template.explain
    this.single = template.single
  }
}

/** A statement without parameters that is sent once. */
export const plain = (sql: string, intent: Intent) => new NamedStatement({ ...ONCE, sql, intent }, [])

/** A read that corm makes for itself. */
export const question = (sql: string, ...parameters: unknown[]) =>
  new NamedStatement({ ...TEMPLATE, sql, intent: 'read', rows: true }, parameters)
