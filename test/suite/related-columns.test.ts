import { Field, fn, Model, Relation, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Author extends Model({ name: Field.string(), limit: Field.integer({ default: 2 }) }) {
  static books = Relation.hasMany(() => Book)
  static profile = Relation.hasOne(() => Profile)
}
class Profile extends Model({ city: Field.string(), authorId: Field.oneToOne(() => Author) }) {}
class Book extends Model({
  title: Field.string(),
  pages: Field.integer({ nullable: true }),
  price: Field.decimal({ precision: 8, scale: 2 }),
  authorId: Field.foreignKey(() => Author, { nullable: true, onDelete: 'setNull' }),
  partOfId: Field.foreignKey(() => Book, { nullable: true, onDelete: 'setNull' }),
}) {
  static author = Relation.belongsTo(() => Author)
  static parts = Relation.hasMany(() => Book)
}

describeDatabases('columns of related rows in callbacks', (database) => {
  database.useTables([Author, Profile, Book])

  const seed = async () => {
    const [ann, bob] = await Author.createMany([{ name: 'Ann' }, { name: 'Bob', limit: 0 }, { name: 'Cy' }])
    await Profile.create({ city: 'Rome', authorId: ann?.id ?? 0 })
    const all = await Book.create({ title: 'all', pages: 10, price: '1.50', authorId: ann?.id ?? 0 })
    await Book.createMany([
      { title: 'one', pages: 20, price: '2.25', authorId: ann?.id ?? 0, partOfId: all.id },
      { title: 'two', price: '4', authorId: bob?.id ?? 0, partOfId: all.id },
      { title: 'lone', pages: 5, price: '3' },
    ])
  }

  it('are values where they are of one row', async () => {
    await seed()
    const query = Book.query().annotate({ writer: (c) => c.author.name.upper(), city: (c) => c.author.profile.city })
    const rows = await query.where((c) => c.author.name.ne('Bob')).orderBy((c) => [c.author.name, c.title.desc()])
    expect(rows.map((row) => [row.title, row.writer, row.city])).toEqual([
      ['one', 'ANN', 'Rome'],
      ['all', 'ANN', 'Rome'],
    ])
    expect(
      await Book.query()
        .where((c) => c.author.id.isNull())
        .pluck('title'),
    ).toEqual(['lone'])
  })

  it('are aggregated where they are of many: one value for each row, which stay as they are', async () => {
    await seed()
    const authors = await Author.query()
      .annotate({
        total: (c) => fn.count(c.books),
        worth: (c) => fn.sum(c.books.price),
        most: (c) => fn.max(c.books.pages).coalesce(0),
        long: (c) => fn.count(c.books).filter(c.books.pages.gt(15)),
        last: (c) => fn.max(c.books.title),
      })
      .orderBy('name')
    expect(authors.map((row) => [row.name, row.total, row.worth?.toString(), row.most, row.long, row.last])).toEqual([
      ['Ann', 2, '3.75', 20, 1, 'one'],
      ['Bob', 1, '4', 0, 0, 'two'],
      ['Cy', 0, undefined, 0, 0, null],
    ])
  })

  it('aggregated, stand in conditions, orders and updates, beside columns of the row itself', async () => {
    await seed()
    const names = (query: { pluck(key: 'name'): Promise<string[]> }) => query.pluck('name')
    const authors = () => Author.query().orderBy('name')
    expect(await names(authors().where((c) => fn.count(c.books).gte(c.limit)))).toEqual(['Ann', 'Bob'])
    expect(await names(authors().where((c) => fn.sum(c.books.price).gt(3).and(c.name.ne('Bob'))))).toEqual(['Ann'])
    expect(await names(Author.query().orderBy((c) => [fn.count(c.books).desc(), c.name]))).toEqual(['Ann', 'Bob', 'Cy'])
    expect(await names(authors().where((c) => fn.count(c.books).filter(c.books.pages.gt(c.limit)).gt(0)))).toEqual([
      'Ann',
    ])
    expect(
      await Author.query()
        .all()
        .update((c) => ({ limit: fn.count(c.books).plus(c.limit) })),
    ).toBe(3)
    expect(await authors().pluck('limit')).toEqual([4, 1, 2])
    expect(
      await Author.query()
        .where((c) => fn.count(c.books).eq(0))
        .delete(),
    ).toBe(1)
    const grouped = await Author.query()
      .annotate({ total: (c) => fn.count(c.books) })
      .groupBy('total')
      .orderBy('total')
      .aggregate({ authors: fn.count() })
    expect(grouped).toEqual([
      { total: 1, authors: 1 },
      { total: 2, authors: 1 },
    ])
  })

  it('of the same table, and with a path to one row behind', async () => {
    await seed()
    expect(() => Book.query().annotate({ parts: fn.count() })).toThrow(/has that name already/)
    const rows = await Book.query()
      .annotate({ worth: (c) => fn.sum(c.parts.price), last: (c) => fn.max(c.parts.author.name) })
      .where('title', 'all')
    expect(rows.map((row) => [row.worth?.toString(), row.last])).toEqual([['6.25', 'Bob']])
  })

  it('are refused where they are no value of one row', () => {
    const query = Author.query()
    expect(() => query.where((c) => c.books.title.eq('all'))).toThrow(/c.books goes through a to-many relation/)
    expect(() => query.orderBy((c) => c.books.title)).toThrow(UsageError)
    expect(() => query.where((c) => c.books.parts.price.gt(1))).toThrow(/c.books.parts goes through a to-many relation/)
    expect(() => Book.query().annotate({ a: (c) => fn.sum((c.author as never as { nam: never }).nam) })).toThrow(
      /has no field "nam"/,
    )
  })

  it('go on being those of the row outside in queries that are built inside', async () => {
    await seed()
    const rows = await Author.query()
      .annotate({
        dear: (c) =>
          Book.query()
            .where((b) => b.authorId.eq(c.id).and(b.price.gt(c.limit)))
            .annotate({ n: fn.count() })
            .select('n'),
      })
      .orderBy('name')
    expect(rows.map((row) => row.dear)).toEqual([1, 1, 0])
    const inner = Book.query().where('authorId', 1)
    let leaked: { eq(value: unknown): never } | undefined
    Author.query().where((c) => {
      leaked = c.name as never
      return c.name.eq('x')
    })
    await expect(inner.where(leaked?.eq('x') as never).get()).rejects.toThrow(/belongs to a callback that has ended/)
  })
})
