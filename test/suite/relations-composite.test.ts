import { Database, DefinitionError, Field, Model, Relation, sql } from 'corm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Tenant extends Model({
  code: Field.string({ max: 20, primaryKey: true }),
}) {
  static orders = Relation.hasMany(() => Order, { foreignKey: 'tenantCode' })
  static lines = Relation.hasManyThrough(() => Line, { through: () => Order, foreignKey: 'tenantCode' })
}

class Order extends Model({
  tenantCode: Field.string({ max: 20, primaryKey: true }),
  number: Field.integer({ primaryKey: true }),
  total: Field.integer({ default: 0 }),
}) {
  static tenant = Relation.belongsTo(() => Tenant, { foreignKey: 'tenantCode' })
  static lines = Relation.hasMany(() => Line)
  static receipt = Relation.hasOne(() => Receipt)
  static products = Relation.manyToMany(() => Product, { pivot: { amount: Field.integer({ default: 1 }) } })
  static related_ = Relation.manyToMany(() => Order, {
    through: 'order_relations',
    otherKey: ['otherTenant', 'otherNumber'],
    symmetrical: true,
  })
  static memos = Relation.morphMany(() => Memo, 'subject', { foreignKey: ['subjectTenant', 'subjectNumber'] })
}

class Line extends Model({
  orderTenantCode: Field.string({ max: 20, nullable: true }),
  orderNumber: Field.integer({ nullable: true }),
  text: Field.string({ max: 20 }),
}) {
  static order = Relation.belongsTo(() => Order)
}

class Receipt extends Model({
  tenantCode: Field.string({ max: 20, primaryKey: true }),
  number: Field.integer({ primaryKey: true }),
  text: Field.string({ max: 20 }),
}) {
  static order = Relation.belongsTo(() => Order, { foreignKey: ['tenantCode', 'number'] })
}

class Product extends Model({
  tenantCode: Field.string({ max: 20, primaryKey: true }),
  sku: Field.string({ max: 20, primaryKey: true }),
}) {
  static orders = Relation.manyToMany(() => Order, { pivot: { amount: Field.integer({ default: 1 }) } })
  static memos = Relation.morphMany(() => Memo, 'about', {
    foreignKey: ['aboutTenant', 'aboutSku'],
    typeKey: 'aboutType',
  })
}

class Memo extends Model({
  text: Field.string({ max: 20 }),
  subjectTenant: Field.string({ max: 20, nullable: true }),
  subjectNumber: Field.integer({ nullable: true }),
  subjectType: Field.string({ max: 20, nullable: true }),
  aboutTenant: Field.string({ max: 20, nullable: true }),
  aboutSku: Field.string({ max: 20, nullable: true }),
  aboutType: Field.string({ max: 20, nullable: true }),
}) {
  static subject = Relation.morphTo([() => Order], { foreignKey: ['subjectTenant', 'subjectNumber'] })
  static about = Relation.morphTo([() => Product], { foreignKey: ['aboutTenant', 'aboutSku'] })
}

