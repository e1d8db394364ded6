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
})
