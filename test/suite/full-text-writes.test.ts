import { Field, Model, sql } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const indexes = [{ fields: ['title', 'body'], fullText: true }] as const
const texts = { title: Field.string(), body: Field.text({ nullable: true }) }

class Shelf extends Model({ name: Field.string() }, { table: 'search_shelves' }) {}
class Numbered extends Model(
  {
    ...texts,
    code: Field.string({ unique: true, nullable: true }),
    shelfId: Field.foreignKey(() => Shelf, { nullable: true, onDelete: 'cascade' }),
  },
  { table: 'search_numbered', indexes },
) {}
class Named extends Model(
  { key: Field.uuid({ auto: true, primaryKey: true }), ...texts },
  { table: 'search_named', indexes },
) {}
class Pair extends Model(
  { a: Field.integer({ primaryKey: true }), b: Field.string({ max: 20, primaryKey: true }), ...texts },
  { table: 'search_pairs', indexes },
) {}
class Priced extends Model(
  { day: Field.date({ primaryKey: true }), price: Field.decimal({ primaryKey: true }), ...texts },
  { table: 'search_priced', indexes },
) {}
class Big extends Model({ id: Field.bigId(), ...texts }, { table: 'search_bigs', indexes }) {}

type Row = { title: string; body?: string | null }
/** The calls of a model that all of these have. */
interface Searched {
  query(): {
    matches(
      fields: readonly ['title', 'body'],
      text: string,
    ): { orderBy(key: 'title'): { pluck(key: 'title'): Promise<string[]> } }
  }
}
const found = (model: unknown, text: string) =>
  (model as Searched).query().matches(['title', 'body'], text).orderBy('title').pluck('title')

