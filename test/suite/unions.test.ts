import { Field, Model, Relation, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Author extends Model({ name: Field.string() }) {
  static books = Relation.hasMany(() => Book)
}
class Book extends Model({
  title: Field.string(),
  pages: Field.integer(),
  price: Field.decimal({ precision: 8, scale: 2, default: 1 }),
  data: Field.json<{ n: number }>({ default: { n: 1 } }),
  at: Field.dateTime({ default: () => new Date('2024-01-01T00:00:00.000Z') }),
  body: Field.text({ lazy: true, default: '' }),
  authorId: Field.foreignKey(() => Author, { nullable: true }),
}) {
  static author = Relation.belongsTo(() => Author)
}

describeDatabases('unions', (database) => {
  database.useTables([Author, Book])
  const seed = async () => {
    const ann = await Author.create({ name: 'Ann' })
    await Book.createMany([
      { title: 'a', pages: 1, authorId: ann.id },
      { title: 'b', pages: 2, price: '2.50' },
      { title: 'c', pages: 3, authorId: ann.id },
      { title: 'd', pages: 4 },
    ])
  }
  const upTo = (pages: number) => Book.query().where('pages', '<=', pages)
  const from = (pages: number) => Book.query().where('pages', '>=', pages)
  const titles = async (query: { pluck(key: 'title'): Promise<string[]> }) => (await query.pluck('title')).join('')

  it('give the rows of both queries, once or as often as they come', async () => {
    await seed()
    expect(await titles(upTo(2).union(from(2)).orderBy('title'))).toBe('abcd')
    expect(await titles(upTo(2).unionAll(from(2)).orderBy('title'))).toBe('abbcd')
    expect(await titles(upTo(3).intersect(from(2)).orderBy('title'))).toBe('bc')
    expect(await titles(upTo(3).except(from(2)).orderBy('title'))).toBe('a')
    expect(await titles(upTo(1).union(from(4)).union(upTo(1)).orderBy('-title'))).toBe('da')
    expect(await titles(upTo(1).union(from(3)).except(from(4)).orderBy('title'))).toBe('ac')
    expect(await titles(upTo(1).union(from(3)).intersect(from(3)).orderBy('title'))).toBe('cd')
    expect(
      await titles(
        from(3)
          .union(upTo(1).unionAll(upTo(1)))
          .orderBy('title'),
      ),
    ).toBe('acd')
  })

  it('keep order and limit of each operand, and have their own', async () => {
    await seed()
    const first = Book.query().orderBy('title').limit(1)
    const last = Book.query().orderBy('-title').limit(1)
    expect(await titles(first.union(last).orderBy('-title'))).toBe('da')
    expect(await titles(first.union(last).orderBy('-title').limit(1))).toBe('d')
    expect(await titles(upTo(2).union(from(2)).orderBy('title').offset(1).limit(2))).toBe('bc')
    expect((await upTo(2).union(from(4)).orderBy('title').last())?.title).toBe('d')
  })

  it('are queries like any other: conditions, counts, pages, relations, instances', async () => {
    await seed()
    const both = upTo(2).union(from(4))
    expect(await both.count()).toBe(3)
    expect(await both.where('pages', '>', 1).count()).toBe(2)
    expect(await both.where('author.name', 'Ann').count()).toBe(1)
    expect(await both.exists()).toBe(true)
    expect(await both.sum('pages')).toBe(7)
    const rows = await both.orderBy('-author.name').orderBy('title').with('author')
    expect(rows.map((row) => row.author?.name ?? null)).toContain('Ann')
    const page = await both.orderBy('title').paginate({ page: 2, size: 2 })
    expect([page.total, page.items.map((row) => row.title)]).toEqual([3, ['d']])
    const cursor = await both.orderBy('title').cursorPaginate({ size: 2 })
    expect(cursor.items.map((row) => row.title)).toEqual(['a', 'b'])
    const next = await both.orderBy('title').cursorPaginate({ size: 2, after: cursor.nextCursor })
    expect(next.items.map((row) => row.title)).toEqual(['d'])
    const [row] = await both.where('title', 'b')
    expect([row?.price.toString(), row?.data, row?.at]).toEqual(['2.5', { n: 1 }, new Date('2024-01-01T00:00:00.000Z')])
    await row?.update({ pages: 20 })
    expect(await Book.query().max('pages')).toBe(20)
    expect(await Author.query().whereIn('id', both.whereNotNull('authorId').select('authorId')).count()).toBe(1)
    expect(await Book.query().whereIn('id', both.select('id')).count()).toBe(3)
    const streamed: string[] = []
    for await (const one of both.orderBy('-title').stream({ chunkSize: 2 })) streamed.push(one.title)
    expect(streamed).toEqual(['d', 'b', 'a'])
  })

  it('carry annotations that both have', async () => {
    await seed()
    const shout = (query: ReturnType<typeof upTo>) => query.annotate({ shout: (c) => c.title.upper() })
    const rows = await shout(upTo(1))
      .union(shout(from(4)))
      .where('shout', '!=', 'X')
      .orderBy('-shout')
    expect(rows.map((row) => row.shout)).toEqual(['D', 'A'])
  })

  it('share their form with others of the same kind', async () => {
    await seed()
    const found = (low: number, high: number) => titles(upTo(low).union(from(high)).orderBy('title'))
    expect(await Promise.all([found(1, 4), found(2, 3), found(0, 2)])).toEqual(['ad', 'abcd', 'bcd'])
  })

  it('refuse what can not be meant', async () => {
    await seed()
    expect(() => Book.query().union(Author.query())).toThrow(/over "Book" only/)
    expect(() => Book.query().union('books' as never)).toThrow(UsageError)
    await expect(upTo(1).union(from(4)).all().delete()).rejects.toThrow(/can't be updated or deleted/)
    await expect(upTo(1).union(from(4)).update({ pages: 3 })).rejects.toThrow(/can't be updated or deleted/)
    const uneven = upTo(1).select('title').union(from(4))
    await expect(uneven.get()).rejects.toThrow(/select the same fields/)
    const narrow = upTo(1).select('title').union(from(4).select('title'))
    expect(await titles(narrow.orderBy('title'))).toBe('ad')
    await expect(narrow.where('pages', 1).get()).rejects.toThrow(/"Book.pages" is not selected by/)
    await expect(narrow.with('author').get()).rejects.toThrow(/"Book.authorId" is not selected by/)
    await expect(upTo(1).union(from(2)).lock('update').get()).rejects.toThrow(/lock\(\)/)
    expect(await Book.query().count()).toBe(4)
  })

  it('from() reads the rows of a query or of another table', async () => {
    await seed()
    const long = Book.query().from(Book.query().orderBy('-pages').limit(3))
    expect(await titles(long.orderBy('title'))).toBe('bcd')
    expect(await long.where('pages', '>', 3).count()).toBe(1)
    expect(await titles(long.where('author.name', 'Ann'))).toBe('c')
    const named = Book.query().from(Book.query().annotate({ double: (c) => c.pages.times(2) }))
    expect((await named.where('double', 8)).map((row) => [row.title, row.double])).toEqual([['d', 8]])
    expect(await named.orderBy('-double').pluck('double')).toEqual([8, 6, 4, 2])
    expect(await titles(Book.query().from('books').orderBy('title'))).toBe('abcd')
    expect(() => Book.query().from(Author.query())).toThrow(/takes a query over "Book"/)
    expect(() => named.from(named)).toThrow(/and so has the query/)
    await expect(long.update({ pages: 1 })).rejects.toThrow(/can't be updated or deleted/)
  })
})
