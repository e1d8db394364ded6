import { Field, fn, Model, Relation, UsageError } from 'corm'
import { Decimal } from 'decimal.js'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shop extends Model({ name: Field.string(), isOpen: Field.boolean({ default: true }) }) {
  static sales = Relation.hasMany(() => Sale)
}
class Sale extends Model(
  {
    item: Field.string(),
    amount: Field.integer(),
    price: Field.decimal({ precision: 10, scale: 2 }),
    day: Field.date(),
    at: Field.dateTime(),
    gift: Field.boolean({ default: false }),
    shopId: Field.foreignKey(() => Shop),
    deletedAt: Field.softDelete(),
  },
  { orderBy: 'day' },
) {
  static shop = Relation.belongsTo(() => Shop)
}

const at = (day: number) => new Date(Date.UTC(2024, 4, day, 12, 30))

describeDatabases('groups as rows of other queries', (database) => {
  database.useTables([Shop, Sale])

  const seed = async () => {
    const north = await Shop.create({ name: 'north' })
    const south = await Shop.create({ name: 'south', isOpen: false })
    await Sale.insertMany([
      { item: 'pen', amount: 3, price: '0.50', day: '2024-05-01', at: at(1), shopId: north.id },
      { item: 'cup', amount: 5, price: '4.25', day: '2024-05-01', at: at(1), gift: true, shopId: north.id },
      { item: 'pen', amount: 4, price: '0.75', day: '2024-05-02', at: at(2), shopId: south.id },
      { item: 'hat', amount: 9, price: '19.99', day: '2024-05-03', at: at(3), shopId: south.id },
    ])
    await Sale.where('item', 'hat').delete()
    return { north, south }
  }

  /** Two groups: the deleted hat is in none. */
  const byItem = () =>
    Sale.query()
      .groupBy('item')
      .annotate({
        sales: fn.count(),
        earned: (c) => fn.sum(c.price.times(c.amount)),
        last: (c) => fn.max(c.at),
        lastDay: (c) => fn.max(c.day),
        many: fn.count().gt(1),
      })

  const pen = {
    item: 'pen',
    sales: 2,
    earned: new Decimal('4.5'),
    last: at(2),
    lastDay: '2024-05-02',
    many: true,
  }
  const cup = { item: 'cup', sales: 1, earned: new Decimal('21.25'), last: at(1), lastDay: '2024-05-01', many: false }

  it('are read in place of the table, with their values as the fields have them', async () => {
    await seed()
    const groups = Sale.query().from(byItem())
    const names = ['item', 'sales', 'earned', 'last', 'lastDay', 'many'] as const
    expect(await groups.orderBy('item').values(...names)).toEqual([cup, pen])
    expect(await groups.where('sales', '>', 1).pluck('item')).toEqual(['pen'])
    expect(await groups.where('earned', '>', '4.49').where('last', at(2)).where('many', true).count()).toBe(1)
    expect(await groups.orderBy('-earned').limit(1).pluck('item')).toEqual(['cup'])
    expect(await groups.aggregate({ most: (c) => fn.max(c.sales), all: (c) => fn.sum(c.earned) })).toEqual({
      most: 2,
      all: new Decimal('25.75'),
    })
    expect(await groups.groupBy('many').orderBy('many').aggregate({ n: fn.count() })).toEqual([
      { many: false, n: 1 },
      { many: true, n: 1 },
    ])
    expect(await groups.where('sales', 7).exists()).toBe(false)
    // groups of groups
    expect(await Sale.query().from(groups.where('sales', 2)).pluck('item')).toEqual(['pen'])
    expect(await groups.union(groups.where('sales', 1)).orderBy('item').pluck('item')).toEqual(['cup', 'pen'])
  })

  it('are common table expressions', async () => {
    await seed()
    const rows = await Sale.query()
      .withCte('items', byItem().having(fn.count().gt(1)))
      .join('items', (c, t) => c.item.eq(t.item))
      .annotate({ of: (_, t) => t.items.sales, share: (c, t) => c.price.times(c.amount).dividedBy(t.items.earned) })
      .orderBy('day')
      .values('day', 'of')
    expect(rows).toEqual([
      { day: '2024-05-01', of: 2 },
      { day: '2024-05-02', of: 2 },
    ])
    expect(await Sale.query().withCte('items', byItem()).from('items').orderBy('item').pluck('lastDay')).toEqual([
      '2024-05-01',
      '2024-05-02',
    ])
  })

  it('are joined', async () => {
    const { north, south } = await seed()
    const byShop = Sale.query()
      .groupBy('shopId')
      .annotate({ sales: fn.count(), earned: (c) => fn.sum(c.price.times(c.amount)), last: (c) => fn.max(c.at) })
    const shops = Shop.query()
      .leftJoin(byShop, (c, t) => c.id.eq(t.shopId), { alias: 'by' })
      .annotate({ earned: (_, t) => t.by.earned, last: (_, t) => t.by.last })
      .orderBy('id')
    expect(await shops.values('id', 'earned', 'last')).toEqual([
      { id: north.id, earned: new Decimal('22.75'), last: at(1) },
      { id: south.id, earned: new Decimal('3'), last: at(2) },
    ])
    expect(await shops.where((_, t) => t.by.sales.gt(1)).pluck('name')).toEqual(['north'])
    const [first] = await shops
    expect(first?.earned).toEqual(new Decimal('22.75'))
  })

  it('have paths, names and computed values that are grouped by as columns', async () => {
    await seed()
    const byShop = Sale.query()
      .annotate({ net: (c) => c.price.times(c.amount), dear: (c) => c.price.gt(1) })
      .groupBy('shop.name', 'shop.isOpen', 'dear')
      .annotate({ earned: (c) => fn.sum(c.net) })
    const rows = await Sale.query()
      .from(byShop)
      .orderBy('shop.name')
      .orderBy('dear')
      .values('shop.name', 'shop.isOpen', 'dear', 'earned')
    expect(rows).toEqual([
      { 'shop.name': 'north', 'shop.isOpen': true, dear: false, earned: new Decimal('1.5') },
      { 'shop.name': 'north', 'shop.isOpen': true, dear: true, earned: new Decimal('21.25') },
      { 'shop.name': 'south', 'shop.isOpen': false, dear: false, earned: new Decimal('3') },
    ])
    expect(await Sale.query().from(byShop).where('shop.isOpen', false).pluck('earned')).toEqual([new Decimal('3')])
    // a value of each row is none of a group
    const net = () => Sale.query().from(byShop).pluck('net')
    await expect(Promise.resolve().then(net)).rejects.toBeInstanceOf(UsageError)
  })

  it('are read with what was selected of them', async () => {
    await seed()
    const chosen = byItem().select('item', 'sales')
    expect(await chosen.orderBy('item').values()).toEqual([
      { item: 'cup', sales: 1 },
      { item: 'pen', sales: 2 },
    ])
    expect(await Sale.query().from(chosen).where('sales', 1).pluck('item')).toEqual(['cup'])
    await expect(Promise.resolve().then(() => byItem().select('item', 'day').values())).rejects.toThrow(
      '"day" in the result is not in groupBy()',
    )
  })

  it('are counted and paged', async () => {
    await seed()
    expect(await byItem().count()).toBe(2)
    expect(await byItem().having(fn.count().gt(1)).count()).toBe(1)
    expect(await byItem().where('sales', 1).count()).toBe(1)
    expect(await byItem().limit(1).count()).toBe(1)
    expect(await Sale.withTrashed().groupBy('item').count()).toBe(3)
    expect(await Sale.where('item', 'car').groupBy('item').count()).toBe(0)
    expect(await byItem().having(fn.count().gt(2)).exists()).toBe(false)
    expect(await byItem().having(fn.count().gt(1)).exists()).toBe(true)
    expect(await byItem().orderBy('-sales').values()).toEqual([pen, cup])
    expect(await byItem().orderBy('-sales').paginate({ size: 1 })).toEqual({
      items: [pen],
      total: 2,
      number: 1,
      size: 1,
      pages: 2,
      hasNext: true,
      hasPrevious: false,
    })
    const { items } = await Sale.query().groupBy('gift', 'item').paginate()
    expect(items).toEqual([
      { gift: false, item: 'pen' },
      { gift: true, item: 'cup' },
    ])
  })

  it('are no instances', async () => {
    await seed()
    const groups = Sale.query().from(byItem())
    const attempts = [
      () => byItem(),
      () => groups,
      () => groups.first(),
      () => groups.paginate(),
      () => groups.with('shop'),
      () => byItem().first(),
      () => byItem().sum('amount'),
      () => byItem().stream().next(),
      () => groups.pluck('amount'),
      () => groups.orderBy('id').pluck('item'),
      () =>
        Sale.query()
          .groupBy((c) => c.item.upper())
          .values(),
      () => groups.update({ amount: 1 }),
      () => groups.delete(),
    ]
    for (const attempt of attempts) {
      const outcome: unknown = await Promise.resolve()
        .then<unknown>(attempt)
        .catch((error: unknown) => error)
      expect(outcome, String(attempt)).toBeInstanceOf(UsageError)
    }
  })
})
