import { Database, Field, Model, UsageError, ValidationError } from 'corm'
import { afterEach, describe, expect, it } from 'vitest'
import { expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Line extends Model({
  name: Field.string({ max: 20 }),
  rank: Field.integer({ nullable: true }),
}) {}

describeDatabases('pages while rows change', (database) => {
  database.useTables([Line])
  const fill = (count: number) =>
    Line.insertMany(Array.from({ length: count }, (_, n) => ({ name: `line ${n}`, rank: n % 5 < 2 ? null : n % 7 })))

  it.each([1, 2, 7])('repeat and miss nothing when rows are inserted and deleted, %i at a time', async (size) => {
    await fill(60)
    const query = Line.query().orderBy('-rank')
    const before = new Set(await Line.query().pluck('name'))
    const seen: string[] = []
    const gone = new Set<string>()
    let after: string | null = null
    for (let i = 0; ; i++) {
      const page: { items: Line[]; nextCursor: string | null } = await query.cursorPaginate({ after, size })
      seen.push(...page.items.map((line) => line.name))
      after = page.nextCursor
      if (after === null) break
      await Line.insertMany([
        { name: `new ${i} a`, rank: 6 },
        { name: `new ${i} b`, rank: null },
      ])
      const last = page.items.at(-1)!
      if (i % 3 === 0) {
        gone.add(last.name)
        await last.delete()
      }
      if (seen.length > 600) break
      if (i > 100) await Line.where('name', 'like', 'new%').delete()
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect([...before].filter((name) => !seen.includes(name))).toEqual([])
  })

  describe('the secret', () => {
    afterEach(() => Database.configure({ cursorSecret: undefined }))
    it('makes cursors that no other secret does', async () => {
      await fill(5)
      const query = Line.query()
      const plain = (await query.cursorPaginate({ size: 2 })).nextCursor!
      expect((await query.cursorPaginate({ size: 2 })).nextCursor).toBe(plain)
      Database.configure({ cursorSecret: 'sixteen characters or more' })
      expect(await expectRefusal(() => query.cursorPaginate({ after: plain }))).toBeInstanceOf(ValidationError)
      const signed = (await query.cursorPaginate({ size: 2 })).nextCursor!
      expect((await query.cursorPaginate({ after: signed })).items).toHaveLength(3)
    })
    it('must be long enough to be one', () => {
      for (const cursorSecret of ['', 'short', 5 as never])
        expect(() => Database.configure({ cursorSecret })).toThrow(UsageError)
    })
  })
})
