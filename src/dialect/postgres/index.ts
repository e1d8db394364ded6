import type { Dialect } from '../dialect.js'
import { IDENTIFIERS, postgresCompiler } from './compiler.js'
import { emptying } from './emptying.js'
import { mapPostgresError } from './errors.js'
import { postgresExplainer } from './explain.js'
import { raiseNumber } from './sequence.js'
import { postgresCodec } from './types.js'

interface PostgresOptions {
  readonly pipelining: boolean
  /** How pgvector is installed. */
  readonly vectorAdvice?: string
}

const PGVECTOR =
  'Install pgvector on the server (Debian and Ubuntu: apt install postgresql-17-pgvector, with the number of your version), and let a superuser run: create extension vector'

/** PostgreSQL 13 or newer, on a connection that can run statements side by side, or on PGlite's single one that can't. */
export function createPostgresDialect({ pipelining, vectorAdvice = PGVECTOR }: PostgresOptions): Dialect {
  return {
    name: 'postgres',
    compiler: postgresCompiler,
    codec: postgresCodec,
    mapError: (error) => mapPostgresError(error, vectorAdvice),
    explainer: postgresExplainer,
    listTables: 'select tablename::text from pg_catalog.pg_tables where schemaname = current_schema() order by 1',
    // a row that was there is locked by the update of it
    wasInserted: '(xmax = 0)::int',
    takeWriteLock: null,
    raiseNumber,
    emptying,
    beforeDrop: null,
    savepoint: {
      begin: (name) => `savepoint ${name}`,
      release: (name) => `release savepoint ${name}`,
      rollback: (name) => `rollback to savepoint ${name}`,
    },
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
      addForeignKey: true,
      partialIndexes: true,
      commentStatements: true,
      nullsLargest: true,
      transactionalDdl: true,
      lockTimeoutKeepsWork: false,
      insertsCounted: true,
      jsonRows: null,
      staleReads: false,
      pipelining,
      vectors: { extension: 'vector', indexes: true },
    },
  }
}

/** The dialect of a server. */
export const postgresDialect: Dialect = createPostgresDialect({ pipelining: true })
