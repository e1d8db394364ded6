import { type AnyQuery, Field, Model, Relation, sql, UndefinedValueError, UnknownRelationError, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Author extends Model({ name: Field.string() }) {
  static books = Relation.hasMany(() => Book)
}
class Book extends Model({
  title: Field.string(),
  pages: Field.integer(),
  authorId: Field.foreignKey(() => Author, { nullable: true }),
  sequelOfId: Field.foreignKey(() => Book, { nullable: true, onDelete: 'setNull' }),
}) {
  static author = Relation.belongsTo(() => Author)
  static sequelOf = Relation.belongsTo(() => Book)
  static sequels = Relation.hasMany(() => Book)
}

describeDatabases('conditions on relations', (database) => {
  database.useTables([Author, Book])

  const seed = async () => {
    const [ann, bob] = await Author.createMany([{ name: 'Ann' }, { name: 'Bob' }, { name: 'Cy' }])
    const [one] = await Book.createMany([
      { title: 'One', pages: 100, authorId: ann?.id ?? 0 },
      { title: 'Lone', pages: 10, authorId: bob?.id ?? 0 },
      { title: 'Orphan', pages: 50 },
    ])
    const two = await Book.create({ title: 'Two', pages: 200, authorId: ann?.id ?? 0, sequelOfId: one?.id ?? 0 })
    await Book.create({ title: 'Three', pages: 300, sequelOfId: two.id })
  }
  const names = (query: { pluck(key: 'name'): Promise<string[]> }) => query.pluck('name')
  const authors = () => Author.query().orderBy('name')
  const books = () => Book.query().orderBy('title')

  it('keeps rows that have related rows, once each', async () => {
    await seed()
    expect(await names(authors().whereHas('books'))).toEqual(['Ann', 'Bob'])
    expect(await names(authors().whereDoesntHave('books'))).toEqual(['Cy'])
    expect(await books().whereHas('author').pluck('title')).toEqual(['Lone', 'One', 'Two'])
    expect(await books().whereDoesntHave('author').count()).toBe(2)
  })

  it('narrows the related rows: one whereHas speaks of the same row', async () => {
    await seed()
    const thick = (pages: number) => authors().whereHas('books', (q) => q.where('pages', '>', pages))
    expect(await names(thick(150))).toEqual(['Ann'])
    expect(await names(thick(5))).toEqual(['Ann', 'Bob'])
    const both = (q: AnyQuery<typeof Book>) => q.where('title', 'One').where('pages', 200)
    expect(await names(authors().whereHas('books', both))).toEqual([])
    const apart = authors()
      .whereHas('books', (q) => q.where('title', 'One'))
      .whereHas('books', (q) => q.where('pages', 200))
    expect(await names(apart)).toEqual(['Ann'])
    const either = (q: AnyQuery<typeof Book>) => q.where('title', 'Lone').orWhere('pages', 200)
    expect(await names(authors().whereHas('books', either))).toEqual(['Ann', 'Bob'])
    expect(await names(authors().whereDoesntHave('books', either))).toEqual(['Cy'])
  })

  it('counts related rows', async () => {
    await seed()
    expect(await names(authors().whereHas('books', '>=', 2))).toEqual(['Ann'])
    expect(await names(authors().whereHas('books', '=', 0))).toEqual(['Cy'])
    expect(await names(authors().whereHas('books', '<', 2))).toEqual(['Bob', 'Cy'])
    expect(await names(authors().whereHas('books', (q) => q.where('pages', '>', 150), '=', 1))).toEqual(['Ann'])
  })

  it('follows paths, and a model that points at itself', async () => {
    await seed()
    expect(
      await books()
        .whereHas('author.books', (q) => q.where('pages', 200))
        .pluck('title'),
    ).toEqual(['One', 'Two'])
    expect(await books().whereHas('sequels').pluck('title')).toEqual(['One', 'Two'])
    expect(await books().whereHas('sequels.sequels').pluck('title')).toEqual(['One'])
    expect(
      await books()
        .whereHas('sequelOf.sequelOf', (q) => q.where('title', 'One'))
        .pluck('title'),
    ).toEqual(['Three'])
    const nested = books().whereHas('sequels', (q) =>
      q.where('pages', 200).whereHas('sequels', (r) => r.where('pages', 300)),
    )
    expect(await nested.pluck('title')).toEqual(['One'])
    expect(await books().whereDoesntHave('sequels').pluck('title')).toEqual(['Lone', 'Orphan', 'Three'])
  })

  it('goes with other conditions, updates and deletes', async () => {
    await seed()
    expect(await names(authors().where('name', 'Cy').orWhere('name', 'Bob').whereHas('books'))).toEqual(['Bob', 'Cy'])
    expect(await Author.query().whereHas('books').count()).toBe(2)
    expect(await Author.query().whereHas('books', '>=', 2).update({ name: 'Prolific' })).toBe(1)
    expect(await names(authors())).toEqual(['Bob', 'Cy', 'Prolific'])
    expect(await Author.query().whereDoesntHave('books').delete()).toBe(1)
    const withBook = Author.query().whereExists(
      Book.query()
        .where((c) => c.authorId.eq(Author.columns.id))
        .where('pages', 10),
    )
    expect(await names(withBook)).toEqual(['Bob'])
  })

  it('shares its form with queries that differ in values only', async () => {
    await seed()
    const found = (pages: number) =>
      authors()
        .whereHas('books', (q) => q.where('pages', pages), '>=', 1)
        .pluck('name')
    expect(await Promise.all([found(100), found(10), found(7)])).toEqual([['Ann'], ['Bob'], []])
  })

  it('refuses what can not be meant', () => {
    const query = Author.query() as unknown as Record<string, (...args: unknown[]) => unknown>
    expect(() => query.whereHas?.('book')).toThrow(UnknownRelationError)
    expect(() => query.whereHas?.('books', () => undefined)).toThrow(/must return the query/)
    expect(() => query.whereHas?.('books', 'like', 2)).toThrow(UsageError)
    expect(() => query.whereHas?.('books', '>=', -1)).toThrow(UsageError)
    expect(() => query.whereHas?.('books', '>=', '1 or 1=1')).toThrow(UsageError)
    expect(() => query.whereHas?.('books', '>=', undefined)).toThrow(UndefinedValueError)
    expect(() => query.whereHas?.('books', undefined, '<', undefined)).toThrow(UndefinedValueError)
    expect(() => query.whereExists?.(sql`1`)).toThrow(UsageError)
  })
})
