import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connected } from '../../src/adapters/adapter.js'
import { connectPglite } from '../../src/adapters/pglite.js'
import '../support/pglite.js'
import { copied } from '../support/pglite-copy.js'
import { adapterOptions, own, statement, testCodecs } from './postgres-cases.js'
import { testExpressions } from './postgres-expressions.js'

let connected: Connected

beforeAll(async () => {
  connected = await connectPglite(adapterOptions('pglite::memory:', { acquireTimeout: 300 }))
})
afterAll(() => connected.driver.close())

describe('values on PGlite', () => testCodecs(() => connected))

describe('expressions on PGlite', () => testExpressions(() => connected))

describe('the PGlite adapter', () => {
  it('says that queries do not run side by side', () => {
    expect(connected.dialect.capabilities.pipelining).toBe(false)
  })

  it('gives names only where they are asked for', async () => {
    expect(await connected.driver.run(statement('select 1 as a'))).toEqual({ rows: [[1]], affected: 1 })
    expect(await connected.driver.run(own('select 1 as a, 2 as a'))).toEqual({
      rows: [[1, 2]],
      affected: 1,
      columns: ['a', 'a'],
      command: 'SELECT',
    })
  })

  it('sends a statement again whose name another one failed to make', async () => {
    const { driver } = connected
    const divide = (by: number) => Promise.resolve(driver.run(statement('select $1::int / $2::int as early', [6, by])))
    const missing = Array.from({ length: 3 }, () => Promise.resolve(driver.run(statement('select * from not_there'))))
    for (const answer of await Promise.allSettled(missing)) expect(answer).toMatchObject({ reason: { code: '42P01' } })
    const answers = await Promise.allSettled([divide(0), divide(3), divide(2)])
    expect(answers).toMatchObject([
      { reason: { code: '22012' } },
      { value: { rows: [[2]] } },
      { value: { rows: [[3]] } },
    ])
  })

  it('keeps a bounded number of prepared statements, and forgets them when the schema changes', async () => {
    const { driver } = connected
    for (let i = 0; i < 600; i++) await driver.run(statement(`select ${i}`))
    const count = statement('select count(*)::int from pg_prepared_statements')
    expect((await driver.run(count)).rows[0]?.[0]).toBeLessThanOrEqual(251)
    for (const type of ['int', 'text', 'boolean']) {
      await driver.run(statement('drop table if exists d'))
      await driver.run(statement(`create table d (v ${type})`))
      await driver.run(statement('insert into d values ($1)', ['1']))
      expect((await driver.run(statement('select v from d'))).rows).toEqual([
        [{ int: 1, text: '1', boolean: true }[type]],
      ])
    }
    expect((await driver.run(count)).rows[0]?.[0]).toBeLessThanOrEqual(10)
  })

  it('commits and rolls back, and keeps others out meanwhile', async () => {
    const { driver } = connected
    await driver.run(statement('drop table if exists t'))
    await driver.run(statement('create table t (v int)'))
    const first = await driver.acquire()
    await first.begin({})
    expect(first.inTransaction).toBe(true)
    await first.run(statement('insert into t values (1)'))
    const outside = driver.run(statement('select count(*)::int from t'))
    await first.rollback()
    driver.release(first, false)
    expect((await outside).rows).toEqual([[0]])
    const second = await driver.acquire()
    await second.begin({ isolation: 'serializable' })
    await second.run(statement('insert into t values (2)'))
    await second.commit()
    expect(second.inTransaction).toBe(false)
    driver.release(second, false)
    driver.release(second, false)
    expect((await driver.run(statement('select v from t'))).rows).toEqual([[2]])
  })

  it('gives up waiting for the only connection', async () => {
    const held = await connected.driver.acquire()
    await expect(connected.driver.acquire()).rejects.toMatchObject({ code: 'POOL_TIMEOUT' })
    await expect(connected.driver.run(statement('select 1'))).rejects.toMatchObject({ code: 'POOL_TIMEOUT' })
    connected.driver.release(held, false)
    expect((await connected.driver.run(statement('select 1'))).rows).toEqual([[1]])
  })

  it('never calls a commit done that the server made a rollback', async () => {
    const connection = await connected.driver.acquire()
    await connection.begin({})
    await expect(connection.run(statement('select 1 / 0'))).rejects.toMatchObject({ code: '22012' })
    await expect(connection.commit()).rejects.toMatchObject({ code: 'TRANSACTION' })
    connected.driver.release(connection, false)
  })

  it('ends a transaction and undoes settings that a borrower left behind', async () => {
    const connection = await connected.driver.acquire()
    await connection.run(own("set timezone = 'Asia/Tokyo'"))
    await connection.run(own('create temporary table left_behind (v int)'))
    await connection.run(own('begin'))
    connected.driver.release(connection, false)
    const { rows } = await connected.driver.run(
      statement("select current_setting('TimeZone'), to_regclass('left_behind')::text"),
    )
    expect(rows).toEqual([['UTC', null]])
    await expect(connection.run(statement('select 1'))).rejects.toMatchObject({ code: 'CONNECTION' })
    await expect(connected.driver.run(own('begin'))).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('maps errors without the values of the statement', async () => {
    const { driver, dialect } = connected
    await driver.run(statement('drop table if exists u'))
    await driver.run(statement('create table u (a text, "B" int, unique (a, "B"))'))
    const insert = statement('insert into u values ($1, $2)', ['s3cret', 5])
    await driver.run(insert)
    const error = await Promise.resolve(driver.run(insert)).then(() => null, dialect.mapError)
    expect(error).toMatchObject({ code: 'UNIQUE_VIOLATION', constraint: 'u_a_B_key', table: 'u', columns: ['a', 'B'] })
    const { inspect } = await import('node:util')
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret')
  })

  it('refuses URLs it does not know', async () => {
    await expect(connectPglite(adapterOptions('pglite:folder'))).rejects.toMatchObject({ code: 'CONFIGURATION' })
    await expect(connectPglite(adapterOptions('pglite://folder?max_size=2'))).rejects.toMatchObject({
      code: 'CONFIGURATION',
    })
  })

  it('keeps a database in a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corm-pglite-'))
    try {
      for (const expected of [1, 2]) {
        const { driver } = await connectPglite(adapterOptions(`pglite://${folder}/a%20b`))
        await driver.run(statement('create table if not exists kept (v int)'))
        await driver.run(statement('insert into kept values (1)'))
        expect((await driver.run(statement('select count(*)::int from kept'))).rows).toEqual([[expected]])
        await driver.close()
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('lets one process have a folder, and takes over from one that is gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corm-pglite-'))
    try {
      const url = `pglite://${folder}/data`
      const { driver } = await connectPglite(adapterOptions(url, { driver: copied() }))
      const second = await connectPglite(adapterOptions(url)).catch((error: unknown) => error)
      expect(second).toMatchObject({ code: 'CONNECTION' })
      expect((second as Error).message).toMatch(/in use by process \d+/)
      await driver.close()
      expect(await readdir(folder)).toEqual(['data'])
      // no process has this number
      const gone = JSON.stringify({ pid: 2 ** 22 + 7, host: hostname(), started: '1' })
      for (const left of [gone, 'half a fi', '']) {
        await writeFile(`${folder}/data.lock`, left)
        const next = await connectPglite(adapterOptions(url))
        expect((await next.driver.run(statement('select 1'))).rows).toEqual([[1]])
        await next.driver.close()
      }
      await writeFile(`${folder}/data.lock`, JSON.stringify({ pid: 1, host: 'another machine', started: '1' }))
      await expect(connectPglite(adapterOptions(url))).rejects.toThrow('another machine')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('refuses statements once it is closed', async () => {
    const other = await connectPglite(adapterOptions('pglite::memory:', { driver: copied() }))
    await other.driver.close()
    await other.driver.close()
    await expect(other.driver.run(statement('select 1'))).rejects.toMatchObject({ code: 'CONNECTION' })
    await expect(other.driver.acquire()).rejects.toMatchObject({ code: 'CONNECTION' })
  })
})
