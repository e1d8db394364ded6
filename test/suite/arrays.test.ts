import {
  contains,
  Decimal,
  Field,
  type FilterInput,
  Model,
  not,
  or,
  Relation,
  sql,
  UsageError,
  ValidationError,
} from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Moment extends Model({ at: Field.dateTime({ precision: 6 }) }, { table: 'array_moments' }) {}

class Author extends Model({ name: Field.string() }, { table: 'array_authors' }) {
  static books = Relation.hasMany(() => Book)
}

class Book extends Model(
  {
    title: Field.string({ unique: true }),
    tags: Field.array(Field.string({ max: 2000 }), { default: [] }),
    numbers: Field.array(Field.integer(), { nullable: true }),
    bigs: Field.array(Field.bigInteger(), { nullable: true }),
    digits: Field.array(Field.bigInteger({ as: 'string' }), { nullable: true }),
    prices: Field.array(Field.decimal({ precision: 30, scale: 10 }), { nullable: true }),
    floats: Field.array(Field.float(), { nullable: true }),
    flags: Field.array(Field.boolean(), { nullable: true }),
    days: Field.array(Field.date(), { nullable: true }),
    times: Field.array(Field.time(), { nullable: true }),
    moments: Field.array(Field.dateTime(), { nullable: true }),
    fine: Field.array(Field.dateTime({ precision: 6 }), { nullable: true }),
    uuids: Field.array(Field.uuid(), { nullable: true }),
    kinds: Field.array(Field.enum(['a', 'b', 'c, d']), { nullable: true }),
    sizes: Field.array(Field.enum({ small: 1, large: 3 } as const), { nullable: true }),
    holes: Field.array(Field.string({ nullable: true }), { nullable: true }),
    authorId: Field.foreignKey(() => Author, { nullable: true }),
  },
  { table: 'array_books', indexes: [{ fields: ['title', 'id'] }] },
) {
  static author = Relation.belongsTo(() => Author)
}

const EDGES = [
  '',
  ' ',
  '"',
  "'",
  '\\',
  '\\\\"',
  ',',
  '{}',
  '{"a",b}',
  '[]',
  'NULL',
  'null',
  'a\nb\tc\r',
  'ä',
  '日本',
  '👩‍👩‍👧',
  '\u2028',
  '%_',
  '$1',
  '?',
  '\u0001',
  'x'.repeat(2000),
]

const VALUES = {
  tags: EDGES,
  numbers: [0, 1, -1, 2_147_483_647, -2_147_483_648],
  bigs: [0n, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n],
  digits: ['9223372036854775807', '-1'],
  prices: [new Decimal('12345678901234567890.0123456789'), new Decimal('-0.0000000001'), new Decimal(0)],
  floats: [0.1, -1.5, 1e300, 5e-324, 123_456_789.123_456_79, 0, 2 ** 53, 2 ** 60],
  flags: [true, false, true],
  days: ['0001-01-01', '2024-02-29', '9999-12-31'],
  times: ['00:00:00', '23:59:59.123456', '10:00:00.5'],
  moments: [new Date('2024-02-29T23:59:59.123Z'), new Date('0500-01-01T00:00:00.000Z')],
  fine: [new Date('2024-02-29T23:59:59.123Z')],
  uuids: ['6f1c2a34-1111-4222-8333-444455556666', '00000000-0000-0000-0000-000000000000'],
  kinds: ['a' as const, 'c, d' as const],
  sizes: [3 as const, 1 as const],
  holes: [null, '', 'NULL', null],
}

