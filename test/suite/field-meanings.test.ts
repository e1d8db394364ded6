import { Decimal, DefinitionError, Field, fn, JsonNull, Model, sql } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

interface Money {
  readonly cents: number
}

const money = Field.custom<Money, Money>({
  type: 'integer',
  encode: ({ cents }) => cents,
  decode: (raw: number) => Object.freeze({ cents: raw }),
})
const csv = Field.custom<string[]>({
  type: 'text',
  encode: (list) => list.join(),
  decode: (text: string) => text.split(','),
})
const minutes = Field.custom<number>({
  type: 'bigInteger',
  encode: (value) => BigInt(value) * 60n,
  decode: (raw: bigint) => Number(raw / 60n),
})

class Account extends Model({
  label: Field.string(),
  amount: Field.decimal({ precision: 38, scale: 10, default: 0 }),
  /** Arithmetic and averages of more than 18 digits are not to be had everywhere. */
  share: Field.decimal({ precision: 18, scale: 4, default: 0 }),
  price: money({ nullable: true }),
  tags: csv({ default: [] }),
  length: minutes({ nullable: true }),
}) {}

class Doc extends Model({
  needed: Field.json<unknown>({ default: {} }),
  free: Field.json<unknown>({ nullable: true }),
}) {}

class Log extends Model({
  text: Field.string({ default: '' }),
  fine: Field.dateTime({ precision: 6, nullable: true }),
  made: Field.dateTime({ autoNowAdd: true }),
  saved: Field.dateTime({ autoNow: true }),
  at: Field.dateTime({ nullable: true }),
}) {}

class Ticket extends Model({
  code: Field.uuid({ primaryKey: true, auto: true }),
  sorted: Field.uuid({ auto: true, version: 7 }),
  title: Field.string({ default: 'none', max: 5, min: 2, allowEmpty: true }),
}) {}

const decimals = [
  ...['9007199254740993.0000000001', '9007199254740993', '9007199254740992.9999999999', '10', '9', '0.3', '0.1', '0'],
  ...['-0.1', '-9', '-10', '-9007199254740993', '-1234567890123456789012345678.0123456789'],
]

