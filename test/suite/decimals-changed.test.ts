import { Decimal, Field, Model } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Price extends Model({
  amount: Field.decimal({ precision: 12, scale: 2 }),
  whole: Field.decimal({ precision: 12, scale: 0, default: '7' }),
}) {}

const Other = Decimal.clone({ precision: 30, defaults: true })

describeDatabases('assigned decimals', (database) => {
  database.useTables([Price])

  it.each<[string, unknown, unknown]>([
    ['12.50', '12.5', '12.51'],
    ['12.00', new Decimal(12), new Decimal('12.01')],
    ['12.50', new Decimal('12.5'), new Decimal('12.05')],
    ['12.50', new Other('12.50'), new Other('12.05')],
    ['0.00', new Decimal('-0'), new Decimal('-0.01')],
    ['0.05', new Decimal('5e-2'), new Decimal('5e-1')],
    ['-1.00', new Decimal('-1'), new Decimal(1)],
    ['1200.00', new Decimal('1.2e3'), new Decimal('1.2e2')],
    ['1.00', 1, 1.01],
    ['100.00', new Decimal(100), new Decimal(10)],
    ['1.00', new Decimal(1), new Decimal(100)],
    ['1.10', new Decimal('1.1'), new Decimal('1.11')],
  ])('%s is unchanged by %s and changed by %s', async (stored, same, other) => {
    const { id } = await Price.create({ amount: stored })
    const price = await Price.findOrFail(id)
    Object.assign(price, { amount: same })
    expect(price.isDirty('amount')).toBe(false)
    Object.assign(price, { amount: other })
    expect(price.isDirty('amount')).toBe(true)
    await price.save()
    expect((await Price.findOrFail(id)).amount.eq(new Decimal(String(other)))).toBe(true)
  })

  it('compare whole numbers by all their digits', async () => {
    const { id } = await Price.create({ amount: '1', whole: '7' })
    const price = await Price.findOrFail(id)
    price.whole = new Decimal(7)
    expect(price.isDirty()).toBe(false)
    price.whole = new Decimal(70)
    expect(price.isDirty('whole')).toBe(true)
  })
})
