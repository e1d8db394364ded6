import { Database } from 'corm'
import { describe, expect, it } from 'vitest'
import { at, failure, openTransactions, pidOf, tested, url, useServer, using } from './pg-server.js'
import { own, statement } from './postgres-cases.js'

describe.skipIf(!tested)('pg', () => {
  useServer()

  describe('sessions', () => {
    it('are set up on shared and on lent connections', async () => {
      const settings = statement(
        `select current_setting('client_encoding'), current_setting('TimeZone'), current_setting('DateStyle'),
          current_setting('standard_conforming_strings'), current_setting('lock_timeout'), current_setting('search_path')`,
      )
      const expected = ['UTF8', 'UTC', 'ISO, MDY', 'on', '3s', '"$user", public']
      const loan = await at.connected.driver.acquire()
      expect((await loan.run(settings)).rows).toEqual([expected])
      at.connected.driver.release(loan, false)
      expect((await at.connected.driver.run(settings)).rows).toEqual([expected])
    })

    it('that the server refuses say why, and what to look at', async () => {
      const other = new URL(url)
      other.pathname = '/corm_not_there'
      const refused = 'refused the connection: database "corm_not_there" does not exist. Check the database'
      await expect(Database.connect({ url: other.href, name: 'refused' })).rejects.toThrow(refused)
      const nobody = new URL('postgres://postgres@127.0.0.1:1/postgres')
      await expect(Database.connect({ url: nobody.href, name: 'refused' })).rejects.toThrow("can't be reached")
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
        for (const sql of ['begin', ' COMMIT', '-- x\n/* y */ start transaction', ';rollback', '/* a /* b */ */ begin'])
          expect(await failure(driver.run(own(sql)))).toMatchObject({ code: 'USAGE' })
        // what a loan left behind is undone after the answer
        await expect.poll(openTransactions).toBe(0)
      })
    })

    it('take one statement per text', async () => {
      const error = await failure(at.connected.driver.run(own('select 1; drop table if exists canary')))
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
      const loan = await at.connected.driver.acquire()
      await loan.run({ ...statement('select 123'), prepare: false })
      const { rows } = await loan.run(
        statement("select count(*)::int from pg_prepared_statements where statement = 'select 123'"),
      )
      expect(rows).toEqual([[0]])
      at.connected.driver.release(loan, false)
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

    it('heal after the names are gone', async () => {
      await using({ max: 2 }, async ({ driver }) => {
        const loan = await driver.acquire()
        const select = statement('select 41')
        await loan.run(select)
        await loan.run(own('deallocate all'))
        expect((await loan.run(select)).rows).toEqual([[41]])
        expect((await loan.run(select)).rows).toEqual([[41]])
        await loan.run(own('deallocate all'))
        await loan.begin({})
        expect((await loan.run(select)).rows).toEqual([[41]])
        await loan.run(own('deallocate all'))
        expect((await loan.run(select)).rows).toEqual([[41]])
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
})
