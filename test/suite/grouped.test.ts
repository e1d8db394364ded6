import { Field, fn, Model, Relation, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Town extends Model({ name: Field.string() }) {}
class Shop extends Model({ name: Field.string(), townId: Field.foreignKey(() => Town, { nullable: true }) }) {
  static town = Relation.belongsTo(() => Town)
  static sales = Relation.hasMany(() => Sale)
}
class Sale extends Model({
  item: Field.string(),
  amount: Field.integer(),
  shopId: Field.foreignKey(() => Shop),
}) {
  static shop = Relation.belongsTo(() => Shop)
}

describeDatabases('groups', (database) => {
  database.useTables([Town, Shop, Sale])

  const seed = async () => {
    const town = await Town.create({ name: 'Ulm' })
    const [north, south] = await Shop.createMany([{ name: 'north', townId: town.id }, { name: 'south' }])
    await Sale.insertMany([
      { item: 'pen', amount: 3, shopId: north?.id ?? 0 },
      { item: 'cup', amount: 5, shopId: north?.id ?? 0 },
      { item: 'pen', amount: 4, shopId: south?.id ?? 0 },
    ])
  }

  it('may be by several expressions, also of joined tables', async () => {
    await seed()
    const groups = await Sale.query()
      .join(Shop, (c, t) => c.shopId.eq(t.id), { alias: 'at' })
      .groupBy(
        (_, t) => t.at.name,
        (c) => c.item.length(),
      )
      .orderBy((_, t) => t.at.name)
      .aggregate({ shop: (_, t) => t.at.name, amount: (c) => fn.sum(c.amount) })
    expect(groups).toEqual([
      { shop: 'north', amount: 8 },
      { shop: 'south', amount: 4 },
    ])
  })

  it('have no values of fields that they are not grouped by', async () => {
    await seed()
    const byItem = () => Sale.query().groupBy('item')
    const attempts = [
      () => byItem().orderBy('amount').aggregate({ n: fn.count() }),
      () => byItem().orderBy('-shop.name').aggregate({ n: fn.count() }),
      () =>
        byItem()
          .orderBy((c) => c.amount.plus(1).desc())
          .aggregate({ n: fn.count() }),
      () => byItem().aggregate({ amount: (c) => c.amount }),
      () => byItem().aggregate({ amount: (c) => c.amount.plus(fn.count()) }),
      () => byItem().aggregate({ shop: (c) => c.shop.name }),
      () => byItem().having('amount', '>', 3).aggregate({ n: fn.count() }),
      () =>
        Shop.query()
          .groupBy('name')
          .aggregate({ n: (c) => fn.count(c.sales) }),
      () =>
        Shop.query()
          .withCount('sales')
          .groupBy('name')
          .aggregate({ n: (c) => c.salesCount }),
      () =>
        Shop.query()
          .groupBy('name')
          .having((c) => fn.count(c.sales).gt(0))
          .aggregate({ n: fn.count() }),
      () =>
        Sale.query()
          .groupBy('shopId')
          .aggregate({ item: (c) => c.item }),
      () =>
        Sale.query()
          .groupBy('shop.name')
          .aggregate({ town: (c) => c.shop.town.name }),
      () =>
        byItem()
          .annotate({
            shop: (c) =>
              Shop.query()
                .where((s) => s.id.eq(c.shopId))
                .select('name'),
          })
          .aggregate({ shop: (c) => c.shop }),
    ]
    for (const attempt of attempts) {
      const outcome: unknown = await Promise.resolve()
        .then<unknown>(attempt)
        .catch((error: unknown) => error)
      expect(outcome, String(attempt)).toBeInstanceOf(UsageError)
    }
    const [first] = attempts
    expect(await Promise.resolve().then<unknown>(first).catch(String)).toContain(
      '"amount" in orderBy() is not in groupBy()',
    )
  })

  it('have what they are grouped by, and aggregates of all else', async () => {
    await seed()
    expect(
      await Sale.query()
        .groupBy('item')
        .orderBy('-item')
        .aggregate({ n: fn.count(), most: (c) => fn.max(c.amount), name: (c) => c.item.upper() }),
    ).toEqual([
      { item: 'pen', n: 2, most: 4, name: 'PEN' },
      { item: 'cup', n: 1, most: 5, name: 'CUP' },
    ])
    expect(
      await Sale.query()
        .groupBy('shop.name')
        .orderBy((c) => fn.sum(c.amount).desc())
        .aggregate({ sum: (c) => fn.sum(c.amount), shop: (c) => c.shop.name }),
    ).toEqual([
      { 'shop.name': 'north', sum: 8, shop: 'north' },
      { 'shop.name': 'south', sum: 4, shop: 'south' },
    ])
    expect(
      await Sale.query()
        .groupBy('id')
        .orderBy('amount')
        .aggregate({ item: (c) => c.item }),
    ).toMatchObject([{ item: 'pen' }, { item: 'pen' }, { item: 'cup' }])
  })

  it('have what their keys decide', async () => {
    await seed()
    expect(
      await Sale.query()
        .groupBy('shopId')
        .orderBy('shop.name')
        .aggregate({ shop: (c) => c.shop.name, town: (c) => c.shop.town.name, sum: (c) => fn.sum(c.amount) }),
    ).toMatchObject([
      { shop: 'north', town: 'Ulm', sum: 8 },
      { shop: 'south', town: null, sum: 4 },
    ])
    // through the key of the shop itself
    expect(
      await Sale.query()
        .groupBy('shop.id')
        .having('shop.town.name', 'Ulm')
        .aggregate({ shop: (c) => c.shop.name.upper() }),
    ).toMatchObject([{ shop: 'NORTH' }])
    // of rows that no database knows the key of
    const rows = Sale.query().from(Sale.query().where('item', 'pen'))
    expect(
      await rows
        .groupBy('id')
        .orderBy('amount')
        .aggregate({ item: (c) => c.item, shop: (c) => c.shop.name }),
    ).toMatchObject([
      { item: 'pen', shop: 'north' },
      { item: 'pen', shop: 'south' },
    ])
    expect(
      await Sale.query()
        .annotate({ big: (c) => c.amount.gt(3), twice: (c) => c.amount.times(2) })
        .groupBy('id', 'big')
        .orderBy('amount')
        .aggregate({ item: (c) => c.item, twice: (c) => c.twice }),
    ).toMatchObject([
      { big: false, item: 'pen', twice: 6 },
      { big: true, item: 'pen', twice: 8 },
      { big: true, item: 'cup', twice: 10 },
    ])
    // conditions on groups, and values that further queries compute
    expect(
      await Shop.query()
        .withCount('sales')
        .groupBy('id')
        .having('name', 'north')
        .orderBy('-salesCount')
        .aggregate({ sales: (c) => c.salesCount, pens: (c) => fn.count(c.sales).filter(c.sales.item.eq('pen')) }),
    ).toMatchObject([{ sales: 2, pens: 1 }])
  })

  it('of a row each have all of its values', async () => {
    await seed()
    const rows = Sale.query()
      .join(Shop, (c, t) => c.shopId.eq(t.id), { alias: 's' })
      .annotate({ n: fn.count(), town: (c) => c.shop.town.name.upper(), place: (_, t) => t.s.name.lower() })
    expect(await rows.where('n', 1).where('town', 'ULM').orderBy('shop.name').orderBy('-amount').pluck('item')).toEqual(
      ['cup', 'pen'],
    )
    expect(await rows.orderBy('amount').values('place', 'n', 'town')).toEqual([
      { place: 'north', n: 1, town: 'ULM' },
      { place: 'south', n: 1, town: null },
      { place: 'north', n: 1, town: 'ULM' },
    ])
    const read = Sale.query()
      .from(Sale.query().where('amount', '>', 3))
      .annotate({ n: fn.count() })
    expect(await read.having('item', 'cup').pluck('n')).toEqual([1])
  })
})
