import type { Dialect } from '../dialect.js'
import { catalog } from './catalog/index.js'
import { codecFor, createMysqlCompiler } from './compiler.js'
import { conversions } from './conversions.js'
import { databases } from './databases.js'
import { emptyingOf } from './emptying.js'
import { mapMysqlError } from './errors.js'
import { mysqlExplainer } from './explain.js'
import { fullText } from './full-text.js'
import { locks } from './locks.js'
import { migrationSupport } from './migration.js'
import { atLeast, hasJsonTable, type MysqlServer } from './server.js'
import { hiddenIndexOf } from './shown.js'
import { tableSizes } from './sizes.js'
import { IDENTIFIERS } from './syntax.js'
import { carriesExactly } from './update-rows.js'
import { hasVectors } from './vectors.js'

export type { MysqlServer } from './server.js'

const savepoint: Dialect['savepoint'] = {
  begin: (name) => `savepoint ${name}`,
  release: (name) => `release savepoint ${name}`,
  rollback: (name) => `rollback to savepoint ${name}`,
}

const LIST_TABLES =
  'select table_name from information_schema.tables ' +
  "where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')"

/** MySQL 8.0.17 or newer, MariaDB 10.4 or newer. */
export function createMysqlDialect(server: MysqlServer): Dialect {
  const returning = server.mariadb && atLeast(server, 10, 5, 0)
  return {
    name: 'mysql',
    compiler: createMysqlCompiler(server, returning),
    codec: codecFor(server),
    mapError: (error, sql) => mapMysqlError(error, server.mariadb, sql),
    explainer: mysqlExplainer(server),
    listTables: LIST_TABLES,
    catalog,
    wasInserted: null,
    takeWriteLock: null,
    raiseNumber: null,
    emptying: emptyingOf(server),
    textByBytes: null,
    snapshot: 'repeatable read',
    deferral: null,
    databases,
    migration: migrationSupport(server),
    conversions,
    beforeDrop: null,
    tableSizes,
    locks,
    rebuilding: null,
    savepoint,
    capabilities: capabilitiesOf(server, returning),
  }
}

function capabilitiesOf(server: MysqlServer, returning: boolean): Dialect['capabilities'] {
  return {
    returning,
    updateReturning: false,
    deleteReturning: server.mariadb,
    insertId: true,
    insertIdStep: server.autoIncrementStep ?? 1,
    bulkInsert: 'rows',
    updatesRows: hasJsonTable(server) ? carriesExactly : () => false,
    listParameter: false,
    // from this size on, the server turns the list into a temporary table
    keyRange: 999,
    maxParameters: 65_535,
    maxAlternatives: 1000,
    identifiers: IDENTIFIERS,
    alters: 'everything',
    addForeignKey: true,
    keysNeedIndexes: true,
    deferrableKeys: false,
    partialIndexes: false,
    hiddenIndex: server.mariadb ? hiddenIndexOf : undefined,
    commentStatements: false,
    nullsLargest: false,
    transactionalDdl: false,
    concurrentIndexes: false,
    mirrorParts: ['insert', 'update'],
    validatesLater: false,
    lockTimeoutKeepsWork: true,
    serializationEnds: true,
    failureEndsTransaction: false,
    insertsCounted: false,
    jsonRows: null,
    staleReads: true,
    pipelining: false,
    fullText,
    vectors: hasVectors(server) ? { extension: null, indexes: false } : null,
  }
}
