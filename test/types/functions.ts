import { Field, fn, Model, not, or } from 'corm'
import type { Decimal } from 'decimal.js'
import { is } from './support/expect.js'
import { Author, Book } from './support/models.js'

class Event extends Model({
  at: Field.dateTime(),
  on: Field.date({ nullable: true }),
  data: Field.json<{ title: string; size?: number; tags: string[]; place?: { city?: string } | null }>(),
}) {}

export async function functions() {
  const b = Book.columns
  const a = Author.columns
  const row = await Book.query()
    .annotate({
      trimmed: b.title.trim(),
      part: b.title.substring(1, b.title.position(' ')),
      rounded: b.price.round(1),
      pages: b.pages.abs(),
      sign: b.price.sign(),
      nothing: b.title.nullIf(''),
      most: fn.greatest(b.price, 1),
      text: fn.concat(b.title, '!'),
    })
    .firstOrFail()
  is<string>()(row.trimmed)
  is<string>()(row.part)
  is<Decimal>()(row.rounded)
  is<number | null>()(row.pages)
  is<number>()(row.sign)
  is<string | null>()(row.nothing)
  is<Decimal>()(row.most)
  is<string>()(row.text)
  Author.query().where(or({ name: 'x' }, a.name.notIn(['a', 'b']).and({ name: 'y' }), not({ name: 'z' })))
  a.name.iregex(/x/).and(a.name.ilike('%'), a.name.istartsWith('x'))
  // @ts-expect-error: a number is no text
  b.pages.trim()
  // @ts-expect-error: texts
  a.name.notIn([1])
  // @ts-expect-error: a text
  a.name.replace(1, 2)
  // @ts-expect-error: a text has no day
  b.pages.year()
  // @ts-expect-error: numbers
  fn.greatest(b.pages, 'x')
  // @ts-expect-error: a boolean has no sign
  a.name.isNull().sign()
}

export async function dates() {
  const c = Event.columns
  const row = await Event.query()
    .annotate({
      year: c.at.year(),
      day: c.on.weekday(),
      month: c.at.truncate('month'),
      later: c.at.add({ days: 1, hours: 2 }),
      week: c.on.truncate('week'),
      since: c.at.secondsSince(new Date()),
      days: c.on.daysSince('2024-01-01'),
    })
    .firstOrFail()
  is<number>()(row.year)
  is<number | null>()(row.day)
  is<Date>()(row.month)
  is<Date>()(row.later)
  is<string | null>()(row.week)
  is<number | null>()(row.since)
  is<number | null>()(row.days)
  c.at.truncate('day').eq(new Date())
  // @ts-expect-error: no such unit
  c.at.truncate('decade')
  // @ts-expect-error: no such amount
  c.at.add({ day: 1 })
  // @ts-expect-error: a Date
  c.at.truncate('day').eq('2024-01-01')
  // @ts-expect-error: a date is no moment
  c.on.secondsSince(c.at)
}

export async function json() {
  const c = Event.columns
  const row = await Event.query()
    .annotate({
      title: c.data.json('title'),
      city: c.data.json('place', 'city'),
      tag: c.data.json('tags', 0),
      said: c.data.json<boolean>('title'),
      list: c.data.json(['place', 'city']),
      other: c.data.json('place', 'nothing'),
    })
    .firstOrFail()
  is<string | null>()(row.title)
  is<string | null>()(row.city)
  is<string | null>()(row.tag)
  is<boolean | null>()(row.said)
  is<string | null>()(row.list)
  is<unknown>()(row.other)
  Event.query()
    .where((e) => e.data.json('title').eq('x'))
    .orderBy((e) => e.data.json('size').cast('float').asc())
  Event.query().update((e) => ({ data: e.data.jsonSet(['place', 'city'], 'Rome') }))
  // @ts-expect-error: a text
  c.data.json('title').eq(1)
  // @ts-expect-error: keys and indexes
  c.data.json(true)
}

export async function windows() {
  const c = Book.columns
  const row = await Book.query()
    .annotate({
      rank: fn.rank().over({ partitionBy: c.authorId, orderBy: c.price.desc() }),
      before: fn.lag(c.price).over({ orderBy: c.id }),
      known: fn.lag(c.price, 1, 0).over({ orderBy: c.id }),
      first: fn.firstValue(c.title).over({ orderBy: [c.id, c.title.asc()], rows: ['unbounded', 0] }),
      total: fn.sum(c.price).filter(c.pages.gt(1)).over(),
      count: fn.count().over({ rows: [-1, 1] }),
    })
    .where('rank', '<', 3)
    .firstOrFail()
  is<number>()(row.rank)
  is<Decimal | null>()(row.before)
  is<Decimal>()(row.known)
  is<string | null>()(row.first)
  is<Decimal | null>()(row.total)
  is<number>()(row.count)
  // @ts-expect-error: nothing without its window
  Book.query().annotate({ rank: fn.rank() })
  // @ts-expect-error: no such part of a window
  fn.rank().over({ order: c.id })
  // @ts-expect-error: not another type
  fn.lag(c.title, 1, 5)
  // @ts-expect-error: a window is filtered before
  fn.count().over().filter(c.pages.gt(1))
}
