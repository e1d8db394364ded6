import { Decimal, Field, fn, Model, oneOf, sql, UsageError, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Account extends Model({
  balance: Field.decimal({ precision: 12, scale: 2 }),
  limit: Field.decimal({ precision: 40, scale: 4, as: 'string', default: '0' }),
  rate: Field.decimal({ precision: 10, scale: 3, as: 'number', default: 0 }),
  visits: Field.bigInteger({ default: 0n }),
  data: Field.json<unknown>({ nullable: true }),
}) {}

const HUGE: readonly [string, unknown][] = [
  ['1e30000000', new Decimal('1e30000000')],
  ['-1e30000000', new Decimal('-1e30000000')],
  ['1e-30000000', new Decimal('1e-30000000')],
  ['the largest exponent', new Decimal('9e9000000000000000')],
  ['the smallest exponent', new Decimal('9e-9000000000000000')],
  ['a bigint of a million digits', 1n << 1_000_000n],
  ['a text of a million digits', '7'.repeat(1_000_000)],
  ['a text of zeros before a digit', `0.${'0'.repeat(1_000_000)}1`],
]

/** Each would take seconds or end the process if its digits were written out. */
const LIMIT = 1000

describeDatabases('numbers with too many digits', (database) => {
  database.useTables([Account])
  const { columns: c } = Account

  async function refusedAtOnce(run: () => unknown) {
    const start = performance.now()
    const error = await Promise.resolve()
      .then(run)
      .catch((refusal: unknown) => refusal)
    const refused = error instanceof ValidationError || error instanceof UsageError
    expect(refused, String(run)).toBe(true)
    expect(performance.now() - start).toBeLessThan(LIMIT)
  }

  it.each(HUGE)('are refused at once wherever they are given: %s', async (_, value) => {
    const huge = value as Decimal
    const text = String(value)
    const account = await Account.create({ balance: '1.50' })
    const all = Account.all()
    await refusedAtOnce(() => Account.create({ balance: huge }))
    await refusedAtOnce(() => Account.create({ balance: 1, limit: huge as unknown as string }))
    await refusedAtOnce(() => Account.create({ balance: 1, rate: huge as unknown as number }))
    await refusedAtOnce(() => Account.insertMany([{ balance: 1 }, { balance: huge }]))
    await refusedAtOnce(() => Account.upsert({ id: account.id, balance: huge }, { conflict: ['id'], guarded: true }))
    await refusedAtOnce(() => all.update({ balance: huge }))
    await refusedAtOnce(() => all.update((a) => ({ balance: a.balance.plus(huge) })))
    await refusedAtOnce(() => all.increment('balance', huge as unknown as number))
    await refusedAtOnce(() => all.increment('visits', huge as unknown as bigint))
    await refusedAtOnce(() => Account.where('balance', '>', huge).get())
    await refusedAtOnce(() => Account.where('balance', huge).get())
    await refusedAtOnce(() => Account.where({ balance: oneOf([new Decimal(1), huge]) }).get())
    await refusedAtOnce(() => Account.query().whereBetween('balance', [huge, huge]).get())
    await refusedAtOnce(() => Account.where('visits', huge as unknown as bigint).get())
    await refusedAtOnce(() => Account.where(() => c.balance.times(huge).gt(1)).get())
    await refusedAtOnce(() => Account.where(() => fn.sum(c.balance).gt(huge)).get())
    await refusedAtOnce(() => Account.query().filter(['balance', '>', text.slice(0, 9000)], { allow: ['balance'] }))
    await refusedAtOnce(() => Account.where('balance', '>', huge).toRawSQL())
    account.balance = huge
    await refusedAtOnce(() => account.save())
    const json = JSON.stringify(account)
    expect(json.length).toBeLessThan(1_100_000)
    expect(Account.schema.insert.safeParse({ balance: huge }).success).toBe(false)
    expect(await Account.query().pluck('balance')).toEqual([new Decimal('1.5')])
  })

  it('are what they are under a forged name', async () => {
    const forged = { toStringTag: '[object Decimal]', s: 1, e: 3e9, d: [1], isFinite: () => true, toFixed: () => '1' }
    for (const value of [forged, { ...forged, d: '1' }, { ...forged, e: 1.5 }, { toStringTag: '[object Decimal]' }])
      await refusedAtOnce(() => Account.create({ balance: value as unknown as Decimal }))
  })

  it('leave the numbers of other copies alone', async () => {
    const Other = Decimal.clone({ precision: 3, toExpPos: 2, defaults: true })
    await Account.create({ balance: new Other('1234567.89') })
    expect(await Account.query().pluck('balance')).toEqual([new Decimal('1234567.89')])
  })

  it('are refused in raw SQL too', async () => {
    for (const value of [new Decimal('1e30000000'), 1n << 1_000_000n]) {
      const start = performance.now()
      await expect(async () => await database.db.select(sql`select ${value}`)).rejects.toThrow()
      expect(performance.now() - start).toBeLessThan(LIMIT)
    }
  })
})
