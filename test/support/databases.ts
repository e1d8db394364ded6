import { Database, sql } from 'corm'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'
import './bytes.js'
import { leavesLongOut, longOnPglite } from './long-files.js'
import './pglite.js'

export type DatabaseKind = 'sqlite' | 'pglite' | 'postgres' | 'mysql'

/** A model whose rows can all be deleted, soft-deleted ones too. */
interface Emptied {
  withoutGlobalScopes(): { all(): { forceDelete(options: { hooks: boolean }): Promise<number> } }
}

type Table = Parameters<Database['createTables']>[0][number]

/** What a suite needs to know about its database. Read the members only inside tests and hooks. */
export interface TestDatabase {
  readonly kind: DatabaseKind
  /** The default database, connected. */
  readonly db: Database
  /** The capability flags of the dialect. */
  readonly capabilities: Database['dialect']['capabilities']
  /** Facts for which the product has no flag. Reading them needs no connection. */
  readonly facts: Facts
  /** The URL of the database. In memory, each connection to it is a separate database. */
  readonly url: string
  /** Creates the tables once, and empties them before each test of the block. */
  useTables(tables: readonly Table[]): void
}

export interface Facts {
  /** Texts may contain U+0000. */
  readonly storesNul: boolean
  /** The error of a violated foreign key contains its name. */
  readonly namesForeignKeys: boolean
  /** Floats keep the sign of zero. */
  readonly storesNegativeZero: boolean
  /** Date-times in the years 1 to 99 can be stored. */
  readonly storesFirstYears: boolean
  /** Comments of tables may contain characters beyond U+FFFF. */
  readonly commentsWithEmoji: boolean
  /** Full-text search finds the forms of an English word together. */
  readonly knowsEnglish: boolean
  /** Statements can run concurrently on several connections. */
  readonly concurrent: boolean
  /** How deep JSON may be nested. */
  readonly jsonLevels: number
  /** Statements take microseconds, so a test can run thousands of them. */
  readonly quick: boolean
  /** Connecting takes no time, so a test may do it repeatedly. */
  readonly startsAtOnce: boolean
}

const FACTS: Readonly<Record<DatabaseKind, Facts>> = {
  sqlite: {
    storesNul: true,
    namesForeignKeys: false,
    storesNegativeZero: false,
    storesFirstYears: true,
    commentsWithEmoji: true,
    knowsEnglish: true,
    concurrent: false,
    jsonLevels: 500,
    quick: true,
    startsAtOnce: true,
  },
  pglite: {
    storesNul: false,
    namesForeignKeys: true,
    storesNegativeZero: true,
    storesFirstYears: true,
    commentsWithEmoji: true,
    knowsEnglish: true,
    concurrent: false,
    jsonLevels: 500,
    quick: false,
    startsAtOnce: false,
  },
  postgres: {
    storesNul: false,
    namesForeignKeys: true,
    storesNegativeZero: true,
    storesFirstYears: true,
    commentsWithEmoji: true,
    knowsEnglish: true,
    concurrent: true,
    jsonLevels: 500,
    quick: false,
    startsAtOnce: true,
  },
  mysql: {
    storesNul: true,
    namesForeignKeys: true,
    storesNegativeZero: false,
    storesFirstYears: false,
    commentsWithEmoji: false,
    knowsEnglish: false,
    concurrent: true,
    jsonLevels: 31,
    quick: false,
    startsAtOnce: true,
  },
}

const ALL = Object.keys(FACTS) as DatabaseKind[]

/** The databases that this run tests. */
export const databaseKinds: readonly DatabaseKind[] = chosen(process.env.CORM_TEST_DATABASES || 'sqlite,pglite')

/** Those that it tests with the file that is being collected. */
export function kindsOfFile(): readonly DatabaseKind[] {
  const path = expect.getState().testPath ?? ''
  const isLong = leavesLongOut && longOnPglite.some((name) => path.endsWith(`/test/${name}.test.ts`))
  return isLong ? databaseKinds.filter((kind) => kind !== 'pglite') : databaseKinds
}

