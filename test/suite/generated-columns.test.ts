import { Database, Field, FieldNotLoadedError, Model, Relation, sql, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'

class Item extends Model(
  {
    price: Field.integer(),
    count: Field.integer({ default: 1 }),
    label: Field.string({ max: 50, nullable: true }),
    total: Field.integer({ generated: sql`price * count`, stored: true, index: true }),
    half: Field.integer({ generated: sql`price - 1` }),
    shopId: Field.integer({ nullable: true }),
    note: Field.text({ default: '', lazy: true }),
    deletedAt: Field.softDelete(),
  },
  { table: 'generated_items' },
) {
  static shop = Relation.belongsTo(() => Shop)
}
class Shop extends Model({ name: Field.string() }, { table: 'generated_shops' }) {
  static items = Relation.hasMany(() => Item)
}

// what the types refuse must also be refused at run time
type Loose = any

/** What an instance says of its generated columns. */
const shown = (item: Item) => {
  try {
    return [item.total, item.half]
  } catch (error) {
    expect(error).toBeInstanceOf(FieldNotLoadedError)
    return 'not loaded'
  }
}

describeDatabases('generated columns', (database) => {
  database.useTables([Shop, Item])
  const answers = () => database.capabilities.updateReturning

  it('are known after an insert', async () => {
    const item = await Item.create({ price: 3, count: 4 })
    expect(shown(item)).toEqual([12, 2])
    const many = await Item.createMany([{ price: 1 }, { price: 2, count: 2 }])
    expect(many.map(shown)).toEqual([
      [1, 0],
      [4, 1],
    ])
    expect(await Item.insertMany([{ price: 9 }])).toBe(1)
    expect(await Item.where('total', '>', 3).orderBy('total').pluck('total')).toEqual([4, 9, 12])
    expect((await Item.query().select('half').orderBy('id').firstOrFail()).half).toBe(2)
  })

  it('are returned by an update, or are not loaded any more', async () => {
    const { id } = await Item.create({ price: 3, count: 4 })
    const item = await Item.findOrFail(id)
    const { events } = await recordQueries(() => item.update({ price: 5 }))
    expect(events).toHaveLength(1)
    expect(shown(item)).toEqual(answers() ? [20, 4] : 'not loaded')
    expect(item.isDirty()).toBe(false)
    expect(item.toJSON()).toMatchObject(answers() ? { total: 20, price: 5 } : { price: 5 })
    expect('total' in item.toJSON()).toBe(answers())
    expect(item).toBeInstanceOf(Item)
    expect(await item.loadField('total')).toBe(20)
    await item.refresh('half')
    expect(shown(item)).toEqual([20, 4])
    item.count = 2
    await item.save()
    expect(item.getChanges()).toEqual({})
    await item.refresh()
    expect(shown(item)).toEqual([10, 4])
    expect(await Item.where('total', 10).count()).toBe(1)
  })

  it('follow saveMany, increments and soft deletes', async () => {
    const items = await Item.createMany([{ price: 1 }, { price: 2 }, { price: 3 }])
    for (const item of items) item.count = 3
    await Item.saveMany(items)
    expect(items.map(shown)).toEqual(
      answers()
        ? [
            [3, 0],
            [6, 1],
            [9, 2],
          ]
        : ['not loaded', 'not loaded', 'not loaded'],
    )
    await Promise.all(items.map((item) => item.refresh('total', 'half')))
    await items[0].increment('price', 5)
    expect(shown(items[0])).toEqual([18, 5])
    await items[1].delete()
    expect(items[1].isDeleted).toBe(true)
    await items[1].restore()
    await items[1].refresh('total', 'half')
    expect(shown(items[1])).toEqual([6, 1])
  })

  it('are not there for instances that have not loaded them', async () => {
    const { id } = await Item.create({ price: 3 })
    const item = await Item.query().select('price').where('id', id).firstOrFail()
    item.price = 7
    await item.save()
    expect(shown(item as Loose)).toBe('not loaded')
    const half = await Item.query().select('half', 'count').where('id', id).firstOrFail()
    half.count = 2
    await half.save()
    await half.loadField('half' as never)
    expect(half.half).toBe(6)
    expect(() => (half as Loose).total).toThrow(FieldNotLoadedError)
  })

  it('are as before after a rollback', async () => {
    const item = await Item.create({ price: 3 })
    const [first, second] = await Item.createMany([{ price: 1 }, { price: 2 }])
    await expect(
      Database.get().transaction(async () => {
        await item.update({ price: 5 })
        first.price = 10
        second.price = 20
        await Item.saveMany([first, second])
        throw new Error('back')
      }),
    ).rejects.toThrow('back')
    expect([item, first, second].map(shown)).toEqual([
      [3, 2],
      [1, 0],
      [2, 1],
    ])
    expect([item.price, item.isDirty('price'), item.isDirty('total'), first.isDirty('half')]).toEqual([
      5,
      true,
      false,
      false,
    ])
    await item.save()
    await item.refresh('total')
    expect(item.total).toBe(5)
  })

  it('are not known after a relation manager has written the row', async () => {
    const shop = await Shop.create({ name: 'S' })
    const item = await Item.create({ price: 3 })
    await item.related('shop').associate(shop)
    await item.save()
    await item.refresh('total', 'half')
    expect(shown(item)).toEqual([3, 2])
    await shop.related('items').create({ price: 4 })
    const [loaded] = (await shop.load('items')).items as unknown as Item[]
    expect(shown(loaded as Item)).toEqual([3, 2])
  })

  it('are refused in data, and when they are assigned', async () => {
    const item = (await Item.create({ price: 3 })) as Loose
    const attempts = [
      () => (Item as Loose).create({ price: 1, total: 1 }),
      () => (Item as Loose).create({ price: 1, total: 1 }, { guarded: true }),
      () => (Item as Loose).insertMany([{ price: 1, total: 1 }]),
      () => new (Item as Loose)({ total: 1 }),
      () => item.update({ total: 1 }),
      () => (Item as Loose).where('id', 1).update({ total: 1 }, { guarded: true }),
      () => (Item as Loose).upsert({ id: 1, price: 1, total: 1 }, { conflict: 'id', guarded: true }),
    ]
    for (const attempt of attempts)
      await expect((async () => attempt())()).rejects.toThrow(
        '"Item.total" is generated by the database and can\'t be written. Leave it out.',
      )
    item.total = 9
    await expect(item.save()).rejects.toThrow(UsageError)
    expect((await Item.findOrFail(item.id)).total).toBe(3)
  })

  it('can not be defined with what contradicts them', () => {
    const use = (options: object) => {
      class Wrong extends looseModel({ a: looseField.integer?.(options) }) {}
      return (Wrong as Loose).hasField('a')
    }
    const generated = sql`1`
    expect(() => use({ stored: true })).toThrow('"Wrong.a" has "stored", which is an option of generated columns.')
    for (const other of [{ default: 1 }, { dbDefault: 1 }, { primaryKey: true }])
      expect(() => use({ generated, ...other })).toThrow(
        `"Wrong.a" is generated by the database, so it can't have "${Object.keys(other)[0]}". Remove one of the two.`,
      )
    expect(use({ generated, stored: true, nullable: true, hidden: true })).toBe(true)
  })
})
