import { Database, sql } from 'corm'
import { expect, it } from 'vitest'
import { EMPTY } from '../../src/ast/schema.js'
import { inspectDatabase } from '../../src/inspect/index.js'
import { adopt, describeDifference, driftOf, revert } from '../../src/migration/drift.js'
import { printMigration } from '../../src/migration/printer.js'
import { replay } from '../../src/migration/replay.js'
import { describeDatabases, freshDatabase } from '../support/databases.js'
import { exportOf } from '../support/migrations.js'

// What a table or a view says besides its columns and its query is not lost.

const NOTHING = { ignore: [], own: [] }

describeDatabases('catalog', (database) => {
  const isPostgres = database.kind === 'postgres' || database.kind === 'pglite'

  async function withTables<T>(statements: readonly string[], use: (db: Database) => Promise<T>): Promise<T> {
    const { url, drop } = await freshDatabase(database.kind)
    try {
      await using db = await Database.connect({ name: 'lost', url })
      for (const text of statements) await db.execute(sql.raw(text))
      return await use(db)
    } finally {
      await drop()
    }
  }

  if (isPostgres)
    it('lists primary keys that say more than their columns', async () => {
      const differences = await withTables(
        [
          'create table plain ("Odd id" integer, id integer, primary key ("Odd id", id))',
          'create table late (id integer primary key deferrable initially deferred)',
          'create table later (id integer primary key deferrable)',
          'create table more (id integer, name text not null, primary key (id) include (name))',
        ],
        async (db) => (await inspectDatabase(db, () => true)).differences,
      )
      expect(differences.map(describeDifference)).toEqual([
        'primary key of late: it is PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED, expected id',
        'primary key of later: it is PRIMARY KEY (id) DEFERRABLE, expected id',
      ])
    })

  if (database.kind === 'sqlite')
    it('lists primary keys that say more than their columns', async () => {
      const { differences } = await withTables(
        ['create table late (name text not null, primary key (name desc))'],
        async (db) => inspectDatabase(db, () => true),
      )
      expect(differences.map(describeDifference)).toEqual(['primary key of late: it is name desc, expected name'])
    })

  it('takes options of views into the migrations, and notices when they change', async ({ skip }) => {
    if (database.kind === 'sqlite') skip()
    const [head, option, plain] =
      database.kind === 'mysql'
        ? ['create sql security invoker view v', 'sql security invoker', 'create view v']
        : [
            'create view v with (security_barrier = on)',
            'security_barrier',
            'create view v with (security_barrier = no)',
          ]
    const query = 'as select id from notes'
    await withTables(['create table notes (id integer not null primary key)', `${head} ${query}`], async (db) => {
      const { operations, state } = await adopt(db, EMPTY, await driftOf(db, EMPTY, NOTHING), NOTHING)
      expect(operations.at(-1)).toMatchObject({ op: 'createView', view: { options: [option] } })
      expect((await driftOf(db, state, NOTHING)).differences).toEqual([])
      await db.execute(sql.raw('drop view v'))
      await db.execute(sql.raw(`${plain} ${query}`))
      const drift = await driftOf(db, state, NOTHING)
      expect(drift.differences.map(describeDifference)).toEqual([
        expect.stringMatching(new RegExp(`view v: it is .*, expected .*\\(${option}\\)$`, 's')),
      ])
      // the script makes it as it was
      for (const statement of revert(state, drift, db.dialect).flatMap((each) => each.sql))
        await db.execute(sql.raw(statement))
      expect((await driftOf(db, state, NOTHING)).differences).toEqual([])
      const text = printMigration({ parents: [], operations, comments: new Map(), squashes: [], after: null })
      expect(text).toContain(`options: ['${option}'],`)
      const read = replay([{ id: 'a', file: exportOf(text) }])
      expect((await driftOf(db, read.state, NOTHING)).differences).toEqual([])
    })
  })

  if (database.kind !== 'sqlite')
    it.each(['LOCAL', 'CASCADED'])('takes WITH %s CHECK OPTION of a view into the migrations', async (option) => {
      const statements = [
        'create table notes (id integer not null primary key, done integer not null)',
        `create view open_notes as select id, done from notes where done = 0 with ${option} check option`,
      ]
      await withTables(statements, async (db) => {
        const drift = await driftOf(db, EMPTY, NOTHING)
        const { operations, state } = await adopt(db, EMPTY, drift, NOTHING)
        const view = operations.find(({ op }) => op === 'createView')
        expect(JSON.stringify(view)).toContain(`WITH ${option} CHECK OPTION`)
        expect((await driftOf(db, state, NOTHING)).differences).toEqual([])
        const text = state.views.get('open_notes')?.sql[db.dialect.name]
        await db.execute(sql.raw('drop view open_notes'))
        await db.execute(sql.raw(`create view open_notes as ${text}`))
        await expect(db.execute(sql`insert into open_notes (id, done) values (1, 1)`)).rejects.toThrow()
        expect((await driftOf(db, state, NOTHING)).differences).toEqual([])
        // a view without it differs where the server can be asked
        await db.execute(sql.raw('drop view open_notes'))
        await db.execute(sql.raw('create view open_notes as select id, done from notes where done = 0'))
        const differences = (await driftOf(db, state, NOTHING)).differences.map(({ kind, change }) => [kind, change])
        expect(differences).toEqual(isPostgres ? [['view', 'different']] : [])
      })
    })
})
