import { Field, fn, Model, Relation, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shop extends Model({ name: Field.string() }) {}
class Sale extends Model({
  item: Field.string(),
  amount: Field.integer(),
  shopId: Field.foreignKey(() => Shop),
}) {
  static shop = Relation.belongsTo(() => Shop)
}

describeDatabases('groups', (database) => {
  database.useTables([Shop, Sale])

  const seed = async () => {
    const [north, south] = await Shop.createMany([{ name: 'north' }, { name: 'south' }])
    await Sale.insertMany([
      { item: 'pen', amount: 3, shopId: north?.id ?? 0 },
      { item: 'cup', amount: 5, shopId: north?.id ?? 0 },
      { item: 'pen', amount: 4, shopId: south?.id ?? 0 },
    ])
  }

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
    ]
    for (const attempt of attempts) {
      const outcome: unknown = await Promise.resolve()
        .then<unknown>(attempt)
        .catch((error: unknown) => error)
      expect(outcome, String(attempt)).toBeInstanceOf(UsageError)
    }
    const [first] = attempts
    expect(await Promise.resolve().then<unknown>(first).catch(String)).toContain(
      '"amount" in orderBy() is not among what groupBy() groups by',
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
})
