import { CormError, Field, sql, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

function nested(levels: number, list = false): unknown {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = list ? [value] : { a: value }
  return value
}

class Doc extends looseModel({ data: Field.json({ nullable: true }), must: Field.json({ default: {} }) }) {}

describeDatabases('JSON', (database) => {
  database.useTables([Doc])

  /** Levels that the database itself takes; corm refuses more before anything is sent. */
  const most = () => database.facts.jsonLevels

  it('is kept as deep as the database takes it, and refused one level deeper', async () => {
    for (const list of [false, true]) {
      const value = nested(most(), list)
      const { id } = await Doc.create({ data: value, must: value })
      expect(await Doc.find(id)).toMatchObject({ data: value, must: value })
      const deeper = nested(most() + 1, list)
      const row = await Doc.findOrFail(id)
      row.must = deeper
      const work = [
        () => Doc.create({ data: deeper }),
        () => row.save(),
        () => Doc.where('id', id).update({ data: deeper }),
        () => Doc.upsert({ id, data: deeper }, { conflict: ['id'], guarded: true } as never),
      ]
      for (const one of work) {
        const error = await expectRefusal(one)
        expect(error).toBeInstanceOf(ValidationError)
        expect((error as ValidationError).issues).toMatchObject([{ code: 'depth' }])
      }
      const count = await Doc.query().count()
      await expect(Doc.insertMany([{ data: null }, { data: deeper }])).rejects.toThrow(ValidationError)
      expect(await Doc.query().count()).toBe(count)
    }
  })

  it('of 20,000 levels is refused wherever it may be given', async () => {
    for (const list of [false, true]) {
      const deep = nested(20_000, list)
      const row = await Doc.create({ data: {} })
      const assigned = await Doc.findOrFail(row.id)
      assigned.data = deep
      expect(assigned.isDirty()).toBe(true)
      expect(Object.keys(assigned.getChanges())).toEqual(['data'])
      const work: (() => unknown)[] = [
        () => assigned.save(),
        () => new (Doc as any)({ data: deep }).save(),
        () => Doc.create({ data: deep }),
        () => Doc.createMany([{ data: deep }]),
        () => Doc.insertMany([{ data: deep }]),
        () => Doc.where('id', row.id).update({ data: deep }),
        () => Doc.where('id', row.id).update((c: any) => ({ data: c.data.jsonSet('a', deep) })),
        () => Doc.where('data', deep).get(),
        () => Doc.where('data', '=', deep).get(),
        () => Doc.where({ data: deep }).get(),
        () => Doc.where((c: any) => c.data.eq(deep)).get(),
        () => Doc.where((c: any) => c.data.ne(deep)).get(),
        () => Doc.where((c: any) => c.data.json('a').eq(deep)).get(),
        () => Doc.where((c: any) => c.data.in([deep])).get(),
        () => Doc.query().whereIn('data', [deep]).get(),
        () =>
          Doc.query()
            .filter([['data', '=', deep]] as never)
            .get(),
        () =>
          Doc.query()
            .filter(deep as never)
            .get(),
        () => Doc.find(deep),
        () => Doc.findMany([deep]),
        () => Doc.where('id', deep).get(),
        () => Doc.firstOrCreate({ data: deep }),
        () => Doc.updateOrCreate({ id: row.id }, { data: deep }),
        () => Doc.upsert({ id: row.id, data: deep }, { conflict: ['id'], guarded: true } as never),
        () =>
          Doc.query()
            .orderBy(deep as never)
            .get(),
        () => Doc.schema.insert.parse({ data: deep }),
        () => row.update({ data: deep }),
        () => row.fill({ data: deep }).save(),
        () => database.db.select(sql`select ${deep as never} as x`),
      ]
      for (const [i, one] of work.entries()) {
        const error = await Promise.resolve()
          .then(() => one())
          .then(
            () => 'nothing was refused',
            (thrown: unknown) => thrown,
          )
        expect([i, String(one), error instanceof CormError, (error as Error).name]).toEqual([
          i,
          String(one),
          true,
          (error as Error).name,
        ])
        expect((error as Error).message.length).toBeLessThan(1000)
      }
    }
  })

  it('with methods toJSON is refused: what they return is not what was checked', async () => {
    class Dated extends Date {
      override toJSON(): string {
        return 'another'
      }
    }
    class Listed extends Array {
      toJSON() {
        return { secret: Number.NaN }
      }
    }
    const hidden = Object.defineProperty({ a: 1 }, 'toJSON', { value: () => undefined, enumerable: false })
    const tricks = [
      Object.assign([1], { toJSON: () => 'another' }),
      Listed.from([1]),
      new Dated(),
      hidden,
      Object.setPrototypeOf({ a: 1 }, { toJSON: () => 2 }),
      Object.assign(Object.create(null), { toJSON: () => 3 }),
      { toJSON: () => 4 },
      new Date(),
    ]
    for (const trick of tricks)
      for (const value of [trick, { in: trick }, [trick]]) {
        const works = [
          () => Doc.create({ data: value }),
          () => Doc.insertMany([{ must: value }]),
          () => Doc.query().all().update({ data: value }),
          () => Doc.where((c: any) => c.data.json('a').eq(value)).get(),
        ]
        for (const work of works) {
          const error = await expectRefusal(work)
          expect(error).toBeInstanceOf(CormError)
        }
      }
    expect(await Doc.query().count()).toBe(0)
    expect((await Doc.create({ data: { toJSON: 'a text' } })).data).toEqual({ toJSON: 'a text' })
  })
})

describeDatabases('dates', (database) => {
  class Event extends looseModel({ at: Field.dateTime(), fine: Field.dateTime({ precision: 6 }) }) {}
  database.useTables([Event])

  it('of classes that say other things are stored as what they are', async () => {
    class Liar extends Date {
      override getTime(): number {
        return Number.NaN
      }
      override toISOString(): string {
        return 'another'
      }
      override getUTCFullYear(): number {
        return 1
      }
    }
    const at = new Liar('2026-01-02T03:04:05.678Z')
    const real = new Date('2026-01-02T03:04:05.678Z')
    const { id } = await Event.create({ at, fine: at })
    await Event.insertMany([{ at, fine: at }])
    const rows = await Event.where('at', at).where('fine', at).get()
    expect(rows.map((row: any) => [row.at, row.fine])).toEqual([
      [real, real],
      [real, real],
    ])
    expect((await Event.find(id)).at).toEqual(real)
  })

  it('that only look like a Date are refused', async () => {
    for (const at of [Object.create(Date.prototype), Object.setPrototypeOf({}, Date.prototype)]) {
      for (const work of [
        () => Event.create({ at, fine: new Date() }),
        () => Event.create({ at: new Date(), fine: at }),
        () => Event.insertMany([{ at, fine: at }]),
        () => Event.where('at', at).get(),
        () => Event.query().all().update({ at }),
      ])
        expect(await expectRefusal(work)).toBeInstanceOf(ValidationError)
    }
  })
})
