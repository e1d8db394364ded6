import { ConnectionError, Database, Field, Model, sql, TransactionError } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { scriptRunner } from '../support/scripts.js'

class Item extends Model({ name: Field.string() }, { table: 'closing_items', database: 'shop' }) {}

const runScript = scriptRunner()
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error as Error,
  )

describeDatabases('closing and connecting again', (database) => {
  if (!database.facts.startsAtOnce) {
    it('is not connected any more', async () => {
      const db = await Database.connect({ name: 'shop', url: database.url })
      await db.close()
      expect(db.isConnected).toBe(false)
    })
    return
  }

  const connect = (over: object = {}) => Database.connect({ name: 'shop', url: database.url, ...over })
  const connected = async (work: (db: Database) => Promise<void>, over: object = {}) => {
    await using db = await connect(over)
    await db.dropTables([Item])
    await db.createTables([Item])
    await work(db)
  }
  /** What another connection sees; in memory there is none once the database is closed. */
  const stored = async () => {
    if (!database.facts.concurrent) return null
    await using db = await Database.connect({ name: 'looking', url: database.url })
    return (await db.select<{ name: string }>(sql`select name from closing_items order by name`)).map(
      ({ name }) => name,
    )
  }

  describe('close()', () => {
    it('lets transactions end, and turns away what comes later', async () => {
      await connected(async (db) => {
        const log: string[] = []
        const running = db.transaction(async (trx) => {
          await Item.create({ name: 'first' })
          await sleep(150)
          await Item.create({ name: 'second' })
          await trx.transaction(() => Item.create({ name: 'third' }))
          expect(await Item.count()).toBe(3)
          log.push('transaction')
          return 'done'
        })
        await sleep(30)
        const closing = db.close().then(() => void log.push('closed'))
        expect(db.isConnected).toBe(false)
        for (const late of [() => Item.count(), () => db.transaction(async () => 1), () => db.select(sql`select 1`)]) {
          const error = await failure(Promise.resolve().then((): Promise<unknown> => late()))
          expect(error).toBeInstanceOf(ConnectionError)
          expect(error?.message).toMatch(/"shop" is closing/)
        }
        expect(await running).toBe('done')
        await closing
        expect(log).toEqual(['transaction', 'closed'])
        expect((await failure(db.ping()))?.message).toMatch(/"shop" is closed/)
        expect(await stored()).toEqual(database.facts.concurrent ? ['first', 'second', 'third'] : null)
      })
    })

    it('cuts what takes longer than its limit, and says so', async () => {
      await connected(async (db) => {
        let inside: Error | null = null
        const running = failure(
          db.transaction(async () => {
            await Item.create({ name: 'lost' })
            await sleep(400)
            inside = await failure(Item.create({ name: 'late' }))
            if (inside !== null) throw inside
          }),
        )
        await sleep(30)
        const start = performance.now()
        await db.close({ timeout: 60 })
        expect(performance.now() - start).toBeLessThan(350)
        const error = await running
        expect(error).toBeInstanceOf(Error)
        expect(error?.message).toMatch(/"shop" was closed while the transaction ran/)
        expect(await stored()).toEqual(database.facts.concurrent ? [] : null)
      })
    })

    it('is refused inside a transaction, which would wait for itself', async () => {
      await connected(async (db) => {
        const error = await failure(db.transaction(() => db.close()))
        expect(error).toBeInstanceOf(TransactionError)
        expect(db.isConnected).toBe(true)
        await Item.create({ name: 'a' })
        for (const timeout of [-1, Number.NaN, '5', null])
          await expect(db.close({ timeout: timeout as number })).rejects.toMatchObject({ code: 'USAGE' })
        expect(await Item.count()).toBe(1)
      })
    })

    it('turns away who waits for a connection', async () => {
      await connected(
        async (db) => {
          const holding = db.transaction(() => sleep(150))
          await sleep(20)
          const waiting = [failure(db.transaction(async () => 1)), failure(db.select(sql`select 1`))]
          await sleep(20)
          const closing = db.close()
          for (const error of await Promise.all(waiting)) expect(error?.message).toMatch(/closing/)
          await holding
          await closing
        },
        { pool: { max: 1 } },
      )
    })
  })

  describe('connect() of a connected name', () => {
    it('with the same URL is the same database', async () => {
      await connected(async (db) => {
        const before = await connections()
        for (let reload = 0; reload < 12; reload++) expect(await connect()).toBe(db)
        const all = await Promise.all([connect(), connect(), connect()])
        expect(new Set([db, ...all]).size).toBe(1)
        // the question itself may take another one
        expect(await connections()).toBeLessThan(before + 3)
        expect(db.isConnected).toBe(true)
      })
    })

    it('with another URL or other options closes the earlier one', async () => {
      await connected(async (db) => {
        const other = await connect({ acquireTimeout: 1234 })
        expect(other).not.toBe(db)
        expect(db.isConnected).toBe(false)
        expect(Database.get('shop')).toBe(other)
        expect(await connect()).toBe(other)
        const third = await Database.connect({ name: 'shop', url: 'sqlite://:memory:' }).catch((error) => error)
        if (third instanceof Database) await third.close()
        expect(other.isConnected).toBe(false)
      })
    })

    it('that fails leaves the earlier one as it was', async () => {
      await connected(async (db) => {
        await expect(Database.connect({ name: 'shop', url: 'sqlite:////no/such/folder/x.db' })).rejects.toBeInstanceOf(
          ConnectionError,
        )
        expect(Database.get('shop')).toBe(db)
        await db.ping()
      })
    })

    it('does not take a running transaction to the new one', async () => {
      if (!database.facts.concurrent) return expect(database.kind).toMatch(/lite$/)
      await connected(async (db) => {
        const running = db.transaction(async (trx) => {
          await Item.create({ name: 'a' })
          await sleep(100)
          await Item.create({ name: 'b' })
          trx.rollback()
        })
        await sleep(20)
        await using other = await connect({ acquireTimeout: 999 })
        await running
        expect(other.isConnected).toBe(true)
        expect(await stored()).toEqual([])
      })
    })

    async function connections(): Promise<number> {
      const text = {
        postgres: sql`select count(*) as n from pg_stat_activity where datname = current_database()`,
        mysql: sql`select count(*) as n from information_schema.processlist where db = database()`,
        sqlite: sql`select 1 as n`,
        pglite: sql`select 1 as n`,
      }[database.kind]
      return Number((await database.db.select<{ n: unknown }>(text))[0]?.n)
    }
  })

  it('a program that closes on a signal stores what was under way', async () => {
    if (!database.facts.concurrent) return expect(database.kind).toMatch(/lite$/)
    await using db = await connect()
    await db.dropTables([Item])
    await db.createTables([Item])
    const { code, output } = await runScript(
      `const db = await Database.connect(url)
      process.on('SIGTERM', async () => { await db.close(); console.log('closed') })
      let begun = 0
      const work = [1, 2, 3, 4].map((n) => db.transaction(async (trx) => {
        await trx.execute(sql\`insert into closing_items (name) values (\${'row ' + n})\`)
        if (++begun === 4) process.kill(process.pid, 'SIGTERM')
        await sleep(150)
        await trx.execute(sql\`insert into closing_items (name) values (\${'done ' + n})\`)
      }))
      await Promise.all(work)`,
      database.url,
    )
    expect([code, output.trim()]).toEqual([0, 'closed'])
    expect((await stored())?.filter((name) => name.startsWith('done'))).toHaveLength(4)
  })
})
