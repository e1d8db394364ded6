import { Field, fn, Model, Relation } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Country extends Model({ code: Field.string({ max: 10 }) }) {}
class Author extends Model({
  name: Field.string({ max: 100 }),
  age: Field.integer({ nullable: true }),
  bossId: Field.foreignKey(() => Author, { nullable: true, onDelete: 'setNull' }),
  countryId: Field.foreignKey(() => Country, { nullable: true, onDelete: 'setNull' }),
}) {
  static books = Relation.hasMany(() => Book)
  static staff = Relation.hasMany(() => Author, { foreignKey: 'bossId' })
  static boss = Relation.belongsTo(() => Author)
  static country = Relation.belongsTo(() => Country)
}
class Book extends Model({
  title: Field.string({ max: 100 }),
  price: Field.decimal({ precision: 10, scale: 2 }),
  kind: Field.string({ max: 10, column: 'sort_of' }),
  authorId: Field.foreignKey(() => Author, { nullable: true, onDelete: 'setNull', column: 'writer_ref' }),
  partOfId: Field.foreignKey(() => Book, { nullable: true, onDelete: 'setNull' }),
}) {
  static author = Relation.belongsTo(() => Author)
  static partOf = Relation.belongsTo(() => Book)
  static parts = Relation.hasMany(() => Book, { foreignKey: 'partOfId' })
}

