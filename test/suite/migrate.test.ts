import { MigrationConflictError, MigrationError, MigrationLockedError, sql } from 'corm'
import { column, type Migration, type MigrationDefinition, migration } from 'corm/migration'
import { afterEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { dropAll, recorded } from '../support/migrations.js'

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

describeDatabases('migrate()', (database) => {
  afterEach(() => dropAll(database.db))

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
    expect(await recorded(db)).toEqual([INITIAL, NAMES])
    const third = await db.migrate({ migrations: { ...modules, [NAMES]: migration(named(INITIAL)) } })
    expect(third).toEqual({ planned: [], finished: [], waiting: [] })
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

  it('runs a migration that arrives late', async () => {
    const { db } = database
    const add = (name: string, ...parents: string[]) =>
      migration({
        parents,
        operations: [{ op: 'addColumn', table: 'books', column: name, definition: column.integer({ nullable: true }) }],
      })
    const first: Modules = { [INITIAL]: migration(books), '20260104T000000_c': add('c', INITIAL) }
    await db.migrate({ migrations: first })
    const late = { ...first, '20260103T000000_b': add('b', INITIAL) }
    expect((await db.migrate({ migrations: late })).finished.map(({ id }) => id)).toEqual(['20260103T000000_b'])
    await db.execute(sql`insert into books (title, b, c) values (${'Emma'}, ${1}, ${2})`)
    expect(await db.migrate({ migrations: late })).toEqual({ planned: [], finished: [], waiting: [] })
  })

  it('goes on after a step that failed, when its reason is gone', async () => {
    const { db } = database
    await db.migrate({ migrations: { [INITIAL]: migration(books) } })
    await db.execute(sql`insert into books (title) values (${'Emma'}), (${'Emma'})`)
    const unique: Modules = {
      [INITIAL]: migration(books),
      [NAMES]: migration({
        parents: [INITIAL],
        operations: [
          { op: 'addColumn', table: 'books', column: 'pages', definition: column.integer({ nullable: true }) },
          { op: 'createIndex', table: 'books', name: 'books_title_unique', columns: ['title'], unique: true },
          { op: 'addColumn', table: 'books', column: 'year', definition: column.integer({ nullable: true }) },
        ],
      }),
    }
    const failed = db.migrate({ migrations: unique })
    await expect(failed).rejects.toThrow(MigrationError)
    await expect(failed).rejects.toThrow(/fail(?:ed)? at step 2 of 3 \(create index books_title_unique on books\)/)
    expect(await recorded(db)).toEqual([INITIAL])
    await db.execute(sql`update books set title = ${'Persuasion'} where id = ${2}`)
    await db.migrate({ migrations: unique })
    expect(await db.select(sql`select title, pages, year from books order by id`)).toEqual([
      { title: 'Emma', pages: null, year: null },
      { title: 'Persuasion', pages: null, year: null },
    ])
  })

  it('is one run for all that call it at the same time', async () => {
    const { db, facts, url } = database
    if (!facts.concurrent) return
    const { Database } = await import('corm')
    const others = await Promise.all([1, 2, 3].map((i) => Database.connect({ name: `migrator ${i}`, url })))
    try {
      const runs = await Promise.all(
        [db, ...others].map((each) => each.migrate({ migrations: { [INITIAL]: migration(books) } })),
      )
      expect(runs.flatMap(({ finished }) => finished)).toHaveLength(1)
      let release = () => {}
      const held = new Promise<void>((resolve) => (release = resolve))
      const slow = migration({ parents: [INITIAL], operations: [{ op: 'data', name: 'slow', up: () => held }] })
      const modules = { [INITIAL]: migration(books), [NAMES]: slow }
      const started = new Promise<void>((resolve) => {
        void db
          .migrate({ migrations: modules, onProgress: ({ kind }) => kind === 'step' && resolve() })
          .catch(() => resolve())
      })
      await started
      const waits: (string | null)[] = []
      const onProgress = (event: { kind: string; holder?: string | null }) => {
        if (event.kind === 'waiting') waits.push(event.holder ?? null)
      }
      const [other] = others
      await expect(other?.migrate({ migrations: modules, wait: 0, onProgress })).rejects.toThrow(MigrationLockedError)
      expect(waits).toEqual([expect.stringMatching(/^(process|connection) \d+/)])
      release()
      await other?.migrate({ migrations: modules })
      expect(await recorded(db)).toEqual([INITIAL, NAMES])
    } finally {
      for (const each of others) await each.close()
    }
  })
})
