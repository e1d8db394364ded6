import { Decimal, Field, fn, Model } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shop extends Model({ code: Field.string(), city: Field.string() }) {}
class Sale extends Model({
  shop: Field.string(),
  item: Field.string(),
  amount: Field.integer(),
  price: Field.decimal({ precision: 10, scale: 2 }),
}) {}

const ROWS = [
  ['a', 'x', 1],
  ['a', 'x', 2],
  ['a', 'y', 3],
  ['b', 'x', 4],
  ['b', 'y', 5],
  ['b', 'y', 6],
  ['b', 'y', 7],
] as const

describeDatabases('windows over groups, and over windows', (database) => {
  database.useTables([Shop, Sale])
  beforeEach(async () => {
    await Shop.insertMany([
      { code: 'a', city: 'Rome' },
      { code: 'b', city: 'Bern' },
    ])
    await Sale.insertMany(ROWS.map(([shop, item, amount]) => ({ shop, item, amount, price: `${amount}.25` })))
  })

  const best = () =>
    Sale.query()
      .annotate({
        n: fn.count(),
        place: (c) => fn.rowNumber().over({ partitionBy: c.shop, orderBy: fn.count().desc() }),
      })
      .groupBy('shop', 'item')
  const bySize = () =>
    Sale.query().annotate({ place: (c) => fn.rowNumber().over({ partitionBy: c.shop, orderBy: c.amount.desc() }) })

  it('keep groups by their windows', async () => {
    const rows = [
      { shop: 'a', item: 'x', n: 2 },
      { shop: 'b', item: 'y', n: 3 },
    ]
    expect(
      await best()
        .where('place', 1)
        .orderBy('shop')
        .aggregate({ n: (c) => c.n }),
    ).toEqual(rows)
    expect(
      await best()
        .having('place', 1)
        .orderBy('n')
        .aggregate({ n: (c) => c.n }),
    ).toEqual(rows)
    expect(
      await best()
        .where('amount', '>', 1)
        .where('n', '>', 1)
        .where('place', 1)
        .aggregate({ sum: (c) => fn.sum(c.price) }),
    ).toEqual([{ shop: 'b', item: 'y', sum: new Decimal('18.75') }])
  })

  it('keep groups by their windows before they are cut, in any order', async () => {
    const second = best().where('place', '<', 3).orderBy('n', 'desc').orderBy('shop').limit(2)
    const result = await second.aggregate({ sum: (c) => fn.sum(c.price), place: (c) => c.place })
    expect(result).toEqual([
      { shop: 'b', item: 'y', sum: new Decimal('18.75'), place: 1 },
      { shop: 'a', item: 'x', sum: new Decimal('3.50'), place: 1 },
    ])
  })

  it('keep rows before they are grouped where the window is over rows', async () => {
    const first = bySize().where('place', '<', 2).groupBy('shop').orderBy('shop')
    expect(await first.aggregate({ sum: (c) => fn.sum(c.amount) })).toEqual([
      { shop: 'a', sum: 3 },
      { shop: 'b', sum: 7 },
    ])
  })

  it('go by other windows', async () => {
    const query = bySize().annotate({ row: (c) => fn.rowNumber().over({ orderBy: [c.place, c.id] }) })
    expect(await query.orderBy('id').pluck('row')).toEqual([5, 3, 1, 7, 6, 4, 2])
    expect(await query.where('row', 2).values('amount', 'place')).toEqual([{ amount: 7, place: 1 }])
    expect((await query.where('shop', 'b').orderBy('row', 'desc').limit(2)).map(({ amount }) => amount)).toEqual([4, 5])
    expect(await query.where('row', '>', 5).count()).toBe(2)
    const third = query.annotate({ sum: (c) => fn.sum(c.row).over({ partitionBy: c.shop }) })
    expect(await third.orderBy('id').pluck('sum')).toEqual([9, 9, 9, 19, 19, 19, 19])
    expect(await third.groupBy('sum').orderBy('sum').aggregate({ n: fn.count() })).toEqual([
      { sum: 9, n: 3 },
      { sum: 19, n: 4 },
    ])
  })

  it('go by other windows over joined rows', async () => {
    const joined = Sale.query()
      .join(Shop, (c, t) => c.shop.eq(t.code), { alias: 'shops' })
      .annotate({ place: (c, t) => fn.rowNumber().over({ partitionBy: t.shops.city, orderBy: c.amount.desc() }) })
      .annotate({ row: (c, t) => fn.rowNumber().over({ orderBy: [c.place, t.shops.city] }) })
    expect(await joined.orderBy('row').limit(3).pluck('amount')).toEqual([7, 3, 6])
  })

  it('windows over groups by a value with a parameter', async () => {
    const tens = Sale.query()
      .annotate({ ten: (c) => c.amount.mod(3).times(10) })
      .groupBy('shop', 'ten')
    const next = tens.annotate({ next: (c) => c.ten.plus(1) }).orderBy('shop', 'ten')
    expect(await next.valuesList('shop', 'ten', 'next')).toEqual([
      ['a', 0, 1],
      ['a', 10, 11],
      ['a', 20, 21],
      ['b', 0, 1],
      ['b', 10, 11],
      ['b', 20, 21],
    ])
    const numbered = tens.annotate({ at: (c) => fn.rowNumber().over({ partitionBy: c.shop, orderBy: c.ten }) })
    const islands = numbered.annotate({ island: (c) => c.ten.minus(c.at.times(10)) })
    expect(await islands.orderBy('shop', 'ten').valuesList('at', 'island')).toEqual([
      [1, -10],
      [2, -10],
      [3, -10],
      [1, -10],
      [2, -10],
      [3, -10],
    ])
    const runs = Sale.query().from(islands).groupBy('shop', 'island').annotate({ length: fn.count() })
    const longest = Sale.query()
      .from(runs)
      .groupBy('shop')
      .annotate({ best: (c) => fn.max(c.length) })
    expect(await longest.where('best', '>', 2).orderBy('shop').values('shop', 'best')).toEqual([
      { shop: 'a', best: 3 },
      { shop: 'b', best: 3 },
    ])
    const sums = numbered.orderBy('shop', 'ten').aggregate({ sum: (c) => fn.sum(c.amount), n: fn.count() })
    expect((await sums).map(({ sum, n }) => [sum, n])).toEqual([
      [3, 1],
      [1, 1],
      [2, 1],
      [6, 1],
      [11, 2],
      [5, 1],
    ])
    expect(await numbered.where('shop', 'b').count()).toBe(3)
    const page = await numbered.orderBy('-at', 'shop').paginate({ size: 2 })
    expect(page.items.map(({ shop, at }) => [shop, at])).toEqual([
      ['a', 3],
      ['b', 3],
    ])
  })
})