describeDatabases('keys of several fields', (database) => {
  database.useTables([Tenant, Order, Line, Receipt, Product, Memo])
  // every pair of tenant and number is there but the last: the cross product of wanted keys has rows of further ones
  beforeEach(async () => {
    // no foreign keys lead from these tables, whose keys have several fields
    for (const table of ['orders_products', 'order_relations'])
      await database.db.execute(sql`delete from ${sql.id(table)}`)
    await Tenant.createMany([{ code: 'x' }, { code: 'y' }])
    await Order.createMany([
      { tenantCode: 'x', number: 1, total: 10 },
      { tenantCode: 'x', number: 2, total: 20 },
      { tenantCode: 'y', number: 1, total: 30 },
    ])
    await Line.createMany([
      { orderTenantCode: 'x', orderNumber: 1, text: 'x1a' },
      { orderTenantCode: 'x', orderNumber: 1, text: 'x1b' },
      { orderTenantCode: 'x', orderNumber: 2, text: 'x2' },
      { orderTenantCode: 'y', orderNumber: 1, text: 'y1' },
      { orderTenantCode: 'y', orderNumber: 2, text: 'y2, of no order' },
      { orderTenantCode: 'x', orderNumber: null, text: 'half a key' },
    ])
    await Product.createMany([
      { tenantCode: 'x', sku: 'p' },
      { tenantCode: 'x', sku: 'q' },
      { tenantCode: 'y', sku: 'p' },
    ])
  })

  const order = (tenantCode: string, number: number) => Order.findOrFail({ tenantCode, number })
  const texts = (rows: readonly { text: string }[]) => rows.map((row) => row.text).sort()

  it('belongsTo and hasMany load the rows of the pair', async () => {
    const lines = await expectQueries(2, () => Line.with('order').orderBy('id'))
    expect(lines.map((line) => line.order?.total ?? null)).toEqual([10, 10, 20, 30, null, null])
    // x1 and y2: the cross product has x2 and y1 as well
    const two = await Order.where({ tenantCode: 'x', number: 2 })
      .orWhere({ tenantCode: 'y', number: 1 })
      .with('lines')
      .orderBy('tenantCode')
    expect(two.map((each) => texts(each.lines))).toEqual([['x2'], ['y1']])
    const lazy = await Line.query().orderBy('id').get()
    expect((await lazy[2]!.order)?.total).toBe(20)
    expect(lazy[5]!.order).toBeNull()
    expect(texts(await (await order('x', 1)).lines)).toEqual(['x1a', 'x1b'])
  })
  it('limits are per pair', async () => {
    const orders = await Order.with({ lines: (q) => q.orderBy('-text').limit(1) })
      .orderBy('tenantCode')
      .orderBy('number')
    expect(orders.map((each) => texts(each.lines))).toEqual([['x1b'], ['x2'], ['y1']])
  })
  it('hasOne over the key itself', async () => {
    await (await order('x', 1)).related('receipt').create({ text: 'r' } as never)
    const orders = await Order.with('receipt').orderBy('tenantCode').orderBy('number')
    expect(orders.map((each) => each.receipt?.text ?? null)).toEqual(['r', null, null])
    expect((await Receipt.with('order').sole()).order.total).toBe(10)
  })
  it('conditions, paths and through', async () => {
    expect(await Line.where('order.total', '>', 10).orderBy('id').pluck('text')).toEqual(['x2', 'y1'])
    expect(await Order.where('lines.text', 'x1b').valuesList('tenantCode', 'number')).toEqual([['x', 1]])
    expect(await Order.query().whereHas('lines', '>=', 2).pluck('total')).toEqual([10])
    expect(await Line.query().whereDoesntHave('order').orderBy('id').pluck('text')).toEqual([
      'y2, of no order',
      'half a key',
    ])
    expect(await Line.where('order', await order('y', 1)).pluck('text')).toEqual(['y1'])
    expect(
      await Line.where('order', 'in', [await order('y', 1), await order('x', 2)])
        .orderBy('id')
        .pluck('text'),
    ).toEqual(['x2', 'y1'])
    expect(await Line.where('order', null).pluck('text')).toEqual(['half a key'])
    const tenants = await Tenant.with('orders', 'lines').orderBy('code')
    expect(tenants.map((tenant) => [tenant.orders.length, texts(tenant.lines)])).toEqual([
      [2, ['x1a', 'x1b', 'x2']],
      [1, ['y1']],
    ])
  })

  describe('manyToMany', () => {
    it('links pairs of pairs', async () => {
      const [x1, y1] = [await order('x', 1), await order('y', 1)]
      const [xp, xq, yp] = (await Product.query().orderBy('tenantCode').orderBy('sku').get()) as [any, any, any]
      expect(await x1.related('products').attach([xp, [xq, { amount: 3 }]])).toBe(2)
      expect(await x1.related('products').attach({ tenantCode: 'x', sku: 'p' })).toBe(0)
      expect(await y1.related('products').attach([[{ tenantCode: 'y', sku: 'p' }, { amount: 5 }]])).toBe(1)
      const orders = await Order.with({ products: (q) => q.orderBy('sku') })
        .orderBy('tenantCode')
        .orderBy('number')
      expect(orders.map((each) => each.products.map((product) => [product.sku, product.pivot.amount]))).toEqual([
        [
          ['p', 1],
          ['q', 3],
        ],
        [],
        [['p', 5]],
      ])
      expect((await yp.orders).map((each: Order) => each.total)).toEqual([30])
      expect(await x1.related('products').sync([xq, yp])).toEqual({ attached: 1, detached: 1, updated: 0 })
      expect(await x1.related('products').toggle([xp, xq])).toEqual({ attached: 1, detached: 1 })
      expect(await x1.related('products').updatePivot(xp, { amount: 8 })).toBe(1)
      expect(
        await Order.query()
          .whereHas('products', (q) => q.where('pivot.amount', 8))
          .pluck('total'),
      ).toEqual([10])
      expect(await x1.related('products').detach({ tenantCode: 'y', sku: 'p' })).toBe(1)
      expect(
        await Order.detachMany('products', [
          [{ tenantCode: 'x', number: 1 }, xp],
          [y1, xp],
        ]),
      ).toBe(1)
      expect(await y1.related('products').clear()).toBe(1)
      for (const wrong of ['p', { sku: 'p' }, { tenantCode: 'x', sku: null }])
        expect(await expectRefusal(() => x1.related('products').attach(wrong as never))).toBeInstanceOf(Error)
    })
    it('a symmetrical one of a model with itself', async () => {
      const [x1, x2, y1] = [await order('x', 1), await order('x', 2), await order('y', 1)]
      expect(await y1.related('related_').attach([x1, x2])).toBe(2)
      expect(await x1.related('related_').attach(y1)).toBe(0)
      const orders = await Order.with('related_').orderBy('tenantCode').orderBy('number')
      expect(orders.map((each) => each.related_.map((other) => other.total).sort())).toEqual([[30], [30], [10, 20]])
      expect(await x2.related('related_').detach(y1)).toBe(1)
      expect(await y1.related('related_').count()).toBe(1)
    })
  })

  it('hasMany attach, detach and sync', async () => {
    const x1 = await Order.with('lines').findOrFail({ tenantCode: 'x', number: 1 })
    const stray = await Line.where('text', 'half a key').sole()
    expect(await x1.related('lines').attach(stray)).toBe(1)
    expect([stray.orderTenantCode, stray.orderNumber]).toEqual(['x', 1])
    expect(texts(x1.lines)).toEqual(['half a key', 'x1a', 'x1b'])
    expect(await x1.related('lines').sync([stray])).toEqual({ attached: 0, detached: 2, updated: 0 })
    expect(await Line.where('order', null).count()).toBe(2)
    const made = await x1.related('lines').create({ text: 'made' })
    expect(made).toMatchObject({ orderTenantCode: 'x', orderNumber: 1 })
    await made.related('order').associate({ tenantCode: 'y', number: 1 } as never)
    expect([made.orderTenantCode, made.orderNumber]).toEqual(['y', 1])
    await made.related('order').dissociate()
    expect(made.order).toBeNull()
  })
  it('morphs', async () => {
    const x1 = await order('x', 1)
    const yp = await Product.findOrFail({ tenantCode: 'y', sku: 'p' })
    const memo = await x1.related('memos').create({ text: 'm' })
    expect(memo).toMatchObject({ subjectTenant: 'x', subjectNumber: 1, subjectType: 'Order' })
    await memo.related('about').associate(yp)
    const loaded = await Memo.with('subject', 'about').sole()
    expect([loaded.subject?.total, loaded.about?.sku]).toEqual([10, 'p'])
    expect((await Product.with('memos').findOrFail({ tenantCode: 'y', sku: 'p' })).memos).toHaveLength(1)
    expect(await Memo.where('subject', x1).where('about', yp).count()).toBe(1)
    expect(await Order.query().whereHas('memos').pluck('total')).toEqual([10])
  })
  it('a key of one field does not stand for one of several', () => {
    class Wrong extends Model({ orderId: Field.integer() }) {
      static order = Relation.belongsTo(() => Order)
      static named = Relation.belongsTo(() => Order, { foreignKey: 'orderId' })
    }
    expect(() => Wrong.with('order').toSQL({ dialect: 'sqlite' })).toThrow(DefinitionError)
    expect(() => Wrong.query().whereHas('order').toSQL({ dialect: 'sqlite' })).toThrow(
      /"orderTenantCode" and "orderNumber"/,
    )
    expect(() => Wrong.query().whereHas('named').toSQL({ dialect: 'sqlite' })).toThrow(/localKey|several fields/)
  })

  describe('maxRows', () => {
    afterEach(() => Database.configure({ maxRows: undefined }))
    it('counts the rows of the owners, not those of other pairs of their keys', async () => {
      const codes = ['mr1', 'mr2', 'mr3']
      await Tenant.insertMany(codes.map((code) => ({ code })))
      const orders = codes.flatMap((tenantCode) => [1, 2, 3].map((number) => ({ tenantCode, number })))
      await Order.insertMany(orders)
      await Line.query().all().delete()
      await Line.insertMany(
        codes.map((orderTenantCode, i) => ({ orderTenantCode, orderNumber: i + 1, text: orderTenantCode })),
      )
      Database.configure({ maxRows: 3 })
      const lines = await Line.with('order').orderBy('id')
      expect(lines.map(({ order }) => [order?.tenantCode, order?.number])).toEqual(
        codes.map((code, i) => [code, i + 1]),
      )
      Database.configure({ maxRows: 9 })
      const owners = await Order.where('tenantCode', 'in', codes).with('lines').orderBy('tenantCode').orderBy('number')
      expect(owners.map((order) => order.lines.length)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1])
    })
  })
})