describeDatabases('fields', (database) => {
  database.useTables([Account, Doc, Log, Ticket])

  describe('decimal', () => {
    const seed = () => Account.insertMany(decimals.map((amount, i) => ({ label: String(i), amount })))
    const digits = (list: Decimal[]) => list.map((value) => value.toFixed())

    it('is sorted, compared and found as a number, to the last digit', async () => {
      await seed()
      expect(digits(await Account.query().orderBy('-amount').pluck('amount'))).toEqual(decimals)
      expect(digits(await Account.query().orderBy('amount').pluck('amount'))).toEqual([...decimals].reverse())
      for (const [i, amount] of decimals.entries()) {
        expect(await Account.where('amount', '>', amount).count(), amount).toBe(i)
        expect(await Account.where('amount', '<', new Decimal(amount)).count(), amount).toBe(decimals.length - i - 1)
        expect(await Account.where('amount', amount).pluck('label'), amount).toEqual([String(i)])
      }
      const between = Account.query().whereBetween('amount', ['9007199254740992.9999999999', '9007199254740993'])
      expect(await between.count()).toBe(2)
      expect(await Account.query().whereIn('amount', ['10.0', 9, '0.30']).count()).toBe(3)
    })

    it('is summed, averaged and extremes found, to the last digit', async () => {
      await seed()
      const sum = decimals.reduce((total, value) => total.plus(value), new (Decimal.clone({ precision: 80 }))(0))
      expect((await Account.query().sum('amount'))?.toFixed()).toBe(sum.toFixed())
      expect((await Account.query().max('amount'))?.toFixed()).toBe(decimals[0])
      expect((await Account.query().min('amount'))?.toFixed()).toBe(decimals.at(-1))
      await Account.all().delete()
      await Account.insertMany([
        { label: 'a', share: '0.1' },
        { label: 'b', share: '0.2' },
      ])
      expect((await Account.query().sum('share'))?.toFixed()).toBe('0.3')
      expect((await Account.query().avg('share'))?.toFixed()).toBe('0.15')
      await Account.where('label', 'b').delete()
      await Account.where('label', 'a').update((c) => ({ share: c.share.plus('0.2').times(3) }))
      expect((await Account.query().pluck('share')).map(String)).toEqual(['0.9'])
    })

    it('is not dirty when the same number is assigned in another form', async () => {
      const { id } = await Account.create({ label: 'a', amount: '1.5' })
      const found = await Account.findOrFail(id)
      found.amount = new Decimal('1.50')
      expect(found.isDirty()).toBe(false)
      found.amount = new Decimal('1.51')
      expect(found.getChanges()).toEqual({ amount: [new Decimal('1.5'), new Decimal('1.51')] })
      await found.save()
      await found.update({ share: '-0.3' })
      expect((await found.increment('share', 0.1)).share.toFixed()).toBe('-0.2')
    })
  })

  describe('text', () => {
    it('keeps U+0000 whole or refuses it naming the field', async () => {
      if (database.facts.storesNul) {
        const made = await Account.create({ label: 'a\0b' })
        expect((await Account.findOrFail(made.id)).label).toBe('a\0b')
        expect(await Account.where('label', 'a\0b').count()).toBe(1)
        expect(await Account.where('label', 'a').count()).toBe(0)
      } else {
        const error = await expectRefusal(() => Account.create({ label: 'a\0b' }))
        expect(error).toMatchObject({ code: 'VALIDATION', issues: [{ path: 'label' }] })
        await expectRefusal(() => Account.where('label', 'a\0b').count())
        await expectRefusal(() => Doc.create({ needed: { a: ['x\0'] } }))
      }
      expect(await Account.create({ label: '\\u0000' })).toMatchObject({ label: '\\u0000' })
      const doc = await Doc.create({ needed: { text: '\\u0000' } })
      expect((await Doc.findOrFail(doc.id)).needed).toEqual({ text: '\\u0000' })
    })

    it('may be empty where its rules say otherwise but allowEmpty is set', async () => {
      expect((await Ticket.create({ title: '' })).title).toBe('')
      await expectRefusal(() => Ticket.create({ title: 'x' }))
    })
  })

  describe('json', () => {
    it('keeps null of JSON and null of SQL apart', async () => {
      const made = await Doc.createMany([{ free: null }, { free: JsonNull }, { free: 'null' }, {}, { free: {} }])
      const found = await Doc.query().orderBy('id')
      for (const list of [made, found]) expect(list.map(({ free }) => free)).toEqual([null, JsonNull, 'null', null, {}])
      expect(found[1]?.free).toBe(JsonNull)
      expect(await Doc.query().whereNull('free').count()).toBe(2)
      expect(JSON.stringify(found[1])).toContain('"free":null')
      await found[0]?.update({ free: JsonNull })
      await found[1]?.update({ free: null })
      expect((await Doc.query().orderBy('id')).slice(0, 2).map(({ free }) => free)).toEqual([JsonNull, null])
    })

    it('takes null as a value where the column is not nullable', async () => {
      const made = await Doc.create({ needed: null })
      expect(made.needed).toBeNull()
      const found = await Doc.findOrFail(made.id)
      expect(found.needed).toBeNull()
      expect(found.isDirty()).toBe(false)
      await found.update({ needed: [null] })
      await found.update({ needed: null })
      expect((await Doc.findOrFail(made.id)).needed).toBeNull()
    })

    it('drops what is undefined, as JSON does, and has a cap', async () => {
      const made = await Doc.create({ needed: { a: undefined, b: 1 } })
      expect((await Doc.findOrFail(made.id)).needed).toEqual({ b: 1 })
      await expectRefusal(() => Doc.create({ needed: 'x'.repeat(1024 * 1024) }))
    })

    it('does not pollute prototypes', async () => {
      const evil = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}')
      const made = await Doc.create({ needed: evil })
      const { needed } = await Doc.findOrFail(made.id)
      expect(Object.keys(needed as object).sort()).toEqual(['__proto__', 'constructor'])
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    })
  })

  describe('dateTime', () => {
    it('of precision 6 keeps the microseconds that a Date can not hold', async () => {
      const { id } = await Log.create({ fine: new Date('2024-05-06T07:08:09.123Z') })
      const fine = sql.raw(`'2024-05-06 07:08:09.123456'`)
      await database.db.execute(sql`update ${sql.id('logs')} set ${sql.id('fine')} = ${fine} where id = ${id}`)
      const found = await Log.findOrFail(id)
      expect(found.fine?.toISOString()).toBe('2024-05-06T07:08:09.123Z')
      expect(found.isDirty()).toBe(false)
      expect(await Log.where('fine', found.fine).count()).toBe(1)
      expect(await Log.where('fine', new Date('2024-05-06T07:08:09.123Z')).count()).toBe(0)
      const copy = await Log.create({ fine: found.fine })
      expect(await Log.where('fine', found.fine).count()).toBe(2)
      found.fine?.setMilliseconds(124)
      expect(found.isDirty('fine')).toBe(true)
      await found.save()
      expect(await Log.where('fine', new Date('2024-05-06T07:08:09.124Z')).count()).toBe(1)
      expect((await copy.refresh()).fine?.getMilliseconds()).toBe(123)
    })

    it('is set on insert and on every save', async () => {
      const before = Date.now()
      const log = await Log.create({ text: 'a' })
      expect(log.made.getTime()).toBeGreaterThanOrEqual(before)
      expect(log.made.getTime()).toBeLessThanOrEqual(Date.now())
      const { made, saved } = await Log.findOrFail(log.id)
      expect([made, saved]).toEqual([log.made, log.saved])
      await new Promise((resolve) => setTimeout(resolve, 5))
      await log.update({ text: 'b' })
      expect(log.saved.getTime()).toBeGreaterThan(saved.getTime())
      expect(log.made).toEqual(made)
      await expectQueries(0, () => log.save())
      const late = (await Log.findOrFail(log.id)).saved
      await new Promise((resolve) => setTimeout(resolve, 5))
      await Log.where('id', log.id).update({ text: 'c' })
      expect((await Log.findOrFail(log.id)).saved.getTime()).toBeGreaterThan(late.getTime())
    })

    it('takes an automatic time that is given, and gives one moment to a batch', async () => {
      const given = new Date('2001-02-03T04:05:06.007Z')
      const [log, other] = await Log.createMany([{ made: given, saved: given }, {}, {}], { guarded: true })
      expect(log).toMatchObject({ made: given, saved: given })
      const batch = await Log.createMany(Array.from({ length: 50 }, () => ({})))
      expect(new Set(batch.map(({ made }) => made.getTime())).size).toBe(1)
      expect(other?.made).not.toBe(batch[0]?.made)
    })

    it('is sorted and compared as a moment', async () => {
      const moments = ['2024-01-01T00:00:00.005Z', '2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.050Z']
      await Log.insertMany(moments.map((text) => ({ at: new Date(text) })))
      const sorted = [...moments].sort()
      expect((await Log.query().orderBy('at').pluck('at')).map((at) => at?.toISOString())).toEqual(sorted)
      expect(await Log.where('at', '>', new Date('2024-01-01T00:00:00.004Z')).count()).toBe(2)
    })
  })

  describe('uuid', () => {
    it('is made for new rows, of the version asked for', async () => {
      const tickets = await Ticket.createMany(Array.from({ length: 20 }, () => ({})))
      for (const { code, sorted } of tickets) {
        expect(code).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(sorted).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      }
      const sorted = tickets.map((ticket) => ticket.sorted)
      expect([...sorted].sort()).toEqual(sorted)
      expect(new Set(tickets.map(({ code }) => code)).size).toBe(20)
    })

    it('is a key like any other, whatever its case', async () => {
      const ticket = new Ticket()
      expect(ticket.isPersisted).toBe(false)
      await ticket.save()
      expect(ticket.isPersisted).toBe(true)
      expect(await Ticket.find(ticket.code)).toEqual(ticket)
      expect(await Ticket.find(ticket.code.toUpperCase())).toEqual(ticket)
    })
  })

  describe('custom', () => {
    it('is encoded on the way in and decoded on the way out, in conditions too', async () => {
      const made = await Account.create({ label: 'a', price: { cents: 150 }, tags: ['x', 'y'], length: 90 })
      const found = await Account.findOrFail(made.id)
      expect(found).toMatchObject({ price: { cents: 150 }, tags: ['x', 'y'], length: 90 })
      expect(found.isDirty()).toBe(false)
      expect(await Account.where('price', { cents: 150 }).count()).toBe(1)
      expect(await Account.where('price', '>', { cents: 200 }).count()).toBe(0)
      found.tags.push('z')
      expect(found.isDirty('tags')).toBe(true)
      await found.save()
      expect((await Account.findOrFail(made.id)).tags).toEqual(['x', 'y', 'z'])
      expect(await Account.query().aggregate({ top: fn.max(Account.columns.length) })).toEqual({ top: 90 })
    })

    it('refuses what can not be encoded, naming the field', async () => {
      const error = await expectRefusal(() => Account.create({ label: 'a', length: 1.5 }))
      expect(error).toMatchObject({ code: 'VALIDATION', issues: [{ path: 'length', code: 'custom' }] })
    })
  })
})

describe('Field.custom', () => {
  it('names the types it knows', () => {
    expect(() => Field.custom({ type: 'nope' as never, encode: String, decode: String })).toThrow(DefinitionError)
  })
})
