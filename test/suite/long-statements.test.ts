import { Field, fn, Model, sql, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { expectQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Seat extends Model({
  row: Field.integer({ primaryKey: true, column: 'seat_row' }),
  place: Field.integer({ primaryKey: true }),
  sold: Field.integer({ default: 0 }),
}) {}

class Tally extends Model({ total: Field.bigInteger() }) {}

describeDatabases('statements of many values', (database) => {
  database.useTables([Seat, Tally])
  const keys = (count: number) => Array.from({ length: count }, (_, place) => ({ row: 1, place }))

  it('have as many conditions as they have place for', async () => {
    await Seat.insertMany(keys(20))
    expect(await Seat.query().whereKey(keys(3000)).count()).toBe(20)
    let query = Seat.where('sold', 9)
    for (let place = 10; place < 1500; place++) query = query.orWhere('place', place)
    expect(await query.count()).toBe(10)
  })

  it('are refused with more values than the database takes, before anything is sent', async () => {
    const most = database.capabilities.maxParameters
    await expectQueries(0, async () => {
      const many = Seat.query().whereKey(keys(Math.floor(most / 2) + 1))
      await expect(many.count()).rejects.toThrow(UsageError)
      await expect(many.count()).rejects.toThrow(`takes ${most} at most`)
      const list = sql.join(keys(most + 1).map(({ place }) => sql`${place}`))
      await expect(database.db.select(sql`select place from seats where place in (${list})`)).rejects.toThrow(
        UsageError,
      )
    })
    expect(await Seat.count()).toBe(0)
  })

  it('of rows with a key of two fields are found by joins, limits and windows', async () => {
    await Seat.insertMany(keys(6))
    const ordered = Seat.query().orderBy('-place')
    expect(await ordered.limit(2).update({ sold: 1 })).toBe(2)
    expect(await Seat.where('sold', 1).orderBy('place').pluck('place')).toEqual([4, 5])
    const next = Seat.query().join(Seat, (c, t) => c.place.eq(t.place.minus(1)).and(t.sold.eq(1)), { alias: 'next' })
    expect(await next.where('sold', 0).update((c) => ({ sold: c.place }))).toBe(1)
    expect(await Seat.where('place', 3).pluck('sold')).toEqual([3])
    expect(await ordered.limit(1).offset(1).delete()).toBe(1)
    expect(await Seat.where('sold', 0).orderBy('place').limit(1).increment('sold', 7)).toBe(1)
    expect(await Seat.query().orderBy('place').valuesList('place', 'sold')).toEqual([
      [0, 7],
      [1, 0],
      [2, 0],
      [3, 3],
      [5, 1],
    ])
    const returned = await Seat.query().orderBy('place').limit(1).deleteReturning()
    expect(returned.map(({ place }) => place)).toEqual([0])
  })

  it('update and delete rows by lists of integers of any length', async () => {
    await Seat.insertMany(keys(20))
    const places = (from: number) => Array.from({ length: 70_000 }, (_, i) => from + i)
    expect(await Seat.query().whereIn('place', places(5)).update({ sold: 1 })).toBe(15)
    expect(await Seat.query().whereNotIn('place', places(18)).update({ sold: 2 })).toBe(18)
    expect(await Seat.query().whereIn('place', places(18)).delete()).toBe(2)
    expect(await Seat.query().whereNotIn('place', places(4)).delete()).toBe(4)
    expect(await Seat.query().orderBy('place').pluck('place')).toEqual(places(4).slice(0, 14))
  })

  it('that join more tables than the database takes are refused before anything is sent', async () => {
    const most = { sqlite: 64, mysql: 61 }[database.kind as string]
    const joining = (count: number) =>
      Array.from({ length: count }).reduce<any>(
        (query, _, i) =>
          query.leftJoin(Seat, (c: any, t: any) => c.row.eq(t.row).and(c.place.eq(t.place)), { alias: `t${i}` }),
        Seat.query(),
      )
    await Seat.create({ row: 1, place: 1 })
    expect(await joining((most ?? 80) - 1).count()).toBe(1)
    if (most === undefined) return
    await expectQueries(0, async () => {
      for (const query of [joining(most), Seat.query().whereExists(joining(most + 5))]) {
        await expect(query.get()).rejects.toThrow(UsageError)
        await expect(query.get()).rejects.toThrow(
          new RegExp(`joins \\d+ tables, and .+ takes ${most} at most. Load relations by with`),
        )
      }
    })
  })

  it('that are nested deeper than the database takes say so, and what to do', async () => {
    if (database.kind !== 'sqlite' && database.kind !== 'mysql') return
    await Seat.create({ row: 1, place: 1 })
    const nested = (count: number) =>
      Array.from({ length: count }).reduce<any>(
        (query) => Seat.query().whereIn('place', query.select('place')),
        Seat.query(),
      )
    expect(await nested(30).count()).toBe(1)
    for (const count of [70, 400])
      await expect(nested(count).count()).rejects.toThrow(
        /beyond a limit of .+\. Nest fewer queries and conditions in each other: read the keys/,
      )
  })

  it('whose integers overflow say that they were computed', async () => {
    if (database.kind !== 'sqlite') return
    await Tally.createMany([{ total: 2n ** 63n - 1n }, { total: 2n ** 63n - 1n }])
    const more = Tally.query().annotate({ more: (c) => c.total.plus(c.total) })
    await expect(more.pluck('more')).rejects.toThrow(
      '"Tally.total" is a number beyond the 64 bits of an integer. If it is computed, compute it with floats: c.total.cast("float").',
    )
    await expect(Tally.query().sum('total')).rejects.toThrow(
      'beyond a limit of SQLite (integer overflow). It computes integers of 64 bits. Compute with floats: fn.sum(c.total.cast("float")).',
    )
    expect(await Tally.query().aggregate({ sum: (c) => fn.sum(c.total.cast('float')) })).toEqual({ sum: 2 ** 64 })
    await expect(database.db.select(sql`select ${2n ** 63n} as n`)).rejects.toThrow(
      'A bigint has 64 bits at most: bind a larger one as text.',
    )
  })
})
