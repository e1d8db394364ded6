import { sql } from 'corm'
import { column, type Migration, type MigrationData, type MigrationDefinition, migration } from 'corm/migration'
import { afterEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { dropAll, recorded } from '../support/migrations.js'

// Changes of data in migrations.

const INITIAL = '20260101T000000_initial'
const DATA = '20260102T000000_data'

const books: MigrationDefinition = {
  parents: [],
  operations: [
    {
      op: 'createTable',
      table: 'books',
      columns: {
        id: column.id(),
        title: column.string({ max: 100 }),
        save: column.boolean({ default: false }),
        price: column.decimal({ precision: 10, scale: 2, nullable: true }),
        tags: column.json({ nullable: true }),
      },
    },
  ],
}

const withData = (up: (m: MigrationData) => Promise<void>, transaction = true): Record<string, Migration> => ({
  [INITIAL]: migration(books),
  [DATA]: migration({ parents: [INITIAL], operations: [{ op: 'data', name: 'change', up }], transaction }),
})

describeDatabases('data in migrations', (database) => {
  afterEach(() => dropAll(database.db))

  it('are read and written by the names and types of the columns', async () => {
    const { db } = database
    const seen: unknown[] = []
    await db.migrate({
      migrations: withData(async (m) => {
        const table = m.table('books')
        expect(
          await table.insert([
            { title: 'Emma', price: '9.50', tags: ['a', 1] },
            { title: 'Ulysses', save: true },
          ]),
        ).toBe(2)
        expect(await table.update({ title: 'Ulysses' }, { price: '12.00' })).toBe(1)
        seen.push(await table.rows({ save: true }), await table.count(), await table.count({ title: 'Emma' }))
        await table.insert([{ title: 'Emma' }])
        expect(await table.delete({ title: 'Emma', price: null })).toBe(1)
        await m.execute(sql`update books set title = ${'Emma!'} where title = ${'Emma'}`)
        seen.push(
          (await m.select<{ title: string }>(sql`select title from books order by id`)).map(({ title }) => title),
        )
      }),
    })
    const [rows, ...others] = seen as [Record<string, unknown>[], ...unknown[]]
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ id: 2, title: 'Ulysses', save: true, tags: null })
    expect(String(rows[0]?.price)).toBe('12')
    expect(others).toEqual([2, 1, ['Emma!', 'Ulysses']])
  })

  it('are copied from one column to another', async () => {
    const { db } = database
    let copied: unknown
    await db.migrate({
      migrations: withData(async (m) => {
        const table = m.table('books')
        await table.insert([{ title: 'Emma', price: '9.25' }])
        await table.update({ title: 'Emma' }, { price: sql.id('price') })
        copied = (await table.rows())[0]?.price
      }),
    })
    expect(String(copied)).toBe('9.25')
  })

  it('are rolled back with their migration', async () => {
    const { db } = database
    const failing = withData(async (m) => {
      await m.table('books').insert([{ title: 'Emma' }])
      throw new Error('no')
    })
    await expect(db.migrate({ migrations: failing })).rejects.toThrow(/step 1 of 1 \(change data: change\): no/)
    expect(await db.select(sql`select * from books`)).toEqual([])
    expect(await recorded(db)).toEqual([INITIAL])
  })

  it('are changed in batches that are not done twice', async () => {
    const { db } = database
    await db.migrate({ migrations: { [INITIAL]: migration(books) } })
    await db.execute(sql`insert into books (title) values (${'a'}), (${'b'}), (${'c'}), (${'d'}), (${'e'})`)
    let fails = true
    const seen: unknown[] = []
    const modules = withData(async (m) => {
      for await (const rows of m.table('books').batches(2)) {
        for (const { id, title } of rows) {
          if (title === 'd' && fails) throw new Error('interrupted')
          await m.table('books').update({ id }, { title: `${title}!` })
          seen.push(title)
        }
      }
    }, false)
    await expect(db.migrate({ migrations: modules })).rejects.toThrow('interrupted')
    expect(
      (await db.select<{ title: string }>(sql`select title from books order by id`)).map(({ title }) => title),
    ).toEqual(['a!', 'b!', 'c', 'd', 'e'])
    fails = false
    await db.migrate({ migrations: modules })
    expect(
      (await db.select<{ title: string }>(sql`select title from books order by id`)).map(({ title }) => title),
    ).toEqual(['a!', 'b!', 'c!', 'd!', 'e!'])
    expect(seen).toEqual(['a', 'b', 'c', 'c', 'd', 'e'])
  })

  it('name a table or a column that is not there', async () => {
    const { db } = database
    const of = (work: (m: MigrationData) => Promise<unknown>) =>
      db.migrate({ migrations: withData(async (m) => void (await work(m))) })
    await expect(of(async (m) => m.table('book').count())).rejects.toThrow(/no table "book"/)
    await expect(of((m) => m.table('books').rows({ titel: 'a' }))).rejects.toThrow(/no column "titel".*"title"/)
    await expect(of((m) => m.table('books').update(undefined as never, {}))).rejects.toThrow(/takes an object/)
  })
})
