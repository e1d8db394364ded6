import { Database, Decimal, fn, MultipleResultsError, NotFoundError, sql, UsageError } from 'corm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { fillItems, Item, namesOf } from '../support/items.js'

describeDatabases('terminals', (database) => {
  database.useTables([Item])
  let items: Awaited<ReturnType<typeof fillItems>>
  beforeEach(async () => {
    items = await fillItems()
  })

  describe('one row', () => {
    it('first() is the first by key, or null', async () => {
      expect((await Item.where('kind', 'toy').first())?.name).toBe('ball')
      expect(await Item.where('name', 'none').first()).toBeNull()
      expect((await Item.query().orderBy('-name').offset(1).first())?.name).toBe('cart')
    })
    it('firstOrFail() throws what names the model', async () => {
      const error = await Item.where('name', 'none')
        .firstOrFail()
        .catch((thrown) => thrown)
      expect(error).toBeInstanceOf(NotFoundError)
      expect(error).toMatchObject({ code: 'NOT_FOUND', model: 'Item' })
      expect(error.message).not.toContain('none')
    })
    it('sole() wants exactly one, soleOrNull() at most one', async () => {
      expect((await Item.where('age', 1).sole()).name).toBe('axe')
      expect((await Item.where('age', 1).soleOrNull())?.name).toBe('axe')
      expect(await Item.where('age', 9).soleOrNull()).toBeNull()
      await expect(Item.where('age', 9).sole()).rejects.toBeInstanceOf(NotFoundError)
      await expect(Item.where('kind', 'toy').sole()).rejects.toBeInstanceOf(MultipleResultsError)
      await expect(Item.where('kind', 'toy').soleOrNull()).rejects.toBeInstanceOf(MultipleResultsError)
      expect((await Item.where('kind', 'toy').orderBy('-name').limit(1).sole()).name).toBe('drum')
    })
    it('find() looks for a key inside the query', async () => {
      const { axe, ball, cart } = items
      expect((await Item.query().find(axe.id))?.name).toBe('axe')
      expect(await Item.where('kind', 'toy').find(axe.id)).toBeNull()
      const either = Item.where('name', 'axe').orWhere('name', 'ball')
      expect((await either.find(ball.id))?.name).toBe('ball')
      expect(await either.find(cart.id)).toBeNull()
      await expect(either.findOrFail(cart.id)).rejects.toBeInstanceOf(NotFoundError)
      expect(await Item.query().find(0)).toBeNull()
    })
  })

  describe('counting and computing', () => {
    it('count() and exists()', async () => {
      expect(await Item.count()).toBe(4)
      expect(await Item.where('kind', 'toy').count()).toBe(3)
      expect(await Item.where('age', 99).count()).toBe(0)
      expect(await Item.query().limit(3).offset(2).count()).toBe(2)
      expect(await Item.query().orderBy('name').count()).toBe(4)
      expect(await Item.exists()).toBe(true)
      expect(await Item.where('age', 99).exists()).toBe(false)
    })
    it('sum, avg, min and max of numbers', async () => {
      expect(await Item.query().sum('age')).toBe(7)
      expect(await Item.query().avg('age')).toBeCloseTo(7 / 3, 10)
      expect(await Item.query().min('age')).toBe(1)
      expect(await Item.query().max('age')).toBe(4)
      expect(await Item.query().sum('rating')).toBe(1)
      expect(await Item.query().avg('rating')).toBe(0.5)
    })
    it('are exact for decimals and big integers', async () => {
      expect(await Item.query().sum('price')).toEqual(new Decimal('13.75'))
      expect(await Item.query().avg('price')).toEqual(new Decimal('4.5833333333'))
      expect(await Item.query().max('price')).toEqual(new Decimal('10'))
      expect(await Item.query().sum('big')).toBe(9007199254740998n)
      expect(await Item.query().max('big')).toBe(9007199254740993n)
    })
    it('min and max keep the type of the field', async () => {
      expect(await Item.query().max('name')).toBe('drum')
      expect(await Item.query().min('day')).toBe('2024-02-29')
      expect(await Item.query().max('at')).toEqual(new Date('2024-03-01T00:00:00.000Z'))
    })
    it('are null over no rows', async () => {
      const none = Item.where('name', 'none')
      for (const value of [none.sum('age'), none.avg('price'), none.min('name'), none.max('at'), none.sum('big')])
        expect(await value).toBeNull()
      expect(await Item.where('name', 'drum').sum('price')).toBeNull()
    })
    it('see the rows that the query would give', async () => {
      const eldest = Item.query().whereNotNull('age').orderBy('-age').limit(2)
      expect(await eldest.sum('age')).toBe(6)
      expect(await eldest.min('name')).toBe('ball')
      expect(await eldest.count()).toBe(2)
      expect(await Item.query().select('active').distinct().count()).toBe(4)
    })
    it('one value per group is what aggregate() is for', async () => {
      for (const work of [() => Item.query().groupBy('kind').sum('age'), () => Item.query().groupBy('kind').get()])
        expect((await expectRefusal(work)).message).toContain('aggregate()')
    })
    it('of texts are refused by sum', async () => {
      await expect((Item.query() as any).increment('name')).rejects.toBeInstanceOf(UsageError)
    })
  })

  describe('aggregate()', () => {
    it('gives one object', async () => {
      expect(
        await Item.query().aggregate({
          rows: fn.count(),
          aged: (c) => fn.count(c.age),
          kinds: fn.count(Item.columns.kind, { distinct: true }),
          total: (c) => fn.sum(c.price),
          eldest: (c) => fn.max(c.age.plus(1)),
        }),
      ).toEqual({ rows: 4, aged: 3, kinds: 2, total: new Decimal('13.75'), eldest: 5 })
    })
    it('computes with numbers of different kinds', async () => {
      expect(
        await Item.query().aggregate({
          mean: (c) => fn.sum(c.age).dividedBy(fn.count(c.age)),
          worth: (c: any) => fn.sum(c.age.times(c.price)),
          dear: (c) => fn.sum(c.price.times(c.age)),
          share: (c) => fn.sum(c.price).dividedBy(fn.count(c.price)),
          half: (c) => fn.min(c.age.dividedBy(2)),
          more: (c) => fn.max(c.age.times(1.5)),
          whole: (c) => fn.max(c.age.times(2).plus(1)),
          rated: (c) => fn.max(c.age.times(c.rating)),
        }),
      ).toEqual({
        mean: expect.closeTo(7 / 3, 6),
        worth: new Decimal('46'),
        dear: new Decimal('46'),
        share: new Decimal('4.5833333333'),
        half: 0.5,
        more: 6,
        whole: 9,
        rated: 1.5,
      })
    })
    it('gives a list of groups after groupBy', async () => {
      const groups = await Item.query()
        .groupBy('kind')
        .orderBy('kind')
        .aggregate({ rows: fn.count(), age: (c) => fn.sum(c.age), price: (c) => fn.max(c.price) })
      expect(groups).toEqual([
        { kind: 'tool', rows: 1, age: 1, price: new Decimal('1.5') },
        { kind: 'toy', rows: 3, age: 6, price: new Decimal('10') },
      ])
      expect(await Item.query().groupBy('kind', 'active').aggregate({ rows: fn.count() })).toHaveLength(3)
      expect(await Item.where('name', 'none').groupBy('kind').aggregate({ rows: fn.count() })).toEqual([])
    })
    it('groups NULL as a key of its own', async () => {
      const groups = await Item.query().groupBy('limitAge').orderBy('limitAge').aggregate({ rows: fn.count() })
      expect(groups.map((group) => group.rows)).toEqual([1, 2, 1])
      const notes = await Item.query().groupBy('age').aggregate({ rows: fn.count() })
      expect(notes.filter((group) => group.age === null)).toEqual([{ age: null, rows: 1 }])
    })
    it.each(['a"b', 'a`b', 'a b', 'a.b', '', '1a', '__proto__', 'a;--', 'x'.repeat(64), 'ä'])(
      '%j is no name for a result',
      async (name) => {
        const map = Object.defineProperty({}, name, { value: fn.count(), enumerable: true })
        expect(await expectRefusal(() => Item.query().aggregate(map))).toBeInstanceOf(UsageError)
      },
    )
    it('takes expressions and values, and at least one', async () => {
      for (const map of [{}, { a: [1] }, { a: { b: 1 } }, { a: undefined }, [], null])
        expect(await expectRefusal(() => Item.query().aggregate(map as never))).toBeInstanceOf(UsageError)
    })
  })

  describe('plain values', () => {
    it('values() gives plain objects', async () => {
      const rows = await Item.query().orderBy('name').limit(2).values('name', 'price')
      expect(rows).toEqual([
        { name: 'axe', price: new Decimal('1.5') },
        { name: 'ball', price: new Decimal('2.25') },
      ])
      expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype)
      const [all] = await Item.where('name', 'axe').values()
      expect(all).toMatchObject({ name: 'axe', age: 1, big: 9007199254740993n, day: '2024-02-29' })
      expect(all).not.toHaveProperty('body')
    })
    it('valuesList() gives tuples and pluck() single values', async () => {
      expect(await Item.query().orderBy('name').limit(2).valuesList('age', 'name')).toEqual([
        [1, 'axe'],
        [2, 'ball'],
      ])
      expect(await Item.query().orderBy('-age').whereNotNull('age').pluck('age')).toEqual([4, 2, 1])
      expect(await Item.where('name', 'none').pluck('age')).toEqual([])
    })
  })

  describe('update()', () => {
    it('changes the rows of the query in one statement, and counts them', async () => {
      const changed = await expectQueries(1, () => Item.where('kind', 'toy').update({ note: 'new', age: 9 }))
      expect(changed).toBe(3)
      expect(await Item.query().orderBy('name').pluck('note')).toEqual(['sharp', 'new', 'new', 'new'])
    })
    it('counts matched rows, changed or not', async () => {
      expect(await Item.where('kind', 'toy').update({ kind: 'toy' })).toBe(3)
      expect(await Item.where('kind', 'toy').update({ kind: 'toy' })).toBe(3)
      expect(await Item.where('name', 'none').update({ age: 1 })).toBe(0)
    })
    it('takes expressions of the old row', async () => {
      await Item.where('name', 'ball').update((c) => ({
        age: c.age.times(10).plus(c.limitAge),
        price: c.price.times(2).plus(new Decimal('0.01')),
        name: c.name.upper().concat('!'),
        note: sql`${c.name}`,
      }))
      expect(await Item.where('age', 22).values('name', 'price')).toEqual([
        { name: 'BALL!', price: new Decimal('4.51') },
      ])
    })
    it('with a limit changes the first rows of the order', async () => {
      expect(await Item.query().orderBy('-name').limit(2).update({ note: 'last' })).toBe(2)
      expect(await namesOf(Item.where('note', 'last'))).toEqual(['cart', 'drum'])
      expect(await Item.query().orderBy('name').offset(1).limit(1).update({ note: 'second' })).toBe(1)
      expect(await namesOf(Item.where('note', 'second'))).toEqual(['ball'])
    })
    it('without a condition is refused, unless all() says so', async () => {
      for (const work of [
        () => Item.query().update({ age: 1 }),
        () => Item.where({}).update({ age: 1 }),
        () => Item.query().orderBy('name').update({ age: 1 }),
        () => Item.query().increment('age'),
        () => Item.query().toSQLUpdate({ age: 1 }),
      ])
        expect((await expectRefusal(work)).message).toContain('all()')
      expect(await Item.all().update({ age: 1 })).toBe(4)
      expect(await Item.query().all().update({ age: 2 })).toBe(4)
    })
    it('refuses what a field refuses, and data that says nothing', async () => {
      const query = Item.where('name', 'axe') as any
      for (const data of [
        { age: 'x' },
        { age: 1.5 },
        { name: null },
        { name: ['a'] },
        { name: { a: 1 } },
        { kind: 'x' },
      ])
        expect(await expectRefusal(() => query.update(data))).toMatchObject({ code: 'VALIDATION' })
      for (const data of [{}, { age: undefined }, undefined, null, [], 'age', () => undefined])
        expect(await expectRefusal(() => query.update(data))).toBeInstanceOf(UsageError)
      expect(await expectRefusal(() => query.update({ id: 5 }))).toBeInstanceOf(UsageError)
    })
  })

  describe('delete() and increment()', () => {
    it('delete() removes the rows and counts them', async () => {
      expect(await Item.where('kind', 'toy').where('active', false).delete()).toBe(2)
      expect(await namesOf(Item.query())).toEqual(['axe', 'ball'])
      expect(await Item.where('name', 'none').delete()).toBe(0)
    })
    it('delete() with a limit removes the first rows of the order', async () => {
      expect(await Item.query().orderBy('-name').limit(1).delete()).toBe(1)
      expect(await namesOf(Item.query())).toEqual(['axe', 'ball', 'cart'])
    })
    it('delete() without a condition is refused, unless all() says so', async () => {
      for (const work of [
        () => Item.query().delete(),
        () => Item.where({}).delete(),
        () => Item.query().orWhere({}).delete(),
        () => Item.query().toSQLDelete(),
      ])
        expect((await expectRefusal(work)).message).toContain('all()')
      expect(await Item.all().delete()).toBe(4)
    })
    it('an empty IN deletes nothing', async () => {
      expect(await Item.query().whereIn('id', []).delete()).toBe(0)
      expect(await Item.query().whereKey([]).delete()).toBe(0)
      expect(await Item.count()).toBe(4)
    })
    it('increment() and decrement() add in the database', async () => {
      expect(await Item.where('kind', 'toy').increment('age', 3)).toBe(3)
      expect(await Item.where('name', 'axe').decrement('age')).toBe(1)
      expect(await Item.query().orderBy('name').pluck('age')).toEqual([0, 5, 7, null])
      await Item.where('name', 'axe').increment('price', 0.1)
      await Item.where('name', 'axe').increment('big', 2n)
      expect(await Item.where('name', 'axe').values('price', 'big')).toEqual([
        { price: new Decimal('1.6'), big: 9007199254740995n },
      ])
    })
    it.each([null, undefined, Number.NaN, '1', 1.5, Number.POSITIVE_INFINITY, {}, [1], true])(
      '%j is no step of an integer',
      async (by) => {
        const query = Item.where('name', 'axe') as any
        if (by !== undefined) expect(await expectRefusal(() => query.increment('age', by))).toBeInstanceOf(UsageError)
        else expect(await query.increment('age', by)).toBe(1)
      },
    )
  })

  describe('maxRows', () => {
    afterEach(() => Database.configure({ maxRows: undefined }))
    it('makes a longer result an error that says how to page', async () => {
      Database.configure({ maxRows: 3 })
      const error = await Item.query()
        .get()
        .catch((thrown) => thrown)
      expect(error).toBeInstanceOf(UsageError)
      expect(error.message).toMatch(/page\(\)/)
      expect(await Item.query().limit(3)).toHaveLength(3)
      expect(await Item.where('kind', 'toy')).toHaveLength(3)
    })
    it('reads no more than one row beyond it', async () => {
      Database.configure({ maxRows: 2 })
      const { events, error } = await recordQueries(() => Item.query().orderBy('name').get())
      expect(error).toBeInstanceOf(UsageError)
      expect(events[0]?.sql).toMatch(/ limit 3$/)
      await expect(Item.query().limit(4)).rejects.toBeInstanceOf(UsageError)
      expect(await Item.query().orderBy('name').limit(2).pluck('name')).toEqual(['axe', 'ball'])
      expect(await Item.query().count()).toBe(4)
    })
    it('is lifted by all()', async () => {
      Database.configure({ maxRows: 3 })
      expect(await Item.all()).toHaveLength(4)
      expect(await Item.query().all().orderBy('name')).toHaveLength(4)
    })
    it('takes whole numbers above 0', () => {
      for (const maxRows of [0, -1, 1.5, '3', Number.NaN])
        expect(() => Database.configure({ maxRows: maxRows as number })).toThrow(UsageError)
      expect(() => Database.configure({ maxrows: 3 } as never)).toThrow('maxRows')
    })
  })
})
