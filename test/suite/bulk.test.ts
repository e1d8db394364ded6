import { Field, Model, sql, UniqueViolationError, ValidationError } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectQueries, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Row extends Model({
  number: Field.integer({ unique: true }),
  text: Field.string({ nullable: true }),
  amount: Field.decimal({ precision: 12, scale: 2, nullable: true }),
  flag: Field.boolean({ default: false }),
  stamp: Field.integer({ dbDefault: sql`7` }),
  made: Field.dateTime({ autoNowAdd: true }),
}) {}

class Blank extends Model({ stamp: Field.integer({ dbDefault: sql`7` }), note: Field.string({ nullable: true }) }) {}

/** Only defaults of the database. */
class Bare extends Model({
  stamp: Field.integer({ dbDefault: sql`7` }),
  other: Field.integer({ dbDefault: sql`8` }),
}) {}

const rowsTo = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ number: i, text: i % 3 === 0 ? null : `text ${i}`, amount: `${i}.25` }))

describeDatabases('writing many rows', (database) => {
  database.useTables([Row, Blank, Bare])

  it.each([0, 1, 2, 999, 1000, 1001, 12_000])('inserts %i rows, in order, with their keys', async (count) => {
    const made = await Row.createMany(rowsTo(count))
    expect(made.map(({ number }) => number)).toEqual(rowsTo(count).map(({ number }) => number))
    const found = await Row.all().orderBy('number')
    expect(found.map(({ id, number, text, stamp }) => [id, number, text, stamp])).toEqual(
      made.map(({ id, number, text, stamp }) => [id, number, text, stamp]),
    )
    expect(new Set(made.map(({ id }) => id)).size).toBe(count)
    expect(made.every(({ isPersisted }) => isPersisted)).toBe(true)
    expect(made.some((row) => row.isDirty())).toBe(false)
    expect(found[count - 1]?.amount?.toFixed()).toBe(count === 0 ? undefined : `${count - 1}.25`)
  })

  it.each([0, 1, 999, 1000, 1001, 12_000])('inserts %i rows without instances', async (count) => {
    expect(await Row.insertMany(rowsTo(count))).toBe(count)
    expect(await Row.count()).toBe(count)
    if (count > 0) expect(await Row.query().sum('number')).toBe((count * (count - 1)) / 2)
  })

  it('sends nothing for no rows', async () => {
    await expectQueries(0, () => Row.createMany([]))
    await expectQueries(0, () => Row.insertMany([]))
    await expectQueries(0, () => Row.upsertMany([], { conflict: 'number' }))
    await expectQueries(0, () => Row.saveMany([]))
    await expectQueries(0, () => Row.deleteMany([]))
  })

  it('keeps the values of rows with different keys in their own columns', async () => {
    const data = [
      { number: 1 },
      { number: 2, text: 'two', stamp: 20 },
      { amount: 3, number: 3 },
      { flag: true, number: 4, stamp: 40 },
      { text: undefined, number: 5, made: new Date(5) },
    ]
    const expected = [
      [1, null, undefined, false, 7],
      [2, 'two', undefined, false, 20],
      [3, null, '3', false, 7],
      [4, null, undefined, true, 40],
      [5, null, undefined, false, 7],
    ]
    const columns = (rows: Row[]) => rows.map((r) => [r.number, r.text, r.amount?.toFixed(), r.flag, r.stamp])
    const made = await Row.createMany(data, { guarded: true })
    expect(columns(made)).toEqual(expected)
    expect(columns(await Row.query().orderBy('number'))).toEqual(expected)
    expect(await Row.findMany(made.map(({ id }) => id))).toEqual(made)
    await Row.all().delete()
    await Row.insertMany(data)
    expect(columns(await Row.query().orderBy('number'))).toEqual(expected)
  })

  it('inserts rows of nothing but defaults', async () => {
    for (const model of [Blank, Bare]) {
      const single = await model.create({})
      const many = await model.createMany([{}, {}, {}])
      expect([single, ...many].map(({ stamp }) => stamp)).toEqual([7, 7, 7, 7])
      expect(new Set(many.map(({ id }) => id)).size).toBe(3)
      expect(await model.insertMany(Array.from({ length: 60 }, () => ({})))).toBe(60)
      expect(await model.count()).toBe(64)
    }
  })

  describe('that fail', () => {
    const broken = () => [...rowsTo(6000), { number: 17 }]

    it('late leaves nothing of the whole, and marks no instance', async () => {
      await expect(Row.createMany(broken())).rejects.toBeInstanceOf(UniqueViolationError)
      await expect(Row.insertMany(broken())).rejects.toMatchObject({ fields: ['number'] })
      expect(await Row.count()).toBe(0)
      const instances = broken().map((data) => new Row(data))
      await expect(Row.saveMany(instances)).rejects.toBeInstanceOf(UniqueViolationError)
      expect(await Row.count()).toBe(0)
      expect(instances.some(({ isPersisted }) => isPersisted)).toBe(false)
      instances.pop()
      await Row.saveMany(instances)
      expect(await Row.count()).toBe(6000)
    })

    it('their checks send nothing', async () => {
      const { events, error } = await recordQueries(() => Row.createMany([...rowsTo(1500), { number: 0.5 }]))
      expect(error).toBeInstanceOf(ValidationError)
      expect(events).toEqual([])
    })

    it('inside a transaction leave that usable', async () => {
      await Row.transaction(async () => {
        await Row.create({ number: 1 })
        await expect(Row.transaction(() => Row.createMany(rowsTo(1500)))).rejects.toBeInstanceOf(UniqueViolationError)
        await Row.create({ number: -1 })
      })
      expect(await Row.query().orderBy('number').pluck('number')).toEqual([-1, 1])
    })
  })

  it('saves new and changed instances together', async () => {
    const rows = await Row.createMany(rowsTo(30))
    for (const [i, row] of rows.entries()) {
      if (i % 2 === 0) row.text = `changed ${i}`
      if (i % 3 === 0) row.flag = true
    }
    const fresh = [new Row({ number: 100 }), new Row({ number: 101, text: 'new' })]
    await Row.saveMany([fresh[0] as Row, ...rows, fresh[1] as Row])
    expect(await Row.count()).toBe(32)
    expect(await Row.query().orderBy('number')).toEqual([...rows, ...fresh])
    await expectQueries(0, () => Row.saveMany(rows))
  })

  it('updates many instances to values of their own', async () => {
    const rows = await Row.createMany(rowsTo(3000))
    for (const [i, row] of rows.entries())
      Object.assign(row, { text: i % 2 === 0 ? null : `${i}`, amount: i % 5 === 0 ? null : `${i}.5` })
    expect(await Row.updateMany(rows, ['text', 'amount'])).toBe(3000)
    const found = await Row.all().orderBy('number')
    expect(found.map(({ text, amount }) => [text, amount?.toFixed()])).toEqual(
      rows.map((_, i) => [i % 2 === 0 ? null : `${i}`, i % 5 === 0 ? undefined : `${i}.5`]),
    )
    rows[0]!.flag = true
    await Row.updateMany(rows, ['text'])
    expect(rows[0]!.isDirty('flag')).toBe(true)
  })

  it('inserts or updates 2 500 rows by a unique field', async () => {
    await Row.insertMany(rowsTo(1000))
    const rows = rowsTo(2500).map((row) => ({ ...row, text: `new ${row.number}` }))
    expect(await Row.upsertMany(rows, { conflict: 'number' })).toEqual({ inserted: 1500, updated: 1000, skipped: 0 })
    expect(await Row.count()).toBe(2500)
    expect((await Row.all().orderBy('number')).map(({ text }) => text)).toEqual(rows.map(({ text }) => text))
  })

  it('finds and deletes more keys than a statement has parameters', async () => {
    const ids = (await Row.createMany(rowsTo(12_000))).map(({ id }) => id)
    const keys = [...ids, ...Array.from({ length: 60_000 }, (_, i) => 1_000_000 + i)]
    expect((await Row.findMany(keys)).map(({ id }) => id)).toEqual(ids)
    expect(await Row.query().whereIn('id', ids).count()).toBe(12_000)
    expect(await Row.query().whereIn('id', keys).count()).toBe(12_000)
    expect(
      await Row.query()
        .whereNotIn('number', [5, ...keys.slice(12_000), ...keys.slice(12_000)])
        .count(),
    ).toBe(11_999)
    expect(await Row.deleteMany(keys)).toBe(12_000)
  })
})
