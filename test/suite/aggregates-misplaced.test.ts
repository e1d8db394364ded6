import { Field, fn, Model, Relation, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shop extends Model({ name: Field.string() }) {
  static sales = Relation.hasMany(() => Sale)
  static tags = Relation.manyToMany(() => Tag, { pivot: { role: Field.string({ default: 'plain' }) } })
}
class Sale extends Model(
  {
    item: Field.string(),
    price: Field.decimal({ precision: 10, scale: 2 }),
    big: Field.bigInteger({ default: 0n }),
    bytes: Field.binary({ nullable: true }),
    shopId: Field.foreignKey(() => Shop),
  },
  { orderBy: 'id' },
) {
  static shop = Relation.belongsTo(() => Shop)
}
class Tag extends Model({ label: Field.string() }) {}

describeDatabases('aggregates, where they stand', (database) => {
  database.useTables([Shop, Sale, Tag])

  const seed = async () => {
    const [north, south] = [await Shop.create({ name: 'north' }), await Shop.create({ name: 'south' })]
    await Sale.insertMany([
      { item: 'pen', price: '0.5', shopId: north.id },
      { item: 'cup', price: '4.25', shopId: north.id },
      { item: 'pen', price: '0.75', shopId: south.id },
      { item: 'hat', price: '19.99', shopId: south.id },
    ])
    return north
  }
  const sales = () => Sale.query()

  it('are refused before any statement where no database takes them', async () => {
    await seed()
    const attempts = [
      () => sales().aggregate({ n: fn.sum(fn.count()) }),
      () =>
        sales()
          .groupBy('item')
          .annotate({ n: fn.count() })
          .aggregate({ n: (c) => fn.sum(c.n) }),
      () =>
        sales()
          .groupBy('item')
          .having((c) => fn.sum(fn.max(c.price)).gt(1))
          .values(),
      () => sales().orderBy((c) => fn.max(fn.min(c.price))),
      () => sales().aggregate({ n: fn.count().filter(fn.count().gt(1)) }),
      () => sales().aggregate({ n: (c) => fn.count().filter(fn.rank().over({ orderBy: c.price }).gt(1)) }),
      () =>
        sales()
          .groupBy((c) => fn.sum(c.price))
          .aggregate({ n: fn.count() }),
      () => sales().annotate({ n: fn.count() }).groupBy('n').count(),
      () =>
        sales()
          .all()
          .update((c) => ({ price: fn.sum(c.price).coalesce(0) })),
      () => sales().join(Shop, (c, t) => c.shopId.eq(fn.max(t.id)), { alias: 's' }),
      () => sales().join(Shop, (c, t) => t.id.eq(fn.rank().over({ orderBy: c.price })), { alias: 's' }),
    ]
    for (const attempt of attempts) {
      const outcome: unknown = await Promise.resolve()
        .then<unknown>(attempt)
        .catch((error: unknown) => error)
      expect(outcome, String(attempt)).toBeInstanceOf(UsageError)
    }
  })

  it('of aggregates are of the rows that the query gives', async () => {
    await seed()
    const rows = sales().annotate({ n: fn.count(), total: (c) => fn.sum(c.price) })
    expect(String(await rows.avg('total'))).toBe('6.3725')
    expect(await rows.sum('n')).toBe(4)
    expect(await rows.limit(2).sum('n')).toBe(2)
    expect(await rows.where('total', '>', 1).sum('n')).toBe(2)
    // of groups, by a query over them
    const groups = sales().groupBy('item').annotate({ n: fn.count() })
    expect(await sales().from(groups).max('n')).toBe(2)
    expect(await sales().from(groups).select('n').distinct().count()).toBe(2)
    expect(await sales().from(groups).distinct().orderBy('n').pluck('n')).toEqual([1, 2])
  })

  it('of bytes are there on every database, and arithmetic is for numbers', async () => {
    const north = await seed()
    await Sale.insertMany([{ item: 'bag', price: 1, shopId: north.id, bytes: new Uint8Array([1, 200]) }])
    await Sale.insertMany([{ item: 'bag', price: 1, shopId: north.id, bytes: new Uint8Array([2]) }])
    expect(await sales().min('bytes')).toEqual(new Uint8Array([1, 200]))
    expect(
      await sales()
        .where('item', 'bag')
        .groupBy('item')
        .aggregate({ most: (c) => fn.max(c.bytes) }),
    ).toEqual([{ item: 'bag', most: new Uint8Array([2]) }])
    const bags = sales().where('item', 'bag')
    expect(await bags.annotate({ most: (c) => fn.max(c.bytes).over({ partitionBy: c.item }) }).pluck('most')).toEqual([
      new Uint8Array([2]),
      new Uint8Array([2]),
    ])
    expect(() => sales().annotate({ n: (c) => (c.item as never as typeof c.big).plus(1n) })).toThrow(
      'plus() needs a number, but this is a value of type string.',
    )
  })

  it('of windows are of the rows that have them', async () => {
    await seed()
    const ranked = sales().annotate({
      place: (c) => fn.rowNumber().over({ partitionBy: c.shopId, orderBy: c.price.desc() }),
    })
    const groups = ranked
      .groupBy('shop.name')
      .annotate({ last: (c) => fn.max(c.place) })
      .orderBy('shop.name')
    expect(await groups.values()).toEqual([
      { 'shop.name': 'north', last: 2 },
      { 'shop.name': 'south', last: 2 },
    ])
    expect(await sales().from(groups).where('last', 2).count()).toBe(2)
    expect(await groups.paginate({ size: 1 })).toMatchObject({ items: [{ last: 2 }], total: 2 })
    const unnamed = sales()
      .groupBy('item')
      .annotate({ last: (c) => fn.max(fn.rowNumber().over({ orderBy: c.price })) })
    await expect(Promise.resolve().then(() => unnamed.values())).rejects.toBeInstanceOf(UsageError)
  })

  it('alone are one row, and with an order those of each row', async () => {
    await seed()
    expect(await sales().annotate({ n: fn.count() }).pluck('n')).toEqual([4])
    expect(await sales().annotate({ n: fn.count() }).orderBy('price').pluck('n')).toEqual([1, 1, 1, 1])
    expect(
      await sales()
        .annotate({ place: fn.rank().over({ orderBy: fn.count().desc() }) })
        .orderBy('shop.name')
        .pluck('place'),
    ).toEqual([1, 1, 1, 1])
  })

  it('of related rows sort by their numbers, whatever query reads them', async () => {
    await seed()
    const shops = Shop.query().withSum('sales', 'price')
    const sums = ['4.75', '20.74']
    const texts = (values: readonly unknown[]) => values.map(String)
    expect(texts(await shops.orderBy('salesSumPrice').pluck('salesSumPrice'))).toEqual(sums)
    expect(texts(await Shop.query().from(shops).orderBy('salesSumPrice').pluck('salesSumPrice'))).toEqual(sums)
    const groups = await shops.groupBy('salesSumPrice').orderBy('-salesSumPrice').values()
    expect(texts(groups.map((group) => group.salesSumPrice))).toEqual([...sums].reverse())
    const { items } = await shops.groupBy('salesSumPrice').annotate({ n: fn.count() }).paginate({ size: 1 })
    expect(texts(items.map((group) => group.salesSumPrice))).toEqual(['4.75'])
    expect(await Shop.query().from(shops).where('salesSumPrice', '>', 5).pluck('name')).toEqual(['south'])
    await Sale.where('item', 'hat').update({ big: 2n ** 60n })
    await Sale.where('item', 'cup').update({ big: 9n })
    const byBig = sales().annotate({ twice: (c) => c.big.plus(c.big) })
    expect(await sales().from(byBig).where('twice', '>', 0n).orderBy('twice').pluck('twice')).toEqual([18n, 2n ** 61n])
  })

  it('of a relation are grouped by what stands between', async () => {
    const north = await seed()
    const [red, blue] = [await Tag.create({ label: 'red' }), await Tag.create({ label: 'blue' })]
    await north.related('tags').attach([red.id, [blue.id, { role: 'main' }]])
    const groups = north.related('tags').groupBy('pivot.role').annotate({ n: fn.count() }).orderBy('pivot.role')
    expect(await groups.values()).toEqual([
      { 'pivot.role': 'main', n: 1 },
      { 'pivot.role': 'plain', n: 1 },
    ])
    expect(await groups.count()).toBe(2)
    expect(await groups.paginate({ size: 1 })).toMatchObject({ items: [{ 'pivot.role': 'main', n: 1 }], total: 2 })
  })
})
