import { Field, Model, Relation, UsageError, ValidationError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { numbers, useVectorTables } from '../support/vectors.js'

/** Texts whose vectors were asked for. */
let asked: string[] = []
let isAsync = true

class Author extends Model({ name: Field.string() }, { table: 'hybrid_authors' }) {
  static documents = Relation.hasMany(() => Document)
}
class Document extends Model(
  {
    title: Field.string(),
    tenant: Field.integer({ default: 1 }),
    at: Field.vector(2, { index: { method: 'hnsw' } }),
    authorId: Field.foreignKey(() => Author, { nullable: true }),
    deletedAt: Field.softDelete(),
  },
  {
    table: 'hybrid_documents',
    indexes: [{ fields: ['title'], fullText: true }],
    globalScopes: { visible: (q) => q.where('tenant', '!=', 9) },
  },
) {
  static author = Relation.belongsTo(() => Author)
  /** The angle is the last word of the text. */
  static embedQuery(text: string) {
    asked.push(text)
    const vector = angle(Number(text.split(' ').at(-1)))
    return isAsync ? new Promise<number[]>((resolve) => setTimeout(() => resolve(vector), 1)) : vector
  }
}
class Pair extends Model(
  {
    a: Field.integer({ primaryKey: true }),
    b: Field.string({ max: 20, primaryKey: true }),
    text: Field.text(),
    at: Field.vector(2),
    far: Field.vector(2, { nullable: true }),
  },
  { table: 'hybrid_pairs', indexes: [{ fields: ['text'], fullText: true }] },
) {
  static embedQuery = (): Float32Array => new Float32Array([1, 0])
}

class Unasked extends Model({ at: Field.vector(2) }, { table: 'hybrid_unasked' }) {}

const angle = (degrees: number): [number, number] => [
  Math.cos((degrees * Math.PI) / 180),
  Math.sin((degrees * Math.PI) / 180),
]
const titles = (rows: readonly { title: string }[]) => rows.map(({ title }) => title)
const fields = ['title'] as const

describeDatabases('search by text', (database) => {
  useVectorTables(database, [Author, Document, Pair])
  beforeEach(() => {
    asked = []
    isAsync = true
  })
  const fill = (rows: readonly (readonly [title: string, degrees: number, more?: object])[]) =>
    Document.insertMany(rows.map(([title, degrees, more]) => ({ title, at: angle(degrees), ...more })))

  describe('search()', () => {
    it('finds the rows whose vectors are nearest to that of the text', async () => {
      await fill([
        ['a', 90],
        ['b', 0],
        ['c', 45],
      ])
      const rows = await Document.query().search('at 10', { limit: 2 })
      expect(rows.map(({ title, distance }) => [title, distance])).toEqual([
        ['b', 0.015192],
        ['c', 0.180848],
      ])
      expect(titles(await Document.where('title', '!=', 'b').search('at 10', { field: 'at' }))).toEqual(['c', 'a'])
      expect(asked).toEqual(['at 10', 'at 10'])
    })

    it('embeds the text once, when the query runs', async () => {
      await fill([
        ['a', 0],
        ['b', 20],
      ])
      for (const later of [true, false]) {
        isAsync = later
        asked = []
        const query = Document.query().search('at 1')
        expect(asked).toEqual([])
        const page = await query.paginate({ page: 1, size: 1 })
        expect([titles(page.items), page.total]).toEqual([['a'], 2])
        expect(await query.count()).toBe(2)
        expect(titles(await Document.query().whereIn('id', query.limit(1).select('id')))).toEqual(['a'])
        expect(titles(await query.get())).toEqual(['a', 'b'])
        expect(asked).toEqual(['at 1'])
      }
    })

    it('works in every kind of run', async () => {
      const ann = await Author.create({ name: 'Ann' })
      await fill([
        ['a', 0, { authorId: ann.id }],
        ['b', 20, { authorId: ann.id }],
        ['c', 30],
      ])
      const search = () => Document.query().search('at 0', { limit: 2 })
      expect((await search().first())?.title).toBe('a')
      expect(await search().pluck('title')).toEqual(['a', 'b'])
      expect(await search().exists()).toBe(true)
      expect(await search().max('distance')).toBe(0.060307)
      expect(await search().explain()).not.toBe('')
      expect(await Author.query().with({ documents: (q) => q.search('at 20', { limit: 1 }) })).toMatchObject([
        { documents: [{ title: 'b' }] },
      ])
      expect(titles(await ann.related('documents').search('at 20', { limit: 1 }))).toEqual(['b'])
      expect(await search().update({ tenant: 2 })).toBe(2)
      await database.db.transaction(async () => {
        expect(await search().delete()).toBe(2)
      })
      expect(titles(await search())).toEqual(['c'])
      const one = await Author.findOrFail(ann.id)
      await (one as any).load({ documents: (q: any) => q.withTrashed().search('at 20', { limit: 1 }) })
      expect((one as unknown as { documents: Document[] }).documents).toMatchObject([{ title: 'b' }])
    })

    it('reports what is wrong', async () => {
      const query = Document.query() as any
      expect(() => query.search(7)).toThrow('takes the text to search for as a string')
      expect(() => query.search('a', { field: 'title' })).toThrow('needs a vector')
      expect(() => query.search('a', { top: 1 })).toThrow('"top"')
      expect(() => (Author.query() as any).search('a')).toThrow('needs a vector field, and "Author" has none')
      expect(() => (Unasked.query() as any).search('a')).toThrow('Write a static method on "Unasked"')
      expect(() => (Pair.query() as any).search('a')).toThrow('has several vector fields')
      isAsync = true
      expect(() => Document.query().search('at 3').toSQL()).toThrow(UsageError)
      isAsync = false
      expect(Document.query().search('at 3').toSQL().parameters.length).toBeGreaterThan(0)
      await expect(Document.query().search('not a number').get()).rejects.toThrow(ValidationError)
    })
  })

  describe('hybrid()', () => {
    it('finds rows by words and by meaning', async () => {
      await fill([
        ['red 0', 80],
        ['green', 5],
        ['red 0 again', 10],
        ['nothing', 0],
        ['other', 170],
      ])
      const found = await Document.query().hybrid('red 0', { fields, field: 'at', limit: 3 })
      expect(titles(found).slice(0, 2).sort()).toEqual(['red 0', 'red 0 again'])
      expect(titles(found)[2]).toBe('nothing')
      expect(found[0]).toBeInstanceOf(Document)
      expect(found[0]?.isDirty()).toBe(false)
    })

    it('fuses the places of both searches as the formula says', async () => {
      const random = numbers(11)
      const rows = Array.from({ length: 40 }, (_, i) => {
        const text = ['red', 'wine', 'car', '0'].filter(() => random() > 0).join(' ')
        return { title: `n${i} ${text}`, at: angle((random() + 0.5) * 180), tenant: 1 + (i % 2) }
      })
      await Document.insertMany(rows)
      for (const tenant of [1, 2, null]) {
        const among = () => (tenant === null ? Document.query() : Document.where('tenant', tenant))
        const near = titles(await among().nearest('at', angle(0), { limit: 50, exact: true }))
        const match = titles(await among().matches(fields, 'wine 0').limit(50))
        const scores = new Map<string, number>()
        for (const list of [near, match])
          list.forEach((title, i) => scores.set(title, (scores.get(title) ?? 0) + 1 / (61 + i)))
        const found = await among().hybrid('wine 0', { fields, limit: 40 })
        expect(found.length).toBe(scores.size)
        for (const { title, score } of found) expect(score).toBeCloseTo(scores.get(title) ?? 0, 10)
        const sorted = found.map(({ score }) => score)
        expect(sorted).toEqual([...sorted].sort((a, b) => b - a))
      }
    })

    it('filters inside both searches, whatever the order of the steps', async () => {
      await fill(Array.from({ length: 120 }, (_, i) => [`wine 0 n${i}`, i / 2, { tenant: i < 110 ? 1 : 2 }]))
      const all = () => Document.query().hybrid('wine 0', { fields, limit: 30 })
      expect(titles(await all().where('tenant', 2))).toHaveLength(10)
      expect(titles(await Document.where('tenant', 2).hybrid('wine 0', { fields, limit: 30 }))).toHaveLength(10)
      await Document.query()
        .whereBetween('id', [0, 10 ** 9])
        .where('tenant', 1)
        .update({ tenant: 9 })
      expect(titles(await all())).toHaveLength(10)
      expect(titles(await all().withoutGlobalScopes())).toHaveLength(30)
      await Document.where('title', 'like', '%n115').delete()
      expect(titles(await all())).toHaveLength(9)
      expect(titles(await all().withTrashed())).toHaveLength(10)
      expect(
        titles(
          await Document.where('title', 'wine 0 n111').orWhere('title', 'wine 0 n112').hybrid('wine 0', { fields }),
        ),
      ).toHaveLength(2)
      expect(titles(await all().where('author.name', 'nobody'))).toEqual([])
    })

    it('works with pages, counts, relations, conditions on the score, and writes', async () => {
      const ann = await Author.create({ name: 'Ann' })
      await fill(Array.from({ length: 15 }, (_, i) => [`wine 0 n${i}`, i, { authorId: i < 5 ? ann.id : null }]))
      const query = Document.query().hybrid('wine 0', { fields })
      expect(await query.count()).toBe(10)
      const page = await query.paginate({ page: 2, size: 10 })
      expect([page.total, titles(page.items)]).toEqual([15, Array.from({ length: 5 }, (_, i) => `wine 0 n${i + 10}`)])
      expect((await query.first())?.title).toBe('wine 0 n0')
      expect(await query.where('score', '>', 0.0326).pluck('title')).toEqual(['wine 0 n0'])
      expect(await query.where('author.name', 'Ann').limit(3).pluck('title')).toEqual(
        [0, 1, 2].map((i) => `wine 0 n${i}`),
      )
      const loaded = await query.limit(1).with('author')
      expect(loaded[0]?.author?.name).toBe('Ann')
      expect(await ann.related('documents').hybrid('wine 4', { fields, limit: 10 }).count()).toBe(5)
      expect(await query.values('title', 'score')).toHaveLength(10)
      expect(await query.limit(2).update({ tenant: 5 })).toBe(2)
      expect(await Document.where('tenant', 5).orderBy('id').pluck('title')).toEqual(['wine 0 n0', 'wine 0 n1'])
      expect(await query.limit(1).forceDelete()).toBe(1)
      expect(asked.length).toBeLessThanOrEqual(3)
    })

    it('works for a key of several fields', async () => {
      await Pair.insertMany([
        { a: 1, b: 'x', text: 'red wine', at: [1, 0] },
        { a: 1, b: 'y', text: 'red car', at: [0, 1] },
        { a: 2, b: 'x', text: 'wine', at: [1, 1] },
      ])
      const found = await Pair.query().hybrid('red', { fields: 'text', field: 'at' })
      expect(found.map(({ a, b }) => `${a}${b}`)).toEqual(['1x', '1y', '2x'])
      expect(found[0]?.score).toBeCloseTo(1 / 61 + 1 / 61, 10)
      expect(await Pair.query().hybrid('red', { fields: 'text', field: 'far' }).pluck('b')).toEqual(['x', 'y'])
    })

    it('is a part of unions', async () => {
      await fill([
        ['red 0', 0],
        ['blue 90', 90],
        ['green 180', 180],
      ])
      const one = (text: string) => Document.query().hybrid(text, { fields, limit: 1 })
      const both = one('red 0').union(one('green 180'))
      expect(titles(await both.orderBy('title'))).toEqual(['green 180', 'red 0'])
      expect(titles(await both.union(one('blue 90')).orderBy('title').limit(2))).toEqual(['blue 90', 'green 180'])
      expect((await one('red 0').select('title').unionRows(one('green 180').select('title'))).length).toBe(2)
      expect(titles(await Document.query().from(one('red 0')))).toEqual(['red 0'])
      isAsync = false
      expect(() =>
        Document.query()
          .union(one('red 0') as any)
          .toSQL(),
      ).toThrow('One query of the union has "score"')
      expect(() =>
        one('red 0')
          .union(Document.query() as any)
          .toSQL(),
      ).toThrow('One query of the union has "score"')
    })

    it('is one statement', async () => {
      await fill([['wine 0', 0]])
      const { events } = await recordQueries(() => Document.query().hybrid('wine 0', { fields, limit: 5, k: 10 }))
      expect(events).toHaveLength(1)
      expect((await Document.query().hybrid('wine 0', { fields, k: 10 }))[0]?.score).toBeCloseTo(2 / 11, 10)
    })

    it('reports what is wrong', () => {
      const query = Document.query() as any
      const refused = (message: string, ...args: unknown[]) => expect(() => query.hybrid(...args)).toThrow(message)
      refused('hybrid() takes the text', 7, { fields })
      refused('takes the names of the fields', 'a', {})
      refused('takes the names of the fields', 'a')
      refused('hybrid() needs a full-text index', 'a', { fields: ['tenant'] })
      refused('"k"', 'a', { fields, k: 0 })
      refused('"limit"', 'a', { fields, limit: 0 })
      refused('needs a vector', 'a', { fields, field: 'title' })
      expect(() => query.from(query).hybrid('a', { fields })).toThrow('Call it before from() or a union')
      expect(() => query.hybrid('a', { fields }).hybrid('a', { fields })).toThrow(`can't name a value "score"`)
    })

    it('is refused where each row has results of its own', async () => {
      await Author.create({ name: 'Ann' })
      await expect(
        Author.query()
          .with({ documents: (q) => q.hybrid('wine 0', { fields }) })
          .get(),
      ).rejects.toThrow("can't be used in with()")
    })
  })
})
