import { Database, Field, sql } from 'corm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

const MOMENT = new Date('2026-01-02T03:04:05.678Z')
const UUID = 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6'

/** A field of each kind, and the value that its column has by itself. */
const VALUES: Record<string, readonly [field: (options: any) => unknown, value: unknown]> = {
  smallInteger: [Field.smallInteger, -3],
  integer: [Field.integer, 5],
  bigInteger: [Field.bigInteger, 9007199254740993n],
  float: [Field.float, -0.25],
  decimal: [(options) => Field.decimal({ precision: 10, scale: 2, ...options }), '5.5'],
  'long decimal': [(options) => Field.decimal({ precision: 30, scale: 10, ...options }), '-12345678901234567890.5'],
  yes: [Field.boolean, true],
  no: [Field.boolean, false],
  string: [Field.string, "it's\\ \n😀 'now'"],
  text: [Field.text, 'now'],
  char: [(options) => Field.char(3, options), 'abc'],
  uuid: [Field.uuid, UUID],
  enum: [(options) => Field.enum(['a', "b'"], options), "b'"],
  json: [Field.json, { a: ["it's", null, 1.5], b: {} }],
  date: [Field.date, '2024-02-29'],
  time: [Field.time, '10:00:00.5'],
  dateTime: [Field.dateTime, MOMENT],
  'dateTime of 6 digits': [(options) => Field.dateTime({ precision: 6, ...options }), MOMENT],
  binary: [Field.binary, new Uint8Array([0, 1, 255, 39])],
}

describeDatabases('defaults of the database', (database) => {
  class Filled extends looseModel({
    note: Field.string({ default: '' }),
    ...Object.fromEntries(Object.values(VALUES).map(([field, value], i) => [`f${i}`, field({ dbDefault: value })])),
  }) {}
  class Timed extends looseModel({
    note: Field.string({ default: '' }),
    at: Field.dateTime({ dbDefault: 'now' }),
    fine: Field.dateTime({ precision: 6, dbDefault: 'now' }),
    day: Field.date({ dbDefault: 'now' }),
    time: Field.time({ dbDefault: 'now' }),
    code: Field.uuid({ dbDefault: 'uuid' }),
    seven: Field.integer({ dbDefault: sql`3 + 4` }),
  }) {}
  database.useTables([Filled, Timed])

  it('are values of every kind, as their columns hold them', async () => {
    const created = await Filled.create({ note: 'a' })
    await Filled.insertMany([{ note: 'b' }, { note: 'c' }])
    const given = await Filled.create(Object.fromEntries(Object.values(VALUES).map(([, value], i) => [`f${i}`, value])))
    const rows = [created, ...(await Filled.query().get())]
    expect(rows).toHaveLength(5)
    for (const row of rows)
      for (const [i, title] of Object.keys(VALUES).entries()) {
        const name = `f${i}`
        expect([title, row[name]]).toEqual([title, given[name]])
        expect(row.isDirty(name)).toBe(false)
        if (title !== 'json') expect([title, await Filled.where(name, given[name]).count()]).toEqual([title, 4])
      }
  })

  it('are the moment of the insert, and a new UUID', async () => {
    const before = Date.now() - 2000
    const created = await Timed.create({})
    await Timed.insertMany([{ note: 'b' }, { note: 'c' }])
    const rows = await Timed.query().get()
    expect(new Set(rows.map((row: any) => row.code)).size).toBe(3)
    for (const row of [created, ...rows]) {
      expect(row.isDirty()).toBe(false)
      expect([row.at.getTime() > before, row.at.getTime() < Date.now() + 2000]).toEqual([true, true])
      expect(Math.abs(row.fine.getTime() - row.at.getTime())).toBeLessThan(1000)
      expect([row.at, row.fine].map((at) => at.toISOString().slice(0, 10))).toContain(row.day)
      expect(row.time).toMatch(/^\d\d:\d\d:\d\d(\.\d+)?$/)
      expect(row.code).toMatch(/^[0-9a-f-]{36}$/)
      expect(row.seven).toBe(7)
      // of equal moments = finds both, and < none
      for (const name of ['at', 'fine']) {
        expect(await Timed.where('id', row.id).where(name, row[name]).count()).toBe(1)
        expect(await Timed.where('id', row.id).where(name, '<', row[name]).count()).toBe(0)
      }
    }
  })
})

