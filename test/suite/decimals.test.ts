import { caseWhen, Decimal, Field, fn, Model } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Bill extends Model({
  price: Field.decimal({ precision: 10, scale: 2 }),
  rate: Field.decimal({ precision: 12, scale: 3 }),
  large: Field.decimal({ precision: 18, scale: 2, default: '1234567890123456.78' }),
  count: Field.integer(),
  share: Field.float(),
}) {}

describeDatabases('computed decimals', (database) => {
  database.useTables([Bill])
  beforeEach(async () => {
    const bills = await Bill.createMany([
      { price: '1.15', rate: '2.345', count: 3, share: 1.25 },
      { price: '-10.05', rate: '0.125', count: -7, share: 0.1 },
    ])
    ids = bills.map(({ id }) => id)
  })
  const { columns: c } = Bill
  let ids: number[] = []
  // TypeScript lets nothing but numbers stand beside an integer
  const count = c.count as unknown as typeof c.price

  it.each([
    ['a product has the digits of its finer factor', c.price.times(c.rate), ['2.697', '-1.256']],
    ['whichever stands first', c.rate.times(c.price), ['2.697', '-1.256']],
    ['a sum has those of its finer side', c.price.plus(c.rate), ['3.495', '-9.925']],
    ['a difference too', c.price.minus(c.rate), ['-1.195', '-10.175']],
    ['a factor does not count', c.price.times(0.333), ['0.38', '-3.35']],
    ['a quotient is rounded', c.price.dividedBy(3), ['0.38', '-3.35']],
    ['before it is used again', c.price.dividedBy(3).times(3), ['1.14', '-10.05']],
    ['a quotient of two', c.price.dividedBy(c.rate), ['0.49', '-80.4']],
    ['a quotient of an integer', count.dividedBy(c.price), ['2.61', '0.7']],
    ['a product with an integer', count.times(c.price), ['3.45', '70.35']],
    ['beside a float', c.price.times(c.share), ['1.44', '-1.01']],
    ['a sum with a float', c.price.plus(c.share), ['2.4', '-9.95']],
    ['a rest', c.price.mod(c.count), ['1.15', '-3.05']],
    ['a rest of a fraction', c.price.mod(0.7), ['0.45', '-0.25']],
    ['the larger of two', fn.greatest(c.price, c.rate), ['2.345', '0.125']],
    ['the first that is there', c.price.nullIf('1.15').coalesce(c.rate), ['2.345', '-10.05']],
    ['one of two', caseWhen(c.count.gt(0), c.price).else(c.rate), ['1.15', '0.125']],
    ['of many digits', c.large.times(0.5), ['617283945061728.39', '617283945061728.39']],
    ['without a second rounding', count.dividedBy(c.price.minus(c.price).plus('600.03')), ['0', '-0.01']],
  ])('mean the same wherever they stand: %s', async (_, value, [first = '', second = '']) => {
    const named = Bill.query().annotate({ value: () => value as typeof c.price })
    expect(await named.orderBy('id').pluck('value')).toEqual([new Decimal(first), new Decimal(second)])
    const same = (text: string) => named.where('value', new Decimal(text)).orderBy('id').pluck('id')
    expect(await same(first)).toEqual(first === second ? ids : ids.slice(0, 1))
    expect(await same(second)).toEqual(first === second ? ids : ids.slice(1))
    const ordered = first === second ? ids : Number(first) < Number(second) ? ids : [...ids].reverse()
    expect(await named.orderBy('value').orderBy('id').pluck('id')).toEqual(ordered)
    const total = new Decimal(first).plus(second)
    expect(await Bill.query().aggregate({ sum: fn.sum(value as typeof c.price) })).toEqual({ sum: total })
    // a column of its size takes what it gives
    if (first === second) return
    await Bill.all().update({ rate: value as typeof c.rate })
    expect(await Bill.query().orderBy('id').pluck('rate')).toEqual([new Decimal(first), new Decimal(second)])
  })

  it('are floats where a float is first', async () => {
    const values = Bill.query().orderBy('id')
    expect(await values.annotate({ x: (b) => b.share.times(b.price as unknown as typeof b.share) }).pluck('x')).toEqual(
      [1.4375, expect.closeTo(-1.005)],
    )
    expect(
      await values.annotate({ x: (b) => b.share.dividedBy(b.price as unknown as typeof b.share) }).pluck('x'),
    ).toEqual([expect.closeTo(1.25 / 1.15), expect.closeTo(-0.1 / 10.05)])
  })

  it('fit the column they are set to, and averages their own', async () => {
    await Bill.all().update((b) => ({ price: b.price.plus(b.rate) }))
    expect(await Bill.query().orderBy('id').pluck('price')).toEqual([new Decimal('3.5'), new Decimal('-9.93')])
    const average = { mean: fn.avg(c.price) }
    expect(await Bill.query().aggregate(average)).toEqual({ mean: new Decimal('-3.22') })
    expect(
      await Bill.query()
        .groupBy('large')
        .having(fn.avg(c.price).eq(new Decimal('-3.22')))
        .aggregate(average),
    ).toHaveLength(1)
  })
})
