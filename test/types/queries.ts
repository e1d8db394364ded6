import { type AnyQuery, type Database, type DatabaseHandle, type FilterInput, fn, type QueryBuilder, sql } from 'corm'
import type { Decimal } from 'decimal.js'
import { is } from './support/expect.js'
import { Author, Book } from './support/models.js'

export async function shape() {
  const rows = await Author.query()
  is<string | undefined>()(rows[0]?.name)
  const narrow = await Author.query().select('name', 'role').firstOrFail()
  is<string>()(narrow.name)
  is<number>()(narrow.id)
  // @ts-expect-error: not selected
  narrow.email
  const less = await Author.query().omit('bio').firstOrFail()
  is<string>()(less.email)
  // @ts-expect-error: left out
  less.bio
  const least = await Author.query().select('name', 'email').omit('email').firstOrFail()
  is<string>()(least.name)
  // @ts-expect-error: left out
  least.email
  is<string | null>()((await Author.query().select('name').selectAll().sole()).bio)
  // @ts-expect-error: no such field
  Author.query().select('nam')

  const { signal } = new AbortController()
  is<string | undefined>()((await Author.query().select('name').timeout(500).signal(signal))[0]?.name)
  // @ts-expect-error: milliseconds are a number
  Author.query().timeout('500')
  // @ts-expect-error: the controller is not its signal
  Author.query().signal(new AbortController())
  // @ts-expect-error: no signal
  Author.query().signal({ aborted: false })
  Author.query().orderBy('name').orderBy('-joined').orderBy(['name', '-id']).orderBy('name', 'desc').reorder()
  Author.query().orderBy(sql`random()`).orderBy(Author.columns.name.desc())
  Author.query().latest().oldest('joined').limit(3).offset(2).page(2, 50).distinct().withoutDistinct()
  // @ts-expect-error: no such field
  Author.query().orderBy('nam')
  // @ts-expect-error: no such field
  Author.query().orderBy('-nam')
  // @ts-expect-error: no such field
  Author.query().latest('nam')
}

export async function terminals() {
  const query = Author.query()
  is<string | undefined>()((await query.first())?.name)
  is<string>()((await query.firstOrFail()).name)
  is<string | undefined>()((await query.last())?.name)
  is<string | undefined>()((await query.soleOrNull())?.name)
  is<string | undefined>()((await query.find(1))?.name)
  is<string>()((await query.findOrFail(1)).name)
  is<number>()(await query.count())
  is<boolean>()(await query.exists())
  is<number | null>()(await query.sum('books'))
  is<Decimal | null>()(await Book.query().sum('price'))
  is<Decimal | null>()(await Book.query().avg('price'))
  is<number | null>()(await query.avg('books'))
  is<Date | null>()(await query.max('joined'))
  is<Date | null>()(await Book.query().max('author.joined'))
  is<number | null>()(await Book.query().sum('author.books'))
  is<Decimal | null>()(
    await Book.query()
      .annotate({ double: (c) => c.price.times(2) })
      .avg('double'),
  )
  is<boolean | null>()(
    await Book.query()
      .annotate({ dear: (c) => c.price.gt(2) })
      .max('dear'),
  )
  is<string | null>()(await Book.query().groupConcat('author.name', '/'))
  Book.query().latest('author.joined').oldest('sequel.title')
  Author.query().orderBy(
    (c) =>
      Book.where((b) => b.authorId.eq(c.id))
        .select('title')
        .limit(1),
    'desc',
  )
  Author.query().orderBy((c) => [
    Book.where((b) => b.authorId.eq(c.id))
      .select('title')
      .limit(1),
    c.id.desc(),
  ])
  // @ts-expect-error: many rows have no one value
  await query.max('works.title')
  // @ts-expect-error: no such field
  await Book.query().sum('author.bookz')
  // @ts-expect-error: no such field
  Book.query().latest('author.joinde')
  is<string | null>()(await query.min('bio'))
  // @ts-expect-error: names have no sum
  await query.sum('name')
  is<string[]>()(await query.pluck('name'))
  is<[string, Date][]>()(await query.valuesList('name', 'joined'))
  is<string | null | undefined>()((await query.values())[0]?.bio)
  const [value] = await query.values('name', 'bio')
  is<string | null | undefined>()(value?.bio)
  // @ts-expect-error: not asked for
  value?.email
  // @ts-expect-error: no such field
  await query.pluck('nam')
  is<number>()(await query.where('name', 'x').update({ name: 'y', books: sql`books + 1` }))
  is<number>()(await query.update((c) => ({ books: c.books.plus(1), name: c.name.upper() })))
  await query.update({ role: 'editor' }, { guarded: true })
  // @ts-expect-error: role is guarded
  await query.update({ role: 'editor' })
  // @ts-expect-error: a number
  await query.update({ name: 3 })
  // @ts-expect-error: no such field
  await query.update({ nam: 'x' })
  is<number>()(await query.delete())
  is<number>()(await query.increment('books', 3))
  // @ts-expect-error: names can't be incremented
  await query.decrement('name')
  is<string>()(query.toSQL({ dialect: 'postgres' }).sql)
  is<readonly unknown[]>()(query.toSQLUpdate({ name: 'x' }).parameters)
  is<string>()(query.toSQLDelete().sql)
  is<string>()(query.toRawSQL())
  is<string>()(Author.toSQLInsert({ name: 'a', email: 'b' }).sql)
  // @ts-expect-error: no such dialect
  query.toSQL({ dialect: 'oracle' })
}

