import { caseWhen, fn, sql, UnsupportedError, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { fillItems, Item, namesOf } from '../support/items.js'

describeDatabases('expressions', (database) => {
  database.useTables([Item])
  beforeEach(async () => {
    await fillItems()
  })
  const c = Item.columns

  describe('caseWhen', () => {
    const size = caseWhen(c.age.lt(2), 'small').when(c.age.lt(4), 'middle').else('large')

    it('is the value of the first condition that holds', async () => {
      expect(
        await namesOf(Item.query().where((i) => caseWhen(i.age.lt(2), 'small').else('large').eq('small'))),
      ).toEqual(['axe'])
      const counts = await Item.query().aggregate({
        middle: fn.count().filter(size.eq('middle')),
        large: fn.count().filter(size.eq('large')),
      })
      expect(counts).toEqual({ middle: 1, large: 2 })
    })

    it('is null without else, in order and in update', async () => {
      const first = caseWhen(c.name.eq('cart'), 1).end()
      expect(
        await Item.query()
          .orderBy(first.asc({ nulls: 'last' }))
          .orderBy('name')
          .pluck('name'),
      ).toEqual(['cart', 'axe', 'ball', 'drum'])
      await Item.query()
        .all()
        .update((i) => ({ note: caseWhen(i.age.isNull(), 'no age').else(i.name) }))
      expect(await Item.query().orderBy('name').pluck('note')).toEqual(['axe', 'ball', 'cart', 'no age'])
    })

    it('keeps decimals exact and makes fractions of mixed numbers', async () => {
      const price = caseWhen(c.price.isNull(), '0.5').else(c.price)
      expect(String((await Item.query().aggregate({ sum: fn.sum(price) })).sum)).toMatch(/^14\.250?$/)
      const mixed = caseWhen(c.age.eq(1), 1).else(0.5)
      expect(await Item.query().aggregate({ sum: fn.sum(mixed) })).toEqual({ sum: 2.5 })
      const ones = caseWhen(c.age.eq(1), 1).else(0)
      expect(await Item.query().aggregate({ sum: fn.sum(ones), max: fn.max(ones) })).toEqual({ sum: 1, max: 1 })
      const flag = caseWhen(c.age.eq(1), true).else(false)
      expect(await namesOf(Item.query().where(flag.eq(true)))).toEqual(['axe'])
    })

    it('refuses values of different types, undefined, and a CASE that is not ended', () => {
      expect(() => caseWhen(c.age.eq(1), 'a').else(1)).toThrow(UsageError)
      expect(() => caseWhen(c.age.eq(1), undefined)).toThrow('undefined')
      expect(() => Item.query().where(() => caseWhen(c.age.eq(1), true) as never)).toThrow(UsageError)
    })
  })

  describe('cast', () => {
    it('to numbers cuts the fraction', async () => {
      const row = await Item.where('name', 'ball').aggregate({
        price: fn.max(c.price.cast('integer')),
        rating: fn.max(c.rating.cast('integer')),
        active: fn.max(c.active.cast('integer')),
        float: fn.max(c.price.cast('float')),
        text: fn.max(sql<string>`'17'`.cast('integer')),
        big: fn.max(c.price.cast('bigInteger')),
      })
      expect(row).toEqual({ price: 2, rating: row.rating, active: 1, float: 2.25, text: 17, big: 2n })
      expect(row.rating).toBeCloseTo(0)
    })
    it('to text and date', async () => {
      const row = await Item.where('name', 'axe').aggregate({
        age: fn.max(c.age.cast('text')),
        price: fn.max(c.price.cast('text')),
        big: fn.max(c.big.cast('text')),
        active: fn.max(c.active.cast('text')),
        at: fn.max(c.at.cast('date')),
      })
      expect(row).toEqual({ age: '1', price: '1.50', big: '9007199254740993', active: 'true', at: '2024-02-29' })
    })
    it('of NULL is NULL, in conditions and order', async () => {
      expect(await namesOf(Item.query().where((i) => i.price.cast('text').isNull()))).toEqual(['drum'])
      expect(await namesOf(Item.query().where((i) => i.at.cast('date').eq('2024-03-01')))).toEqual(['ball'])
      expect(
        await Item.query()
          .orderBy(c.price.cast('integer').desc({ nulls: 'last' }))
          .pluck('name'),
      ).toEqual(['cart', 'ball', 'axe', 'drum'])
    })
    it('refuses what databases understand differently', () => {
      expect(() => c.at.cast('integer' as 'text')).toThrow(UsageError)
      expect(() => c.age.cast('int; drop table items' as 'text')).toThrow('cast() takes one of')
      expect(() => c.at.cast('text')).toThrow('dateTime')
    })
  })

  describe('aggregates', () => {
    it('distinct takes each value once', async () => {
      await Item.query().all().update({ age: 2 })
      expect(
        await Item.query().aggregate({
          sum: fn.sum(c.age, { distinct: true }),
          avg: fn.avg(c.age, { distinct: true }),
          count: fn.count(c.age, { distinct: true }),
          names: fn.groupConcat(c.kind.lower(), ',', { distinct: true }),
        }),
      ).toMatchObject({ sum: 2, avg: 2, count: 1 })
    })

    it('filter() takes the rows that meet it', async () => {
      const toys = c.kind.eq('toy')
      const row = await Item.query().aggregate({
        count: fn.count().filter(toys),
        ages: fn.count(c.age).filter(toys),
        sum: fn.sum(c.price).filter(toys),
        avg: fn.avg(c.price).filter(toys),
        rating: fn.avg(c.rating).filter(toys),
        max: fn.max(c.name).filter(toys).filter(c.age.isNotNull()),
        active: fn.max(c.active).filter(toys),
        distinct: fn.count(c.kind, { distinct: true }).filter(toys),
        none: fn.sum(c.age).filter(c.name.eq('nobody')),
        no: fn.count().filter(c.name.eq('nobody')),
      })
      expect({ ...row, sum: String(row.sum), avg: Number(row.avg) }).toMatchObject({
        count: 3,
        ages: 2,
        sum: '12.25',
        rating: -0.5,
        max: 'cart',
        active: true,
        distinct: 1,
        none: null,
        no: 0,
      })
      expect(Number(row.avg)).toBeCloseTo(6.125, 1)
      expect(() => (c.age as unknown as ReturnType<typeof fn.count>).filter(toys)).toThrow(UsageError)
    })

    it('groupConcat() joins texts and what can be one', async () => {
      const joined = async (separator?: string) =>
        (await Item.query().groupConcat('name', separator))?.split(separator ?? ',')
      for (const separator of [undefined, ' | ', "'", '\\', "\\' or 1=1 --", '\n', 'é', '"', '%'])
        expect((await joined(separator))?.sort()).toEqual(['axe', 'ball', 'cart', 'drum'])
      expect((await Item.query().groupConcat('price', ' '))?.split(' ').sort()).toEqual(['1.50', '10.00', '2.25'])
      expect(await Item.where('name', 'axe').groupConcat('active')).toBe('true')
      expect(await Item.where('name', 'nobody').groupConcat('name')).toBeNull()
      expect((await Item.query().limit(2).orderBy('name').groupConcat('name', ''))?.length).toBe(7)
      await expect(Item.query().groupBy('kind').groupConcat('name')).rejects.toThrow(UsageError)
    })

    it('groupConcat() does not cut long texts', async () => {
      await Item.query()
        .all()
        .update({ note: 'x'.repeat(3000) })
      expect((await Item.query().groupConcat('note'))?.length).toBe(12_003)
    })

    it('groupConcat() of distinct values', async () => {
      const kinds = fn.groupConcat(c.kind, '/', { distinct: true })
      if (database.kind === 'sqlite') await expect(Item.query().aggregate({ kinds })).rejects.toThrow(UnsupportedError)
      else expect((await Item.query().aggregate({ kinds })).kinds?.split('/').sort()).toEqual(['tool', 'toy'])
    })
  })

  it('an expression used twice keeps its values apart from those of other queries of its form', async () => {
    const named = (a: string, b: string) => {
      const [one, two] = [c.name.eq(a), a === b ? null : c.name.eq(b)]
      return Item.query()
        .where(one)
        .orWhere(two ?? one)
    }
    expect(await namesOf(named('axe', 'axe'))).toEqual(['axe'])
    expect(await namesOf(named('axe', 'ball'))).toEqual(['axe', 'ball'])
    expect(await namesOf(named('cart', 'cart'))).toEqual(['cart'])
    const twice = (a: string, b: string) => {
      const one = c.name.eq(a)
      return Item.query().where(one.or(a === b ? one : c.name.eq(b)).and(c.age.gt(0)))
    }
    expect(await namesOf(twice('axe', 'axe'))).toEqual(['axe'])
    expect(await namesOf(twice('cart', 'ball'))).toEqual(['ball', 'cart'])
    expect(await namesOf(Item.query().where('id', 'in', twice('ball', 'ball').select('id')))).toEqual(['ball'])
  })

  it('fn.random() is a number from 0 to 1, fn.coalesce() the first value', async () => {
    const { least, most } = await Item.query().aggregate({ least: fn.min(fn.random()), most: fn.max(fn.random()) })
    expect(least).toBeGreaterThanOrEqual(0)
    expect(most).toBeLessThan(1)
    expect((await Item.query().orderBy(fn.random()).pluck('name')).sort()).toEqual(['axe', 'ball', 'cart', 'drum'])
    expect(await namesOf(Item.query().where((i) => fn.coalesce(i.age, i.limitAge, 7).eq(3)))).toEqual(['drum'])
  })
})
