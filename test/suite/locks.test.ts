import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, DatabaseError, Field, LockTimeoutError, Model, Relation, TransactionError, UsageError } from 'corm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Job extends Model({
  // where no index leads to a row, some servers lock all rows they pass
  name: Field.string({ max: 40, unique: true }),
  state: Field.string({ max: 10, default: 'new' }),
  runs: Field.integer({ default: 0 }),
}) {
  static tasks = Relation.hasMany(() => Task)
}

class Task extends Model({ title: Field.string({ max: 40 }), jobId: Field.foreignKey(() => Job) }) {
  static job = Relation.belongsTo(() => Job)
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

async function fill(): Promise<void> {
  await Job.insertMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
}

describeDatabases('lock', (database) => {
  database.useTables([Job, Task])
  beforeEach(fill)

  it('is refused outside a transaction, before anything is sent', async () => {
    const query = Job.query().orderBy('name').lock('update')
    const uses = [
      () => query.get(),
      () => query,
      () => query.first(),
      () => query.find(1),
      () => query.sole(),
      () => query.count(),
      () => query.exists(),
      () => query.pluck('name'),
      () => query.values('name'),
      () => query.cursorPaginate(),
      () => query.stream().next(),
    ]
    for (const use of uses) {
      const error = await expectRefusal(use)
      if (!(error instanceof UsageError)) expect(error).toBeInstanceOf(TransactionError)
    }
    expect((await expectRefusal(() => query.get())).message).toMatch(
      /"Job" runs in none.*Job\.transaction.*using\(trx\)/,
    )
  })

  it('reads what the query would read', async () => {
    await Job.transaction(async () => {
      const query = Job.query().orderBy('name').lock('update')
      expect((await query).map((job) => job.name)).toEqual(['a', 'b', 'c'])
      const first = await query.first()
      expect(first?.name).toBe('a')
      expect((await query.find(first?.id as number))?.name).toBe('a')
      expect((await query.where('name', 'b').sole()).name).toBe('b')
      expect(await query.where('name', 'z').soleOrNull()).toBeNull()
      expect((await query.last())?.name).toBe('c')
      expect(await query.count()).toBe(3)
      expect(await query.limit(2).count()).toBe(2)
      expect(await query.max('name')).toBe('c')
      expect(await query.where('name', '>', 'a').exists()).toBe(true)
      expect(await query.pluck('name')).toEqual(['a', 'b', 'c'])
      expect(await query.valuesList('name', 'runs')).toEqual([
        ['a', 0],
        ['b', 0],
        ['c', 0],
      ])
      expect(await query.paginate({ page: 2, size: 2 })).toMatchObject({ total: 3, items: [{ name: 'c' }] })
      expect((await query.cursorPaginate({ size: 2 })).items).toHaveLength(2)
      const streamed: string[] = []
      for await (const job of query.stream({ chunkSize: 2 })) streamed.push(job.name)
      expect(streamed).toEqual(['a', 'b', 'c'])
      expect(await Job.query().lock('share').count()).toBe(3)
    })
  })

  it('takes the transaction that using() names', async () => {
    await database.db.transaction(async (trx) => {
      const query = Job.query().lock('update').using(trx)
      expect(await query.count()).toBe(3)
      expect(await Job.using(trx).where('name', 'a').lock('share').count()).toBe(1)
    })
  })

  it('counts a page without locking all rows', async () => {
    const { events } = await recordQueries(() =>
      Job.transaction(() => Job.query().lock('update').paginate({ size: 1 })),
    )
    const [counting] = events.filter(({ sql }) => /count\(/.test(sql))
    expect(counting?.sql).not.toMatch(/for update/)
  })

  it('leaves the relations of with() free', async () => {
    const [job] = await Job.query()
    await Task.create({ title: 't', jobId: job?.id as number })
    const { events, result } = await recordQueries(() =>
      Job.transaction(() => Job.with('tasks').where('name', 'a').lock('update').get()),
    )
    expect(result?.[0]?.tasks.map((task) => task.title)).toEqual(['t'])
    expect(events.find(({ sql }) => /from .tasks/.test(sql))?.sql).not.toMatch(/for update/)
  })

  it('runs with a comment of any text', async () => {
    const texts = ['*/ ; drop table jobs; /*', "it's ? $1 :a @b", '!50000 syntax error', '\0\n--', '/*', '*/', '😀 表']
    for (const text of texts) {
      const query = Job.query().comment(text).where('name', 'a')
      expect(await query.pluck('name'), text).toEqual(['a'])
      expect(await query.update({ runs: 1 }), text).toBe(1)
      expect(await Job.where('name', 'z').comment(text).delete(), text).toBe(0)
      expect(await Job.transaction(() => query.lock('update').count()), text).toBe(1)
    }
    expect(await Job.count()).toBe(3)
  })

  it('keeps one plan for a comment, and none for each of many', async () => {
    const { events } = await recordQueries(async () => {
      for (const name of ['a', 'b']) await Job.query().comment('same').where('name', name).get()
      for (let i = 0; i < 50; i++) expect(await Job.query().comment(`request ${i}`).where('name', 'a').count()).toBe(1)
    })
    expect(new Set(events.slice(0, 2).map(({ sql }) => sql)).size).toBe(1)
    expect(new Set(events.map(({ sql }) => sql)).size).toBe(51)
  })

  const beside = database.facts.concurrent ? describe : () => undefined
  beside('beside another transaction', () => {
    let other: Database
    beforeAll(async () => {
      other = await Database.connect({ name: 'beside', url: database.url, lockTimeout: 2000 })
    })
    afterAll(() => other?.close())
    /** Runs `work` while another transaction holds the row "a". */
    const whileHeld = (mode: 'update' | 'share', work: () => Promise<void>) =>
      Job.transaction(async () => {
        await Job.where('name', 'a').lock(mode).sole()
        await outside(work)
      })
    const rows = () => Job.using(other).query().orderBy('name')

    it('waits for the row', async () => {
      const order: string[] = []
      let waiting: Promise<void> = Promise.resolve()
      await Job.transaction(async () => {
        await Job.where('name', 'a').lock('update').sole()
        await Job.where('name', 'a').update({ runs: 7 })
        waiting = other.transaction(async () => {
          const job = await rows().where('name', 'a').lock('update').sole()
          order.push(`read ${job.runs}`)
        })
        await sleep(150)
        order.push('commit')
      })
      await waiting
      expect(order).toEqual(['commit', 'read 7'])
    })

    it('fails at once with noWait', async () => {
      await whileHeld('update', async () => {
        const start = performance.now()
        const error = await other.transaction(() => rows().lock('update', { noWait: true }).get()).catch((e) => e)
        expect(error).toBeInstanceOf(LockTimeoutError)
        expect(performance.now() - start).toBeLessThan(1000)
      })
    })

    it('leaves the transaction after noWait as the server does', async () => {
      await whileHeld('update', async () => {
        const outcome = await other
          .transaction(async () => {
            await rows().where('name', 'c').update({ runs: 9 })
            await rows()
              .where('name', 'a')
              .lock('update', { noWait: true })
              .get()
              .catch((e) => expect(e).toBeInstanceOf(LockTimeoutError))
            return rows().where('name', 'c').pluck('runs')
          })
          .catch((error) => error)
        if (database.capabilities.lockTimeoutKeepsWork) expect(outcome).toEqual([9])
        else expect(outcome).toBeInstanceOf(DatabaseError)
      })
      const [kept] = await Job.where('name', 'c').pluck('runs')
      expect(kept).toBe(database.capabilities.lockTimeoutKeepsWork ? 9 : 0)
    })

    it('goes on after noWait in a savepoint', async () => {
      await whileHeld('update', async () => {
        const names = await other.transaction(async (trx) => {
          await trx
            .transaction(() => rows().lock('update', { noWait: true }).get())
            .catch((e) => expect(e).toBeInstanceOf(LockTimeoutError))
          return rows().where('name', 'b').lock('update', { noWait: true }).pluck('name')
        })
        expect(names).toEqual(['b'])
      })
    })

    it('skips rows with skipLocked', async () => {
      await whileHeld('update', async () => {
        await other.transaction(async () => {
          expect(await rows().lock('update', { skipLocked: true }).pluck('name')).toEqual(['b', 'c'])
          expect((await rows().lock('update', { skipLocked: true }).first())?.name).toBe('b')
          expect(await rows().lock('update', { skipLocked: true }).count()).toBe(2)
          expect(await rows().where('name', 'a').lock('share', { skipLocked: true }).exists()).toBe(false)
        })
      })
    })

    it('shares with those who share, and with nobody else', async () => {
      await whileHeld('share', async () => {
        await other.transaction(async () => {
          expect(await rows().lock('share', { noWait: true }).pluck('name')).toEqual(['a', 'b', 'c'])
        })
        const error = await other.transaction(() => rows().lock('update', { noWait: true }).get()).catch((e) => e)
        expect(error).toBeInstanceOf(LockTimeoutError)
      })
    })

    it('holds the rows that were counted, and no others', async () => {
      await Job.transaction(async () => {
        expect(await Job.query().orderBy('id').limit(1).lock('update').count()).toBe(1)
        await outside(() =>
          other.transaction(async () => {
            const free = await rows().lock('update', { skipLocked: true }).pluck('name')
            expect(free).not.toContain('a')
            expect(free).toContain('c')
          }),
        )
      })
    })

    it('takes the rows of the model, and in some databases those that are joined', async () => {
      const [job] = await Job.where('name', 'a')
      await Task.create({ title: 't', jobId: job?.id as number })
      await database.db.transaction(async () => {
        const task = await Task.where('job.name', 'a').lock('update').sole()
        expect(task.title).toBe('t')
        await other.transaction(async () => {
          const tasks = Task.using(other).query().lock('update', { skipLocked: true })
          expect(await tasks.pluck('title')).toEqual([])
          const free = await rows().where('name', 'a').lock('update', { skipLocked: true }).pluck('name')
          expect(free).toEqual(database.kind === 'mysql' ? [] : ['a'])
        })
      })
    })

    /** Outside the transaction's context, as another request would be. */
    const outside = <R>(work: () => Promise<R>) => work()
  })
})

describe('lock on a file of SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corm-locks-'))
  let one: Database
  let two: Database
  beforeAll(async () => {
    const url = `sqlite:///${join(folder, 'jobs.db')}`
    one = await Database.connect({ name: 'one', url, lockTimeout: 50 })
    two = await Database.connect({ name: 'two', url, lockTimeout: 50 })
    await one.createTables([Job, Task])
    await Job.using(one).insertMany([{ name: 'a' }])
  })
  afterAll(async () => {
    await one.close()
    await two.close()
    rmSync(folder, { recursive: true })
  })
  const deferred = { mode: 'deferred' } as const
  const write = () => Job.using(two).where('name', 'a').increment('runs')

