import { DefinitionError, Field, fn, Model, Relation } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { looseRelation } from '../support/loose.js'

/** Rows of the same region: no foreign key between the two. */
const sameRegion = Relation.custom({ many: true, link: () => ({ from: 'region', to: 'region' }) })

/** The row whose name a field of this one has. */
const named = Relation.custom({
  many: false,
  link: ({ options, target }: { options: { by: string }; target: { fields: readonly string[] } }) => ({
    from: options.by,
    to: target.fields.includes('name') ? 'name' : 'id',
  }),
})

/** By way of a table whose columns are called after both models. */
const byVisit = Relation.custom({
  many: true,
  link: ({ source, target }) => ({
    from: source.primaryKey,
    to: target.primaryKey,
    through: {
      model: () => Visit,
      near: `${source.model.toLowerCase()}Id`,
      far: `${target.model.toLowerCase()}Id`,
    },
  }),
})

class Shop extends Model({
  name: Field.string({ max: 20 }),
  region: Field.string({ max: 20, nullable: true }),
}) {
  static customers = sameRegion(() => Customer)
  static visitors = byVisit(() => Customer)
}
class Customer extends Model({
  name: Field.string({ max: 20 }),
  region: Field.string({ max: 20, nullable: true }),
  favourite: Field.string({ max: 20, nullable: true }),
}) {
  static shops = sameRegion(() => Shop)
  static favouriteShop = named(() => Shop, { by: 'favourite' })
  static visited = byVisit(() => Shop)
}
class Visit extends Model({
  shopId: Field.foreignKey(() => Shop, { onDelete: 'cascade' }),
  customerId: Field.foreignKey(() => Customer, { onDelete: 'cascade' }),
}) {}

describeDatabases('relations of a kind of one’s own', (database) => {
  database.useTables([Shop, Customer, Visit])
  beforeEach(async () => {
    const [north, south] = await Shop.createMany([
      { name: 'North', region: 'n' },
      { name: 'South', region: 's' },
      { name: 'Nowhere' },
    ])
    const [ann, bob] = await Customer.createMany([
      { name: 'Ann', region: 'n', favourite: 'South' },
      { name: 'Bob', region: 'n', favourite: 'Closed' },
      { name: 'Cat' },
    ])
    await Visit.createMany([
      { shopId: north!.id, customerId: ann!.id },
      { shopId: north!.id, customerId: bob!.id },
      { shopId: south!.id, customerId: ann!.id },
    ])
  })

  const names = (rows: readonly { name: string }[]) => rows.map((row) => row.name).sort()

  it('load eagerly and lazily like any', async () => {
    const shops = await expectQueries({ apart: 3, together: 2 }, () => Shop.with('customers', 'visitors').orderBy('id'))
    expect(shops.map((shop) => [names(shop.customers), names(shop.visitors)])).toEqual([
      [
        ['Ann', 'Bob'],
        ['Ann', 'Bob'],
      ],
      [[], ['Ann']],
      [[], []],
    ])
    const customers = await Customer.query().orderBy('id').get()
    await expectQueries(1, async () => {
      const found = []
      for (const customer of customers) found.push((await customer.favouriteShop)?.name ?? null)
      expect(found).toEqual(['South', null, null])
    })
    expect(names(await customers[0]!.visited)).toEqual(['North', 'South'])
    expect(await customers[2]!.shops).toEqual([])
    const limited = await Shop.with({ visitors: (q) => q.orderBy('-name').limit(1) }).orderBy('id')
    expect(limited.map((shop) => names(shop.visitors))).toEqual([['Bob'], ['Ann'], []])
  })
  it('stand in conditions, paths and aggregates', async () => {
    expect(await Shop.query().whereHas('customers', '>=', 2).pluck('name')).toEqual(['North'])
    expect(await Shop.where('visitors.name', 'Ann').orderBy('id').pluck('name')).toEqual(['North', 'South'])
    expect(await Customer.where('favouriteShop.region', 's').pluck('name')).toEqual(['Ann'])
    expect(await Customer.query().whereDoesntHave('favouriteShop').orderBy('id').pluck('name')).toEqual(['Bob', 'Cat'])
    const shops = await Shop.query()
      .orderBy('id')
      .annotate({ visits: (c) => fn.count(c.visitors) })
    expect(shops.map((shop) => shop.visits)).toEqual([2, 1, 0])
    // a name may be there twice: the first by key, and rows never multiply
    await Shop.create({ name: 'South', region: 'x' })
    expect(await Customer.query().orderBy('favouriteShop.region').count()).toBe(3)
    expect(await Customer.where('favouriteShop.region', 'x').count()).toBe(0)
    expect((await Customer.with('favouriteShop').where('name', 'Ann').sole()).favouriteShop?.region).toBe('s')
  })
  it('are asked through related()', async () => {
    const north = await Shop.where('name', 'North').sole()
    expect(await north.related('visitors').where('name', 'Bob').count()).toBe(1)
    expect(await north.related('customers').where('name', 'Bob').orWhere('name', 'Cat').count()).toBe(1)
  })
  it('what they name must be there and fit', async () => {
    const maker = (link: unknown) =>
      looseRelation.custom!({ many: true, link: () => link }) as (target: unknown) => unknown
    const broken: [unknown, RegExp][] = [
      [{ from: 'nothing', to: 'id' }, /from: 'nothing'.*no such field/],
      [{ from: 'id', to: 'nothing' }, /to: 'nothing'.*no such field/],
      [{ from: ['id', 'region'], to: 'id' }, /differ in number/],
      [{ from: 'region', to: 'id' }, /a text.*an integer/],
      [{ from: 'id', to: 'id', through: { model: () => Visit, near: 'shopId', far: 'nothing' } }, /far: 'nothing'/],
      [
        { from: 'id', to: 'id', through: { model: () => Visit, near: ['shopId', 'id'], far: 'id' } },
        /differ in number/,
      ],
    ]
    for (const [link, message] of broken) {
      class Bad extends Model({ region: Field.string() }) {}
      Object.assign(Bad, { broken: maker(link)(() => Customer) })
      const error = await expectRefusal(() => (Bad as any).query().whereHas('broken').get())
      expect(error).toBeInstanceOf(DefinitionError)
      expect(error.message).toMatch(message)
    }
  })
  it('tell of themselves', () => {
    expect(Shop.customers.metadata).toMatchObject({ type: 'custom', source: { columns: ['region'] }, through: null })
    expect(Shop.visitors.metadata).toMatchObject({
      through: { table: 'visits', from: ['shop_id'], to: ['customer_id'] },
    })
  })
})