describeDatabases('arrays', (database) => {
  database.useTables([Author, Book, Moment])

  const titles = async (query: { orderBy(key: 'id'): { pluck(key: 'title'): Promise<string[]> } }) =>
    query.orderBy('id').pluck('title')

  it('hold values of every type, exactly', async () => {
    const book = await Book.create({ title: 'a', ...VALUES })
    expect(book.isDirty()).toBe(false)
    for (const found of [await Book.findOrFail(book.id), await Book.find(book.id), await book.refresh()]) {
      for (const [name, value] of Object.entries(VALUES)) expect(found?.[name as 'tags'], name).toEqual(value)
      expect(found?.isDirty()).toBe(false)
    }
    expect((await book.save()).getChanges()).toEqual({})
  })

  it('come back from every way of writing', async () => {
    await Book.insertMany([
      { title: 'a', ...VALUES },
      { title: 'b', tags: ['x'] },
      { title: 'c', tags: [] },
    ])
    await Book.upsertMany(
      [
        { title: 'a', tags: ['1', '2'], numbers: null },
        { title: 'd', ...VALUES },
      ],
      { conflict: 'title' },
    )
    await Book.upsert({ title: 'b', tags: ['"y"'] }, { conflict: 'title' })
    await Book.where('title', 'c').update({ numbers: [1, 2], tags: EDGES })
    expect(await Book.query().orderBy('title').values('title', 'tags', 'numbers')).toEqual([
      { title: 'a', tags: ['1', '2'], numbers: null },
      { title: 'b', tags: ['"y"'], numbers: null },
      { title: 'c', tags: EDGES, numbers: [1, 2] },
      { title: 'd', tags: EDGES, numbers: VALUES.numbers },
    ])
    const books = await Book.query().orderBy('title').get()
    for (const each of books) each.tags.push(`of ${each.title}`)
    await Book.saveMany(books)
    for (const each of books) each.numbers = [7]
    await Book.updateMany(books, ['numbers', 'tags'])
    expect((await Book.query().orderBy('title').pluck('tags')).map((tags) => tags.at(-1))).toEqual([
      'of a',
      'of b',
      'of c',
      'of d',
    ])
    expect((await Book.findBy({ title: 'd' }))?.uuids).toEqual(VALUES.uuids)
  })

  it('are compared element by element, also after changes in place', async () => {
    const book = await Book.create({ title: 'a', tags: ['x', 'y'], moments: [new Date(0)] })
    const found = await Book.findOrFail(book.id)
    for (const each of [book, found]) {
      expect(each.isDirty()).toBe(false)
      each.tags.push('z')
      expect(each.getChanges()).toEqual({
        tags: [
          ['x', 'y'],
          ['x', 'y', 'z'],
        ],
      })
      each.tags.pop()
      expect(each.isDirty()).toBe(false)
      each.tags[0] = 'w'
      expect(each.isDirty('tags')).toBe(true)
      each.tags.splice(0, 1, 'x')
      each.tags.reverse()
      expect(each.isDirty('tags')).toBe(true)
      each.tags.reverse()
      expect(each.isDirty()).toBe(false)
      each.moments?.[0]?.setTime(1)
      expect(each.getChanges()).toEqual({ moments: [[new Date(0)], [new Date(1)]] })
      await each.save()
      expect(each.isDirty()).toBe(false)
      each.moments?.[0]?.setTime(0)
      await each.save()
    }
    const { tags } = book
    tags.push('same')
    await book.save()
    expect(book.tags).toBe(tags)
    expect((await Book.findOrFail(book.id)).tags).toEqual(['x', 'y', 'same'])
    expect((await Book.findOrFail(book.id)).moments).toEqual([new Date(0)])
  })

  it('keep the digits of moments that a Date does not have', async () => {
    const { id } = await Moment.create({ at: new Date(0) })
    await Moment.where({ id }).update({ at: sql`'2024-02-29 23:59:59.123456'` })
    const at = (await Moment.query().first())?.at as Date
    const book = await Book.create({ title: 'a', fine: [at, new Date(0)] })
    const found = await Book.findOrFail(book.id)
    expect(found.isDirty()).toBe(false)
    expect(await Book.where('fine', 'contains', at).count()).toBe(1)
    expect(await Book.where('fine', 'contains', new Date(at)).count()).toBe(0)
    found.fine?.pop()
    await found.save()
    expect(await Book.where('fine', [at]).count()).toBe(1)
    expect(await Book.where('fine', [new Date(at)]).count()).toBe(0)
  })

  it('tell null, an empty array and an array of nulls apart', async () => {
    await Book.insertMany([
      { title: 'null', holes: null },
      { title: 'empty', holes: [] },
      { title: 'one', holes: [null] },
      { title: 'text', holes: ['NULL'] },
    ])
    expect(await Book.query().orderBy('id').pluck('holes')).toEqual([null, [], [null], ['NULL']])
    expect(await titles(Book.where('holes', null))).toEqual(['null'])
    expect(await titles(Book.where('holes', []))).toEqual(['empty'])
    expect(await titles(Book.where('holes', [null]))).toEqual(['one'])
    expect(await titles(Book.where('holes', '!=', []))).toEqual(['one', 'text'])
    expect(await titles(Book.where({ holes: not([null]) }))).toEqual(['empty', 'text'])
    expect(await titles(Book.query().whereIn('holes', [[], ['NULL'], null]))).toEqual(['null', 'empty', 'text'])
    expect(await titles(Book.query().whereNotIn('holes', [[]]))).toEqual(['one', 'text'])
    expect(await titles(Book.where((c) => c.holes.length().eq(0)))).toEqual(['empty'])
    expect(await titles(Book.where('holes', 'contains', []))).toEqual(['empty', 'one', 'text'])
  })

  it('are found by what they contain', async () => {
    await Book.insertMany([
      { title: 'all', ...VALUES },
      { title: 'none', tags: [] },
      { title: 'nulls', tags: ['A'], holes: [null, 'a'] },
    ])
    for (const tag of EDGES) expect(await titles(Book.where('tags', 'contains', tag)), tag).toEqual(['all'])
    for (const [name, values] of Object.entries(VALUES)) {
      if (name === 'holes') continue
      for (const value of values as unknown as readonly never[])
        expect(await titles(Book.where(name as 'tags', 'contains', value)), `${name} ${String(value)}`).toEqual(['all'])
    }
    expect(await titles(Book.where('tags', 'contains', 'a'))).toEqual([])
    expect(await titles(Book.where('tags', 'contains', 'A'))).toEqual(['nulls'])
    expect(await titles(Book.where('holes', 'contains', 'a'))).toEqual(['nulls'])
    expect(await titles(Book.where({ tags: contains('ä') }))).toEqual(['all'])
    expect(await titles(Book.where({ numbers: contains([0, -1]) }))).toEqual(['all'])
    expect(await titles(Book.where({ numbers: contains([0, 5]) }))).toEqual([])
    expect(await titles(Book.where((c) => or(c.tags.contains(['', '"']), c.holes.contains('a'))))).toEqual([
      'all',
      'nulls',
    ])
    expect(await titles(Book.where({ tags: not(contains('A')) }))).toEqual(['all', 'none'])
    // as in SQL, NULL contains neither something nor not
    expect(await titles(Book.where({ numbers: not(contains(5)) }))).toEqual(['all'])
    expect(await titles(Book.query().whereNot('numbers', 'contains', 5))).toEqual(['all'])
    expect(await titles(Book.where('numbers', 'contains', 1).where('bigs', 'contains', 0n))).toEqual(['all'])
    const [first] = await Book.query()
      .orderBy('id')
      .annotate({ size: (c) => c.tags.length(), has: (c) => c.tags.contains('ä') })
      .get()
    expect([first?.size, Boolean(first?.has)]).toEqual([EDGES.length, true])
  })

  it('are found by their whole value', async () => {
    await Book.insertMany([
      { title: 'ab', tags: ['a', 'b'], numbers: [1], prices: ['1.5'] },
      { title: 'ba', tags: ['b', 'a'], numbers: [1, 1], prices: ['2'] },
    ])
    expect(await titles(Book.where('tags', ['a', 'b']))).toEqual(['ab'])
    expect(await titles(Book.where({ tags: ['b', 'a'] }))).toEqual(['ba'])
    expect(await titles(Book.where('tags', '!=', ['b', 'a']))).toEqual(['ab'])
    expect(await titles(Book.where((c) => c.tags.eq(['a', 'b'])))).toEqual(['ab'])
    expect(await titles(Book.where('prices', [1.5]))).toEqual(['ab'])
    expect(await titles(Book.where((c) => c.tags.eq(c.tags)))).toEqual(['ab', 'ba'])
    expect(await titles(Book.where((c) => c.numbers.coalesce([5]).eq([1])))).toEqual(['ab'])
    const [, created] = await Book.firstOrCreate({ tags: ['a', 'b'] }, { title: 'x' })
    expect(created).toBe(false)
  })

  it('refuse what is no array of their elements, with the place', async () => {
    const issuesOf = async (data: object) => {
      const error = await Book.create({ title: 'x', ...data } as never).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ValidationError)
      return (error as ValidationError).issues.map(({ path, code }) => `${path} ${code}`)
    }
    expect(await issuesOf({ tags: 'a' })).toEqual(['tags type'])
    expect(await issuesOf({ tags: { 0: 'a', length: 1 } })).toEqual(['tags type'])
    expect(await issuesOf({ tags: ['a', 5] })).toEqual(['tags.1 type'])
    expect(await issuesOf({ tags: ['a', null] })).toEqual(['tags.1 required'])
    expect(await issuesOf({ tags: ['a', undefined] })).toEqual(['tags.1 required'])
    expect(await issuesOf({ tags: new Array(2) })).toEqual(['tags.0 required'])
    expect(await issuesOf({ tags: ['a', 'x'.repeat(2001), 'x'.repeat(2001)] })).toEqual([
      'tags.1 length',
      'tags.2 length',
    ])
    expect(await issuesOf({ tags: ['\ud800'] })).toEqual(['tags.0 type'])
    expect(await issuesOf({ numbers: [1, 1.5] })).toEqual(['numbers.1 type'])
    expect(await issuesOf({ numbers: [[1]] })).toEqual(['numbers.0 type'])
    expect(await issuesOf({ moments: [new Date(Number.NaN)] })).toEqual(['moments.0 type'])
    expect(await issuesOf({ kinds: ['z'] })).toEqual(['kinds.0 choice'])
    expect(await issuesOf({ tags: null })).toEqual(['tags required'])
    await expect(Book.where('id', 1).update({ tags: ['a', 5 as never] })).rejects.toThrow(ValidationError)
    await expect(Book.insertMany([{ title: 'x', tags: [null as never] }])).rejects.toThrow(/tags/)
    if (!database.facts.storesNul) expect(await issuesOf({ tags: ['a\0'] })).toEqual(['tags type'])
  })

  it('refuse the operators that make no sense', () => {
    const refused = (make: () => unknown, message: RegExp) => {
      expect(make).toThrow(UsageError)
      expect(make).toThrow(message)
    }
    refused(() => Book.where('tags', 'like' as never, '%a%' as never), /contains\(\)/)
    refused(() => Book.where('tags', 'icontains' as never, 'a' as never), /icontains/)
    refused(() => Book.where('tags', 'regex' as never, 'a' as never), /regex/)
    refused(() => Book.where('tags', '>', ['a']), /">"/)
    refused(() => Book.where('tags', 'between', [['a'], ['b']]), /between/)
    refused(() => Book.where('tags', 'contains', null as never), /null/)
    refused(() => Book.query().orderBy('tags'), /ordered by an array/)
    refused(() => Book.query().orderBy('-tags'), /ordered by an array/)
    refused(() => Book.query().orderBy((c) => c.tags), /ordered by an array/)
    refused(() => Book.query().orderBy((c) => c.tags.desc()), /ordered by an array/)
    refused(() => Book.where((c) => c.tags.contains(c.title as never)), /no expression/)
    refused(() => Book.where('tags', 'contains', undefined as never), /undefined/)
  })

  it('are filtered by requests', async () => {
    await Book.insertMany([
      { title: 'a', tags: ['x'], numbers: [1, 2], moments: [new Date(0)], bigs: [9_007_199_254_740_993n] },
      { title: 'b', tags: ['y'] },
    ])
    const filtered = (json: FilterInput) => titles(Book.query().filter(json))
    expect(await filtered(['tags', 'contains', 'x'])).toEqual(['a'])
    expect(await filtered(['numbers', 'contains', '2'])).toEqual(['a'])
    expect(await filtered(['tags', '=', ['y']])).toEqual(['b'])
    expect(await filtered(['moments', 'contains', '1970-01-01T00:00:00Z'])).toEqual(['a'])
    expect(await filtered(['bigs', 'contains', '9007199254740993'])).toEqual(['a'])
    expect(await filtered(['bigs', '=', ['9007199254740993']])).toEqual(['a'])
    for (const wrong of [
      ['tags', 'contains', ['x']],
      ['tags', 'contains', { a: 1 }],
      ['tags', '=', 'x'],
      ['tags', '=', [['x']]],
      ['tags', '=', [{}]],
      ['tags', '>', ['x']],
      ['tags', 'in', [['x']]],
      ['tags', 'like', 'x'],
      ['numbers', 'contains', 'x'],
    ])
      expect(() => Book.query().filter(wrong as FilterInput), JSON.stringify(wrong)).toThrow(ValidationError)
    expect(() => Book.query().sort('tags')).toThrow(ValidationError)
  })

  it('come back from eager loading, unions and aggregates', async () => {
    const author = await Author.create({ name: 'A' })
    await author.related('books').createMany([
      { title: 'a', ...VALUES },
      { title: 'b', tags: ['x'] },
    ])
    const [found] = await Author.query()
      .with({ books: (q) => q.orderBy('id') })
      .get()
    const [first] = found?.books ?? []
    for (const [name, value] of Object.entries(VALUES)) expect(first?.[name as 'tags'], name).toEqual(value)
    expect(first?.isDirty()).toBe(false)
    const [book] = await Book.where('title', 'a').with('author.books').get()
    expect(book?.author?.books[0]?.prices).toEqual(VALUES.prices)
    expect(await Book.where('title', 'a').unionAll(Book.where('title', 'b')).orderBy('title').pluck('tags')).toEqual([
      EDGES,
      ['x'],
    ])
    expect(await Author.where('books.tags', 'contains', 'x').count()).toBe(1)
    expect(await Book.query().select('tags').distinct().get()).toHaveLength(2)
  })

  it('can be huge', async () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => i)
    const tags = numbers.map((i) => `tag "${i}", {}\\`)
    const book = await Book.create({ title: 'a', numbers, tags })
    const found = await Book.findOrFail(book.id)
    expect(found.numbers).toEqual(numbers)
    expect(found.tags).toEqual(tags)
    expect(await Book.where('tags', 'contains', tags[9999] as string).count()).toBe(1)
    expect(await Book.where('tags', tags).count()).toBe(1)
  })

  it('are written to JSON as their elements are', async () => {
    const book = await Book.create({
      title: 'a',
      prices: ['1.5'],
      bigs: [5n],
      moments: [new Date(0)],
      tags: ['x'],
      holes: [null],
    })
    expect(JSON.parse(JSON.stringify(book))).toMatchObject({
      prices: ['1.5000000000'],
      bigs: ['5'],
      moments: ['1970-01-01T00:00:00.000Z'],
      tags: ['x'],
      holes: [null],
      numbers: null,
    })
    expect(book.toObject()).toMatchObject({ prices: [new Decimal('1.5')], bigs: [5n], moments: [new Date(0)] })
    const copy = book.clone()
    copy.tags.push('y')
    expect(book.tags).toEqual(['x'])
    expect(new Book({ title: 'x' }).tags).not.toBe(new Book({ title: 'x' }).tags)
  })
})
