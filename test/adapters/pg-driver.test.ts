import { describe, expect, it } from 'vitest'
import { at, backends, failure, sleep, tested, useServer, using } from './pg-server.js'
import { statement, testCodecs } from './postgres-cases.js'
import { testExpressions } from './postgres-expressions.js'

describe.skipIf(!tested)('pg', () => {
  useServer()

  describe('values', () => testCodecs(() => at.connected))

  describe('expressions', () => testExpressions(() => at.connected))

  describe('statements side by side', () => {
    it('fail alone', async () => {
      await at.connected.driver.run(statement('drop table if exists s'))
      await at.connected.driver.run(statement('create table s (v int primary key)'))
      const insert = (v: unknown) => at.connected.driver.run(statement('insert into s values ($1)', [v]))
      const answers = await Promise.allSettled([1, 2, 2, 3, 'x', 4, null, 5].map(insert))
      const stored = (await at.connected.driver.run(statement('select v from s order by v'))).rows.flat()
      expect(stored).toEqual([1, 2, 3, 4, 5])
      expect(answers.filter((answer) => answer.status === 'rejected')).toHaveLength(3)
    })

    it('keep their results apart, a thousand at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, i) => at.connected.driver.run(statement(`select $1::int, '${i % 300}'`, [i]))),
      )
      for (const [i, { rows }] of answers.entries()) expect(rows).toEqual([[i, String(i % 300)]])
      expect(await backends()).toBeLessThanOrEqual(5)
    })

    it('do not wait behind slow ones while the pool has a connection to spare', async () => {
      await using({ max: 5 }, async ({ driver }) => {
        await Promise.all([driver.run(statement('select 1')), driver.run(statement('select 2'))])
        await sleep(50)
        const slow = [driver.run(statement('select pg_sleep(1)')), driver.run(statement('select pg_sleep(1)'))]
        await sleep(60)
        const start = performance.now()
        await driver.run(statement('select 1'))
        expect(performance.now() - start).toBeLessThan(500)
        await Promise.all(slow)
      })
    })

    it('run on the only connection too', async () => {
      const before = await backends()
      await using({ max: 1 }, async ({ driver }) => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, i) => driver.run(statement('select $1::int', [i]))),
        )
        expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual(Array.from({ length: 50 }, (_, i) => i))
        const loan = await driver.acquire()
        const waiting = driver.run(statement('select 1'))
        await loan.begin({})
        await loan.commit()
        driver.release(loan, false)
        expect((await waiting).rows).toEqual([[1]])
        expect((await backends()) - before).toBeLessThanOrEqual(1)
      })
    })
  })

  describe('transactions', () => {
    it('commit, roll back, and isolate as asked', async () => {
      const { driver } = at.connected
      await driver.run(statement('drop table if exists t'))
      await driver.run(statement('create table t (v int)'))
      const loan = await driver.acquire()
      await loan.begin({ isolation: 'serializable', readOnly: true, deferrable: true })
      expect(loan.inTransaction).toBe(true)
      expect(
        (
          await loan.run(
            statement("select current_setting('transaction_isolation'), current_setting('transaction_read_only')"),
          )
        ).rows,
      ).toEqual([['serializable', 'on']])
      expect(await failure(loan.run(statement('insert into t values (1)')))).toMatchObject({ code: '25006' })
      await loan.rollback()
      await loan.begin({})
      await Promise.all([1, 2, 3].map((v) => loan.run(statement('insert into t values ($1)', [v]))))
      await loan.commit()
      expect(loan.inTransaction).toBe(false)
      await loan.begin({})
      await loan.run(statement('delete from t'))
      await loan.rollback()
      driver.release(loan, false)
      expect((await driver.run(statement('select v from t order by v'))).rows).toEqual([[1], [2], [3]])
      expect(
        await failure((async () => loan.begin({ isolation: 'x; drop table t' as 'serializable' }))()),
      ).toMatchObject({ code: 'USAGE' })
    })

    it('are never called committed when the server made a rollback of it', async () => {
      const loan = await at.connected.driver.acquire()
      await loan.begin({})
      await failure(loan.run(statement('select 1 / 0')))
      expect(await failure(loan.run(statement('select 1')))).toMatchObject({ code: '25P02' })
      expect(await failure(loan.commit())).toMatchObject({ code: 'TRANSACTION' })
      at.connected.driver.release(loan, false)
    })

    it('tell a constraint that is checked at COMMIT from a lost connection', async () => {
      const { driver, dialect } = at.connected
      await driver.run(statement('drop table if exists u'))
      await driver.run(statement('create table u (v int unique deferrable initially deferred)'))
      const loan = await driver.acquire()
      await loan.begin({})
      await loan.run(statement('insert into u values (1), (1)'))
      const error = await failure(loan.commit())
      expect(dialect.mapError(error)).toMatchObject({ code: 'UNIQUE_VIOLATION', columns: ['v'] })
      driver.release(loan, false)
    })

    it('left open by a borrower never reach the next one', async () => {
      await using({ max: 2 }, async ({ driver }) => {
        await driver.run(statement('drop table if exists l'))
        await driver.run(statement('create table l (v int)'))
        const loan = await driver.acquire()
        await loan.begin({})
        // not awaited: still under way when the loan ends
        const late = loan.run(statement('insert into l select 1 from pg_sleep(0.1)'))
        driver.release(loan, false)
        const next = await driver.acquire()
        await late
        expect(next.inTransaction).toBe(false)
        await next.begin({})
        await next.commit()
        driver.release(next, false)
        expect((await driver.run(statement('select count(*)::int from l'))).rows).toEqual([[0]])
        expect(await failure(loan.run(statement('select 1')))).toMatchObject({ code: 'CONNECTION' })
      })
    })
  })
})
