import { and, between, contains, Decimal, eq, gt, gte, like, lt, lte, not, oneOf, or, sql, startsWith } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { fillItems, Item, namesOf } from '../support/items.js'

describeDatabases('conditions', (database) => {
  database.useTables([Item])
  let items: Awaited<ReturnType<typeof fillItems>>
  beforeEach(async () => {
    items = await fillItems()
  })
  const where = (...args: any[]) => namesOf((Item.query() as any).where(...args))

  describe('a field and a value', () => {
    it('keeps rows that have the value', async () => {
      expect(await where('name', 'axe')).toEqual(['axe'])
      expect(await where('age', 2)).toEqual(['ball'])
      expect(await where('active', true)).toEqual(['axe', 'ball'])
      expect(await where('kind', 'toy')).toEqual(['ball', 'cart', 'drum'])
    })
    it('compares by the type of the field', async () => {
      expect(await where('price', new Decimal('2.250'))).toEqual(['ball'])
      expect(await where('price', '1.5')).toEqual(['axe'])
      expect(await where('big', 9007199254740993n)).toEqual(['axe'])
      expect(await where('big', 9007199254740992n)).toEqual([])
      expect(await where('rating', -0.5)).toEqual(['ball'])
      expect(await where('day', '2024-02-29')).toEqual(['axe'])
      expect(await where('at', new Date('2024-03-01T00:00:00Z'))).toEqual(['ball'])
    })
    it('null is IS NULL', async () => {
      expect(await where('age', null)).toEqual(['drum'])
      expect(await where('age', '=', null)).toEqual(['drum'])
      expect(await where('age', '!=', null)).toEqual(['axe', 'ball', 'cart'])
    })
  })

  describe('operators', () => {
    it.each([
      ['=', 2, ['ball']],
      ['!=', 2, ['axe', 'cart']],
      ['<', 2, ['axe']],
      ['<=', 2, ['axe', 'ball']],
      ['>', 2, ['cart']],
      ['>=', 2, ['ball', 'cart']],
      ['in', [1, 4], ['axe', 'cart']],
      ['in', [1, null], ['axe', 'drum']],
      ['not in', [1, 4], ['ball']],
      ['not in', [1, null], ['ball', 'cart']],
      ['between', [1, 2], ['axe', 'ball']],
      ['between', [2, 1], []],
      ['not between', [1, 2], ['cart']],
    ])('age %s %j drops the NULLs unless they are named', async (operator, value, names) => {
      expect(await where('age', operator, value)).toEqual(names)
    })
    it('compare decimals, texts, days and times in their own order', async () => {
      expect(await where('price', '>', '2.3')).toEqual(['cart'])
      expect(await where('price', '<', new Decimal('10'))).toEqual(['axe', 'ball'])
      expect(await where('name', '>=', 'cart')).toEqual(['cart', 'drum'])
      expect(await where('day', '<', '2024-03-01')).toEqual(['axe'])
      expect(await where('at', '>', new Date('2024-02-29T12:00:00.000Z'))).toEqual(['ball'])
      expect(await where('at', '>=', new Date('2024-02-29T12:00:00.000Z'))).toEqual(['axe', 'ball'])
    })
  })

  describe('an object', () => {
    it('is all of its fields at once', async () => {
      expect(await where({ active: true, kind: 'toy' })).toEqual(['ball'])
      expect(await where({ kind: 'toy', age: null })).toEqual(['drum'])
    })
    it('may come without a prototype, as parsers of query strings give it', async () => {
      expect(await where(Object.assign(Object.create(null), { name: 'cart' }))).toEqual(['cart'])
    })
    it('takes helper functions as operators', async () => {
      expect(await where({ age: eq(1) })).toEqual(['axe'])
      expect(await where({ age: gt(1) })).toEqual(['ball', 'cart'])
      expect(await where({ age: gte(2), active: true })).toEqual(['ball'])
      expect(await where({ age: lt(2) })).toEqual(['axe'])
      expect(await where({ age: lte(2) })).toEqual(['axe', 'ball'])
      expect(await where({ age: between(2, 4) })).toEqual(['ball', 'cart'])
      expect(await where({ age: oneOf([1, 4]) })).toEqual(['axe', 'cart'])
      expect(await where({ age: oneOf([]) })).toEqual([])
      expect(await where({ age: not(1) })).toEqual(['ball', 'cart'])
      expect(await where({ age: not(null) })).toEqual(['axe', 'ball', 'cart'])
      expect(await where({ age: not(between(2, 4)) })).toEqual(['axe'])
      expect(await where({ name: like('%a%') })).toEqual(['axe', 'ball', 'cart'])
      expect(await where({ name: contains('ar') })).toEqual(['cart'])
      expect(await where({ name: startsWith('b') })).toEqual(['ball'])
      expect(await where({ name: not(startsWith('b')) })).toEqual(['axe', 'cart', 'drum'])
    })
    it('without fields is no condition', async () => {
      expect(await where({})).toHaveLength(4)
      expect(await namesOf(Item.where('name', 'axe').orWhere({}))).toEqual(['axe'])
      expect(await namesOf(Item.query().whereNot({}))).toHaveLength(4)
    })
  })

  describe('orWhere, whereNot and exclude', () => {
    it('orWhere joins everything before it, and AND binds tighter', async () => {
      const query = Item.where('age', 1).where('active', false).orWhere('name', 'drum').where('kind', 'toy')
      expect(await namesOf(query)).toEqual(['drum'])
      expect(await namesOf(Item.where('name', 'axe').orWhere('name', 'cart').orWhere({ name: 'drum' }))).toHaveLength(3)
      expect(await namesOf(Item.query().orWhere('name', 'axe'))).toEqual(['axe'])
    })
    it('orWhere takes each form of where', async () => {
      const query = Item.where('name', 'axe')
      expect(await namesOf(query.orWhere('age', '>', 3))).toEqual(['axe', 'cart'])
      expect(await namesOf(query.orWhere((c) => c.age.isNull()))).toEqual(['axe', 'drum'])
      expect(await namesOf(query.orWhere(Item.columns.age.eq(2)))).toEqual(['axe', 'ball'])
    })
    it('whereNot negates, and drops rows where the condition is unknown', async () => {
      expect(await namesOf(Item.query().whereNot('age', 1))).toEqual(['ball', 'cart'])
      expect(await namesOf(Item.query().exclude('age', '>', 1))).toEqual(['axe'])
      expect(await namesOf(Item.query().whereNot({ kind: 'toy', active: true }))).toEqual(['axe', 'cart', 'drum'])
      expect(await namesOf(Item.query().exclude((c) => c.name.eq('axe').or(c.name.eq('ball'))))).toEqual([
        'cart',
        'drum',
      ])
    })
  })

  describe('the named steps', () => {
    it('whereIn and whereNotIn', async () => {
      expect(await namesOf(Item.query().whereIn('name', ['axe', 'drum', 'axe', 'none']))).toEqual(['axe', 'drum'])
      expect(await namesOf(Item.query().whereNotIn('name', ['axe', 'drum']))).toEqual(['ball', 'cart'])
      expect(await namesOf(Item.query().whereIn('price', ['1.5', new Decimal('10.00')]))).toEqual(['axe', 'cart'])
      expect(await namesOf(Item.query().whereIn('big', [9007199254740993n, 6n]))).toEqual(['axe'])
      expect(await namesOf(Item.query().whereIn('at', [new Date('2024-03-01'), new Date(0)]))).toEqual(['ball'])
      expect(await namesOf(Item.query().whereIn('active', [true, false]))).toHaveLength(4)
    })
    it('an empty IN finds nothing and an empty NOT IN everything', async () => {
      expect(await namesOf(Item.query().whereIn('age', []))).toEqual([])
      expect(await namesOf(Item.query().whereNotIn('age', []))).toHaveLength(4)
      expect(await namesOf(Item.query().whereKey([]))).toEqual([])
      expect(await namesOf(Item.query().whereIn('age', [null]))).toEqual(['drum'])
    })
    it('whereBetween and whereNotBetween include both ends', async () => {
      expect(await namesOf(Item.query().whereBetween('age', [1, 2]))).toEqual(['axe', 'ball'])
      expect(await namesOf(Item.query().whereNotBetween('age', [1, 2]))).toEqual(['cart'])
      expect(await namesOf(Item.query().whereBetween('price', ['1.5', '2.25']))).toEqual(['axe', 'ball'])
    })
    it('whereNull and whereNotNull', async () => {
      expect(await namesOf(Item.query().whereNull('note'))).toEqual(['ball', 'cart'])
      expect(await namesOf(Item.query().whereNotNull('note'))).toEqual(['axe', 'drum'])
    })
    it('whereColumn compares two fields of the row', async () => {
      expect(await namesOf(Item.query().whereColumn('age', '=', 'limitAge'))).toEqual(['ball'])
      expect(await namesOf(Item.query().whereColumn('age', '>', 'limitAge'))).toEqual(['cart'])
      expect(await namesOf(Item.query().whereColumn('age', '!=', 'limitAge'))).toEqual(['axe', 'cart'])
    })
    it('whereKey takes a key or a list of them', async () => {
      const { axe, cart } = items
      expect(await namesOf(Item.query().whereKey(axe.id))).toEqual(['axe'])
      expect(await namesOf(Item.query().whereKey([axe.id, cart.id, 0]))).toEqual(['axe', 'cart'])
    })
    it('whereRaw binds its values and keeps its OR to itself', async () => {
      const long = sql`length(${Item.columns.name}) > ${3} or ${Item.columns.name} = ${'axe'}`
      expect(await namesOf(Item.query().whereRaw(long).where('active', true))).toEqual(['axe', 'ball'])
    })
  })

  describe('expressions', () => {
    it('the callback returns a predicate, joined by and(), or() and not()', async () => {
      expect(await where((c: typeof Item.columns) => c.age.gt(1).and(c.active.eq(true)))).toEqual(['ball'])
      expect(await where((c: typeof Item.columns) => or(c.age.isNull(), and(c.age.gte(1), c.age.lt(2))))).toEqual([
        'axe',
        'drum',
      ])
      expect(await where((c: typeof Item.columns) => c.name.eq('axe').not())).toEqual(['ball', 'cart', 'drum'])
      expect(await where(not(Item.columns.kind.eq('toy')))).toEqual(['axe'])
    })
    it('columns have the operators of SQL', async () => {
      const { columns: c } = Item
      expect(await where(c.age.ne(2))).toEqual(['axe', 'cart'])
      expect(await where(c.age.eq(null))).toEqual(['drum'])
      expect(await where(c.age.in([1, 2]))).toEqual(['axe', 'ball'])
      expect(await where(c.age.between(2, 9))).toEqual(['ball', 'cart'])
      expect(await where(c.name.like('_a%'))).toEqual(['ball', 'cart'])
      expect(await where(c.name.endsWith('t'))).toEqual(['cart'])
      expect(await where(c.age.lte(c.limitAge))).toEqual(['axe', 'ball'])
    })
    it('computes', async () => {
      const { columns: c } = Item
      expect(await where(c.age.plus(c.limitAge).gt(5))).toEqual(['axe', 'cart'])
      expect(await where(c.age.times(2).minus(1).eq(3))).toEqual(['ball'])
      expect(await where(c.age.mod(2).eq(0))).toEqual(['ball', 'cart'])
      expect(await where(c.price.times(2).eq(new Decimal('4.50')))).toEqual(['ball'])
      expect(await where(c.price.plus(new Decimal('0.01')).eq(new Decimal('1.51')))).toEqual(['axe'])
      expect(await where(c.age.coalesce(0).lt(1))).toEqual(['drum'])
      expect(await where(c.name.length().eq(3))).toEqual(['axe'])
      expect(await where(c.name.upper().eq('CART'))).toEqual(['cart'])
      expect(await where(c.name.concat('-', c.kind).eq('ball-toy'))).toEqual(['ball'])
    })
    it('computes with numbers of different kinds', async () => {
      const { columns: c } = Item
      expect(await where(c.age.dividedBy(2).gt(0.6))).toEqual(['ball', 'cart'])
      expect(await where(c.age.times(1.5).eq(1.5))).toEqual(['axe'])
      expect(await where(c.age.times(c.rating).eq(-1))).toEqual(['ball'])
      expect(await where((c as any).age.times(c.price).gte(new Decimal('4.5')))).toEqual(['ball', 'cart'])
      expect(await where((c as any).limitAge.plus(c.price).eq(new Decimal('4.25')))).toEqual(['ball'])
    })
    it('sql stands wherever an expression does', async () => {
      expect(await where(sql`${Item.columns.age} = ${2}`)).toEqual(['ball'])
      expect(await where('age', sql`${1} + 1`)).toEqual(['ball'])
      expect(await where((c: typeof Item.columns) => c.age.eq(sql`4`).or(sql`${c.name} = ${'axe'}`))).toEqual([
        'axe',
        'cart',
      ])
    })
  })

  describe('queries as values', () => {
    it('IN takes a query, with conditions of its own', async () => {
      const parents = Item.where('kind', 'toy').whereNotNull('parentId').select('parentId')
      expect(await namesOf(Item.query().whereIn('id', parents))).toEqual(['axe', 'ball'])
      expect(await namesOf(Item.where('id', 'not in', parents).where('active', false))).toEqual(['cart', 'drum'])
      expect(await namesOf(Item.query().where((c) => c.id.in(parents).and(c.age.lt(2))))).toEqual(['axe'])
      // without select() it is the key
      expect(await where('id', 'in', Item.where('age', 4))).toEqual(['cart'])
    })
    it('NOT IN of a query that gives NULL keeps nothing, as in SQL', async () => {
      expect(await namesOf(Item.query().whereNotIn('id', Item.query().select('parentId')))).toEqual([])
    })
    it('a query with a limit is cut before it is compared', async () => {
      const eldest = Item.query().whereNotNull('age').orderBy('-age').limit(1)
      expect(await namesOf(Item.query().whereIn('id', eldest.select('id')))).toEqual(['cart'])
      expect(await namesOf(Item.where('age', eldest.select('age')))).toEqual(['cart'])
      expect(await namesOf(Item.where('age', '<', eldest.select('age')))).toEqual(['axe', 'ball'])
    })
  })
})
