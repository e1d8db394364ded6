import { Field, fn, Model, sql, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Moment extends Model({
  at: Field.dateTime({ nullable: true }),
  fine: Field.dateTime({ precision: 6, nullable: true }),
  day: Field.date({ nullable: true }),
  time: Field.time({ nullable: true }),
  other: Field.dateTime({ nullable: true }),
}) {}

describeDatabases('dates in expressions', (database) => {
  database.useTables([Moment])
  const c = Moment.columns
  const D = (text: string) => new Date(text)

  const PARTS = ['year', 'quarter', 'month', 'week', 'day', 'dayOfYear', 'weekday'] as const
  const CLOCK = ['hour', 'minute', 'second'] as const

  const partsOf = async (at: Date) => {
    await Moment.all().delete()
    await Moment.create({ at, fine: at, day: at.toISOString().slice(0, 10), time: at.toISOString().slice(11, 23) })
    const all = (await Moment.query()
      .annotate(
        Object.fromEntries(
          PARTS.flatMap((part) => [
            [`at_${part}`, c.at[part]()],
            [`fine_${part}`, c.fine[part]()],
            [`day_${part}`, c.day[part]()],
          ]),
        ),
      )
      .annotate(
        Object.fromEntries(
          CLOCK.flatMap((part) => [
            [`at_${part}`, c.at[part]()],
            [`fine_${part}`, c.fine[part]()],
            [`time_${part}`, c.time[part]()],
          ]),
        ),
      )
      .firstOrFail()) as unknown as Record<string, number>
    const of = (kind: string, parts: readonly string[]) => parts.map((part) => all[`${kind}_${part}`])
    expect(of('fine', [...PARTS, ...CLOCK])).toEqual(of('at', [...PARTS, ...CLOCK]))
    expect(of('day', PARTS)).toEqual(of('at', PARTS))
    expect(of('time', CLOCK)).toEqual(of('at', CLOCK))
    return of('at', [...PARTS, ...CLOCK])
  }

  it('parts are those of UTC', async () => {
    expect(await partsOf(D('2024-02-29T23:59:59.999Z'))).toEqual([2024, 1, 2, 9, 29, 60, 4, 23, 59, 59])
    expect(await partsOf(D('2023-01-01T00:00:00.000Z'))).toEqual([2023, 1, 1, 52, 1, 1, 7, 0, 0, 0])
    expect(await partsOf(D('2024-12-30T12:30:01.500Z'))).toEqual([2024, 4, 12, 1, 30, 365, 1, 12, 30, 1])
    expect(await partsOf(D('2020-12-31T01:02:03.004Z'))).toEqual([2020, 4, 12, 53, 31, 366, 4, 1, 2, 3])
    expect(await partsOf(D('1969-07-20T20:17:40.000Z'))).toEqual([1969, 3, 7, 29, 20, 201, 7, 20, 17, 40])
  })

  it('parts of nothing are null', async () => {
    await Moment.create({})
    const row = await Moment.query()
      .annotate({
        y: c.at.year(),
        d: c.day.weekday(),
        s: c.time.second(),
        t: c.at.truncate('day'),
        a: c.day.add({ days: 1 }),
      })
      .firstOrFail()
    expect([row.y, row.d, row.s, row.t, row.a]).toEqual([null, null, null, null, null])
  })

  it('truncate gives the beginning', async () => {
    await Moment.create({ at: D('2024-05-17T13:45:59.987Z'), fine: D('2024-05-17T13:45:59.987Z'), day: '2024-05-17' })
    for (const [unit, start] of [
      ['year', '2024-01-01T00:00:00.000Z'],
      ['quarter', '2024-04-01T00:00:00.000Z'],
      ['month', '2024-05-01T00:00:00.000Z'],
      ['week', '2024-05-13T00:00:00.000Z'],
      ['day', '2024-05-17T00:00:00.000Z'],
      ['hour', '2024-05-17T13:00:00.000Z'],
      ['minute', '2024-05-17T13:45:00.000Z'],
      ['second', '2024-05-17T13:45:59.000Z'],
    ] as const) {
      const row = await Moment.query()
        .annotate({ a: c.at.truncate(unit), f: c.fine.truncate(unit) })
        .firstOrFail()
      expect([row.a, row.f], unit).toEqual([D(start), D(start)])
      expect(
        await Moment.query()
          .where((m) => m.at.truncate(unit).eq(D(start)))
          .count(),
        unit,
      ).toBe(1)
      if (unit === 'hour' || unit === 'minute' || unit === 'second') continue
      expect(
        (
          await Moment.query()
            .annotate({ d: c.day.truncate(unit) })
            .firstOrFail()
        ).d,
        unit,
      ).toBe(start.slice(0, 10))
    }
    await Moment.all().update({ at: D('2024-05-12T00:00:00Z') })
    expect(
      await Moment.query()
        .annotate({ a: c.at.truncate('week') })
        .pluck('a'),
    ).toEqual([D('2024-05-06T00:00:00Z')])
  })

  it('groups by a month', async () => {
    for (const at of ['2024-01-31T23:59:59.999Z', '2024-02-01T00:00:00Z', '2024-02-29T00:00:00Z'])
      await Moment.create({ at: D(at) })
    const groups = await Moment.query()
      .annotate({ month: c.at.truncate('month') })
      .groupBy('month')
      .orderBy('month')
      .aggregate({ n: fn.count() })
    expect(groups).toEqual([
      { month: D('2024-01-01T00:00:00Z'), n: 1 },
      { month: D('2024-02-01T00:00:00Z'), n: 2 },
    ])
  })

  it('add and subtract go by UTC and keep to the month', async () => {
    const from = '2024-01-31T10:20:30.123Z'
    await Moment.create({ at: D(from), fine: D(from), day: '2024-01-31' })
    for (const [amounts, result] of [
      [{ months: 1 }, '2024-02-29T10:20:30.123Z'],
      [{ years: 1, months: 1 }, '2025-02-28T10:20:30.123Z'],
      [{ days: 1, hours: 2 }, '2024-02-01T12:20:30.123Z'],
      [{ weeks: -2 }, '2024-01-17T10:20:30.123Z'],
      [{ milliseconds: 1, seconds: -31, minutes: 5 }, '2024-01-31T10:24:59.124Z'],
      [{ months: 1, days: 1 }, '2024-03-01T10:20:30.123Z'],
      [{ hours: 24 * 366 * 300 }, new Date(D(from).getTime() + 24 * 366 * 300 * 3_600_000).toISOString()],
      [{ milliseconds: -124 }, '2024-01-31T10:20:29.999Z'],
    ] as const) {
      const row = await Moment.query()
        .annotate({ a: c.at.add(amounts), f: c.fine.add(amounts) })
        .firstOrFail()
      expect([row.a, row.f], JSON.stringify(amounts)).toEqual([D(result), D(result)])
      expect(
        await Moment.query()
          .where((m) => m.at.add(amounts).eq(D(result)))
          .count(),
        JSON.stringify(amounts),
      ).toBe(1)
    }
    expect(
      await Moment.query()
        .annotate({ d: c.day.add({ months: 1 }) })
        .pluck('d'),
    ).toEqual(['2024-02-29'])
    expect(
      await Moment.query()
        .annotate({ d: c.day.subtract({ months: 2, days: 1 }) })
        .pluck('d'),
    ).toEqual(['2023-11-29'])
    expect(
      await Moment.query()
        .annotate({ d: c.day.add({ weeks: 1, years: 1 }) })
        .pluck('d'),
    ).toEqual(['2025-02-07'])
    await Moment.all().update((m) => ({ at: m.at.subtract({ days: 31 }), day: m.day.add({ days: 1 }) }))
    expect(await Moment.query().valuesList('at', 'day')).toEqual([[D('2023-12-31T10:20:30.123Z'), '2024-02-01']])
  })

  it('microseconds are kept', async () => {
    await Moment.create({ at: D('2024-01-01T00:00:59.999Z') })
    const fine = '2024-01-01 00:00:59.999999'
    await Moment.all().update({ fine: sql<Date>`${database.capabilities.nullsLargest ? `${fine}+00` : fine}` })
    const row = await Moment.query()
      .annotate({ second: c.fine.second(), later: c.fine.add({ days: 1 }), since: c.fine.secondsSince(c.at) })
      .firstOrFail()
    expect(row.second).toBe(59)
    expect(row.since).toBe(0.000999)
    await Moment.all().update((m) => ({ fine: m.fine.add({ days: 1, milliseconds: 1 }) }))
    expect(
      await Moment.query()
        .annotate({ since: c.fine.secondsSince(c.at) })
        .pluck('since'),
    ).toEqual([86400.001999])
  })

  it('secondsSince and daysSince', async () => {
    await Moment.create({ at: D('2024-03-01T00:00:00.250Z'), other: D('2024-02-28T23:59:59.500Z'), day: '2024-03-01' })
    const row = await Moment.query()
      .annotate({
        a: c.at.secondsSince(c.other),
        b: c.other.secondsSince(c.at),
        c: c.at.secondsSince(D('1969-12-31T23:59:59.999Z')),
        d: c.day.daysSince('2024-02-28'),
        e: c.day.daysSince('2025-03-01'),
        f: c.at.secondsSince(c.fine),
      })
      .firstOrFail()
    expect([row.a, row.b, row.c, row.d, row.e, row.f]).toEqual([86400.75, -86400.75, 1709251200.251, 2, -365, null])
    expect(
      await Moment.query()
        .where((m) => m.at.secondsSince(m.other).gt(86400))
        .count(),
    ).toBe(1)
    expect(
      await Moment.query()
        .where((m) => fn.now().secondsSince(m.at).gt(0))
        .count(),
    ).toBe(1)
  })

  describe('refuse', () => {
    it('what is no date or has no such part', () => {
      expect(() => (c.id as never as typeof c.at).year()).toThrow(UsageError)
      expect(() => c.day.hour()).toThrow(UsageError)
      expect(() => c.time.year()).toThrow(UsageError)
      expect(() => c.day.truncate('hour')).toThrow(UsageError)
      expect(() => c.at.truncate('decade' as 'day')).toThrow(UsageError)
      expect(() => c.day.add({ hours: 1 })).toThrow(UsageError)
      expect(() => c.at.add({})).toThrow(UsageError)
      expect(() => c.at.add({ day: 1 } as never)).toThrow(/"day"/)
      expect(() => c.at.add({ days: 0.5 })).toThrow(UsageError)
      expect(() => c.at.add({ days: Number.NaN })).toThrow(UsageError)
    })
  })
})
