import 'corm/country'
import { caseWhen, Field, fn, Model, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const nullable = true
class Sheet extends Model(
  {
    whole: Field.integer({ nullable }),
    big: Field.bigInteger({ nullable }),
    float: Field.float({ nullable }),
    price: Field.decimal({ precision: 10, scale: 2, nullable }),
    flag: Field.boolean({ nullable }),
    title: Field.string({ nullable }),
    body: Field.text({ nullable }),
    code: Field.uuid({ nullable }),
    state: Field.enum(['on', 'off'], { nullable }),
    level: Field.enum({ Low: 1, High: 2 }, { nullable }),
    data: Field.json<unknown>({ nullable }),
    day: Field.date({ nullable }),
    hour: Field.time({ nullable }),
    at: Field.dateTime({ nullable }),
    fine: Field.dateTime({ precision: 6, nullable }),
    bytes: Field.binary({ nullable }),
    land: Field.country({ nullable }),
    home: Field.country({ nullable }),
    secret: Field.password({ nullable }),
    tags: Field.array(Field.string(), { default: [] }),
    holes: Field.array(Field.string({ nullable: true }), { default: [] }),
    numbers: Field.array(Field.integer(), { default: [] }),
  },
  { table: 'assigned_sheets' },
) {}

const at = new Date('2024-05-06T07:08:09.123Z')
const values = {
  whole: 5,
  float: 1.5,
  price: '3.25',
  flag: true,
  title: '2020-01-02',
  body: 'text',
  state: 'on',
  level: 1,
  data: { born: '2020-01-02', size: 3 },
  day: '2021-02-03',
  at,
  fine: at,
  bytes: new Uint8Array([1]),
  land: 'DE',
  tags: ['a'],
  holes: [null],
  numbers: [1],
} as const

describeDatabases('updates by expressions of another type', (database) => {
  database.useTables([Sheet])
  const c = Sheet.columns as any
  const update = (id: number, data: object) => Sheet.where({ id }).update((() => data) as never)

  it('are refused where the column could not be read, or would hold another value', async () => {
    const { id } = await Sheet.create(values as never)
    const before = (await Sheet.findOrFail(id)).toJSON()
    const wrong: [object, RegExp][] = [
      [{ data: c.body }, /"Sheet.data" is of type json, so it can't be set to an expression of type text/],
      [{ data: c.body.cast('integer') }, /"Sheet.data" is of type json/],
      [{ data: c.title }, /"Sheet.data" is of type json/],
      [{ day: c.title }, /"Sheet.day" is of type date, .* such as c.field.cast\('date'\)/],
      [{ day: c.at }, /"Sheet.day" is of type date/],
      [{ day: c.data.json('born') }, /"Sheet.day" is of type date/],
      [{ hour: c.at }, /"Sheet.hour" is of type time/],
      [{ at: c.day }, /"Sheet.at" is of type dateTime/],
      [{ at: c.title }, /"Sheet.at" is of type dateTime/],
      [{ at: c.whole.plus(1) }, /"Sheet.at" is of type dateTime/],
      [{ code: c.title }, /"Sheet.code" is of type uuid/],
      [{ whole: c.body }, /"Sheet.whole" is of type integer, .* such as c.field.cast\('integer'\)/],
      [{ whole: c.flag }, /"Sheet.whole" is of type integer/],
      [{ float: c.day }, /"Sheet.float" is of type float/],
      [{ price: c.at }, /"Sheet.price" is of type decimal/],
      [{ flag: c.whole }, /"Sheet.flag" is of type boolean/],
      [{ bytes: c.body }, /"Sheet.bytes" is of type binary/],
      [{ body: c.bytes }, /"Sheet.body" is of type text/],
      [{ title: c.price }, /"Sheet.title" is of type string, .* such as c.field.cast\('text'\)/],
      [{ body: c.flag }, /"Sheet.body" is of type text/],
      [{ body: c.at }, /"Sheet.body" is of type text/],
      [{ level: c.body }, /"Sheet.level" is of type enum/],
      [{ state: c.whole }, /"Sheet.state" is of type enum/],
      [{ land: c.body }, /"Sheet.land" is a country field/],
      [{ secret: c.body }, /"Sheet.secret" is a password field/],
      [{ data: Sheet.where({ id }).select('body') }, /"Sheet.data" is of type json/],
      [{ day: fn.coalesce(c.title, 'x') }, /"Sheet.day" is of type date/],
    ]
    for (const [data, message] of wrong) {
      const failing = async () => update(id, data)
      await expect(failing(), message.source).rejects.toThrow(UsageError)
      await expect(failing()).rejects.toThrow(message)
    }
    expect((await Sheet.findOrFail(id)).toJSON()).toEqual(before)
  })
  it('are possible where all databases convert alike', async () => {
    const { id } = await Sheet.create(values as never)
    await update(id, { day: c.title.cast('date'), big: c.whole, price: c.whole, float: c.price, body: c.state })
    await update(id, { title: c.price.cast('text') })
    await update(id, { flag: c.whole.gt(3), home: c.land, whole: c.level, data: c.data.json('size') })
    const sheet = await Sheet.findOrFail(id)
    expect(sheet).toMatchObject({ day: '2020-01-02', big: 5n, float: 3.25, body: 'on', flag: true, whole: 1, data: 3 })
    expect([sheet.home?.code, String(sheet.price), sheet.title?.slice(0, 1)]).toEqual(['DE', '5', '5'])
  })
  it('have as many digits after the second as the column', async () => {
    const { id } = await Sheet.create(values as never)
    await update(id, { fine: c.at })
    expect((await Sheet.findOrFail(id)).fine).toEqual(at)
    await update(id, { fine: fn.now(), at: c.fine })
    const sheet = await Sheet.findOrFail(id)
    expect(sheet.at).toEqual(at)
    expect(await Sheet.where('fine', sheet.fine).count()).toBe(1)
  })
  it('are not made of arrays of different elements', async () => {
    const { id } = await Sheet.create(values as never)
    const wrong: (() => unknown)[] = [
      () => fn.coalesce(c.tags, c.numbers),
      () => c.tags.coalesce(c.holes),
      () => c.tags.coalesce(c.title),
      () => fn.coalesce(c.title, c.tags),
      () => caseWhen(c.flag, c.tags).else(c.numbers),
      () => fn.coalesce(c.numbers, Sheet.where({ id }).select('tags')),
    ]
    for (const make of wrong) {
      expect(make, String(make)).toThrow(UsageError)
      expect(make, String(make)).toThrow(/array/)
    }
    await update(id, { holes: fn.coalesce(c.holes, c.tags), tags: fn.coalesce(c.tags, ['b']) })
    expect(await Sheet.findOrFail(id)).toMatchObject({ holes: [null], tags: ['a'] })
  })
})
