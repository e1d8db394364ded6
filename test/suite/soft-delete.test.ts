import { DefinitionError, Field, FieldNotLoadedError, fn, Model, Relation, StaleModelError, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Author extends Model({
  name: Field.string({ unique: true }),
  updatedAt: Field.dateTime({ autoNow: true }),
  deletedAt: Field.softDelete(),
}) {
  static books = Relation.hasMany(() => Book)
  static profile = Relation.hasOne(() => Profile)
}

class Book extends Model({
  title: Field.string(),
  pages: Field.integer({ default: 100 }),
  authorId: Field.foreignKey(() => Author),
  removed: Field.softDelete({ column: 'removed_at', precision: 6 }),
}) {
  static author = Relation.belongsTo(() => Author)
}

class Profile extends Model({
  city: Field.string(),
  authorId: Field.oneToOne(() => Author),
  gone: Field.softDelete(),
}) {
  static author = Relation.belongsTo(() => Author)
}

class Tag extends Model({ name: Field.string() }) {}

/** Its key has two fields. */
class Seat extends Model({
  row: Field.integer({ primaryKey: true }),
  place: Field.integer({ primaryKey: true }),
  deletedAt: Field.softDelete({ hidden: true }),
}) {}

describeDatabases('soft deletes', (database) => {
  database.useTables([Author, Book, Profile, Tag, Seat])

  /** Ann wrote One and Two, Bob (deleted) wrote Three; Two is deleted. */
  const seed = async () => {
    const ann = await Author.create({ name: 'Ann' })
    const bob = await Author.create({ name: 'Bob' })
    const one = await Book.create({ title: 'One', authorId: ann.id })
    const two = await Book.create({ title: 'Two', authorId: ann.id, pages: 200 })
    const three = await Book.create({ title: 'Three', authorId: bob.id, pages: 300 })
    await two.delete()
    await bob.delete()
    return { ann, bob, one, two, three }
  }
  const titles = async (query: { pluck(key: 'title'): Promise<string[]> }) => (await query.pluck('title')).sort()

  describe('of an instance', () => {
    it('mark its row by one update, and take over the time', async () => {
      const book = await Book.create({ title: 'One', authorId: (await Author.create({ name: 'Ann' })).id })
      expect([book.isDeleted, book.removed]).toEqual([false, null])
      const before = Date.now()
      await expectQueries(1, () => book.delete())
      expect(book.isDeleted).toBe(true)
      expect(book.isPersisted).toBe(true)
      expect(book.isDirty()).toBe(false)
      expect(book.removed?.getTime()).toBeGreaterThanOrEqual(before - 1)
      expect(book.removed?.getTime()).toBeLessThanOrEqual(Date.now())
      const [row] = await Book.withTrashed()
      expect(row?.removed).toEqual(book.removed)
      expect(row?.isDeleted).toBe(true)
      expect(await Book.find(book.id)).toBe(null)
    })

    it('set fields that follow every save to the same time', async () => {
      const author = await Author.create({ name: 'Ann' })
      await author.delete()
      expect(author.updatedAt).toEqual(author.deletedAt)
      const row = await Author.withTrashed().findOrFail(author.id)
      expect(row.updatedAt).toEqual(row.deletedAt)
    })

    it('leave other changes unsaved', async () => {
      const { one } = await seed()
      one.title = 'Other'
      await one.delete()
      expect(one.isDirty('title')).toBe(true)
      expect((await Book.withTrashed().findOrFail(one.id)).title).toBe('One')
      await one.save()
      expect((await Book.withTrashed().findOrFail(one.id)).title).toBe('Other')
    })

    it('keep the time of a row that is deleted already', async () => {
      const { one } = await seed()
      const other = await Book.findOrFail(one.id)
      await one.delete()
      const at = one.removed
      await new Promise((done) => setTimeout(done, 5))
      await one.delete()
      await other.delete()
      expect([one.removed, other.removed]).toEqual([at, at])
      expect(other.isDeleted).toBe(true)
      expect((await Book.withTrashed().findOrFail(one.id)).removed).toEqual(at)
    })

    it('restore it', async () => {
      const { two } = await seed()
      await expectQueries(1, () => two.restore())
      expect([two.isDeleted, two.removed, two.isDirty()]).toEqual([false, null, false])
      expect((await Book.findOrFail(two.id)).removed).toBe(null)
      await two.restore()
      expect(two.isDeleted).toBe(false)
    })

    it('restore what another has deleted', async () => {
      const { one } = await seed()
      await Book.query().whereKey(one.id).delete()
      expect(one.isDeleted).toBe(false)
      await one.restore()
      expect(await Book.find(one.id)).not.toBe(null)
    })

    it('touch the time of changes by a restore', async () => {
      const { bob } = await seed()
      const before = bob.updatedAt
      await new Promise((done) => setTimeout(done, 5))
      await bob.restore()
      expect(bob.updatedAt.getTime()).toBeGreaterThan(before.getTime())
    })

    it('delete for good by forceDelete', async () => {
      const { two, one } = await seed()
      await two.forceDelete()
      await one.forceDelete()
      expect([two.isDeleted, two.isPersisted]).toEqual([true, false])
      expect(await titles(Book.withTrashed())).toEqual(['Three'])
      await expect(two.restore()).rejects.toThrow('was deleted')
      await expect(two.forceDelete()).rejects.toThrow(UsageError)
    })

    it('tell a row that is gone', async () => {
      const { one, two } = await seed()
      await Book.withTrashed().whereKey([one.id, two.id]).forceDelete()
      await one.delete()
      expect([one.isDeleted, one.isPersisted]).toEqual([true, false])
      await expect(two.restore()).rejects.toThrow(StaleModelError)
    })

    it('leave saving, reading and counting up of a deleted row to it', async () => {
      const { two } = await seed()
      await two.update({ title: 'Zwei' })
      await two.increment('pages', 5)
      expect(two.pages).toBe(205)
      two.title = 'Other'
      await two.refresh()
      expect([two.title, two.isDeleted]).toEqual(['Zwei', true])
      expect(await two.loadField('pages')).toBe(205)
      await Book.saveMany([two])
    })

    it('do without the other fields of the row', async () => {
      const { one } = await seed()
      const part = await Book.query().select('title').findOrFail(one.id)
      expect(() => part.isDeleted).toThrow(FieldNotLoadedError)
      await part.delete()
      expect(part.isDeleted).toBe(true)
      const ref = Book.ref(one.id)
      await ref.restore()
      expect(ref.isDeleted).toBe(false)
      expect(await Book.find(one.id)).not.toBe(null)
    })

    it('copy no time', async () => {
      const { two } = await seed()
      const copy = two.clone()
      expect(copy.removed).toBe(null)
      expect(copy.isDeleted).toBe(false)
    })

    it('take composite keys and hidden fields', async () => {
      const seat = await Seat.create({ row: 1, place: 2 })
      await Seat.create({ row: 1, place: 3 })
      await seat.delete()
      expect(seat.isDeleted).toBe(true)
      expect(Object.keys(seat)).toEqual(['row', 'place'])
      expect(await Seat.find({ row: 1, place: 2 })).toBe(null)
      expect(
        await Seat.deleteMany([
          { row: 1, place: 2 },
          { row: 1, place: 3 },
        ]),
      ).toBe(1)
      await seat.restore()
      expect(await Seat.query().pluck('place')).toEqual([2])
    })

    it('refuse what makes no sense', async () => {
      const tag = await Tag.create({ name: 'x' })
      const error = await expectRefusal(() => tag.restore())
      expect(error).toBeInstanceOf(UsageError)
      expect(error.message).toBe('restore() is for models with soft deletes: "Tag" has no Field.softDelete().')
      await tag.forceDelete()
      expect(await Tag.count()).toBe(0)
      expect(await expectRefusal(() => new Book({ title: 'x', authorId: 1 }).delete())).toBeInstanceOf(UsageError)
      expect(await expectRefusal(() => new Book({ title: 'x', authorId: 1 }).restore())).toBeInstanceOf(UsageError)
      expect(new Book({ title: 'x', authorId: 1, removed: new Date() }, { guarded: true }).isDeleted).toBe(false)
    })
  })

  describe('of queries', () => {
    it('hide deleted rows wherever rows are read', async () => {
      const { two, one } = await seed()
      expect(await titles(Book.query())).toEqual(['One', 'Three'])
      expect(await titles(Book.where('pages', '>', 1).orWhere('title', 'Two'))).toEqual(['One', 'Three'])
      expect(await Book.count()).toBe(2)
      expect(await Book.where('title', 'Two').exists()).toBe(false)
      expect(await Book.find(two.id)).toBe(null)
      expect((await Book.findMany([two.id, one.id])).map((book) => book.title)).toEqual(['One'])
      expect(await Book.findBy({ title: 'Two' })).toBe(null)
      expect(await Book.query().sum('pages')).toBe(400)
      expect(await Book.query().aggregate({ most: fn.max(Book.columns.pages) })).toEqual({ most: 300 })
      expect((await Book.query().orderBy('id').last())?.title).toBe('Three')
      expect((await Book.query().paginate()).total).toBe(2)
      expect((await Book.query().cursorPaginate({ size: 5 })).items).toHaveLength(2)
      const read: string[] = []
      for await (const book of Book.query().stream({ chunkSize: 1 })) read.push(book.title)
      expect(read).toEqual(['One', 'Three'])
      expect(await titles(Book.query().distinct().orderBy('title').limit(5))).toEqual(['One', 'Three'])
      expect(await Book.query().groupBy('authorId').aggregate({ books: fn.count() })).toHaveLength(2)
      expect(await titles(Book.where('pages', 100).union(Book.where('pages', 200)))).toEqual(['One'])
      expect(await titles(Book.where('pages', 200).unionAll(Book.where('pages', 300)))).toEqual(['Three'])
      expect(await titles(Book.where('pages', 200).unionAll(Book.withTrashed().where('pages', 200)))).toEqual(['Two'])
      expect(await titles(Book.query().from(Book.withTrashed().where('pages', '>', 100)))).toEqual(['Three', 'Two'])
      expect(await titles(Book.query().withCte('all', Book.withTrashed()).from('all'))).toEqual(['One', 'Three', 'Two'])
      expect(
        await titles(
          Book.query()
            .annotate({ n: (c) => fn.rowNumber().over({ orderBy: c.id }) })
            .where('n', '<=', 5),
        ),
      ).toEqual(['One', 'Three'])
    })

    it('show them, or only them', async () => {
      const { two } = await seed()
      expect(await titles(Book.withTrashed())).toEqual(['One', 'Three', 'Two'])
      expect(await titles(Book.where('pages', '>', 100).withTrashed())).toEqual(['Three', 'Two'])
      expect(await titles(Book.onlyTrashed().where('title', 'One').orWhere('pages', 200))).toEqual(['Two'])
      expect(await titles(Book.withoutGlobalScope('softDelete'))).toEqual(['One', 'Three', 'Two'])
      expect(await titles(Book.withoutGlobalScopes())).toEqual(['One', 'Three', 'Two'])
      expect(await titles(Book.onlyTrashed().withTrashed())).toEqual(['One', 'Three', 'Two'])
      expect(await titles(Book.withTrashed().onlyTrashed())).toEqual(['Two'])
      expect((await Book.withTrashed().find(two.id))?.title).toBe('Two')
      expect(await Tag.withoutGlobalScopes().count()).toBe(0)
      expect(() => Tag.withTrashed()).toThrow('"Tag" has no Field.softDelete()')
      expect(() => Tag.query().onlyTrashed()).toThrow(UsageError)
      expect(() => Book.where('pages', 1).union(Book.query()).withTrashed()).toThrow("can't follow a union")
    })

    it('see no deleted rows through relations', async () => {
      const { ann, bob, three } = await seed()
      const authors = await Author.withTrashed().with('books').orderBy('id')
      expect(authors.map((author) => author.books.map((book) => book.title))).toEqual([['One'], ['Three']])
      expect((await ann.books).map((book) => book.title)).toEqual(['One'])
      expect(await ann.related('books').count()).toBe(1)
      expect(await ann.related('books').withTrashed().count()).toBe(2)
      expect((await Book.with('author').findOrFail(three.id)).author).toBe(null)
      expect(await (await Book.findOrFail(three.id)).author).toBe(null)
      const all = await Book.query()
        .with({ author: (author) => author.withTrashed() })
        .orderBy('id')
      expect(all.map((book) => book.author?.name)).toEqual(['Ann', 'Bob'])
      expect(await titles(Book.query().whereHas('author'))).toEqual(['One'])
      expect(await titles(Book.query().whereHas('author', (author) => author.withTrashed()))).toEqual(['One', 'Three'])
      expect(await titles(Book.query().whereDoesntHave('author'))).toEqual(['Three'])
      expect(await Author.withTrashed().whereHas('books', '=', 1).count()).toBe(2)
      expect(await Author.query().where('books.title', 'Two').count()).toBe(0)
      expect(bob.isDeleted).toBe(true)
    })

    it('a deleted row at the end of a path is none', async () => {
      const { ann, bob } = await seed()
      expect(await Book.query().orderBy('title').values('title', 'author.name')).toEqual([
        { title: 'One', 'author.name': 'Ann' },
        { title: 'Three', 'author.name': null },
      ])
      expect(await titles(Book.where('author.name', 'Bob'))).toEqual([])
      expect(await titles(Book.query().whereNull('author.name'))).toEqual(['Three'])
      expect(await titles(Book.where('author', null))).toEqual(['Three'])
      expect(await titles(Book.where('author', '!=', null))).toEqual(['One'])
      expect(await titles(Book.where('author', bob))).toEqual(['Three'])
      expect(await titles(Book.where((c) => c.author.name.eq('Bob')))).toEqual([])
      await Profile.create({ city: 'Rome', authorId: ann.id })
      expect(await titles(Book.where('author.profile.city', 'Rome'))).toEqual(['One'])
      await Profile.all().delete()
      expect(await titles(Book.where('author.profile.city', 'Rome'))).toEqual([])
      expect(await Author.where('profile', null).count()).toBe(1)
      expect(await Book.where('author.name', 'Ann').update({ pages: 1 })).toBe(1)
      expect(await Book.query().whereNull('author.name').update({ pages: 2 })).toBe(1)
      expect(await Book.query().orderBy('title').pluck('pages')).toEqual([1, 2])
    })

    it('leave deleted rows out of aggregates, subqueries and joins', async () => {
      await seed()
      const counted = await Author.withTrashed()
        .annotate({ written: (c) => fn.count(c.books), pages: (c) => fn.sum(c.books.pages) })
        .orderBy('name')
      expect(counted.map((author) => [author.name, author.written, author.pages])).toEqual([
        ['Ann', 1, 100],
        ['Bob', 1, 300],
      ])
      const one = Book.where('title', 'Two').select('authorId')
      expect(await Author.query().whereIn('id', one).count()).toBe(0)
      expect(await Author.query().whereIn('id', one.withTrashed()).count()).toBe(1)
      expect(
        await Author.query()
          .whereExists((c) => Book.where((b) => b.authorId.eq(c.id)).where('pages', 200))
          .count(),
      ).toBe(0)
      const joined = Book.query().orderBy('title')
      expect(await titles(joined.join(Author, (c, t) => c.authorId.eq(t.id)))).toEqual(['One'])
      const left = joined.leftJoin(Author, (c, t) => c.authorId.eq(t.id), { alias: 'a' })
      expect(await left.where((_, t) => t.a.id.isNull()).pluck('title')).toEqual(['Three'])
      expect(await joined.join(Author.withTrashed(), (c, t) => c.authorId.eq(t.id), { alias: 'a' }).count()).toBe(2)
      const right = Book.query().join(Author, (c, t) => c.authorId.eq(t.id), { alias: 'a', type: 'right' })
      expect(await right.aggregate({ rows: fn.count() })).toEqual({ rows: 1 })
    })

    it('delete by marking, and only what is not deleted', async () => {
      const { two } = await seed()
      const at = two.removed
      expect(await Book.where('pages', '>', 100).delete()).toBe(1)
      expect(await Book.withTrashed().where('pages', '>=', 100).delete()).toBe(1)
      expect(await Book.count()).toBe(0)
      expect((await Book.withTrashed().findOrFail(two.id)).removed).toEqual(at)
      const error = await expectRefusal(() => Book.query().delete())
      expect(error.message).toContain('would change every row')
      expect(await expectRefusal(() => Book.withTrashed().update({ pages: 1 }))).toBeInstanceOf(UsageError)
      expect((await expectRefusal(() => Book.onlyTrashed().delete())).message).toBe(
        'delete() has nothing to do among rows of onlyTrashed(): they are deleted. forceDelete() removes them from "books".',
      )
    })

    it('give all rows of one call one time', async () => {
      const ann = await Author.create({ name: 'Ann' })
      const books = await Book.createMany(['a', 'b', 'c', 'd', 'e'].map((title) => ({ title, authorId: ann.id })))
      const deleted = await Book.deleteMany(
        books.map((book) => book.id),
        { batchSize: 2 },
      )
      expect(deleted).toBe(5)
      const times = await Book.onlyTrashed().pluck('removed')
      expect(new Set(times.map((time) => time?.getTime())).size).toBe(1)
    })

    it('restore deleted rows, which they look among of themselves', async () => {
      const { one, two, three } = await seed()
      await Book.query().whereKey([one.id, three.id]).delete()
      expect(await Book.where('pages', '>=', 200).restore()).toBe(2)
      expect(await titles(Book.query())).toEqual(['Three', 'Two'])
      expect(await Book.where('pages', '>=', 200).restore()).toBe(0)
      expect((await expectRefusal(() => Book.query().restore())).message).toContain('would change every row')
      const since = new Date(0)
      expect((await expectRefusal(() => Book.where('removed', '>', since).restore())).message).toBe(
        'restore() has a condition on "Book.removed", but deleted rows are hidden from this query. Say which rows are meant: Book.onlyTrashed().',
      )
      expect(await Book.onlyTrashed().where('removed', '>', since).restore()).toBe(1)
      await Book.query().whereKey(two.id).delete()
      expect(await Book.withTrashed().where('removed', '>', since).restore()).toBe(1)
      await Book.all().delete()
      expect(await Book.onlyTrashed().restore()).toBe(3)
      expect(await expectRefusal(() => Tag.where('name', 'x').restore())).toBeInstanceOf(UsageError)
    })

    it('delete for good by forceDelete', async () => {
      const { one } = await seed()
      expect(await Book.where('title', 'Two').forceDelete()).toBe(0)
      expect(await Book.onlyTrashed().forceDelete()).toBe(1)
      expect(await Book.query().whereKey(one.id).forceDelete()).toBe(1)
      expect(await titles(Book.withTrashed())).toEqual(['Three'])
      await Tag.create({ name: 'x' })
      expect(await Tag.where('name', 'x').forceDelete()).toBe(1)
    })

    it('answer the rows that they mark', async () => {
      const { two } = await seed()
      const books = await Book.withTrashed().where('pages', '>=', 100).with('author').deleteReturning()
      expect(books.map((book) => book.title).sort()).toEqual(['One', 'Three'])
      expect(books.every((book) => book.isDeleted && book.isPersisted && book.removed !== null)).toBe(true)
      expect(new Set(books.map((book) => book.removed?.getTime())).size).toBe(1)
      expect(await Book.count()).toBe(0)
      expect((await Book.withTrashed().findOrFail(two.id)).removed).toEqual(two.removed)
      await books[0]?.restore()
      expect(await Book.count()).toBe(1)
      expect(await expectRefusal(() => Book.onlyTrashed().deleteReturning())).toBeInstanceOf(UsageError)
    })

    it('update only what is not deleted', async () => {
      const { ann, two } = await seed()
      expect(await Book.where('authorId', ann.id).update({ pages: 7 })).toBe(1)
      expect(await Book.where('authorId', ann.id).increment('pages')).toBe(1)
      expect(await Book.all().limit(10).update({ pages: 9 })).toBe(2)
      expect((await Book.where('authorId', ann.id).updateReturning({ pages: 8 })).map((book) => book.pages)).toEqual([
        8,
      ])
      expect((await Book.withTrashed().findOrFail(two.id)).pages).toBe(200)
      expect(await Book.withTrashed().where('authorId', ann.id).update({ pages: 6 })).toBe(2)
    })

    it('update a deleted row by upsert, and leave it deleted', async () => {
      const { bob } = await seed()
      const again = await Author.upsert({ name: 'Bob' }, { conflict: 'name' })
      expect([again.id, again.isDeleted]).toEqual([bob.id, true])
      expect(await Author.upsertMany([{ name: 'Bob' }, { name: 'Cy' }], { conflict: 'name' })).toEqual({
        inserted: 1,
        updated: 1,
        skipped: 0,
      })
      expect(await Author.query().orderBy('name').pluck('name')).toEqual(['Ann', 'Cy'])
      const back = await Author.upsert({ name: 'Bob', deletedAt: null }, { conflict: 'name', guarded: true })
      expect(back.isDeleted).toBe(false)
    })

    it('look past deleted rows in firstOrCreate', async () => {
      const { ann } = await seed()
      const [book, created] = await Book.firstOrCreate({ title: 'Two' }, { authorId: ann.id })
      expect([created, book.isDeleted]).toEqual([true, false])
      const [other] = await Book.updateOrCreate({ title: 'Two' }, { pages: 3, authorId: ann.id })
      expect(other.id).toBe(book.id)
    })

    it('lift scopes for deletes and restores that others hide', async () => {
      const { ann } = await seed()
      const { events } = await recordQueries(() => Author.find(ann.id))
      expect(events).toHaveLength(1)
      expect(await Author.all().delete()).toBe(1)
      expect(await Author.all().restore()).toBe(2)
    })
  })

  it('take no part in what create needs, and in the schemas', async () => {
    const { id } = await Author.create({ name: 'Ann' })
    const given = await Book.create({ title: 'Old', authorId: id, removed: new Date(0) }, { guarded: true })
    expect(given.isDeleted).toBe(true)
    expect(await Book.count()).toBe(0)
    expect(Book.schema.insert.parse({ title: 'x', authorId: 1 })).toEqual({ title: 'x', authorId: 1 })
  })

  it('are one field of a model, with few options', () => {
    class Twice extends Model({ a: Field.softDelete(), b: Field.softDelete() }) {}
    expect(() => Twice.query()).toThrow(DefinitionError)
    expect(() => Twice.query()).toThrow(
      '"Twice.a" and "Twice.b" are both made by Field.softDelete(). A model takes one.',
    )
    expect(() => Field.softDelete({ nullable: false } as never)).toThrow(
      'Field.softDelete() has no option "nullable". It takes column, index, hidden, guarded, description, renamedFrom, storage, zone, digits, trim, precision.',
    )
    class Sub extends Book.extend({ isbn: Field.string() }) {}
    expect(Sub.query().toSQL({ dialect: 'sqlite' }).sql).toContain('where "removed_at" is null')
  })
})
