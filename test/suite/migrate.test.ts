import { type Database, MigrationConflictError, sql } from 'corm'
import { column, type Migration, type MigrationDefinition, migration } from 'corm/migration'
import { afterEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

// Migrations that run on a database.

type Modules = Record<string, Migration>

const INITIAL = '20260101T000000_initial'
const NAMES = '20260102T000000_names'

const books: MigrationDefinition = {
  parents: [],
  operations: [
    { op: 'createTable', table: 'shelves', columns: { id: column.id(), name: column.string({ max: 100 }) } },
    {
      op: 'createTable',
      table: 'books',
      columns: { id: column.id(), title: column.string({ max: 100 }), shelf_id: column.integer({ nullable: true }) },
      foreignKeys: {
        books_shelf_id_fkey: { columns: ['shelf_id'], references: { table: 'shelves', columns: ['id'] } },
      },
    },
    { op: 'createIndex', table: 'books', name: 'books_title_index', columns: ['title'] },
  ],
}

const named = (...parents: string[]): MigrationDefinition => ({
  parents,
  operations: [
    { op: 'addColumn', table: 'books', column: 'slug', definition: column.string({ max: 50 }), fill: 'none' },
  ],
})

async function clear(db: Database): Promise<void> {
  const { dialect } = db
  const { rows } = await db.run({ ...(await import('../../src/execution/statement.js')).question(dialect.listTables) })
  const names = rows.map(([name]) => String(name))
  for (let round = 0; round < 5 && names.length > 0; round++)
    for (const name of [...names])
      await db.execute(sql`drop table ${sql.id(name)}`).then(
        () => names.splice(names.indexOf(name), 1),
        () => {},
      )
}

const applied = async (db: Database) =>
  (await db.select<{ id: string }>(sql`select id from corm_migrations order by id`)).map(({ id }) => id)

describeDatabases('migrate()', (database) => {
  afterEach(() => clear(database.db))

  it('runs what the database lacks, once', async () => {
    const { db } = database
    const modules: Modules = { [INITIAL]: migration(books) }
    const first = await db.migrate({ migrations: modules })
    expect(first.finished).toMatchObject([{ id: INITIAL, direction: 'up', how: 'run' }])
    await db.execute(sql`insert into books (title) values (${'Emma'})`)
    const second = await db.migrate({
      migrations: { ...modules, [`./migrations/${NAMES}.ts`]: { default: migration(named(INITIAL)) } },
    })
    expect(second.finished).toMatchObject([{ id: NAMES, direction: 'up' }])
    expect(await db.select(sql`select title, slug from books`)).toEqual([{ title: 'Emma', slug: 'none' }])
    expect(await applied(db)).toEqual([INITIAL, NAMES])
    const third = await db.migrate({ migrations: { ...modules, [NAMES]: migration(named(INITIAL)) } })
    expect(third).toEqual({ planned: [], finished: [] })
  })

  it('stops when a migration was changed after it was run, or has no file any more', async () => {
    const { db } = database
    await db.migrate({ migrations: { [INITIAL]: migration(books) } })
    const changed = migration({ ...books, operations: books.operations.slice(0, 2) })
    const conflict = db.migrate({ migrations: { [INITIAL]: changed } })
    await expect(conflict).rejects.toThrow(MigrationConflictError)
    await expect(conflict).rejects.toThrow(/changed after they were run: 20260101T000000_initial/)
    await expect(db.migrate({ migrations: {} })).rejects.toThrow(/no file any more: 20260101T000000_initial/)
  })
})
