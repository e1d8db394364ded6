import { Decimal, Field, fn, Model, Relation, TransactionError, UnsupportedError, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Shelf extends Model({ name: Field.string({ max: 60 }) }) {
  static things = Relation.hasMany(() => Thing)
}

class Thing extends Model({
  title: Field.string({ max: 60, unique: true }),
  price: Field.decimal({ precision: 10, scale: 2 }),
  secret: Field.string({ hidden: true, nullable: true }),
  note: Field.text({ nullable: true }),
  data: Field.json({ nullable: true }),
  bytes: Field.binary({ nullable: true }),
  at: Field.dateTime({ nullable: true }),
  body: Field.text({ lazy: true, nullable: true }),
  shelfId: Field.foreignKey(() => Shelf, { nullable: true }),
}) {
  static shelf = Relation.belongsTo(() => Shelf)
}

describeDatabases('a query shown to people', (database) => {
  database.useTables([Shelf, Thing])
  beforeEach(async () => {
    await Thing.insertMany([
      {
        title: 'axe',
        price: '1.5',
        secret: 's3cret',
        data: { a: 1 },
        bytes: new Uint8Array([1, 255]),
        at: new Date(0),
      },
      { title: '表示 😀', price: new Decimal(20), note: '\x1b[31mred\nline', body: 'unread' },
    ])
  })

  describe('explain', () => {
    it('gives the plan as text, with the values bound', async () => {
      const { events, result } = await recordQueries(() =>
        Thing.where('title', '>', "ax'e").whereIn('id', [1, 2, 3]).explain(),
      )
      expect(result).toMatch(/things/i)
      expect(events).toHaveLength(1)
      expect(events[0]?.sql).toMatch(/^explain /)
      expect(events[0]?.sql).not.toMatch(/ax'e/)
      expect(events[0]?.parameters).toContain("ax'e")
    })

    it('is the plan of the query as it stands', async () => {
      const plan = await Thing.query().orderBy('title').limit(1).comment('why').explain()
      expect(plan.split('\n').length).toBeGreaterThan(0)
      expect(
        await Thing.query()
          .annotate({ shout: (c) => c.title.upper() })
          .where('shout', 'A')
          .explain(),
      ).not.toBe('')
    })

    it('runs the query with analyze, where the database can', async () => {
      const query = Thing.query().where('title', 'axe')
      if (database.kind === 'sqlite') {
        const error = await expectRefusal(() => query.explain({ analyze: true }))
        expect(error).toBeInstanceOf(UnsupportedError)
        expect(await expectRefusal(() => query.explain({ format: 'json' }))).toBeInstanceOf(UnsupportedError)
        return
      }
      expect(await query.explain({ analyze: true })).toMatch(/actual|r_rows/)
      expect(JSON.parse(await query.explain({ format: 'json' }))).toBeInstanceOf(Object)
      expect(JSON.parse(await query.explain({ format: 'json', analyze: true }))).toBeInstanceOf(Object)
      expect(await expectRefusal(() => query.lock('update').explain({ analyze: true }))).toBeInstanceOf(
        TransactionError,
      )
      expect(await Thing.transaction(() => query.lock('update').explain({ analyze: true }))).not.toBe('')
    })

    it('refuses what it does not know', async () => {
      const loose = Thing.query() as unknown as { explain(options: unknown): Promise<string> }
      for (const options of [true, { analyse: true }, { analyze: 1 }, { format: 'xml' }, { format: 'json) select 1' }])
        expect(await expectRefusal(() => loose.explain(options))).toBeInstanceOf(UsageError)
    })
  })

  describe('print', () => {
    const printed = async (work: (stream: { write(text: string): void }) => Promise<void>) => {
      let text = ''
      expect(await work({ write: (more) => void (text += more) })).toBeUndefined()
      return text
    }

    it('writes a table of what the query reads, hidden fields aside', async () => {
      const text = await printed((stream) =>
        Thing.query().select('title', 'price', 'secret', 'note').orderBy('price').print({ stream }),
      )
      const [head, rule, axe, wide, end] = text.split('\n')
      expect(head).toMatch(/^id +\| title +\| price \| note$/)
      expect(rule).toMatch(/^[-+]+$/)
      expect(axe).toMatch(/\| axe {5}\| {3}1\.5 \| null$/)
      expect(wide).toMatch(/\| 表示 😀 \| {4}20 \| \\u\{1b\}\[31mred\\nline$/)
      expect(end).toBe('(2 rows)')
      expect(text).not.toMatch(/s3cret/)
    })

    it('shows every type, and what the query adds', async () => {
      const text = await printed((stream) =>
        Thing.where('title', 'axe')
          .annotate({ twice: (c) => c.price.times(2) })
          .print({ stream, width: 300 }),
      )
      expect(text).toMatch(/\{"a":1\}.*0x01ff.*1970-01-01T00:00:00\.000Z.*\b3(\.00)?$/m)
      expect(text).toMatch(/\(1 row\)\n$/)
      expect(text).not.toMatch(/body/)
    })

    it('keeps within the width', async () => {
      for (const width of [10, 20, 40, 77]) {
        const text = await printed((stream) => Thing.query().print({ stream, width }))
        // the characters here take two cells at most
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
      }
    })

    it('reads once, and says how many rows there are', async () => {
      const { events } = await recordQueries(async () => {
        expect(await printed((stream) => Thing.with('shelf').where('title', 'none').print({ stream }))).toMatch(
          /^id .*\n-+\+.*\n(and .*\n)?\(0 rows\)\n$/,
        )
      })
      expect(events).toHaveLength(1)
    })

    it('refuses what it does not know', async () => {
      const loose = Thing.query() as unknown as { print(options: unknown): Promise<void> }
      for (const options of [
        80,
        { wide: 1 },
        { width: 5 },
        { width: '80' },
        { width: Number.NaN },
        { stream: {} },
        { stream: null },
      ])
        expect(await expectRefusal(() => loose.print(options))).toBeInstanceOf(UsageError)
      expect(await expectRefusal(() => Thing.query().groupBy('title').print())).toBeInstanceOf(UsageError)
    })
  })

  describe('groups', () => {
    const grouped = () =>
      Thing.query()
        .where('title', '!=', 'x')
        .annotate({ n: fn.count(), top: (c) => fn.max(c.price) })
        .groupBy('note')
        .having((c) => c.n.gte(1))
        .orderBy('n', 'desc')
        .limit(3)

    it('are shown and explained as values() reads them', async () => {
      const shown = [grouped(), grouped().orderBy('note')] as const
      for (const query of shown) {
        const { events } = await recordQueries(() => query.values())
        const { sql, parameters } = query.toSQL()
        expect([sql, [...parameters]]).toEqual([events[0]?.sql, [...(events[0]?.parameters ?? [])]])
        expect(query.toRawSQL()).toMatch(/^select .* group by /)
        const explained = await recordQueries(() => query.explain())
        expect(explained.events[0]?.sql).toMatch(/^explain /)
        expect(explained.events[0]?.sql.endsWith(sql)).toBe(true)
      }
      expect(grouped().toSQL({ dialect: 'sqlite' }).sql).toBe(
        'select "note", count(*) as "n", max("price") as "top" from "things" where "title" <> ? group by "note" having count(*) >= ? order by count(*) desc limit 3',
      )
      // without a name there is nothing to show
      expect(() =>
        Thing.query()
          .groupBy((c) => c.title.upper())
          .toSQL(),
      ).toThrow(/The groups have no columns/)
      expect((await expectRefusal(() => grouped().get())).message).toContain('a group is not an instance')
    })
  })
})
