import { AsyncLocalStorage } from 'node:async_hooks'
import { Field, fn, Model, or, sql } from 'corm'
import { beforeAll, describe, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Entry extends Model({
  n: Field.integer(),
  text: Field.string({ max: 40 }),
  even: Field.integer({ nullable: true }),
  a: Field.integer({ default: 0 }),
  b: Field.integer({ default: 0 }),
  c: Field.integer({ default: 0 }),
  d: Field.integer({ default: 0 }),
}) {}

const COUNT = 1200

describeDatabases('queries of one form', (database) => {
  beforeAll(async () => {
    await database.db.createTables([Entry])
    await Entry.insertMany(
      Array.from({ length: COUNT }, (_, n) => ({ n, text: `t${n}`, even: n % 2 === 0 ? n : null, a: n % 3, b: n % 5 })),
    )
  })

  it('never mix their values: 1000 of them from 50 async contexts', async () => {
    const context = new AsyncLocalStorage<number>()
    const worker = (id: number) =>
      context.run(id, async () => {
        for (let i = 0; i < 20; i++) {
          const n = (id * 20 + i) % COUNT
          const query = Entry.where('n', n).where({ text: `t${n}` })
          if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
          const [entry] = await query
          expect(entry?.n).toBe(n)
          expect(await Entry.query().whereRaw(sql`${Entry.columns.n} = ${n}`).pluck('text')).toEqual([`t${n}`])
          expect(context.getStore()).toBe(id)
        }
      })
    await Promise.all(Array.from({ length: 50 }, (_, id) => worker(id)))
  })

  it('share one text', async () => {
    const { events } = await recordQueries(async () => {
      for (const n of [1, 2, 3])
        await Entry.where('n', n)
          .where((c) => c.a.plus(n).gt(n))
          .get()
    })
    expect(new Set(events.map((event) => event.sql)).size).toBe(1)
    expect(new Set(events.map((event) => String(event.parameters))).size).toBe(3)
  })

  it('a query keeps its values when others of its form are made after it', async () => {
    const queries = Array.from({ length: 30 }, (_, n) => Entry.where('n', n).orWhere('n', n + 100))
    const found = await Promise.all(queries.map((query) => query.orderBy('n').pluck('n')))
    expect(found).toEqual(queries.map((_, n) => [n, n + 100]))
  })

  it('null and a value are different forms', async () => {
    const count = (even: number | null) => Entry.where('even', even).count()
    expect([await count(2), await count(null), await count(4), await count(null)]).toEqual([1, COUNT / 2, 1, COUNT / 2])
    const not = (even: number | null) => Entry.where('even', '!=', even).count()
    expect([await not(2), await not(null), await not(4)]).toEqual([COUNT / 2 - 1, COUNT / 2, COUNT / 2 - 1])
    const among = (list: (number | null)[]) => Entry.query().whereIn('even', list).count()
    expect([await among([2, 4]), await among([2, null]), await among([4, 6]), await among([null])]).toEqual([
      2,
      COUNT / 2 + 1,
      2,
      COUNT / 2,
    ])
  })

  it('lists of any length are right, one after the other', async () => {
    for (const length of [1, 2, 9, 10, 11, 3, 0, 1000, 1, 2, 255, 256, 257, 10, 50_000, 4]) {
      const list = Array.from({ length }, (_, n) => n)
      expect(await Entry.query().whereIn('n', list).count(), `in ${length}`).toBe(Math.min(length, COUNT))
      expect(await Entry.query().whereNotIn('n', list).count(), `not in ${length}`).toBe(Math.max(0, COUNT - length))
      const texts = list.map((n) => `t${n}`)
      expect(await Entry.query().whereIn('text', texts).count(), `texts ${length}`).toBe(Math.min(length, COUNT))
    }
  })

  it('many keys at once are found in their order', async () => {
    const ids = await Entry.query().orderBy('n').pluck('id')
    const keys = [...ids].reverse()
    expect((await Entry.findMany(keys)).map((entry) => entry.id)).toEqual(keys)
    expect(await Entry.findMany([])).toEqual([])
    expect(await Entry.query().whereKey(keys).count()).toBe(COUNT)
  })

  it('20 different limits and offsets', async () => {
    for (let count = 0; count < 20; count++) {
      expect(await Entry.query().orderBy('n').limit(count).pluck('n')).toHaveLength(count)
      expect((await Entry.query().orderBy('n').offset(count).limit(1).pluck('n'))[0]).toBe(count)
      expect(await Entry.query().orderBy('n').limit(count).count()).toBe(count)
      expect((await Entry.query().orderBy('n').limit(count).first())?.n).toBe(count === 0 ? undefined : 0)
      expect(await Entry.query().limit(count).exists()).toBe(count > 0)
      expect(
        await Entry.where('n', '<', 50).whereIn('id', Entry.query().orderBy('n').limit(count).select('id')).count(),
      ).toBe(count)
    }
    expect((await Entry.query().orderBy('-n').limit(1).sole()).n).toBe(COUNT - 1)
  })

  it('long chains of conditions are right', async () => {
    let any = Entry.where('n', 0)
    for (let n = 1; n < 300; n++) any = any.orWhere('n', n)
    expect(await any.count()).toBe(300)
    let all = Entry.query()
    for (let n = 0; n < 300; n++) all = all.where('n', '!=', n)
    expect(await all.count()).toBe(COUNT - 300)
    expect(await Entry.where((c) => or(...Array.from({ length: 300 }, (_, n) => c.n.eq(n)))).count()).toBe(300)
  })

  it('more than 1000 forms stay right', async () => {
    const fields = ['n', 'a', 'b', 'c', 'd'] as const
    const operators = ['=', '!=', '<', '<=', '>', '>='] as const
    const compare = { '=': 0, '!=': 1, '<': 2, '<=': 3, '>': 4, '>=': 5 }
    const test = [
      (x: number, y: number) => x === y,
      (x: number, y: number) => x !== y,
      (x: number, y: number) => x < y,
      (x: number, y: number) => x <= y,
      (x: number, y: number) => x > y,
      (x: number, y: number) => x >= y,
    ]
    const rows = await Entry.where('n', '<', 30).values('n', 'a', 'b', 'c', 'd')
    const held = Entry.where('n', '<', 30).where('a', 1)
    let forms = 0
    for (const first of fields)
      for (const second of fields)
        for (const one of operators)
          for (const two of operators)
            for (const or of [false, true]) {
              forms += 1
              if (forms % 7 !== 0 && database.kind !== 'sqlite') {
                // built only: the tree of forms grows all the same
                const query = Entry.where(first, one, 2)
                if (or) query.orWhere(second, two, 3)
                else query.where(second, two, 3)
                continue
              }
              const inner = Entry.where(first, one, 2)
              const query = or ? inner.orWhere(second, two, 3) : inner.where(second, two, 3)
              const matches = (row: (typeof rows)[number]) => {
                const [x, y] = [test[compare[one]]!(row[first], 2), test[compare[two]]!(row[second], 3)]
                return or ? x || y : x && y
              }
              const expected = rows.filter(matches).map((row) => row.n)
              const found = await query.orderBy('n').pluck('n')
              expect(found.filter((n) => n < 30)).toEqual(expected)
            }
    expect(forms).toBeGreaterThan(1500)
    expect(await held.count()).toBe(10)
  })

  it('text made at run time is never taken for another', async () => {
    const { events } = await recordQueries(async () => {
      for (let n = 0; n < 30; n++) {
        expect(
          await Entry.query()
            .whereRaw(sql.raw(`n = ${n}`))
            .pluck('n'),
        ).toEqual([n])
        expect(
          await Entry.query()
            .whereRaw(sql`n in (${sql.join([n, n + 1])})`)
            .count(),
        ).toBe(2)
        expect(
          await Entry.query()
            .whereRaw(sql`n in (${sql.join([n, n + 1, n + 2])})`)
            .count(),
        ).toBe(3)
        expect(
          await Entry.where('n', n)
            .orderBy(sql.raw(`n + ${n}`))
            .pluck('n'),
        ).toEqual([n])
      }
    })
    expect(events).toHaveLength(120)
  })

  it('sql with different names in one template is different', async () => {
    const max = (name: string) => Entry.query().aggregate({ max: fn.max(sql<number>`${sql.id(name)}`) })
    expect([await max('n'), await max('a'), await max('b'), await max('n')].map((row) => Number(row.max))).toEqual([
      COUNT - 1,
      2,
      4,
      COUNT - 1,
    ])
  })

  describe('writes', () => {
    it('of one form never mix their values', async () => {
      await Promise.all(
        Array.from({ length: 40 }, (_, n) => Entry.where('n', n).update({ c: n * 2, d: n % 2 === 0 ? n : 0 })),
      )
      const rows = await Entry.where('n', '<', 40).orderBy('n').values('n', 'c', 'd')
      expect(rows).toEqual(rows.map((_, n) => ({ n, c: n * 2, d: n % 2 === 0 ? n : 0 })))
    })
    it('that set other fields are other forms', async () => {
      await Entry.where('n', 1).update({ c: 7 })
      await Entry.where('n', 1).update({ d: 8 })
      await Entry.where('n', 1).update({ d: 9, c: 10 })
      await Entry.where('n', 2).update({ c: 11, d: 12 })
      expect(await Entry.query().whereIn('n', [1, 2]).orderBy('n').valuesList('c', 'd')).toEqual([
        [10, 9],
        [11, 12],
      ])
    })
  })
})
