import { Field, fn, Model, UsageError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Visit extends Model(
  {
    at: Field.dateTime(),
    fine: Field.dateTime({ precision: 6, nullable: true }),
    day: Field.date({ nullable: true }),
    pages: Field.integer({ default: 1 }),
  },
  { table: 'zone_visits' },
) {}

type Parts = readonly [year: number, month: number, day: number, hour: number, minute: number, second: number]

const formats = new Map<string, Intl.DateTimeFormat>()

/** What a clock shows, by Node's formatter. */
function clock(at: Date, timeZone: string): Parts {
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  formats.set(timeZone, format)
  const text = format.format(at)
  return text.split(/[- :]/).map(Number) as unknown as Parts
}

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Havana', // clocks go back from 1:00 to midnight
  'America/Sao_Paulo', // midnight did not exist
  'America/St_Johns', // clocks went back at 0:01, into the day before
  'Africa/Casablanca', // four changes in some years
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Australia/Lord_Howe', // half an hour
  'Pacific/Apia', // a day that was skipped
  'Etc/GMT+5',
  'UTC',
]

/** Instants around changes of these zones, and others. */
const MOMENTS = [
  ...['2024-03-31T00:59:59.999Z', '2024-03-31T01:00:00.000Z', '2024-10-27T00:30:00.000Z', '2024-10-27T01:30:00.000Z'],
  ...['2024-11-03T03:59:59.999Z', '2024-11-03T04:30:00.000Z', '2024-11-03T05:30:00.000Z', '2024-11-03T06:30:00.000Z'],
  ...['2018-11-04T02:59:59.000Z', '2018-11-04T03:00:00.000Z', '2018-11-04T15:00:00.000Z', '2018-02-18T02:30:00.000Z'],
  ...['2005-10-30T02:30:30.000Z', '2005-10-30T02:31:00.000Z', '2005-10-30T03:30:30.000Z', '2005-10-30T12:00:00.000Z'],
  ...['2024-04-06T14:45:00.000Z', '2024-04-06T15:10:00.000Z', '2024-10-05T15:29:00.000Z', '2024-10-05T15:31:00.000Z'],
  ...['2011-12-30T09:59:59.000Z', '2011-12-30T10:00:00.000Z', '2024-03-10T07:00:00.000Z', '2024-04-14T02:00:00.000Z'],
  ...['1969-07-20T20:17:40.500Z', '1999-12-31T23:30:00.000Z', '2000-02-29T12:00:00.000Z', '2025-06-30T23:30:00.000Z'],
  // later ones of Morocco differ between releases of the time zone database
  ...['2024-12-30T23:00:00.000Z', '2024-01-01T04:30:00.250Z'],
].map((text) => new Date(text))

