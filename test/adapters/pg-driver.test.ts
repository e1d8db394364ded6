import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AdapterOptions, Connected } from '../../src/adapters/adapter.js'
import { connectPostgres } from '../../src/adapters/pg.js'
import type { Connection } from '../../src/driver/driver.js'
import { adapterOptions, own, statement, testCodecs } from './postgres-cases.js'

const tested = (process.env.CORM_TEST_DATABASES ?? 'pglite').split(',').includes('postgres')
const server = process.env.CORM_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const database = `corm_pgdriver_${process.pid}`

function urlOf(name: string, change: (url: URL) => void = () => undefined): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  change(url)
  return url.href
}
const url = urlOf(database)
const connect = (over: Partial<AdapterOptions> = {}, address = url) => connectPostgres(adapterOptions(address, over))

async function using(over: Partial<AdapterOptions>, work: (connected: Connected) => Promise<void>, address = url) {
  const connected = await connect(over, address)
  try {
    await work(connected)
  } finally {
    await connected.driver.close()
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const failure = (work: unknown) =>
  Promise.resolve(work).then(
    () => null,
    (error: unknown) => error as Error & { code: string },
  )

let admin: Connected
let connected: Connected

async function backends(): Promise<number> {
  const { rows } = await admin.driver.run(
    statement('select count(*)::int from pg_stat_activity where datname = $1', [database]),
  )
  return rows[0]?.[0] as number
}

async function openTransactions(): Promise<number> {
  const { rows } = await admin.driver.run(
    statement("select count(*)::int from pg_stat_activity where datname = $1 and state like 'idle in transaction%'", [
      database,
    ]),
  )
  return rows[0]?.[0] as number
}

const pidOf = async (connection: Pick<Connection, 'run'>) =>
  (await connection.run(statement('select pg_backend_pid()'))).rows[0]?.[0] as number
const kill = (pid: number) => admin.driver.run(statement('select pg_terminate_backend($1)', [pid]))

describe.skipIf(!tested)('pg', () => {
  beforeAll(async () => {
    admin = await connectPostgres(adapterOptions(server, { max: 2 }))
    await admin.driver.run(own(`drop database if exists ${database}`))
    await admin.driver.run(own(`create database ${database}`))
    connected = await connect()
  })
  afterAll(async () => {
    await connected.driver.close()
    await admin.driver.run(own(`drop database ${database} with (force)`))
    await admin.driver.close()
  })

  describe('values', () => testCodecs(() => connected))

  describe('sessions', () => {
    it('are set up on shared and on lent connections', async () => {
      const settings = statement(
        `select current_setting('client_encoding'), current_setting('TimeZone'), current_setting('DateStyle'),
          current_setting('standard_conforming_strings'), current_setting('lock_timeout'), current_setting('search_path')`,
      )
      const expected = ['UTF8', 'UTC', 'ISO, MDY', 'on', '3s', '"$user", public']
      const loan = await connected.driver.acquire()
      expect((await loan.run(settings)).rows).toEqual([expected])
      connected.driver.release(loan, false)
      expect((await connected.driver.run(settings)).rows).toEqual([expected])
    })

    it('take the limits of the options', async () => {
      await using({ statementTimeout: 100, lockTimeout: 50 }, async ({ driver, dialect }) => {
        const error = await failure(driver.run(statement('select pg_sleep(5)')))
        expect(dialect.mapError(error)).toMatchObject({ code: 'TIMEOUT' })
        expect((await driver.run(statement('select 1'))).rows).toEqual([[1]])
      })
    })

    it('lose what a borrower changed before the next one comes', async () => {
      await using({ max: 2 }, async ({ driver }) => {
        const loan = await driver.acquire()
        const pid = await pidOf(loan)
        for (const sql of [
          "set timezone = 'Asia/Tokyo'",
          "set search_path = 'public'",
          'create temporary table left_behind (v int)',
          'select pg_advisory_lock(77)',
          'listen news',
          'begin',
          'create table half (v int)',
        ])
          await loan.run(own(sql))
        driver.release(loan, false)
        const next = await driver.acquire()
        expect(await pidOf(next)).toBe(pid)
        expect(next.inTransaction).toBe(false)
        const { rows } = await next.run(
          statement(`select current_setting('TimeZone'), current_setting('search_path'), to_regclass('left_behind')::text,
            to_regclass('half')::text, (select count(*)::int from pg_listening_channels()), current_setting('lock_timeout'),
            (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())`),
        )
        expect(rows).toEqual([['UTC', '"$user", public', null, null, 0, '3s', 0]])
        driver.release(next, false)
      })
    })

    it('are closed after the raw client was taken', async () => {
      await using({ max: 2 }, async ({ driver }) => {
        const loan = await driver.acquire()
        const pid = await pidOf(loan)
        const raw = loan.raw as { query(sql: string): Promise<{ rows: object[] }> }
        expect((await raw.query("set timezone = 'Asia/Tokyo'; select 1 as a")) as unknown).toMatchObject([
          {},
          { rows: [{ a: 1 }] },
        ])
        driver.release(loan, false)
        const next = await driver.acquire()
        expect(await pidOf(next)).not.toBe(pid)
        driver.release(next, false)
      })
    })

    it('do not keep what SQL of the user changes outside a loan', async () => {
      await using({ max: 3 }, async ({ driver }) => {
        await driver.run(own("set timezone = 'Asia/Tokyo'"))
        await driver.run(own("select set_config('DateStyle', 'German', false)"))
        const zones = Array.from({ length: 20 }, () =>
          driver.run(statement("select current_setting('TimeZone'), current_setting('DateStyle')")),
        )
        for (const { rows } of await Promise.all(zones)) expect(rows).toEqual([['UTC', 'ISO, MDY']])
        for (const sql of ['begin', ' COMMIT', '-- x\n/* y */ start transaction', 'savepoint a', ';rollback'])
          expect(await failure(driver.run(own(sql)))).toMatchObject({ code: 'USAGE' })
        await driver.run(own('/* a /* nested */ comment */ begin'))
        expect(await openTransactions()).toBe(0)
      })
    })

    it('take one statement per text', async () => {
      const error = await failure(connected.driver.run(own('select 1; drop table if exists canary')))
      expect(error).toMatchObject({ code: '42601' })
    })
  })

  describe('prepared statements', () => {
    it('are named, reused and bounded', async () => {
      await using({ max: 2 }, async ({ driver }) => {
        const loan = await driver.acquire()
        for (let i = 0; i < 600; i++) await loan.run(statement(`select ${i}`))
        for (let i = 0; i < 3; i++) await loan.run(statement('select 599'))
        const { rows } = await loan.run(
          statement("select count(*)::int, count(*) filter (where name !~ '^c\\d+$')::int from pg_prepared_statements"),
        )
        expect(rows[0]?.[0]).toBeGreaterThan(100)
        expect(rows[0]?.[0]).toBeLessThanOrEqual(251)
        expect(rows[0]?.[1]).toBe(0)
        driver.release(loan, false)
      })
    })

    it('are given up even when their names fall out inside a failed transaction', async () => {
      await using({ max: 2 }, async ({ driver }) => {
        const loan = await driver.acquire()
        for (let i = 0; i < 260; i++) await loan.run(statement(`select ${i}`))
        await loan.begin({})
        await failure(loan.run(statement('select 1 / 0')))
        for (let i = 300; i < 600; i++) await failure(loan.run(statement(`select ${i}`)))
        await loan.rollback()
        for (let i = 600; i < 900; i++) await loan.run(statement(`select ${i}`))
        const { rows } = await loan.run(statement('select count(*)::int from pg_prepared_statements'))
        expect(rows[0]?.[0]).toBeLessThanOrEqual(251)
        driver.release(loan, false)
      })
    })

    it('are not used for text made at run time, nor with prepare=off', async () => {
      const count = 'select count(*)::int from pg_prepared_statements'
      const loan = await connected.driver.acquire()
      await loan.run({ ...statement('select 123'), prepare: false })
      const { rows } = await loan.run(
        statement("select count(*)::int from pg_prepared_statements where statement = 'select 123'"),
      )
      expect(rows).toEqual([[0]])
      connected.driver.release(loan, false)
      await using(
        {},
        async ({ driver }) => {
          await driver.run(statement('select $1::int', [1]))
          expect((await driver.run(statement(count))).rows).toEqual([[0]])
        },
        `${url}?prepare=off`,
      )
    })

    it('heal when DDL changes what they return, also for many at once', async () => {
      await using({ max: 2 }, async ({ driver }) => {
        await driver.run(statement('drop table if exists d'))
        await driver.run(statement('create table d (a int)'))
        await driver.run(statement('insert into d values (7)'))
        const read = () => driver.run(statement('select a from d'))
        expect((await read()).rows).toEqual([[7]])
        await driver.run(statement('alter table d alter a type text'))
        const answers = await Promise.all(Array.from({ length: 10 }, read))
        for (const { rows } of answers) expect(rows).toEqual([['7']])
        await driver.run(statement('alter table d alter a type bigint using a::bigint'))
        expect((await read()).rows).toEqual([['7']])
      })
    })

    it('heal after the names are gone, and fail once inside a transaction', async () => {
      await using({ max: 2 }, async ({ driver }) => {
        const loan = await driver.acquire()
        const select = statement('select 41')
        await loan.run(select)
        await loan.run(own('deallocate all'))
        expect((await loan.run(select)).rows).toEqual([[41]])
        expect((await loan.run(select)).rows).toEqual([[41]])
        await loan.run(own('deallocate all'))
        await loan.begin({})
        expect(await failure(loan.run(select))).toMatchObject({ code: '26000' })
        await loan.rollback()
        expect((await loan.run(select)).rows).toEqual([[41]])
        driver.release(loan, false)
      })
    })

    it('are sent once more when the first use of a name fails in the middle of many', async () => {
      await using({ max: 2 }, async ({ driver }) => {
        const bad = statement('select $1::int / $2::int', [1, 0])
        const good = { ...bad, parameters: [6, 3] }
        const answers = await Promise.allSettled([driver.run(bad), driver.run(good), driver.run(good)])
        expect(answers.map((answer) => answer.status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
        const missing = Array.from({ length: 5 }, () => failure(driver.run(statement('select * from not_there'))))
        for (const error of await Promise.all(missing)) expect(error).toMatchObject({ code: '42P01' })
      })
    })
  })

  describe('statements side by side', () => {
    it('fail alone', async () => {
      await connected.driver.run(statement('drop table if exists s'))
      await connected.driver.run(statement('create table s (v int primary key)'))
      const insert = (v: unknown) => connected.driver.run(statement('insert into s values ($1)', [v]))
      const answers = await Promise.allSettled([1, 2, 2, 3, 'x', 4, null, 5].map(insert))
      const stored = (await connected.driver.run(statement('select v from s order by v'))).rows.flat()
      expect(stored).toEqual([1, 2, 3, 4, 5])
      expect(answers.filter((answer) => answer.status === 'rejected')).toHaveLength(3)
    })

    it('keep their results apart, a thousand at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, i) => connected.driver.run(statement(`select $1::int, '${i % 300}'`, [i]))),
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
        expect(await backends()).toBeLessThanOrEqual(4)
      })
    })
  })

  describe('transactions', () => {
    it('commit, roll back, and isolate as asked', async () => {
      const { driver } = connected
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
      const loan = await connected.driver.acquire()
      await loan.begin({})
      await failure(loan.run(statement('select 1 / 0')))
      expect(await failure(loan.run(statement('select 1')))).toMatchObject({ code: '25P02' })
      expect(await failure(loan.commit())).toMatchObject({ code: 'TRANSACTION' })
      connected.driver.release(loan, false)
    })

    it('tell a constraint that is checked at COMMIT from a lost connection', async () => {
      const { driver, dialect } = connected
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

    it('reject what was under way, and only that', async () => {
      await using({ max: 3 }, async ({ driver, dialect }) => {
        const shared = await pidOf(driver)
        const slow = [
          failure(driver.run(statement('select pg_sleep(5)'))),
          failure(driver.run(statement('select pg_sleep(4)'))),
        ]
        await sleep(50)
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
          expect(['CONNECTION', 'OUTCOME_UNKNOWN']).toContain(
            (error as { code: string }).code.length === 5 ? dialect.mapError(error).code : (error?.code ?? ''),
          )
          await loan.rollback()
          driver.release(loan, round < 2)
        }
        const loan = await driver.acquire()
        expect((await loan.run(statement('select count(*)::int from k'))).rows).toEqual([[0]])
        driver.release(loan, false)
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
        expect(loans.length).toBeLessThanOrEqual(2)
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
        [set((u) => u.searchParams.set('sslmode', 'prefer')), 'CONFIGURATION'],
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
      expect((await admin.driver.run(count)).rows).toEqual([[4]])
      const loan = await other.driver.acquire()
      const loans = [loan, await other.driver.acquire(), await other.driver.acquire()]
      const waiting = failure(other.driver.acquire())
      const running = failure(loan.run(statement('select pg_sleep(10)')))
      await Promise.all([other.driver.close(), other.driver.close()])
      expect(loans).toHaveLength(3)
      expect(await waiting).toMatchObject({ code: 'CONNECTION' })
      expect(await running).not.toBeNull()
      expect(await failure(other.driver.run(statement('select 1')))).toMatchObject({ code: 'CONNECTION' })
      expect(await failure(other.driver.acquire())).toMatchObject({ code: 'CONNECTION' })
      await sleep(200)
      expect((await admin.driver.run(count)).rows).toEqual([[0]])
    })
  })
})
