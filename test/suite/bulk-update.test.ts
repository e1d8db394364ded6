import { Decimal, Field, Model, StaleModelError, UniqueViolationError, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectQueries, recordQueries } from '../support/count-queries.js'
import { describeDatabases, type TestDatabase } from '../support/databases.js'
import { KINDS, keptBy } from '../support/values.js'

class Row extends Model({
  number: Field.integer({ unique: true }),
  text: Field.string({ max: 100, nullable: true }),
  body: Field.text({ nullable: true }),
  amount: Field.decimal({ precision: 30, scale: 10, nullable: true }),
  flag: Field.boolean({ default: false }),
}) {}

class Cell extends Model({
  sheet: Field.uuid({ primaryKey: true }),
  place: Field.bigInteger({ primaryKey: true }),
  code: Field.string({ max: 10, primaryKey: true }),
  value: Field.integer({ default: 0 }),
}) {}

class Slot extends Model({ day: Field.date({ primaryKey: true }), value: Field.integer({ default: 0 }) }) {}

class Owned extends Model({ value: Field.string({ max: 20 }) }, { table: 'v' }) {}
class Target extends Model({ value: Field.string({ max: 20 }) }, { table: 't' }) {}

const rowsTo = (count: number) => Array.from({ length: count }, (_, i) => ({ number: i, text: `text ${i}` }))
const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id)

/** Rows of one statement for many rows. */
const BATCH = 5000
const statements = ({ kind }: TestDatabase, rows: number) => (kind === 'sqlite' ? 1 : Math.ceil(rows / BATCH))

