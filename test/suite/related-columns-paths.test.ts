import { Field, fn, Model, Relation, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Owner extends Model({ name: Field.string() }) {
  static shops = Relation.hasMany(() => Shop)
}
class Shop extends Model({ name: Field.string(), ownerId: Field.foreignKey(() => Owner, { nullable: true }) }) {
  static owner = Relation.belongsTo(() => Owner)
  static sales = Relation.hasMany(() => Sale)
  static tags = Relation.manyToMany(() => Tag)
  static friends = Relation.manyToMany(() => Shop, { symmetrical: true, through: 'shop_friends' })
  static parts = Relation.hasManyThrough(() => Part, { through: () => Sale })
}
class Sale extends Model({
  item: Field.string(),
  amount: Field.integer(),
  shopId: Field.foreignKey(() => Shop),
  deletedAt: Field.softDelete(),
}) {
  static shop = Relation.belongsTo(() => Shop)
  static parts = Relation.hasMany(() => Part)
}
class Maker extends Model({ city: Field.string() }) {}
class Part extends Model(
  {
    n: Field.integer(),
    price: Field.decimal({ precision: 8, scale: 2 }),
    tenant: Field.integer({ default: 1 }),
    saleId: Field.foreignKey(() => Sale),
    makerId: Field.foreignKey(() => Maker, { nullable: true }),
  },
  { globalScopes: { tenant: (q) => q.where('tenant', 1) } },
) {
  static sale = Relation.belongsTo(() => Sale)
  static maker = Relation.belongsTo(() => Maker)
}
class Tag extends Model({ label: Field.string(), weight: Field.integer() }) {
  static shops = Relation.manyToMany(() => Shop)
}

describeDatabases('aggregates over paths of several steps', (database) => {
  database.useTables([Owner, Shop, Sale, Maker, Part, Tag])

  const seed = async () => {
    const owner = await Owner.create({ name: 'Ann' })
    const [north, south] = [
      await Shop.create({ name: 'north', ownerId: owner.id }),
      await Shop.create({ name: 'south', ownerId: owner.id }),
    ]
    const empty = await Shop.create({ name: 'empty' })
    const rome = await Maker.create({ city: 'Rome' })
    const sale = (shop: { id: number }, item: string, amount: number) => Sale.create({ item, amount, shopId: shop.id })
    const [pen, cup, hat, gone] = [
      await sale(north, 'pen', 3),
      await sale(north, 'cup', 5),
      await sale(south, 'hat', 4),
      await sale(south, 'gone', 100),
    ]
    await sale(south, 'bare', 7)
    await Part.insertMany([
      { n: 1, price: '0.10', saleId: pen.id, makerId: rome.id },
      { n: 2, price: '0.20', saleId: pen.id },
      { n: 5, price: '1.05', saleId: cup.id },
      { n: 4, price: '9.99', saleId: hat.id },
      { n: 50, price: '5', saleId: gone.id },
      { n: 500, price: '5', saleId: pen.id, tenant: 2 },
    ])
    await gone.delete()
    const [red, blue] = [await Tag.create({ label: 'red', weight: 1 }), await Tag.create({ label: 'blue', weight: 10 })]
    await north.related('tags').attach([red.id, blue.id])
    await south.related('tags').attach([red.id])
    await north.related('friends').attach([south.id, empty.id])
  }

  it('are over the rows at its end, hidden ones on the way left out', async () => {
    await seed()
    const rows = await Shop.query()
      .annotate({
        sum: (c) => fn.sum(c.sales.parts.n),
        worth: (c) => fn.sum(c.sales.parts.price.times(c.sales.parts.n)),
        least: (c) => fn.min(c.sales.parts.n),
        most: (c) => fn.max(c.sales.parts.price),
        mean: (c) => fn.avg(c.sales.parts.n),
        count: (c) => fn.count(c.sales.parts),
        big: (c) => fn.count(c.sales.parts).filter(c.sales.parts.n.gt(1)),
        cities: (c) => fn.count(c.sales.parts.maker.city, { distinct: true }),
        city: (c) => fn.max(c.sales.parts.maker.city),
      })
      .orderBy('id')
    expect(
      rows.map((row) => [row.sum, String(row.worth), row.least, String(row.most), row.mean, row.count, row.big]),
    ).toEqual([
      [8, '5.75', 1, '1.05', 8 / 3, 3, 2],
      [4, '39.96', 4, '9.99', 4, 1, 1],
      [null, 'null', null, 'null', null, 0, 0],
    ])
    expect(rows.map((row) => [row.cities, row.city])).toEqual([
      [1, 'Rome'],
      [0, null],
      [0, null],
    ])
  })

  it('take values on the way with each row that they lead to', async () => {
    await seed()
    const rows = await Shop.query()
      .annotate({
        each: (c) => fn.sum(c.sales.amount.times(c.sales.parts.n)),
        names: (c) => fn.max(c.sales.item.concat(c.name, c.sales.parts.n.cast('text'))),
      })
      .orderBy('id')
      .valuesList('each', 'names')
    expect(rows).toEqual([
      [3 * 1 + 3 * 2 + 5 * 5, 'pennorth2'],
      [4 * 4, 'hatsouth4'],
      [null, null],
    ])
  })

  it('count a row as often as the path leads to it', async () => {
    await seed()
    const counts = await Tag.query()
      .annotate({
        sales: (c) => fn.count(c.shops.sales),
        parts: (c) => fn.count(c.shops.sales.parts),
        // by way of each shop: red for both, blue for one
        tags: (c) => fn.count(c.shops.tags),
        weights: (c) => fn.sum(c.shops.tags.weight),
        other: (c) => fn.count(c.shops.tags, { distinct: true }),
      })
      .orderBy('id')
      .valuesList('sales', 'parts', 'tags', 'weights', 'other')
    expect(counts).toEqual([
      [4, 4, 3, 12, 2],
      [2, 3, 2, 11, 2],
    ])
    expect(
      await Shop.query()
        .annotate({
          inParts: (c) => fn.sum(c.friends.sales.parts.n),
          further: (c) => fn.count(c.friends.friends),
          through: (c) => fn.sum(c.friends.parts.n),
        })
        .orderBy('id')
        .valuesList('inParts', 'further', 'through'),
    ).toEqual([
      [4, 2, 4],
      [8, 2, 8],
      [8, 2, 8],
    ])
  })

  it('may begin with a relation to one row', async () => {
    await seed()
    const sales = await Sale.query()
      .annotate({
        siblings: (c) => fn.count(c.shop.sales),
        inParts: (c) => fn.sum(c.shop.sales.parts.n),
        all: (c) => fn.sum(c.shop.owner.shops.sales.amount),
        share: (c) => c.amount.times(100).dividedBy(fn.sum(c.shop.sales.amount)),
        same: (c) => fn.count(c.shop.sales).filter(c.shop.sales.amount.gte(c.amount)),
      })
      .orderBy('id')
      .valuesList('siblings', 'inParts', 'all', 'same')
    expect(sales).toEqual([
      [2, 8, 19, 2],
      [2, 8, 19, 1],
      [2, 4, 19, 2],
      [2, 4, 19, 1],
    ])
  })

  it('stand in conditions, orders, groups and updates', async () => {
    await seed()
    expect(
      await Shop.query()
        .where((c) => fn.sum(c.sales.parts.n).gt(4))
        .pluck('name'),
    ).toEqual(['north'])
    expect(
      await Shop.query()
        .orderBy((c) => [fn.count(c.sales.parts).desc(), c.id])
        .pluck('name'),
    ).toEqual(['north', 'south', 'empty'])
    expect(
      await Shop.query()
        .groupBy('ownerId')
        .orderBy((c) => c.ownerId.asc({ nulls: 'last' }))
        .aggregate({ parts: (c) => fn.sum(fn.count(c.sales.parts)) }),
    ).toMatchObject([{ parts: 4 }, { parts: 0 }])
    await Sale.query()
      .all()
      .update((c) => ({ amount: fn.sum(c.shop.sales.parts.n).coalesce(0) }))
    expect(await Sale.query().orderBy('id').pluck('amount')).toEqual([8, 8, 4, 4])
    // of the row outside, in a query that is built inside
    expect(
      await Owner.query()
        .where((c) => fn.count(c.shops.sales.parts).eq(4))
        .whereExists((c) => Shop.query().where((s) => s.ownerId.eq(c.id).and(fn.count(c.shops.sales).gt(3))))
        .count(),
    ).toBe(1)
  })

  it('are about one path', () => {
    const query = Shop.query()
    expect(() => query.annotate({ n: (c) => fn.sum(c.sales.amount.plus(c.tags.weight)) })).toThrow(UsageError)
    expect(() => query.annotate({ n: (c) => fn.sum(c.sales.parts.n.plus(c.friends.sales.amount)) })).toThrow(
      /the rows of one path, not about those of "friends.sales" and "sales.parts"|the rows of one path, not about those of "sales.parts" and "friends.sales"/,
    )
    expect(() => query.annotate({ n: (c) => fn.sum(fn.count(c.sales.parts).plus(c.sales.amount)) })).toThrow(UsageError)
    expect(() => query.where((c) => c.sales.parts.n.eq(1))).toThrow(/goes through a to-many relation/)
    // a sale would count once for each of its parts
    for (const each of [
      () => query.annotate({ n: (c) => fn.count(c.sales).filter(c.sales.parts.n.isNull()) }),
      () => query.annotate({ n: (c) => fn.sum(c.sales.amount).filter(c.sales.parts.n.gt(1)) }),
      () => query.annotate({ n: (c) => fn.groupConcat(c.sales.item, ',', { orderBy: c.sales.parts.n }) }),
      () => Owner.query().annotate({ n: (c) => fn.count(c.shops.sales).filter(c.shops.sales.parts.n.gt(1)) }),
    ])
      expect(each).toThrow(/a row with several of them would count several times/)
    const withParts = Shop.query().withCount({ sales: { as: 'n', where: (q) => q.whereDoesntHave('parts') } })
    expect(withParts.toSQL().sql).toContain('not (exists')
  })
})