  it('keeps others from writing, though the transaction was deferred', async () => {
    await one.transaction(async () => {
      await Job.using(one).query().get()
      await expect(write()).resolves.toBe(1)
    }, deferred)
    await one.transaction(async () => {
      expect(await Job.using(one).query().lock('update').count()).toBe(1)
      await expect(write()).rejects.toBeInstanceOf(LockTimeoutError)
      expect(await Job.using(two).query().count()).toBe(1)
    }, deferred)
    await expect(write()).resolves.toBe(1)
  })

  it('fails where another one holds the lock', async () => {
    await two.transaction(async () => {
      const error = await one.transaction(() => Job.using(one).query().lock('share').get(), deferred).catch((e) => e)
      expect(error).toBeInstanceOf(LockTimeoutError)
    })
  })

  it('fails where what the transaction has read is old', async () => {
    const error = await one
      .transaction(async () => {
        await Job.using(one).query().get()
        await write()
        await Job.using(one).query().lock('update').get()
      }, deferred)
      .catch((e) => e)
    expect(error).toBeInstanceOf(LockTimeoutError)
  })

  it('takes the lock once, and not where BEGIN has taken it', async () => {
    const { events } = await recordQueries(async () => {
      await one.transaction(async () => {
        for (let i = 0; i < 2; i++) await Job.using(one).query().lock('update').count()
      }, deferred)
      await one.transaction(() => Job.using(one).query().lock('update').count())
    }, one)
    expect(events.map(({ sql }) => sql).filter((sql) => sql.startsWith('delete'))).toEqual([
      'delete from "jobs" where 0',
    ])
    expect(await Job.using(one).count()).toBe(1)
  })
})
