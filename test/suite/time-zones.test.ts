import { Field, Model } from 'corm'
import { afterAll, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Moment extends Model({
  at: Field.dateTime(),
  fine: Field.dateTime({ precision: 6 }),
  day: Field.date(),
  time: Field.time(),
}) {}

const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'Europe/Rome', 'Africa/Monrovia']

/** Gaps and repeated hours of daylight saving, a day that Samoa skipped, offsets with seconds, the ends of time. */
const MOMENTS = [
  ...['2024-03-10T06:59:59.999Z', '2024-03-10T07:00:00.000Z', '2024-11-03T05:30:00.000Z', '2024-11-03T06:30:00.000Z'],
  ...['2024-03-31T00:59:59.999Z', '2024-03-31T01:00:00.000Z', '2024-10-27T00:30:00.000Z', '2024-10-27T01:30:00.000Z'],
  ...['2011-12-30T09:59:59.000Z', '2011-12-30T10:00:00.000Z', '1960-06-02T22:00:00.000Z', '1971-12-31T23:59:59.000Z'],
  ...['1000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z'],
]

const rows = () =>
  MOMENTS.map((text, i) => ({
    at: new Date(text),
    fine: new Date(text),
    day: text.slice(0, 10),
    time: `${String(i).padStart(2, '0')}:30:59.000001`,
  }))

describeDatabases('moments', (database) => {
  database.useTables([Moment])

  describe('written in one time zone and read in another', () => {
    const before = process.env.TZ
    afterAll(() => {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    })

    it.each(ZONES)('are the same: %s', async (zone) => {
      process.env.TZ = zone
      expect(new Date('2024-07-01T00:00:00Z').toLocaleString('sv')).toBe(
        new Date('2024-07-01T00:00:00Z').toLocaleString('sv', { timeZone: zone }),
      )
      const data = rows()
      const made = await Moment.createMany(data)
      await Moment.insertMany(data)
      for (const reader of ZONES) {
        process.env.TZ = reader
        const found = await Moment.query().orderBy('id')
        expect(found.map(({ at }) => at.toISOString())).toEqual([...MOMENTS, ...MOMENTS])
        expect(found.map(({ fine }) => fine.toISOString())).toEqual([...MOMENTS, ...MOMENTS])
        expect(found.map(({ day, time }) => [day, time])).toEqual(
          [...data, ...data].map(({ day, time }) => [day, time]),
        )
        expect(found.slice(0, MOMENTS.length)).toEqual(made)
        expect(await Moment.where('at', new Date(MOMENTS[1] as string)).count()).toBe(2)
        expect(await Moment.where('day', '2011-12-30').count()).toBe(4)
        expect(found.some((moment) => moment.isDirty())).toBe(false)
      }
    })
  })
})
