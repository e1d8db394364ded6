import { Database, Field, Model, PoolTimeoutError, Relation, sql } from 'corm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NamedStatement, TEMPLATE } from '../../src/execution/statement.js'
import { backends, failure, sleep, sleepers, tested, url, useServer, using } from './pg-server.js'
import { statement } from './postgres-cases.js'

class Spot extends Model({ name: Field.string() }) {
  static lefts = Relation.hasMany(() => Left, { foreignKey: 'spotId' })
  static rights = Relation.hasMany(() => Right, { foreignKey: 'spotId' })
}
class Left extends Model({ spotId: Field.integer() }, { table: 'slow_lefts' }) {}
class Right extends Model({ spotId: Field.integer() }, { table: 'slow_rights' }) {}

const times = (count: number, work: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, work))

async function took(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

describe.skipIf(!tested)('the pool of pg', () => {
  useServer()
  let db: Database
  beforeAll(async () => {
    db = await Database.connect({ url, pool: { max: 10 } })
    await db.createTables([Spot])
    await db.execute(
      sql`create view slow_lefts as select 1 as id, id as spot_id from spots where pg_sleep(0.2) is not null`,
    )
    await db.execute(
      sql`create view slow_rights as select 1 as id, id as spot_id from spots where pg_sleep(0.2) is not null`,
    )
    await db.execute(sql`create view naps as select 1 as id, 'x' as name from pg_sleep(0.3)`)
  })
  afterAll(() => db.close())
  class Nap extends Model({ name: Field.string() }) {}

  it('runs slow statements side by side, of the user and of corm, known ones and new ones', async () => {
    const works = [
      () => db.select(sql`select pg_sleep(0.3)`),
      () => Nap.query().get(),
      () =>
        db.run(
          new NamedStatement({ ...TEMPLATE, sql: 'select pg_sleep(0.3)', intent: 'read', rows: true }, []),
        ) as Promise<unknown>,
    ]
    for (const work of works) {
      for (const limit of [900, 600, 600]) expect(await took(() => times(10, work))).toBeLessThan(limit)
      expect(await backends()).toBeLessThan(10 + 4)
    }
  })

  it('lets no short statement wait behind slow ones while it may grow', async () => {
    await Spot.count()
    for (let round = 0; round < 3; round++) {
      await using({ max: 6 }, async ({ driver }) => {
        const short = statement('select 1')
        await driver.run(short)
        const alone = await took(() => driver.run(short) as Promise<unknown>)
        const slow = times(3, async () => driver.run(statement('select pg_sleep(0.8)')))
        await sleep(round * 30)
        const waits: number[] = []
        for (let i = 0; i < 5; i++) waits.push(await took(async () => driver.run(short)))
        expect(Math.max(...waits)).toBeLessThan(400 + 10 * alone)
        waits.length = 0
        for (let i = 0; i < 5; i++) waits.push(await took(async () => driver.run(statement(`select ${i}, ${round}`))))
        expect(Math.min(...waits)).toBeLessThan(60 + 10 * alone)
        await slow
      })
    }
  })

  it('counts every wait', async () => {
    await using({ max: 3, acquireTimeout: 1000 }, async ({ driver }) => {
      const short = statement('select 1')
      await times(20, async () => driver.run(short))
      const slow = times(3, async () => driver.run(statement('select pg_sleep(4)')))
      await expect.poll(sleepers, { timeout: 2500 }).toBe(3)
      const errors = await Promise.all([failure(driver.run(short)), failure(driver.run(statement('select 2')))])
      for (const error of errors) expect(error).toBeInstanceOf(PoolTimeoutError)
      await slow
      expect((await driver.run(short)).rows).toEqual([[1]])
    })
  })

  it('uses few connections for many short statements', async () => {
    const before = await backends()
    await using({ max: 10 }, async ({ driver }) => {
      const short = statement('select $1::int', [7])
      // on a busy machine one run of it may take its time
      for (let i = 0; i < 10; i++) await driver.run(short)
      for (let round = 0; round < 5; round++) await times(200, async () => driver.run(short))
      expect((await backends()) - before).toBeLessThanOrEqual(4)
    })
  })

  it('leaves connections for transactions beside a flood of statements', async () => {
    await using({ max: 2, acquireTimeout: 3000 }, async ({ driver }) => {
      let over = false
      const flood = times(20, async () => {
        while (!over) await driver.run(statement('select 1'))
      })
      for (let i = 0; i < 20; i++) {
        const loan = await driver.acquire()
        await loan.begin({})
        await loan.commit()
        driver.release(loan, false)
      }
      over = true
      await flood
    })
  })

  it('reads sibling relations side by side', async () => {
    await Spot.create({ name: 'a' })
    const both = () => Spot.with('lefts', 'rights').get()
    const one = await took(() => Spot.with('lefts').get())
    for (let i = 0; i < 4; i++) expect(await took(both)).toBeLessThan(one + 170)
    const [spot] = await both()
    expect([spot?.lefts.length, spot?.rights.length]).toEqual([1, 1])
  })
})
