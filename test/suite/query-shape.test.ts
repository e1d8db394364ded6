import { Field, FieldNotLoadedError, fn, Model, UsageError, ValidationError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { fillItems, Item, namesOf } from '../support/items.js'

/** Sorted by a field unless a query says otherwise. */
class Toy extends Model({ kind: Field.string(), rank: Field.integer() }, { orderBy: 'rank' }) {}

describeDatabases('the shape of a query', (database) => {
  database.useTables([Item, Toy])
  beforeEach(async () => {
    await fillItems()
  })
  const names = async (query: PromiseLike<{ name: string }[]>) => (await query).map((item) => item.name)

  describe('select, omit and selectAll', () => {
    it('select reads the named fields and the key', async () => {
      const item = await Item.query().select('name', 'age').where('name', 'axe').sole()
      expect(Object.keys(item).sort()).toEqual(['age', 'id', 'name'])
      expect(() => (item as unknown as Item).price).toThrow(FieldNotLoadedError)
      expect(() => (item as unknown as Item).price).toThrow('"Item.price"')
    })
    it('the last select counts', async () => {
      const item = await Item.query().select('age').select('name').firstOrFail()
      expect(Object.keys(item).sort()).toEqual(['id', 'name'])
    })
    it('omit leaves fields out, after a select too', async () => {
      const item = await Item.query().omit('price', 'name').firstOrFail()
      expect(() => (item as unknown as Item).name).toThrow(FieldNotLoadedError)
      expect(item.age).toBe(1)
      expect(Object.keys(await Item.query().select('name', 'age').omit('age').firstOrFail()).sort()).toEqual([
        'id',
        'name',
      ])
    })
    it('lazy fields are read by select and selectAll only', async () => {
      const item = await Item.where('name', 'axe').sole()
      expect(() => item.body).toThrow(FieldNotLoadedError)
      expect((await Item.where('name', 'axe').select('body').sole()).body).toBe('Steel and wood.')
      expect((await Item.where('name', 'axe').selectAll().sole()).body).toBe('Steel and wood.')
      expect(await item.loadField('body')).toBe('Steel and wood.')
      expect(item.body).toBe('Steel and wood.')
    })
    it('what was not read can be assigned and saved', async () => {
      const item = await Item.query().select('name').where('name', 'axe').sole()
      ;(item as unknown as Item).note = 'blunt'
      await (item as unknown as Item).save()
      expect(await Item.where('name', 'axe').values('note', 'age')).toEqual([{ note: 'blunt', age: 1 }])
    })
    it('output shows what was read', async () => {
      const item = await Item.query().select('name').where('name', 'axe').sole()
      expect(item.toJSON()).toEqual({ id: item.id, name: 'axe' })
      expect(JSON.parse(JSON.stringify(item))).toEqual({ id: item.id, name: 'axe' })
    })
  })

  describe('distinct', () => {
    it('leaves equal rows out', async () => {
      expect(await Item.query().distinct().orderBy('kind').values('kind')).toEqual([{ kind: 'tool' }, { kind: 'toy' }])
      expect(await Item.query().distinct().orderBy('active').pluck('active')).toEqual([false, true])
      expect(await Item.query().distinct().withoutDistinct().pluck('kind')).toHaveLength(4)
    })
    it('goes before offset', async () => {
      expect(await Item.query().distinct().offset(3).exists()).toBe(true)
      expect(await Item.query().distinct().offset(4).exists()).toBe(false)
      expect(await Item.query().select('kind').distinct().orderBy('kind').offset(1).count()).toBe(3)
    })
    it('counts and sums the rows that are instances, which have their keys', async () => {
      const kinds = Item.query().select('kind').distinct()
      expect([await kinds.count(), (await kinds).length, (await kinds.paginate()).total]).toEqual([4, 4, 4])
      expect(await kinds.sum('age')).toBe(7)
      expect(await kinds.aggregate({ kinds: fn.count(Item.columns.kind, { distinct: true }) })).toEqual({ kinds: 2 })
      expect(await kinds.values('kind')).toHaveLength(2)
    })
    it('is sorted by what its rows hold', async () => {
      const items = Item.query().distinct()
      const names = async (query: typeof items) => (await query).map(({ name }) => name)
      const byAge = items.select('name').whereNotNull('age').orderBy('-age')
      expect((await byAge).map(({ name }) => name)).toEqual(['cart', 'ball', 'axe'])
      expect(await byAge.limit(2).sum('age')).toBe(6)
      expect(
        await names(
          items
            .whereNotNull('age')
            .orderBy((c) => c.age.times(-1))
            .limit(1),
        ),
      ).toEqual(['cart'])
      expect(await items.orderBy((c) => c.kind.length().desc()).pluck('kind')).toEqual(['tool', 'toy'])
      expect(await items.random().pluck('kind')).toHaveLength(2)
      const refused = /distinct\(\) can only be ordered by selected values, and .* is not selected\./
      for (const query of [
        () => items.orderBy('age').pluck('kind'),
        () => items.orderBy('parent.name').values('kind', 'active'),
        () => items.orderBy((c) => c.age.plus(1)).pluck('kind'),
        () =>
          items
            .annotate({ twice: (c) => c.age.times(2) })
            .orderBy('twice')
            .pluck('kind'),
        () => Item.where('kind', 'in', items.select('kind').orderBy('age').limit(1)).get(),
      ])
        await expect(Promise.resolve().then<unknown>(query)).rejects.toThrow(refused)
      // the order that a model has by itself is left out
      await Toy.createMany([
        { kind: 'b', rank: 1 },
        { kind: 'b', rank: 2 },
      ])
      expect(await Toy.query().distinct().pluck('kind')).toEqual(['b'])
      expect(await Toy.query().distinct().pluck('rank')).toEqual([1, 2])
    })
  })

  describe('orderBy', () => {
    it('sorts by fields, up and down', async () => {
      expect(await names(Item.query().orderBy('name', 'desc'))).toEqual(['drum', 'cart', 'ball', 'axe'])
      expect(await names(Item.query().orderBy('-name'))).toEqual(['drum', 'cart', 'ball', 'axe'])
      expect(await names(Item.query().orderBy('-name', 'desc'))).toEqual(['axe', 'ball', 'cart', 'drum'])
    })
    it('appends, and a list is one after the other', async () => {
      const expected = ['drum', 'cart', 'ball', 'axe']
      expect(await names(Item.query().orderBy('-kind').orderBy('-name'))).toEqual(expected)
      expect(await names(Item.query().orderBy(['-kind', '-name']))).toEqual(expected)
      expect(await names(Item.query().orderBy((c) => [c.kind.desc(), c.name.desc()]))).toEqual(expected)
      expect(await names(Item.query().orderBy('name').orderBy('kind'))).toEqual(['axe', 'ball', 'cart', 'drum'])
    })
    it('puts NULLs where it is told', async () => {
      const { age } = Item.columns
      const sorted = (order: ReturnType<typeof age.asc>) => names(Item.query().orderBy(order))
      expect(await sorted(age.asc({ nulls: 'first' }))).toEqual(['drum', 'axe', 'ball', 'cart'])
      expect(await sorted(age.asc({ nulls: 'last' }))).toEqual(['axe', 'ball', 'cart', 'drum'])
      expect(await sorted(age.desc({ nulls: 'first' }))).toEqual(['drum', 'cart', 'ball', 'axe'])
      expect(await sorted(age.desc({ nulls: 'last' }))).toEqual(['cart', 'ball', 'axe', 'drum'])
    })
    it('sorts decimals as numbers', async () => {
      expect(await Item.query().whereNotNull('price').orderBy('price').pluck('name')).toEqual(['axe', 'ball', 'cart'])
    })
    it('sorts by expressions', async () => {
      expect(
        await names(
          Item.query()
            .orderBy((c) => c.name.length())
            .orderBy('-name'),
        ),
      ).toEqual(['axe', 'drum', 'cart', 'ball'])
      expect(await names(Item.query().orderBy(Item.columns.name.upper(), 'desc').limit(1))).toEqual(['drum'])
    })
    it('latest and oldest go by the key where no createdAt is', async () => {
      expect((await Item.query().latest().first())?.name).toBe('drum')
      expect((await Item.query().oldest().first())?.name).toBe('axe')
      expect(await Item.query().whereNotNull('at').latest('at').pluck('name')).toEqual(['ball', 'axe'])
    })
    it('reorder drops the orders before it', async () => {
      expect(await names(Item.query().orderBy('name').reorder().orderBy('-name').limit(1))).toEqual(['drum'])
    })
    it.each(['ASC', 'DESC', ' asc ', 'asc; select 1', 'desc nulls last', '', 1, -1, true, null, {}])(
      '%j is no direction',
      async (direction) => {
        expect(await expectRefusal(() => Item.query().orderBy('name', direction as 'asc'))).toBeInstanceOf(UsageError)
      },
    )
    it('the place of NULLs is one of two words', async () => {
      for (const nulls of ['FIRST', 'last, (select 1)', '', 1, {}])
        expect(() => Item.columns.age.asc({ nulls: nulls as 'first' })).toThrow(UsageError)
    })
    it('an empty list is refused', async () => {
      expect(await expectRefusal(() => Item.query().orderBy([]))).toBeInstanceOf(UsageError)
    })
  })

  describe('limit, offset and page', () => {
    const all = Item.query().orderBy('name')
    it('cut the rows', async () => {
      expect(await names(all.limit(2))).toEqual(['axe', 'ball'])
      expect(await names(all.limit(2).offset(1))).toEqual(['ball', 'cart'])
      expect(await names(all.offset(3))).toEqual(['drum'])
      expect(await names(all.limit(9).offset(9))).toEqual([])
    })
    it('limit(0) is no rows, and offset(0) skips none', async () => {
      expect(await names(all.limit(0))).toEqual([])
      expect(await names(all.offset(0))).toHaveLength(4)
      expect(await all.limit(0).first()).toBeNull()
      expect(await all.limit(0).exists()).toBe(false)
      expect(await all.limit(0).count()).toBe(0)
      expect(await all.limit(0).sum('age')).toBeNull()
    })
    it('the last one counts', async () => {
      expect(await names(all.limit(1).limit(3).offset(2).offset(1))).toEqual(['ball', 'cart', 'drum'])
    })
    it('page counts from 1', async () => {
      expect(await names(all.page(1, 3))).toEqual(['axe', 'ball', 'cart'])
      expect(await names(all.page(2, 3))).toEqual(['drum'])
      expect(await names(all.page(3, 3))).toEqual([])
      expect(await names(all.page(1))).toHaveLength(4)
    })
    it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined, true, [1], 1n, 2 ** 53])(
      '%s is no count',
      async (count) => {
        for (const work of [() => all.limit(count as number), () => all.offset(count as number)])
          expect(await expectRefusal(work)).toBeInstanceOf(UsageError)
        const refused = await expectRefusal(() => all.page(count as number))
        expect(refused).toBeInstanceOf(typeof count === 'number' ? ValidationError : UsageError)
      },
    )
    it('pages of no size and page 0 are refused', async () => {
      expect(await expectRefusal(() => all.page(0))).toBeInstanceOf(ValidationError)
      expect(await expectRefusal(() => all.page(1, 0))).toBeInstanceOf(ValidationError)
    })
  })

  describe('steps that take functions', () => {
    it('tap gives what its function gives', async () => {
      expect(await Item.query().tap((query) => query.where('name', 'axe').count())).toBe(1)
    })
    it('when applies a function to what is truthy', async () => {
      const search = (name: string | null) =>
        namesOf(
          Item.query().when(
            name,
            (query, value) => query.where('name', value),
            (query) => query.where('age', 4),
          ),
        )
      expect(await search('axe')).toEqual(['axe'])
      expect(await search(null)).toEqual(['cart'])
      expect(await namesOf(Item.query().when(0, (query) => query.where('age', 1)))).toHaveLength(4)
    })
  })

  describe('a query', () => {
    it('never changes: each step gives a new one', async () => {
      const base = Item.where('kind', 'toy')
      const young = base.where('age', '<', 3)
      const old = base.where('age', '>', 3).orderBy('-name').limit(1)
      base.orWhere('name', 'axe')
      base.orderBy('name').limit(0)
      base.select('name').with('parent')
      expect(await namesOf(base)).toEqual(['ball', 'cart', 'drum'])
      expect(await namesOf(young)).toEqual(['ball'])
      expect(await names(old)).toEqual(['cart'])
      expect(await base.count()).toBe(3)
    })
    it('runs when it is awaited, each time it is awaited', async () => {
      const query = Item.where('kind', 'toy')
      const [first, second] = await expectQueries(2, async () => [await query, await query])
      expect(first).toHaveLength(3)
      expect(first![0]).not.toBe(second![0])
      await Item.where('name', 'drum').delete()
      expect(await query).toHaveLength(2)
    })
    it('does nothing while it is only built', async () => {
      await expectQueries(0, () => {
        Item.where('kind', 'toy').orderBy('name').limit(3).with('parent')
      })
    })
    it('is a thenable like a promise', async () => {
      const query = Item.where('name', 'axe')
      expect(await Promise.all([query, query, Promise.resolve(query)])).toHaveLength(3)
      expect(await query.then((items) => items.length)).toBe(1)
      expect(await query.then(undefined, undefined)).toHaveLength(1)
      await expect(Item.where('age', 2 ** 40)).rejects.toMatchObject({ code: 'VALIDATION' })
      await expect(
        Item.where('age', 2 ** 40).then(
          () => 'rows',
          (error: { code: string }) => error.code,
        ),
      ).resolves.toBe('VALIDATION')
    })
    it('has the default order of its model, first() and last() go by the key', async () => {
      expect((await Item.query().first())?.name).toBe('axe')
      expect((await Item.query().last())?.name).toBe('drum')
      expect((await Item.query().orderBy('-name').last())?.name).toBe('axe')
    })
    it('last() is the last of the rows that a limit leaves', async () => {
      expect((await Item.query().orderBy('name').limit(2).last())?.name).toBe('ball')
      expect((await Item.query().limit(3).last())?.name).toBe('cart')
      expect((await Item.query().orderBy('-name').page(2, 3).last())?.name).toBe('axe')
      expect(await Item.query().orderBy('name').limit(2).offset(9).last()).toBeNull()
      expect(await expectRefusal(() => Item.query().orderBy('name').offset(1).last())).toBeInstanceOf(UsageError)
    })
  })
})