describeDatabases('steps together', (database) => {
  database.useTables([Country, Author, Book])

  /** Ann (FR) is the boss of Bob (DE) and Cy, and wrote all (12.50) and one (2.25, a part of all); Bob wrote two (4, too). */
  beforeEach(async () => {
    const [fr, de] = await Country.createMany([{ code: 'FR' }, { code: 'DE' }])
    const ann = await Author.create({ name: 'Ann', age: 60, countryId: fr?.id ?? 0 })
    const bob = await Author.create({ name: 'Bob', age: 30, countryId: de?.id ?? 0, bossId: ann.id })
    await Author.create({ name: 'Cy', bossId: ann.id })
    const all = await Book.create({ title: 'all', price: '12.50', kind: 'a', authorId: ann.id })
    const part = { partOfId: all.id }
    await Book.create({ title: 'one', price: '2.25', kind: 'a', authorId: ann.id, ...part })
    await Book.create({ title: 'two', price: '4', kind: 'b', authorId: bob.id, ...part })
    await Book.create({ title: 'lone', price: '3', kind: 'b' })
  })
  const names = (query: { orderBy(key: 'name'): { pluck(key: 'name'): Promise<string[]> } }) =>
    query.orderBy('name').pluck('name')
  const written = () => Author.query().join(Book, (c, t) => c.id.eq(t.authorId), { alias: 'b' })
  const numbered = () =>
    Book.query().annotate({ n: (c) => fn.rowNumber().over({ orderBy: c.id }), cost: (c) => c.price })

  it('values named in a union, or beside a window, are compared as what they are', async () => {
    const costs = (kind: string) => Book.where('kind', kind).annotate({ cost: (c) => c.price })
    const both = costs('a').union(costs('b'))
    expect(await both.where('cost', '>', 3).count()).toBe(2)
    expect(await both.where('cost', '12.5').count()).toBe(1)
    expect(await both.where((c) => c.cost.plus('1').gt(4)).count()).toBe(2)
    expect(
      await numbered()
        .where((c) => c.n.lt(9).and(c.cost.gt(3)))
        .count(),
    ).toBe(2)
    const sums = Book.query().annotate({ sum: (c) => fn.sum(c.price).over({ orderBy: c.id }) })
    expect(await sums.where('sum', '>', '15').count()).toBe(2)
    expect(
      String(
        await numbered()
          .limit(9)
          .aggregate({ m: (c) => fn.max(c.cost.plus(c.price)) })
          .then((r) => r.m),
      ),
    ).toBe('25')
  })

  it('paths of the row outside are its own in a query built inside', async () => {
    const compatriots = Author.query().whereExists((a) =>
      Book.where((b) => b.author.country.code.eq(a.country.code).and(b.author.id.eq(a.id))),
    )
    expect(await names(compatriots)).toEqual(['Ann', 'Bob'])
    const ofBoss = Author.query().annotate({
      n: (a) =>
        Book.where((b) => b.author.id.eq(a.boss.id))
          .annotate({ n: fn.count() })
          .select('n'),
    })
    expect((await ofBoss.orderBy('name')).map((row) => row.n)).toEqual([0, 2, 2])
    // both sides have a path of the same name
    const peers = Author.query().whereExists((a) => Author.where((b) => b.boss.name.eq(a.boss.name).and(b.id.ne(a.id))))
    expect(await names(peers)).toEqual(['Bob', 'Cy'])
    const named = Author.query()
      .annotate({ code: (c) => c.country.code })
      .annotate({ id2: (c) => Country.where((x) => x.code.eq(c.code)).select('code') })
    expect((await named.orderBy('name')).map((row) => row.id2)).toEqual(['FR', 'DE', null])
    expect(
      await Author.query()
        .whereExists((a) => Book.where((b) => b.authorId.eq(a.id).and(a.country.code.eq('DE'))))
        .update((c) => ({ name: c.boss.name.coalesce(c.name) })),
    ).toBe(1)
    expect(await names(Author.query())).toEqual(['Ann', 'Ann', 'Cy'])
  })

  it('aggregates of related rows outside are one value in a query built inside', async () => {
    const cheaper = Author.query().annotate({
      n: (a) =>
        Book.where((b) => b.price.lt(fn.sum(a.books.price)))
          .annotate({ n: fn.count() })
          .select('n'),
    })
    expect((await cheaper.orderBy('name')).map((row) => row.n)).toEqual([4, 2, 0])
  })

  it('an aggregate of related rows asks about the row outside in its filter', async () => {
    const rows = await Author.query()
      .annotate({
        foreign: (a) => fn.count(a.books).filter(a.books.partOf.author.id.ne(a.id).and(a.country.code.eq('DE'))),
        // the id is the author's, also inside a further query
        own: (a) => fn.count(a.books).filter(a.books.id.in(Book.where((b) => b.authorId.eq(a.id)).select('id'))),
      })
      .orderBy('name')
    expect(rows.map((row) => [row.foreign, row.own])).toEqual([
      [0, 2],
      [1, 1],
      [0, 0],
    ])
  })

  it('an aggregate takes one of related rows for a value of the row', async () => {
    const [first] = await Author.query()
      .whereNotNull('age')
      .groupBy('country.code')
      .having((a) => fn.sum(fn.count(a.books)).gt(1))
      .aggregate({ books: (a) => fn.sum(fn.count(a.books)) })
    expect(first).toEqual({ 'country.code': 'FR', books: 2 })
    expect(() =>
      Author.query().annotate({
        n: (a) => fn.sum(fn.max(a.books.price).coalesce('0').plus(a.books.price.coalesce('0'))),
      }),
    ).toThrow(/can't have another aggregate inside/)
  })

  it('a table joined outside is not taken for one of that name inside', async () => {
    const same = written().whereExists((_, t) =>
      Book.query()
        .join(Book, (c, u) => c.partOfId.eq(u.id), { alias: 'b' })
        .where((c, u) => u.b.id.eq(t.b.id).and(c.kind.eq('b'))),
    )
    expect(await names(same)).toEqual(['Ann'])
    const bosses = Author.query().whereExists((a) =>
      Book.query()
        .join(Author, (c, t) => c.authorId.eq(t.id), { alias: 'authors' })
        .where((_, t) => t.authors.bossId.eq(a.id)),
    )
    expect(await names(bosses)).toEqual(['Ann'])
    const wholes = Author.query()
      .join(Book, (c, t) => c.id.eq(t.authorId), { alias: 'books' })
      .annotate({ title: (_, t) => t.books.title })
      .whereExists((c) => Book.where((b) => b.partOf.title.eq(c.title)))
    expect(await wholes.pluck('title')).toEqual(['all'])
    const onlyInside = Author.query()
      .join(Book, (c, t) => c.id.eq(t.authorId), { alias: 'books' })
      .whereExists((_, t) => Book.where((b) => b.partOfId.eq(t.books.id)))
    expect(await names(onlyInside)).toEqual(['Ann'])
  })
})
