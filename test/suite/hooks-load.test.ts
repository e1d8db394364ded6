import { Field, Model, Relation, sql } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shop extends Model({ name: Field.string({ max: 50 }) }, { table: 'load_shops' }) {
  static items = Relation.hasMany(() => Item)
  declare itemsSeen: number
  override async afterLoad() {
    await loaded(this)
  }
}
class Item extends Model(
  { name: Field.string({ max: 50 }), shopId: Field.foreignKey(() => Shop) },
  { table: 'load_items' },
) {
  static shop = Relation.belongsTo(() => Shop)
  static parts = Relation.hasMany(() => Part)
  override afterLoad() {
    return loaded(this)
  }
}
class Part extends Model(
  { name: Field.string({ max: 50 }), itemId: Field.foreignKey(() => Item) },
  { table: 'load_parts' },
) {
  override afterLoad() {
    return loaded(this)
  }
}

let log: string[] = []
let fail = ''

async function loaded(instance: { name: string }): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  log.push(instance.name)
  if (instance.name === fail) throw new Error('no')
}

describeDatabases('afterLoad', (database) => {
  database.useTables([Shop, Item, Part])

  beforeEach(async () => {
    fail = ''
    await Shop.insertMany([{ name: 's1' }, { name: 's2' }])
    const [one, two] = (await Shop.query().orderBy('id').pluck('id')) as [number, number]
    await Item.insertMany([
      { name: 'i1', shopId: one },
      { name: 'i2', shopId: two },
    ])
    const [item] = (await Item.query().orderBy('id').pluck('id')) as [number]
    await Part.insertMany([{ name: 'p1', itemId: item }])
    log = []
  })

  const logOf = async (work: () => PromiseLike<unknown>) => {
    log = []
    await work()
    return log
  }

  it('runs once for each instance, whichever way it is loaded', async () => {
    const all = Shop.query().orderBy('id')
    expect(await logOf(() => all)).toEqual(['s1', 's2'])
    const first = await all.firstOrFail()
    expect(await logOf(() => Shop.find(first.id))).toEqual(['s1'])
    expect(await logOf(() => Shop.findMany([first.id]))).toEqual(['s1'])
    expect(await logOf(() => all.first())).toEqual(['s1'])
    expect(await logOf(() => all.select('name'))).toEqual(['s1', 's2'])
    expect(await logOf(() => all.paginate({ size: 1 }))).toEqual(['s1'])
    expect(await logOf(() => all.cursorPaginate({ size: 1 }))).toContain('s1')
    expect(await logOf(() => Shop.raw(sql`select * from load_shops order by id`))).toEqual(['s1', 's2'])
    expect(
      await logOf(async () => {
        for await (const _ of all.stream({ chunkSize: 1 }));
      }),
    ).toEqual(['s1', 's2'])
    expect(await logOf(() => Shop.firstOrCreate({ name: 's1' }))).toEqual(['s1'])
    expect(await logOf(() => Shop.where('name', 's1').updateReturning({ name: 's3' }))).toEqual(['s3'])
    expect(await logOf(() => Part.where('name', 'p1').deleteReturning())).toEqual(['p1'])
  })

  it('does not run for values, new instances and refresh()', async () => {
    const shop = await Shop.query().orderBy('id').firstOrFail()
    expect(
      await logOf(async () => {
        await Shop.create({ name: 'new' })
        await shop.refresh()
        await Shop.query().values('name')
        await Shop.count()
      }),
    ).toEqual([])
  })

  it('runs for the rows of relations first, so that owners see them', async () => {
    expect(await logOf(() => Shop.query().orderBy('id').with('items.parts'))).toEqual(['p1', 'i1', 'i2', 's1', 's2'])
    expect(await logOf(() => Item.query().orderBy('id').with('shop', 'parts'))).toEqual(
      expect.arrayContaining(['s1', 's2', 'p1', 'i1', 'i2']),
    )
    expect(log.slice(3)).toEqual(['i1', 'i2'])
    const item = await Item.query().orderBy('id').firstOrFail()
    expect(await logOf(async () => item.shop)).toEqual(['s1'])
    const shop = await Shop.query().orderBy('id').firstOrFail()
    expect(await logOf(() => shop.load('items'))).toEqual(['i1'])
  })

  it('fails the query when it throws', async () => {
    fail = 'p1'
    const error = await Shop.with('items.parts').then(
      () => null,
      (thrown) => thrown,
    )
    expect([error.message, error.hook]).toEqual(['no', 'Part.afterLoad'])
  })
})