function chosen(list: string): DatabaseKind[] {
  const names = list.split(',').map((name) => name.trim()) as DatabaseKind[]
  const unknown = names.find((name) => !ALL.includes(name))
  if (unknown !== undefined) throw new Error(`CORM_TEST_DATABASES has "${unknown}". Choose from: ${ALL.join(', ')}.`)
  return names
}

const SERVERS = {
  postgres: () => process.env.CORM_TEST_POSTGRES_URL || 'postgres://postgres@127.0.0.1:5432/postgres',
  mysql: () => process.env.CORM_TEST_MYSQL_URL || 'mysql://root@127.0.0.1:3306/',
}

/** A URL under which new databases can be created; on servers, the database need not exist. */
export function urlForNew(kind: DatabaseKind, name: string): string {
  if (kind === 'sqlite' || kind === 'pglite') return `${kind}::memory:`
  const url = new URL(SERVERS[kind]())
  url.pathname = `/${name}`
  return url.href
}

let made = 0

/** A new database for one suite, and a function that removes it. */
export async function freshDatabase(kind: DatabaseKind): Promise<{ url: string; drop(): Promise<void> }> {
  if (kind === 'sqlite' || kind === 'pglite') return { url: `${kind}::memory:`, drop: async () => {} }
  // also a test that a machine without servers would fail on shows it on any other
  if (!databaseKinds.includes(kind)) throw new Error(`The tests run without ${kind}: ask databaseKinds first.`)
  made += 1
  const name = `corm_test_${process.pid}_${made}`
  const server = SERVERS[kind]()
  const administer = async (statement: 'create' | 'drop') => {
    await using admin = await Database.connect({ name: `admin of ${name}`, url: server })
    const options = statement === 'drop' && kind === 'postgres' ? sql.raw(' with (force)') : sql.raw('')
    await admin.execute(sql`drop database if exists ${sql.id(name)}${options}`)
    if (statement === 'create') await admin.execute(sql`create database ${sql.id(name)}`)
  }
  await administer('create')
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => administer('drop') }
}

/**
 * Runs a block once per database, with a fresh one connected as the default. One call per file.
 *
 *     describeDatabases('saving', (database) => {
 *       database.useTables(models)
 *       it('inserts a row', async () => { … })
 *     })
 */
export function describeDatabases(
  title: string,
  block: (database: TestDatabase) => void,
  kinds: readonly DatabaseKind[] = kindsOfFile(),
): void {
  for (const kind of kinds)
    describe(`${title} on ${kind}`, () => {
      let db: Database | undefined
      let fresh: Awaited<ReturnType<typeof freshDatabase>> | undefined
      beforeAll(async () => {
        fresh = await freshDatabase(kind)
        db = await Database.connect({ url: fresh.url })
      })
      afterAll(async () => {
        await db?.close()
        await fresh?.drop()
      })
      const connected = () => {
        if (db === undefined)
          throw new Error('The database is connected before the tests, not while they are collected.')
        return db
      }
      block({
        kind,
        facts: FACTS[kind],
        get db() {
          return connected()
        },
        get capabilities() {
          return connected().dialect.capabilities
        },
        get url() {
          connected()
          return fresh?.url ?? ''
        },
        useTables: (tables) => useTables(connected, tables),
      })
    })
}

function useTables(db: () => Database, tables: readonly Table[]): void {
  beforeAll(() => db().createTables(tables))
  afterAll(() => db().dropTables(tables))
  // not truncate, which is slower for a few rows and refused if foreign keys reference the table
  beforeEach(() =>
    db().transaction(async () => {
      for (const table of [...tables].reverse())
        await (table as unknown as Emptied).withoutGlobalScopes().all().forceDelete({ hooks: false })
    }),
  )
}
