import type { Expression } from 'corm'
import { Decimal, fn, UnsupportedError, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { fillItems, Item } from '../support/items.js'

describeDatabases('windows', (database) => {
  database.useTables([Item])
  const c = Item.columns
  beforeEach(async () => {
    await fillItems()
  })
  /** The values of all items in the order of their names. */
  const values = async (expression: Expression<unknown>) =>
    Item.query().annotate({ value: expression }).orderBy('name').pluck('value')

  it('numbers and ranks', async () => {
    const byLimit = { orderBy: c.limitAge.asc() }
    expect(await values(fn.rowNumber().over({ orderBy: c.name.desc() }))).toEqual([4, 3, 2, 1])
    expect(await values(fn.rank().over(byLimit))).toEqual([4, 1, 2, 2])
    expect(await values(fn.denseRank().over(byLimit))).toEqual([3, 1, 2, 2])
    expect(await values(fn.percentRank().over(byLimit))).toEqual([1, 0, 1 / 3, 1 / 3])
    expect(await values(fn.cumeDist().over(byLimit))).toEqual([1, 0.25, 0.75, 0.75])
    expect(await values(fn.ntile(3).over({ orderBy: c.name }))).toEqual([1, 1, 2, 3])
    expect(await values(fn.rowNumber().over({ partitionBy: c.kind, orderBy: [c.name.desc()] }))).toEqual([1, 3, 2, 1])
    expect(await values(fn.rowNumber().over({ orderBy: c.age.asc({ nulls: 'first' }) }))).toEqual([2, 3, 4, 1])
  })

  it('are grouped by and aggregated, over rows that have them', async () => {
    const halves = Item.query().annotate({
      half: fn.ntile(2).over({ orderBy: c.name }),
      place: fn.rowNumber().over({ orderBy: c.name }),
    })
    expect(await halves.groupBy('half').orderBy('half').aggregate({ items: fn.count() })).toEqual([
      { half: 1, items: 2 },
      { half: 2, items: 2 },
    ])
    const later = halves.where('name', '>', 'axe').where('place', '>', 1).groupBy('half').having(fn.count().gt(1))
    expect(await later.aggregate({ last: (row) => fn.max(row.name), sum: (row) => fn.sum(row.place) })).toEqual([])
    expect(await halves.where('place', '>', 1).aggregate({ last: (row) => fn.max(row.place) })).toEqual({ last: 4 })
    expect(await halves.sum('place')).toBe(10)
    expect(
      await halves
        .groupBy('half')
        .orderBy('half')
        .aggregate({ sum: (row) => fn.sum(row.place) }),
    ).toEqual([
      { half: 1, sum: 3 },
      { half: 2, sum: 7 },
    ])
  })

  it('neighbours', async () => {
    const byName = { orderBy: c.name.asc() }
    expect(await values(fn.lag(c.name).over(byName))).toEqual([null, 'axe', 'ball', 'cart'])
    expect(await values(fn.lead(c.age, 2).over(byName))).toEqual([4, null, null, null])
    expect(await values(fn.lag(c.price, 1, 7).over(byName))).toEqual(
      ['7.00', '1.50', '2.25', '10.00'].map((d) => new Decimal(d)),
    )
    expect(await values(fn.lead(c.age, 1, -1).over(byName))).toEqual([2, 4, null, -1])
    expect(await values(fn.lag(c.big).over(byName))).toEqual([null, 9007199254740993n, 5n, null])
    expect(await values(fn.lag(c.at).over(byName))).toEqual([
      null,
      new Date('2024-02-29T12:00:00.000Z'),
      new Date('2024-03-01T00:00:00.000Z'),
      null,
    ])
    expect(await values(fn.lag(c.active, 1, true).over(byName))).toEqual([true, true, true, false])
    expect(await values(fn.firstValue(c.name).over(byName))).toEqual(['axe', 'axe', 'axe', 'axe'])
    expect(await values(fn.lastValue(c.name).over(byName))).toEqual(['axe', 'ball', 'cart', 'drum'])
    expect(await values(fn.lastValue(c.name).over({ ...byName, rows: ['unbounded', 'unbounded'] }))).toEqual([
      'drum',
      'drum',
      'drum',
      'drum',
    ])
    expect(await values(fn.nthValue(c.name, 2).over(byName))).toEqual([null, 'ball', 'ball', 'ball'])
  })

  it('aggregates', async () => {
    const byName = { orderBy: c.name.asc() }
    expect(await values(fn.count().over())).toEqual([4, 4, 4, 4])
    expect(await values(fn.count().over({ partitionBy: c.kind }))).toEqual([1, 3, 3, 3])
    expect(await values(fn.sum(c.age).over(byName))).toEqual([1, 3, 7, 7])
    expect(await values(fn.sum(c.price).over(byName))).toEqual(
      ['1.50', '3.75', '13.75', '13.75'].map((d) => new Decimal(d)),
    )
    expect(await values(fn.avg(c.price).over({ partitionBy: c.active }))).toEqual(
      ['1.875', '1.875', '10', '10'].map((d) => new Decimal(d)),
    )
    expect(await values(fn.avg(c.age).over({ ...byName, rows: [-1, 0] }))).toEqual([1, 1.5, 3, 4])
    expect(await values(fn.avg(c.rating).over())).toEqual([0.5, 0.5, 0.5, 0.5])
    expect(await values(fn.sum(c.age).over({ ...byName, rows: [0, 'unbounded'] }))).toEqual([7, 6, 4, null])
    expect(await values(fn.sum(c.age).over({ ...byName, rows: [1, 2] }))).toEqual([6, 4, null, null])
    expect(await values(fn.max(c.name).over({ partitionBy: [c.kind, c.active] }))).toEqual([
      'axe',
      'ball',
      'drum',
      'drum',
    ])
    expect(await values(fn.min(c.active).over())).toEqual([false, false, false, false])
    expect(await values(fn.sum(c.big).over(byName))).toEqual([
      9007199254740993n,
      9007199254740998n,
      9007199254740998n,
      9007199254740998n,
    ])
    expect(await values(fn.sum(c.age).filter(c.active.eq(true)).over())).toEqual([3, 3, 3, 3])
    expect(await values(fn.count().filter(c.age.gt(1)).over(byName))).toEqual([0, 1, 2, 2])
  })

  it('stand in expressions, orders and over groups', async () => {
    expect(await values(c.price.dividedBy(fn.sum(c.price).over()).times(100))).toHaveLength(4)
    expect(
      await Item.query()
        .orderBy(fn.rank().over({ orderBy: c.name.desc() }))
        .pluck('name'),
    ).toEqual(['drum', 'cart', 'ball', 'axe'])
    const groups = await Item.query()
      .groupBy('kind')
      .orderBy('kind')
      .aggregate({ n: fn.count(), all: fn.sum(fn.count()).over() })
    expect(groups).toEqual([
      { kind: 'tool', n: 1, all: 4 },
      { kind: 'toy', n: 3, all: 4 },
    ])
  })

  it('an aggregate over a window groups nothing', async () => {
    expect(Item.query().annotate({ n: fn.count().over() }).toSQL().sql).not.toMatch(/group by/)
    expect(await Item.query().annotate({ n: fn.count().over() }).count()).toBe(4)
  })

  it('stand in conditions by their names', async () => {
    const query = Item.query().annotate({
      place: fn.rowNumber().over({ partitionBy: c.kind, orderBy: c.name.asc() }),
      all: fn.count().over({ partitionBy: c.kind }),
    })
    expect(await query.where('place', '<', 3).orderBy('name').pluck('name')).toEqual(['axe', 'ball', 'cart'])
    expect(
      await query
        .where((i) => i.place.eq(i.all))
        .orderBy('name')
        .pluck('name'),
    ).toEqual(['axe', 'drum'])
    expect(await query.where('place', 1).where('kind', 'toy').count()).toBe(1)
    const [first] = await query.where('place', 2).get()
    expect([first?.name, first?.place, first?.all]).toEqual(['cart', 2, 3])
  })

  it('groupConcat, where the database has it', async () => {
    const query = Item.query()
      .annotate({ names: fn.groupConcat(c.name, '/').over({ orderBy: c.name }) })
      .orderBy('name')
    if (database.kind === 'mysql') await expect(query.pluck('names')).rejects.toThrow(UnsupportedError)
    else expect(await query.pluck('names')).toEqual(['axe', 'axe/ball', 'axe/ball/cart', 'axe/ball/cart/drum'])
  })

  describe('refuse', () => {
    it('places where there is no window', async () => {
      const n = fn.count().over()
      await expect(
        Item.query()
          .groupBy(n as never)
          .aggregate({ n: fn.count() }),
      ).rejects.toThrow(/window/)
      expect(() => Item.query().groupBy('kind').having(n.gt(1)).toSQL()).toThrow(/window/)
      expect(() => Item.all().toSQLUpdate({ age: n as never })).toThrow(/window/)
    })

    it('windows that make no sense', () => {
      expect(() => fn.rank().over({})).toThrow(/order/)
      expect(() => fn.count(c.age, { distinct: true }).over()).toThrow(/distinct/)
      expect(() => fn.count().over({ rows: [1, 0] })).toThrow(UsageError)
      expect(() => fn.count().over({ rows: [0.5, 1] })).toThrow(UsageError)
      expect(() => fn.count().over({ order: c.name } as never)).toThrow(/"order"/)
      expect(() => fn.ntile(0)).toThrow(UsageError)
      expect(() => fn.lag(c.name, -1)).toThrow(UsageError)
      expect(() => (c.age.abs() as never as { over(): unknown }).over()).toThrow(/aggregate/)
      expect(() => (fn.count().over() as never as { over(): unknown }).over()).toThrow(UsageError)
    })
  })
})
