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

  it('a condition made for a query inside of a callback, or beside an empty list, is part of what it returns', async () => {
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
})
