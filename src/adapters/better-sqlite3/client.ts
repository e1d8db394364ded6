import { sqliteAggregates, sqliteFunctions, sqliteIntegerFunctions } from '../../dialect/sqlite/functions.js'
import type { DriverRow } from '../../driver/driver.js'
import { ConfigurationError } from '../../errors.js'
import { own } from '../../util/own.js'

/** The part of better-sqlite3 (12 and 13) that corm uses. */
export interface SqliteStatement {
  readonly reader: boolean
  raw(on: boolean): this
  safeIntegers(on: boolean): this
  columns(): { name: string }[]
  all(...parameters: unknown[]): DriverRow[]
  get(...parameters: unknown[]): DriverRow | undefined
  run(...parameters: unknown[]): { changes: number; lastInsertRowid: number | bigint }
}
export interface SqliteDatabase {
  readonly open: boolean
  readonly inTransaction: boolean
  prepare(sql: string): SqliteStatement
  exec(sql: string): void
  pragma(text: string, options: { simple: boolean }): unknown
  function(name: string, options: object, fn: (...args: never[]) => unknown): void
  aggregate(name: string, options: object): void
  defaultSafeIntegers(on: boolean): void
  unsafeMode(on: boolean): void
  close(): void
}
/** The part of sqlite-vec that corm uses. */
export interface SqliteExtension {
  load(database: SqliteDatabase): void
}
export type SqliteConstructor = new (file: string, options: object) => SqliteDatabase

/** The settings that corm's statements rely on. */
const SETTINGS: readonly (readonly [name: string, value: number])[] = [
  ['foreign_keys', 1],
  ['query_only', 0],
  ['ignore_check_constraints', 0],
  // REPLACE of raw SQL fires the triggers for the rows that it removes, which full-text indexes need
  ['recursive_triggers', 1],
  ['writable_schema', 0],
  ['read_uncommitted', 0],
  // SQLite's own waiting blocks the whole process, so corm waits itself
  ['busy_timeout', 0],
]

// the driver also finds options on Object.prototype
const AS_ROWS = own({ simple: false })
const AS_VALUE = own({ simple: true })

export const setPragma = (database: SqliteDatabase, text: string): void => {
  database.pragma(text, AS_ROWS)
}

const readPragma = (database: SqliteDatabase, name: string): unknown => database.pragma(name, AS_VALUE)

export function setUp(database: SqliteDatabase, file: string): void {
  if (file !== ':memory:') {
    setPragma(database, 'journal_mode = wal')
    setPragma(database, 'synchronous = full')
  }
  setPragma(database, 'foreign_keys = on')
  if (readPragma(database, 'foreign_keys') !== 1)
    throw new ConfigurationError(
      'This build of SQLite does not enforce foreign keys, which corm relies on. Use the SQLite that better-sqlite3 brings.',
    )
  setPragma(database, 'recursive_triggers = on')
  setPragma(database, 'busy_timeout = 0')
  for (const [name, fn] of Object.entries(sqliteFunctions)) database.function(name, own({ deterministic: true }), fn)
  for (const [name, fn] of Object.entries(sqliteIntegerFunctions))
    database.function(name, own({ deterministic: true, safeIntegers: true }), fn)
  for (const [name, aggregate] of Object.entries(sqliteAggregates))
    database.aggregate(name, own({ deterministic: true, ...aggregate }))
}

/** Reads the settings of a session in one statement, and restores those that raw SQL has changed. */
export class SessionSettings {
  readonly #database: SqliteDatabase
  readonly #inFile: boolean
  #read: SqliteStatement | null = null

  constructor(database: SqliteDatabase, file: string) {
    this.#database = database
    this.#inFile = file !== ':memory:'
  }

  restore(): void {
    const database = this.#database
    this.#read ??= database
      .prepare(`select ${SETTINGS.map(([name]) => `(select * from pragma_${name})`).join(', ')}`)
      .raw(true)
    const values = this.#read.safeIntegers(false).get() ?? []
    SETTINGS.forEach(([name, wanted], i) => {
      if (values[i] !== wanted) setPragma(database, `${name} = ${wanted}`)
    })
    // 2 is FULL, 3 is EXTRA
    if (this.#inFile && Number(readPragma(database, 'synchronous')) < 2) setPragma(database, 'synchronous = full')
  }

  /** Called after the user had the driver's own object. Settings that can't be read are set again. */
  restoreAll(): void {
    const database = this.#database
    database.defaultSafeIntegers(false)
    database.unsafeMode(false)
    setPragma(database, 'case_sensitive_like = off')
    this.restore()
  }
}
