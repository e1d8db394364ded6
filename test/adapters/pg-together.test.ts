import { Database, Field, Model, Relation, sql, TimeoutError } from 'corm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NamedStatement, TEMPLATE } from '../../src/execution/statement.js'
import { at, failure, kill, pidOf, sleep, tested, url, urlOf, useServer, using } from './pg-server.js'
import { own, statement } from './postgres-cases.js'

class Shop extends Model({ name: Field.string({ max: 40 }) }) {
  static boxes = Relation.hasMany(() => Box)
}
class Box extends Model({ label: Field.string({ max: 40 }), shopId: Field.foreignKey(() => Shop) }) {
  static shop = Relation.belongsTo(() => Shop)
}
/** Its key is a uuid in the database, and that of its crates a text. */
class Depot extends Model({ id: Field.string({ primaryKey: true }) }) {
  static crates = Relation.hasMany(() => Crate)
}
class Crate extends Model({ label: Field.string(), depotId: Field.string({ nullable: true }) }) {}

describe.skipIf(!tested)('queries sent together', () => {
  useServer()
  const together = async (...statements: ReturnType<typeof statement>[]): Promise<unknown[][][]> => {
    const results = await at.connected.driver.runTogether?.(statements)
    if (results) return results.map(({ rows }) => rows)
    // those in front are slow
    await sleep(5)
    return together(...statements)
  }

  describe('by the driver', () => {
    beforeEach(async () => {
      await at.connected.driver.run(own('drop table if exists v'))
      await at.connected.driver.run(own('create table v (id int primary key, t text)'))
      await at.connected.driver.run(own("insert into v values (1, 'a'), (2, 'b')"))
    })

    it('give each its own rows, and see one state', async () => {
      const state = statement("select pg_current_snapshot()::text, current_setting('transaction_isolation')")
      const [first, rows, last] = await together(state, statement('select t from v where id = $1', [2]), state)
      expect(rows).toEqual([['b']])
      expect(first?.[0]?.[1]).toBe('repeatable read')
      expect(last).toEqual(first)
      const after = await at.connected.driver.run(statement("select current_setting('transaction_isolation')"))
      expect(after.rows).toEqual([['read committed']])
    })

    it('fail all when one fails, and leave the connection as it was', async () => {
      const late = statement('select t from v where id = 1 and true')
      const error = await failure(together(statement('select 1 / $1::int', [0]), late))
      expect(error).toMatchObject({ code: '22012' })
      // its text was sent where nothing was read any more
      expect(await together(late, late)).toEqual([[['a']], [['a']]])
      expect((await at.connected.driver.run(late)).rows).toEqual([['a']])
    })

    it('go on after the schema has changed', async () => {
      const all = statement('select t from v order by id')
      expect(await together(all, all)).toEqual([
        [['a'], ['b']],
        [['a'], ['b']],
      ])
      // by somebody else, so that nothing here knows of it
      await using({}, async ({ driver }) => {
        await driver.run(own('alter table v alter t type int using id * 10'))
      })
      expect(await together(all, all)).toEqual([
        [[10], [20]],
        [[10], [20]],
      ])
    })

    it('are left to others where no connection is shared', async () => {
      await using({ max: 1 }, async ({ driver }) => {
        expect(driver.runTogether?.([statement('select 1')])).toBeNull()
      })
      await using({}, async ({ driver }) => {
        await driver.close()
        expect(driver.runTogether?.([statement('select 1')])).toBeNull()
      })
    })

    it('mix with others on the same connections', async () => {
      const answers = await Promise.all(
        Array.from({ length: 300 }, async (_, i) => {
          if (i % 3 === 0) return [(await at.connected.driver.run(statement('select $1::int', [i]))).rows]
          if (i % 3 === 1) return together(statement('select $1::int', [i]), statement('select $1::int + 1', [i]))
          return [await failure(together(statement('select $1::int', [i]), statement('select 1 / 0')))]
        }),
      )
      for (const [i, answer] of answers.entries()) {
        if (i % 3 === 0) expect(answer).toEqual([[[i]]])
        else if (i % 3 === 1) expect(answer).toEqual([[[i]], [[i + 1]]])
        else expect(answer).toMatchObject([{ code: '22012' }])
      }
    })
  })

  describe('load relations', () => {
    let db: Database
    const sent: string[] = []
    beforeAll(async () => {
      db = await Database.connect(url)
      await db.createTables([Shop, Box])
      await db.execute(sql`create table depots (id uuid primary key)`)
      await db.execute(sql`create table crates (id serial primary key, label text not null, depot_id text)`)
      db.on('query', (event) => sent.push(event.sql))
    })
    afterAll(() => db.close())
    beforeEach(async () => {
      await Box.query().all().delete()
      await Shop.query().all().delete()
      sent.length = 0
    })

    it('as they were when their rows were read', async () => {
      const first = await Shop.create({ name: 'first' })
      await Box.insertMany(Array.from({ length: 20 }, (_, n) => ({ label: `b${n}`, shopId: first.id })))
      let over = false
      // the boxes are moved to a new shop, and the old one goes: at any time twenty boxes are in some shop
      const moving = (async () => {
        const other = await Database.connect({ name: 'mover', url })
        for (let last = first.id; !over; ) {
          last = await other.transaction(async (trx) => {
            const next = await Shop.using(trx).create({ name: 'next' })
            await Box.using(trx).all().update({ shopId: next.id })
            await Shop.using(trx).where('id', last).delete()
            return next.id
          })
        }
        await other.close()
      })()
      for (let round = 0; round < 200; round++) {
        const shops = await Shop.with('boxes.shop')
        expect(shops.map(({ boxes }) => boxes.length)).toEqual([20])
        expect(shops[0]?.boxes.every((box) => box.shop?.id === shops[0]?.id)).toBe(true)
      }
      over = true
      await moving
    })

    it('one level after the other where the keys of both sides are of different types', async () => {
      await db.execute(sql`insert into depots values (gen_random_uuid())`)
      await db.execute(sql`insert into crates (label, depot_id) select 'x', id::text from depots`)
      await db.execute(sql`insert into crates (label) values ('y')`)
      sent.length = 0
      for (let time = 0; time < 5; time++) {
        const [read] = await Depot.with('crates')
        expect(read?.crates.map(({ label }) => label)).toEqual(['x'])
      }
      expect(sent).toHaveLength(10)
      expect(sent.some((text) => text.includes('in (select'))).toBe(false)
    })

    it('and are stopped by the time a statement may take, once', async () => {
      const slow = await Database.connect({
        name: 'slow',
        url: urlOf(new URL(url).pathname.slice(1)),
        statementTimeout: 300,
      })
      await Shop.create({ name: 'one' })
      await db.execute(sql`create view slow_boxes as select b.*, pg_sleep(2)::text as nap from boxes b`)
      class SlowShop extends Model({ name: Field.string() }, { table: 'shops' }) {
        static boxes = Relation.hasMany(() => SlowBox, { foreignKey: 'shopId' })
      }
      class SlowBox extends Model({ label: Field.string(), shopId: Field.integer() }, { table: 'slow_boxes' }) {}
      await Box.create({ label: 'b', shopId: (await Shop.query().firstOrFail()).id })
      const start = performance.now()
      expect(await failure(SlowShop.using(slow).with('boxes'))).toBeInstanceOf(TimeoutError)
      expect(performance.now() - start).toBeLessThan(600)
      await slow.close()
      await db.execute(sql`drop view slow_boxes`)
    })

    it('one level after the other where a page may be of other rows the next time', async () => {
      const shops = await Shop.createMany([{ name: 'same' }, { name: 'same' }, { name: 'same' }])
      const ids = shops.map(({ id }) => id)
      await Box.createMany(ids.map((shopId) => ({ label: `of ${shopId}`, shopId })))
      const pages = [
        () => Shop.with('boxes').whereKey(ids).orderBy('name').limit(1),
        () =>
          Shop.with('boxes')
            .whereKey(ids[0] as number)
            .orWhere('id', ids[1] as number)
            .limit(1),
        () => Shop.with('boxes').orderBy('name').limit(1),
        () => Shop.with('boxes').limit(1),
      ]
      for (const page of pages) {
        sent.length = 0
        const [read] = await page()
        expect(read?.boxes.map(({ label }) => label)).toEqual([`of ${read?.id}`])
        expect(sent).toHaveLength(2)
        expect(sent.some((text) => text.includes('in (select'))).toBe(false)
      }
      sent.length = 0
      await Shop.with('boxes').whereKey(ids).orderBy('id').limit(1)
      expect(sent.some((text) => text.includes('in (select'))).toBe(true)
    })

    it('one level after the other or at once while connections are slow', async () => {
      const shop = await Shop.create({ name: 'one' })
      await Box.create({ label: 'b', shopId: shop.id })
      const load = async () => {
        sent.length = 0
        const [read] = await Shop.with('boxes')
        expect(read?.boxes.map(({ label }) => label)).toEqual(['b'])
        return sent.some((text) => text.includes('in (select'))
      }
      expect(await load()).toBe(true)
      const text = 'select pg_sleep(0.5)::text as nap'
      const nap = async () => db.run(new NamedStatement({ ...TEMPLATE, sql: text, intent: 'read', rows: true }, []))
      await Promise.all([nap(), nap()])
      for (let time = 0; time < 4; time++) {
        const slow = Array.from({ length: 2 }, nap)
        await sleep(60)
        await load()
        await Promise.all(slow)
      }
      expect(await load()).toBe(true)
    })

    it('whether or not a connection has died meanwhile', async () => {
      const shop = await Shop.create({ name: 'one' })
      await Box.create({ label: 'b', shopId: shop.id })
      for (let round = 0; round < 5; round++) {
        const { rows } = await at.admin.driver.run(
          statement('select pid from pg_stat_activity where datname = $1 and pid <> $2', [
            new URL(url).pathname.slice(1),
            await pidOf(at.connected.driver),
          ]),
        )
        await kill(...rows.map(([pid]) => pid as number))
        const [read] = await Shop.with('boxes')
        expect(read?.boxes.map(({ label }) => label)).toEqual(['b'])
      }
    })
  })
})
