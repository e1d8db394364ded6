import { Decimal, Field, Model, Relation } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shop extends Model({ name: Field.string(), rent: Field.decimal({ precision: 10, scale: 2 }) }) {
  static items = Relation.hasMany(() => Article)
  static goods = Relation.manyToMany(() => Article, {
    through: 'shelves',
    pivot: { price: Field.decimal({ precision: 8, scale: 3, nullable: true }) },
  })
}
class Article extends Model(
  {
    price: Field.decimal({ precision: 10, scale: 2 }),
    whole: Field.decimal({ precision: 10, scale: 0 }),
    fine: Field.decimal({ precision: 30, scale: 10, nullable: true }),
    rate: Field.decimal({ precision: 5, scale: 2, as: 'number' }),
    shopId: Field.foreignKey(() => Shop),
  },
  { table: 'shop_articles' },
) {
  static shop = Relation.belongsTo(() => Shop)
}

describeDatabases('decimals in JSON', (database) => {
  database.useTables([Shop, Article])

  it('have all digits of their scale', async () => {
    const shop = await Shop.create({ name: 'a', rent: new Decimal('1200') })
    const made = await Article.create({ price: '9.9', whole: 5, fine: '-0.5', rate: 1.5, shopId: shop.id })
    const json = { price: '9.90', whole: '5', fine: '-0.5000000000', rate: 1.5 }
    expect(made.toJSON()).toMatchObject(json)
    const read = await Article.with('shop').findOrFail(made.id)
    expect(JSON.parse(JSON.stringify(read))).toMatchObject({ ...json, shop: { rent: '1200.00' } })
    expect(read.toObject().price).toEqual(new Decimal('9.9'))
    read.price = new Decimal('1e3')
    expect(read.toJSON().price).toBe('1000.00')
    read.price = new Decimal('0.125')
    expect(read.toJSON().price).toBe('0.125')
    const empty = await Article.create({ price: 0, whole: 0, fine: null, rate: 0, shopId: shop.id })
    expect(empty.toJSON()).toMatchObject({ price: '0.00', whole: '0', fine: null })
  })

  it('have them where a query has added them', async () => {
    const shop = await Shop.create({ name: 'a', rent: 1 })
    await Article.createMany([
      { price: '9.9', whole: 5, rate: 1, shopId: shop.id },
      { price: '0.1', whole: 5, rate: 1, shopId: shop.id },
    ])
    const [read] = await Shop.query()
      .withSum('items', 'price')
      .withMin('items', 'price', { as: 'cheapest' })
      .annotate({ half: (c) => c.rent.plus(1) })
    expect(read?.toJSON()).toMatchObject({ itemsSumPrice: '10.00', cheapest: '0.10', half: '2.00' })
    if (read !== undefined) await read.update({ name: 'b' })
    expect(read?.toJSON()).toMatchObject({ name: 'b', itemsSumPrice: '10.00' })
  })

  it('have them in what a join table says', async () => {
    const shop = await Shop.create({ name: 'a', rent: 1 })
    const one = await Article.create({ price: 1, whole: 1, rate: 1, shopId: shop.id })
    await shop.related('goods').attach([[one, { price: '2.5' }]])
    const read = await Shop.with('goods').findOrFail(shop.id)
    expect(read.toJSON()).toMatchObject({ goods: [{ price: '1.00', pivot: { price: '2.500' } }] })
  })
})
