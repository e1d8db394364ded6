import { caseWhen, Decimal, Field, fn, Model } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

/** Adds numbers of as many digits as databases have. */
const Exact = Decimal.clone({ precision: 100, defaults: true })
const SQUARE = '1524157875323883652796829976527.9684'

class Bill extends Model({
  price: Field.decimal({ precision: 10, scale: 2 }),
  rate: Field.decimal({ precision: 12, scale: 3 }),
  large: Field.decimal({ precision: 18, scale: 2, default: '1234567890123456.78' }),
  count: Field.integer(),
  share: Field.float(),
  long: Field.decimal({ precision: 30, scale: 20, default: '1.2345678901234567892' }),
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
  const share = c.share as unknown as typeof c.price

  it.each([
    ['a product has the digits of both', c.price.times(c.rate), ['2.69675', '-1.25625']],
    ['whichever stands first', c.rate.times(c.price), ['2.69675', '-1.25625']],
    ['a sum has those of its finer side', c.price.plus(c.rate), ['3.495', '-9.925']],
    ['a difference too', c.price.minus(c.rate), ['-1.195', '-10.175']],
    ['a factor has its own digits', c.price.times(0.333), ['0.38295', '-3.34665']],
    ['a Decimal too', c.price.times(new Decimal('-0.05')), ['-0.0575', '0.5025']],
    ['and what is added', c.price.plus(0.12345), ['1.27345', '-9.92655']],
    ['and what is taken away', c.price.minus('0.005'), ['1.145', '-10.055']],
    ['a product of three', c.price.times(c.rate).times(c.rate), ['6.32387875', '-0.15703125']],
    ['less a part of itself', c.price.times(c.count).times(c.rate.minus(1)), ['4.64025', '-61.55625']],
    ['a quotient has eight digits more', c.price.dividedBy(3), ['0.3833333333', '-3.35']],
    ['halves go away from zero', c.rate.dividedBy('1000000000'), ['0.00000000235', '0.00000000013']],
    ['and is used as it is', c.price.dividedBy(3).times(3), ['1.1499999999', '-10.05']],
    ['a quotient of two', c.price.dividedBy(c.rate), ['0.49040511727', '-80.4']],
    ['a quotient of an integer', count.dividedBy(c.price), ['2.6086956522', '0.6965174129']],
    ['a product with an integer', count.times(c.price), ['3.45', '70.35']],
    ['a product of an integer', c.price.times(c.count), ['3.45', '70.35']],
    ['a sum with an integer', count.plus(c.price), ['4.15', '-17.05']],
    ['an integer and a Decimal', count.times(new Decimal('0.1')), ['0.3', '-0.7']],
    ['a float by its digits', c.price.times(c.share), ['1.4375', '-1.005']],
    ['a float first', share.times(c.price), ['1.4375', '-1.005']],
    ['a sum with a float', c.price.plus(c.share), ['2.4', '-9.95']],
    ['a float that has no end', c.price.dividedBy(share.dividedBy(3)), ['2.76', '-301.5']],
    ['a rest', c.price.mod(c.count), ['1.15', '-3.05']],
    ['a rest of a fraction', c.price.mod(0.7), ['0.45', '-0.25']],
    ['the larger of two', fn.greatest(c.price, c.rate), ['2.345', '0.125']],
    ['the larger of a product and a number', fn.greatest(c.price.times(c.rate), 0.00001), ['2.69675', '0.00001']],
    ['the smaller of a product and a column', fn.least(c.price.times(c.rate), c.large), ['2.69675', '-1.25625']],
    ['the first that is there', c.price.nullIf('1.15').coalesce(c.rate), ['2.345', '-10.05']],
    ['or a number', c.price.nullIf('1.15').coalesce('0.0001'), ['0.0001', '-10.05']],
    ['one of two', caseWhen(c.count.gt(0), c.price).else(c.rate), ['1.15', '0.125']],
    ['one of a product and a number', caseWhen(c.count.gt(0), c.price.times(c.rate)).else(0.5), ['2.69675', '0.5']],
    ['of many digits', c.large.times(0.5), ['617283945061728.39', '617283945061728.39']],
    ['of more digits', c.large.times(c.large), [SQUARE, SQUARE]],
    ['of both', c.large.times(c.large).minus(c.large.times(c.large)).plus(c.price), ['1.15', '-10.05']],
    ['rounded where it is asked for', c.price.times(c.rate).round(2), ['2.7', '-1.26']],
    ['below', c.price.times(c.rate).floor(), ['2', '-2']],
    ['above', c.price.times(c.rate).ceil(), ['3', '-1']],
    ['without its sign', c.price.times(c.rate).abs(), ['2.69675', '1.25625']],
    ['of long columns', c.long.times(c.price), ['1.41975307364197530758', '-12.40740729574074073146']],
  ])('mean the same wherever they stand: %s', async (_, value, [first = '', second = '']) => {
    const named = Bill.query().annotate({ value: () => value as typeof c.price })
    expect(await named.orderBy('id').pluck('value')).toEqual([new Decimal(first), new Decimal(second)])
    const same = (text: string) => named.where('value', new Decimal(text)).orderBy('id').pluck('id')
    expect(await same(first)).toEqual(first === second ? ids : ids.slice(0, 1))
    expect(await same(second)).toEqual(first === second ? ids : ids.slice(1))
    const ordered = first === second ? ids : Number(first) < Number(second) ? ids : [...ids].reverse()
    expect(await named.orderBy('value').orderBy('id').pluck('id')).toEqual(ordered)
    const total = new Decimal(new Exact(first).plus(second))
    expect(await Bill.query().aggregate({ sum: fn.sum(value as typeof c.price) })).toEqual({ sum: total })
    // it is rounded when it is stored
    if (first === second) return
    await Bill.all().update({ rate: value as typeof c.rate })
    const stored = [first, second].map((text) => new Decimal(text).toDecimalPlaces(3))
    expect(await Bill.query().orderBy('id').pluck('rate')).toEqual(stored)
  })

  it('fit the column they are set to, and averages their own', async () => {
    await Bill.all().update((b) => ({ price: b.price.plus(b.rate) }))
    expect(await Bill.query().orderBy('id').pluck('price')).toEqual([new Decimal('3.5'), new Decimal('-9.93')])
    const average = { mean: fn.avg(c.price) }
    expect(await Bill.query().aggregate(average)).toEqual({ mean: new Decimal('-3.215') })
    expect(
      await Bill.query()
        .groupBy('large')
        .having(fn.avg(c.price).eq(new Decimal('-3.215')))
        .aggregate(average),
    ).toHaveLength(1)
  })
})
