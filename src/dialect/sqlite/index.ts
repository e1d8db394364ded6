import type { Dialect } from '../dialect.js'
import { catalog } from './catalog/index.js'
import { sqliteCompiler, sqliteVecCompiler } from './compiler.js'
import { conversions } from './conversions.js'
import { emptying } from './emptying.js'
import { mapSqliteError } from './errors.js'
import { areFoundByIndex, sqliteExplainer } from './explain.js'
import { fullText } from './full-text.js'
import { carriesAsJson } from './json.js'
import { takeWriteLock } from './lock.js'
import { locks } from './locks.js'
import { migration } from './migration.js'
import { rebuilding } from './rebuild.js'
import { tableSizes } from './sizes.js'
import { sqliteCodec } from './types.js'

/** SQLite 3.39 or newer, through STRICT tables. */
export const sqliteDialect: Dialect = {
  name: 'sqlite',
  compiler: sqliteCompiler,
  codec: sqliteCodec,
  mapError: mapSqliteError,
  explainer: sqliteExplainer,
  listTables: "select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\'",
  catalog,
  wasInserted: null,
  takeWriteLock: (table) => takeWriteLock(sqliteCompiler.syntax.quote(table)),
  raiseNumber: null,
  emptying,
  textByBytes: null,
  snapshot: 'serializable',
  deferral: {
    begin: 'pragma defer_foreign_keys = on',
    end: (tables) => [
      ...tables.map((name) => `pragma foreign_key_check(${sqliteCompiler.syntax.quote(name)})`),
      'pragma defer_foreign_keys = off',
    ],
  },
  databases: null,
  migration,
  beforeDrop: 'pragma defer_foreign_keys = on',
  tableSizes,
  locks,
  conversions,
  rebuilding,
  savepoint: {
    begin: (name) => `savepoint ${name}`,
    release: (name) => `release ${name}`,
    rollback: (name) => `rollback to ${name}`,
  },
  capabilities: {
    returning: true,
    updateReturning: true,
    deleteReturning: true,
    insertId: true,
    insertIdStep: undefined,
    bulkInsert: 'repeat',
    // running one statement per row is faster
    updatesRows: () => false,
    listParameter: true,
    keyRange: 0,
    maxParameters: 32_766,
    maxAlternatives: 500,
    identifiers: null,
    alters: 'conditions',
    addForeignKey: false,
    keysNeedIndexes: false,
    deferrableKeys: true,
    partialIndexes: true,
    commentStatements: false,
    nullsLargest: false,
    transactionalDdl: true,
    concurrentIndexes: false,
    mirrorParts: ['insert', 'update'],
    validatesLater: false,
    lockTimeoutKeepsWork: false,
    serializationEnds: false,
    failureEndsTransaction: false,
    insertsCounted: true,
    // older builds allow 127 arguments of a function
    jsonRows: { maxValues: 100, carries: carriesAsJson, areFound: areFoundByIndex },
    staleReads: false,
    pipelining: false,
    fullText,
    vectors: { extension: null, indexes: false },
  },
}

const vectors: Dialect = { ...sqliteDialect, compiler: sqliteVecCompiler }

/** Before 3.53, ALTER TABLE can't change NOT NULL and CHECK. */
const older = (dialect: Dialect): Dialect => ({
  ...dialect,
  capabilities: { ...dialect.capabilities, alters: 'columns' },
})

const OLDER = { plain: older(sqliteDialect), vectors: older(vectors) } as const
const NEWER = { plain: sqliteDialect, vectors } as const

/** The dialect of a library of this version, `3.53.2`. `hasVectors` says that the extension sqlite-vec is loaded. */
export function sqliteDialectOf(version: string, hasVectors: boolean): Dialect {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const dialects = major > 3 || minor >= 53 ? NEWER : OLDER
  return hasVectors ? dialects.vectors : dialects.plain
}