const DATE_FORMS: readonly object[] = [
  ...[{}, { precision: 6 }, { digits: 0 }, { digits: 1 }, { digits: 6, trim: true }, { digits: 7, trim: 'zeros' }],
  ...[{ zone: ' +00:00' }, { storage: 'iso' }, { storage: 'iso', digits: 0 }, { storage: 'milliseconds' }],
  ...[{ storage: 'seconds' }, { storage: 'julian' }],
]

describe('defaults of a file of SQLite', () => {
  let db: Database
  const of = (kind: any, form: object, dbDefault: unknown) => kind({ ...form, dbDefault })
  const UUIDS = ['text', 'upper', 'hex', 'blob', 'guid']
  const Stored: any = class Stored extends looseModel({
    note: Field.string({ default: '' }),
    ...Object.fromEntries(
      DATE_FORMS.flatMap((form, i) => [
        [`now${i}`, of(Field.dateTime, form, 'now')],
        [`at${i}`, of(Field.dateTime, form, new Date('2026-01-02T03:04:05.000Z'))],
      ]),
    ),
    ...Object.fromEntries(
      UUIDS.flatMap((storage) => [
        [`new${storage}`, of(Field.uuid, { storage }, 'uuid')],
        [`one${storage}`, of(Field.uuid, { storage }, UUID)],
      ]),
    ),
    today: Field.date({ storage: 'milliseconds', dbDefault: 'now' }),
    numeric: Field.decimal({ scale: 2, storage: 'numeric', dbDefault: '5.5' }),
    digits: Field.decimal({ scale: 2, storage: 'text', dbDefault: '5.5' }),
    word: Field.boolean({ storage: 'text', words: ['t', 'f'], dbDefault: true }),
    data: Field.json({ storage: 'blob', dbDefault: { a: 1 } }),
  }) {}
  beforeAll(async () => {
    db = await Database.connect('sqlite::memory:')
    await db.createTables([Stored])
  })
  afterAll(() => db.close())

  it('are in the form of their column', async () => {
    const before = Date.now() - 1100
    await Stored.insertMany(Array.from({ length: 5 }, () => ({ note: 'x' })))
    const row = await Stored.create({})
    const loaded = await Stored.find(row.id)
    expect(loaded.toObject()).toEqual(row.toObject())
    for (const i of DATE_FORMS.keys()) {
      expect([i, loaded[`now${i}`].getTime() > before, loaded[`now${i}`].getTime() <= Date.now()]).toEqual([
        i,
        true,
        true,
      ])
      expect(await Stored.where('id', row.id).where(`now${i}`, loaded[`now${i}`]).count()).toBe(1)
      expect(loaded[`at${i}`].toISOString()).toBe('2026-01-02T03:04:05.000Z')
      expect(await Stored.where(`at${i}`, loaded[`at${i}`]).count()).toBe(6)
    }
    for (const storage of UUIDS) {
      expect(loaded[`one${storage}`]).toBe(UUID)
      expect(await Stored.where(`new${storage}`, loaded[`new${storage}`]).count()).toBe(1)
    }
    expect(loaded.today).toBe(new Date().toISOString().slice(0, 10))
    expect([String(loaded.numeric), String(loaded.digits), loaded.word, loaded.data]).toEqual([
      '5.5',
      '5.5',
      true,
      { a: 1 },
    ])
    expect(await Stored.where('numeric', '5.50').where('digits', '>', 5).where('word', true).count()).toBe(6)
  })
})
