import { Field, fn, Model, Relation, sql, UnsupportedError, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Author extends Model({ name: Field.string(), age: Field.integer({ nullable: true }) }) {}
class Book extends Model({
  title: Field.string(),
  pages: Field.integer(),
  price: Field.decimal({ precision: 8, scale: 2, default: 1 }),
  authorId: Field.foreignKey(() => Author, { nullable: true }),
  sequelOfId: Field.foreignKey(() => Book, { nullable: true, onDelete: 'setNull' }),
}) {
  static author = Relation.belongsTo(() => Author)
  static sequels = Relation.hasMany(() => Book)
}

describeDatabases('joins', (database) => {
  database.useTables([Author, Book])

  /** a (Ann) – its sequel b (Ann) – its sequel c (Bob); d alone. Cy wrote nothing. */
  const seed = async () => {
    const [ann, bob] = await Author.createMany([{ name: 'Ann', age: 30 }, { name: 'Bob' }, { name: 'Cy' }])
    const a = await Book.create({ title: 'a', pages: 1, authorId: ann?.id ?? 0, price: '1.50' })
    const b = await Book.create({ title: 'b', pages: 2, authorId: ann?.id ?? 0, sequelOfId: a.id })
    const c = await Book.create({ title: 'c', pages: 3, authorId: bob?.id ?? 0, sequelOfId: b.id })
    const d = await Book.create({ title: 'd', pages: 4 })
    return { a, b, c, d }
  }
  const titles = async (query: { pluck(key: 'title'): Promise<string[]> }) => (await query.pluck('title')).join('')

  it('join models, under their own name and others', async () => {
    await seed()
    const written = Book.query().join(Author, (c, t) => c.authorId.eq(t.id))
    expect(await titles(written.where(Author.columns.name.eq('Ann')).orderBy('title'))).toBe('ab')
    expect(await written.count()).toBe(3)
    const named = written
      .join(Book, (c, t) => c.sequelOfId.eq(t.id), { alias: 'before' })
      .annotate({ before: (_, t) => t.before.title, writer: () => Author.columns.name })
      .orderBy((_, t) => t.before.pages.desc())
    expect((await named.where('pages', '>', 1)).map((row) => [row.title, row.before, row.writer])).toEqual([
      ['c', 'b', 'Bob'],
      ['b', 'a', 'Ann'],
    ])
    expect(await named.where((_, t) => t.before.title.eq('a')).values('title', 'before')).toEqual([
      { title: 'b', before: 'a' },
    ])
  })

  it('go by paths and by tables that were joined before', async () => {
    await seed()
    const later = Book.query().join(Author, (c, t) => t.name.eq(c.author.name), { alias: 'w' })
    expect(await titles(later.where('author.name', 'Ann').orderBy('title'))).toBe('ab')
    const next = later.join(Book, (_, t) => t.authorId.eq(t.w.id), { alias: 'same' })
    expect(
      await next
        .annotate({ other: (_, t) => t.same.title })
        .orderBy('title')
        .orderBy((_, t) => t.same.title)
        .valuesList('title', 'other'),
    ).toEqual([
      ['a', 'a'],
      ['a', 'b'],
      ['b', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ])
  })

  it('keep rows without a match when they are left joins', async () => {
    await seed()
    const all = Book.query()
      .leftJoin(Author, (c, t) => c.authorId.eq(t.id), { alias: 'w' })
      .annotate({ writer: (_, t) => t.w.name })
      .orderBy('title')
    expect((await all).map((row) => row.writer)).toEqual(['Ann', 'Ann', 'Bob', null])
    expect(await titles(all.where((_, t) => t.w.id.isNull()))).toBe('d')
  })

  it('join queries by their rows', async () => {
    await seed()
    const counts = Book.query()
      .whereNotNull('authorId')
      .annotate({ double: (c) => c.pages.times(2) })
    const joined = Author.query()
      .join(counts, (c, t) => c.id.eq(t.authorId).and(t.double.gt(2)), { alias: 'b' })
      .orderBy((_, t) => t.b.title)
      .annotate({ title: (_, t) => t.b.title, price: (_, t) => t.b.price })
    expect((await joined).map((row) => [row.name, row.title, row.price.toString()])).toEqual([
      ['Ann', 'b', '1'],
      ['Bob', 'c', '1'],
    ])
  })

  it('give a row for each match, and distinct ones on demand', async () => {
    await seed()
    const each = Author.query()
      .join(Book, (c, t) => c.id.eq(t.authorId), { alias: 'b' })
      .orderBy('name')
    expect(await each.pluck('name')).toEqual(['Ann', 'Ann', 'Bob'])
    expect(await each.distinct().pluck('name')).toEqual(['Ann', 'Bob'])
    const sums = await each.groupBy('name').aggregate({ pages: (_, t) => fn.sum(t.b.pages) })
    expect(sums).toEqual([
      { name: 'Ann', pages: 3 },
      { name: 'Bob', pages: 3 },
    ])
  })

  it('go with updates and deletes', async () => {
    await seed()
    const ofAnn = Book.query()
      .join(Author, (c, t) => c.authorId.eq(t.id), { alias: 'w' })
      .where((_, t) => t.w.name.eq('Ann'))
    expect(await ofAnn.update({ pages: 9 })).toBe(2)
    expect(await Book.query().where('pages', 9).count()).toBe(2)
    expect(await ofAnn.where('title', 'b').delete()).toBe(1)
    expect(await titles(Book.query().orderBy('title'))).toBe('acd')
  })

  it('read a right join without instances; a full one where the database has it', async () => {
    await seed()
    const right = Book.query().join(Author, (c, t) => c.authorId.eq(t.id), { type: 'right', alias: 'w' })
    const values = await right
      .annotate({ writer: (_, t) => t.w.name })
      .orderBy('writer')
      .orderBy('title')
      .values('title', 'writer')
    expect(values).toContainEqual({ title: null, writer: 'Cy' })
    expect(values).toHaveLength(4)
    await expect(right.get()).rejects.toThrow(/rows without a "Book"/)
    const full = Book.query().join(Author, (c, t) => c.authorId.eq(t.id), { type: 'full' })
    if (database.kind === 'mysql') await expect(full.count()).rejects.toThrow(UnsupportedError)
    else expect(await full.count()).toBe(5)
  })

  it('share their form', async () => {
    await seed()
    const found = (pages: number) =>
      titles(
        Book.query()
          .join(Book, (c, t) => c.sequelOfId.eq(t.id).and(t.pages.lte(pages)), { alias: 'p' })
          .orderBy('title'),
      )
    expect(await Promise.all([found(1), found(2), found(0)])).toEqual(['b', 'bc', ''])
  })

  it('refuse what can not be meant', async () => {
    await seed()
    const query = Book.query() as unknown as Record<string, (...args: unknown[]) => unknown>
    const on = (c: { id: { eq(v: unknown): unknown } }, t: { id: unknown }) => c.id.eq(t.id)
    expect(() => query.join?.(Book, on)).toThrow(/a table named "books" already/)
    expect(() => query.join?.(Author.query(), on)).toThrow(/needs a name/)
    expect(() => query.join?.(Author, on, { alias: 'x"y' })).toThrow(/letters, digits/)
    expect(() => query.join?.(Author, on, { alias: 'corm_1' })).toThrow(/does not begin with "corm_"/)
    expect(() => query.join?.(Author, on, { type: 'cross' })).toThrow(/option "type" of join\(\) must be/)
    expect(() => query.join?.(Author, () => undefined)).toThrow(/returned nothing/)
    expect(() => query.join?.(42, on)).toThrow(UsageError)
    expect(() => query.join?.(Author, (_: unknown, t: any) => t.nam)).toThrow(/no field "nam"/)
    const lone = Author.query().select('name')
    expect(() => query.join?.(lone, (_: unknown, t: any) => t.age.eq(1), { alias: 'l' })).toThrow(/no column "age"/)
  })

  it('common table expressions stand ahead of the query that uses them', async () => {
    await seed()
    const cheap = Book.query()
      .where('price', '<', '1.20')
      .annotate({ double: (c) => c.pages.times(2) })
    const query = Book.query().withCte('cheap', cheap)
    const joined = query.join('cheap', (c, t) => c.sequelOfId.eq(t.id)).where((_, t) => t.cheap.double.gte(4))
    expect(await titles(joined)).toBe('c')
    const read = query.from('cheap').where('double', '>', 4).orderBy('title')
    expect((await read).map((row) => [row.title, row.double])).toEqual([
      ['c', 6],
      ['d', 8],
    ])
    expect(await query.whereIn('id', Book.query().from('cheap').select('id')).count()).toBe(3)
    expect(
      await query
        .join('cheap', (c, t) => c.id.eq(t.id))
        .where('pages', '>', 2)
        .update({ title: 'x' }),
    ).toBe(2)
    expect(() => query.withCte('cheap', cheap)).toThrow(/named "cheap" already/)
    expect(() => query.withCte('books', cheap)).toThrow(/model's own table/)
    expect(() => query.withCte('a b', cheap)).toThrow(UsageError)
  })

  it('recursive ones go on from their own rows, and end in circles', async () => {
    const { a, c, d } = await seed()
    const line = (title: string) =>
      Book.query()
        .withRecursive('line', Book.where('title', title), (self) =>
          Book.query().join(self, (book, t) => book.sequelOfId.eq(t.id)),
        )
        .from('line')
        .orderBy('title')
    expect(await titles(line('a'))).toBe('abc')
    expect(await titles(line('b'))).toBe('bc')
    expect(await titles(line('d'))).toBe('d')
    expect(await line('a').count()).toBe(3)
    await a.update({ sequelOfId: c.id })
    expect(await titles(line('b'))).toBe('abc')
    expect(await d.refresh()).toMatchObject({ title: 'd' })
  })

  it('recursive ones carry values along', async () => {
    await seed()
    const tree = Book.query()
      .withRecursive('tree', Book.where('title', 'a').annotate({ depth: (c) => c.pages.minus(c.pages) }), (self) =>
        Book.query()
          .join(self, (book, t) => book.sequelOfId.eq(t.id))
          .annotate({ depth: (_, t) => t.tree.depth.plus(1).cast('integer') }),
      )
      .from('tree')
      .orderBy('-depth')
    expect((await tree).map((row) => [row.title, row.depth])).toEqual([
      ['c', 2],
      ['b', 1],
      ['a', 0],
    ])
    expect(await titles(tree.where('depth', '>', 0).with('author'))).toBe('cb')
    expect(() =>
      Book.query().withRecursive('t', Book.query(), () => Book.query().annotate({ n: sql<number>`1` })),
    ).toThrow(/select the same columns/)
  })
})
