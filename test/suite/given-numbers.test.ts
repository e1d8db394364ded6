import { Field, Model } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Book extends Model({ title: Field.string({ unique: true }) }) {}

/** Code may set a number. */
function given(id: number): Book {
  const book = new Book({ title: `given ${id}` })
  ;(book as { id: number }).id = id
  return book
}

describeDatabases('numbers that the rows bring', (database) => {
  database.useTables([Book])

  const ways: Record<string, (ids: readonly number[]) => Promise<unknown>> = {
    'insertMany()': (ids) => Book.insertMany(ids.map((id) => ({ id, title: `given ${id}` }))),
    'createMany()': (ids) =>
      Book.createMany(
        ids.map((id) => ({ id, title: `given ${id}` })),
        { guarded: true },
      ),
    'create()': async (ids) => {
      for (const id of ids) await Book.create({ id, title: `given ${id}` }, { guarded: true })
    },
    'save()': async (ids) => {
      for (const id of ids) await given(id).save()
    },
    'saveMany()': (ids) => Book.saveMany(ids.map((id) => given(id))),
    'upsertMany()': (ids) =>
      Book.upsertMany(ids.map((id) => ({ id, title: `given ${id}` })) as never, { conflict: 'id', guarded: true }),
    'upsert()': async (ids) => {
      for (const id of ids) await Book.upsert({ id, title: `given ${id}` } as never, { conflict: 'id', guarded: true })
    },
  }

  it.each(Object.keys(ways))('%s leaves the numbering after the highest of them', async (name) => {
    const first = await Book.create({ title: 'first' })
    await ways[name]?.([first.id + 1, first.id + 3, first.id + 2])
    const next = await Book.create({ title: 'next' })
    expect(next.id).toBeGreaterThan(first.id + 3)
    const made = await Book.createMany([{ title: 'more' }, { title: 'most' }])
    expect(made.map(({ id }) => id > next.id)).toEqual([true, true])
  })

  it('lower numbers put nothing back', async () => {
    const { id } = await Book.create({ title: 'first' })
    await Book.insertMany([{ id: id + 50, title: 'high' }])
    await Book.insertMany([{ id: id + 10, title: 'low' }])
    await Book.insertMany([{ id: -id - 5, title: 'negative' }])
    expect((await Book.create({ title: 'next' })).id).toBeGreaterThan(id + 50)
  })

  it('also in a transaction, and of many at once', async () => {
    const { id } = await Book.create({ title: 'first' })
    await database.db.transaction(async () => {
      await Book.insertMany([{ id: id + 1, title: 'a' }])
      await Book.create({ title: 'b' })
    })
    const base = (await Book.query().max('id')) as number
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => Book.insertMany([{ id: base + 100 + i * 7, title: `at once ${i}` }])),
    )
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => Book.create({ title: `after ${i}` })))
    expect(Math.min(...made.map((each) => each.id))).toBeGreaterThan(base + 100 + 19 * 7)
  })
})
