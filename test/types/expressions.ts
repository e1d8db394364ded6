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
