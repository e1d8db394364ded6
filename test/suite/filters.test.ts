import { type AnyQuery, DatabaseError, Field, Model, Relation, UsageError, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Author extends Model({ name: Field.string(), secret: Field.string({ hidden: true, default: '' }) }) {
  static books = Relation.hasMany(() => Book)
}
class Book extends Model({
  title: Field.string({ max: 100 }),
  pages: Field.integer({ nullable: true }),
  views: Field.bigInteger({ default: 0n }),
  price: Field.decimal({ precision: 8, scale: 2, default: '1.00' }),
  rating: Field.float({ nullable: true }),
  inPrint: Field.boolean({ default: true }),
  kind: Field.enum(['novel', 'poem'], { default: 'novel' }),
  level: Field.enum({ low: 1, middle: 2, high: 3 } as const, { default: 1 }),
  code: Field.uuid({ nullable: true }),
  released: Field.date({ nullable: true }),
  opens: Field.time({ nullable: true }),
  sold: Field.dateTime({ nullable: true }),
  tags: Field.json({ nullable: true }),
  cover: Field.binary({ nullable: true }),
  pin: Field.string({ hidden: true, default: '0000' }),
  authorId: Field.foreignKey(() => Author, { nullable: true }),
}) {
  static author = Relation.belongsTo(() => Author)
  static thick(query: AnyQuery<typeof Book>, least = 200) {
    return query.where('pages', '>=', least)
  }
}

const UUID = '0190c7a0-0000-7000-8000-000000000001'

describeDatabases('filters from outside', (database) => {
  database.useTables([Author, Book])

  const seed = async () => {
    const [ann, bob] = await Author.createMany([{ name: 'Ann', secret: 'x' }, { name: 'Bob' }])
    await Book.createMany([
      {
        title: 'One',
        pages: 100,
        views: 9007199254740993n,
        price: '9.90',
        rating: 4.5,
        code: UUID,
        released: '2020-01-31',
        opens: '10:00:00',
        sold: new Date('2024-05-06T07:08:09Z'),
        tags: ['a'],
        cover: new Uint8Array([1, 2, 3]),
        pin: '1234',
        authorId: ann?.id ?? 0,
      },
      { title: 'Two', pages: 200, inPrint: false, kind: 'poem', level: 2, authorId: bob?.id ?? 0 },
      { title: 'Three', pages: 300, price: '20.00' },
      { title: 'Four' },
    ])
  }
  const any = (value: unknown) => value as never

  it('read the moments that clients write, a day alone among them', async () => {
    await seed()
    const titles = async (value: string, operator = '>=') =>
      Book.query()
        .filter(any(['sold', operator, value]))
        .pluck('title')
    for (const value of ['2024-05-06', '2024-05-06T07:08:09Z', '2024-05-06t07:08:09z', '2024-05-06 09:08:09+02:00'])
      expect(await titles(value), value).toEqual(['One'])
    expect(await titles('2024-05-07')).toEqual([])
    expect(await titles('2024-05-06T07:08:09.000Z', '=')).toEqual(['One'])
    expect(Book.schema.update.parse({ sold: '2024-05-06' })).toEqual({ sold: new Date('2024-05-06T00:00:00Z') })
    for (const value of ['yesterday', '2024-02-31', '2024-02-31T10:00:00Z', '2024-05-06T07:08:09', '06.05.2024', '']) {
      const message = 'expects a date and time like "2024-05-31T12:00:00Z", or a day like "2024-05-31"'
      const issue = expect.objectContaining({ code: 'type', message })
      expect(await titles(value).catch((error: unknown) => error), value).toMatchObject({ issues: [issue] })
      expect(Book.schema.update.safeParse({ sold: value }), value).toMatchObject({ error: { issues: [issue] } })
    }
    const wrong = Book.schema.update.safeParse({ views: 'many', cover: '%', pages: '1' })
    expect(wrong.success ? [] : wrong.error.issues.map(({ message }) => message)).toEqual([
      'expects an integer, not a string',
      'expects a whole number, or its digits as text',
      'expects a base64 string',
    ])
  })
  const titles = (json: unknown, allow?: string[]) =>
    Book.query()
      .orderBy('id')
      .filter(any(json), allow && { allow })
      .pluck('title')
  const issues = (json: unknown, allow: string[] = []) => {
    try {
      Book.query().filter(any(json), { allow })
    } catch (error) {
      expect(error).toBeInstanceOf(ValidationError)
      return (error as ValidationError).issues
    }
    throw new Error('nothing was refused')
  }
  const places = (json: unknown, allow?: string[]) => issues(json, allow).map(({ path, code }) => `${path} ${code}`)

  it('keeps the rows that meet it', async () => {
    await seed()
    expect(await titles([])).toEqual(['One', 'Two', 'Three', 'Four'])
    expect(await titles(['pages', '>', 150])).toEqual(['Two', 'Three'])
    expect(
      await titles([
        ['pages', '>', 150],
        ['inPrint', '=', true],
      ]),
    ).toEqual(['Three'])
    expect(await titles([['pages', '=', 100], 'or', ['pages', '=', 300], ['title', '=', 'x']])).toEqual(['One'])
    expect(
      await titles([
        [['pages', '=', 100], 'or', ['pages', '=', 300]],
        ['title', '!=', 'One'],
      ]),
    ).toEqual(['Three'])
    expect(await titles(['not', ['pages', 'in', [100, 200]]])).toEqual(['Three'])
    expect(await titles(['pages', 'is null'])).toEqual(['Four'])
    expect(await titles(['pages', 'is not null'])).toEqual(['One', 'Two', 'Three'])
    expect(await titles(['pages', 'in', [100, null]])).toEqual(['One', 'Four'])
    expect(await titles(['pages', 'in', []])).toEqual([])
    expect(await titles(['pages', 'not in', []])).toEqual(['One', 'Two', 'Three', 'Four'])
    expect(await titles(['pages', 'between', [150, 300]])).toEqual(['Two', 'Three'])
    expect(await titles(['pages', 'not between', [150, 300]])).toEqual(['One'])
    expect(await titles(['title', 'startsWith', 'T'])).toEqual(['Two', 'Three'])
    expect(await titles(['title', 'icontains', 'HRE'])).toEqual(['Three'])
    expect(await titles(['title', 'like', '_ne'])).toEqual(['One'])
    expect(await titles(['title', 'contains', '%'])).toEqual([])
    expect(await titles(JSON.parse('[["title","=","One"],"or",["title","endsWith","o"]]'))).toEqual(['One', 'Two'])
  })

  it('reads values as JSON and query strings have them', async () => {
    await seed()
    for (const condition of [
      ['pages', '=', '100'],
      ['views', '=', '9007199254740993'],
      ['price', '=', '9.9'],
      ['price', '=', 9.9],
      ['price', 'between', ['9.00', 10]],
      ['rating', '=', '4.5'],
      ['code', '=', UUID.toUpperCase()],
      ['released', '=', '2020-01-31'],
      ['opens', '=', '10:00'],
      ['sold', '=', '2024-05-06T07:08:09.000Z'],
      ['sold', '=', '2024-05-06T09:08:09+02:00'],
      ['sold', 'in', ['2024-05-06T07:08:09Z']],
      ['cover', '=', 'AQID'],
      ['tags', 'is not null'],
    ])
      expect(await titles(condition)).toEqual(['One'])
    expect(await titles(['inPrint', '=', 'false'])).toEqual(['Two'])
    expect(await titles(['kind', '=', 'poem'])).toEqual(['Two'])
    expect(await titles(['level', '=', '2'])).toEqual(['Two'])
    expect(await titles(['level', 'in', [2, '3']])).toEqual(['Two'])
  })

  it('tells all that is wrong in one error, with places', () => {
    expect(
      issues([
        ['title', '=', 5],
        ['nosuch', '=', 1],
        [['pages', '~', 1], 'or', ['pages', 'in', [1, 'x', 2.5]]],
        ['not', ['sold', '>', 'yesterday']],
        'and',
      ]),
    ).toEqual([
      { path: 'filter[0][2]', code: 'type', message: 'expects a string, not an integer' },
      { path: 'filter[1][0]', code: 'unknown', message: 'is not a field that can be filtered by' },
      {
        path: 'filter[2][0][1]',
        code: 'unknown',
        message: expect.stringMatching(/^is not an operator; operators are =/),
      },
      { path: 'filter[2][2][2][1]', code: 'type', message: expect.stringMatching(/^expects an integer/) },
      { path: 'filter[2][2][2][2]', code: 'type', message: expect.stringMatching(/^expects an integer/) },
      { path: 'filter[3][1][2]', code: 'type', message: expect.stringMatching(/^expects a date and time like/) },
      { path: 'filter[4]', code: 'type', message: 'must stand between two conditions' },
    ])
  })

  it('refuses what is no filter', () => {
    for (const json of [undefined, null, 5, 'pages = 1', true, {}, { pages: 1 }, () => [], new Map()])
      expect(places(json)).toEqual(['filter type'])
    expect(places(['pages'])).toEqual(['filter type'])
    expect(places(['pages', '='])).toEqual(['filter type'])
    expect(places(['pages', '=', 1, 2])).toEqual(['filter type'])
    expect(places(['pages', 'is null', 1])).toEqual(['filter type'])
    expect(places(['not', 1])).toEqual(['filter type'])
    expect(places([1, 2, 3])).toEqual(['filter[0] type', 'filter[1] type', 'filter[2] type'])
    expect(places([{ field: 'pages' }])).toEqual(['filter[0] type'])
    expect(places([['pages', '=', 1], 'or'])).toEqual(['filter[1] type'])
    expect(places([['pages', '=', 1], 'or', 'and', ['pages', '=', 1]])).toEqual(['filter[1] type', 'filter[2] type'])
    expect(places([['pages', '=', 1], 'xor', ['pages', '=', 1]])).toEqual(['filter[1] type'])
    for (const value of [{}, { gt: 5 }, [1], undefined, [], { toString: 1 }, new Date(), Symbol('x'), 5n])
      expect(places(['pages', '=', value])).toEqual(['filter[2] type'])
    for (const value of ['1e3', '0x10', ' 1', '1.5', '', 'NaN', 1.5, true, '99999999999'])
      expect(places(['pages', '=', value])).toEqual(['filter[2] type'])
    expect(places(['pages', '=', '9999999999'])).toEqual(['filter[2] range'])
    expect(places(['rating', '=', 'Infinity'])).toEqual(['filter[2] type'])
    expect(places(['inPrint', '=', 1])).toEqual(['filter[2] type'])
    expect(places(['kind', '=', 'essay'])).toEqual(['filter[2] choice'])
    expect(places(['released', '=', '2020-02-31'])).toEqual(['filter[2] range'])
    expect(places(['sold', '=', '2020-02-31T25:00:00Z'])).toEqual(['filter[2] type'])
    expect(places(['pages', '>', null])).toEqual(['filter[2] type'])
    expect(places(['pages', 'between', [1]])).toEqual(['filter[2] type'])
    expect(places(['pages', 'between', [1, null]])).toEqual(['filter[2][1] type'])
    expect(places(['pages', 'in', '1'])).toEqual(['filter[2] type'])
    expect(places(['pages', 'in', [[1]]])).toEqual(['filter[2][0] type'])
    expect(places(['title', 'contains', 5])).toEqual(['filter[2] type'])
    expect(places(['title', '=', '\ud800'])).toEqual(['filter[2] type'])
    expect(places(['title', 'contains', '\ud800'])).toEqual(['filter[2] type'])
  })

  it('refuses operators that the type has not on every database', () => {
    for (const condition of [
      ['pages', 'contains', '1'],
      ['kind', 'like', 'n%'],
      ['code', 'startsWith', '01'],
      ['inPrint', '>', false],
      ['tags', '=', 'a'],
      ['tags', 'in', ['a']],
      ['cover', '<', 'AQID'],
    ])
      expect(places(condition)).toEqual(['filter[1] unknown'])
  })

  it('refuses tricks with prototypes, gaps and members', () => {
    for (const name of [
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'toString',
      'columns',
      'books',
      'author',
      '',
      'ID',
    ])
      expect(places([name, '=', 1])).toEqual(['filter[0] unknown'])
    for (const operator of ['__proto__', 'constructor', '', 'IN', '= 1 or 1', 'is  null', 5, null, {}, ['=']])
      expect(places(['pages', operator, 1])).toEqual(['filter[1] unknown'])
    // biome-ignore lint/suspicious/noSparseArray: that is what is tried
    expect(places(['pages', , 1])).toEqual(['filter type'])
    // biome-ignore lint/suspicious/noSparseArray: that is what is tried
    expect(places([['pages', '=', 1], , ['pages', '=', 2]])).toEqual(['filter type'])
    // biome-ignore lint/suspicious/noSparseArray: that is what is tried
    expect(places(['pages', 'in', [1, , 2]])).toEqual(['filter[2] type'])
    expect(places(Object.assign(['pages', '=', 1], { extra: 1 }))).toEqual(['filter type'])
    expect(places(JSON.parse('[{"__proto__":["pages","=",1]}]'))).toEqual(['filter[0] type'])
    expect(places(new Array(2 ** 31))).toEqual(['filter size'])
    const own = Array.prototype as unknown as Record<number, unknown>
    own[1] = '='
    try {
      expect(places(['pages'])).toEqual(['filter type'])
    } finally {
      delete own[1]
    }
  })

  it('names hidden fields, paths and regular expressions only where they are allowed', async () => {
    await seed()
    for (const key of ['pin', 'author.name', 'author.secret', 'author.books.title'])
      expect(places([key, '=', 'x'])).toEqual(['filter[0] unknown'])
    expect(places(['pin', '=', 'x'], ['author.name'])).toEqual(['filter[0] unknown'])
    expect(places(['title', 'regex', 'x'])).toEqual(['filter[1] unknown'])
    expect(places(['title', 'regex', 'x'], ['title:iregex', 'author.name:regex'])).toEqual(['filter[1] unknown'])
    expect(await titles(['pin', '=', '1234'], ['pin'])).toEqual(['One'])
    expect(await titles(['author.name', '=', 'Ann'], ['author.name'])).toEqual(['One'])
    expect(await titles(['author.secret', '=', 'x'], ['author.secret'])).toEqual(['One'])
    expect(
      await titles(
        [
          ['author.name', 'is null'],
          ['pages', '>', 1],
        ],
        ['author.name'],
      ),
    ).toEqual(['Three'])
    expect(await titles(['not', ['author.name', '=', 'Ann']], ['author.name'])).toEqual(['Two'])
    expect(
      await titles([['author.books.title', '=', 'Two'], 'or', ['title', '=', 'One']], ['author.books.title']),
    ).toEqual(['One', 'Two'])
    expect(
      await Author.query()
        .orderBy('name')
        .filter(['books.pages', '>', '150'], { allow: ['books.pages'] })
        .pluck('name'),
    ).toEqual(['Bob'])
    expect(places(['author.name', '=', 5], ['author.name'])).toEqual(['filter[2] type'])
    // `allow` adds to the visible fields, and takes none of them away
    expect(await titles(['pages', '=', 100], ['pin'])).toEqual(['One'])
  })

  it('takes exactly the names of `only`', async () => {
    await seed()
    const titled = (json: unknown, options: object) =>
      Book.query().orderBy('pages').filter(any(json), options).pluck('title')
    expect(await titled(['pages', '=', 100], { only: ['pages'] })).toEqual(['One'])
    expect(await titled(['pin', 'is null'], { only: ['pages', 'pin'] })).toHaveLength(
      await Book.where('pin', null).count(),
    )
    expect(await titled(['author.name', '=', 'Bob'], { only: ['pages'], allow: ['author.name'] })).not.toEqual([])
    expect(() => Book.query().filter(['title', '=', 'One'], { only: ['pages'] })).toThrow(ValidationError)
    expect(() => Book.query().filter(['title', 'regex', '^O'], { only: ['title'] })).toThrow(ValidationError)
    expect(() => Book.query().filter(['pages', '=', 100], { only: [] })).toThrow(ValidationError)
    expect(() => Book.query().filter([], { only: ['nosuch'] })).toThrow('has no field "nosuch"')
  })

  it('takes regular expressions where the database does', async () => {
    await seed()
    expect(await titles(['title', 'regex', '^T.*e$'], ['title:regex'])).toEqual(['Three'])
    expect(await titles(['title', 'iregex', '^t.*E$'], ['title:iregex'])).toEqual(['Three'])
  })

  it('takes the names that a query has added where they are allowed', async () => {
    await seed()
    const books = Book.query()
      .orderBy('id')
      .annotate({ double: (c) => c.pages.times(2) })
    expect(await books.filter(['double', '>', '300'], { allow: ['double'] }).pluck('title')).toEqual(['Two', 'Three'])
    expect(
      await books
        .reorder()
        .sort('-double', { allow: ['double'] })
        .where('pages', '>', 0)
        .pluck('title'),
    ).toEqual(['Three', 'Two', 'One'])
    expect(() => books.filter(['double', '>', 300])).toThrow(ValidationError)
    expect(() => books.sort('double')).toThrow(ValidationError)
  })

  it('has bounds', () => {
    const one = ['pages', '=', 1]
    const nested = (depth: number): unknown => (depth === 0 ? one : [nested(depth - 1)])
    Book.query().filter(any(nested(10)))
    expect(issues(nested(11))).toEqual([
      { path: `filter${'[0]'.repeat(11)}`, code: 'depth', message: 'is nested more than 10 lists deep' },
    ])
    const negated = (depth: number): unknown => (depth === 0 ? one : ['not', negated(depth - 1)])
    expect(places(negated(11))).toEqual([`filter${'[1]'.repeat(11)} depth`])
    const circle: unknown[] = []
    circle.push(circle, circle)
    expect(issues(circle).length).toBeLessThanOrEqual(100)
    Book.query().filter(any(Array.from({ length: 200 }, () => one)))
    expect(issues(Array.from({ length: 201 }, () => one))).toEqual([
      { path: 'filter', code: 'size', message: 'has more than 200 conditions' },
    ])
    const ids = (count: number) => ['pages', 'in', Array.from({ length: count }, (_, i) => i)]
    Book.query().filter(any([ids(500), ids(500)]))
    expect(places(ids(1001))).toEqual(['filter[2] size'])
    expect(places([ids(500), ids(501)])).toEqual(['filter[1][2] size'])
    Book.query().filter(any(['title', '=', 'x'.repeat(10_000)]))
    expect(places(['title', '=', 'x'.repeat(10_001)])).toEqual(['filter[2] length'])
    expect(places(['title', 'contains', 'x'.repeat(10_001)])).toEqual(['filter[2] length'])
    const wide = (item: unknown) => Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => item))
    const [empties, numbers] = [wide([]), wide(7)]
    const texts = Array.from({ length: 1000 }, () => ['x'.repeat(1e5)])
    const start = performance.now()
    expect(places(empties)).toEqual(['filter size'])
    expect(issues(numbers)).toHaveLength(100)
    expect(issues(texts)).toHaveLength(100)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('tells mistakes of the program apart', () => {
    for (const options of [
      { allow: ['nosuch'] },
      { allow: ['author.nosuch'] },
      { allow: ['nosuch.name'] },
      { allow: 'pin' },
    ])
      for (const use of [() => Book.query().filter([], any(options)), () => Book.query().sort('', any(options))])
        expect(use).toThrow(UsageError)
    expect(() => Book.query().filter([], any({ allowed: ['pin'] }))).toThrow('has no option "allowed"')
    expect(() => Book.query().filter([], { allow: ['pages:regex'] })).toThrow(UsageError)
    expect(() => Author.query().sort('', { allow: ['books.title'] })).toThrow(UsageError)
    const early = '"Author" has no field "booksCount", and no step so far adds one. Call withCount(), annotate() and'
    expect(() =>
      Author.query()
        .sort('-booksCount', { allow: ['booksCount'] })
        .withCount('books'),
    ).toThrow(early)
    expect(() => Author.query().filter([], { allow: ['booksCount'] })).toThrow(early)
    expect(() =>
      Author.query()
        .withCount('books')
        .sort('-booksCount', { allow: ['booksCount'] }),
    ).not.toThrow()
  })

  it('narrows what the program chose, and is no condition when it is empty', async () => {
    await seed()
    const mine = Book.where('title', 'One').orWhere('title', 'Two')
    expect(
      await mine
        .filter([['pages', '>', 0], 'or', ['pages', 'is null']])
        .orderBy('id')
        .pluck('title'),
    ).toEqual(['One', 'Two'])
    expect(await mine.filter(['pages', '>', 150]).pluck('title')).toEqual(['Two'])
    await expect(Book.query().filter([]).delete()).rejects.toThrow(UsageError)
    await expect(
      Book.query()
        .filter([[], ['not', []]])
        .update({ pages: 1 }),
    ).rejects.toThrow(UsageError)
    expect(await Book.query().filter(['pages', '=', 300]).delete()).toBe(1)
    expect(await Book.count()).toBe(3)
  })

  it('binds hostile texts as they are', async () => {
    await seed()
    for (const text of [
      "' or 1=1 --",
      '\\',
      '\\\\',
      "\\'; drop table books; -- ",
      '"',
      '`',
      '?',
      '$1',
      ':a',
      '%',
      '_',
      '😀',
    ])
      for (const operator of ['=', 'contains', 'startsWith', 'iendsWith', 'like', 'ilike'])
        expect(await titles(['title', operator, text])).toHaveLength(text === '%' && operator.endsWith('like') ? 4 : 0)
    expect(await Book.count()).toBe(4)
    // what a database can't have in a text is refused or found nowhere
    const found = await titles(['title', '=', 'a\u0000b']).catch((error) => error)
    expect(found instanceof DatabaseError).toBe(false)
    expect(Array.isArray(found) ? found : found.code).toEqual(Array.isArray(found) ? [] : 'VALIDATION')
  })

  it('sorts by a text', async () => {
    await seed()
    const sorted = (text: unknown, allow?: string[]) =>
      Book.query()
        .where('pages', '>', 0)
        .sort(any(text), allow && { allow })
        .pluck('title')
    expect(await sorted('-pages')).toEqual(['Three', 'Two', 'One'])
    expect(await sorted('inPrint,-pages')).toEqual(['Two', 'Three', 'One'])
    expect(await sorted(' -inPrint , title ')).toEqual(['One', 'Three', 'Two'])
    expect((await sorted('')).length).toBe(3)
    expect(await sorted('-pin,title', ['pin', 'title'])).toEqual(['One', 'Three', 'Two'])
    expect(await sorted('-author.name,id', ['author.name', 'id'])).toHaveLength(3)
    const wrong = (text: unknown, allow?: string[]) => {
      try {
        Book.query().sort(any(text), allow && { allow })
      } catch (error) {
        expect(error).toBeInstanceOf(ValidationError)
        return (error as ValidationError).issues.map(({ path, code }) => `${path} ${code}`)
      }
      throw new Error('nothing was refused')
    }
    expect(wrong('title,nosuch,-pin,author.name,tags')).toEqual([
      'sort[1] unknown',
      'sort[2] unknown',
      'sort[3] unknown',
      'sort[4] unknown',
    ])
    expect(wrong('pages', ['title'])).toEqual(['sort[0] unknown'])
    for (const text of [
      '--pages',
      '-',
      ',',
      'pages,',
      'pages desc',
      '+pages',
      '__proto__',
      'constructor',
      '1',
      '*',
      'books.title',
    ])
      expect(wrong(text).every((issue) => /^sort\[\d\] unknown$/.test(issue))).toBe(true)
    expect(wrong('title,-title')).toEqual(['sort[1] choice'])
    expect(wrong(Array.from({ length: 11 }, () => 'title').join())).toEqual(['sort size'])
    expect(wrong('x'.repeat(1001))).toEqual(['sort length'])
    for (const text of [undefined, null, 5, {}, ['title']]) expect(wrong(text)).toEqual(['sort type'])
  })

  it('applies scopes', async () => {
    await seed()
    expect(await Book.query().scope(Book.thick).orderBy('id').pluck('title')).toEqual(['Two', 'Three'])
    expect(await Book.query().scope(Book.thick, 300).count()).toBe(1)
    expect(await Book.where('title', 'Two').with('author').scope(Book.thick).first()).toMatchObject({ title: 'Two' })
    for (const wrong of [undefined, 'thick', () => undefined, () => Author.query(), () => Book, () => [1]])
      expect(() => Book.query().scope(any(wrong))).toThrow(UsageError)
  })
})
