import { Field, Model, NotFoundError, outsideTransaction, retryOnStale, StaleModelError, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Account extends Model({
  balance: Field.integer({ default: 0 }),
  touched: Field.integer({ default: 0 }),
  version: Field.version(),
}) {}

const levels = ['read committed', 'repeatable read', 'serializable'] as const

describeDatabases('versions of rows that several write at once', (database) => {
  database.useTables([Account])

  it('let one of many saves win', async () => {
    const { id } = await Account.create({})
    const copies = await Promise.all(Array.from({ length: 8 }, () => Account.findOrFail(id)))
    const results = await Promise.allSettled(copies.map((copy, i) => copy.update({ balance: i + 1 })))
    const won = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []))
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    expect(won).toHaveLength(1)
    expect(reasons.every((reason) => reason instanceof StaleModelError && reason.reason === 'changed')).toBe(true)
    expect(await Account.findOrFail(id)).toMatchObject({ balance: (won[0] as number) + 1, version: 2 })
  })

  it('lose no step of work that is run again', async () => {
    const { id } = await Account.create({})
    let runs = 0
    const step = () =>
      retryOnStale(
        async () => {
          runs++
          const account = await Account.findOrFail(id)
          account.balance += 1
          await account.save()
        },
        { times: 60 },
      )
    const worker = async () => {
      for (let i = 0; i < 5; i++) await step()
    }
    await Promise.all(Array.from({ length: 6 }, worker))
    expect(await Account.findOrFail(id)).toMatchObject({ balance: 30, version: 31 })
    expect(runs).toBeGreaterThanOrEqual(30)
  })

  it.each(levels)('lose no step at the level %s', async (level) => {
    const { id } = await Account.create({})
    const isolation = database.kind === 'sqlite' ? {} : { isolation: level }
    const step = () =>
      retryOnStale(
        async () => {
          const account = await Account.findOrFail(id)
          await account.update({ balance: account.balance + 1 })
        },
        { times: 60, ...isolation },
      )
    await Promise.all(Array.from({ length: 8 }, step))
    expect(await Account.findOrFail(id)).toMatchObject({ balance: 8, version: 9 })
  })

  it('count with increments, which are never stale', async () => {
    const { id } = await Account.create({})
    const copies = await Promise.all(Array.from({ length: 8 }, () => Account.findOrFail(id)))
    await Promise.all(copies.map((copy) => copy.increment('balance')))
    expect(await Account.findOrFail(id)).toMatchObject({ balance: 8, version: 1 })
  })

  it('show a transaction what it can not see', async () => {
    const account = await Account.create({})
    const error = await Account.transaction(async () => {
      const mine = await Account.findOrFail(account.id)
      if (database.facts.concurrent) await outsideTransaction(() => account.update({ balance: 5 }))
      else await Account.where('id', account.id).update({ balance: 5 })
      return mine.update({ balance: 7 }).then(
        () => null,
        (reason: unknown) => reason,
      )
    })
    expect(error).toBeInstanceOf(StaleModelError)
    expect(error).toMatchObject({ reason: 'changed', expected: 1, current: 2 })
    expect(await Account.findOrFail(account.id)).toMatchObject({ balance: 5, version: 2 })
  })

  it('are run again from the start, in new transactions', async () => {
    const account = await Account.create({})
    let runs = 0
    const result = await retryOnStale(async (trx) => {
      runs++
      const mine = await Account.findOrFail(account.id)
      await Account.create({ balance: 99 })
      expect(trx.isTransaction).toBe(true)
      // a stale copy, in the first two runs
      if (runs < 3) await Account.where('id', account.id).update({ touched: runs })
      await mine.update({ balance: 10 })
      return 'done'
    })
    expect([result, runs]).toEqual(['done', 3])
    expect(await Account.findOrFail(account.id)).toMatchObject({ balance: 10, touched: 0, version: 2 })
    expect(await Account.where('balance', 99).count()).toBe(1)
  })

  it('give up after so many runs, and at once on other errors', async () => {
    const account = await Account.create({})
    await Account.where('id', account.id).update({ touched: 1 })
    let runs = 0
    // loaded outside: it stays stale
    const work = () =>
      retryOnStale(async () => {
        runs++
        await account.update({ balance: 1 })
      })
    await expect(work()).rejects.toThrow(StaleModelError)
    expect(runs).toBe(3)
    expect(account.version).toBe(1)
    runs = 0
    await expect(
      retryOnStale(async () => {
        runs++
        await Account.findOrFail(0)
      }),
    ).rejects.toThrow(NotFoundError)
    expect(runs).toBe(1)
    await expect(Account.transaction(async () => retryOnStale(async () => 1))).rejects.toThrow(UsageError)
    await expect(retryOnStale('no' as never)).rejects.toThrow(UsageError)
    expect(await retryOnStale(async () => Account.count(), { using: database.db, times: 1 })).toBe(1)
  })
})
