import { type Database, ForeignKeyViolationError, MigrationError, MigrationInterruptedError, sql } from 'corm'
import { column, type Migration, type MigrationDefinition, type MigrationEvent, migration } from 'corm/migration'
import { afterEach, expect, it, vi } from 'vitest'
import * as migrator from '../../src/migration/migrator.js'
import { namedMigrations } from '../../src/migration/modules.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll, recorded } from '../support/migrations.js'

// Migrations that were stopped, and what goes on with them.

const A = '20260101T000000_a'
const B = '20260102T000000_b'

const initial = migration({
  parents: [],
  operations: [
    { op: 'createTable', table: 'log', columns: { id: column.id(), name: column.string({ max: 50 }) } },
    { op: 'createTable', table: 'books', columns: { id: column.id(), title: column.string({ max: 100 }) } },
  ],
})
const write = (name: string) => `insert into log (name) values ('${name}')`

/** SQL that runs outside a transaction: with a question, and without one. */
const written: MigrationDefinition = {
  parents: [A],
  transaction: false,
  operations: [
    { op: 'sql', up: write('asked'), down: null, probe: "select 1 from log where name = 'asked'" },
    { op: 'sql', up: write('blind'), down: null },
    { op: 'sql', up: write('last'), down: null },
  ],
}
const withB = (definition: MigrationDefinition): Record<string, Migration> => ({
  [A]: initial,
  [B]: migration(definition),
})
const names = async (db: Database) =>
  (await db.select<{ name: string }>(sql`select name from log order by id`)).map(({ name }) => name)

