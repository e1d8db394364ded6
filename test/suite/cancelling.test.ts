import { AbortedError, Database, DatabaseError, Field, Model, Relation, sql, TimeoutError, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Room extends Model({ name: Field.string() }) {
  static guests = Relation.hasMany(() => Guest)
}
class Guest extends Model({ name: Field.string(), roomId: Field.foreignKey(() => Room, { onDelete: 'cascade' }) }) {
  static room = Relation.belongsTo(() => Room)
}

const reason = new Error('the user went away')

function aborting(after: number): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), after)
  return controller.signal
}

async function failureOf(work: PromiseLike<unknown>): Promise<DatabaseError> {
  const result = await Promise.resolve(work).then(
    () => undefined,
    (error) => error,
  )
  expect(result).toBeInstanceOf(DatabaseError)
  return result
}

describeDatabases('cancelling queries', (database) => {
  /** Takes two connections at work. */
  const concurrent = database.facts.concurrent ? it : () => undefined
  database.useTables([Room, Guest])

  const seed = async (rooms = 1) => {
    await Room.insertMany(Array.from({ length: rooms }, (_, i) => ({ name: `room ${i + 1}` })))
    const [room] = await Room.query().limit(1)
    await Guest.create({ name: 'Ann', roomId: room?.id ?? 0 })
  }
  /** True for each row, after so many seconds. */
  const slow = (seconds: number) =>
    database.kind === 'postgres' ? sql`pg_sleep(${seconds}) is not null` : sql`sleep(${seconds}) = 0`
  /** What the server does at the moment besides answering this. */
  const running = async () => {
    const rows =
      database.kind === 'postgres'
        ? await database.db.select(
            sql`select 1 from pg_stat_activity where state = 'active' and query like '%pg_sleep%'
              and pid <> pg_backend_pid() and datname = current_database()`,
          )
        : await database.db.select(
            sql`select 1 from information_schema.processlist where info like '%sleep(%' and id <> connection_id()
              and db = database()`,
          )
    return rows.length
  }
  const quiet = () => expect.poll(running, { timeout: 2000 }).toBe(0)

  it('answers as usual within the limits', async () => {
    await seed()
    const { signal } = new AbortController()
    const limited = Room.query().timeout(30_000).signal(signal)
    expect((await limited).length).toBe(1)
    expect(await limited.first()).toBeInstanceOf(Room)
    expect(await limited.count()).toBe(1)
    expect(await limited.where('name', 'room 1').exists()).toBe(true)
    expect(await limited.pluck('name')).toEqual(['room 1'])
    expect((await limited.with('guests'))[0]?.guests.map((guest) => guest.name)).toEqual(['Ann'])
    expect((await limited.paginate()).total).toBe(1)
    expect((await limited.cursorPaginate()).items.length).toBe(1)
    for await (const room of limited.stream()) expect(room.name).toBe('room 1')
    for await (const rooms of limited.batches()) expect(rooms.length).toBe(1)
    for await (const rooms of limited.idBatches()) expect(rooms.length).toBe(1)
    expect(await limited.where('name', 'room 1').update({ name: 'room 2' })).toBe(1)
    expect(await limited.where('name', 'room 2').delete()).toBe(1)
    expect(await Room.query().timeout(0.5e9).count()).toBe(0)
  })

  it('are no part of the form of a query', async () => {
    const plain = Room.where('name', 'a')
    const statement = plain.toSQL()
    expect(plain.timeout(5).toSQL()).toEqual(statement)
    expect(plain.signal(new AbortController().signal).toSQL()).toEqual(statement)
  })

  it('sends nothing when the signal is aborted already', async () => {
    await seed()
    const signal = AbortSignal.abort(reason)
    const sent: string[] = []
    const stop = database.db.on('query', ({ sql }) => sent.push(sql))
    const aborted = Room.query().signal(signal)
    for (const work of [
      () => aborted,
      () => aborted.get(),
      () => aborted.first(),
      () => aborted.count(),
      () => aborted.values('name'),
      () => aborted.aggregate({ n: (c) => c.id }),
      () => aborted.paginate(),
      () => aborted.cursorPaginate(),
      () => aborted.stream().next(),
      () => aborted.batches().next(),
      () => aborted.all().update({ name: 'x' }),
      () => aborted.all().delete(),
    ]) {
      const error = await failureOf(work() as PromiseLike<unknown>)
      expect(error).toBeInstanceOf(AbortedError)
      expect(error.code).toBe('ABORTED')
      expect(error.cause).toBe(reason)
    }
    stop()
    expect(sent).toEqual([])
    expect(await Room.count()).toBe(1)
  })

  it('gives up the relations and the later pages too', async () => {
    await seed(4)
    const controller = new AbortController()
    const abort = () => controller.abort(reason)
    const rooms = Room.query().signal(controller.signal)
    const error = await failureOf(
      rooms.with({
        guests: (q) => {
          abort()
          return q
        },
      }),
    )
    expect(error).toBeInstanceOf(AbortedError)

    const later = new AbortController()
    const seen: string[] = []
    const streamed = (async () => {
      for await (const room of Room.query().orderBy('name').signal(later.signal).stream({ chunkSize: 2 })) {
        seen.push(room.name)
        if (seen.length === 3) later.abort(reason)
      }
    })()
    expect(await failureOf(streamed)).toBeInstanceOf(AbortedError)
    expect(seen).toEqual(['room 1', 'room 2', 'room 3'])
    expect(await Room.count()).toBe(4)
  })

  it('counts the time until a statement is sent', async () => {
    await seed()
    const late = Room.query()
      .timeout(20)
      .with({
        guests: (q) => {
          const until = performance.now() + 40
          while (performance.now() < until);
          return q
        },
      })
    const error = await failureOf(late)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toBe(
      'The query took longer than its timeout of 20 ms and was stopped. Make it faster, for example with an index, or raise the timeout.',
    )
    expect(await Room.query().timeout(10_000).with('guests')).toHaveLength(1)
  })

  it('gives each chunk of a stream the whole time', async () => {
    await seed(3)
    const names: string[] = []
    for await (const room of Room.query().orderBy('name').timeout(3000).stream({ chunkSize: 1 })) {
      names.push(room.name)
      if (names.length === 1) await new Promise((resolve) => setTimeout(resolve, 3100))
    }
    expect(names).toEqual(['room 1', 'room 2', 'room 3'])
  })

  it('refuses what is no time and no signal', () => {
    for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined, 5n] as never[])
      expect(() => Room.query().timeout(ms)).toThrow(UsageError)
    for (const signal of [null, undefined, {}, new AbortController(), { aborted: false }, 'abort'] as never[])
      expect(() => Room.query().signal(signal)).toThrow(UsageError)
  })

  it('takes the last of two limits, and keeps them over using()', async () => {
    await seed()
    const aborted = AbortSignal.abort(reason)
    expect(await Room.query().signal(aborted).signal(new AbortController().signal).count()).toBe(1)
    expect(await failureOf(Room.query().signal(aborted).using(database.db))).toBeInstanceOf(AbortedError)
    expect(await failureOf(Room.using(database.db).query().signal(aborted))).toBeInstanceOf(AbortedError)
    const [room] = await Room.using(database.db).query().timeout(5000)
    expect(await room?.refresh()).toBe(room)
  })

  it('leaves a transaction usable when nothing was sent', async () => {
    await seed()
    await database.db.transaction(async () => {
      await Room.create({ name: 'new' })
      expect(await failureOf(Room.query().signal(AbortSignal.abort(reason)))).toBeInstanceOf(AbortedError)
      expect(await Room.query().timeout(5000).count()).toBe(2)
    })
    expect(await Room.count()).toBe(2)
  })

  it('gives up the place of a query that waits for a connection', async () => {
    await seed()
    const one = await Database.connect({
      name: 'one',
      url: database.url + (database.facts.concurrent ? '?max_size=1' : ''),
    })
    if (!database.facts.concurrent) await one.createTables([Room, Guest])
    let leave = () => {}
    const held = new Promise<void>((resolve) => {
      leave = resolve
    })
    let begun = () => {}
    const started = new Promise<void>((resolve) => {
      begun = resolve
    })
    const transaction = one.transaction(async () => {
      begun()
      await held
    })
    await started
    const rooms = Room.using(one).query()
    const errors = await Promise.all([
      ...Array.from({ length: 300 }, () => failureOf(rooms.timeout(30))),
      ...Array.from({ length: 300 }, () => failureOf(rooms.signal(aborting(30)))),
    ])
    expect(errors.filter((error) => error instanceof TimeoutError).length).toBe(300)
    expect(errors.filter((error) => error instanceof AbortedError).length).toBe(300)
    const waits = rooms.timeout(20_000).count()
    leave()
    await transaction
    expect(await waits).toBe(database.facts.concurrent ? 1 : 0)
    expect(await rooms.timeout(20_000).exists()).toBe(database.facts.concurrent)
    await one.close()
  })

  it('gives up a query that waits for a nested transaction beside it', async () => {
    await seed()
    await database.db.transaction(async (trx) => {
      let leave = () => {}
      const held = new Promise<void>((resolve) => {
        leave = resolve
      })
      const nested = trx.transaction(() => held)
      const beside = Room.using(trx).query()
      const [timed, aborted] = await Promise.all([
        failureOf(beside.timeout(30)),
        failureOf(beside.signal(aborting(30)).count()),
      ])
      expect(timed).toBeInstanceOf(TimeoutError)
      expect(aborted).toBeInstanceOf(AbortedError)
      leave()
      await nested
      expect(await beside.timeout(10_000).count()).toBe(1)
      await Room.create({ name: 'new' })
    })
    expect(await Room.count()).toBe(2)
  })

  it('takes the earlier of two limits where a relation has its own', async () => {
    await seed()
    const own = Room.query()
      .timeout(30_000)
      .with({ guests: (q) => q.signal(AbortSignal.abort(reason)) })
    expect(await failureOf(own)).toBeInstanceOf(AbortedError)
    const outer = new AbortController()
    const both = Room.query()
      .signal(outer.signal)
      .with({
        guests: (q) => {
          outer.abort(reason)
          return q.timeout(30_000).signal(new AbortController().signal)
        },
      })
    expect((await failureOf(both)).cause).toBe(reason)
  })

  it('leaves no listener on a signal', async () => {
    await seed()
    const { signal } = new AbortController()
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    let listening = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening--
      remove(...args)
    }
    for (let round = 0; round < 20; round++)
      await Promise.all(Array.from({ length: 100 }, () => Room.query().signal(signal).count()))
    await failureOf(Room.query().signal(signal).whereRaw(sql`nonsense()`))
    expect(listening).toBe(0)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  concurrent('stops the work of the server', async () => {
    await seed()
    const sleepy = Room.query().whereRaw(slow(20))
    const start = performance.now()
    const timed = await failureOf(sleepy.timeout(150))
    expect(timed).toBeInstanceOf(TimeoutError)
    expect(timed.sql).toContain('sleep')
    expect(timed.message).not.toContain('20')
    const aborted = await failureOf(sleepy.signal(aborting(150)))
    expect(aborted).toBeInstanceOf(AbortedError)
    expect(aborted.cause).toBe(reason)
    expect(await failureOf(sleepy.timeout(150).count())).toBeInstanceOf(TimeoutError)
    expect(await failureOf(sleepy.timeout(150).update({ name: 'x' }))).toBeInstanceOf(TimeoutError)
    expect(await failureOf(sleepy.timeout(150).delete())).toBeInstanceOf(TimeoutError)
    expect(await failureOf(sleepy.timeout(150).paginate())).toBeInstanceOf(TimeoutError)
    expect(await failureOf(sleepy.timeout(150).stream().next())).toBeInstanceOf(TimeoutError)
    const relations = Room.query()
      .timeout(300)
      .with({ guests: (q) => q.whereRaw(slow(20)) })
    expect(await failureOf(relations)).toBeInstanceOf(TimeoutError)
    expect(performance.now() - start).toBeLessThan(10_000)
    await quiet()
    expect(await Room.query().pluck('name')).toEqual(['room 1'])
  })

  concurrent('leaves the transaction in the state that the server left it in', async () => {
    await seed()
    const work = database.db.transaction(async () => {
      await Room.create({ name: 'kept' })
      const stopped = Room.where('name', 'room 1').whereRaw(slow(20)).timeout(100).update({ name: 'lost' })
      expect(await failureOf(stopped)).toBeInstanceOf(TimeoutError)
      return await Room.query().orderBy('name').pluck('name')
    })
    if (database.kind === 'postgres') {
      await expect(work).rejects.toThrow(/current transaction is aborted/)
      expect(await Room.query().pluck('name')).toEqual(['room 1'])
    } else {
      expect(await work).toEqual(['kept', 'room 1'])
      expect(await Room.query().orderBy('name').pluck('name')).toEqual(['kept', 'room 1'])
    }
    await quiet()
  })

  concurrent('stops only its own statement of a transaction, and rolls back to a savepoint', async () => {
    await seed()
    await database.db.transaction(async (trx) => {
      const nested = trx.transaction(async () => {
        const [before, stopped, behind] = await Promise.allSettled([
          Room.create({ name: 'before' }),
          Room.query().whereRaw(slow(20)).limit(1).timeout(100).get(),
          Room.create({ name: 'behind' }),
        ])
        expect(before.status).toBe('fulfilled')
        expect(stopped.status === 'rejected' && stopped.reason).toBeInstanceOf(TimeoutError)
        expect(behind.status).toBe(database.kind === 'postgres' ? 'rejected' : 'fulfilled')
        throw reason
      })
      await expect(nested).rejects.toBe(reason)
      await Room.create({ name: 'after' })
    })
    expect(await Room.query().orderBy('name').pluck('name')).toEqual(['after', 'room 1'])
  })

  concurrent('never touches a neighbour: 200 cancels beside healthy queries', async () => {
    await seed()
    let done = false
    let healthy = 0
    const beside = async () => {
      while (!done) {
        expect(await Room.count()).toBe(1)
        expect(await Room.query().timeout(20_000).pluck('name')).toEqual(['room 1'])
        await database.db.transaction(async () => {
          expect(await Room.query().limit(1).pluck('name')).toEqual(['room 1'])
        })
        healthy++
      }
    }
    const besides = Promise.all([beside(), beside(), beside()])
    for (let round = 0; round < 50; round++) {
      const errors = await Promise.all([
        failureOf(Room.query().whereRaw(slow(20)).timeout(5)),
        failureOf(Room.query().whereRaw(slow(20)).signal(aborting(5))),
        failureOf(Room.query().whereRaw(slow(20)).timeout(10).count()),
        failureOf(Room.query().whereRaw(slow(20)).signal(aborting(10)).update({ name: 'x' })),
      ])
      expect(errors.map((error) => error.name)).toEqual([
        'TimeoutError',
        'AbortedError',
        'TimeoutError',
        'AbortedError',
      ])
    }
    done = true
    await besides
    expect(healthy).toBeGreaterThan(10)
    await quiet()
  })

  concurrent('never touches the next statement when the cancel races with the end', async () => {
    await seed()
    let [answered, stopped] = [0, 0]
    const racing = async (lane: number) => {
      for (let round = 0; round < 60; round++) {
        const limit = 8 + ((round * 7 + lane) % 20) / 5
        await Room.query()
          .whereRaw(slow(0.01))
          .timeout(limit)
          .then(
            (rooms) => {
              answered++
              expect(rooms.length).toBe(1)
            },
            (error) => {
              stopped++
              expect(error).toBeInstanceOf(TimeoutError)
            },
          )
        expect(await Room.query().timeout(20_000).pluck('name')).toEqual(['room 1'])
        expect(await database.db.transaction(() => Room.query().pluck('name'))).toEqual(['room 1'])
      }
    }
    await Promise.all([racing(0), racing(1), racing(2), racing(3)])
    expect(answered + stopped).toBe(240)
    expect(stopped).toBeGreaterThan(0)
    await quiet()
  })

  concurrent('tells what a write did: it is either stopped or stored', async () => {
    await seed()
    for (let round = 0; round < 60; round++) {
      const name = `name ${round}`
      const write = Room.where('name', '!=', name)
        .whereRaw(slow(0.01))
        .timeout(9 + (round % 20) / 5)
        .update({ name })
      const stored = await write.then(
        () => true,
        (error) => {
          expect(error).toBeInstanceOf(TimeoutError)
          return false
        },
      )
      expect(await Room.where('name', name).exists()).toBe(stored)
    }
  })
})