export async function aggregates() {
  const one = await Book.query().aggregate({
    count: fn.count(),
    total: (c) => fn.sum(c.price),
    last: fn.max(Book.columns.title),
  })
  is<{ count: number; total: Decimal | null; last: string | null }>()(one)
  const groups = await Book.query()
    .groupBy('authorId', 'pages')
    .aggregate({ count: fn.count(), mean: (c) => fn.avg(c.pages) })
  is<number | undefined>()(groups[0]?.authorId)
  is<number | null | undefined>()(groups[0]?.pages)
  is<number | null | undefined>()(groups[0]?.mean)
  // @ts-expect-error: not a group
  groups[0]?.title
  // @ts-expect-error: no such field
  Book.query().groupBy('nam')
}

/** Groups as the rows of other queries. */
export async function groups() {
  const byAuthor = Book.query()
    .annotate({ long: (c) => c.pages.gt(300) })
    .groupBy('authorId', 'author.name', 'long')
    .annotate({ count: fn.count(), total: (c) => fn.sum(c.price) })
  const [row] = await byAuthor.values()
  is<number | undefined>()(row?.authorId)
  is<string | undefined>()(row?.['author.name'])
  is<Decimal | null | undefined>()(row?.total)
  // @ts-expect-error: not a column of the groups
  row?.title
  const { items, total } = await byAuthor.having('count', '>', 1).orderBy('-total').paginate()
  is<number>()(total)
  is<number | undefined>()(items[0]?.count)
  // @ts-expect-error: a group is no instance
  items[0]?.save()

  const joined = Author.query()
    .leftJoin(byAuthor, (c, t) => c.id.eq(t.authorId), { alias: 'by' })
    .annotate({ total: (_, t) => t.by.total, count: (_, t) => t.by.count })
  is<Decimal | null | undefined>()((await joined.first())?.total)
  is<number | null | undefined>()((await joined.first())?.count)
  // @ts-expect-error: not a column of the groups
  Author.query().join(byAuthor, (c, t) => c.id.eq(t.authorId).and(t.title.eq('Emma')), { alias: 'by' })

  const read = Book.query().from(byAuthor).where('count', '>', 2).where('author.name', 'Jane')
  is<(Decimal | null)[]>()(await read.pluck('total'))
  is<string[]>()(await read.pluck('author.name'))
  const named = Book.query().withCte('by', byAuthor)
  is<number[]>()(await named.from('by').pluck('count'))
  named.join('by', (c, t) => c.authorId.eq(t.authorId).and(t.count.gt(1)))
  // @ts-expect-error: not a column of the groups
  named.join('by', (c, t) => c.title.eq(t.title))
}

