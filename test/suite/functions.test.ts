import type { Expression } from 'corm'
import { and, Decimal, fn, not, or, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { fillItems, Item, namesOf } from '../support/items.js'

describeDatabases('functions', (database) => {
  database.useTables([Item])
  const c = Item.columns
  beforeEach(async () => {
    await fillItems()
  })

  /** The value of an expression in the row of this name. */
  const of = async (expression: Expression<unknown>, name = 'axe') =>
    (await Item.query().annotate({ value: expression }).where('name', name).firstOrFail()).value

  describe('on texts', () => {
    it('notIn, notBetween, notLike and ilike', async () => {
      expect(await namesOf(Item.query().where((i) => i.name.notIn(['axe', 'ball'])))).toEqual(['cart', 'drum'])
      expect(await namesOf(Item.query().where((i) => i.age.notBetween(1, 2)))).toEqual(['cart'])
      expect(await namesOf(Item.query().where((i) => i.name.notLike('%a%')))).toEqual(['drum'])
      expect(await namesOf(Item.query().where((i) => i.name.ilike('%A%L_')))).toEqual(['ball'])
    })

    it('istartsWith, iendsWith, regex and iregex', async () => {
      expect(await namesOf(Item.query().where((i) => i.name.istartsWith('A')))).toEqual(['axe'])
      expect(await namesOf(Item.query().where((i) => i.name.iendsWith('RT')))).toEqual(['cart'])
      expect(await namesOf(Item.query().where((i) => i.name.regex('^[ab]')))).toEqual(['axe', 'ball'])
      expect(await namesOf(Item.query().where((i) => i.name.regex('^[AB]')))).toEqual([])
      expect(await namesOf(Item.query().where((i) => i.name.iregex(/^[AB]/)))).toEqual(['axe', 'ball'])
    })

    it('trim takes blanks only', async () => {
      await Item.where('name', 'axe').update({ note: ' \ta b\n  ' })
      expect(await of(c.note.trim())).toBe('\ta b\n')
      expect(await of(c.note.ltrim())).toBe('\ta b\n  ')
      expect(await of(c.note.rtrim())).toBe(' \ta b\n')
      expect(await of(c.note.trim(), 'ball')).toBeNull()
    })

    it('substring, replace and position count characters, not bytes', async () => {
      await Item.where('name', 'axe').update({ note: 'é😀xé😀' })
      expect(await of(c.note.substring(2))).toBe('😀xé😀')
      expect(await of(c.note.substring(2, 2))).toBe('😀x')
      expect(await of(c.note.substring(9, 2))).toBe('')
      expect(await of(c.note.substring(1, 0))).toBe('')
      expect(await of(c.note.position('x'))).toBe(3)
      expect(await of(c.note.position('é😀'))).toBe(1)
      expect(await of(c.note.position('X'))).toBe(0)
      expect(await of(c.note.position(''))).toBe(1)
      expect(await of(c.note.replace('😀', '%'))).toBe('é%xé%')
      expect(await of(c.note.replace('X', '!'))).toBe('é😀xé😀')
      expect(await of(c.note.replace('', '!'))).toBe('é😀xé😀')
      expect(await of(c.note.substring(c.note.position('x').plus(1)))).toBe('é😀')
      expect(await of(c.note.position('x'), 'ball')).toBeNull()
    })

    it('functions join, measure and fold', async () => {
      expect(await of(fn.concat('<', c.name, '>', c.note))).toBe('<axe>sharp')
      expect(await of(fn.concat(c.name, c.note), 'ball')).toBeNull()
      // a decimal as its digits, whatever a column keeps
      await Item.where('name', 'axe').update({ price: '12.5' })
      const { price, at } = c as unknown as Record<'price' | 'at', typeof c.name>
      expect(await of(c.name.concat(' ', price))).toBe('axe 12.50')
      expect(await of(fn.concat(price, ' ', c.name))).toBe('12.50 axe')
      expect(() => c.name.concat(at)).toThrow("cast('text') can't start from a value of type dateTime")
      expect(await of(fn.lower(fn.upper(c.name)))).toBe('axe')
      expect(await of(fn.length(c.note))).toBe(5)
      expect(await of(fn.length(c.note), 'ball')).toBeNull()
    })
  })

  describe('on numbers', () => {
    it('round takes halves away from zero, for every type', async () => {
      const rounded = async (rating: number, digits?: number) => {
        await Item.where('name', 'axe').update({ rating })
        return of(c.rating.round(digits))
      }
      for (const [value, digits, result] of [
        [2.5, 0, 3],
        [-2.5, 0, -3],
        [0.5, 0, 1],
        [1.5, 0, 2],
        [2.675, 2, 2.68],
        [1.005, 2, 1.01],
        [-1.005, 2, -1.01],
        [0.1, 0, 0],
        [1e300, 2, 1e300],
        [123456789.123456, 4, 123456789.1235],
      ] as const)
        expect(await rounded(value, digits), `${value} to ${digits}`).toBe(result)
      const money = async (price: string, digits?: number) => {
        await Item.where('name', 'axe').update({ price })
        return String(await of(c.price.round(digits)))
      }
      expect(await money('2.50')).toBe('3')
      expect(await money('-2.50')).toBe('-3')
      expect(await money('2.45', 1)).toBe('2.5')
      expect(await money('99999999.99', 1)).toBe('100000000')
      expect(await money('2.49')).toBe('2')
      expect(await of(c.age.round())).toBe(1)
      expect(await of(c.big.round())).toBe(9007199254740993n)
    })

    it('mod keeps fractions', async () => {
      await Item.where('name', 'axe').update({ rating: 5.5, age: 7 })
      expect(await of(c.rating.mod(2))).toBe(1.5)
      expect(await of(c.rating.mod(-2))).toBe(1.5)
      expect(await of(c.age.mod(1.5))).toBe(1)
      expect(await of(c.age.mod(4))).toBe(3)
      expect(await of(c.big.mod(10))).toBe(3n)
    })

    it('floor, ceil, abs and sign', async () => {
      expect(await of(c.rating.floor(), 'ball')).toBe(-1)
      expect(await of(c.rating.ceil())).toBe(2)
      expect(await of(c.price.floor(), 'ball')).toEqual(new Decimal(2))
      expect(await of(c.price.ceil(), 'ball')).toEqual(new Decimal(3))
      expect(await of(c.price.times(-1).floor(), 'ball')).toEqual(new Decimal(-3))
      expect(await of(c.price.times(-1).ceil(), 'ball')).toEqual(new Decimal(-2))
      expect(await of(c.price.times(-1).abs(), 'ball')).toEqual(new Decimal('2.25'))
      expect(await of(c.rating.abs(), 'ball')).toBe(0.5)
      expect(await of(c.big.abs())).toBe(9007199254740993n)
      expect(await of(c.rating.sign(), 'ball')).toBe(-1)
      expect(await of(c.price.sign())).toBe(1)
      expect(await of(c.age.minus(1).sign())).toBe(0)
      expect(await of(c.age.abs(), 'drum')).toBeNull()
      expect(await of(c.price.floor(), 'drum')).toBeNull()
      expect(await of(c.rating.round(), 'drum')).toBeNull()
    })

    it('stand in conditions, orders, groups and updates', async () => {
      expect(await namesOf(Item.query().where((i) => i.price.round().eq(2)))).toEqual(['axe', 'ball'])
      expect(
        await Item.query()
          .where('rating', '!=', 0)
          .orderBy((i) => i.rating.abs().asc())
          .pluck('name'),
      ).toEqual(['ball', 'axe'])
      const groups = await Item.query()
        .annotate({ whole: (i) => i.price.floor() })
        .groupBy('whole')
        .orderBy('whole')
        .whereNotNull('price')
        .aggregate({ n: fn.count() })
      expect(groups.map((group) => [Number(group.whole), group.n])).toEqual([
        [1, 1],
        [2, 1],
        [10, 1],
      ])
      await Item.where('name', 'ball').update((i) => ({
        price: i.price.round(1),
        name: i.name.replace('b', 'h').substring(1, 3),
      }))
      expect(await Item.where('name', 'hal').pluck('price')).toEqual([new Decimal('2.3')])
    })

    it('refuse what is no number, and what counts wrongly', () => {
      expect(() => (c.name as never as typeof c.age).round()).toThrow(UsageError)
      expect(() => c.rating.round(-1)).toThrow(UsageError)
      expect(() => c.rating.round(0.5)).toThrow(UsageError)
      expect(() => c.name.substring(0)).toThrow(UsageError)
      expect(() => c.name.substring(1, -1)).toThrow(UsageError)
      expect(() => (c.age as never as typeof c.name).trim()).toThrow(/cast\('text'\)/)
    })
  })

  it('nullIf, greatest and least', async () => {
    expect(await of(c.age.nullIf(1))).toBeNull()
    expect(await of(c.age.nullIf(2))).toBe(1)
    expect(await of(fn.nullIf(c.price, c.price))).toBeNull()
    expect(await of(c.price.nullIf('1.50'))).toBeNull()
    expect(await of(fn.greatest(c.age, c.limitAge))).toBe(5)
    expect(await of(fn.least(c.age, c.limitAge, 0))).toBe(0)
    expect(await of(fn.greatest(c.age, c.limitAge), 'drum')).toBeNull()
    expect(await of(fn.greatest(c.price, 2))).toEqual(new Decimal(2))
    expect(await of(fn.least(c.price, c.age))).toEqual(new Decimal(1))
    expect(await of(fn.greatest(c.name, 'b'))).toBe('b')
    expect(await namesOf(Item.query().where(fn.greatest(c.age, c.limitAge).gt(3)))).toEqual(['axe', 'cart'])
  })

  describe('objects among conditions', () => {
    it('are those of the model', async () => {
      expect(await namesOf(Item.query().where(() => or({ name: 'axe' }, c.age.gt(3))))).toEqual(['axe', 'cart'])
      expect(await namesOf(Item.query().where(or({ name: 'axe', age: 2 }, { note: 'loud' })))).toEqual(['drum'])
      expect(
        await namesOf(Item.query().where((i) => and({ kind: 'toy' }, not({ note: null }), i.age.isNull()))),
      ).toEqual(['drum'])
      expect(await namesOf(Item.query().where((i) => i.age.eq(1).or({ name: 'ball' })))).toEqual(['axe', 'ball'])
      expect(
        await namesOf(
          Item.query()
            .where(not({ kind: 'toy', age: 2 }))
            .whereNotNull('age'),
        ),
      ).toEqual(['axe', 'cart'])
      expect(
        await Item.query()
          .annotate({ n: fn.count() })
          .groupBy('kind')
          .having(or({ n: 1 }, { n: 7 }))
          .aggregate({ all: fn.count() }),
      ).toHaveLength(1)
    })

    it('have paths through relations as keys', async () => {
      expect(await namesOf(Item.query().where((i) => or({ 'parent.name': 'ball' }, i.age.eq(1))))).toEqual([
        'axe',
        'drum',
      ])
      expect(await namesOf(Item.query().where(or({ 'children.name': 'cart' }, { 'children.age': 99 })))).toEqual([
        'axe',
      ])
      expect(await namesOf(Item.query().where(not({ 'children.name': 'cart' })))).toEqual(['ball', 'cart', 'drum'])
    })

    it('are checked', () => {
      expect(() => Item.query().where(or({ nam: 'axe' }, { name: 'x' }))).toThrow(/nam/)
      expect(() => Item.query().where(or({ name: undefined }, { name: 'x' }))).toThrow(/undefined/)
      expect(() => or({})).toThrow(UsageError)
      expect(() =>
        Item.query()
          .annotate({ n: fn.count().filter(or({ name: 'a' }, c.age.eq(1))) })
          .toSQL(),
      ).toThrow(UsageError)
    })
  })
})
