import { caseWhen, Decimal, fn } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { fillItems, Item, namesOf } from '../support/items.js'

/** What random queries have brought to light: see "Random queries" in docs/contributing.md. */
describeDatabases('found by random queries', (database) => {
  database.useTables([Item])
  beforeEach(async () => {
    await fillItems()
  })

  it('a subquery gives decimals and big integers as numbers, computed ones too', async () => {
    const price = (f: 'sum' | 'max') =>
      Item.query()
        .annotate({ one: (c) => fn[f](c.price) })
        .select('one')
    const twice = caseWhen(Item.columns.age.gt(0), Item.columns.price).else(Item.columns.price)
    expect(await namesOf(Item.query().where(() => twice.lt(price('sum'))))).toEqual(['axe', 'ball', 'cart'])
    expect(await namesOf(Item.query().where((c) => c.price.coalesce(new Decimal(0)).eq(price('max'))))).toEqual([
      'cart',
    ])
    const big = Item.query()
      .annotate({ one: (c) => fn.min(c.big.plus(1)) })
      .select('one')
    expect(
      await Item.query()
        .where((c) => c.big.plus(1).eq(big))
        .exists(),
    ).toBe(true)
    expect(
      await Item.query()
        .where((c) => c.big.plus(1).lt(big))
        .exists(),
    ).toBe(false)
  })

  it('a CASE takes a Decimal beside a decimal column', async () => {
    const price = caseWhen(Item.columns.age.eq(1), Item.columns.price).else(new Decimal('0.25'))
    expect(await Item.query().aggregate({ sum: fn.sum(price) })).toEqual({ sum: new Decimal('2.25') })
  })

  it('a condition made for a query inside a callback, or beside an empty list, is part of what it returns', async () => {
    const { columns: c } = Item
    const toys = (age: number) =>
      Item.query()
        .where(c.kind.eq('toy').and(c.age.gt(age)))
        .select('id')
    expect(await namesOf(Item.query().where((i) => i.id.in(toys(2))))).toEqual(['cart'])
    const named = Item.query()
      .annotate({ one: () => fn.max(caseWhen(c.age.gt(1), c.age).end()) })
      .select('one')
    expect(await namesOf(Item.query().where((i) => i.age.eq(named)))).toEqual(['cart'])
    expect(
      await Item.query()
        .where((i) => caseWhen(i.age.gt(1), 1).else(2).in([]))
        .count(),
    ).toBe(0)
  })

  it('an aggregate over the first rows reads fields that were not selected', async () => {
    const first = Item.query().select('name').orderBy('id').limit(2)
    expect(await first.sum('age')).toBe(3)
    expect(
      await first.aggregate({ max: (c) => fn.max(c.price).filter(c.age.gt(1)), body: (c) => fn.min(c.body) }),
    ).toEqual({
      max: new Decimal('2.25'),
      body: 'Steel and wood.',
    })
    expect(await Item.query().select('name').omit('name').limit(3).count()).toBe(3)
  })

  it('distinct rows are sorted by a value named by annotate', async () => {
    const labels = Item.query()
      .annotate({ label: (c) => c.note.coalesce('none') })
      .distinct()
    const prices = Item.query()
      .annotate({ twice: (c) => c.price.times(2) })
      .distinct()
    expect((await prices.orderBy((c) => c.twice.desc({ nulls: 'last' }))).map(({ name }) => name)[0]).toBe('cart')
    expect(await labels.orderBy('label').pluck('label')).toEqual(['loud', 'none', 'sharp'])
    expect(
      (await labels.orderBy((c) => c.label.desc({ nulls: 'last' })).orderBy('id')).map(({ id }) => id),
    ).toHaveLength(4)
  })

  it('a relation of a relation to the same table keeps its rows apart', async () => {
    const query = Item.query().whereHas('parent', (q) =>
      q.whereHas('children', (r) => r.whereHas('parent').where('name', 'cart')),
    )
    expect(await namesOf(query)).toEqual(['ball', 'cart'])
    expect(await namesOf(Item.query().whereHas('parent.children.children'))).toEqual(['ball', 'cart'])
  })

  it('distinct values at the end of a path are sorted by it, and come once', async () => {
    const parents = Item.query().distinct().orderBy('-parent.name')
    expect(
      await parents
        .reorder()
        .orderBy((c) => c.id)
        .count(),
    ).toBe(4)
    expect((await parents.pluck('parent.name')).filter((name) => name !== null)).toEqual(['ball', 'axe'])
    const joined = Item.query()
      .whereNotNull('parent.age')
      .annotate({ label: (c) => c.note.coalesce('none') })
    expect((await joined.distinct().orderBy('label', 'desc').orderBy('id')).map(({ name }) => name)).toEqual([
      'ball',
      'cart',
      'drum',
    ])
  })

  it('order, limit and relations of a query before a union are not those of the union', async () => {
    const first = Item.query().orderBy('-id').limit(1).union(Item.query())
    expect((await first.first())?.name).toBe('axe')
    expect((await Item.query().orderBy('-id').reorder().first())?.name).toBe('axe')
    const streamed: string[] = []
    for await (const { name } of first.orderBy('name').stream({ chunkSize: 2 })) streamed.push(name)
    expect(streamed).toEqual(['axe', 'ball', 'cart', 'drum'])
    const page = await first.orderBy('name').paginate({ page: 2, size: 3 })
    expect([page.total, page.items.map(({ name }) => name)]).toEqual([4, ['drum']])
    const loaded = await Item.where('name', 'ball')
      .with('parent')
      .union(Item.where('name', 'cart'))
      .select('name')
      .orderBy('id')
    expect(loaded.map(({ name, parent }) => `${name} of ${parent?.name}`)).toEqual(['ball of axe', 'cart of axe'])
  })
})
