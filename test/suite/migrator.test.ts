import { IrreversibleMigrationError, sql } from 'corm'
import { column, type Migration, type MigrationDefinition, migration } from 'corm/migration'
import { afterEach, expect, it } from 'vitest'
import * as migrator from '../../src/migration/migrator.js'
import { namedMigrations } from '../../src/migration/modules.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll, recorded } from '../support/migrations.js'

// What the command line does with the migrations of a database.

const A = '20260101T000000_a'
const B = '20260102T000000_b'
const S = '20260103T000000_s'

const books: MigrationDefinition = {
  parents: [],
  operations: [{ op: 'createTable', table: 'books', columns: { id: column.id(), title: column.string({ max: 100 }) } }],
}
const slugs: MigrationDefinition = {
  parents: [A],
  operations: [
    { op: 'addColumn', table: 'books', column: 'slug', definition: column.string({ max: 50, nullable: true }) },
    { op: 'createIndex', table: 'books', name: 'books_slug_index', columns: ['slug'] },
  ],
}
const both: MigrationDefinition = {
  parents: [],
  squashes: [A, B],
  operations: [
    {
      op: 'createTable',
      table: 'books',
      columns: {
        id: column.id(),
        title: column.string({ max: 100 }),
        slug: column.string({ max: 50, nullable: true }),
      },
    },
    { op: 'createIndex', table: 'books', name: 'books_slug_index', columns: ['slug'] },
  ],
}

const given = (modules: Record<string, Migration>) => ({ migrations: namedMigrations(modules) })
const ab = given({ [A]: migration(books), [B]: migration(slugs) })

describeDatabases('the migrator', (database) => {
  afterEach(() => dropAll(database.db))

  it('reverses migrations, and says first what would be lost', async () => {
    const { db } = database
    await migrator.up(db, ab)
    await db.execute(sql`insert into books (title) values (${'Emma'})`)
    const run = await migrator.down(db, ab)
    expect(run.finished).toMatchObject([{ id: B, direction: 'down' }])
    expect(await db.select(sql`select * from books`)).toEqual([{ id: 1, title: 'Emma' }])
    expect(await recorded(db)).toEqual([A])
    const [shown] = (await migrator.down(db, { ...ab, dryRun: true })).planned
    expect(shown?.losses).toEqual(['loses all rows of "books"'])
    await expect(migrator.down(db, ab)).rejects.toThrow(/would lose data.*all rows of "books"/)
    expect(await recorded(db)).toEqual([A])
    await migrator.down(db, { ...ab, allowLoss: true })
    expect(await recorded(db)).toEqual([])
    expect((await migrator.up(db, ab)).finished).toHaveLength(2)
  })

  it('reverses nothing when a part of it is irreversible', async () => {
    const { db } = database
    const settings = given({
      [A]: migration(books),
      [B]: migration({ parents: [A], operations: [{ op: 'sql', up: 'delete from books', down: null }] }),
    })
    await migrator.up(db, settings)
    await expect(migrator.down(db, { ...settings, steps: 2, allowLoss: true })).rejects.toThrow(
      IrreversibleMigrationError,
    )
    expect(await recorded(db)).toEqual([A, B])
  })

  it('reports where each migration stands', async () => {
    const { db } = database
    const states = async (settings: Parameters<typeof migrator.status>[1]) =>
      (await migrator.status(db, settings)).map(({ id, state }) => `${id} ${state}`)
    expect(await states(ab)).toEqual([`${A} pending`, `${B} pending`])
    await migrator.up(db, { ...ab, to: A })
    expect(await states(ab)).toEqual([`${A} applied`, `${B} pending`])
    const later = given({ [A]: migration(books), [B]: migration({ ...slugs, after: 'deploy' }) })
    expect(await states(later)).toEqual([`${A} applied`, `${B} waiting`])
    expect((await migrator.up(db, later)).finished).toEqual([])
    await migrator.up(db, { ...later, contract: true })
    expect(await states(given({ [B]: migration({ ...both, squashes: [] }) }))).toEqual([`${B} changed`, `${A} unknown`])
  })

  it('records what the database has, and what was changed on purpose', async () => {
    const { db } = database
    await db.execute(sql`create table books (id integer primary key, title varchar(100) not null)`)
    expect((await migrator.baseline(db, { ...ab, to: A })).finished).toMatchObject([{ id: A, how: 'recorded' }])
    expect((await migrator.up(db, ab)).finished.map(({ id }) => id)).toEqual([B])
    const edited = given({
      [A]: migration(books),
      [B]: migration({ ...slugs, operations: slugs.operations.slice(0, 1) }),
    })
    await expect(migrator.up(db, edited)).rejects.toThrow(/corm migrate accept/)
    await migrator.accept(db, { ...edited, id: B })
    expect((await migrator.up(db, edited)).finished).toEqual([])
  })

  it('runs a squash on an empty database, records it on one that has all, and completes the others', async () => {
    const { db } = database
    const all = given({ [A]: migration(books), [B]: migration(slugs), [S]: migration(both) })
    expect((await migrator.up(db, all)).finished).toMatchObject([{ id: S, how: 'run' }])
    await dropAll(db)
    await migrator.up(db, ab)
    expect((await migrator.up(db, all)).finished).toMatchObject([{ id: S, how: 'recorded' }])
    expect((await migrator.up(db, given({ [S]: migration(both) }))).finished).toEqual([])
    await dropAll(db)
    await migrator.up(db, { ...ab, to: A })
    expect((await migrator.up(db, all)).finished).toMatchObject([
      { id: B, how: 'run' },
      { id: S, how: 'recorded' },
    ])
    await dropAll(db)
    await migrator.up(db, { ...ab, to: A })
    await expect(migrator.up(db, given({ [S]: migration(both) }))).rejects.toThrow(
      /have no files any more: 20260102T000000_b/,
    )
  })
})
