import { Decimal, Field, fn, Model, Relation, sql, UndefinedValueError, UsageError } from 'corm'
import { beforeEach, expect, expectTypeOf, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shop extends Model({ name: Field.string() }, { table: 'constant_shops' }) {
  static sales = Relation.hasMany(() => Sale)
}
class Sale extends Model(
  { item: Field.string(), price: Field.decimal({ precision: 8, scale: 2 }), shopId: Field.foreignKey(() => Shop) },
  { table: 'constant_sales' },
) {
  static shop = Relation.belongsTo(() => Shop)
}

describeDatabases('constants and queries as values', (database) => {
  database.useTables([Shop, Sale])
  beforeEach(async () => {
    const [a, b] = await Shop.createMany([{ name: 'a' }, { name: 'b' }])
    await Sale.insertMany([
      { item: 'x', price: 1, shopId: a!.id },
      { item: 'y', price: 2, shopId: a!.id },
      { item: 'x', price: 4, shopId: b!.id },
    ])
  })

  it('a plain value in annotate is the same for every row', async () => {
    const at = new Date('2024-05-06T07:08:09.010Z')
    const rows = await Sale.query()
      .annotate({
        kind: 'sale',
        one: 1,
        half: 0.5,
        big: 2n ** 60n,
        yes: true,
        no: () => false,
        at,
        exact: new Decimal('12345678901234567.25'),
        nothing: null,
      })
      .orderBy('id')
      .limit(2)
      .values('kind', 'one', 'half', 'big', 'yes', 'no', 'at', 'exact', 'nothing')
    expectTypeOf(rows[0]!.kind).toEqualTypeOf<'sale'>()
    expectTypeOf(rows[0]!.one).toEqualTypeOf<number>()
    expectTypeOf(rows[0]!.yes).toEqualTypeOf<boolean>()
    expectTypeOf(rows[0]!.at).toEqualTypeOf<Date>()
    expectTypeOf(rows[0]!.nothing).toEqualTypeOf<null>()
    const row = { kind: 'sale', one: 1, half: 0.5, big: 2n ** 60n, yes: true, no: false, at, nothing: null }
    expect(rows).toEqual([1, 2].map(() => ({ ...row, exact: new Decimal('12345678901234567.25') })))
  })

  it('instances have it, and later steps use it', async () => {
    const sales = Sale.query().annotate({ kind: 'sale', rate: 2, flag: true })
    const first = await sales.orderBy('kind').orderBy('id').firstOrFail()
    expect([first.kind, first.rate, first.flag]).toEqual(['sale', 2, true])
    expect(
      await sales
        .where('kind', 'sale')
        .where((c) => c.flag)
        .count(),
    ).toBe(3)
    expect(await sales.where('rate', '>', 2).count()).toBe(0)
    expect(
      await sales
        .annotate({ twice: (c) => c.price.times(c.rate) })
        .orderBy('id')
        .pluck('twice'),
    ).toEqual([2, 4, 8].map((value) => new Decimal(value)))
    expect(await sales.groupBy('kind').aggregate({ n: fn.count() })).toEqual([{ kind: 'sale', n: 3 }])
    expect(
      await sales
        .annotate({ tag: (c) => c.kind.concat('-', c.item) })
        .orderBy('id')
        .pluck('tag'),
    ).toEqual(['sale-x', 'sale-y', 'sale-x'])
  })

  it('aggregate takes constants and queries that select one value', async () => {
    const shops = Shop.query().annotate({ n: fn.count() }).select('n')
    const all = await Sale.query().aggregate({ sales: fn.count(), shops, unit: 'EUR', rate: 1 })
    expectTypeOf(all.unit).toEqualTypeOf<'EUR'>()
    expectTypeOf(all.shops).toEqualTypeOf<number | null>()
    expect(all).toEqual({ sales: 3, shops: 2, unit: 'EUR', rate: 1 })
    const dearest = (id: typeof Sale.columns.shopId) =>
      Sale.where((s) => s.shopId.eq(id))
        .orderBy('-price')
        .limit(1)
        .select('item')
    expect(
      await Sale.query()
        .groupBy('shopId')
        .orderBy('shopId')
        .aggregate({ total: (c) => fn.sum(c.price), dearest: (c) => dearest(c.shopId), unit: 'EUR' })
        .then((groups) => groups.map(({ total, dearest, unit }) => [Number(total), dearest, unit])),
    ).toEqual([
      [3, 'y', 'EUR'],
      [4, 'x', 'EUR'],
    ])
    const share = await Sale.query()
      .annotate({
        all: Sale.query()
          .annotate({ sum: fn.sum(Sale.columns.price) })
          .select('sum'),
      })
      .annotate({ share: (c) => c.price.dividedBy(c.all) })
      .orderBy('id')
      .pluck('share')
    expect(share.map((value) => Number(value).toFixed(4))).toEqual(['0.1429', '0.2857', '0.5714'])
  })

  it('what is no value is refused', () => {
    const loose = (value: unknown) => () => Sale.query().annotate({ value: value as never })
    expect(loose(undefined)).toThrow(UndefinedValueError)
    for (const value of [
      [1],
      { a: 1 },
      Number.NaN,
      Number.POSITIVE_INFINITY,
      new Date(Number.NaN),
      '\ud800',
      Symbol('s'),
    ])
      expect(loose(value)).toThrow(UsageError)
    expect(() => Sale.query().annotate({ value: Shop.query().select('id', 'name') as never })).toThrow(UsageError)
    expect(Sale.query().annotate({ raw: sql`1 + 1` }).toSQL().sql).toContain('1 + 1')
  })

  it('groupConcat joins values in an order', async () => {
    const names = await Sale.query().aggregate({
      up: (c) => fn.groupConcat(c.item, ' ', { orderBy: [c.item, c.price.desc()] }),
      down: (c) => fn.groupConcat(c.price.cast('integer'), '-', { orderBy: c.price.desc() }),
      own: (c) => fn.groupConcat(c.item, { separator: '+', orderBy: c.id }),
      some: (c) => fn.groupConcat(c.item, '/', { orderBy: c.price.desc() }).filter(c.price.gt(1)),
      each: (c) => fn.groupConcat(c.item, { distinct: true, orderBy: c.item.desc() }),
    })
    expect(names).toEqual({ up: 'x x y', down: '4-2-1', own: 'x+y+x', some: 'x/y', each: 'y,x' })
    expect(
      await Shop.query()
        .annotate({ items: (c) => fn.groupConcat(c.sales.item, ', ', { orderBy: c.sales.price.desc() }) })
        .orderBy('id')
        .pluck('items'),
    ).toEqual(['y, x', 'x'])
    const bad = (options: object) => () => fn.groupConcat(Sale.columns.item, ',', options)
    expect(bad({ distinct: true, orderBy: Sale.columns.price })).toThrow('can only be ordered by the value itself')
    expect(bad({ order: Sale.columns.price })).toThrow('has no option "order"')
    expect(bad({ orderBy: 'price' })).toThrow(UsageError)
  })
})
