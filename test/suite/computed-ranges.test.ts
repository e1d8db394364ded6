import { DatabaseError, Decimal, Field, Model } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Gauge extends Model({
  name: Field.string({ max: 10, unique: true }),
  small: Field.smallInteger({ default: 32_767 }),
  whole: Field.integer({ default: 2_147_483_647 }),
  big: Field.bigInteger({ default: 9_223_372_036_854_775_807n }),
  price: Field.decimal({ precision: 4, scale: 2, default: '99.99' }),
  long: Field.decimal({ precision: 20, scale: 2, default: '999999999999999999.99' }),
}) {}

type Columns = typeof Gauge.columns

const BEYOND: readonly [string, (c: Columns) => object][] = [
  ['a small integer', (c) => ({ small: c.small.plus(1) })],
  ['an integer', (c) => ({ whole: c.whole.plus(1) })],
  ['a product', (c) => ({ whole: c.whole.times(3) })],
  ['a big integer', (c) => ({ big: c.big.plus(1) })],
  ['a product of big integers', (c) => ({ big: c.big.times(c.big) })],
  ['a decimal', (c) => ({ price: c.price.plus('0.01') })],
  ['a product of decimals', (c) => ({ price: c.price.times(c.price) })],
  ['a decimal that is rounded up', (c) => ({ price: c.price.plus('0.005') })],
  ['a decimal of many digits', (c) => ({ long: c.long.times(10) })],
  ['another column', (c) => ({ small: c.whole })],
  ['a text', (c) => ({ name: c.name.concat(' and more') })],
]

describeDatabases('computed values that leave the range of their field', (database) => {
  database.useTables([Gauge])

  it.each(BEYOND)('are refused in updates: %s', async (_, values) => {
    const gauge = await Gauge.create({ name: 'first' })
    const change = (c: Columns) => values(c) as { small: number }
    await expect(Gauge.all().update(change)).rejects.toThrow(DatabaseError)
    const again = Gauge.upsert({ name: 'first' }, { conflict: 'name', update: change as never })
    await expect(again).rejects.toThrow(DatabaseError)
    expect((await Gauge.find(gauge.id))?.toObject()).toEqual(gauge.toObject())
  })

  it('are refused in increments', async () => {
    await Gauge.create({ name: 'first' })
    const all = Gauge.all()
    await expect(all.increment('small')).rejects.toThrow(DatabaseError)
    await expect(all.increment('whole', 5)).rejects.toThrow(DatabaseError)
    await expect(all.increment('big')).rejects.toThrow(DatabaseError)
    await expect(all.increment('price', 0.01)).rejects.toThrow(DatabaseError)
  })

  it('go in as far as they fit, rounded to their digits', async () => {
    await Gauge.create({ name: 'first', small: -32_767, price: '1.25' })
    await Gauge.all().decrement('small')
    await Gauge.all().update((c) => ({ price: c.price.times('1.1'), name: c.name.concat('-last') }))
    const update = (c: Columns) => ({ price: c.price.times('0.5') })
    await Gauge.upsert({ name: 'first-last' }, { conflict: 'name', update: update as never })
    const values = await Gauge.query().values('small', 'price', 'name')
    expect(values).toEqual([{ small: -32_768, price: new Decimal('0.69'), name: 'first-last' }])
  })
})