describeDatabases('date functions in a named time zone', (database) => {
  database.useTables([Visit])
  beforeEach(async () => {
    await Visit.insertMany(MOMENTS.map((at) => ({ at, fine: at })))
  })

  it.each(ZONES)('parts are those of a clock there: %s', async (timeZone) => {
    const rows = await Visit.query()
      .annotate({
        year: (c) => c.at.year({ timeZone }),
        quarter: (c) => c.at.quarter({ timeZone }),
        month: (c) => c.at.month({ timeZone }),
        dayOf: (c) => c.at.day({ timeZone }),
        ofYear: (c) => c.at.dayOfYear({ timeZone }),
        weekday: (c) => c.at.weekday({ timeZone }),
        hour: (c) => c.fine.hour({ timeZone }),
        minute: (c) => c.at.minute({ timeZone }),
        second: (c) => c.at.second({ timeZone }),
      })
      .orderBy('id')
    for (const row of rows) {
      const [year, month, day, hour, minute, second] = clock(row.at, timeZone)
      const midnight = Date.UTC(year, month - 1, day)
      expect(row.toObject(), `${row.at.toISOString()} in ${timeZone}`).toMatchObject({
        ...{ year, month, dayOf: day, hour, minute, second, quarter: Math.ceil(month / 3) },
        ofYear: (midnight - Date.UTC(year, 0, 1)) / 86_400_000 + 1,
        weekday: ((new Date(midnight).getUTCDay() + 6) % 7) + 1,
      })
    }
  })

  it.each(ZONES)('periods begin when the clocks there show their start: %s', async (timeZone) => {
    const units = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'] as const
    for (const unit of units) {
      const rows = await Visit.query()
        .annotate({
          start: (c) => c.at.truncate(unit, { timeZone }),
          fineStart: (c) => c.fine.truncate(unit, { timeZone }),
        })
        .orderBy('id')
      for (const { at, start, fineStart } of rows) {
        expect(start, `${unit} of ${at.toISOString()} in ${timeZone}`).toEqual(startOf(at, unit, timeZone))
        expect(fineStart).toEqual(start)
      }
    }
  })

  it('rules go on beyond the times that are listed', async () => {
    const timeZone = 'Europe/Berlin'
    await Visit.insertMany(['2099-07-01T22:30:00Z', '2150-12-15T23:30:00Z'].map((text) => ({ at: new Date(text) })))
    const late = Visit.where('at', '>', new Date('2090-01-01T00:00:00Z')).orderBy('at')
    const hours = late.annotate({
      start: (c) => c.at.truncate('day', { timeZone }),
      hour: (c) => c.at.hour({ timeZone }),
    })
    expect(await hours.valuesList('start', 'hour')).toEqual([
      [new Date('2099-07-01T22:00:00Z'), 0],
      [new Date('2150-12-15T23:00:00Z'), 0],
    ])
  })

  it('groups, conditions and orders use the time zone', async () => {
    const timeZone = 'Europe/Berlin'
    await Visit.all().forceDelete()
    const at = ['2024-03-30T23:30:00Z', '2024-03-31T21:59:59Z', '2024-03-31T22:00:00Z', '2024-04-30T22:00:00Z']
    await Visit.insertMany(at.map((text, i) => ({ at: new Date(text), pages: i + 1 })))
    const visits = Visit.query().annotate({ from: (c) => c.at.truncate('day', { timeZone }) })
    const days = visits.groupBy('from').orderBy('-from')
    expect(await days.aggregate({ pages: (c) => fn.sum(c.pages) })).toEqual([
      { from: new Date('2024-04-30T22:00:00Z'), pages: 4 },
      { from: new Date('2024-03-31T22:00:00Z'), pages: 3 },
      { from: new Date('2024-03-30T23:00:00Z'), pages: 3 },
    ])
    expect(await visits.where('from', new Date('2024-03-30T23:00:00Z')).count()).toBe(2)
    const months = Visit.query().groupBy((c) => c.at.month({ timeZone }))
    expect(await months.orderBy((c) => c.at.month({ timeZone })).aggregate({ n: fn.count() })).toEqual([
      { n: 2 },
      { n: 1 },
      { n: 1 },
    ])
    expect(
      await Visit.where((c) => c.at.hour({ timeZone }).eq(0))
        .orderBy('id')
        .pluck('pages'),
    ).toEqual([1, 3, 4])
    expect(
      await Visit.query()
        .annotate({ hour: (c) => c.fine.hour({ timeZone }) })
        .pluck('hour'),
    ).toEqual(at.map(() => null))
  })

  it('names that are no time zones, and values without a time, are refused', () => {
    const { at, day } = Visit.columns
    for (const timeZone of ['Mars/Olympus', 'CET', 'EST', '+02:00', "UTC'; --", 'Europe/Berlin\0', 'europe'])
      expect(() => at.truncate('day', { timeZone }), timeZone).toThrow('which is not a time zone')
    expect(() => at.hour({ timeZone: 2 as never })).toThrow(UsageError)
    expect(() => at.hour({ zone: 'UTC' } as never)).toThrow('has no option "zone"')
    expect(() => day.month({ timeZone: 'Europe/Berlin' })).toThrow('needs a dateTime')
    expect(() => day.truncate('month', { timeZone: 'Europe/Berlin' })).toThrow(UsageError)
    expect(at.truncate('day', { timeZone: undefined as never })).toBeDefined()
  })
})

/** The earliest time at which a clock shows the start of the period: found by trying offsets, without knowing any. */
function startOf(at: Date, unit: string, timeZone: string): Date {
  const [year, month, day, hour, minute, second] = clock(at, timeZone)
  const midnight = Date.UTC(year, month - 1, day)
  const local: Record<string, number> = {
    year: Date.UTC(year, 0, 1),
    quarter: Date.UTC(year, month - 1 - ((month - 1) % 3), 1),
    month: Date.UTC(year, month - 1, 1),
    week: midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * 86_400_000,
    day: midnight,
    hour: Date.UTC(year, month - 1, day, hour),
    minute: Date.UTC(year, month - 1, day, hour, minute),
    second: Date.UTC(year, month - 1, day, hour, minute, second),
  }
  const start = local[unit] as number
  // hours and shorter units have the offset of the time itself: of an hour that comes twice, each has its own start
  if (['hour', 'minute', 'second'].includes(unit))
    return new Date(
      Math.floor(at.getTime() / 1000) * 1000 - (Date.UTC(year, month - 1, day, hour, minute, second) - start),
    )
  // no clock shows it: the time before the gap goes on
  return new Date(timesOf(start, timeZone)[0] ?? (timesOf(start - 3_600_000, timeZone)[0] as number) + 3_600_000)
}

const known = new Map<string, number[]>()

function timesOf(local: number, timeZone: string): number[] {
  const key = `${timeZone} ${local}`
  const times = known.get(key) ?? []
  if (known.has(key)) return times
  for (let offset = 15; offset >= -12; offset -= 0.25) {
    const time = local - offset * 3_600_000
    const [year, month, day, hour, minute, second] = clock(new Date(time), timeZone)
    if (Date.UTC(year, month - 1, day, hour, minute, second) === local) times.push(time)
  }
  known.set(key, times)
  return times
}
