import { Field, Model, Relation, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Shop extends Model({ name: Field.string({ max: 40 }) }) {
  static reports = Relation.hasMany(() => Report)
  static tags = Relation.manyToMany(() => Tag, { through: () => ShopTag })
}
class Tag extends Model({ name: Field.string({ max: 40 }) }) {}
const keys = {
  shopId: Field.foreignKey(() => Shop, { primaryKey: true }),
  tagId: Field.foreignKey(() => Tag, { primaryKey: true }),
}
class Label extends Model(keys, { table: 'shop_tags' }) {}
class ShopTag extends Model(keys, { readOnly: true }) {}

const columns = {
  title: Field.string({ max: 40 }),
  amount: Field.integer({ default: 0 }),
  shopId: Field.foreignKey(() => Shop),
  deletedAt: Field.softDelete(),
}
class Sale extends Model({ code: Field.string({ max: 20, unique: true }), ...columns }) {}

let hooks: string[] = []
/** The same table, for reading. */
class Report extends Model(
  { code: Field.string({ max: 20, unique: true }), ...columns },
  { table: 'sales', readOnly: true },
) {
  static shop = Relation.belongsTo(() => Shop)
  override beforeValidate() {
    hooks.push('beforeValidate')
  }
  override beforeDelete() {
    hooks.push('beforeDelete')
  }
  override beforeRestore() {
    hooks.push('beforeRestore')
  }
}

describeDatabases('a read-only model', (database) => {
  database.useTables([Shop, Tag, Label, Sale])

  const seed = async () => {
    hooks = []
    const shop = await Shop.create({ name: 'Corner' })
    await Sale.create({ code: 'a', title: 'Tea', shopId: shop.id })
    const tag = await Tag.create({ name: 'new' })
    return { shop, tag, report: await Report.query().with('shop').firstOrFail() }
  }
  const refused = async (work: () => unknown, model = 'Report') => {
    const error = await expectRefusal(work)
    expect(error).toBeInstanceOf(UsageError)
    expect(error.message).toBe(
      `"${model}" is read-only: its rows can't be inserted, updated or deleted. Remove { readOnly: true } from the model, or write with another model of the table.`,
    )
  }

  it('reads, and counts, and is loaded by relations', async () => {
    const { shop, report } = await seed()
    expect([report.title, report.shop.name, await Report.count()]).toEqual(['Tea', 'Corner', 1])
    expect((await shop.reports).map(({ code }) => code)).toEqual(['a'])
    expect(await shop.related('reports').where('code', 'a').exists()).toBe(true)
  })

  it('refuses writes of instances, before their hooks', async () => {
    const { shop, report } = await seed()
    const data = { code: 'b', title: 'Milk', shopId: shop.id }
    await refused(() => Report.create(data))
    await refused(() => new Report(data).save())
    await refused(() => Report.createMany([data]))
    await refused(() => report.update({ title: 'Coffee' }))
    await refused(() => report.save())
    await refused(() => Report.saveMany([report]))
    await refused(() => Report.updateMany([report], ['title']))
    await refused(() => report.increment('amount'))
    await refused(() => report.delete())
    await refused(() => report.restore())
    await refused(() => report.forceDelete())
    expect(hooks).toEqual([])
    expect(await Sale.where('title', 'Tea').count()).toBe(1)
  })

  it('refuses writes of rows', async () => {
    const { shop } = await seed()
    const data = { code: 'a', title: 'Milk', shopId: shop.id }
    await refused(() => Report.insertMany([data]))
    await refused(() => Report.upsert(data, { conflict: 'code' }))
    await refused(() => Report.upsertMany([data], { conflict: 'code' }))
    await refused(() => Report.deleteMany([1]))
    expect(await Report.firstOrCreate({ code: 'a' })).toMatchObject([{ title: 'Tea' }, false])
    await expect(Report.firstOrCreate({ code: 'b' }, { title: 'Milk', shopId: shop.id })).rejects.toThrow(UsageError)
    await expect(Report.updateOrCreate({ code: 'a' }, { title: 'Milk' })).rejects.toThrow(UsageError)
    await refused(() => Report.truncate())
    expect(await Sale.where('title', 'Tea').count()).toBe(1)
  })

  it('refuses writes over queries', async () => {
    await seed()
    const query = Report.where('code', 'a')
    await refused(() => query.update({ title: 'Milk' }, { hooks: false }))
    await refused(() => query.update({ title: 'Milk' }, { hooks: true }))
    await refused(() => query.updateReturning({ title: 'Milk' }))
    await refused(() => query.increment('amount'))
    await refused(() => query.delete({ hooks: false }))
    await refused(() => query.deleteReturning())
    await refused(() => query.forceDelete({ hooks: false }))
    await refused(() => query.restore({ hooks: false }))
    expect(await Sale.where('title', 'Tea').count()).toBe(1)
  })

  it('refuses the SQL of writes, and gives that of reads', async () => {
    const { shop } = await seed()
    const query = Report.where('code', 'a')
    await refused(() => Report.toSQLInsert({ code: 'b', title: 'Milk', shopId: shop.id }))
    await refused(() => query.toSQLUpdate({ title: 'Milk' }))
    await refused(() => query.toSQLDelete())
    await refused(() => query.withTrashed().toSQLDelete())
    expect(query.toSQL().sql).toMatch(/^select /)
  })

  it('refuses writes through relations', async () => {
    const { shop, tag } = await seed()
    await refused(() => shop.related('reports').create({ code: 'b', title: 'Milk' }))
    await expect(shop.related('tags').attach([tag.id])).rejects.toThrow('"ShopTag" is read-only')
    await expect(shop.saveWithRelations({ reports: [{ code: 'b', title: 'Milk' }] })).rejects.toThrow(UsageError)
    expect(await Sale.count()).toBe(1)
  })

  describe('that another one extends', () => {
    it('passes the option on, unless that one says otherwise', async () => {
      const { shop } = await seed()
      class Same extends Report.extend({}, { table: 'sales' }) {}
      class Open extends Report.extend({}, { table: 'sales', readOnly: false }) {}
      await refused(() => Same.create({ code: 'b', title: 'Milk', shopId: shop.id }), 'Same')
      await Open.create({ code: 'b', title: 'Milk', shopId: shop.id })
      expect(await Report.count()).toBe(2)
    })
  })
})