describeDatabases('updating many instances', (database) => {
  database.useTables([...KINDS.map(({ model }) => model), Row, Cell, Slot, Owned, Target])

  for (const { title, model, values } of KINDS.map((kind) => ({ ...kind, values: keptBy(database, kind) })))
    it(`keeps values of ${title}`, async () => {
      for (const write of ['updateMany', 'saveMany']) {
        const made: any[] = await model.createMany([...values, null, null].map(() => ({})))
        for (const [i, instance] of made.entries()) instance.value = i < values.length ? values[i] : null
        await expectQueries(1, () => (write === 'saveMany' ? model.saveMany(made) : model.updateMany(made, ['value'])))
        const held = [...values, null, null]
        const read = async () => (await model.findMany(ids(made))).map(({ value }: any) => value)
        expect(await read()).toEqual(held)
        expect(made.some((instance) => instance.isDirty())).toBe(false)
        // half of them become NULL, beside values
        const mixed = held.map((value, i) => (i % 2 === 0 ? null : (values[values.length - 1 - i] ?? value)))
        for (const [i, instance] of made.entries()) instance.value = mixed[i]
        await model.saveMany(made)
        expect(await read()).toEqual(mixed)
      }
    })

  it('is one statement for each set of fields', async () => {
    const rows = await Row.createMany(rowsTo(300))
    for (const [i, row] of rows.entries()) {
      row.amount = new Decimal(`${i}.5`)
      if (i % 2 === 0) row.text = null
    }
    await expectQueries(2, () => Row.saveMany(rows))
    expect(await Row.query().orderBy('number')).toEqual(rows)
    for (const row of rows.slice(0, 299)) row.body = 'x'
    const first = (await recordQueries(() => Row.saveMany(rows))).events.map(({ sql }) => sql)
    for (const row of rows.slice(0, 2)) row.body = 'y'
    expect((await recordQueries(() => Row.saveMany(rows))).events.map(({ sql }) => sql)).toEqual(first)
  })

  it('writes 10 000 rows, and long ones', async () => {
    const rows = await Row.createMany(rowsTo(10_000))
    for (const [i, row] of rows.entries()) row.text = i % 7 === 0 ? null : `😀 ${i}`
    await expectQueries(statements(database, 10_000), () => Row.updateMany(rows, ['text']))
    expect(await Row.query().orderBy('number').pluck('text')).toEqual(rows.map(({ text }) => text))
    const long = rows.slice(0, 40)
    for (const row of long) row.body = `${row.number}"\\é`.repeat(100_000)
    await Row.saveMany(long)
    const found = await Row.findMany(ids(long))
    expect(found.every(({ body }, i) => body === long[i]?.body)).toBe(true)
  }, 60_000)

  it('takes a size of the batches', async () => {
    const rows = await Row.createMany(rowsTo(25), { batchSize: 10 })
    for (const row of rows) row.text = `new ${row.number}`
    const { events } = await recordQueries(() => Row.updateMany(rows, ['text'], { batchSize: 10 }))
    if (database.kind !== 'sqlite') expect(events.filter(({ sql }) => sql.startsWith('update'))).toHaveLength(3)
    expect(await Row.query().orderBy('number').pluck('text')).toEqual(rows.map(({ text }) => text))
    const keys = ids(rows)
    expect(await expectQueries(3, () => Row.deleteMany(keys, { batchSize: 10 }))).toBe(25)
    expect(await Row.insertMany(rowsTo(25), { batchSize: 10 })).toBe(25)
    const counts = await Row.upsertMany(rowsTo(30), { conflict: 'number', batchSize: 7 })
    expect(counts).toEqual({ inserted: 5, updated: 25, skipped: 0 })
    for (const batchSize of [0, -1, 1.5, Number.NaN, '5' as never])
      await expect(Row.saveMany([], { batchSize })).rejects.toBeInstanceOf(UsageError)
  })

  it('finds rows by composite keys and by any kind of key', async () => {
    const sheet = '0b6f4d9e-0000-4000-8000-00000000000a'
    const cells = await Cell.createMany(
      Array.from({ length: 30 }, (_, i) => ({ sheet, place: 2n ** 53n + BigInt(i), code: i % 2 ? 'a' : 'A' })),
    )
    for (const [i, cell] of cells.entries()) cell.value = i
    await expectQueries(1, () => Cell.saveMany(cells))
    expect(await Cell.query().orderBy('place').pluck('value')).toEqual(cells.map((_, i) => i))
    const slots = await Slot.createMany(['2024-02-29', '1999-12-31', '2026-01-01'].map((day) => ({ day })))
    for (const [i, slot] of slots.entries()) slot.value = i + 1
    await Slot.saveMany(slots)
    expect(await Slot.query().orderBy('day').pluck('value')).toEqual([2, 1, 3])
  })

  it('writes keys that change', async () => {
    const cells = await Cell.createMany(
      [1n, 2n].map((place) => ({ sheet: '0b6f4d9e-0000-4000-8000-00000000000a', place, code: 'x' })),
    )
    for (const cell of cells) Object.assign(cell, { place: cell.place + 10n, value: Number(cell.place) })
    await Cell.saveMany(cells)
    expect(await Cell.query().orderBy('place').values('place', 'value')).toEqual([
      { place: 11n, value: 1 },
      { place: 12n, value: 2 },
    ])
  })

  it('writes tables of any name', async () => {
    for (const model of [Owned, Target]) {
      const made = await model.createMany([{ value: 'a' }, { value: 'b' }])
      for (const each of made) each.value += '!'
      await model.saveMany(made)
      expect(await model.query().orderBy('id').pluck('value')).toEqual(['a!', 'b!'])
    }
  })

  it('takes an instance twice, and two instances of one row: the later counts', async () => {
    const rows = await Row.createMany(rowsTo(3))
    const again = await Row.findMany(ids(rows))
    rows[0]!.text = 'first'
    rows[1]!.text = 'first'
    again[0]!.text = 'second'
    again[2]!.text = 'third'
    expect(await Row.updateMany([rows[0]!, rows[0]!, rows[1]!, ...again], ['text'])).toBe(4)
    expect(await Row.query().orderBy('number').pluck('text')).toEqual(['second', 'first', 'third'])
    const fresh = new Row({ number: 9 })
    await Row.saveMany([fresh, fresh])
    expect(await Row.count()).toBe(4)
  })

  describe('that fails', () => {
    it('for a row that vanished stores nothing and names the model', async () => {
      const rows = await Row.createMany(rowsTo(5))
      await Row.where('number', 3).delete()
      const fresh = new Row({ number: 50 })
      for (const row of rows) row.text = 'changed'
      await expect(Row.updateMany(rows, ['text'])).rejects.toThrow(StaleModelError)
      await expect(Row.saveMany([fresh, ...rows])).rejects.toThrow('Row')
      expect(await Row.query().orderBy('number').pluck('text')).toEqual(['text 0', 'text 1', 'text 2', 'text 4'])
      expect(rows.every((row) => row.isDirty('text'))).toBe(true)
      expect(fresh.isPersisted).toBe(false)
      rows.splice(3, 1)
      await Row.saveMany([fresh, ...rows])
      expect(fresh.id).toBeGreaterThan(0)
      expect(await Row.where('text', 'changed').count()).toBe(4)
    })

    it('in a later batch leaves nothing', async () => {
      const rows = await Row.createMany(rowsTo(5200))
      for (const row of rows) row.number += 100_000
      rows[5199]!.number = rows[0]!.number
      const fresh = new Row({ number: -1 })
      await expect(Row.saveMany([...rows, fresh])).rejects.toMatchObject({ fields: ['number'] })
      await expect(Row.saveMany(rows)).rejects.toBeInstanceOf(UniqueViolationError)
      expect(await Row.query().orderBy('number').pluck('number')).toEqual(rows.map((_, i) => i))
      expect(rows.every((row) => row.isDirty('number'))).toBe(true)
      expect(fresh.isPersisted).toBe(false)
    })

    it('inside a transaction leaves that usable', async () => {
      const rows = await Row.createMany(rowsTo(3))
      await Row.transaction(async () => {
        for (const row of rows) row.number = 7
        await expect(Row.saveMany(rows)).rejects.toBeInstanceOf(UniqueViolationError)
        for (const [i, row] of rows.entries()) row.number = 10 + i
        await Row.saveMany(rows)
      })
      expect(await Row.query().orderBy('number').pluck('number')).toEqual([10, 11, 12])
    })

    it('for instances that are not saved, or deleted, sends nothing', async () => {
      const [row] = await Row.createMany(rowsTo(1))
      await row!.delete()
      await expectQueries(0, async () => {
        await expect(Row.saveMany([row!])).rejects.toThrow('saveMany() of "Row" was given an instance that is deleted')
        await expect(Row.updateMany([new Row()], ['text'])).rejects.toThrow('not saved')
        await expect(Row.saveMany('x' as never)).rejects.toThrow('takes a list of instances')
      })
    })
  })
})
