import { type AnyQuery, Field, fn, gt, LockTimeoutError, Model, Relation, UsageError } from 'corm'
import { beforeEach, expect, expectTypeOf, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Author extends Model({ name: Field.string() }, { table: 'several_authors' }) {}
class Book extends Model(
  { title: Field.string(), price: Field.integer(), authorId: Field.foreignKey(() => Author) },
  { table: 'several_books' },
) {
  static author = Relation.belongsTo(() => Author)
}
class Line extends Model(
  { order: Field.integer({ primaryKey: true }), line: Field.integer({ primaryKey: true }), amount: Field.integer() },
  { table: 'several_lines' },
) {}
class Photo extends Model({ url: Field.string() }, { table: 'several_photos' }) {}
class Video extends Model({ title: Field.string(), length: Field.integer() }, { table: 'several_videos' }) {}
class Comment extends Model({ body: Field.string(), ...Field.morphs('subject') }, { table: 'several_comments' }) {
  static subject = Relation.morphTo([() => Photo, () => Video])
}

describeDatabases('several arguments', (database) => {
  database.useTables([Author, Book, Line, Photo, Video, Comment])
  let ids: number[] = []
  beforeEach(async () => {
    const [jane, mary] = await Author.createMany([{ name: 'Jane' }, { name: 'Mary' }])
    const books = await Book.createMany([
      { title: 'b', price: 1, authorId: jane!.id },
      { title: 'a', price: 2, authorId: jane!.id },
      { title: 'a', price: 3, authorId: mary!.id },
    ])
    ids = books.map((book) => book.id)
  })
  const prices = (query: AnyQuery<typeof Book>): Promise<number[]> => query.pluck('price')

  it('where takes several conditions, in all forms', async () => {
    const ordered = Book.query().orderBy('price')
    expect(
      await prices(
        ordered.where(
          (c) => c.price.gt(1),
          (c) => c.price.lt(3),
        ),
      ),
    ).toEqual([2])
    expect(await prices(ordered.where((c) => c.price.gt(1), { title: 'a' }))).toEqual([2, 3])
    expect(await prices(ordered.where(Book.columns.price.gt(1), (c) => c.author.name.eq('Mary')))).toEqual([3])
    expect(
      await prices(
        ordered.whereNot(
          (c) => c.price.gt(1),
          (c) => c.price.lt(3),
        ),
      ),
    ).toEqual([1, 3])
    expect(await prices(ordered.where('price', 1).orWhere((c) => c.price.eq(3), { title: 'a' }))).toEqual([1, 3])
    expect(
      await Book.where(
        (c) => c.price.gt(0),
        (c) => c.price.lt(9),
        (c) => c.title.eq('a'),
        { price: gt(2) },
      ).count(),
    ).toBe(1)
    expect(() => Book.query().where((c) => c.price.gt(1), undefined as never)).toThrow(UsageError)
  })

  it('orderBy takes several orders', async () => {
    expect(await prices(Book.query().orderBy('title', '-price'))).toEqual([3, 2, 1])
    expect(await prices(Book.query().orderBy('-title', (c) => c.price.desc()))).toEqual([1, 3, 2])
    expect(await prices(Book.query().orderBy('author.name', 'title', 'price'))).toEqual([2, 1, 3])
    expect(await prices(Book.query().orderBy((c) => c.title.length(), '-price', 'title'))).toEqual([3, 2, 1])
    expect(await prices(Book.query().orderBy('title', 'desc').orderBy('price', 'asc'))).toEqual([1, 2, 3])
    expect(await prices(Book.query().orderBy(['title', '-price'], 'desc'))).toEqual([1, 2, 3])
    expect(() => Book.query().orderBy('title', 'asc', 'price')).toThrow('one order and a direction, or several orders')
    expect(() => Book.query().orderBy('title', 'prise' as never)).toThrow('has no field "prise"')
    expect(() => Book.query().orderBy('title', 'DESC' as never)).toThrow(UsageError)
  })

  it('pk is the primary key', async () => {
    const [first, second, third] = ids as [number, number, number]
    expect(await prices(Book.where('pk', second))).toEqual([2])
    expect(await prices(Book.where({ pk: second }))).toEqual([2])
    expect(await prices(Book.query().where('pk', 'in', [first, third]).orderBy('pk'))).toEqual([1, 3])
    expect(await prices(Book.query().whereIn('pk', [first, third]).orderBy('-pk'))).toEqual([3, 1])
    expect(await prices(Book.query().where('pk', '>', first).orderBy('pk'))).toEqual([2, 3])
    expect(await prices(Book.query().where('author.pk', 'in', [0]))).toEqual([])
    const keys = await Book.query().orderBy('pk').pluck('pk')
    expectTypeOf(keys).toEqualTypeOf<number[]>()
    expect(keys).toEqual(ids)
    expect(() => Book.query().where('pk', [first] as never)).toThrow(UsageError)
  })

  it('pk of several fields is an object', async () => {
    await Line.createMany([
      { order: 1, line: 1, amount: 5 },
      { order: 1, line: 2, amount: 6 },
      { order: 2, line: 1, amount: 7 },
    ])
    const amounts = (query: AnyQuery<typeof Line>) => query.orderBy('amount').pluck('amount')
    expect(await amounts(Line.where('pk', { order: 1, line: 2 }))).toEqual([6])
    expect(await amounts(Line.where({ pk: { order: 1, line: 2 } }))).toEqual([6])
    expect(await amounts(Line.query().where('pk', '!=', { order: 1, line: 2 }))).toEqual([5, 7])
    const two = [
      { order: 1, line: 1 },
      { order: 2, line: 1 },
    ]
    expect(await amounts(Line.query().whereIn('pk', two))).toEqual([5, 7])
    expect(await amounts(Line.query().whereNotIn('pk', two))).toEqual([6])
    expect(() => Line.query().where('pk', '>', { order: 1, line: 2 })).toThrow('has several fields')
    expect(() => Line.query().orderBy('pk')).toThrow('has several fields')
  })

  it('whereHas goes through a morphTo by model', async () => {
    const photo = await Photo.create({ url: 'u' })
    const long = await Video.create({ title: 'long', length: 90 })
    const short = await Video.create({ title: 'short', length: 10 })
    for (const [body, subject] of [
      ['p', photo],
      ['l', long],
      ['s', short],
    ] as const)
      await Comment.create({ body, subject })
    const bodies = (query: AnyQuery<typeof Comment>) => query.orderBy('body').pluck('body')
    const comments = Comment.query()
    expect(await bodies(comments.whereHas('subject', { Video: true }))).toEqual(['l', 's'])
    expect(
      await bodies(comments.whereHas('subject', { Photo: true, Video: (q) => q.where('length', '>', 60) })),
    ).toEqual(['l', 'p'])
    expect(await bodies(comments.whereHas('subject', { Photo: (q) => q.where('url', 'x') }))).toEqual([])
    expect(await bodies(comments.whereDoesntHave('subject', { Video: (q) => q.where('length', '>', 60) }))).toEqual([
      'p',
      's',
    ])
    expect(await bodies(comments.whereHas('subject', { Video: true }, '=', 0))).toEqual(['p'])
    expect(() => comments.whereHas('subject', { Audio: true })).toThrow('is none of its models: Photo, Video')
    expect(() => comments.whereHas('subject', { Video: 'x' as never })).toThrow(UsageError)
    expect(() => Book.query().whereHas('author', { Author: true } as never)).toThrow('is for relations of type morphTo')
  })

  it('lock names the tables whose rows are locked', async () => {
    await Book.transaction(async () => {
      const joined = Book.query().join(Author, (c, t) => c.authorId.eq(t.id), { alias: 'writer' })
      const ofMary = joined.where((_, t) => t.writer.name.eq('Mary'))
      expect(await ofMary.lock('update', { of: 'writer' }).pluck('price')).toEqual([3])
      expect(await ofMary.lock('share', { of: [Book, 'writer'] })).toHaveLength(1)
      expect(await ofMary.lock('update', { of: Book, noWait: true })).toHaveLength(1)
      expect(await Book.query().lock('update', { of: Book })).toHaveLength(3)
      expect(() => Book.query().lock('update', { of: 'writer' })).toThrow('names tables of the query')
      expect(() => joined.lock('update', { of: Author })).toThrow('names tables of the query')
      const outer = Book.query().leftJoin(Author, (c, t) => c.authorId.eq(t.id), { alias: 'writer' })
      expect(() => outer.lock('update', { of: 'writer' })).toThrow('an outer join has rows without one')
    })
  })

  it('rows of a joined table are really locked', async ({ skip }) => {
    if (!database.facts.concurrent) skip()
    const { db } = database
    await db.transaction(async () => {
      const joined = Book.query().join(Author, (c, t) => c.authorId.eq(t.id), { alias: 'writer' })
      await joined.where((_, t) => t.writer.name.eq('Mary')).lock('update', { of: 'writer' })
      const other = db.transaction(async () => Author.where('name', 'Mary').lock('update', { noWait: true }).get(), {})
      await expect(Promise.resolve(other)).resolves.toHaveLength(1)
    })
    const free = new Promise<unknown>((resolve, reject) => {
      db.transaction(async () => {
        const joined = Book.query().join(Author, (c, t) => c.authorId.eq(t.id), { alias: 'writer' })
        await joined.where((_, t) => t.writer.name.eq('Mary')).lock('update', { of: 'writer' })
        const { outsideTransaction } = await import('corm')
        await outsideTransaction(() =>
          db.transaction(() => Author.where('name', 'Mary').lock('update', { noWait: true }).get()),
        ).then(resolve, reject)
      }).catch(reject)
    })
    await expect(free).rejects.toBeInstanceOf(LockTimeoutError)
    expect(await Author.query().aggregate({ n: fn.count() })).toEqual({ n: 2 })
  })
})
