import { Field, fn, Model, Relation, UndefinedValueError, UnknownFieldError, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Country extends Model({ code: Field.string(), name: Field.string() }, { table: 'countries' }) {}
class Author extends Model({
  name: Field.string(),
  countryId: Field.foreignKey(() => Country, { nullable: true }),
}) {
  static country = Relation.belongsTo(() => Country)
  static books = Relation.hasMany(() => Book)
  static profile = Relation.hasOne(() => Profile)
}
class Profile extends Model({ city: Field.string(), authorId: Field.oneToOne(() => Author) }) {
  static author = Relation.belongsTo(() => Author)
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

describeDatabases('paths through relations', (database) => {
  database.useTables([Country, Author, Profile, Book])

  /** Ann (France, Paris) wrote One (100) and Two (200, its sequel), Bob (nowhere) Lone (10); nobody wrote Orphan (50). */
  const seed = async () => {
    const france = await Country.create({ code: 'FR', name: 'France' })
    await Country.create({ code: 'IT', name: 'Italy' })
    const ann = await Author.create({ name: 'Ann', countryId: france.id })
    const bob = await Author.create({ name: 'Bob' })
    await Profile.create({ city: 'Paris', authorId: ann.id })
    const one = await Book.create({ title: 'One', pages: 100, authorId: ann.id })
    await Book.createMany([
      { title: 'Two', pages: 200, authorId: ann.id, sequelOfId: one.id },
      { title: 'Lone', pages: 10, authorId: bob.id },
      { title: 'Orphan', pages: 50 },
    ])
    return { france, ann, bob, one }
  }
  const books = () => Book.query().orderBy('title')
  const titles = (query: { pluck(key: 'title'): Promise<string[]> }) => query.pluck('title')
  const names = (query: { pluck(key: 'name'): Promise<string[]> }) => query.pluck('name')

  it('lead to one row: neither drop rows nor give any twice', async () => {
    await seed()
    expect(await titles(books().where('author.name', 'Ann'))).toEqual(['One', 'Two'])
    expect(await titles(books().where('author.country.code', 'FR'))).toEqual(['One', 'Two'])
    expect(await titles(books().where('author.country.code', 'FR').orWhere('pages', 50))).toEqual([
      'One',
      'Orphan',
      'Two',
    ])
    expect(await titles(books().whereNull('author.country.code'))).toEqual(['Lone', 'Orphan'])
    expect(await titles(books().whereNot('author.name', 'Ann'))).toEqual(['Lone'])
    expect(await titles(books().where('author.profile.city', 'Paris'))).toEqual(['One', 'Two'])
    expect(await titles(books().whereIn('author.name', ['Bob', 'Cy']))).toEqual(['Lone'])
    expect(await titles(books().where({ 'author.name': 'Ann', pages: 200 }))).toEqual(['Two'])
    expect(await books().where('author.name', 'Ann').count()).toBe(2)
    expect(await books().where('author.name', 'Nobody').exists()).toBe(false)
    expect(await titles(books().where('sequelOf.title', 'One').where('sequelOf.author.name', 'Ann'))).toEqual(['Two'])
  })

  it('sort, group, and are read', async () => {
    await seed()
    const sorted = Book.query().whereNotNull('authorId').orderBy('-author.name').orderBy('title')
    expect(await titles(sorted)).toEqual(['Lone', 'One', 'Two'])
    expect((await sorted.last())?.title).toBe('Two')
    expect(await sorted.values('title', 'author.country.code')).toEqual([
      { title: 'Lone', 'author.country.code': null },
      { title: 'One', 'author.country.code': 'FR' },
      { title: 'Two', 'author.country.code': 'FR' },
    ])
    const [lone] = await sorted.select('title', 'author.name')
    expect(lone?.['author.name']).toBe('Bob')
    expect({ ...lone }).toEqual({ id: lone?.id, title: 'Lone', 'author.name': 'Bob' })
    expect(await sorted.select('title', 'author.name').where('author.name', 'Ann').count()).toBe(2)
    const groups = await Book.query()
      .whereNotNull('authorId')
      .groupBy('author.name')
      .having('author.name', '!=', 'Cy')
      .orderBy('author.name')
      .aggregate({ books: fn.count(), pages: fn.max(Book.columns.pages) })
    expect(groups).toEqual([
      { 'author.name': 'Ann', books: 2, pages: 200 },
      { 'author.name': 'Bob', books: 1, pages: 10 },
    ])
    expect((await sorted.distinct().limit(2)).map(({ title }) => title)).toEqual(['Lone', 'One'])
    const page = await sorted.with('author').paginate({ size: 2 })
    expect([page.total, ...page.items.map((book) => book.author?.name)]).toEqual([3, 'Bob', 'Ann'])
    expect(await titles(books().whereColumn('author.id', '=', 'sequelOf.authorId'))).toEqual(['Two'])
  })

  it('lead to many rows: a condition is about some row, those of one object about the same', async () => {
    await seed()
    const authors = () => Author.query().orderBy('name')
    expect(await names(authors().where('books.title', 'One'))).toEqual(['Ann'])
    expect(await names(authors().where('books.title', 'One').where('books.pages', 200))).toEqual(['Ann'])
    expect(await names(authors().where({ 'books.title': 'One', 'books.pages': 200 }))).toEqual([])
    expect(await names(authors().where({ 'books.title': 'Two', 'books.pages': 200, name: 'Ann' }))).toEqual(['Ann'])
    expect(await names(authors().whereNot('books.title', 'One'))).toEqual(['Bob'])
    expect(await names(authors().where('books.title', '!=', 'One'))).toEqual(['Ann', 'Bob'])
    expect(await names(authors().where('books.sequels.title', 'Two'))).toEqual(['Ann'])
    expect(await names(authors().where({ 'books.sequels.title': 'Two', 'books.title': 'One' }))).toEqual(['Ann'])
    expect(await names(authors().where({ 'books.sequels.title': 'Two', 'books.title': 'Two' }))).toEqual([])
    expect(await titles(books().where('author.books.title', 'One'))).toEqual(['One', 'Two'])
    expect(await names(authors().whereBetween('books.pages', [5, 20]))).toEqual(['Bob'])
  })

  it('name relations to one row, compared with instances', async () => {
    const { ann, one } = await seed()
    expect(await titles(books().where('author', ann))).toEqual(['One', 'Two'])
    expect(await titles(books().where('author', null))).toEqual(['Orphan'])
    expect(await titles(books().whereNotNull('author').where('author', '!=', ann))).toEqual(['Lone'])
    expect(await titles(books().where({ sequelOf: one }))).toEqual(['Two'])
    expect(await titles(books().whereIn('author', [ann]))).toEqual(['One', 'Two'])
    expect(await names(Author.query().where('profile', null))).toEqual(['Bob'])
    expect(await names(Author.query().where('profile', await Profile.query().sole()))).toEqual(['Ann'])
    expect(() => Book.query().where('author', new Author({ name: 'New' }) as never)).toThrow(/has no key/)
    expect(() => Book.query().where('author', 1 as never)).toThrow(/takes an instance of "Author"/)
    expect(() => Author.query().where('books' as 'name', one as never)).toThrow(/is a to-many relation/)
  })

  it('end in a relation, compared with instances', async () => {
    const { france, ann, bob } = await seed()
    expect(await titles(books().where('author.country', france))).toEqual(['One', 'Two'])
    expect(await titles(books().where({ 'author.country': france, pages: 100 }))).toEqual(['One'])
    expect(await titles(books().whereIn('author.country', [france]))).toEqual(['One', 'Two'])
    expect(await titles(books().whereNotIn('author.country', [france]))).toEqual([])
    expect(await titles(books().where('author.profile', await Profile.query().sole()))).toEqual(['One', 'Two'])
    expect(await titles(books().where('sequelOf.author', ann))).toEqual(['Two'])
    // as whereNull('author.country.code'): where there is no author there is no country
    expect(await titles(books().where('author.country', null))).toEqual(['Lone', 'Orphan'])
    expect(await titles(books().where('author.profile', null))).toEqual(['Lone', 'Orphan'])
    expect(await titles(books().whereNotNull('author.country'))).toEqual(['One', 'Two'])
    // through many rows each is about some row, in one object about the same
    expect(await titles(books().where('sequels.author', ann))).toEqual(['One'])
    expect(await names(Author.query().where({ 'books.author': bob, 'books.title': 'Lone' }))).toEqual(['Bob'])
    expect(await names(Author.query().where({ 'books.author': bob, 'books.title': 'One' }))).toEqual([])
    expect(await Book.query().where('author.country', france).update({ pages: 1 })).toBe(2)
  })

  it('go with updates and deletes', async () => {
    await seed()
    expect(await Book.query().where('author.country.code', 'FR').update({ pages: 1 })).toBe(2)
    expect(await Book.query().where('pages', 1).count()).toBe(2)
    expect(await Author.query().where('books.title', 'Lone').update({ name: 'Bobby' })).toBe(1)
    expect(await Book.query().where('sequelOf.title', 'One').orWhere('author', null).delete()).toBe(2)
    expect(await titles(books())).toEqual(['Lone', 'One'])
    expect(await Book.query().orderBy('-author.name').limit(1).delete()).toBe(1)
    expect(await titles(books())).toEqual(['One'])
  })

  it('share their form', async () => {
    await seed()
    const found = (name: string) => titles(books().where('author.name', name))
    expect(await Promise.all([found('Ann'), found('Bob'), found('Cy')])).toEqual([['One', 'Two'], ['Lone'], []])
  })

  it('are refused where they lead to nothing, or to many rows where one value is meant', () => {
    const query = Book.query() as unknown as Record<string, (...args: unknown[]) => unknown>
    expect(() => query.where?.('author.nam', 1)).toThrow(UnknownFieldError)
    expect(() => query.where?.('autor.name', 1)).toThrow(UnknownFieldError)
    expect(() => query.where?.('title.length', 1)).toThrow(UnknownFieldError)
    expect(() => query.where?.('author.country', 1)).toThrow(/takes an instance of "Country"/)
    expect(() => query.where?.('author.country', undefined)).toThrow(UndefinedValueError)
    expect(() => query.orderBy?.('author.country')).toThrow(UnknownFieldError)
    expect(() => query.orderBy?.('sequels.title')).toThrow(/goes through the to-many relation "sequels"/)
    expect(() => query.select?.('title', 'author.books.title')).toThrow(UsageError)
    expect(() => query.values?.('sequels.title')).toThrow(UsageError)
    expect(() => query.where?.(`${'sequelOf.'.repeat(30)}title`, 'x')).toThrow(/20 names at most/)
    expect(() => query.where?.('author.name', undefined)).toThrow(/undefined/)
    expect(() => query.where?.('author.name', ['Ann'])).toThrow(/list/)
    expect(() => query.where?.('author.__proto__', 1)).toThrow(UnknownFieldError)
  })

  it('are an order for cursors', async () => {
    await seed()
    const query = Book.query().orderBy('-author.name').orderBy('title')
    const titles = await query.pluck('title')
    const first = await query.cursorPaginate({ size: 1 })
    const rest = await query.cursorPaginate({ size: 100, after: first.nextCursor as string })
    expect([...first.items, ...rest.items].map((book) => book.title)).toEqual(titles)
    expect(titles.length).toBeGreaterThan(1)
  })
})
