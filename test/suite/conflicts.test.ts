import {
  Database,
  DatabaseError,
  DeadlockError,
  Field,
  LockTimeoutError,
  Model,
  SerializationError,
  sql,
  TransactionError,
} from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Account extends Model({ name: Field.string({ unique: true }), amount: Field.integer({ default: 0 }) }) {}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** A meeting point: everyone waits until `count` have come, or a while has passed. */
function meeting(count: number) {
  let arrived = 0
  let open!: () => void
  const all = new Promise<void>((resolve) => {
    open = resolve
  })
  return async () => {
    if (++arrived === count) open()
    await Promise.race([all, sleep(300)])
  }
}

describeDatabases('conflicts', (database) => {
  database.useTables([Account])
  let a: Account
  let b: Account
  beforeEach(async () => {
    a = await Account.create({ name: 'a', amount: 100 })
    b = await Account.create({ name: 'b', amount: 100 })
  })
  const move = (from: Account, to: Account, meet: () => Promise<void>) => async () => {
    await Account.query().whereKey(from.id).decrement('amount', 10)
    await meet()
    await Account.query().whereKey(to.id).increment('amount', 10)
  }
  const amounts = () => Account.query().orderBy('name').pluck('amount')

  it('transfers in opposite directions are whole, with retries', async () => {
    const meet = meeting(2)
    await Promise.all([
      database.db.transaction(move(a, b, meet), { retries: 5 }),
      database.db.transaction(move(b, a, meet), { retries: 5 }),
    ])
    expect(await amounts()).toEqual([100, 100])
  })
  it('the victim of a deadlock is told so, and nothing of it is stored', async () => {
    const meet = meeting(2)
    const results = await Promise.allSettled([
      database.db.transaction(move(a, b, meet)),
      database.db.transaction(move(b, a, meet)),
    ])
    const failed = results.filter((result) => result.status === 'rejected')
    // with one connection transactions run in turn, and there is nothing to wait for in a circle
    expect(failed).toHaveLength(database.facts.concurrent ? 1 : 0)
    for (const { reason } of failed) expect(reason).toBeInstanceOf(DeadlockError)
    const [first, second] = await amounts()
    expect(first! + second!).toBe(200)
    expect([90, 100, 110]).toContain(first)
  })
  it('work that goes on after a deadlock is refused, and does not commit', async () => {
    const meet = meeting(2)
    const stubborn = (from: Account, to: Account) =>
      database.db.transaction(async () => {
        await move(from, to, meet)().catch((error) => {
          expect(error).toBeInstanceOf(DeadlockError)
        })
        await Account.create({ name: `after ${from.name}` })
      })
    const results = await Promise.allSettled([stubborn(a, b), stubborn(b, a)])
    const failed = results.filter((result) => result.status === 'rejected')
    expect(failed).toHaveLength(database.facts.concurrent ? 1 : 0)
    for (const { reason } of failed)
      expect(reason).toMatchObject({ code: expect.stringMatching(/TRANSACTION|DATABASE/) })
    expect(await Account.where('name', 'startsWith', 'after').count()).toBe(2 - failed.length)
  })
  it('serializable transactions that read what others write are retried until they fit', async () => {
    let attempts = 0
    // write skew: each may take 150 only while both together have it
    const take = (from: Account) => async () => {
      attempts += 1
      const total = (await Account.query().sum('amount')) ?? 0
      await sleep(10)
      if (total >= 150) await Account.query().whereKey(from.id).decrement('amount', 150)
    }
    await Promise.all(
      [a, b].map((from) => database.db.transaction(take(from), { isolation: 'serializable', retries: 8 })),
    )
    const [first, second] = await amounts()
    expect(first! + second!).toBe(50)
    expect(attempts).toBeGreaterThanOrEqual(2)
  })
  it('retries run the outermost callback again from its beginning, as often as told', async () => {
    for (const [retries, runs] of [
      [0, 1],
      [2, 3],
    ] as const) {
      let count = 0
      const hooks: number[] = []
      const error = await database.db
        .transaction(
          async (trx) => {
            count += 1
            const run = count
            trx.afterCommit(() => void hooks.push(run))
            await Account.create({ name: `run ${run}` })
            throw new SerializationError('again')
          },
          { retries },
        )
        .catch((thrown) => thrown)
      expect(error).toBeInstanceOf(SerializationError)
      expect(count).toBe(runs)
      expect(hooks).toEqual([])
    }
    expect(await Account.count()).toBe(2)
    let count = 0
    const ran: number[] = []
    await database.db.transaction(
      async (trx) => {
        count += 1
        const run = count
        trx.afterCommit(() => void ran.push(run))
        if (count < 3) throw new DeadlockError('again')
      },
      { retries: 5 },
    )
    expect(ran).toEqual([3])
  })
  it('other errors are not retried, nor is a nested transaction by itself', async () => {
    let count = 0
    await expect(
      database.db.transaction(
        async () => {
          count += 1
          throw new RangeError('mine')
        },
        { retries: 5 },
      ),
    ).rejects.toBeInstanceOf(RangeError)
    expect(count).toBe(1)
    let inner = 0
    await database.db.transaction(async (trx) => {
      await expect(
        trx.transaction(async () => {
          inner += 1
          throw new SerializationError('again')
        }),
      ).rejects.toBeInstanceOf(SerializationError)
    })
    expect(inner).toBe(1)
  })
  it('a lock that is not granted in time is told, and the transaction is not committed by halves', async () => {
    await using impatient = await Database.connect({
      name: 'impatient',
      url: database.url,
      lockTimeout: 1000,
      acquireTimeout: 500,
    })
    if (!database.facts.concurrent) {
      // another database in memory knows nothing of the lock
      await expect(Account.using(impatient).count()).rejects.toBeInstanceOf(DatabaseError)
      return
    }
    let release!: () => void
    const holding = database.db.transaction(async () => {
      await Account.query().whereKey(a.id).increment('amount')
      await new Promise<void>((resolve) => {
        release = resolve
      })
    })
    await sleep(50)
    const error = await impatient
      .transaction(async () => {
        await Account.using(impatient).query().whereKey(b.id).increment('amount')
        await Account.using(impatient)
          .query()
          .whereKey(a.id)
          .increment('amount')
          .catch((caught) => {
            expect(caught).toBeInstanceOf(LockTimeoutError)
          })
      })
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(TransactionError)
    release()
    await holding
    expect(await amounts()).toEqual([101, 100])
  })

  describe('a connection that is killed', () => {
    const server = database.facts.concurrent
    const self = () =>
      database.kind === 'mysql' ? sql`select connection_id() as id` : sql`select pg_backend_pid() as id`
    const ids = (database: Database) => database.select<{ id: number }>(self())
    const kill = async (id: number) => {
      await using other = await Database.connect({ name: 'killer', url: database.url })
      if (database.kind === 'mysql') await other.execute(sql`kill ${sql.raw(String(Number(id)))}`)
      else await other.select(sql`select pg_terminate_backend(${Number(id)}) as done`)
      await sleep(50)
    }
    it('while it is idle is replaced, and the next statement works', async () => {
      if (!server) {
        // nothing to kill: it lives in this process
        await database.db.ping()
        expect(await Account.count()).toBe(2)
        return
      }
      await using db = await Database.connect({ name: 'victim', url: database.url, pool: { max: 2 } })
      for (let round = 0; round < 5; round++) {
        const [row] = await ids(db)
        await kill(row!.id)
        expect(await Account.using(db).count()).toBe(2)
        expect(await db.transaction(() => Account.using(db).count())).toBe(2)
      }
    })
    it('inside a transaction ends it: an error, nothing stored, and the database goes on', async () => {
      if (!server) {
        await expect(
          database.db.transaction(async () => {
            await Account.create({ name: 'lost' })
            throw new Error('as if killed')
          }),
        ).rejects.toThrow('as if killed')
        expect(await Account.where('name', 'lost').exists()).toBe(false)
        return
      }
      await using db = await Database.connect({ name: 'victim', url: database.url, pool: { max: 2 } })
      const Bound = Account.using(db)
      for (const caught of [false, true]) {
        const error = await db
          .transaction(async (trx) => {
            const [row] = await trx.select<{ id: number }>(self())
            await Bound.create({ name: 'lost' })
            await kill(row!.id)
            const later = Bound.create({ name: 'later' })
            await (caught ? later.catch(() => undefined) : later)
          })
          .catch((thrown) => thrown)
        expect(error).toMatchObject({ code: expect.stringMatching(/CONNECTION|TRANSACTION/) })
        expect(await Bound.query().orderBy('name').pluck('name')).toEqual(['a', 'b'])
      }
    })
    it('just before COMMIT is never taken for success', async () => {
      if (!server) {
        await database.db.transaction(() => Account.create({ name: 'kept' }))
        expect(await Account.where('name', 'kept').exists()).toBe(true)
        return
      }
      await using db = await Database.connect({ name: 'victim', url: database.url, pool: { max: 2 } })
      const error = await db
        .transaction(async (trx) => {
          const [row] = await trx.select<{ id: number }>(self())
          await Account.using(db).create({ name: 'lost' })
          await kill(row!.id)
        })
        .catch((thrown) => thrown)
      expect(error).toBeInstanceOf(Error)
      expect(await Account.using(db).where('name', 'lost').exists()).toBe(false)
    })
  })
})