describeDatabases('full-text indexes', (database) => {
  describe('follow their rows', () => {
    database.useTables([Shelf, Numbered, Named, Pair, Priced, Big])

    const rows: readonly Row[] = [{ title: 'a', body: 'red wine' }, { title: 'b', body: 'white wine' }, { title: 'c' }]
    const models = [
      ['a number as its key', Numbered, (row: Row) => row],
      ['a big number as its key', Big, (row: Row) => row],
      ['a text as its key', Named, (row: Row) => row],
      ['a key of two fields', Pair, (row: Row) => ({ ...row, a: 1, b: row.title })],
      [
        'a key with a decimal',
        Priced,
        (row: Row) => ({ ...row, day: '2020-01-01', price: row.title.charCodeAt(0) + 0.5 }),
      ],
    ] as const

    it.each(models)('of a table with %s', async (_, given, complete) => {
      const model = given as any
      await model.insertMany(rows.map(complete))
      const one = await model.create(complete({ title: 'd', body: 'wine of roses' }))
      expect(await found(model, 'wine')).toEqual(['a', 'b', 'd'])
      await one.update({ body: 'beer' })
      expect(await found(model, 'wine')).toEqual(['a', 'b'])
      expect(await found(model, 'beer')).toEqual(['d'])
      await model.where('title', 'a').update({ title: 'aa', body: null })
      expect(await found(model, 'wine')).toEqual(['b'])
      expect(await found(model, 'aa')).toEqual(['aa'])
      await one.delete()
      expect(await found(model, 'beer')).toEqual([])
      await model.where('title', 'b').delete()
      expect(await found(model, 'wine')).toEqual([])
      await model.create(complete({ title: 'b', body: 'wine again' }))
      expect(await found(model, 'wine')).toEqual(['b'])
      await model.truncate()
      expect(await found(model, 'wine')).toEqual([])
      await model.create(complete({ title: 'e', body: 'wine' }))
      expect(await found(model, 'wine')).toEqual(['e'])
    })

    it('through upserts, rollbacks, cascades and changed keys', async () => {
      await Numbered.upsert({ title: 'a', body: 'wine', code: 'x' }, { conflict: 'code' })
      await Numbered.upsert({ title: 'b', body: 'beer', code: 'x' }, { conflict: 'code' })
      expect([await found(Numbered, 'wine'), await found(Numbered, 'beer')]).toEqual([[], ['b']])
      await Numbered.upsertMany(
        [
          { title: 'c', body: 'milk', code: 'x' },
          { title: 'd', body: 'milk', code: 'y' },
        ],
        { conflict: 'code' },
      )
      expect([await found(Numbered, 'beer'), await found(Numbered, 'milk')]).toEqual([[], ['c', 'd']])
      await expect(
        database.db.transaction(async () => {
          await Numbered.query().all().update({ body: 'tea' })
          await Numbered.create({ title: 'e', body: 'tea' })
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
      expect([await found(Numbered, 'tea'), await found(Numbered, 'milk')]).toEqual([[], ['c', 'd']])
      const shelf = await Shelf.create({ name: 's' })
      await Numbered.create({ title: 'f', body: 'juice', shelfId: shelf.id })
      expect(await found(Numbered, 'juice')).toEqual(['f'])
      await shelf.delete()
      expect(await found(Numbered, 'juice')).toEqual([])
      await Pair.create({ a: 1, b: 'x', title: 'p', body: 'cola' })
      await database.db.execute(sql`update search_pairs set b = 'y' where b = 'x'`)
      await database.db.execute(sql`update search_numbered set id = 900 where code = 'y'`)
      expect(await Pair.query().matches(['body', 'title'], 'cola').pluck('b')).toEqual(['y'])
      expect(await Numbered.query().matches(['body', 'title'], 'milk').orderBy('id').pluck('id')).toContain(900)
    })

    it('of rows with the same words', async () => {
      await Named.insertMany(Array.from({ length: 50 }, (_, i) => ({ title: `t${i}`, body: 'same' })))
      await Named.query().whereIn('title', ['t3', 't30']).delete()
      expect(await Named.query().matches(['title', 'body'], 'same').count()).toBe(48)
      expect(await Named.query().matches(['title', 'body'], 't4 same').pluck('title')).toEqual(['t4'])
    })
  })

  describe('in definitions', () => {
    it('are created and dropped with their tables, any number of times', async () => {
      const { db } = database
      const models = [Shelf, Numbered, Named]
      const before = (await db.select(sql.raw(db.dialect.listTables))).length
      for (let i = 0; i < 2; i++) {
        await db.createTables(models)
        await db.createTables(models, { ifNotExists: true })
        await Named.create({ title: 'a', body: 'wine' })
        expect(await found(Named, 'wine')).toEqual(['a'])
        await db.dropTables(models)
        expect(await db.select(sql.raw(db.dialect.listTables))).toHaveLength(before)
      }
      await db.dropTables(models)
    })

    it('are dropped with a table whose rows refer to each other', async () => {
      class Part extends Model(
        {
          title: Field.string(),
          wholeId: Field.foreignKey((): any => Part, { nullable: true, onDelete: 'cascade' }),
        },
        { table: 'search "parts`', indexes: [{ fields: ['title'], fullText: true }] },
      ) {}
      await database.db.createTables([Part])
      const whole = await Part.create({ title: 'whole' })
      await Part.create({ title: 'part', wholeId: whole.id })
      await database.db.dropTables([Part])
      await database.db.createTables([Part])
      expect(await Part.query().matches('title', 'part').count()).toBe(0)
      await database.db.dropTables([Part])
    })

    it('are checked', () => {
      const { db } = database
      const refused = (index: object, message: string, fields: Record<string, any> = {}) => {
        const Odd = Model(
          { title: Field.string(), size: Field.integer(), ...fields },
          { table: 'odd', indexes: [index as never] },
        )
        class Checked extends Odd {}
        expect(() => db.toSQLCreateTables([Checked])).toThrow(message)
      }
      refused({ fields: ['size'], fullText: true }, '"Checked.size" is no text')
      refused({ fields: ['nothing'], fullText: true }, 'names the field "nothing"')
      refused({ fields: ['title', 'title'], fullText: true }, 'names a field twice')
      refused({ fields: ['title'], fullText: true, unique: true }, "can't have unique")
      refused({ fields: ['title'], fullText: true, method: 'gin' }, "can't have unique, where or method")
      refused({ fields: ['title'], fullText: { language: "x'; drop" } }, '"language"')
      refused({ fields: ['title'], fullText: { weights: { size: 2 } } }, 'not one of its fields')
      refused({ fields: ['title'], fullText: { weights: { title: 0 } } }, 'must be a number above 0')
      refused({ fields: ['title'], fullText: { lang: 'english' } }, '"lang"')
      refused({ fields: ['rank'], fullText: true }, 'a name that such an index reserves', { rank: Field.string() })
      const all = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, Field.string()]))
      refused(
        { fields: Object.keys(all), fullText: { weights: { a: 5, b: 4, c: 3, d: 2, e: 1 } } },
        'more than 4 different weights',
        all,
      )
    })

    it('may have another name, and say false', async () => {
      class Own extends Model(
        { title: Field.string(), body: Field.text() },
        {
          table: 'search_own',
          indexes: [
            { fields: ['title', 'body'], fullText: { weights: { title: 5 } }, name: 'own words' },
            { fields: ['title'], fullText: false },
          ],
        },
      ) {}
      await database.db.createTables([Own])
      await Own.insertMany([
        { title: 'other', body: 'wine' },
        { title: 'wine', body: 'other' },
      ])
      expect((await found(Own, 'wine')).length).toBe(2)
      expect(() => found(Own, 'wine')).not.toThrow()
      expect(() => Own.query().matches('title', 'wine')).toThrow('needs a full-text index')
      await database.db.dropTables([Own])
    })
  })
})
