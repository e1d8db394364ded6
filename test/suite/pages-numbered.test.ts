import { Database, DatabaseError, Field, Model, Relation, sql, UsageError, ValidationError } from 'corm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Shelf extends Model({ name: Field.string({ max: 20 }) }) {
  static books = Relation.hasMany(() => Volume)
}
class Volume extends Model(
  {
    title: Field.string({ max: 20 }),
    kind: Field.string({ max: 5, nullable: true }),
    shelfId: Field.foreignKey(() => Shelf),
  },
  { orderBy: '-title' },
) {}

describeDatabases('pages', (database) => {
  database.useTables([Shelf, Volume])
  beforeEach(async () => {
    const shelf = await Shelf.create({ name: 'first' })
    await Volume.insertMany(
      Array.from({ length: 12 }, (_, n) => ({
        title: `volume ${String.fromCharCode(97 + n)}`,
        kind: n % 3 === 0 ? null : `k${n % 2}`,
        shelfId: shelf.id,
      })),
    )
  })
  const titles = (rows: readonly { title: string }[]) => rows.map((row) => row.title.slice(-1)).join('')

  describe('paginate()', () => {
    it('gives the rows of a page and its place', async () => {
      const page = await expectQueries(2, () => Volume.query().orderBy('title').paginate({ page: 2, size: 5 }))
      expect(titles(page.items)).toBe('fghij')
      expect(page).toMatchObject({ total: 12, number: 2, size: 5, pages: 3, hasNext: true, hasPrevious: true })
      const last = await Volume.query().orderBy('title').paginate({ page: 3, size: 5 })
      expect(titles(last.items)).toBe('kl')
      expect(last).toMatchObject({ hasNext: false, hasPrevious: true })
    })
    it('is the first page of 25 rows without options, in the order of the model', async () => {
      const page = await Volume.query().paginate()
      expect(titles(page.items)).toBe('lkjihgfedcba')
      expect(page).toMatchObject({ total: 12, number: 1, size: 25, pages: 1, hasNext: false, hasPrevious: false })
    })
    it('shows each row once though they tie', async () => {
      const query = Volume.query().orderBy('kind')
      const pages = await Promise.all([1, 2, 3, 4].map((page) => query.paginate({ page, size: 3 })))
      expect(new Set(pages.flatMap(({ items }) => items.map((row) => row.id))).size).toBe(12)
    })
    it('is empty beyond the end, and over no rows', async () => {
      expect(await Volume.query().paginate({ page: 1e9, size: 5 })).toEqual({
        items: [],
        total: 12,
        number: 1e9,
        size: 5,
        pages: 3,
        hasNext: false,
        hasPrevious: true,
      })
      expect(await Volume.where('title', 'none').paginate()).toMatchObject({
        items: [],
        total: 0,
        pages: 0,
        hasNext: false,
        hasPrevious: false,
      })
    })
    it('counts what it shows: conditions, distinct', async () => {
      expect((await Volume.where('kind', 'k1').paginate({ size: 1 })).total).toBe(4)
      const distinct = await Volume.query().select('kind').distinct().paginate({ size: 100 })
      expect(distinct.total).toBe(distinct.items.length)
    })
    it('loads relations, in a transaction too', async () => {
      await database.db.transaction(async () => {
        await Shelf.create({ name: 'second' })
        const page = await Shelf.with('books').orderBy('name').paginate({ size: 1 })
        expect(page.total).toBe(2)
        expect(page.items[0]?.books).toHaveLength(12)
      })
    })
    it('fails once when both statements fail', async () => {
      const wrong = Volume.query().whereRaw(sql`no_such_column = 1`)
      await expect(wrong.paginate()).rejects.toBeInstanceOf(DatabaseError)
      await expect(wrong.cursorPaginate()).rejects.toBeInstanceOf(DatabaseError)
      await expect(wrong.stream().next()).rejects.toBeInstanceOf(DatabaseError)
    })
    it('refuses other numbers before any statement', async () => {
      for (const value of ['2', null, {}]) {
        expect(await expectRefusal(() => Volume.query().paginate({ page: value as never }))).toBeInstanceOf(UsageError)
        expect(await expectRefusal(() => Volume.query().paginate({ size: value as never }))).toBeInstanceOf(UsageError)
      }
      const wrong = [
        () => Volume.query().paginate({ number: 2 } as never),
        () => Volume.query().paginate(2 as never),
        () => Volume.query().limit(3).paginate(),
        () => Volume.query().offset(3).paginate(),
        () => Volume.query().groupBy('kind').random().paginate(),
        () => Volume.query().groupBy('kind').limit(2).paginate(),
        () => Volume.query().random().paginate(),
      ]
      for (const call of wrong) expect(await expectRefusal(call)).toBeInstanceOf(UsageError)
    })
    it('reports a wrong number to the client, before any statement', async () => {
      const issue = (path: string, message = 'must be a whole number above 0') => ({ path, code: 'range', message })
      for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
        const page = await expectRefusal(() => Volume.query().paginate({ page: value }))
        expect(page).toBeInstanceOf(ValidationError)
        expect(page).toMatchObject({ model: 'Volume', issues: [issue('page')] })
        for (const call of ['paginate', 'cursorPaginate'] as const)
          expect(await expectRefusal(() => Volume.query()[call]({ size: value }))).toMatchObject({
            issues: [issue('size')],
          })
      }
      expect(await expectRefusal(() => Volume.query().paginate({ page: 0, size: 0 }))).toMatchObject({
        issues: [issue('page'), issue('size')],
      })
      expect(await expectRefusal(() => Volume.query().paginate({ page: 2 ** 52, size: 25 }))).toMatchObject({
        issues: [issue('page', 'is too large')],
      })
    })
  })

  describe('stream(), batches() and idBatches()', () => {
    afterEach(() => Database.configure({ maxRows: undefined }))
    const listed = async (rows: AsyncIterable<{ title: string }>) => {
      const found = []
      for await (const row of rows) found.push(row)
      return titles(found)
    }
    const sizes = async (batches: AsyncIterable<{ title: string }[]>) => {
      const found: string[] = []
      for await (const batch of batches) found.push(titles(batch))
      return found
    }
    it('give all rows in the order of the query', async () => {
      for (const chunkSize of [1, 5, 6, 12, 13]) {
        expect(await listed(Volume.query().stream({ chunkSize }))).toBe('lkjihgfedcba')
        expect(await listed(Volume.query().orderBy(['kind', 'title']).stream({ chunkSize }))).toBe(
          titles(await Volume.query().orderBy(['kind', 'title'])),
        )
      }
      expect(await listed(Volume.query().stream())).toHaveLength(12)
      expect(await sizes(Volume.query().batches(5))).toEqual(['lkjih', 'gfedc', 'ba'])
      expect(await sizes(Volume.query().idBatches(5))).toEqual(['abcde', 'fghij', 'kl'])
      expect(await sizes(Volume.where('title', 'none').batches())).toEqual([])
    })
    it('keep the limit and offset of the query', async () => {
      expect(await sizes(Volume.query().limit(7).batches(3))).toEqual(['lkj', 'ihg', 'f'])
      expect(await sizes(Volume.query().limit(7).offset(2).batches(3))).toEqual(['jih', 'gfe', 'd'])
      expect(await sizes(Volume.query().offset(8).batches(3))).toEqual(['dcb', 'a'])
      expect(await listed(Volume.query().limit(0).stream())).toBe('')
      expect(await sizes(Volume.query().reorder().limit(5).idBatches(3))).toEqual(['abc', 'de'])
      expect(() => Volume.query().limit(5).idBatches(3)).toThrow(UsageError)
    })
    it('read one chunk at a time, relations with it', async () => {
      await expectQueries(3, async () => {
        for await (const batch of Volume.query().batches(5)) if (titles(batch).includes('a')) break
      })
      await expectQueries(1, async () => {
        for await (const _ of Volume.query().stream({ chunkSize: 5 })) break
      })
      for await (const shelf of Shelf.with('books').stream()) expect(shelf.books).toHaveLength(12)
    })
    it('leave nothing open when they are left', async () => {
      const boom = new Error('boom')
      await expect(
        (async () => {
          for await (const _ of Volume.query().stream({ chunkSize: 2 })) throw boom
        })(),
      ).rejects.toBe(boom)
      await Volume.query().stream().return?.()
      Volume.query().stream()
      await database.db.transaction(async () => expect(await Volume.count()).toBe(12))
    })
    it('go on whatever is done to the rows', async () => {
      let met = 0
      for await (const row of Volume.query().orderBy('title').stream({ chunkSize: 1 })) {
        row.title = `z${row.title}`
        if (met++ < 3) await row.delete()
      }
      expect(met).toBe(12)
      const changed: string[] = []
      for await (const batch of Volume.where('kind', 'k0').orWhere('kind', 'k1').idBatches(2)) {
        changed.push(titles(batch))
        await Volume.query()
          .whereKey(batch.map((row) => row.id))
          .update({ kind: 'done' })
      }
      expect(changed.join('')).toHaveLength(6)
    })
    it('read where they were called', async () => {
      let left: AsyncIterableIterator<Volume> | undefined
      await database.db
        .transaction(async (trx) => {
          await Volume.where('title', 'volume a').delete()
          const inside = Volume.query().stream({ chunkSize: 5 })
          left = Volume.query().stream({ chunkSize: 5 })
          expect(await listed(inside)).toBe('lkjihgfedcb')
          await left.next()
          trx.rollback()
        })
        .catch(() => undefined)
      await expect(
        (async () => {
          for await (const _ of left!);
        })(),
      ).rejects.toMatchObject({ code: 'TRANSACTION' })
      if (!database.facts.concurrent) return
      const outside = Volume.query().stream({ chunkSize: 5 })
      await database.db
        .transaction(async (trx) => {
          await Volume.where('title', 'volume a').delete()
          expect(await listed(outside)).toBe('lkjihgfedcba')
          trx.rollback()
        })
        .catch(() => undefined)
    })
    it('lift maxRows, which pages keep', async () => {
      Database.configure({ maxRows: 5 })
      await expect(Volume.query()).rejects.toBeInstanceOf(UsageError)
      expect(await listed(Volume.query().stream())).toHaveLength(12)
      expect(await sizes(Volume.query().idBatches())).toHaveLength(1)
      expect((await Volume.query().cursorPaginate({ size: 5 })).items).toHaveLength(5)
      await expect(Volume.query().cursorPaginate({ size: 6 })).rejects.toBeInstanceOf(UsageError)
      await expect(Volume.query().paginate({ size: 6 })).rejects.toBeInstanceOf(UsageError)
    })
    it('refuse other sizes, orders and groups at once', () => {
      for (const size of [0, -1, 1.5, Number.NaN, '5', null]) {
        expect(() => Volume.query().stream({ chunkSize: size as never })).toThrow(UsageError)
        expect(() => Volume.query().batches(size as never)).toThrow(UsageError)
        expect(() => Volume.query().idBatches(size as never)).toThrow(UsageError)
      }
      expect(() => Volume.query().random().stream()).toThrow(UsageError)
      expect(() => Volume.query().orderBy(sql`1`).batches()).toThrow(UsageError)
      expect(() => Volume.query().groupBy('kind').stream()).toThrow(UsageError)
    })
  })

  describe('random() and orderByRaw()', () => {
    it('give the rows in another order', async () => {
      expect(
        titles(await Volume.query().random())
          .split('')
          .sort()
          .join(''),
      ).toBe('abcdefghijkl')
      expect(await Volume.query().random(3)).toHaveLength(3)
      const drawn = await Promise.all(Array.from({ length: 8 }, async () => titles(await Volume.query().random())))
      expect(new Set(drawn).size).toBeGreaterThan(1)
      expect(titles(await Volume.query().orderByRaw(sql`kind is null desc, title asc`).limit(4))).toBe('adgj')
    })
    it('refuse what they are not', async () => {
      expect(() => Volume.query().random(-1)).toThrow(UsageError)
      expect(() => Volume.query().random('3' as never)).toThrow(UsageError)
      expect(() => Volume.query().orderByRaw('title' as never)).toThrow(UsageError)
      expect(() => Volume.query().orderByRaw(Volume.columns.title.desc() as never)).toThrow(UsageError)
      await expect(Volume.query().orderByRaw(sql`title`).last()).rejects.toBeInstanceOf(UsageError)
    })
  })
})
