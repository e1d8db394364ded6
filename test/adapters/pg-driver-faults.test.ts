import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Driver } from '../../src/driver/driver.js'
import { OutcomeUnknownError } from '../../src/errors.js'
import {
  at,
  backends,
  connect,
  database,
  failure,
  kill,
  openTransactions,
  pidOf,
  sleep,
  tested,
  url,
  urlOf,
  useServer,
  using,
} from './pg-server.js'
import { own, statement } from './postgres-cases.js'

/** A transaction of six inserts whose backend is killed before a statement (even points) or beside it (odd ones). */
async function killedTransaction(driver: Driver, round: number): Promise<'stored' | 'lost' | 'unknown'> {
  const point = round % 14
  const loan = await driver.acquire()
  let broken = false
  try {
    const pid = await pidOf(loan)
    await loan.begin({})
    for (let step = 0; step < 7; step++) {
      if (point === step * 2) await kill(pid)
      const killing = point === step * 2 + 1 ? kill(pid) : null
      try {
        if (step < 6) await loan.run(statement('insert into p values ($1)', [round]))
        else await loan.commit()
      } finally {
        await killing
      }
    }
    return 'stored'
  } catch (error) {
    broken = true
    await loan.rollback()
    return error instanceof OutcomeUnknownError ? 'unknown' : 'lost'
  } finally {
    driver.release(loan, broken && round % 2 === 0)
  }
}

