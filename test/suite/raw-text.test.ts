import { Field, fn, Model, sql } from 'corm'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { hostileTexts } from '../support/hostile.js'
import { KINDS, keptBy } from '../support/values.js'

class Line extends Model({ text: Field.text({ nullable: true }), size: Field.float({ nullable: true }) }) {}

/** JSON is compared by the text it was stored as, and asked about elsewhere. */
const COMPARED = KINDS.filter(({ title }) => title !== 'json')

describeDatabases('the text of toRawSQL', (database) => {
  /** Reads the same rows as the query, on the real server. */
  const readsTheSame = async (query: any, what: string) => {
    const text: string = query.toRawSQL()
    let rows: Record<string, unknown>[]
    try {
      rows = await database.db.select(sql.raw(text))
    } catch (error) {
      throw new Error(`${what}: ${(error as Error).message} ${text.slice(0, 200)}`)
    }
    const found = (await query).map((row: { id: number }) => row.id)
    expect(
      rows.map((row) => Number(row.id)),
      `${what} ${text.slice(0, 200)}`,
    ).toEqual(found)
    return found as number[]
  }

  describe('has the values of every kind of field', () => {
    beforeAll(() => database.db.createTables(KINDS.map(({ model }) => model)))

    it.each(COMPARED)('$title', async (kind) => {
      const { model, forms = [] } = kind
      const values = keptBy(database, kind)
      await model.insertMany([...values.map((value) => ({ value })), { value: null }])
      const query = model.query().select('id').orderBy('id')
      for (const value of [...values, ...forms.map(([given]) => given)]) {
        const found = await readsTheSame(query.where('value', value), String(value).slice(0, 50))
        if (values.includes(value)) expect(found.length, String(value).slice(0, 50)).toBeGreaterThan(0)
      }
      expect(await readsTheSame(query.whereIn('value', values), 'in')).toHaveLength(values.length)
      await readsTheSame(query.whereNotIn('value', values.slice(0, 3)), 'not in')
      await readsTheSame(query.whereIn('value', []), 'in nothing')
      await readsTheSame(query.whereNotIn('value', []), 'not in nothing')
      expect(await readsTheSame(query.where('value', null), 'null')).toHaveLength(1)
      await readsTheSame(query.where('value', '!=', null), 'not null')
    })
  })

  describe('has values that no field describes', () => {
    beforeAll(async () => {
      await database.db.createTables([Line])
      const texts = hostileTexts.filter((text) => !text.includes('\0') && text.length < 5000)
      await Line.insertMany([...texts.map((text, i) => ({ text, size: i / 3 })), { text: null, size: null }])
    })
    const query = Line.query().select('id').orderBy('id')

    it('in every kind of condition', async () => {
      for (const text of hostileTexts.filter((text) => text.length < 5000 && !/^\w$/.test(text))) {
        const what = JSON.stringify(text)
        await readsTheSame(query.where('text', text), what)
        await readsTheSame(query.where('text', 'contains', text), what)
        await readsTheSame(query.where('text', 'startsWith', text), what)
        await readsTheSame(query.where('text', 'iendsWith', text), what)
        await readsTheSame(
          query.where((c) => c.text.concat(text).eq(`x${text}`)),
          what,
        )
        await readsTheSame(query.whereRaw(sql`${Line.columns.text} = ${text}`), what)
      }
    })

    it('with limits, orders, groups and values in SQL of the user', async () => {
      await readsTheSame(query.limit(3).offset(2), 'limit')
      await readsTheSame(query.whereBetween('size', [0.5, 7.25]), 'between')
      await readsTheSame(
        query.where((c) => c.size.times(2.5).plus(1).gt(3.5)),
        'arithmetic',
      )
      await readsTheSame(query.whereRaw(sql`${Line.columns.size} > ${-1.5} and ${true} = ${true}`), 'untyped')
      await readsTheSame(query.whereRaw(sql`${Line.columns.size} < ${12n}`), 'bigint')
      await readsTheSame(query.whereIn('id', Line.where('size', '<', 4).select('id')), 'subquery')
      await readsTheSame(query.annotate({ n: () => fn.coalesce(Line.columns.size, 0) }).where('n', 0), 'annotation')
    })

    it('with a NUL, where texts hold one', async () => {
      if (!database.facts.storesNul) {
        expect(() => query.where('text', 'a\0b').toRawSQL()).toThrow(/NUL|U\+0000/)
        return
      }
      await Line.create({ text: 'a\0b' })
      expect(await readsTheSame(query.where('text', 'a\0b'), 'nul')).toHaveLength(1)
      expect(await readsTheSame(query.whereIn('text', ['a\0b', 'no such text']), 'nul')).toHaveLength(1)
      expect(await readsTheSame(query.whereRaw(sql`${Line.columns.text} = ${'a\0b'}`), 'nul')).toHaveLength(1)
    })
  })

  it('has numbers that are none, where the database has them', async () => {
    const Float = class Loose extends Model({
      value: Field.float({ nullable: true, allowNaN: true, allowInfinity: true }),
    }) {}
    await database.db.createTables([Float])
    const kept: number[] = []
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const stored = await Float.create({ value }).then(
        () => true,
        () => false,
      )
      if (!stored) {
        expect(() => Float.where('value', value).toRawSQL()).toThrow()
        continue
      }
      kept.push(value)
      expect(await readsTheSame(Float.where('value', value), String(value))).toHaveLength(1)
    }
    expect(kept.length).toBe({ sqlite: 2, pglite: 3, postgres: 3, mysql: 0 }[database.kind])
  })
})
