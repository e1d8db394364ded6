import { setImmediate } from 'node:timers/promises'
import { type AnyQuery, type CursorPage, Field, Model, sql, UsageError, ValidationError } from 'corm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Row extends Model({
  n: Field.integer(),
  a: Field.integer({ nullable: true }),
  b: Field.string({ max: 20, nullable: true }),
  price: Field.decimal({ precision: 20, scale: 4, as: 'number', nullable: true }),
  big: Field.bigInteger({ nullable: true }),
  rating: Field.float({ nullable: true }),
  active: Field.boolean({ default: false }),
  day: Field.date({ nullable: true }),
  at: Field.dateTime({ precision: 6, nullable: true }),
  moment: Field.dateTime({ nullable: true }),
  bytes: Field.binary({ nullable: true }),
  kind: Field.enum(['x', 'y', 'z'], { nullable: true }),
  data: Field.json<unknown>({ nullable: true }),
}) {}

class Pair extends Model({
  left: Field.string({ max: 20, primaryKey: true }),
  right: Field.integer({ primaryKey: true }),
  note: Field.string({ max: 20, nullable: true }),
}) {}

/** The same numbers in each run. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648
  }
}

const COUNT = 100

function rows() {
  const random = randomNumbers(7)
  const maybe = <T>(make: (k: number) => T, kinds = 6) => (random() < 0.4 ? null : make(Math.floor(random() * kinds)))
  return Array.from({ length: COUNT }, (_, n) => ({
    n,
    a: maybe((k) => k - 2),
    b: maybe((k) => `text ${k}`),
    price: null,
    big: maybe((k) => 9007199254740990n + BigInt(k)),
    rating: maybe((k) => k / 3 - 0.5),
    active: random() < 0.5,
    day: maybe((k) => `2024-02-2${k}`),
    moment: maybe((k) => new Date(Date.UTC(2024, 0, 1, 0, 0, 0, k))),
    bytes: maybe((k) => new Uint8Array([0, k, 255])),
    kind: maybe((k) => (['x', 'y', 'z'] as const)[k]!, 3),
  }))
}

type Walk = AnyQuery<typeof Row>

/** Numbers of all rows, page by page from the beginning. */
async function forwards(query: Walk, size: number): Promise<number[]> {
  const found: number[] = []
  // asserted at the end: there are thousands of pages
  const wrong: CursorPage<Row>[] = []
  let after: string | null = null
  do {
    const page: CursorPage<Row> = await query.cursorPaginate({ after, size })
    const isRight =
      page.hasPrevious === (after !== null) &&
      page.hasNext === (page.nextCursor !== null) &&
      (!page.hasNext || page.items.length === size)
    if (!isRight) wrong.push(page)
    found.push(...page.items.map((row) => row.n))
    after = page.nextCursor
  } while (after !== null && found.length <= COUNT)
  expect(wrong).toEqual([])
  return found
}

/** The same from the end, with cursors that lead back. */
async function backwards(query: Walk, size: number, end: string): Promise<number[]> {
  const found: number[] = []
  const wrong: CursorPage<Row>[] = []
  let before: string | null = end
  while (before !== null && found.length <= COUNT) {
    const page: CursorPage<Row> = await query.cursorPaginate({ before, size })
    if (page.hasNext !== true) wrong.push(page)
    found.unshift(...page.items.map((row) => row.n))
    before = page.previousCursor
  }
  expect(wrong).toEqual([])
  return found
}

async function expectWalk(query: Walk, sizes = [1, 2, 7]): Promise<void> {
  await setImmediate() // SQLite answers without a pause, and the test runner waits for its messages
  const whole = await query.orderBy('id').pluck('n')
  expect(whole).toHaveLength(COUNT)
  for (const size of sizes) expect(await forwards(query, size)).toEqual(whole)
  const last = await query.cursorPaginate({ size: COUNT - 1 })
  for (const size of sizes) expect(await backwards(query, size, last.nextCursor!)).toEqual(whole.slice(0, -2))
}

