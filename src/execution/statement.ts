import type { Cancellation } from '../driver/cancellation.js'
import type { DeclaredUse, Intent, Statement } from '../driver/driver.js'
import type { DatabaseError } from '../errors.js'
import type { UserRead } from './n-plus-one.js'

/** Adds the names of fields to an error of the database. */
export type Explain = (error: DatabaseError) => void

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
  readonly uses: readonly DeclaredUse[] | undefined
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
  uses: undefined,
  explain: undefined,
})

/** For SQL that is made at run time and sent once, so preparing it would not pay. */
const ONCE: Readonly<Omit<StatementTemplate, 'sql' | 'intent'>> = Object.freeze({ ...TEMPLATE, prepare: false })

/** A statement with the names for its errors. It is a class because a constructor takes a fifth of the time of a spread. */
export class NamedStatement implements Statement {
  /** Exists as a type only: an object that has the same members is no statement, so all are made in this file. */
  declare protected readonly made: true
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly intent: Intent
  readonly inserts: boolean | undefined
  readonly prepare: boolean
  readonly rows: boolean
  readonly hasRawSql: boolean
  readonly namesColumns: boolean
  readonly uses: readonly DeclaredUse[] | undefined
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
    this.uses = template.uses
    this.explain = template.explain
    this.single = template.single
  }
}

/** A statement of a plan, with its values. Its intent is that of the tree it was compiled from. */
export const boundStatement = (template: StatementTemplate, parameters: readonly unknown[]) =>
  new NamedStatement(template, parameters)

/** What holds for one run of a statement. */
type StatementOptions = Pick<NamedStatement, 'cancellation' | 'asksOnly' | 'unheard' | 'userRead'>

/** The same statement with options for this run. */
export const statementWith = (statement: NamedStatement, options: Partial<StatementOptions>) =>
  ({ ...statement, ...options }) as NamedStatement

/** Asks for the plan of a statement. */
export const explainStatement = (statement: NamedStatement, prefix: string) =>
  ({ ...statement, sql: prefix + statement.sql, prepare: false, namesColumns: true }) as NamedStatement

// What follows is SQL of a dialect that no tree stands for. Each says what it is for by its function.

const once = (sql: string, intent: Intent, rows = false) => new NamedStatement({ ...ONCE, sql, intent, rows }, [])

/** Begins or ends a transaction or a part of it, or says how it goes on. It is never sent again. */
export function controlStatement(sql: string): NamedStatement {
  let template = controls.get(sql)
  if (template === undefined) {
    template = { ...ONCE, sql, intent: 'write' }
    // savepoints have numbers: the first ones are those that come again
    if (controls.size < MOST_CONTROLS) controls.set(sql, template)
  }
  return new NamedStatement(template, NO_VALUES)
}

/** By this list they are known: a member of their own would make every statement larger. */
const NO_VALUES: readonly unknown[] = Object.freeze([])

export const isControlStatement = ({ parameters }: NamedStatement): boolean => parameters === NO_VALUES

const MOST_CONTROLS = 50
const controls = new Map<string, StatementTemplate>()

/** Changes the schema, or the numbers that it gives out. */
export const schemaStatement = (sql: string) => once(sql, 'schema')

/** Changes a setting of the session: pools set it back, as after SQL of the user. */
export const settingStatement = (sql: string) =>
  new NamedStatement({ ...ONCE, sql, intent: 'schema', hasRawSql: true }, [])

/** Changes rows. */
export const writeStatement = (sql: string) => once(sql, 'write')

/** Takes a lock that lasts until its transaction ends. */
export const lockStatement = (sql: string) => once(sql, 'lock')

/** Takes or gives back a lock by name; its row says whether it did. */
export const namedLock = (sql: string) => once(sql, 'lock', true)

/** SQL of the user that has no values. It may do anything. */
export const userStatement = (sql: string, rows: boolean) =>
  new NamedStatement({ ...ONCE, sql, intent: 'write', rows, hasRawSql: true }, [])

/** A read that corm makes for itself. */
export const question = (sql: string, ...parameters: unknown[]) =>
  new NamedStatement({ ...TEMPLATE, sql, intent: 'read', rows: true }, parameters)

/** The same of SQL that is made at run time. */
export const questionOnce = (sql: string) => once(sql, 'read', true)
