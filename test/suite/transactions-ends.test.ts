import {
  Database,
  DatabaseError,
  Field,
  Model,
  PoolTimeoutError,
  sql,
  TransactionError,
  UniqueViolationError,
} from 'corm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Account extends Model({ name: Field.string({ unique: true }), amount: Field.integer({ default: 0 }) }) {}
class Note extends Model({ text: Field.string() }, { database: 'second' }) {}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const accounts = sql.id('accounts')

describeDatabases('how transactions end', (database) => {
  database.useTables([Account])
  const names = () => Account.query().orderBy('name').pluck('name')
  const add = (name: string) => Account.create({ name })

  describe('afterCommit()', () => {
    it('runs once, in order, after the outermost commit only', async () => {
      const log: string[] = []
      await database.db.transaction(async (outer) => {
        outer.afterCommit(() => void log.push('outer'))
        await outer.transaction(async (inner) => {
          inner.afterCommit(async () => {
            await sleep(2)
            log.push('inner')
          })
        })
        outer.afterCommit(() => void log.push('last'))
        expect(log).toEqual([])
      })
      expect(log).toEqual(['outer', 'inner', 'last'])
    })
    it('does not run after a rollback, nor for a savepoint that was rolled back', async () => {
      const log: string[] = []
      await database.db
        .transaction(async (trx) => {
          trx.afterCommit(() => void log.push('never'))
          throw new Error('no')
        })
        .catch(() => undefined)
      await database.db.transaction(async (trx) => {
        trx.afterCommit(() => void log.push('never'))
        trx.rollback()
      })
      await database.db.transaction(async (outer) => {
        await outer
          .transaction(async (inner) => {
            inner.afterCommit(() => void log.push('never'))
            throw new Error('no')
          })
          .catch(() => undefined)
        outer.afterCommit(() => void log.push('outer'))
      })
      expect(log).toEqual(['outer'])
    })
    it('runs outside: its statements are their own', async () => {
      await database.db.transaction(async (trx) => {
        await add('inside')
        trx.afterCommit(async () => {
          await add('hook')
        })
      })
      expect(await names()).toEqual(['hook', 'inside'])
    })
    it('what it throws neither undoes nor hides the commit', async () => {
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
      const log: string[] = []
      const result = await database.db.transaction(async (trx) => {
        await add('a')
        trx.afterCommit(() => {
          throw new Error('hook')
        })
        trx.afterCommit(() => void log.push('next'))
        return 'stored'
      })
      expect(result).toBe('stored')
      expect(log).toEqual(['next'])
      expect(warned).toHaveBeenCalledOnce()
      warned.mockRestore()
      expect(await names()).toEqual(['a'])
    })
  })

  describe('options', () => {
    it('readOnly refuses writes, and the next transaction may write again', async () => {
      await add('a')
      await expect(database.db.transaction(() => add('b'), { readOnly: true })).rejects.toBeInstanceOf(DatabaseError)
      expect(await database.db.transaction(() => names(), { readOnly: true })).toEqual(['a'])
      await database.db.transaction(() => add('c'))
      await add('d')
      expect(await names()).toEqual(['a', 'c', 'd'])
    })
    it('serializable works everywhere', async () => {
      await database.db.transaction(() => add('a'), { isolation: 'serializable' })
      expect(await names()).toEqual(['a'])
    })
    it('an isolation level holds for its transaction only', async () => {
      if (!database.facts.concurrent) {
        const lower = database.db.transaction(async () => 'done', { isolation: 'read committed' })
        if (database.kind === 'sqlite') await expect(lower).rejects.toThrow('serializable')
        else expect(await lower).toBe('done')
        return
      }
      const level = async () => {
        const query =
          database.kind === 'mysql'
            ? sql`select @@session.tx_isolation as level`
            : sql`show transaction isolation level`
        const [row] = await database.db.select(query)
        return String(Object.values(row!)[0]).toLowerCase().replace('-', ' ')
      }
      const before = await level()
      await database.db.transaction(
        async () => {
          expect(await Account.count()).toBe(0)
        },
        { isolation: 'serializable' },
      )
      for (let i = 0; i < 12; i++) expect(await database.db.transaction(level)).toBe(before)
    })
    it.each([
      [{ isolation: 'chaos' }, 'isolation'],
      [{ isolation: 'serializable; drop table accounts' }, 'isolation'],
      [{ mode: 'immediate; drop table accounts; --' }, 'mode'],
      [{ readOnly: 'yes; drop table accounts' }, 'readOnly'],
      [{ deferrable: 1 }, 'deferrable'],
      [{ retries: '3' }, 'retries'],
      [{ retries: -1 }, 'retries'],
      [{ nope: true }, 'nope'],
      ['serializable', 'isolation, readOnly, deferrable, mode, retries'],
      [null, 'isolation, readOnly, deferrable, mode, retries'],
    ])('refuses %j, alone and inside another', async (options, named) => {
      const begin = () => database.db.transaction(async () => undefined, options as never)
      for (const attempt of [begin, () => database.db.transaction(begin), () => Account.transaction(begin)])
        await expect(attempt()).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(named) })
      expect(await Account.count()).toBe(0)
    })
  })

  describe('an error that is caught inside', () => {
    it('never makes a commit out of what the database rolled back', async () => {
      await add('taken')
      const outcome = await database.db
        .transaction(async () => {
          await add('a')
          await add('taken').catch((error) => {
            expect(error).toBeInstanceOf(UniqueViolationError)
          })
        })
        .then(
          () => 'committed',
          (error) => error,
        )
      const stored = await names()
      // PostgreSQL gives the transaction up at the first error; the others undo the statement only
      if (outcome === 'committed') expect(stored).toEqual(['a', 'taken'])
      else {
        expect(outcome).toBeInstanceOf(TransactionError)
        expect(stored).toEqual(['taken'])
      }
      expect(outcome === 'committed').toBe(database.kind === 'sqlite' || database.kind === 'mysql')
    })
    it('a later statement tells it too, where the transaction is lost', async () => {
      await add('taken')
      const work = database.db.transaction(async () => {
        await add('taken').catch(() => undefined)
        await add('b')
      })
      if (database.kind === 'sqlite' || database.kind === 'mysql') await work
      else await expect(work).rejects.toBeInstanceOf(DatabaseError)
      await add('c')
      expect(await names()).toContain('c')
    })
    it('COMMIT and ROLLBACK by hand are refused, or noticed', async () => {
      for (const text of ['commit', 'rollback', ' COMMIT ', '/* now */ rollback']) {
        await expect(
          database.db.transaction(async (trx) => {
            await add('a')
            await trx.execute(sql`${sql.raw(text)}`)
            await add('b')
          }),
        ).rejects.toBeInstanceOf(Error)
        expect(await Account.where('name', 'b').exists()).toBe(false)
        await Account.all().delete()
      }
      await database.db.transaction(() => add('c'))
      expect(await names()).toEqual(['c'])
    })
  })

  describe('two databases', () => {
    let second: Database
    beforeEach(async () => {
      second = await Database.connect({ name: 'second', url: 'sqlite::memory:' })
      await second.createTables([Note])
    })
    afterEach(() => second.close())

    it('a transaction of one does not touch the other', async () => {
      await expect(
        database.db.transaction(async () => {
          await add('a')
          await Note.create({ text: 'kept' })
          await second.execute(sql`insert into notes (text) values ('kept too')`)
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
      expect(await names()).toEqual([])
      expect(await Note.query().pluck('text')).toEqual(['kept', 'kept too'])
    })
    it('one in the other, each ends by itself', async () => {
      await database.db.transaction(async () => {
        await add('a')
        await second
          .transaction(async () => {
            await Note.create({ text: 'lost' })
            await add('b')
            throw new Error('no')
          })
          .catch(() => undefined)
      })
      expect(await names()).toEqual(['a', 'b'])
      expect(await Note.count()).toBe(0)
    })
    it('using() sends a model elsewhere, in its transaction', async () => {
      await second.createTables([Account])
      await expect(
        second.transaction(async () => {
          await Account.using(second).create({ name: 'x' })
          await add('default')
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
      expect(await Account.using(second).count()).toBe(0)
      expect(await names()).toEqual(['default'])
    })
  })

  describe('one connection', () => {
    const small = async (work: (db: Database) => Promise<void>, acquireTimeout = 5000) => {
      // in memory there is one connection anyway
      if (!database.facts.concurrent) return work(database.db)
      await using db = await Database.connect({
        name: 'small',
        url: database.url,
        pool: { max: 1 },
        acquireTimeout,
      })
      await work(db)
    }
    it('nested work never waits for itself', async () => {
      await small(async (db) => {
        const Bound = Account.using(db)
        await db.transaction(async (trx) => {
          await Bound.create({ name: 'a' })
          await db.transaction(async () => {
            await Bound.create({ name: 'b' })
            await Promise.all([Bound.create({ name: 'c' }), Bound.count(), trx.select(sql`select 1`)])
            await Bound.insertMany(Array.from({ length: 300 }, (_, i) => ({ name: `m${i}` })))
          })
          const all = await Bound.query()
          all[0]!.amount = 5
          await all[0]!.save()
          await Bound.firstOrCreate({ name: 'd' })
        })
        expect(await Bound.count()).toBe(304)
      })
    })
    it('many transactions at once all get their turn', async () => {
      await small(async (db) => {
        const Bound = Account.using(db)
        await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            db.transaction(async () => {
              await Bound.create({ name: `a${i}` })
              await db.transaction(() => Bound.create({ name: `b${i}` }))
            }),
          ),
        )
        expect(await Bound.count()).toBe(40)
      })
    })
    it('waiting too long is told with what to do', async () => {
      const url = database.facts.concurrent ? database.url : `${database.kind}::memory:`
      await using db = await Database.connect({ name: 'busy', url, pool: { max: 1 }, acquireTimeout: 150 })
      let release!: () => void
      const holding = db.transaction(
        () =>
          new Promise<void>((resolve) => {
            release = resolve
          }),
      )
      await sleep(20)
      const error = await db.select(sql`select 1 as one`).catch((thrown) => thrown)
      expect(error).toBeInstanceOf(PoolTimeoutError)
      expect(error).toMatchObject({ code: 'POOL_TIMEOUT' })
      expect(error.message).toMatch(/150 ms/)
      expect(error.message.length).toBeGreaterThan(60)
      release()
      await holding
      expect(await db.select(sql`select 1 as one`)).toHaveLength(1)
    })
  })

  it('begin, savepoints and commit are told to listeners', async () => {
    const { events } = await recordQueries(() =>
      database.db.transaction(async (trx) => {
        await trx.transaction(() => add('a'))
      }),
    )
    const [begin, savepoint, insert, release, commit] = events.map((event) => event.sql)
    expect(begin).toMatch(/begin/i)
    expect(savepoint).toMatch(/savepoint/i)
    expect(insert).toMatch(/^insert/)
    expect(release).toMatch(/release/i)
    expect(commit).toMatch(/commit/i)
    expect(await database.db.select(sql`select name from ${accounts}`)).toEqual([{ name: 'a' }])
  })
})