describeDatabases('cursorPaginate', (database) => {
  beforeAll(async () => {
    await database.db.createTables([Row, Pair])
    await Row.insertMany(rows())
    const updates: Promise<unknown>[] = []
    // digits beyond a JavaScript number, and below a millisecond
    for (let n = 0; n < COUNT; n++) {
      if (n % 5 < 2) continue
      const at = `2024-05-01 10:00:00.12345${n % 7}`
      const price = `123456789012345${n % 3}.000${n % 4}`
      updates.push(
        database.kind === 'sqlite'
          ? database.db.execute(sql`update ${sql.id('rows')} set at = ${at}, price = ${price} where n = ${n}`)
          : database.db.execute(
              sql`update ${sql.id('rows')} set at = ${sql.raw(`'${at}${database.kind === 'mysql' ? '' : '+00'}'`)}, price = ${sql.raw(price)} where n = ${n}`,
            ),
      )
    }
    await Promise.all(updates)
  })

  describe('walks as the whole order is', () => {
    it('by the key where there is no order', () => expectWalk(Row.query()))
    it('by a nullable field, up and down', async () => {
      await expectWalk(Row.query().orderBy('a'))
      await expectWalk(Row.query().orderBy('-a'))
    })
    it.each(['asc', 'desc'] as const)('with NULLs where the query says, %s', async (direction) => {
      for (const nulls of ['first', 'last'] as const) {
        await expectWalk(Row.query().orderBy((c) => c.a[direction]({ nulls })))
        await expectWalk(
          Row.query()
            .orderBy((c) => c.b[direction]({ nulls }))
            .orderBy('-a'),
          [7],
        )
      }
    })
    it('in mixed directions', async () => {
      await expectWalk(Row.query().orderBy(['a', '-b']))
      await expectWalk(Row.query().orderBy(['-b', 'active', '-a']), [7])
      await expectWalk(Row.query().orderBy(['active', '-kind', 'a', '-rating']), [7])
    })
    it.each(['price', 'big', 'rating', 'active', 'day', 'at', 'moment', 'bytes', 'kind'] as const)(
      'by %s, exactly',
      async (key) => {
        await expectWalk(Row.query().orderBy(key), [2])
        await expectWalk(Row.query().orderBy(`-${key}`), [7])
      },
    )
    it('by columns given as expressions, once each', async () => {
      await expectWalk(
        Row.query()
          .orderBy(Row.columns.a)
          .orderBy('-a')
          .orderBy((c) => c.n.desc()),
        [7],
      )
    })
  })

  it('keeps the conditions and relations of the query', async () => {
    const query = Row.where('a', 1).orWhere('a', 2).orderBy('b')
    const expected = (await query.orderBy('id')).map((row) => row.n)
    const page = await query.cursorPaginate({ size: 3 })
    const next = await query.cursorPaginate({ after: page.nextCursor, size: 1000 })
    expect([...page.items, ...next.items].map((row) => row.n)).toEqual(expected)
  })

  it('works with selected fields that are not those of the order', async () => {
    const query = Row.query().select('n').orderBy('-a')
    const page = await query.cursorPaginate({ size: 3 })
    const next = await query.cursorPaginate({ after: page.nextCursor, size: 1000 })
    expect(new Set([...page.items, ...next.items].map((row) => row.n)).size).toBe(COUNT)
  })

  it('takes one statement, and none more for the page after it', async () => {
    const page = await expectQueries(1, () => Row.query().orderBy('a').cursorPaginate())
    expect(page).toMatchObject({ size: 25, hasNext: true, hasPrevious: false, previousCursor: null })
    expect(page.items).toHaveLength(25)
    await expectQueries(1, () => Row.query().orderBy('a').cursorPaginate({ after: page.nextCursor }))
  })

  it('tells an empty result', async () => {
    expect(await Row.where('n', -1).cursorPaginate()).toEqual({
      items: [],
      size: 25,
      nextCursor: null,
      previousCursor: null,
      hasNext: false,
      hasPrevious: false,
    })
  })

  it('takes composite keys', async () => {
    await Pair.insertMany(
      ['a', 'b', 'c'].flatMap((left) => [1, 2, 3].map((right) => ({ left, right, note: right === 2 ? null : 'n' }))),
    )
    const walked: string[] = []
    let after: string | null = null
    do {
      const page: { items: Pair[]; nextCursor: string | null } = await Pair.query()
        .orderBy('-note')
        .cursorPaginate({ after, size: 2 })
      walked.push(...page.items.map((pair) => `${pair.left}${pair.right}`))
      after = page.nextCursor
    } while (after !== null)
    const whole = await Pair.query().orderBy(['-note', 'left', 'right'])
    expect(walked).toEqual(whole.map((pair) => `${pair.left}${pair.right}`))
  })

  describe('refuses before any statement', () => {
    const query = () => Row.query().orderBy('a')
    let cursor: string
    beforeEach(async () => {
      cursor = (await query().cursorPaginate({ size: 2 })).nextCursor!
    })
    const refuse = async (text: unknown, from = query()) => {
      for (const side of ['after', 'before']) {
        const error = await expectRefusal(() => from.cursorPaginate({ [side]: text as string }))
        expect(error).toBeInstanceOf(ValidationError)
        expect((error as ValidationError).issues).toEqual([expect.objectContaining({ path: side, code: 'cursor' })])
      }
    }
    it('cursors with any character changed, cut or added', async () => {
      for (let i = 0; i < cursor.length; i++)
        await refuse(cursor.slice(0, i) + (cursor[i] === 'A' ? 'B' : 'A') + cursor.slice(i + 1))
      await refuse(cursor.slice(0, -1))
      await refuse(`${cursor}A`)
      await refuse(`${cursor}=`)
      await refuse(` ${cursor}`)
    })
    it('what is no cursor', async () => {
      const texts = ['', 'x', '__proto__', '{"id":{"gt":0}}', 'A'.repeat(1_000_000), '\0', 'null', '1 or 1=1']
      for (const text of texts) await refuse(text)
      for (const value of [0, 1, true, {}, { gt: 0 }, [cursor], new Date()]) await refuse(value)
    })
    it('cursors of another order or model', async () => {
      await refuse(cursor, Row.query().orderBy('b'))
      await refuse(cursor, Row.query().orderBy('-a'))
      await refuse(cursor, Row.query().orderBy(['a', 'b']))
      await refuse(cursor, Row.query())
      await refuse(cursor, Pair.query() as never)
    })
    it('orders that are not fields, groups, limits, and options it does not know', async () => {
      const wrong = [
        () => Row.query().orderBy(sql`a + 1`).cursorPaginate(),
        () => Row.query().orderByRaw(sql`a desc`).cursorPaginate(),
        () => Row.query().random().cursorPaginate(),
        () => Row.query().orderBy('data').cursorPaginate(),
        () => (Row.query().groupBy('a') as unknown as Walk).cursorPaginate(),
        () => Row.query().limit(3).cursorPaginate(),
        () => Row.query().offset(3).cursorPaginate(),
        () => Row.query().cursorPaginate({ after: cursor, before: cursor }),
        () => Row.query().cursorPaginate({ size: '2' as never }),
        () => Row.query().cursorPaginate({ sizes: 2 } as never),
      ]
      for (const call of wrong) expect(await expectRefusal(call)).toBeInstanceOf(UsageError)
    })
  })
})
