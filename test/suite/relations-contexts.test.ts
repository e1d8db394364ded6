import { Database, Field, Model, Relation } from 'corm'
import { expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Author extends Model({ name: Field.string() }, { table: 'ctx_authors' }) {
  static books = Relation.hasMany(() => Book)
}
class Book extends Model({ title: Field.string(), authorId: Field.foreignKey(() => Author) }, { table: 'ctx_books' }) {
  static author = Relation.belongsTo(() => Author)
}

describeDatabases('relations that are loaded for siblings', (database) => {
  database.useTables([Author, Book])
  const setUp = async () => {
    const [a, b] = await Author.createMany([{ name: 'a' }, { name: 'b' }])
    await Book.createMany([{ title: 'first', authorId: a!.id }])
    await Book.createMany([{ title: 'second', authorId: b!.id }])
    return Author.query().orderBy('name')
  }
  const titles = async (author: Awaited<ReturnType<typeof setUp>>[number]) =>
    (await author.books).map(({ title }) => title).sort()

  it('carry no uncommitted rows out of a transaction', async () => {
    const [a, b] = await setUp()
    await database.db.transaction(async (trx) => {
      await Book.create({ title: 'never', authorId: b!.id })
      expect(await titles(a!)).toEqual(['first'])
      trx.rollback()
    })
    expect(JSON.stringify(b)).not.toContain('never')
    expect(await titles(b!)).toEqual(['second'])
  })

  it('do not hide what a transaction writes itself', async () => {
    const [a, b] = await setUp()
    expect(await titles(a!)).toEqual(['first'])
    await database.db.transaction(async (outer) => {
      await Book.create({ title: 'new', authorId: b!.id })
      expect(await titles(b!)).toEqual(['new', 'second'])
      outer.rollback()
    })
  })

  it('are those of each nested transaction', async () => {
    const [a, b, c] = [...(await setUp()), await Author.create({ name: 'c' })]
    const all = await Author.query().orderBy('name')
    await database.db.transaction(async () => {
      expect(await titles(all[0]!)).toEqual(['first'])
      await database.db
        .transaction(async () => {
          await Book.create({ title: 'undone', authorId: all[2]!.id })
          expect(await titles(all[2]!)).toEqual(['undone'])
          throw new Error('undo')
        })
        .catch(() => undefined)
      expect(await titles(all[1]!)).toEqual(['second'])
    })
    expect([a, b, c]).toHaveLength(3)
  })

  it('are loaded once for each context, and stay with those who were asked', async () => {
    const all = await setUp()
    const { events } = await recordQueries(async () => {
      for (const author of all) await titles(author)
      for (const author of all) await titles(author)
    })
    expect(events).toHaveLength(1)
    const inside = await Author.query().orderBy('name')
    await database.db.transaction(async () => {
      for (const author of inside) await titles(author)
    })
    const books = inside.map((author) => author.books as unknown as readonly Book[])
    expect(books.map((list) => list.length)).toEqual([1, 1])
    expect(Database.get()).toBe(database.db)
  })
})
