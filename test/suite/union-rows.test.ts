import { Decimal, Field, fn, Model, UsageError } from 'corm'
import { beforeEach, expect, expectTypeOf, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Sale extends Model(
  {
    item: Field.string(),
    price: Field.decimal({ precision: 8, scale: 2 }),
    at: Field.dateTime(),
    deletedAt: Field.softDelete(),
  },
  { table: 'united_sales' },
) {}
class Visit extends Model(
  {
    page: Field.string(),
    at: Field.dateTime(),
    cost: Field.decimal({ precision: 12, scale: 4 }),
    tenant: Field.integer(),
  },
  { table: 'united_visits', globalScopes: { mine: (query) => query.where('tenant', 1) } },
) {}

const day = (n: number) => new Date(Date.UTC(2024, 0, n))

describeDatabases('unionRows', (database) => {
  database.useTables([Sale, Visit])
  beforeEach(async () => {
    const [, gone] = await Sale.createMany([
      { item: 'a', price: '1.50', at: day(3) },
      { item: 'gone', price: 9, at: day(9) },
      { item: 'b', price: 2, at: day(1) },
    ])
    await gone!.delete()
    await Visit.insertMany([
      { page: 'p', at: day(2), cost: '0.1234', tenant: 1 },
      { page: 'q', at: day(4), cost: 7, tenant: 1 },
      { page: 'secret', at: day(5), cost: 7, tenant: 2 },
    ])
  })
  const all = () =>
    Sale.query()
      .annotate({ kind: 'sale', what: (c) => c.item })
      .select('at', 'kind', 'what')
      .unionRows(
        Visit.query()
          .annotate({ kind: 'visit', what: (c) => c.page })
          .select('kind', 'what', 'at'),
      )

  it('is one list of plain rows, under scopes and soft deletes', async () => {
    const rows = await all().orderBy('-at')
    expectTypeOf(rows[0]!.kind).toEqualTypeOf<'sale' | 'visit'>()
    expectTypeOf(rows[0]!.at).toEqualTypeOf<Date>()
    expect(rows).toEqual([
      { at: day(4), kind: 'visit', what: 'q' },
      { at: day(3), kind: 'sale', what: 'a' },
      { at: day(2), kind: 'visit', what: 'p' },
      { at: day(1), kind: 'sale', what: 'b' },
    ])
    expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype)
    expect(
      await all()
        .where('what', 'contains', 'q')
        .where('at', 'between', [day(3), day(4)])
        .pluck('what'),
    ).toEqual(['q'])
    expect((await all().orderBy(['kind', '-at'])).map(({ what }) => what)).toEqual(['a', 'b', 'q', 'p'])
  })

  it('is sorted, limited, filtered and paged as a whole', async () => {
    const rows = all().orderBy('at')
    expect(await rows.limit(1).offset(1).get()).toEqual([{ at: day(2), kind: 'visit', what: 'p' }])
    expect(await rows.where('kind', 'sale').pluck('what')).toEqual(['b', 'a'])
    expect(await rows.where('at', '>', day(2)).pluck('what')).toEqual(['a', 'q'])
    expect(await rows.where('what', 'in', ['a', 'p']).count()).toBe(2)
    expect(await rows.where('what', 'a').orWhere('what', 'q').pluck('what')).toEqual(['a', 'q'])
    expect(await rows.whereNot('kind', 'sale').pluck('what')).toEqual(['p', 'q'])
    expect(await rows.first()).toEqual({ at: day(1), kind: 'sale', what: 'b' })
    expect(await rows.exists()).toBe(true)
    expect(await rows.where('what', 'none').first()).toBeNull()
    const page = await rows.paginate({ page: 2, size: 3 })
    expect(page).toEqual({
      items: [{ at: day(4), kind: 'visit', what: 'q' }],
      ...{ total: 4, number: 2, size: 3, pages: 2, hasNext: false, hasPrevious: true },
    })
    expect(await all().orderBy('kind', '-what').pluck('what')).toEqual(['b', 'a', 'q', 'p'])
    expect(await rows.page(2, 2).pluck('what')).toEqual(['a', 'q'])
  })

  it('keeps the digits of both, and the limit of each query', async () => {
    const money = Sale.query()
      .annotate({ amount: (c) => c.price.times(1), note: null })
      .select('amount', 'note')
      .orderBy('-price')
      .limit(1)
      .unionRows(
        Visit.query()
          .annotate({ amount: (c) => c.cost, note: (c) => c.page })
          .select('amount', 'note'),
      )
    const rows = await money.orderBy('amount').get()
    expect(rows).toEqual([
      { amount: new Decimal('0.1234'), note: 'p' },
      { amount: new Decimal(2), note: null },
      { amount: new Decimal(7), note: 'q' },
    ])
  })

  it('takes several queries, with values of their own each time', async () => {
    const of = (item: string) => Sale.where('item', item).select('id', 'item')
    const both = (a: string, b: string) => of(a).unionRows(of(b), Sale.where('item', 'a').select('id', 'item'))
    expect(await both('a', 'b').orderBy('item').pluck('item')).toEqual(['a', 'a', 'b'])
    expect(await both('b', 'b').orderBy('item').pluck('item')).toEqual(['a', 'b', 'b'])
    expect((await both('a', 'b').orderBy('id', 'item').get())[0]).toEqual({ id: expect.any(Number), item: 'a' })
  })

  it('shows its SQL', () => {
    const { sql } = all().where('kind', 'sale').orderBy('-at').limit(1).toSQL()
    expect(sql.replace(/[`"]/g, '')).toMatch(
      /from \(select at, kind, what from \(select .* union all select .*\) as corm_union\) as .* where kind = /,
    )
  })

  it('refuses other names, other types and what is no query', () => {
    const sales = Sale.query().select('at')
    expect(() => sales.unionRows(Visit.query().select('page') as never)).toThrow('select the same names')
    expect(() => sales.unionRows(Visit.query().annotate({ at2: 1 }).select('at2') as never)).toThrow(UsageError)
    const text = Visit.query().annotate({ item: 1 }).select('item')
    expect(() =>
      Sale.query()
        .select('item')
        .unionRows(text as never),
    ).toThrow('different types')
    expect(() => sales.unionRows()).toThrow(UsageError)
    expect(() => sales.unionRows({} as never)).toThrow(UsageError)
  })

  it('takes groups', async () => {
    await Sale.insertMany([{ item: 'a', price: '0.25', at: day(7) }])
    const sales = Sale.query()
      .groupBy('item')
      .annotate({ kind: 'sale', n: fn.count(), sum: (c) => fn.sum(c.price) })
      .select('item', 'kind', 'n', 'sum')
    const all = sales.unionRows(
      Sale.where('item', 'b')
        .annotate({ kind: 'row', n: 1, sum: (c) => c.price })
        .select('item', 'kind', 'n', 'sum'),
    )
    expect(await all.orderBy('item', 'kind')).toEqual([
      { item: 'a', kind: 'sale', n: 2, sum: new Decimal('1.75') },
      { item: 'b', kind: 'row', n: 1, sum: new Decimal(2) },
      { item: 'b', kind: 'sale', n: 1, sum: new Decimal(2) },
    ])
    expect(await all.where('n', '>', 1).pluck('item')).toEqual(['a'])
    const named = Sale.query()
      .annotate({ what: (c) => c.item })
      .groupBy('what')
      .annotate({ n: fn.count() })
      .having(fn.count().gt(1))
    const pages = Visit.query()
      .annotate({ what: (c) => c.page })
      .groupBy('what')
      .annotate({ n: fn.count() })
    const page = await named.unionRows(pages).orderBy('-what').paginate({ size: 2 })
    expect([page.total, page.items]).toEqual([
      3,
      [
        { what: 'q', n: 1 },
        { what: 'p', n: 1 },
      ],
    ])
    expect(await pages.orderBy('-what').limit(1).unionRows(named).orderBy('what').pluck('what')).toEqual(['a', 'q'])
  })
})
