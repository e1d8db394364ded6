import {
  Database,
  Field,
  fn,
  LockTimeoutError,
  Model,
  NotFoundError,
  Relation,
  UnsupportedError,
  UsageError,
  ValidationError,
} from 'corm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Queue extends Model({ name: Field.string({ max: 40 }) }) {
  static jobs = Relation.hasMany(() => Job)
}

class Job extends Model({
  name: Field.string({ max: 40, unique: true }),
  state: Field.string({ max: 10, default: 'new', index: true }),
  runs: Field.integer({ default: 0 }),
  weight: Field.decimal({ precision: 10, scale: 2, default: 1 }),
  big: Field.bigInteger({ default: 2n ** 60n }),
  rank: Field.integer({ default: 1, guarded: true }),
  body: Field.text({ lazy: true, default: '' }),
  changed: Field.dateTime({ autoNow: true }),
  queueId: Field.foreignKey(() => Queue, { nullable: true, onDelete: 'cascade' }),
}) {
  static queue = Relation.belongsTo(() => Queue)
}

class Seat extends Model({
  row: Field.integer({ primaryKey: true }),
  place: Field.integer({ primaryKey: true }),
  free: Field.boolean({ default: true }),
}) {}

describeDatabases('rows that a change answers', (database) => {
  /** Takes two connections at work. */
  const concurrent = database.facts.concurrent ? it : () => undefined
  database.useTables([Queue, Job, Seat])
  beforeEach(async () => {
    const queue = await Queue.create({ name: 'q' })
    await Job.insertMany(['a', 'b', 'c', 'd'].map((name, i) => ({ name, runs: i, queueId: i < 2 ? queue.id : null })))
  })
  const namesOf = (jobs: readonly { name: string }[]) => jobs.map((job) => job.name).sort()

  describe('updateReturning', () => {
    it('gives the rows as they are afterwards, saved', async () => {
      const jobs = await Job.where('runs', '>=', 2).updateReturning((c) => ({ runs: c.runs.plus(10), weight: '2.5' }))
      expect(jobs.map((job) => [job.name, job.runs]).sort()).toEqual([
        ['c', 12],
        ['d', 13],
      ])
      const [job] = jobs
      expect(job).toBeInstanceOf(Job)
      expect(job?.isPersisted).toBe(true)
      expect(job?.isDirty()).toBe(false)
      expect(job?.big).toBe(2n ** 60n)
      expect(String(job?.weight)).toBe('2.5')
      expect(job?.changed).toBeInstanceOf(Date)
      await job?.update({ state: 'done' })
      expect(await Job.where('state', 'done').count()).toBe(1)
      expect(await Job.query().sum('runs')).toBe(0 + 1 + 12 + 13)
    })

    it('takes as many statements as the database needs', async () => {
      const { events } = await recordQueries(() => Job.where('name', 'a').updateReturning({ state: 'x' }))
      const verbs = events.map(({ sql }) => sql.split(' ')[0])
      expect(verbs).toEqual(
        database.capabilities.updateReturning ? ['update'] : ['begin', 'select', 'update', 'select', 'commit'],
      )
    })

    it('keeps to the limit and the order of the query', async () => {
      const jobs = await Job.where('state', 'new').orderBy('-runs').limit(2).updateReturning({ state: 'old' })
      expect(namesOf(jobs)).toEqual(['c', 'd'])
      expect(await Job.where('state', 'old').count()).toBe(2)
      expect(namesOf(await Job.query().orderBy('runs').offset(3).limit(5).updateReturning({ runs: 7 }))).toEqual(['d'])
    })

    it("says which name of the query it can't return", async () => {
      const named = Job.where('runs', '>', 0).annotate({ twice: (c) => c.runs.times(2) })
      await expect(named.updateReturning({ runs: 1 })).rejects.toThrow(/the query also names "twice"/)
    })

    it('takes conditions over relations', async () => {
      expect(namesOf(await Job.where('queue.name', 'q').updateReturning({ state: 'q' }))).toEqual(['a', 'b'])
      const queues = await Queue.query()
        .whereHas('jobs', (jobs) => jobs.where('state', 'q'))
        .updateReturning({ name: 'r' })
      expect(queues.map((queue) => queue.name)).toEqual(['r'])
    })

    it('sets fields to values of related rows', async () => {
      const jobs = await Job.where('runs', '<', 2).updateReturning((c) => ({ state: c.queue.name.coalesce('none') }))
      expect(jobs.map((job) => [job.name, job.state]).sort()).toEqual([
        ['a', 'q'],
        ['b', 'q'],
      ])
    })

    it('loads what the query would load', async () => {
      const [job] = await Job.where('name', 'a').with('queue').select('name').updateReturning({ runs: 9 })
      expect(job?.queue?.name).toBe('q')
      expect(job?.name).toBe('a')
      expect(() => (job as unknown as { runs: number }).runs).toThrow(/was not loaded/)
      const [whole] = await Job.where('name', 'a').selectAll().updateReturning({ body: 'long' })
      expect(whole?.body).toBe('long')
    })

    it('gives nothing where nothing is met', async () => {
      expect(await Job.where('name', 'z').updateReturning({ runs: 1 })).toEqual([])
      expect(await Job.where('name', 'z').deleteReturning()).toEqual([])
    })

    it('works for composite keys', async () => {
      await Seat.insertMany([1, 2, 3].map((place) => ({ row: 1, place })))
      const seats = await Seat.where('place', '<', 3).updateReturning({ free: false })
      expect(seats.map(({ row, place, free }) => [row, place, free]).sort()).toEqual([
        [1, 1, false],
        [1, 2, false],
      ])
      expect((await Seat.where('free', false).lock('update').updateReturning({ free: true })).length).toBe(2)
      expect((await Seat.where('free', true).deleteReturning()).length).toBe(3)
    })

    it('is undone with the transaction around it', async () => {
      await Job.transaction(async (trx) => {
        expect(await Job.where('name', 'a').updateReturning({ runs: 50 })).toMatchObject([{ runs: 50 }])
        expect(await Job.where('name', 'b').using(trx).deleteReturning()).toHaveLength(1)
        trx.rollback()
      })
      expect(await Job.query().sum('runs')).toBe(6)
    })

    it('refuses what update() refuses, before anything is sent', async () => {
      const one = Job.where('name', 'a')
      const loose = one as unknown as { updateReturning(...args: unknown[]): Promise<unknown> }
      const refused: [() => Promise<unknown>, new (...args: never[]) => Error][] = [
        [() => Job.query().updateReturning({ runs: 1 }), UsageError],
        [() => Job.query().deleteReturning(), UsageError],
        [() => loose.updateReturning({}), UsageError],
        [() => loose.updateReturning({ rank: 2 }), UsageError],
        [() => loose.updateReturning({ nothing: 2 }), UsageError],
        [() => loose.updateReturning({ runs: 'many' }), ValidationError],
        [() => one.distinct().updateReturning({ runs: 1 }), UsageError],
        [() => one.annotate({ n: () => fn.count() }).updateReturning({ runs: 1 }), UsageError],
        [() => one.with('queue').deleteReturning(), UsageError],
      ]
      for (const [work, type] of refused) expect(await expectRefusal(work)).toBeInstanceOf(type)
      expect(await one.updateReturning({ rank: 2 }, { guarded: true })).toMatchObject([{ rank: 2 }])
      expect(await Job.all().updateReturning({ runs: 1 })).toHaveLength(4)
    })

    it('changes a key where one statement does', async () => {
      const change = () => Seat.where('row', 1).updateReturning({ place: 8 })
      await Seat.create({ row: 1, place: 1 })
      if (database.capabilities.updateReturning) expect(await change()).toMatchObject([{ place: 8 }])
      else expect(await expectRefusal(change)).toBeInstanceOf(UnsupportedError)
    })

    it('has the comment on every statement', async () => {
      const { events } = await recordQueries(() => Job.where('name', 'a').comment('why').updateReturning({ runs: 1 }))
      const sent = events.map(({ sql }) => sql).filter((sql) => !/^(begin|commit)$/.test(sql))
      for (const sql of sent) expect(sql).toMatch(/ \/\* why \*\/$/)
    })
  })

  describe('deleteReturning', () => {
    it('gives the rows as they were, deleted', async () => {
      const jobs = await Job.where('runs', '>', 1).deleteReturning()
      expect(namesOf(jobs)).toEqual(['c', 'd'])
      const [job] = jobs
      expect([job?.isDeleted, job?.isPersisted]).toEqual([true, false])
      await expect(job?.save()).rejects.toBeInstanceOf(UsageError)
      await expect(job?.refresh()).rejects.toBeInstanceOf(UsageError)
      expect(await Job.count()).toBe(2)
      await expect(Job.findOrFail(job?.id as number)).rejects.toBeInstanceOf(NotFoundError)
    })

    it('keeps to the limit and the order of the query', async () => {
      expect(namesOf(await Job.query().orderBy('-runs').limit(1).deleteReturning())).toEqual(['d'])
      expect(await Job.query().orderBy('name').pluck('name')).toEqual(['a', 'b', 'c'])
    })

    it('takes one statement where the database has it', async () => {
      const { events } = await recordQueries(() => Job.where('name', 'a').deleteReturning())
      expect(events.map(({ sql }) => sql.split(' ')[0])).toEqual(
        database.capabilities.deleteReturning ? ['delete'] : ['begin', 'select', 'delete', 'commit'],
      )
    })
  })

  describe('with a lock', () => {
    it('goes by the keys of the locked rows, in the order of the query', async () => {
      const query = Job.query().orderBy('-runs').limit(3).lock('update')
      expect((await query.updateReturning({ state: 'mine' })).map((job) => job.name)).toEqual(['d', 'c', 'b'])
      expect((await query.limit(2).deleteReturning()).map((job) => job.name)).toEqual(['d', 'c'])
      expect(await Job.count()).toBe(2)
    })

    it('takes skipLocked where nobody holds a row', async () => {
      const changed = await Job.all().lock('update', { skipLocked: true }).updateReturning({ runs: 1 })
      expect(changed).toHaveLength(4)
    })

    concurrent('gives each worker of a queue rows of its own', async () => {
      await Job.insertMany(Array.from({ length: 96 }, (_, i) => ({ name: `job ${i}` })))
      const taken: string[] = []
      const worker = async () => {
        for (;;) {
          const jobs = await Job.where('state', 'new')
            .orderBy('id')
            .limit(3)
            .lock('update', { skipLocked: true })
            .updateReturning({ state: 'taken' })
          if (jobs.length === 0) return
          taken.push(...jobs.map((job) => job.name))
        }
      }
      await Promise.all(Array.from({ length: 6 }, worker))
      expect(new Set(taken).size).toBe(taken.length)
      // one that met only locked rows has stopped, so the last of them may be left
      expect(taken.length + (await Job.where('state', 'new').count())).toBe(100)
    })
  })

  const beside = database.facts.concurrent ? describe : () => undefined
  beside('beside another transaction', () => {
    let other: Database
    beforeAll(async () => {
      other = await Database.connect({ name: 'besides', url: database.url, lockTimeout: 2000 })
    })
    afterAll(() => other?.close())

    it('gives the newest values, though the transaction has seen older ones', async () => {
      await Job.transaction(async () => {
        expect(await Job.where('name', 'a').pluck('weight')).toHaveLength(1)
        await Job.using(other)
          .where('name', 'a')
          .update({ weight: '9.99', runs: 5, changed: new Date(0) }, { guarded: true })
        // nothing changes in the row: it has these values already
        const [job] = await Job.where('name', 'a').updateReturning({ runs: 5, changed: new Date(0) }, { guarded: true })
        expect(String(job?.weight)).toBe('9.99')
      })
    })

    it('goes on after noWait as the server does', async () => {
      await Job.transaction(async () => {
        await Job.where('name', 'a').lock('update').sole()
        await other.transaction(async () => {
          const mine = Job.using(other).query()
          const held = mine.where('name', 'a').lock('update', { noWait: true }).updateReturning({ runs: 1 })
          await expect(held).rejects.toBeInstanceOf(LockTimeoutError)
          // what failed was in a savepoint
          expect(await mine.where('name', 'b').updateReturning({ runs: 8 })).toMatchObject([{ runs: 8 }])
        })
      })
      expect(await Job.where('runs', 8).pluck('name')).toEqual(['b'])
    })
  })
})