describeDatabases('an interrupted migration', (database) => {
  afterEach(async () => {
    vi.unstubAllEnvs()
    await dropAll(database.db)
  })

  /** Leaves the database as a process does that ends while a step runs. */
  async function interruptAt(step: number, modules: Record<string, Migration>): Promise<void> {
    const { db } = database
    await db.migrate({ migrations: modules })
    await db.execute(
      sql`update corm_migrations set state = ${'running'}, step = ${step}, step_state = ${'running'}, finished_at = null where id = ${B}`,
    )
  }

  it('asks the probe of its SQL, and stops where there is none', async () => {
    const { db } = database
    const modules = withB(written)
    await interruptAt(1, modules)
    await db.execute(sql`delete from log where name <> ${'asked'}`)
    await db.migrate({ migrations: modules })
    expect(await names(db)).toEqual(['asked', 'blind', 'last'])

    await interruptAt(1, modules)
    await db.execute(sql`delete from log`)
    await db.migrate({ migrations: modules })
    expect(await names(db)).toEqual(['asked', 'blind', 'last'])

    await interruptAt(2, modules)
    const stopped = await db.migrate({ migrations: modules }).catch((error: unknown) => error)
    expect(stopped).toBeInstanceOf(MigrationInterruptedError)
    expect(stopped).toMatchObject({ at: { migration: B, step: 2, steps: 3, sql: write('blind') } })
    expect((stopped as Error).message).toMatch(/step 2 of 3 .*resume --step done.*resume --step redo/)
    const settings = { migrations: namedMigrations(modules) }
    expect(await migrator.status(db, settings)).toMatchObject([{ state: 'applied' }, { state: 'interrupted', step: 2 }])
    await db.execute(sql`delete from log where name = ${'last'}`)
    await migrator.resume(db, { ...settings, step: 'done' })
    expect(await names(db)).toEqual(['asked', 'blind', 'last'])

    await interruptAt(2, modules)
    await db.execute(sql`delete from log where name <> ${'asked'}`)
    await migrator.resume(db, { ...settings, step: 'redo' })
    expect(await names(db)).toEqual(['asked', 'blind', 'last'])
    await expect(migrator.resume(db, { ...settings, step: 'redo' })).rejects.toThrow(/No migration was interrupted/)
  })

  it('goes on in production with what was allowed, and after a deployment with what was begun', async () => {
    const { db } = database
    const risky = withB({
      ...written,
      after: 'deploy',
      operations: [
        { op: 'sql', up: write('blind'), down: null },
        { op: 'renameColumn', table: 'books', from: 'title', to: 'name' },
      ],
    })
    vi.stubEnv('NODE_ENV', 'production')
    await db.migrate({ migrations: { [A]: initial } })
    await expect(db.migrate({ migrations: risky, contract: true })).rejects.toThrow(/dangerous in production/)
    await db.migrate({ migrations: risky, contract: true, allow: true })
    await db.execute(sql`alter table books rename column name to title`)
    await db.execute(
      sql`update corm_migrations set state = ${'running'}, step = ${1}, step_state = ${'running'} where id = ${B}`,
    )
    const run = await migrator.resume(db, { migrations: namedMigrations(risky), step: 'done' })
    expect(run.finished).toMatchObject([{ id: B }])
    expect(await db.select(sql`select name from books`)).toEqual([])
    expect(await names(db)).toEqual(['blind'])
  })

  it('knows how large tables are when a migration before has no operations', async () => {
    const { db } = database
    vi.stubEnv('NODE_ENV', 'production')
    await db.migrate({ migrations: { [A]: initial } })
    const rows = Array.from({ length: 11_000 }, (_, i) => sql`(${`title ${i}`})`)
    await db.execute(sql`insert into books (title) values ${sql.join(rows)}`)
    if (db.dialect.name === 'mysql') await db.select(sql`analyze table books`)
    if (db.dialect.name === 'postgres') await db.execute(sql`analyze books`)
    const modules = {
      [A]: initial,
      [B]: migration({ parents: [A], operations: [] }),
      '20260103T000000_c': migration({
        parents: [B],
        operations: [{ op: 'alterColumn', table: 'books', column: 'title', to: column.string({ max: 10 }) }],
      }),
    }
    await expect(db.migrate({ migrations: modules })).rejects.toMatchObject({
      risks: [expect.objectContaining({ migration: '20260103T000000_c' })],
    })
    expect(await recorded(db)).toEqual([A])
  })

  it('is tried again while the application has a lock in its way', async () => {
    const { db, facts, url } = database
    if (!facts.concurrent) return
    const { Database } = await import('corm')
    await db.migrate({ migrations: { [A]: initial } })
    await using other = await Database.connect({ name: 'application', url })
    const add = withB({
      parents: [A],
      operations: [
        { op: 'addColumn', table: 'books', column: 'pages', definition: column.integer({ nullable: true }) },
      ],
    })
    const events: MigrationEvent[] = []
    await other.transaction(async (trx) => {
      await trx.select(sql`select * from books`)
      const run = db.migrate({ migrations: add, lockRetries: 0 })
      await expect(run).rejects.toThrow(MigrationError)
      await expect(run).rejects.toThrow(/failed at step 1 of 1 \(add column books.pages\)/)
    })
    let release = () => {}
    const held = other.transaction(async (trx) => {
      await trx.select(sql`select * from books`)
      await new Promise<void>((resolve) => (release = resolve))
    })
    const onProgress = (event: MigrationEvent) => {
      events.push(event)
      if (event.kind === 'retry') release()
    }
    expect((await db.migrate({ migrations: add, onProgress })).finished).toMatchObject([{ id: B }])
    expect(events.find(({ kind }) => kind === 'retry')).toMatchObject({ id: B, attempt: 1 })
    await held
    expect(await db.select(sql`select pages from books`)).toEqual([])
  })

  it('makes an index again that could not be built', async () => {
    const { db } = database
    await db.migrate({ migrations: { [A]: initial } })
    await db.execute(sql`insert into books (title) values (${'Emma'}), (${'Emma'})`)
    const unique = withB({
      parents: [A],
      operations: [
        {
          op: 'createIndex',
          table: 'books',
          name: 'books_title_key',
          columns: ['title'],
          unique: true,
          concurrently: true,
        },
        { op: 'addColumn', table: 'books', column: 'pages', definition: column.integer({ nullable: true }) },
      ],
    })
    await expect(db.migrate({ migrations: unique })).rejects.toThrow(/create index books_title_key/)
    // PostgreSQL leaves an invalid index, which looks like the one that is wanted
    await expect(db.migrate({ migrations: unique })).rejects.toThrow(/create index books_title_key/)
    await db.execute(sql`update books set title = ${'Persuasion'} where id = ${2}`)
    expect((await db.migrate({ migrations: unique })).finished).toHaveLength(1)
    await expect(db.execute(sql`insert into books (title) values (${'Emma'})`)).rejects.toThrow()
    expect(await recorded(db)).toEqual([A, B])
  })

  it('leaves foreign keys on when a change fails for which they are off', async () => {
    const { db } = database
    const tables = migration({
      parents: [],
      operations: [
        { op: 'createTable', table: 'shelves', columns: { id: column.id() } },
        {
          op: 'createTable',
          table: 'books',
          columns: { id: column.id(), shelf_id: column.integer(), title: column.string({ max: 100 }) },
          foreignKeys: {
            books_shelf_id_fkey: { columns: ['shelf_id'], references: { table: 'shelves', columns: ['id'] } },
          },
        },
      ],
    })
    const failing = migration({
      parents: [A],
      operations: [
        { op: 'alterColumn', table: 'books', column: 'title', to: column.text({ nullable: true }) },
        {
          op: 'data',
          name: 'fails',
          up: () => {
            throw new Error('no')
          },
        },
      ],
    })
    await expect(db.migrate({ migrations: { [A]: tables, [B]: failing } })).rejects.toThrow(/fails\): no/)
    await expect(db.execute(sql`insert into books (shelf_id, title) values (${9}, ${'Emma'})`)).rejects.toThrow(
      ForeignKeyViolationError,
    )
  })

  it('lets the application work again afterwards, with the new tables', async () => {
    const { db } = database
    await db.migrate({ migrations: { [A]: initial } })
    let count: Promise<unknown> | undefined
    const renaming = withB({
      parents: [A],
      operations: [
        { op: 'renameTable', table: 'log', to: 'entries' },
        { op: 'data', name: 'line', up: async (m) => void (await m.table('entries').insert([{ name: 'new' }])) },
      ],
    })
    const onProgress = ({ kind }: MigrationEvent) => {
      // waits where there is one connection, and comes first elsewhere
      if (kind === 'step') count ??= db.select(sql`select * from books`)
    }
    await db.migrate({ migrations: renaming, onProgress })
    expect(await count).toEqual([])
    expect(await db.select(sql`select name from entries`)).toEqual([{ name: 'new' }])
  })
})