/** What goes with a query, and what it answers of a change. */
export async function endings() {
  const locked = Book.query().select('title').lock('update', { skipLocked: true }).comment('why')
  is<string | undefined>()((await locked.first())?.title)
  is<string>()(await Book.query().explain({ analyze: true, format: 'json' }))
  is<void>()(await Book.query().print({ width: 80, stream: process.stderr }))
  is<string | undefined>()((await locked.updateReturning({ price: 3 }))[0]?.title)
  const raised = await Book.with('author').updateReturning((c) => ({ price: c.price.plus(1) }))
  is<string | undefined>()(raised[0]?.author.name)
  is<string | undefined>()((await Book.where('price', 3).deleteReturning())[0]?.title)
  // @ts-expect-error: no such mode
  Book.query().lock('exclusive')
  // @ts-expect-error: no such option
  Book.query().lock('share', { wait: false })
  // @ts-expect-error: no such format
  Book.query().explain({ format: 'xml' })
  // @ts-expect-error: no such field
  Book.query().updateReturning({ prise: 3 })
  // @ts-expect-error: price was not selected
  is<unknown>()((await locked.updateReturning({ price: 3 }))[0]?.price)
}

/** Reusable steps keep what the query already is. */
const cheap = (query: AnyQuery<typeof Book>) => query.where('price', '<', 10)
function newest<Q extends AnyQuery<typeof Book>>(query: Q) {
  return query.latest().limit(10) as Q
}
export async function steps(name: string | null, db: DatabaseHandle, real: Database) {
  Author.using(real).where('name', 'x').using(real)
  is<number>()(await real.transaction((trx) => Author.using(trx).query().using(trx).count()))
  is<number>()(await real.execute(sql`delete from authors`))
  cheap(Book.query())
  cheap(Book.query().select('title').with('author'))
  is<string | undefined>()((await Book.query().select('title').tap(newest))[0]?.title)
  const query = Author.query().when(
    name,
    (q, value) => q.where('name', value),
    (q) => q.whereNull('bio'),
  )
  is<string | undefined>()((await query.using(db).all())[0]?.name)
  is<typeof Author>()(Author.using(db))
  is<number>()(await Author.transaction(async (trx) => Author.using(trx).count()))
  is<{ n: number }[]>()(await db.select<{ n: number }>(sql`select 1 as n`))
  // @ts-expect-error: a query of another model
  cheap(Author.query())
  const typed: QueryBuilder<typeof Author> = Author.query().where('name', 'x')
  is<string | undefined>()((await typed.first())?.name)
}

export function fromOutside(body: FilterInput, sort: string) {
  const query = Author.query().filter(body, { allow: ['email', 'books.title', 'name:regex'] })
  is<QueryBuilder<typeof Author>>()(query.sort(sort, { allow: ['name', '-x'] }).sort('name'))
  query.filter(['name', '=', 'x']).filter([['name', 'in', ['x', 'y']], 'or', ['not', ['id', 'is null']]])
  query.filter(JSON.parse('[]'))
  // @ts-expect-error: no list
  query.filter({ name: 'x' })
  // @ts-expect-error: an object is no value
  query.filter(['name', '=', { gt: 'x' }])
  // @ts-expect-error: no such option
  query.filter([], { keys: ['name'] })
  // @ts-expect-error: keys are one text
  query.sort(['name'])
  const cheap = (books: AnyQuery<typeof Book>, most = 10) => books.where('id', '<', most)
  is<QueryBuilder<typeof Book>>()(Book.query().scope(cheap).scope(cheap, 5))
  // @ts-expect-error: the argument is a number
  Book.query().scope(cheap, '5')
  // @ts-expect-error: a query of another model
  Author.query().scope(cheap)
  // @ts-expect-error: no query is returned
  Book.query().scope(() => 5)
}
