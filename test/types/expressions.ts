import { caseWhen, fn } from 'corm'
import type { Decimal } from 'decimal.js'
import { is } from './support/expect.js'
import { Author, Book } from './support/models.js'

export async function cases() {
  const c = Book.columns
  const size = caseWhen(c.pages.lt(100), 'thin').else('thick')
  Book.query().where(size.eq('thin')).orderBy(size)
  // @ts-expect-error: a text
  size.eq(1)
  // @ts-expect-error: no condition
  caseWhen(c.pages, 'thin')
  // @ts-expect-error: not ended
  Book.query().orderBy(caseWhen(c.pages.lt(100), 'thin'))
  const row = await Book.query().aggregate({
    price: fn.max(caseWhen(c.pages.lt(100), c.price).end()),
    text: fn.min(c.price.cast('text')),
    pages: fn.max(c.pages.cast('bigInteger')),
    joined: fn.groupConcat(c.title, '/', { distinct: true }),
    sum: fn.sum(c.price, { distinct: true }).filter(c.pages.gt(1)),
    all: fn.count().filter(c.pages.gt(1)),
  })
  is<Decimal | null>()(row.price)
  is<string | null>()(row.text)
  is<bigint | null>()(row.pages)
  is<string | null>()(row.joined)
  is<Decimal | null>()(row.sum)
  is<number>()(row.all)
  // @ts-expect-error: no such type
  c.price.cast('varchar')
  // @ts-expect-error: no aggregate
  c.price.filter(c.pages.gt(1))
  is<string | null>()(await Author.query().groupConcat('name', ', '))
  // @ts-expect-error: no such field
  await Author.query().groupConcat('nam')
  Book.query().update((b) => ({ pages: caseWhen(b.pages.isNull(), 1).else(b.pages) }))
  Author.query()
    .where((a) => fn.coalesce(a.bio, a.name).eq('x'))
    .orderBy(fn.random())
}

export async function annotations() {
  const query = Author.query().annotate({
    shout: (c) => c.name.upper(),
    amount: fn.count(),
    newest: () => Book.query().where('pages', 3).select('price'),
  })
  const row = await query.firstOrFail()
  is<string>()(row.shout)
  is<number>()(row.amount)
  is<Decimal | null>()(row.newest)
  is<string>()(row.name)
  query
    .where('amount', '>', 1)
    .where({ shout: 'A', name: 'b' })
    .having('amount', 2)
    .having((c) => c.amount.gt(1))
  query
    .orderBy('-amount')
    .orderBy((c) => c.shout.asc())
    .whereIn('amount', [1, 2])
    .whereNotNull('newest')
  is<number[]>()(await query.pluck('amount'))
  is<[string, number][]>()(await query.valuesList('name', 'amount'))
  const more = await query.annotate({ both: (c) => c.shout.concat(c.name) }).firstOrFail()
  is<string>()(more.both)
  is<number>()(more.amount)
  const [group] = await query.groupBy('shout').aggregate({ total: (c) => fn.sum(c.amount) })
  is<string | undefined>()(group?.shout)
  is<number | null | undefined>()(group?.total)
  const [some] = await query.select('name', 'amount')
  is<number | undefined>()(some?.amount)
  // @ts-expect-error: not selected
  some?.email
  // @ts-expect-error: a number
  query.where('amount', 'x')
  // @ts-expect-error: a number
  query.where({ amount: 'x' })
  // @ts-expect-error: no such name
  query.where('work', 1)
  // @ts-expect-error: no such name
  query.orderBy('work')
  // @ts-expect-error: no such name
  row.work
  // @ts-expect-error: no expression
  Author.query().annotate({ x: [1] })
}

/** A query of one value stands for a value, which it may not find. */
export async function queriesAsValues() {
  const price = Book.query().limit(1).select('price')
  const title = Book.query().limit(1).select('title')
  const pages = Book.query().limit(1).select('pages')
  const [row] = await Book.query().annotate({
    sum: (c) => c.price.plus(price),
    part: (c) => c.id.dividedBy(price),
    ratio: (c) => c.id.times(pages),
    either: (c) => c.price.coalesce(price),
    first: (c) => fn.coalesce(c.price, price),
    most: (c) => fn.greatest(c.price, price),
    label: (c) => c.title.concat(title),
    which: (c) => caseWhen(c.id.gt(1), title).else('none'),
    later: (c) => caseWhen(c.id.gt(1), 'one').when(c.id.gt(2), title).end(),
  })
  if (row === undefined) return
  is<Decimal | null>()(row.sum)
  is<Decimal | null>()(row.part)
  is<number | null>()(row.ratio)
  is<Decimal | null>()(row.either)
  is<Decimal>()(row.first)
  is<Decimal | null>()(row.most)
  is<string | null>()(row.label)
  is<string | null>()(row.which)
  is<string | null>()(row.later)
  // @ts-expect-error: a text is not added to a number
  Book.columns.price.plus(title)
  // @ts-expect-error: no text
  Book.columns.title.concat(price)
  // @ts-expect-error: a number
  Book.columns.price.coalesce(title)
  Book.query().update({ price })
  Book.query().update((c) => ({ price: fn.coalesce(price, c.price), pages }))
  // @ts-expect-error: a text is no price
  Book.query().update({ price: title })
  const found = await Book.query().aggregate({
    maybe: fn.coalesce(price, price),
    always: fn.coalesce(price, Book.columns.price),
  })
  is<Decimal | null>()(found.maybe)
  is<Decimal>()(found.always)
}

/** What is computed of decimals is compared with what decimals are compared with. */
export async function computedDecimals() {
  const c = Book.columns
  const either = caseWhen(c.id.gt(4), c.price).else(0)
  Book.query().where(
    fn.sum(c.price).over({ partitionBy: c.authorId }).gt(5),
    fn.lag(c.price).over({ orderBy: c.id }).lte('5.5'),
    fn.coalesce(c.price, 0).gt(5),
    fn.greatest(c.price, 0).between(1, 2),
    fn.abs(c.price).in([1, '2']),
    fn.nullIf(c.price, 3).lt(4),
    either.gt(5),
  )
  const query = Book.query().annotate({ either, before: fn.lag(c.price).over({ orderBy: c.id }) })
  query.where('either', '>', 5).where((b) => b.before.gt(5))
  const row = await query.firstOrFail()
  is<Decimal>()(row.either)
  is<Decimal | null>()(row.before)
  is<Decimal | null>()((await Book.query().aggregate({ sum: fn.sum(either) })).sum)
  // @ts-expect-error: a date is no price
  either.gt(new Date())
  // @ts-expect-error: a text is no number
  fn.lag(c.pages).over({ orderBy: c.id }).gt('5')
}
