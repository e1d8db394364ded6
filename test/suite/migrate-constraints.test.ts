import { CheckViolationError, ForeignKeyViolationError, sql } from 'corm'
import { column, type Migration, type MigrationEvent, type MigrationOperation, migration } from 'corm/migration'
import { afterEach, expect, it } from 'vitest'
import { describeDifference, driftOf } from '../../src/migration/drift.js'
import { down } from '../../src/migration/migrator.js'
import { namedMigrations } from '../../src/migration/modules.js'
import { replay } from '../../src/migration/replay.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll, recorded } from '../support/migrations.js'

// Foreign keys and checks that are added to tables in use: the existing rows are read in a transaction of its own.

const A = '20260101T000000_a'
const B = '20260102T000000_b'

const initial = migration({
  parents: [],
  operations: [
    { op: 'createTable', table: 'authors', columns: { id: column.id() } },
    {
      op: 'createTable',
      table: 'books',
      columns: { id: column.id(), pages: column.integer(), author_id: column.integer({ nullable: true }) },
    },
  ],
})

const check: MigrationOperation = {
  op: 'addCheck',
  table: 'books',
  name: 'books_pages_check',
  check: (c) => c.pages!.gt(0),
  concurrently: true,
}
const key: MigrationOperation = {
  op: 'addForeignKey',
  table: 'books',
  name: 'books_author_id_fkey',
  columns: ['author_id'],
  references: { table: 'authors', columns: ['id'] },
  concurrently: true,
}
const withB = (...operations: readonly MigrationOperation[]): Record<string, Migration> => ({
  [A]: initial,
  [B]: migration({ parents: [A], operations }),
})

describeDatabases('constraints that are added concurrently', (database) => {
  afterEach(() => dropAll(database.db))

  const insert = (pages: number, author: number | null) =>
    database.db.execute(sql`insert into books (pages, author_id) values (${pages}, ${author})`)

  async function drift(modules: Record<string, Migration>): Promise<readonly string[]> {
    const state = replay(namedMigrations(modules)).state
    const { differences } = await driftOf(database.db, state, { ignore: [], own: ['corm_migrations'] })
    return differences.map(describeDifference)
  }

  /** Runs the first step, and whatever the database does not separate from it. */
  async function first(modules: Record<string, Migration>): Promise<readonly MigrationEvent[]> {
    const controller = new AbortController()
    const events: MigrationEvent[] = []
    const onProgress = (event: MigrationEvent) => {
      events.push(event)
      if (event.kind === 'step' && event.index === 0) controller.abort()
    }
    await database.db.migrate({ migrations: modules, signal: controller.signal, onProgress }).catch(() => {})
    return events
  }

  it.each([
    ['check', check, () => insert(0, null), CheckViolationError],
    ['foreign key', key, () => insert(1, 9), ForeignKeyViolationError],
  ] as const)('a %s holds for new rows first, and then for all', async (_what, operation, violate, error) => {
    const { db, facts, url } = database
    await db.migrate({ migrations: { [A]: initial } })
    await insert(1, null)
    const modules = withB(operation)
    await first(modules)
    const isApart = db.dialect.name === 'postgres'
    expect(await drift(modules)).toEqual(isApart ? [expect.stringContaining('not valid')] : [])
    await expect(violate()).rejects.toThrow(error)
    if (facts.concurrent && isApart) {
      const { Database } = await import('corm')
      await using other = await Database.connect({ name: 'application', url })
      // a transaction that writes keeps an ALTER TABLE waiting that reads the rows at once
      await other.transaction(async (trx) => {
        await trx.execute(sql`insert into books (pages) values (${2})`)
        await db.migrate({ migrations: modules, lockRetries: 0 })
      })
    }
    await db.migrate({ migrations: modules })
    expect(await drift(modules)).toEqual([])
    await expect(violate()).rejects.toThrow(error)
    expect(await recorded(db)).toEqual([A, B])
    await down(db, { migrations: namedMigrations(modules) })
    await violate()
  })

  it('name the rows in their way before anything is run', async () => {
    const { db } = database
    await db.migrate({ migrations: { [A]: initial } })
    await insert(0, 9)
    await expect(db.migrate({ migrations: withB(check, key) })).rejects.toThrow(
      /"books_pages_check" can't be added: 1 row \(id: 1\) of "books" violates it/,
    )
    await db.execute(sql`update books set pages = ${1}`)
    await expect(db.migrate({ migrations: withB(check, key) })).rejects.toThrow(
      /1 row \(id: 1\) of "books" points to rows of "authors" that are not there|1 of "books" to "authors"/,
    )
    expect(await recorded(db)).toEqual([A])
    expect(await drift({ [A]: initial })).toEqual([])
  })

  it('name rows that came before the first step, and go on when they are gone', async () => {
    const { db } = database
    await db.migrate({ migrations: { [A]: initial } })
    const modules = withB(key)
    if (db.dialect.name !== 'postgres') return void (await db.migrate({ migrations: modules }))
    await first(modules)
    // as if it had been written between the look at the rows and the first step
    await db.execute(sql`alter table books drop constraint books_author_id_fkey`)
    await insert(1, 9)
    await db.execute(
      sql`alter table books add constraint books_author_id_fkey foreign key (author_id) references authors (id) on delete restrict on update restrict not valid`,
    )
    await expect(db.migrate({ migrations: modules })).rejects.toThrow(
      /failed at step 2 of 2 .*"books_author_id_fkey" can't be added: 1 row \(id: 1\) of "books" points to rows/,
    )
    await db.execute(sql`delete from books`)
    await db.migrate({ migrations: modules })
    expect(await recorded(db)).toEqual([A, B])
    expect(await drift(modules)).toEqual([])
  })

  it('are one statement for tables that the same migration creates, and share transactions with what comes before', async () => {
    const { db } = database
    await db.migrate({ migrations: { [A]: initial } })
    const shelves: readonly MigrationOperation[] = [
      { op: 'createTable', table: 'shelves', columns: { id: column.id(), pages: column.integer() } },
      { ...check, table: 'shelves', name: 'shelves_pages_check' } as MigrationOperation,
    ]
    const events: MigrationEvent[] = []
    await db.migrate({ migrations: withB(...shelves, key), onProgress: (event) => events.push(event) })
    const sent = events.flatMap((event) => (event.kind === 'step' ? event.step.sql : []))
    expect(sent.filter((text) => text.includes('validate'))).toHaveLength(db.dialect.name === 'postgres' ? 1 : 0)
    expect(await drift(withB(...shelves, key))).toEqual([])
  })
})
