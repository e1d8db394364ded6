import { Database, sql } from 'corm'
import { expect, it } from 'vitest'
import { EMPTY } from '../../src/ast/schema.js'
import { adopt, type DriftOptions, describeDifference, driftOf } from '../../src/migration/drift.js'
import { printMigration } from '../../src/migration/printer.js'
import { replay } from '../../src/migration/replay.js'
import { describeDatabases, freshDatabase } from '../support/databases.js'
import { exportOf } from '../support/migrations.js'

// A database that others made becomes a migration: its text is read back, it makes the same tables in an empty database, and both
// databases are what it says.

const OPTIONS: DriftOptions = { ignore: [], own: ['corm_migrations'] }
const ID = '20260101T000000_adopted'

interface RoundTrip {
  /** What no migration says. */
  readonly left: readonly string[]
  readonly text: string
  /** How the first database, and the one that was made from the migration, differ from it. */
  readonly differences: readonly (readonly string[])[]
}

let connected = 0

describeDatabases('an adopted database', (database) => {
  async function fresh<T>(work: (db: Database, name: string) => Promise<T>): Promise<T> {
    const { url, drop } = await freshDatabase(database.kind)
    try {
      connected += 1
      await using db = await Database.connect({ name: `adopted${connected}`, url })
      return await work(db, url.replace(/^.*\//, ''))
    } finally {
      await drop()
    }
  }

  async function roundTrip(
    given: readonly string[] | ((name: string) => readonly string[]),
    check: (db: Database) => Promise<void> = async () => {},
  ): Promise<RoundTrip> {
    return fresh(async (db, name) => {
      const statements = typeof given === 'function' ? given(name) : given
      for (const statement of statements) await db.execute(sql.raw(statement))
      const { operations, left } = await adopt(db, EMPTY, await driftOf(db, EMPTY, OPTIONS), OPTIONS)
      const text = printMigration({ parents: [], operations, comments: new Map(), squashes: [], after: null })
      const file = exportOf(text)
      const { state } = replay([{ id: ID, file }])
      const lines = async (of: Database) => (await driftOf(of, state, OPTIONS)).differences.map(describeDifference)
      const before = await lines(db)
      const after = await fresh(async (empty) => {
        await empty.migrate({ migrations: { [ID]: file } })
        await check(empty)
        return lines(empty)
      })
      return { left: left.map(describeDifference), text, differences: [before, after] }
    })
  }

  const SAME = [[], []]
  const quoted = (name: string) => (database.kind === 'mysql' ? `\`${name}\`` : `"${name}"`)

  it('keeps tables without a primary key', async () => {
    const { left, differences, text } = await roundTrip([
      'create table measured (at varchar(20), value integer not null)',
      'create table keyed (code varchar(20) not null, value integer)',
      'create unique index keyed_code on keyed (code)',
      'create index measured_value on measured (value)',
    ])
    expect(left).toEqual([])
    expect(differences).toEqual(SAME)
    expect(text).not.toContain('primaryKey: [')
  })

  it('keeps tables whose numbers are no primary key', async ({ skip }) => {
    if (database.kind === 'sqlite') skip()
    const isMysql = database.kind === 'mysql'
    const { left, differences } = await roundTrip([
      isMysql
        ? 'create table numbered (id integer not null auto_increment, name varchar(20), unique key by_number (id))'
        : 'create table numbered (id serial, name varchar(20))',
      isMysql
        ? 'create table two (id integer not null auto_increment, a integer not null, primary key (a, id), key by_id (id))'
        : 'create table two (id integer generated always as identity, b bigserial, a integer not null, primary key (a, id))',
    ])
    expect(left).toEqual([])
    expect(differences).toEqual(SAME)
  })

  it('keeps views without the name of the database', async () => {
    const { left, differences, text } = await roundTrip(
      [
        'create table books (id integer not null primary key, title varchar(20) not null)',
        `insert into books values (1, 'a')`,
        `create view titles as select b.title, 'books.id' as ${quoted('x.y')}, (select count(*) from books) as n from books b`,
        'create view more as with c as (select id from books) select c.id, t.n from c join titles t on t.n = c.id',
      ],
      async (db) => {
        await db.execute(sql.raw(`insert into books values (1, 'a')`))
        expect(await db.select(sql.raw('select id from more'))).toEqual([{ id: 1 }])
      },
    )
    expect(left).toEqual([])
    expect(differences).toEqual(SAME)
    expect(text).not.toContain('corm_test_')
  })

  it('keeps what has the name of the database, and is not the database', async ({ skip }) => {
    if (database.kind !== 'mysql') skip()
    const other = `corm_other_${process.pid}`
    const { left, differences, text } = await fresh(async (db) => {
      try {
        await db.execute(sql.raw(`create database ${other}`))
        await db.execute(sql.raw(`create table ${other}.o (id integer primary key)`))
        return await roundTrip((name) => [
          'create table books (id integer not null primary key, title varchar(20) not null)',
          'create table orders (o integer, constraint far foreign key (o) references OTHER.o (id))'.replace(
            'OTHER',
            other,
          ),
          'create table waiting (id integer not null primary key)',
          `create view v1 as select DB.id, DB.title as DB, '\`DB\`.books', \`DB\`.title as DB2 from DB.books as DB`.replaceAll(
            'DB',
            name,
          ),
          `create view v2 as select extract(year from DB.at) as y, trim(both 'x' from DB.a) as t
           from (select now() as at, 'a' as a) DB, DB.books, OTHER.o
           where DB.a in (select books.title from books) and exists (select 1 from DB.waiting)`
            .replaceAll('DB', name)
            .replace('OTHER', other),
          'create view v3 as select b.id, row_number() over (partition by b.title order by b.id) as n from books b left join (waiting w join books c on c.id = w.id) on w.id = b.id union select id, 1 from waiting',
        ])
      } finally {
        await db.execute(sql.raw(`drop database ${other}`))
      }
    })
    expect(left).toEqual([
      expect.stringContaining(`foreign key orders.far is not expected: (o) references ${other}.o (id)`),
    ])
    expect(differences).toEqual([left, []])
    expect(text).toContain(`${other}\`.\`o`)
    expect(text).not.toMatch(/`corm_test_\w+`\.`(?:books|waiting)`/)
  })
})
