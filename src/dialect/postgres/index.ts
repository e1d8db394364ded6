import type { Dialect } from '../dialect.js'
import { catalog } from './catalog/index.js'
import { IDENTIFIERS, postgresCompiler } from './compiler.js'
import { conversions } from './conversions.js'
import { databases } from './databases.js'
import { emptying } from './emptying.js'
import { mapPostgresError } from './errors.js'
import { postgresExplainer } from './explain.js'
import { fullText } from './full-text.js'
import { locks } from './locks.js'
import { migration } from './migration.js'
import { raiseNumber } from './sequence.js'
import { tableSizes } from './sizes.js'
import { postgresCodec } from './types.js'

interface PostgresOptions {
  readonly pipelining: boolean
  /** How to install pgvector, for messages. */
  readonly vectorAdvice?: string
}

const PGVECTOR =
  'Install pgvector on the server (Debian and Ubuntu: apt install postgresql-17-pgvector, with the number of your version), and let a superuser run: create extension vector'

const savepoint: Dialect['savepoint'] = {
  begin: (name) => `savepoint ${name}`,
  release: (name) => `release savepoint ${name}`,
  rollback: (name) => `rollback to savepoint ${name}`,
}

const deferral: Dialect['deferral'] = {
  begin: 'set constraints all deferred',
  end: () => ['set constraints all immediate'],
}

/** PostgreSQL 13 or newer: on a server, whose connections can pipeline statements, or on PGlite, which can't. */
export function createPostgresDialect({ pipelining, vectorAdvice = PGVECTOR }: PostgresOptions): Dialect {
  return {
    name: 'postgres',
    compiler: postgresCompiler,
    codec: postgresCodec,
    mapError: (error) => mapPostgresError(error, vectorAdvice),
    explainer: postgresExplainer,
    listTables: 'select tablename::text from pg_catalog.pg_tables where schemaname = current_schema() order by 1',
    // the upsert locks an existing row, which sets xmax; a new row has 0
    catalog,
    wasInserted: '(xmax = 0)::int',
    takeWriteLock: null,
    raiseNumber,
    emptying,
    textByBytes: ' collate "C"',
    snapshot: 'repeatable read',
    deferral,
    databases,
    migration,
    conversions,
    beforeDrop: null,
    tableSizes,
    locks,
    rebuilding: null,
    savepoint,
    capabilities: {
      returning: true,
      updateReturning: true,
      deleteReturning: true,
      insertId: false,
      insertIdStep: undefined,
      bulkInsert: 'lists',
      updatesRows: () => true,
      listParameter: true,
      keyRange: 0,
      maxParameters: 65_535,
      maxAlternatives: 100,
      identifiers: IDENTIFIERS,
      alters: 'everything',
      addForeignKey: true,
      keysNeedIndexes: false,
      deferrableKeys: true,
      partialIndexes: true,
      commentStatements: true,
      nullsLargest: true,
      transactionalDdl: true,
      concurrentIndexes: true,
      mirrorParts: ['function', 'write'],
      validatesLater: true,
      lockTimeoutKeepsWork: false,
      // a savepoint takes it back, and the next attempt to commit decides
      serializationEnds: false,
      failureEndsTransaction: true,
      insertsCounted: true,
      jsonRows: null,
      staleReads: false,
      pipelining,
      fullText,
      vectors: { extension: 'vector', indexes: true },
    },
  }
}

/** The dialect of a PostgreSQL server. */
export const postgresDialect: Dialect = createPostgresDialect({ pipelining: true })
