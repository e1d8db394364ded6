import { type Column, Field, fn, Model, sql } from 'corm'
import type { Decimal } from 'decimal.js'
import { is } from './support/expect.js'

class Line extends Model({
  label: Field.string(),
  note: Field.text({ nullable: true }),
  count: Field.integer(),
  extra: Field.integer({ nullable: true }),
  price: Field.decimal({ precision: 10, scale: 2 }),
  rebate: Field.decimal({ precision: 10, scale: 2, nullable: true }),
}) {}

// an expression may be null where one of its operands may be
export async function operands() {
  const row = await Line.query()
    .annotate({
      both: (c) => c.label.concat(' ', c.note),
      own: (c) => c.note.concat('!'),
      text: (c) => c.label.concat('-', c.label),
      joined: (c) => fn.concat(c.label, c.note),
      sum: (c) => c.count.plus(c.extra),
      difference: (c) => c.price.minus(c.rebate),
      product: (c) => c.price.times(c.count).plus(1),
      rest: (c) => c.extra.mod(c.count),
      filled: (c) => c.count.plus(c.extra.coalesce(0)),
      first: (c) => c.note.coalesce(c.label),
      maybe: (c) => c.note.coalesce(c.note),
      some: (c) => fn.coalesce(c.note, c.note),
      one: (c) => fn.coalesce(c.note, c.note, 'x'),
      most: (c) => fn.greatest(c.count, c.extra),
      least: (c) => fn.least(c.count, 3),
      replaced: (c) => c.label.replace('a', c.note),
      cut: (c) => c.label.substring(1, c.count),
      cutMaybe: (c) => c.label.substring(1, c.extra),
      place: (c) => c.label.position(c.note),
    })
    .firstOrFail()
  is<string | null>()(row.both)
  is<string | null>()(row.own)
  is<string>()(row.text)
  is<string | null>()(row.joined)
  is<number | null>()(row.sum)
  is<Decimal | null>()(row.difference)
  is<Decimal>()(row.product)
  is<number | null>()(row.rest)
  is<number>()(row.filled)
  is<string>()(row.first)
  is<string | null>()(row.maybe)
  is<string | null>()(row.some)
  is<string>()(row.one)
  is<number | null>()(row.most)
  is<number>()(row.least)
  is<string | null>()(row.replaced)
  is<string>()(row.cut)
  is<string | null>()(row.cutMaybe)
  is<number | null>()(row.place)
  // @ts-expect-error: a text is not added
  Line.where((c) => c.count.plus(c.label).gt(3))
  // @ts-expect-error: a number is not joined
  Line.where((c) => c.label.concat(c.count).eq('x'))
}

// what a decimal takes part in is a decimal; a field's own `as` stays
class Part extends Model({
  count: Field.integer(),
  most: Field.integer({ nullable: true }),
  big: Field.bigInteger(),
  weight: Field.float(),
  price: Field.decimal({ precision: 10, scale: 2 }),
  text: Field.decimal({ precision: 10, scale: 2, as: 'string' }),
  number: Field.decimal({ precision: 10, scale: 2, as: 'number' }),
  label: Field.string(),
}) {}
export async function decimals(half: Decimal) {
  const row = await Part.query()
    .annotate({
      product: (c) => c.count.times(c.price),
      total: (c) => c.count.times(c.price).plus(1).minus('0.5'),
      value: (c) => c.count.plus(half),
      rest: (c) => c.most.mod(c.price),
      large: (c) => c.big.times(c.price),
      heavy: (c) => c.weight.dividedBy(c.price),
      whole: (c) => c.count.plus(c.big),
      ten: (c) => c.count.plus(10n),
      own: (c) => c.text.times(c.count).plus(c.price),
      other: (c) => c.number.times(c.price),
      cost: (c) => c.price.times(c.number).plus(c.big),
      plain: (c) => c.count.plus(1).times(c.weight),
    })
    .where('product', '>', '2.50')
    .firstOrFail()
  is<Decimal>()(row.product)
  is<Decimal>()(row.total)
  is<Decimal>()(row.value)
  is<Decimal | null>()(row.rest)
  is<Decimal>()(row.large)
  is<Decimal>()(row.heavy)
  is<number>()(row.whole)
  is<number>()(row.ten)
  is<string>()(row.own)
  is<number>()(row.other)
  is<Decimal>()(row.cost)
  is<number>()(row.plain)
  is<Column<number>>()(Part.columns.count.plus(sql`1`))
  // @ts-expect-error: a text is not added
  Part.where((c) => c.count.plus(c.label).gt(3))
  // @ts-expect-error: a date is not added
  Part.where((c) => c.price.plus(new Date()).gt(3))
}

// a check may be asynchronous
Field.string({ validate: async (text) => text.length > 3 || 'is too short' })
Field.integer({ validate: async (value) => void value.toFixed() })
// @ts-expect-error: it gets a text
Field.string({ validate: async (value: number) => value > 3 })
