import { Field, Model, outsideTransaction, SerializationError, UniqueViolationError } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Badge extends Model({
  name: Field.string({ unique: true }),
  code: Field.string({ unique: true, nullable: true }),
  uses: Field.integer({ default: 0 }),
}) {}

const times = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))

const levels = ['read committed', 'repeatable read', 'serializable'] as const

describeDatabases('the same row at once, at every level', (database) => {
  database.useTables([Badge])

  describe.each(levels)('%s', (isolation) => {
    const run = <T>(work: () => Promise<T>, retries = 50) =>
      database.db.transaction(work, { retries, ...(database.kind === 'sqlite' ? {} : { isolation }) })

    it('firstOrCreate() of 8 transactions makes one row', async () => {
      const made = await times(8, (i) => run(() => Badge.firstOrCreate({ name: 'a' }, { uses: i })))
      expect(made.filter(([, created]) => created)).toHaveLength(1)
      const [only] = await Badge.all()
      for (const [badge] of made) expect(badge.toJSON()).toEqual(only?.toJSON())
      expect(await Badge.count()).toBe(1)
    })

    it('updateOrCreate() and upsert() of 8 transactions make one row', async () => {
      const made = await times(8, (i) =>
        run(async () => {
          await Badge.count()
          return Badge.updateOrCreate({ name: 'a' }, { uses: i + 1 })
        }),
      )
      expect(made.filter(([, created]) => created)).toHaveLength(1)
      await times(8, (i) => run(() => Badge.upsert({ name: 'b', uses: i }, { conflict: 'name' })))
      expect(await Badge.count()).toBe(2)
    })

    it('a row that takes another unique value is a violation, and tried once', async () => {
      await Badge.create({ name: 'a', code: 'x' })
      let attempts = 0
      const work = () => {
        attempts++
        return Badge.firstOrCreate({ name: 'b' }, { code: 'x' })
      }
      await expect(run(work)).rejects.toBeInstanceOf(UniqueViolationError)
      expect(attempts).toBe(1)
    })
  })

  it('what was made since a transaction began is found, or is for its next attempt', async () => {
    if (!database.facts.concurrent) return
    let attempts = 0
    const made = database.db.transaction(
      async () => {
        attempts++
        await Badge.count()
        if (attempts === 1) await outsideTransaction(() => Badge.create({ name: 'a', uses: 7 }))
        return Badge.firstOrCreate({ name: 'a' })
      },
      { isolation: 'repeatable read' },
    )
    const result = await made.catch((error: unknown) => error)
    if (result instanceof Error) {
      expect(result).toBeInstanceOf(SerializationError)
      expect(result.cause).toBeInstanceOf(UniqueViolationError)
      expect(result.message).toContain('retries: 3')
    } else expect(result).toMatchObject([{ name: 'a', uses: 7 }, false])
  })

  it('a row that others make and remove all the time is found or made', async () => {
    const churn = async () => {
      for (let i = 0; i < 15; i++) {
        await Badge.firstOrCreate({ name: 'a' }, { uses: i })
        // a deadlock of the delete is the caller's to repeat
        await database.db.transaction(() => Badge.where('name', 'a').delete(), { retries: 10 })
      }
    }
    await times(4, churn)
    expect(await Badge.count()).toBe(0)
  })
})