describe.skipIf(!tested)('pg', () => {
  useServer()

  describe('lost connections', () => {
    it('are replaced when idle ones die', async () => {
      await using({ max: 4, min: 4 }, async ({ driver }) => {
        const loan = await driver.acquire()
        const lent = await pidOf(loan)
        driver.release(loan, false)
        const shared = await pidOf(driver)
        await Promise.all([kill(lent), kill(shared)])
        await sleep(100)
        expect((await driver.run(statement('select 1'))).rows).toEqual([[1]])
        const next = await driver.acquire()
        expect(await pidOf(next)).not.toBe(lent)
        driver.release(next, false)
      })
    })

    it('are not met by a transaction that begins or a read, even when all died a moment ago', async () => {
      await using({ max: 6 }, async ({ driver }) => {
        for (let round = 0; round < 5; round++) {
          const loans = await Promise.all(Array.from({ length: 4 }, () => driver.acquire()))
          const pids = await Promise.all([...loans.map(pidOf), pidOf(driver)])
          for (const loan of loans) driver.release(loan, false)
          const killed = kill(...pids)
          await new Promise((resolve) => process.nextTick(resolve))
          // the server has done it when this process goes on, which has not heard of it yet
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
          const read = driver.run(statement('select 1'))
          const loan = await driver.acquire()
          await loan.begin({})
          await loan.commit()
          driver.release(loan, false)
          expect((await read).rows).toEqual([[1]])
          await killed
        }
      })
    })

    it('reject what was under way, and only that', async () => {
      await using({ max: 3 }, async ({ driver, dialect }) => {
        const shared = await pidOf(driver)
        const slow = [
          failure(driver.run(statement('select pg_sleep(5)'))),
          failure(driver.run(statement('select pg_sleep(4)'))),
        ]
        await sleep(250)
        await kill(shared)
        const error = await Promise.race(slow)
        expect(dialect.mapError(error)).toMatchObject({ code: 'CONNECTION' })
        for (let i = 0; i < 20; i++) expect((await driver.run(statement('select 1'))).rows).toEqual([[1]])
      })
    })

    it('in a transaction roll it back, and the pool is full again', async () => {
      await using({ max: 3 }, async ({ driver, dialect }) => {
        await driver.run(statement('drop table if exists k'))
        await driver.run(statement('create table k (v int)'))
        for (let round = 0; round < 4; round++) {
          const loan = await driver.acquire()
          await loan.begin({})
          await loan.run(statement('insert into k values (1)'))
          await kill(await pidOf(loan))
          const error = round % 2 === 0 ? await failure(loan.run(statement('select 1'))) : await failure(loan.commit())
          const code = error instanceof OutcomeUnknownError ? error.code : dialect.mapError(error).code
          expect(['CONNECTION', 'OUTCOME_UNKNOWN']).toContain(code)
          await loan.rollback()
          driver.release(loan, round < 2)
        }
        const loan = await driver.acquire()
        expect((await loan.run(statement('select count(*)::int from k'))).rows).toEqual([[0]])
        driver.release(loan, false)
      })
    })

    it('are told as they are, wherever in a transaction the server is killed', async () => {
      await using({ max: 4 }, async ({ driver }) => {
        await driver.run(statement('drop table if exists p'))
        await driver.run(statement('create table p (round int)'))
        const verdicts = { stored: 0, lost: 0, unknown: 0 }
        for (let round = 0; round < 14 * 5; round++) {
          const verdict = await killedTransaction(driver, round)
          verdicts[verdict]++
          const { rows } = await at.admin.driver.run(own('select 1'))
          expect(rows).toEqual([[1]])
          const stored = await driver.run(statement('select count(*)::int from p where round = $1', [round]))
          const count = stored.rows[0]?.[0]
          if (verdict === 'stored') expect(count).toBe(6)
          else if (verdict === 'lost') expect(count).toBe(0)
          else expect([0, 6]).toContain(count)
        }
        expect(verdicts.lost).toBeGreaterThan(30)
        const loans = await Promise.all([driver.acquire(), driver.acquire()])
        for (const loan of loans) driver.release(loan, false)
      })
    })

    it('during COMMIT leave the outcome open', async () => {
      await using({ max: 3 }, async ({ driver }) => {
        await driver.run(statement('drop table if exists c'))
        await driver.run(statement('create table c (v int)'))
        await driver.run(
          statement(
            `create or replace function slow_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(3); return null; end $$`,
          ),
        )
        await driver.run(
          statement(
            'create constraint trigger slow after insert on c deferrable initially deferred for each row execute function slow_commit()',
          ),
        )
        const loan = await driver.acquire()
        await loan.begin({})
        await loan.run(statement('insert into c values (1)'))
        const pid = await pidOf(loan)
        const commit = failure(loan.commit())
        await sleep(50)
        await kill(pid)
        expect(await commit).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
        driver.release(loan, false)
      })
    })

    it('that answer nothing are cut after the statement limit', async () => {
      await using({ max: 2, statementTimeout: 300 }, async ({ driver, dialect }) => {
        const loan = await driver.acquire()
        await loan.run(own('set statement_timeout = 0'))
        const start = performance.now()
        const error = await failure(loan.run(statement('select pg_sleep(5)')))
        expect(dialect.mapError(error)).toMatchObject({ code: 'TIMEOUT' })
        expect(performance.now() - start).toBeLessThan(1000)
        driver.release(loan, false)
        const next = await driver.acquire()
        expect((await next.run(statement('select 1'))).rows).toEqual([[1]])
        driver.release(next, false)
      })
    })
  })

  describe('the pool', () => {
    it('makes callers wait, and not for ever', async () => {
      await using({ max: 3, acquireTimeout: 300 }, async ({ driver }) => {
        const loans = [await driver.acquire()]
        const more = await Promise.allSettled(Array.from({ length: 5 }, () => driver.acquire()))
        const errors = more.flatMap((loan) => (loan.status === 'rejected' ? [loan.reason as Error] : []))
        for (const loan of more) if (loan.status === 'fulfilled') loans.push(loan.value)
        expect(loans.length + errors.length).toBe(6)
        expect(loans.length).toBeLessThanOrEqual(3)
        for (const error of errors) expect(error).toMatchObject({ code: 'POOL_TIMEOUT', name: 'PoolTimeoutError' })
        for (const loan of loans) driver.release(loan, false)
        const loan = await driver.acquire()
        driver.release(loan, false)
        driver.release(loan, false)
        driver.release(loan, true)
      })
    })

    it('stays within its maximum under 64 callers with failures', async () => {
      await using({ max: 6 }, async ({ driver }) => {
        const before = await backends()
        let failed = 0
        const caller = async (n: number) => {
          for (let i = 0; i < 15; i++) {
            const loan = await driver.acquire()
            try {
              await loan.begin({})
              await loan.run(statement(`select 1 / $1::int`, [(n + i) % 7]))
              await loan.commit()
            } catch {
              failed++
              if (i % 2 === 0) await loan.rollback()
            } finally {
              driver.release(loan, (n + i) % 31 === 0)
            }
          }
        }
        await Promise.all(Array.from({ length: 64 }, (_, n) => caller(n)))
        expect(failed).toBeGreaterThan(100)
        expect((await backends()) - before).toBeLessThanOrEqual(6)
        expect(await openTransactions()).toBe(0)
      })
    })
  })

  describe('connecting', () => {
    it('tells what is wrong without the password', async () => {
      const secret = 'hunter2-p@ss'
      const set = (change: (url: URL) => void) =>
        urlOf(database, (u) => {
          u.password = secret
          change(u)
        })
      const wrong = [
        [set((u) => (u.port = '1')), 'CONNECTION'],
        [set((u) => (u.hostname = 'no-such-host.invalid')), 'CONNECTION'],
        [set((u) => (u.pathname = '/no_such_database')), 'CONNECTION'],
        [set((u) => (u.username = 'no_such_role')), 'CONNECTION'],
        [set((u) => u.searchParams.set('sslmode', 'require')), 'CONNECTION'],
        [set((u) => u.searchParams.set('flags', 'x')), 'CONFIGURATION'],
        [set((u) => u.searchParams.set('sslmode', 'sometimes')), 'CONFIGURATION'],
        ['postgres://user:hunter2-p@ss:x:y@/', 'CONFIGURATION'],
        ['postgres://user:%zz@localhost/x', 'CONFIGURATION'],
      ] as const
      for (const [address, code] of wrong) {
        const error = await failure(connect({ connectTimeout: 1500 }, address))
        expect(error, address).toMatchObject({ code })
        const shown = `${error?.stack} ${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`
        expect(shown).not.toContain('hunter2')
      }
    })

    it('shows no password when the driver is inspected', async () => {
      await using(
        {},
        async ({ driver }) => {
          const loan = await driver.acquire()
          expect(inspect([driver, loan, loan.raw], { depth: 9 })).not.toContain('hunter2')
          driver.release(loan, false)
        },
        urlOf(database, (u) => (u.password = 'hunter2')),
      )
    })

    it('keeps the minimum open, takes a name for the server, and ends it all', async () => {
      const other = await connect({ min: 4, max: 5 }, `${url}?application_name=corm_min&min_size=4&max_size=5`)
      const count = statement("select count(*)::int from pg_stat_activity where application_name = 'corm_min'")
      expect((await at.admin.driver.run(count)).rows).toEqual([[4]])
      const loan = await other.driver.acquire()
      const loans = [loan]
      while (loans.length < 5) loans.push(await other.driver.acquire())
      const waiting = failure(other.driver.acquire())
      const running = failure(loan.run(statement('select pg_sleep(10)')))
      await Promise.all([other.driver.close(), other.driver.close()])
      expect(loans).toHaveLength(5)
      expect(await waiting).toMatchObject({ code: 'CONNECTION' })
      expect(await running).not.toBeNull()
      expect(await failure(other.driver.run(statement('select 1')))).toMatchObject({ code: 'CONNECTION' })
      expect(await failure(other.driver.acquire())).toMatchObject({ code: 'CONNECTION' })
      await sleep(200)
      expect((await at.admin.driver.run(count)).rows).toEqual([[0]])
    })
  })
})
