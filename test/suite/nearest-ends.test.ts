import { Field, Model, sql, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { numbers, useVectorTables } from '../support/vectors.js'

class Point extends Model(
  {
    name: Field.string(),
    at: Field.vector(2),
    indexed: Field.vector(2, { index: { method: 'hnsw', metric: 'euclidean' } }),
    code: Field.string({ nullable: true, hidden: true }),
  },
  { table: 'nearest_points', indexes: [{ fields: ['name'], fullText: true }] },
) {}
class Spot extends Model(
  {
    kind: Field.integer(),
    at: Field.vector(4, { index: { method: 'ivfflat', metric: 'euclidean', lists: 20, probes: 1 } }),
  },
  { table: 'nearest_spots' },
) {}

describeDatabases('nearest() at its ends', (database) => {
  describe('pages by cursor', () => {
    useVectorTables(database, [Point])

    it('go on where all rows are compared, also among rows of one distance', async () => {
      const distances = [1, 2, 2, 2, 3, 3, 0, 2, 1, 5, 5]
      await Point.insertMany(distances.map((d, i) => ({ name: `p ${i}`, at: [1, d], indexed: [1, d] })))
      const near = () => Point.query().nearest('at', [1, 0], { metric: 'euclidean' })
      const exact = () => Point.query().nearest('indexed', [1, 0], { exact: true })
      for (const query of [near, exact]) {
        const all = (await query().limit(100)).map(({ name }) => name)
        expect(all.length).toBe(distances.length)
        const found: string[] = []
        let after: string | null = null
        do {
          const page: { items: { name: string }[]; nextCursor: string | null } = await query().cursorPaginate({
            size: 2,
            after,
          })
          found.push(...page.items.map(({ name }) => name))
          after = page.nextCursor
        } while (after !== null)
        expect(found).toEqual(all)
        const batches: string[] = []
        for await (const rows of query().batches(3)) batches.push(...rows.map(({ name }) => name))
        expect(batches).toEqual(all.slice(0, batches.length))
      }
    })

    it('are refused by an index, and in the order of ranks', async () => {
      const indexed = Point.query().nearest('indexed', [1, 0])
      const ranked = Point.query().matches('name', 'p')
      for (const [query, message] of [
        [indexed, "can't continue a search by an index"],
        [ranked, "can't continue in the order of matches()"],
      ] as const) {
        await expect(query.cursorPaginate({ size: 2 })).rejects.toThrow(UsageError)
        await expect(query.cursorPaginate({ size: 2 })).rejects.toThrow(message)
        expect(() => query.batches(2)).toThrow(message)
        expect(() => query.stream()).toThrow(message)
      }
      expect((await ranked.orderBy('id').cursorPaginate({ size: 2 })).items).toEqual([])
    })

    it('go on in the order of a hidden field, which stays hidden', async () => {
      await Point.insertMany(
        ['b', 'a', null, 'a', 'c'].map((code, i) => ({ name: `p${i}`, at: [1, 1], indexed: [1, 1], code })),
      )
      const query = Point.query().whereNotNull('code').orderBy('-code').select('name')
      const first = await query.cursorPaginate({ size: 2 })
      const next = await query.cursorPaginate({ size: 2, after: first.nextCursor })
      expect([...first.items, ...next.items].map(({ name }) => name)).toEqual(['p4', 'p0', 'p1', 'p3'])
      expect(JSON.stringify(first)).not.toContain('code')
    })
  })

  describe('by an index of lists', () => {
    useVectorTables(database, [Spot])

    it('sorts all rows that it finds, those of one distance by their keys', async () => {
      const random = numbers(5)
      await Spot.insertMany(
        Array.from({ length: 1200 }, (_, i) => ({
          kind: i % 3,
          at: Array.from({ length: 4 }, () => 10 + Math.round(random() * 6)),
        })),
      )
      if (database.capabilities.vectors?.indexes === true) {
        await database.db.execute(sql`reindex table nearest_spots`)
        await database.db.execute(sql`analyze nearest_spots`)
      }
      const from = [10.25, 11, 10, 10]
      const check = (rows: readonly { id: number; distance: number }[]) => {
        const pairs = rows.map(({ distance, id }) => [distance, id] as const)
        expect(pairs).toEqual([...pairs].sort(([a, i], [b, k]) => a - b || i - k))
      }
      for (const limit of [10, 40, 200, 1000]) {
        const rows = await Spot.query().nearest('at', from, { limit })
        expect(rows.length).toBe(limit)
        check(rows)
        check(await Spot.where('kind', 1).nearest('at', from, { limit: Math.min(limit, 300) }))
      }
      const page = await Spot.query().nearest('at', from).page(3, 50)
      expect(page.length).toBe(50)
      check(page)
      const plucked = await Spot.query().nearest('at', from, { limit: 100 }).pluck('distance')
      expect(plucked).toEqual([...plucked].sort((a, b) => a - b))
      expect(await Spot.query().nearest('at', from, { limit: 100 }).count()).toBe(100)
      const nearOf = Spot.query()
        .where('id', '<=', 2)
        .annotate({
          near: (c) =>
            Spot.query()
              .where((s) => s.kind.eq(c.kind))
              .nearest('at', from, { limit: 1 })
              .select('id'),
        })
      const [one] = await Spot.where('kind', 1).nearest('at', from, { limit: 1 })
      expect((await nearOf.orderBy('id').pluck('near'))[1]).toBe(one?.id)
    })
  })
})
